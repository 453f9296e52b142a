"""Hold a store against its index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from release import versions as numbers
from release.errors import RefusedError
from release.findings import printable, shown
from release.package.checksums import FileDigest
from release.store import index
from release.store.entry import Changes, Entry


def changed(store: Path, found: Mapping[str, Entry], broken: Mapping[str, str]) -> Iterator[str]:
    """What the index of a store says of final versions and is not so; nothing where it cannot be read."""
    try:
        listed = index.read(store) or {}
    except RefusedError:
        return
    for version, entry in listed.items():
        if numbers.is_draft(version) or version in broken:
            continue
        if version not in found:
            yield (
                f"{store / index.INDEX}: lists {version}, which is not there: put it back, or remove "
                "the index to forget it"
            )
        elif differing := differences(entry, found[version]):
            yield (
                f"{store / index.INDEX}: {differing[0]}; a final version stays as it was: put it back, "
                "or remove the index if the version is right"
            )


#: What an index may say of a final version and no longer say later.
_MAY_CHANGE = frozenset(["status", "reason"])


def differences(listed: Entry, found: Entry) -> list[str]:
    """What an entry says that its version's folder does not."""
    return [
        f"{name} of {listed.version} is {_told(one)}, its folder has {_told(other)}"
        for name, one, other in _pairs(listed, found)
        if one != other
    ]


def _pairs(listed: Entry, found: Entry) -> Iterator[tuple[str, Any, Any]]:
    """What two entries say, by name; the parts of what changed by themselves where both say it."""
    for field in fields(Entry):
        one, other = getattr(listed, field.name), getattr(found, field.name)
        if isinstance(one, Changes) and isinstance(other, Changes):
            for part in fields(Changes):
                name = f"{field.name}.{part.name}"
                yield name, getattr(one, part.name), getattr(other, part.name)
        elif field.name not in _MAY_CHANGE:
            yield field.name, one, other


def _told(value: Any) -> str:
    """What an entry says, for people."""
    if isinstance(value, FileDigest):
        return f"{printable(value.path)} of {value.bytes} bytes with {printable(value.hash)}"
    if isinstance(value, Changes):
        return f"one since {printable(value.before)}" if value.before else "that of a first version"
    if isinstance(value, tuple):
        return " and ".join(map(printable, value)) or "none"
    return str(shown(value))


def faults(store: Path) -> list[str]:
    """What is wrong with the index of a store; nothing where it says just what the folders hold.

    Of each version SHA256SUMS and the zip are hashed, and no other file is missing: whether the others are
    what they were is for `verify` of that version.
    """
    found, problems = index.derived(store)
    try:
        listed = index.read(store)
        ordered = index.marked(store, found.values())
    except RefusedError as error:
        return [*problems.values(), str(error)]
    told = [*problems.values(), *_stray_marks(store, found)]
    if listed is None:
        return [*told, f"{store / index.INDEX}: is not there; {index.how_made(store)}"]
    told += _faults_of_entries(store, listed, {entry.version: entry for entry in ordered}, problems)
    if not told:
        told += _faults_of_files(store, ordered)
    return told


def behind(store: Path) -> list[str]:
    """Which versions the index of a store names that are not there, and which are there and not named."""
    listed = index.read(store)
    if listed is None:
        return []
    there, path = index.folders(store), store / index.INDEX
    told = [_gone(path, version) for version in listed if version not in there]
    return told + [_unlisted(path, version) for version in there if version not in listed]


def _gone(path: Path, version: str) -> str:
    return f"{path}: lists {version}, which is not there"


def _unlisted(path: Path, version: str) -> str:
    return f"{path}: does not list {version}, which is there; {index.how_made(path.parent)}"


def _stray_marks(store: Path, found: Mapping[str, Entry]) -> Iterator[str]:
    for path in sorted(store.glob(f"*{index.WITHDRAWN}")):
        version = path.name.removesuffix(index.WITHDRAWN)
        if version not in found:
            yield f"{path}: is for version {shown(version)}, which is not there"


def _faults_of_entries(
    store: Path,
    listed: Mapping[str, Entry],
    found: Mapping[str, Entry],
    broken: Mapping[str, str],
) -> Iterator[str]:
    """What an index says of each version that is not so, and the versions that it does not name."""
    path = store / index.INDEX
    for version, entry in listed.items():
        if version in found:
            for difference in differences(entry, found[version]):
                yield f"{path}: {difference}"
            status, so = entry.status, found[version].status
            if (status, entry.reason) != (so, found[version].reason):
                yield f"{path}: {version} is {status}, expected {so}; {index.how_made(store)}"
        elif version in broken:
            yield f"{path}: lists {version}, which is not whole"
        else:
            yield _gone(path, version)
    for version in found:
        if version not in listed:
            yield _unlisted(path, version)


def _faults_of_files(store: Path, ordered: list[Entry]) -> Iterator[str]:
    """What of an index is not as it is written where its entries are right."""
    mend = index.how_made(store)
    for name, data in index.rendered(ordered).items():
        try:
            now = index.content(store / name)
        except RefusedError as error:
            yield str(error)
            continue
        if now == data:
            continue
        if data is None:
            yield f"{store / name}: is there though no version is final and not withdrawn; {mend}"
        elif now is None:
            yield f"{store / name}: is not there; {mend}"
        else:
            yield f"{store / name}: is not what this version of release makes of the store; {mend}"
