"""The collections of a CMS: one for each kind of records whose files it can edit."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from release.descriptor.model import Descriptor, RecordKind
from release.editors.cms.widgets import FormFields
from release.editors.kinds import find_languages
from release.editors.places import RecordLayout, lay_out
from release.records.codelists import Lookup
from release.syntax.formats.endings import format_of

#: The formats of files that a CMS edits, as it names them.
_FORMATS = {"markdown": "frontmatter", "yaml": "yaml", "json": "json", "toml": "toml"}


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection as the configuration has it, and what it cannot express.

    `value` is None for a kind that the CMS cannot edit; the notes then say why.
    """

    kind: str
    value: dict[str, Any] | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of a kind as a CMS names them; `i18n` is the structure of languages, empty without."""

    folder: str
    path: str
    extension: str
    i18n: str


def make_collection(
    descriptor: Descriptor, kind: RecordKind, lookups: Mapping[str, Lookup]
) -> Collection:
    """Make the collection of a kind."""
    layout = lay_out(descriptor, kind)
    form = kind.container.format or format_of(kind.pattern.template)
    if kind.container.records or form not in _FORMATS:
        why = "its files hold several records, and a form edits one"
        return Collection(kind.name, None, (f"{kind.name} has no form: {why}",))
    capture, languages = find_languages(layout, lookups)
    if not capture and len(kind.prefer) == 1:
        capture, languages = next((name, list(values)) for name, values in kind.prefer.items())
    files = find_files(kind.pattern.template, capture, layout)
    if files is None:
        why = f"no structure of a CMS has the paths {kind.pattern.template}"
        return Collection(kind.name, None, (f"{kind.name} has no form: {why}",))
    fields = FormFields(lookups, tuple(languages) if files.i18n else ())
    widgets = fields.make(layout.place)
    if form == "markdown":
        body = {"name": "body", "label": "Body", "widget": "markdown", "required": False}
        widgets.append(body | ({"i18n": True} if files.i18n else {}))
    value = _describe_entries(layout, files, widgets, _FORMATS[form])
    if files.i18n:
        i18n = {"structure": files.i18n, "locales": languages, "default_locale": languages[0]}
        value["i18n"] = i18n
    notes = [*_note_files(files, kind), *dict.fromkeys(fields.notes)]
    return Collection(kind.name, {**value, "fields": widgets}, tuple(notes))


def _describe_entries(
    layout: RecordLayout, files: _Files, widgets: list[dict[str, Any]], form: str
) -> dict[str, Any]:
    """Describe the files of a collection, and how new ones are named; the widget of the name is marked."""
    identifier, name = _find_identifier(layout, widgets), layout.kind.name
    is_in_path = _is_in_path(identifier, layout)
    for each in widgets:
        if files.i18n and each["name"] == identifier and is_in_path:
            each["i18n"] = "duplicate"  # the same in every edition
    value: dict[str, Any] = {
        "name": name,
        "label": name,
        "folder": files.folder,
        "create": True,
        "extension": files.extension,
        "format": form,
        "identifier_field": identifier,
        "slug": f"{{{{fields.{identifier}}}}}" if is_in_path else "{{slug}}",
    }
    return value if files.path == "{{slug}}" else {**value, "path": files.path}


def find_files(template: str, capture: str, layout: RecordLayout) -> _Files | None:
    """Find how a CMS names the files of a pattern; None if it has no structure for them.

    A language may be a folder behind the others or before them, or stand at the end of the file's name.
    """
    stem, ending = posixpath.splitext(template)
    language = f"{{{capture}}}" if capture else ""
    structure = ""
    if language and stem.count(language) == 1:
        if stem.endswith(f".{language}"):
            structure, stem = "multiple_files", stem.removesuffix(f".{language}")
        elif stem.startswith(f"{language}/"):
            structure, stem = "multiple_root_folders", stem.removeprefix(f"{language}/")
        elif f"/{language}/" in stem and "{" not in stem.partition(language)[0]:
            structure, stem = "multiple_folders", stem.replace(f"/{language}/", "/", 1)
        else:
            return None
    elif language:
        return None
    fixed = re.split(r"[{*]", stem, maxsplit=1)[0].rpartition("/")[0]
    rest = stem[len(fixed) :].lstrip("/")
    if ("{" in ending) or not re.search(r"\{\w+\}[^/]*$", rest):
        return None
    path = _name_path(rest, layout)
    return None if path is None else _Files(fixed, path, ending[1:] or "md", structure)


def _name_path(rest: str, layout: RecordLayout) -> str | None:
    """Return the part of a pattern below the folder, with the placeholders of a CMS in place of captures."""
    *folders, name = rest.split("/")
    if not re.fullmatch(r"\{\w+\}", name):
        return None
    parts = []
    for folder in folders:
        match = re.fullmatch(r"\{(\w+)\}", folder)
        if folder == "**" or folder.endswith(":**}"):
            continue  # folders at any depth are found by themselves
        if match is None:
            return None
        key = _find_key(match[1], layout)
        if not key:
            return None
        parts.append(f"{{{{fields.{key}}}}}")
    return "/".join([*parts, "{{slug}}"])


def _find_key(capture: str, layout: RecordLayout) -> str:
    """Return the key of a record whose value must be that of a capture; empty if there is none."""
    for key, place in layout.place.keys().items():
        if any(use.field.name == capture and use.is_read for use in place.uses):
            return key
    return ""


def _is_in_path(key: str, layout: RecordLayout) -> bool:
    captures = layout.kind.pattern.captures
    place = layout.place.keys().get(key)
    return place is not None and any(use.field.name in captures for use in place.uses)


def _find_identifier(layout: RecordLayout, widgets: list[dict[str, Any]]) -> str:
    """Return the field by which entries are named: that of the file's name, else a title, else the first."""
    captures = layout.kind.pattern.captures
    own = _find_key(captures[-1], layout) if captures else ""
    names = [str(each["name"]) for each in widgets if each["widget"] in ("string", "text")]
    preferred = [own, "title", "name", *names]
    return next((each for each in preferred if each and each in names), "body")


def _note_files(files: _Files, kind: RecordKind) -> list[str]:
    notes = []
    if "**" in kind.pattern.template:
        notes.append(
            "Files in folders below are found by Sveltia CMS; new ones are put into the folder itself"
        )
    if files.i18n == "multiple_root_folders":
        notes.append("The structure multiple_root_folders is one of Sveltia CMS alone")
    if kind.where:
        notes.append("That some values leave a record out is not known to a form")
    return notes
