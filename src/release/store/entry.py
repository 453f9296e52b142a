"""The entry of a version in the index of a store, and its derivation from the version's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from release.findings.finding import Finding, FindingsError
from release.findings.message import printable, shown
from release.package import checksums, unzip
from release.package.checksums import SUMS, FileDigest
from release.package.manifest import folder as manifest_folder
from release.package.manifest.model import NAME, Manifest
from release.package.zip import zip_name
from release.syntax import versions
from release.syntax.json import parse_json
from release.system import files as system_files
from release.system.folders import Folder

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

Status = Literal["final", "draft", "withdrawn"]

#: The files of a release that the page of a store links to, in this order, if a release has them.
DOCUMENTS = "index.html README.md CHANGELOG.md changes.csv changes.html datapackage.json"


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference from the version before, if there is one: rows of all tables, and the schema."""

    before: str | None
    level: str
    added: int
    removed: int
    changed: int
    schema: int


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """The entry of one version; paths are relative to the store.

    Attributes:
        version: The version.
        status: Final, draft or withdrawn.
        created: The time of the release.
        name: The name of the dataset.
        title: The title of the dataset.
        archive: The digest of the zip.
        checksums: The digest of SHA256SUMS.
        files: The number of files, without the zip.
        bytes: The size of the files together, without the zip.
        documents: The paths of those files of DOCUMENTS that the release has.
        changes: The difference from the version before, if the release states it.
        reason: The reason why the version was withdrawn, if it was.
    """

    version: str
    status: Status
    created: str
    name: str
    title: str
    archive: FileDigest
    checksums: FileDigest
    files: int
    bytes: int
    documents: tuple[str, ...]
    changes: Changes | None = None
    reason: str | None = None


def withdrawn(entry: VersionEntry, reason: str | None) -> VersionEntry:
    """Return the entry with the reason why it was withdrawn, if it was."""
    if reason is None:
        status: Status = "draft" if versions.is_draft(entry.version) else "final"
        is_same = entry.reason is None and entry.status == status
        return entry if is_same else replace(entry, status=status, reason=None)
    return replace(entry, status="withdrawn", reason=reason)


def derived(folder: Path, known: tuple[str, int] | None = None) -> VersionEntry:
    """Derive the entry of a version from its folder alone.

    Every file must be there. SHA256SUMS and the zip are hashed; the other files are not.

    Args:
        folder: The folder of the version, which is named as the version.
        known: The hash of the zip, `sha256:…`, and the size of the files together, if they are known.

    Raises:
        FindingsError: The version is not whole.
    """
    try:
        return _derived(folder, known)
    except FindingsError as error:
        store = folder.parent
        raise FindingsError(
            replace(each, path=Path(each.file).relative_to(store).as_posix())
            for each in error.findings
        ) from error


def _derived(folder: Path, known: tuple[str, int] | None) -> VersionEntry:
    version = folder.name
    manifest, held = _manifest(folder), Folder.at(folder)
    if not known:  # else this program has just written them
        from release.package.manifest import tables  # loads Arrow

        tables.check_shapes(folder, manifest)
    name, sums = manifest.name, checksums.read(folder)
    packed = f"{version}/{zip_name(name, version)}"
    parts = [*sums, SUMS]
    size = known[1] if known else sum(_size(held, path) for path in parts)
    whole = _size(held, zip_name(name, version))
    if known:
        archive = FileDigest(packed, whole, known[0])
    else:
        archive = _digest(folder.parent / packed, packed)
        unzip.refuse(folder.parent / packed)
    return VersionEntry(
        version=version,
        status="draft" if versions.is_draft(version) else "final",
        created=manifest.created,
        name=name,
        title=manifest.text("title") or name,
        archive=archive,
        checksums=_digest(folder / SUMS, f"{version}/{SUMS}"),
        files=len(parts),
        bytes=size,
        documents=tuple(f"{version}/{path}" for path in DOCUMENTS.split() if path in sums),
        changes=_changes(folder / "changes.json") if "changes.json" in sums else None,
    )


def _broken(path: Path | str, message: str) -> FindingsError:
    """Return the error of a version that is not whole because of a file."""
    return FindingsError([Finding("version-broken", str(path), message, file=str(path))])


def _size(folder: Folder, path: str) -> int:
    """Return the size of a file of a release."""
    try:
        return folder.stat(path).st_size
    except OSError as error:
        raise FindingsError([manifest_folder.unreadable(error, folder, path)]) from error


