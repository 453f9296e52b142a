"""Read datapackage.json into typed values, and check it against the standard and against source/."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from release.descriptor import load as descriptors
from release.descriptor.load import Descriptor
from release.errors import UsageError
from release.findings import Finding, printable, shown
from release.package import datapackage
from release.package.checksums import sha256_of
from release.package.datapackage import PACKAGE, SOURCE, parquet, paths, resources
from release.syntax.json import is_too_deep, refuse_lone_surrogates
from release.verify.inventory import no_file

#: Properties of a published resource or schema that the build writes, and a descriptor of ours lacks.
_WRITTEN = (*descriptors.WRITTEN_BY_BUILD, "missingValues")

#: What a key without a character is called.
_EMPTY = "''"

#: So many faults of one file are told of its profile.
_TOLD = 50


def read_json(path: Path) -> tuple[dict[str, Any] | None, list[Finding]]:
    """The mapping in a JSON file; a key that stands twice, and NaN, are faults."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(pairs)
        if len(mapping) < len(pairs):
            raise ValueError("a key stands twice in a mapping")
        return mapping

    def refuse(name: str) -> None:
        raise ValueError(f"{name} is no number of JSON")

    try:
        if problem := no_file(path.lstat().st_mode):
            return None, [Finding("not-a-file", path.name, problem)]  # a pipe would be waited for
        data = path.read_bytes()
        value = json.loads(data.decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)
        if is_too_deep(value):
            raise RecursionError  # as what looks at it later would
        refuse_lone_surrogates(data, value)
    except FileNotFoundError:
        return None, [Finding("file-missing", path.name, "is missing")]
    except (OSError, ValueError, RecursionError) as error:
        reason = "it nests too deep" if isinstance(error, RecursionError) else error
        message = f"cannot be read as JSON: {printable(str(reason))}"
        return None, [Finding("json-syntax", path.name, message)]
    if not isinstance(value, dict):
        return None, [Finding("json-syntax", path.name, "is no mapping, expected one")]
    return value, []


def measures(
    package: Mapping[str, Any], digests: Mapping[str, str], sizes: Mapping[str, int], folder: Path
) -> Iterator[Finding]:
    """Find `bytes` and `hash` that differ from the files, missing files, and files of no resource."""
    known = set()
    for resource in resources(package):
        files = paths(resource)
        known |= {*files}
        missing = [path for path in files if path not in sizes]
        for path in missing:
            message = f"is missing, expected the file of a resource in {PACKAGE}"
            yield Finding("file-missing", path, message)
        if missing:
            continue
        where, together = files[0], ""
        if len(files) > 1:
            where, together = printable(str(resource.get("name"))), f"in {len(files)} files "
        size = sum(sizes[path] for path in files)
        if resource.get("bytes") != size:
            wanted = shown(resource.get("bytes"))
            message = f"has {together}{size} bytes, {PACKAGE} says {wanted}"
            yield Finding("resource-bytes", where, message)
        if (found := _digest(files, digests, folder)) and resource.get("hash") != f"sha256:{found}":
            wanted = shown(resource.get("hash"))
            message = f"has {together}the hash 'sha256:{found}', {PACKAGE} says {wanted}"
            yield Finding("resource-hash", where, message)
    for path in sizes:
        if path.startswith("data/") and path not in known:
            yield Finding("file-extra", path, f"belongs to no resource of {PACKAGE}")


def _digest(files: Sequence[str], digests: Mapping[str, str], folder: Path) -> str:
    """The digest of files one after the other; nothing where one cannot be read."""
    if any(path not in digests for path in files):
        return ""
    if len(files) == 1:
        return digests[files[0]]
    return sha256_of(*(folder / path for path in files))


def by_profile(package: Mapping[str, Any]) -> list[Finding]:
    """Find the values of a published descriptor that break the profiles of Data Package v2."""
    parts: list[tuple[str, str, Any]] = [("datapackage", "", package)]
    found = package.get("resources")
    for at, resource in enumerate(found if isinstance(found, list) else []):
        place = f"resources.{at}"
        parts.append(("dataresource", place, resource))
        if isinstance(resource, dict):
            parts += [
                (profile, f"{place}.{name}", resource[name])
                for name, profile in (("schema", "tableschema"), ("dialect", "tabledialect"))
                if name in resource
            ]
    faults: list[Finding] = []
    right: dict[str, list[Any]] = {}
    for profile, place, value in parts:
        if value in right.setdefault(profile, []):
            continue  # the schema of a table's CSV stands with its Parquet again
        for error in _validator(profile).iter_errors(value):
            where = ".".join(filter(None, [place, *map(str, error.absolute_path)])) or "the package"
            message = f"{where}: {printable(error.message)[:300]}"
            faults.append(Finding("manifest-profile", PACKAGE, message))
            if len(faults) == _TOLD:
                return faults
        right[profile].append(value)
    return faults


