"""A store: releases in folders by version, and an index of them that can be made anew from the folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from release import index, lock
from release import versions as numbers
from release.checksums import SUMS, Digest
from release.digests import sha256_of
from release.entries import Changes, Entry
from release.errors import RefusedError, UsageError
from release.findings import printable, shown


def versions(store: Path) -> list[Entry]:
    """The versions in a store, newest first: by its index, or by the folders that it does not name.

    Raises:
        RefusedError: the index cannot be read.
    """
    return index.marked(store, _listed(store).values())


def _listed(store: Path) -> dict[str, Entry]:
    """What a store holds, whether it was withdrawn or not: also what a killed command has placed last.

    Raises:
        RefusedError: the index cannot be read.
    """
    listed = index.read(store) or {}
    others, _ = index.derived(store, listed)
    return {**listed, **others}


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


def taken(store: Path) -> dict[str, str]:
    """The final versions that no other content may have, and in words why; none where there is no store.

    They are those that the index or a folder names, or what says that one was withdrawn, whole or not.

    Raises:
        RefusedError: the index cannot be read.
    """
    if not store.is_dir():
        return {}
    marks = (path.name.removesuffix(index.WITHDRAWN) for path in store.glob(f"*{index.WITHDRAWN}"))
    gone = {name for name in marks if numbers.is_version(name)}
    names = {*(index.read(store) or ()), *index.folders(store), *gone}
    final = (name for name in names if numbers.is_version(name) and not numbers.is_draft(name))
    return {
        name: f"{name} {'was withdrawn' if name in gone else f'is in {store}'}"
        for name in sorted(final, key=numbers.key)
    }


def none_final(store: Path) -> str:
    """Why a store has no latest version, in words."""
    known = taken(store)
    if not known:
        return f"{store} has no final version yet"
    if all((store / f"{name}{index.WITHDRAWN}").exists() for name in known):
        return f"every final version in {store} was withdrawn"
    return f"{store} has no whole final version"


def refuse_other(store: Path, release: Path, version: str) -> None:
    """Hold a release against what the index says of its version, whose folder may be gone.

    Raises:
        RefusedError: the index knows that final version with other content.
    """
    entry = (index.read(store) or {}).get(version)
    if entry is None or numbers.is_draft(version):
        return
    found = f"sha256:{sha256_of(release / SUMS)}"
    if found != entry.checksums.hash:
        raise RefusedError(
            f"{store / index.INDEX} lists {version} with other content (its SHA256SUMS has "
            f"{entry.checksums.hash}, this one {found}); a final version is written once: give this one "
            "a new version in datapackage.yaml"
        )


def yank(store: Path, version: str, reason: str) -> bool:
    """Mark a version as withdrawn, for a reason; False where it is marked so already.

    Raises:
        UsageError: there is no such final version, or no reason is given, or the store may not be written to.
        RefusedError: another command is writing to the store, or its index cannot be read.
    """
    reason = _reason(reason)
    exists(store)
    with lock.held(store):
        known = _listed(store)
        _expect(store, version, known)
        if numbers.is_draft(version):
            raise UsageError(
                f"{version} is a draft, which is not withdrawn: build it again, or remove its folder "
                f"and run `release reindex {store}`"
            )
        # what cannot be read is refused before anything is written
        for other in sorted({*known, *index.folders(store)} - {version}):
            index.withdrawn(store, other)
        is_new = not _is_marked(store, version, reason)
        if is_new:
            index.withdraw(store, version, reason)
        index.update(store)
    return is_new


def _reason(text: str) -> str:
    """A reason in one line."""
    reason = " ".join(text.split())
    if not reason:
        raise UsageError("--reason: expected a text that says why the version is withdrawn")
    try:
        reason.encode()
    except UnicodeEncodeError as error:
        raise UsageError("--reason: is no text in UTF-8") from error
    return reason


def _is_marked(store: Path, version: str, reason: str) -> bool:
    """Whether a version is marked as withdrawn for this reason; a broken mark says nothing."""
    try:
        return index.withdrawn(store, version) == reason
    except RefusedError:
        return False


def exists(store: Path) -> None:
    """Say so if there is no store.

    Raises:
        UsageError: there is none.
    """
    if str(store).startswith(("http:/", "https:/")):
        url = str(store).replace(":/", "://", 1)  # a path has lost a slash
        raise UsageError(f"{url}: is a URL, expected a store on this machine")
    if not store.is_dir():
        raise UsageError(f"{store}: is no folder, expected a store of releases")


def held(store: Path, version: str) -> Entry:
    """A version in a store.

    Raises:
        UsageError: there is no such version.
        RefusedError: the index cannot be read.
    """
    found = {entry.version: entry for entry in versions(store)}
    _expect(store, version, found)
    return found[version]


def _expect(store: Path, version: str, found: Mapping[str, Entry]) -> None:
    """Say so if a version is not among those of a store."""
    if version not in found:
        newest_first = sorted(found, key=numbers.key, reverse=True)
        listed = f"expected one of {', '.join(newest_first)}" if found else "nor any other"
        raise UsageError(f"{store} has no version {shown(version)}, {listed}")


def reindex(store: Path) -> list[Entry]:
    """Make the index of a store anew from its versions alone; its entries, newest first.

    Raises:
        UsageError: there is no such folder, or it is no store, or it may not be written to.
        RefusedError: a version is not whole, or not what a readable index says that it was, or another
            command is writing to the store.
    """
    exists(store)
    if not index.is_store(store):
        raise UsageError(
            f"{store}: holds no version and no index of versions, expected a store of releases"
        )
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
    if isinstance(value, Digest):
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