def _digest(path: Path, name: str) -> FileDigest:
    """Return the digest of a file of a release, with its path in the store."""
    try:
        return checksums.digest(path, name)
    except OSError as error:
        raise _broken(path, f"{error.strerror}; the release is not whole") from error


def _manifest(folder: Path) -> Manifest:
    """Return the manifest of a release, whose version is the name of its folder."""
    manifest, found = manifest_folder.find(folder)
    if manifest is not None and not found:
        found = list(manifest_folder.find_files(folder, manifest.resources))
    if manifest is None or found:
        raise FindingsError(found)
    if manifest.version != folder.name:
        message = (
            f"version is {shown(manifest.version)}, expected {shown(folder.name)} as its folder"
        )
        raise _broken(folder / NAME, message)
    return manifest


def _changes(path: Path) -> Changes:
    """Read the changes that a release declares."""
    value = _object(path)
    rows = value.get("rows")
    found = {
        "before": value.get("from"),
        "level": value.get("level"),
        **(rows if isinstance(rows, dict) else {}),
        "schema": value.get("schema"),
    }
    try:
        return _made(Changes, found)
    except ValueError as error:
        raise _broken(path, str(error)) from error


def _object(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file."""
    try:
        value = parse_json(system_files.read(path))
    except OSError as error:
        raise _broken(path, f"{error.strerror}; the release is not whole") from error
    except ValueError as error:
        raise _broken(path, f"is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise _broken(path, "expected a JSON object")
    return value


def to_json(entry: VersionEntry) -> dict[str, Any]:
    """Return the entry as the index has it, without a reason if there is none."""
    value = asdict(entry)
    if entry.reason is None:
        del value["reason"]
    return value


def from_json(value: Any, place: str) -> VersionEntry:
    """Read an entry of the index.

    Raises:
        ValueError: It is no entry; the message is written for people.
    """
    if not isinstance(value, dict):
        raise ValueError(f"{place} is {shown(value)}, expected an object")
    parts = dict(value)
    try:
        for name, kind in _PARTS.items():
            if isinstance(parts.get(name), dict):
                parts[name] = _part(name, kind, parts[name])
        if isinstance(parts.get("documents"), list):
            parts["documents"] = tuple(parts["documents"])
        entry = _made(VersionEntry, parts)
        versions.parse(entry.version)
        _check_status(entry)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error
    return entry


_PARTS: Mapping[str, type[FileDigest | Changes]] = {
    "archive": FileDigest,
    "checksums": FileDigest,
    "changes": Changes,
}


def _part(name: str, kind: type[T], value: Mapping[str, Any]) -> T:
    """Read a part of an entry; an error names the part."""
    try:
        return _made(kind, value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _check_status(entry: VersionEntry) -> None:
    if entry.status not in get_args(Status):
        raise ValueError(f"status is {shown(entry.status)}, expected final, draft or withdrawn")
    if (entry.status == "withdrawn") != (entry.reason is not None):
        wanted = "text" if entry.status == "withdrawn" else "none"
        status = f"for status is {shown(entry.status)}"
        raise ValueError(f"reason is {shown(entry.reason)}, expected {wanted}, {status}")


#: The types of the attributes of VersionEntry, Changes and FileDigest, and their names in messages.
_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "str": ((str,), "text"),
    "int": ((int,), "a whole number"),
    "str | None": ((str, NoneType), "text"),
    "tuple[str, ...]": ((tuple,), "a list of texts"),
    "Status": ((str,), "text"),
    "FileDigest": ((FileDigest,), "an object"),
    "Changes | None": ((Changes, NoneType), "an object"),
}


def _made(kind: type[T], value: Mapping[str, Any]) -> T:
    """Make a dataclass from values that have the types that it declares.

    Raises:
        ValueError: A value is missing, is not declared, or has another type.
    """
    attributes = _attributes(kind)
    for name in value:
        if name not in attributes:
            raise ValueError(f"{printable(name)} is not known here")
    values = []
    for attribute, (types, expected) in attributes.items():
        found = value.get(attribute)
        values.append(found)
        is_typed = type(found) in types  # not of a subclass, as bool is of int
        if isinstance(found, tuple) and not all(isinstance(part, str) for part in found):
            is_typed, found = False, list(found)
        if not is_typed:
            raise ValueError(f"{attribute} is {shown(found)}, expected {expected}")
    return kind(*values)


@cache
def _attributes(kind: type[DataclassInstance]) -> dict[str, tuple[tuple[type, ...], str]]:
    """Return the types of a dataclass's attributes by name, and their names in messages."""
    return {field.name: _TYPES[str(field.type)] for field in fields(kind)}