@cache
def _validator(profile: str) -> Any:
    """The validator of a profile, of which a copy of https://datapackage.org/profiles/2.0/ is here."""
    import jsonschema

    path = files("release.verify").joinpath("profiles", "2.0", f"{profile}.json")
    return jsonschema.Draft7Validator(json.loads(path.read_text("utf-8")))


def typed(package: Mapping[str, Any], folder: Path) -> tuple[Descriptor | None, list[Finding]]:
    """The tables of a published descriptor as typed values; all are read as curated ones, from their CSV.

    It is read by the rules of a descriptor, which are stricter than the standard's.
    """
    tables = [each for each in resources(package) if each.get("format") == "csv"]
    plain = {key: package[key] for key in ("name", "version", "created") if key in package}
    described = {**plain, "resources": [_without(table) for table in tables]}
    text = json.dumps(described, ensure_ascii=False)
    try:
        return descriptors.parse(text, folder / PACKAGE), []
    except UsageError as error:
        # its line and column are those of the text above
        lines = [line.split(": ", 1)[-1] for line in str(error).splitlines()]
        return None, [Finding("manifest-tables", PACKAGE, line) for line in lines]


def _without(table: Mapping[str, Any]) -> dict[str, Any]:
    schema = table.get("schema")
    if isinstance(schema, dict):
        schema = {key: value for key, value in schema.items() if key not in _WRITTEN}
    kept = {key: value for key, value in table.items() if key not in _WRITTEN}
    return {**kept, "schema": schema}


def source(folder: Path) -> tuple[Descriptor | None, list[Finding]]:
    """The descriptor that a release was built from."""
    path = folder / SOURCE
    if path.exists() and (problem := no_file(path.lstat().st_mode)):
        return None, [Finding("not-a-file", SOURCE, problem)]
    try:
        return descriptors.load(path), []
    except UsageError as error:
        lines = str(error).replace(f"{path}:", "").splitlines()
        return None, [_of_descriptor(line.strip()) for line in lines]


def _of_descriptor(line: str) -> Finding:
    """Return the finding of one line of an error, which begins with line and column where it has them."""
    match = re.match(r"(\d+):(\d+): ", line)
    if match is None:
        return Finding("descriptor", SOURCE, line)
    return Finding("descriptor", SOURCE, line[match.end() :], int(match[1]), int(match[2]))


def by_source(package: Mapping[str, Any], declared: Descriptor) -> list[Finding]:
    """Find values of datapackage.json that source/ does not give; not sizes and hashes."""
    known = {frozenset(paths(each)): each for each in resources(package)}
    parts = {name: len(files) for name, files in parquet(package).items()}

    def measured(files: Sequence[str]) -> dict[str, Any]:
        return {key: known.get(frozenset(files), {}).get(key) for key in ("bytes", "hash")}

    wanted = json.loads(json.dumps(datapackage.described(declared, parts, measured)))
    return [
        Finding("manifest-source", PACKAGE, f"{place} {message}")
        for place, message in differences(package, wanted, "")
    ][:_TOLD]


def differences(found: Any, wanted: Any, place: str) -> Iterator[tuple[str, str]]:
    """Find where two JSON values differ; yield the key path, and the difference in words."""
    inner = f"{place}." if place else ""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in [*found, *(key for key in wanted if key not in found)]:
            at_key = f"{inner}{printable(key) or _EMPTY}"
            if key in found and key in wanted:
                yield from differences(found[key], wanted[key], at_key)
            else:
                message = "is missing" if key in wanted else "is extra"
                yield at_key, f"{message}, by {SOURCE}"
    elif isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        for at, (one, other) in enumerate(zip(found, wanted, strict=True)):
            yield from differences(one, other, f"{inner}{at}")
    elif found != wanted or type(found) is not type(wanted):
        yield place, f"is {_said(found)}, {SOURCE} says {_said(wanted)}"


def _said(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return shown(value)
