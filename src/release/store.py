"""A store: releases in folders by version, and an index of them that can be made anew from the folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from release import checksums, index, lock
from release import versions as numbers
from release.entries import Entry
from release.errors import RefusedError, UsageError
from release.findings import shown


def versions(store: Path) -> list[Entry]:
    """The versions in a store, newest first: by its index, or by its folders where it has none.

    Raises:
        RefusedError: the index cannot be read.
    """
    held = index.read(store)
    if held is None:
        held, _ = index.derived(store)
    return index.marked(store, held.values())


def latest(store: Path) -> str | None:
    """The newest version that is final and was not withdrawn.

    Raises:
        RefusedError: the index cannot be read.
    """
    newest = index.latest(versions(store))
    return newest.version if newest else None


def before(store: Path, version: str) -> str | None:
    """The newest version before another that is final and was not withdrawn.

    Raises:
        RefusedError: the index cannot be read.
    """
    limit = numbers.key(version)
    older = index.latest(each for each in versions(store) if numbers.key(each.version) < limit)
    return older.version if older else None


def withdrawn(store: Path, version: str) -> str | None:
    """Why a version was withdrawn, if it was.

    Raises:
        RefusedError: what says so cannot be read.
    """
    return index.withdrawn(store, version)


def refuse_other(store: Path, release: Path, version: str) -> None:
    """Hold a release against what the index says of its version, whose folder may be gone.

    Raises:
        RefusedError: the index knows that final version with other content.
    """
    entry = (index.read(store) or {}).get(version)
    if entry is None or numbers.is_draft(version):
        return
    found = checksums.digest(release / checksums.NAME, "").hash
    if found != entry.checksums.hash:
        raise RefusedError(
            f"{store / index.INDEX} lists {version} with other content (its SHA256SUMS has "
            f"{entry.checksums.hash}, this one {found}); a final version is written once: give this one "
            "a new version in datapackage.yaml"
        )


def yank(store: Path, version: str, reason: str) -> bool:
    """Mark a version as withdrawn, for a reason; False where it is marked so already.

    Raises:
        UsageError: there is no such final version, or no reason is given.
        RefusedError: another command is writing to the store, or its index cannot be read.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise UsageError("--reason: expected a text that says why the version is withdrawn")
    exists(store)
    with lock.held(store):
        held(store, version)
        if numbers.is_draft(version):
            raise UsageError(
                f"{version} is a draft, which is not withdrawn: build it again, or remove its folder "
                f"and run `release reindex {store}`"
            )
        is_new = index.withdrawn(store, version) != reason
        if is_new:
            index.withdraw(store, version, reason)
        index.update(store)
    return is_new


def exists(store: Path) -> None:
    """Say so if there is no store.

    Raises:
        UsageError: there is none.
    """
    if not store.is_dir():
        raise UsageError(f"{store}: is no folder, expected a store of releases")


def held(store: Path, version: str) -> Entry:
    """A version in a store.

    Raises:
        UsageError: there is no such version.
        RefusedError: the index cannot be read.
    """
    found = {entry.version: entry for entry in versions(store)}
    if version not in found:
        listed = f"expected one of {', '.join(found)}" if found else "nor any other"
        raise UsageError(f"{store} has no version {shown(version)}, {listed}")
    return found[version]


def reindex(store: Path) -> list[Entry]:
    """Make the index of a store anew from its versions alone; its entries, newest first.

    Raises:
        UsageError: there is no such folder.
        RefusedError: a version is not whole, or not what a readable index says that it was, or another
            command is writing to the store.
    """
    exists(store)
    with lock.held(store):
        found, problems = index.derived(store)
        told = [*problems.values(), *_changed(store, found, problems)]
        if told:
            listed = "\n".join(f"  {problem}" for problem in told)
            raise RefusedError(f"{store}: the index stays as it is:\n{listed}")
        ordered = index.marked(store, found.values())
        index.write(store, index.rendered(ordered))
    return ordered


def _changed(store: Path, found: Mapping[str, Entry], broken: Mapping[str, str]) -> Iterator[str]:
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
    names = [field.name for field in fields(Entry) if field.name not in _MAY_CHANGE]
    pairs = [(name, getattr(listed, name), getattr(found, name)) for name in names]
    return [
        f"{name} of {listed.version} is {_told(one)}, its folder has {_told(other)}"
        for name, one, other in pairs
        if one != other
    ]


def _told(value: Any) -> str:
    if isinstance(value, checksums.Digest):
        return f"{value.path} of {value.bytes} bytes with {value.hash}"
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
        return [*told, f"{store / index.INDEX}: is not there; {_mend(store)}"]
    told += _faults_of_entries(store, listed, {entry.version: entry for entry in ordered}, problems)
    if not told:
        told += _faults_of_files(store, ordered)
    return told


def _mend(store: Path) -> str:
    return f"`release reindex {store}` makes it from the versions that are there"


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
                yield f"{path}: {version} is {status}, expected {so}; {_mend(store)}"
        elif version in broken:
            yield f"{path}: lists {version}, which is not whole"
        else:
            yield f"{path}: lists {version}, which is not there"
    for version in found:
        if version not in listed:
            yield f"{path}: does not list {version}, which is there; {_mend(store)}"


def _faults_of_files(store: Path, ordered: list[Entry]) -> Iterator[str]:
    """What of an index is not as it is written where its entries are right."""
    for name, data in index.rendered(ordered).items():
        now = index.content(store / name)
        if now == data:
            continue
        if data is None:
            yield f"{store / name}: is there though no version is final and not withdrawn; {_mend(store)}"
        elif now is None:
            yield f"{store / name}: is not there; {_mend(store)}"
        else:
            yield f"{store / name}: is not what this version of release makes of the store; {_mend(store)}"
