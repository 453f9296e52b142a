"""Read datapackage.json into typed values, and check it against the standard and against source/."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from release.descriptor import load as descriptors
from release.descriptor.model import Descriptor
from release.descriptor.vocabulary import WRITTEN_BY_BUILD
from release.findings.errors import UsageError
from release.findings.finding import Finding
from release.findings.message import named, printable, shown
from release.package import datapackage
from release.package.checksums import sha256_of
from release.package.datapackage import SOURCE
from release.package.manifest.folder import read_file
from release.package.manifest.model import NAME, Manifest
from release.package.manifest.properties import Problem
from release.package.page.document import NAME as PAGE
from release.package.page.script_data import read_embedded
from release.syntax.json import read_standard
from release.syntax.paths import KeyPath
from release.syntax.text import Locations, SyntaxFault
from release.system.folders import Folder, no_file

#: Properties of a published resource or schema that the build writes, and a descriptor of ours lacks.
_WRITTEN = (*WRITTEN_BY_BUILD, "missingValues")

#: What a key without a character is called.
_EMPTY = "''"

#: So many faults of one file are told of its profile.
TOLD = 50


def read_json(folder: Path, name: str) -> tuple[dict[str, Any] | None, list[Finding]]:
    """Return the mapping in a JSON file of a folder, or the findings for which it cannot be read."""
    data = read_file(Folder.at(folder), name)
    if isinstance(data, Finding):
        return None, [replace(data, file="")]
    try:
        value, faults = read_standard(data.decode("utf-8"))
    except UnicodeDecodeError:
        return None, [Finding("not-utf-8", name, "is not text in UTF-8, expected JSON")]
    if not faults and isinstance(value, dict):
        return value, []
    if not faults:
        faults = [SyntaxFault("json-syntax", 0, 0, f"is {shown(value)}, expected a mapping")]
    return None, [
        Finding(each.rule, name, each.message, each.line + 1, each.column + 1) for each in faults
    ]


def measures(
    manifest: Manifest, digests: Mapping[str, str], sizes: Mapping[str, int], folder: Path
) -> Iterator[Finding]:
    """Find resources whose files are missing, or have another size or hash, and data of no resource.

    The tables in the page are data too: those that are not their files are found.
    """
    known = set()
    for resource in manifest.resources:
        files = resource.paths
        known |= {*files}
        missing = [path for path in files if path not in sizes]
        for path in missing:
            message = f"is missing, expected the file of a resource in {NAME}"
            yield Finding("file-missing", path, message)
        if missing:
            continue
        where, together = files[0], ""
        if len(files) > 1:
            where, together = printable(resource.name), f"in {len(files)} files "
        size = sum(sizes[path] for path in files)
        if resource.properties.get("bytes") != size:
            wanted = shown(resource.properties.get("bytes"))
            message = f"has {together}{size} bytes, {NAME} says {wanted}"
            yield Finding("resource-bytes", where, message)
        if (found := _digest(files, digests, folder)) and resource.hash != f"sha256:{found}":
            wanted = shown(resource.properties.get("hash"))
            message = f"has {together}the hash 'sha256:{found}', {NAME} says {wanted}"
            yield Finding("resource-hash", where, message)
    for path in sizes:
        if path.startswith("data/") and path not in known:
            yield Finding("file-extra", path, f"belongs to no resource of {NAME}")
    yield from _compare_page(manifest, digests, sizes, folder)


#: A page of at most so many bytes is looked at; ours have less than a sixteenth of it.
_MOST = 1 << 25


def _compare_page(
    manifest: Manifest, digests: Mapping[str, str], sizes: Mapping[str, int], folder: Path
) -> Iterator[Finding]:
    """Compare the tables that the page embeds with their Parquet files, by SHA-256."""
    size = sizes.get(PAGE, 0)
    if size > _MOST:
        message = f"has {size:,} bytes, expected at most {_MOST:,}"
        yield Finding("page-tables", PAGE, message)
    if not 0 < size <= _MOST or PAGE not in digests:
        return
    seen = set()
    text = (folder / PAGE).read_text("utf-8", errors="replace")
    for name, data in read_embedded(text):
        resource = manifest.parquet.get(name)
        paths = resource.paths if resource is not None else ()
        problem = ""
        if name in seen:
            problem = "stands there twice, expected it once"
        elif data is None:
            problem = "is not in base64"
        elif len(paths) != 1:
            problem = "is no table of the release in one file"
        elif hashlib.sha256(data).hexdigest() != digests.get(paths[0]):
            problem = f"is not {paths[0]}"
        if problem:
            yield Finding("page-tables", PAGE, f"the table {named(name)} {problem}")
        seen.add(name)


def _digest(files: Sequence[str], digests: Mapping[str, str], folder: Path) -> str:
    """Return the digest of files read one after the other; an empty text if one cannot be read."""
    if any(path not in digests for path in files):
        return ""
    if len(files) == 1:
        return digests[files[0]]
    return sha256_of(*(folder / path for path in files))


def read_tables(manifest: Manifest, folder: Path) -> tuple[Descriptor | None, list[Finding]]:
    """Return the tables of a manifest as a descriptor declares them, all of them curated.

    They are read by the rules of a descriptor, which are stricter than the standard's.
    """
    package = manifest.properties
    listed = package.get("resources")
    tables = [
        (at, each)
        for at, each in enumerate(listed if isinstance(listed, list) else [])
        if isinstance(each, dict) and each.get("format") == "csv"
    ]
    plain = {
        key: package[key] for key in ("name", "version", "versioning", "created") if key in package
    }
    described = {**plain, "resources": [_without_written(table) for _, table in tables]}
    found, problems = descriptors.from_value(described, {}, folder / NAME)
    if problems:  # only now are the locations needed
        locations = _locations(folder, [at for at, _ in tables])
        found, problems = descriptors.from_value(described, locations, folder / NAME)
    return found, [
        Finding("manifest-tables", NAME, message, line, column)
        for line, column, message in problems
    ]


def _locations(folder: Path, kept: Sequence[int]) -> Locations:
    """Return the locations in a manifest, for a list of resources that has only some of its own."""
    locations: Locations = {}
    data = read_file(Folder.at(folder), NAME)
    if not isinstance(data, Finding):
        read_standard(data.decode("utf-8", "replace"), locations)
    places = {before: at for at, before in enumerate(kept)}
    moved: Locations = {}
    for key_path, location in locations.items():
        if key_path[0] != "resources" or len(key_path) == 1:
            moved[key_path] = location
        elif (at := places.get(int(key_path[1]))) is not None:
            moved["resources", at, *key_path[2:]] = location
    return moved


def _without_written(table: Mapping[str, Any]) -> dict[str, Any]:
    schema = table.get("schema")
    if isinstance(schema, dict):
        schema = {key: value for key, value in schema.items() if key not in _WRITTEN}
    kept = {key: value for key, value in table.items() if key not in _WRITTEN}
    return {**kept, "schema": schema}


def source(folder: Path) -> tuple[Descriptor | None, list[Finding]]:
    """Read the descriptor that a release was built from."""
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


def by_source(manifest: Manifest, declared: Descriptor) -> list[Problem]:
    """Return the properties of a manifest that source/ publishes otherwise; sizes and hashes aside."""
    known = {frozenset(each.paths): each.properties for each in manifest.resources}
    parts = {name: len(each.paths) for name, each in manifest.parquet.items()}

    def measured(files: Sequence[str]) -> dict[str, Any]:
        return {key: known.get(frozenset(files), {}).get(key) for key in ("bytes", "hash")}

    wanted = json.loads(json.dumps(datapackage.described(declared, parts, measured)))
    found = locate_differences(manifest.properties, wanted)
    return [
        Problem("manifest-source", key_path, f"{show_path(key_path)} {message}")
        for key_path, message in islice(found, TOLD)
    ]


def differences(found: Any, wanted: Any) -> Iterator[tuple[str, str]]:
    """Yield where two values of JSON differ, as text, and what was found and expected there."""
    return ((show_path(path), message) for path, message in locate_differences(found, wanted))


def show_path(key_path: KeyPath) -> str:
    """Return a key path as messages show it."""
    return ".".join(printable(str(key)) or _EMPTY for key in key_path)


def locate_differences(found: Any, wanted: Any, at: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Yield the key path of each difference of two values of JSON, and what was found and expected."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in [*found, *(key for key in wanted if key not in found)]:
            if key in found and key in wanted:
                yield from locate_differences(found[key], wanted[key], (*at, key))
            else:
                message = "is missing" if key in wanted else "is extra"
                yield (*at, key), f"{message}, by {SOURCE}"
    elif isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        for position, (one, other) in enumerate(zip(found, wanted, strict=True)):
            yield from locate_differences(one, other, (*at, position))
    elif found != wanted or type(found) is not type(wanted):
        yield at, f"is {_said(found)}, {SOURCE} says {_said(wanted)}"


def _said(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return shown(value)
