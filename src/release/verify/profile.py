"""Validate a manifest by the profiles of Data Package v2."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from release.findings.message import printable
from release.package.manifest.model import Manifest
from release.package.manifest.properties import Problem
from release.syntax.paths import KeyPath
from release.verify.descriptor import TOLD, show_path


def find_problems(manifest: Manifest) -> list[Problem]:
    """Return the properties of a manifest that break the profiles of Data Package v2.

    Parts that differ only in texts of which the profiles ask nothing more are validated once, and so are the
    fields of schemas.
    """
    found: list[Problem] = []
    valid: set[str] = set()
    for profile, key_path, value in _parts(manifest.properties):
        form = f"{profile} {_form_of(value)}"
        if form in valid:
            continue  # as the schema of a table's CSV stands with its Parquet again
        rest, fields = _without_valid_fields(value, valid)
        if fields and _validator(profile).is_valid(rest):
            valid |= {form, *fields}
            continue
        for error in _validator(profile).iter_errors(value):
            below = (*key_path, *error.absolute_path)
            message = f"{show_path(below) or 'the package'}: {printable(error.message)[:300]}"
            found.append(Problem("manifest-profile", below, message))
            if len(found) == TOLD:
                return found
        valid.add(form)
    return found


def _without_valid_fields(value: Any, valid: Collection[str]) -> tuple[Any, list[str]]:
    """Return a schema with one field of each form that is not in `valid`, and the forms of all fields.

    The profile asks of fields that there is one, and of each what depends on no other. A part without fields
    is returned as it is.
    """
    fields = value.get("fields") if isinstance(value, dict) else None
    if not isinstance(fields, list) or not fields:
        return value, []
    forms = {_form_of(field): field for field in fields}
    new = [field for form, field in forms.items() if form not in valid]
    return {**value, "fields": new or fields[:1]}, list(forms)


#: Stands for a part of a manifest that is validated by itself.
_SCHEMA: Mapping[str, Any] = {"fields": [{"name": "field"}]}


def _parts(package: Mapping[str, Any]) -> Iterator[tuple[str, KeyPath, Any]]:
    """Yield the parts of a manifest that have a profile each, with its name and their key path.

    The profile of a package has that of a resource in it, and that the one of a schema: a part comes without
    those that follow by themselves.
    """
    resources = package.get("resources")
    if not isinstance(resources, list) or not resources:
        yield "datapackage", (), package
        return
    yield "datapackage", (), {**package, "resources": [{"name": "resource", "path": "path"}]}
    for at, resource in enumerate(resources):
        if not isinstance(resource, dict):
            yield "dataresource", ("resources", at), resource
            continue
        stands_for = {"schema": _SCHEMA, "dialect": {}}
        without = {key: stands_for.get(key, each) for key, each in resource.items()}
        yield "dataresource", ("resources", at), without
        for name, profile in (("schema", "tableschema"), ("dialect", "tabledialect")):
            if name in resource:
                yield profile, ("resources", at, name), resource[name]


#: Texts of a resource that are right by the profiles, as nearly all of them are.
_PLAIN = {
    "name": re.compile(""),
    "title": re.compile(""),
    "description": re.compile(""),
    "path": re.compile(r"[\w-]+(?:/[\w-]+)*(?:\.[\w-]+)*\Z"),
    "hash": re.compile(r"sha256:[0-9a-f]{64}\Z"),
}


def _form_of(value: Any) -> str:
    """Return a part of a manifest as a text without what is right whatever it is."""
    return json.dumps(_form(value), sort_keys=True)


def _form(value: Any) -> Any:
    """Return a part of a manifest with nothing for each text that is right whatever it is."""
    if not isinstance(value, dict):
        return value
    form: dict[str, Any] = {}
    for key, each in value.items():
        if key in _PLAIN and isinstance(each, str) and _PLAIN[key].match(each):
            form[key] = ""
        elif key == "bytes" and type(each) is int:
            form[key] = 0
        elif key == "fields" and isinstance(each, list):
            form[key] = [_form(field) for field in each]
        else:
            form[key] = each
    return form


@cache
def _validator(profile: str) -> Any:
    """Return the validator of a profile, from the copy of https://datapackage.org/profiles/2.0/ here."""
    import jsonschema

    path = files("release.verify").joinpath("profiles", "2.0", f"{profile}.json")
    return jsonschema.Draft7Validator(json.loads(path.read_text("utf-8")))
