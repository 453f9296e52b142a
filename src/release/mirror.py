"""Copy a version from one store into another, whose index names it last."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from release import checksums, durable, entries, index, lock, publish, storage, transfer, versions
from release import store as stores
from release.checksums import SUMS, Digest
from release.entries import Entry
from release.errors import RefusedError, UsageError
from release.findings import printable

#: So many files are named in one message.
_TOLD = 3


@dataclass(frozen=True, slots=True)
class Copy:
    """What was copied, or would be: the files, `bytes` of them together; none where all are there.

    `reason` says why the version was withdrawn, where the other store hears of it now.
    """

    version: str
    path: Path
    files: tuple[str, ...]
    bytes: int
    is_new: bool
    reason: str | None


def copy(store: Path, target: str, version: str | None = None, *, dry_run: bool = False) -> Copy:
    """Copy a version, the latest unless told otherwise, into the store at `target`.

    The version is verified before, and every file is read back. Interrupted at any moment, it is completed
    by the same call; with all done, it copies nothing. With `dry_run` nothing is written.

    Raises:
        UsageError: there is no such version, or the target can be no store for it.
        RefusedError: the version is damaged here, or stands in the other store with other content, or
            another command is writing there.
    """
    stores.exists(store)
    entry = stores.held(store, version or _latest(store))
    other = _place(target, store)
    _refuse_other_dataset(store, entry, other)
    wanted = _verified(store, entry)
    if dry_run:
        return _planned(store / entry.version, other, entry, wanted)
    with lock.held(other, keep=f"{lock.COPYING}{entry.version}"):
        plan = _planned(store / entry.version, other, entry, wanted)
        if plan.reason is not None:
            index.withdraw(other, entry.version, plan.reason)
        if plan.is_new:
            _place_new(store / entry.version, other, entry.version, wanted)
        else:
            shutil.rmtree(other / f"{lock.COPYING}{entry.version}", ignore_errors=True)
            missing = {path: wanted[path] for path in plan.files}
            _add(store / entry.version, plan.path, missing)
            index.update(other)
    return plan


def _latest(store: Path) -> str:
    version = stores.latest(store)
    if version is None:
        raise UsageError(f"{store} has no final version that is not withdrawn: name a version")
    return version


def _place(target: str, store: Path) -> Path:
    """The folder of the other store."""
    if storage.is_url(target) and not target.startswith("file://"):
        raise UsageError(f"{target}: expected a folder; other places cannot be published to yet")
    place = Path(storage.absolute(target) if storage.is_url(target) else target)
    index.refuse_link(place)
    here, there = store.resolve(), place.resolve()
    if there == here or any(there.is_relative_to(path) for path in index.folders(here).values()):
        raise UsageError(
            f"{target}: is the store itself or in one of its versions, expected another store"
        )
    index.refuse_place(place)
    return place


def _refuse_other_dataset(store: Path, entry: Entry, other: Path) -> None:
    """Say so where another store holds versions, and none of a name that the dataset has or had here."""
    there = {each.name for each in stores.versions(other)}
    here = {entry.name, *(each.name for each in stores.versions(store))}
    if there and not there & here:
        names, ours = (", ".join(map(printable, sorted(each))) for each in (there, here))
        raise UsageError(
            f"{other}: holds versions of {names}, {store} those of {ours}; expected a store of the same "
            "dataset"
        )


def _verified(store: Path, entry: Entry) -> dict[str, Digest]:
    """The digests of the files of a version, after all of them were found to be right.

    Raises:
        RefusedError: one is missing or not what SHA256SUMS, or the index, says.
    """
    folder = store / entry.version
    found = entries.derived(folder)
    if differing := stores.differences(entry, found):
        raise RefusedError(f"{store / index.INDEX}: {differing[0]}; run `release verify {store}`")
    sums = checksums.read(folder)
    held = {path: checksums.digest(folder / path, path) for path in sums}
    if wrong := [path for path in sums if held[path].hash != sums[path]]:
        raise RefusedError(
            f"{folder}: {_named(wrong)} not as SHA256SUMS says; nothing was published: the version is "
            "damaged here"
        )
    beside = [Path(found.archive.path).name, SUMS, *sorted(publish.BESIDE)]
    held |= {
        name: checksums.digest(folder / name, name) for name in beside if (folder / name).is_file()
    }
    return held


def _named(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _TOLD} more" if len(paths) > _TOLD else ""
    return f"{', '.join(paths[:_TOLD])}{more} {'is' if len(paths) == 1 else 'are'}"


def _planned(source: Path, other: Path, entry: Entry, wanted: dict[str, Digest]) -> Copy:
    """What there is to do, which depends on what the other store holds."""
    version = entry.version
    target = other / version
    reason = entry.reason if entry.reason != index.withdrawn(other, version) else None
    index.read(other)  # what cannot be read is refused
    if target.exists():
        missing = _missing(source, target, wanted)
        if missing is not None:
            size = sum(digest.bytes for digest in missing)
            return Copy(version, target, tuple(d.path for d in missing), size, False, reason)
    stores.refuse_other(other, source, version)
    size = sum(digest.bytes for digest in wanted.values())
    return Copy(version, target, tuple(sorted(wanted)), size, True, reason)


def _missing(source: Path, target: Path, wanted: dict[str, Digest]) -> list[Digest] | None:
    """What the other store lacks of a version that it has; None where it has another draft.

    Raises:
        RefusedError: it has other content, and the version is final.
    """
    released = {path: digest for path, digest in wanted.items() if path not in publish.BESIDE}
    different = [digest.path for digest in transfer.unlike(target, released)]
    if not different:
        beside = publish.BESIDE & wanted.keys()
        return [wanted[path] for path in sorted(beside) if not (target / path).exists()]
    if versions.is_draft(target.name):
        return None
    if SUMS in different:
        problem = (
            f"a final version is written once: give {source} a new version, or publish it elsewhere"
        )
    else:
        problem = "it is damaged there: remove that folder and publish again"
    raise RefusedError(f"{target}: {_named(different)} not as in {source}; {problem}")


def _place_new(source: Path, other: Path, version: str, wanted: dict[str, Digest]) -> None:
    """Copy a version beside its place, then move it there."""
    staged = other / f"{lock.COPYING}{version}"
    staged.mkdir(exist_ok=True)
    try:
        transfer.put(source, staged, wanted)
        publish.place(staged, other, version)
        shutil.rmtree(staged, ignore_errors=True)  # the draft that was replaced
    except Exception:
        shutil.rmtree(staged, ignore_errors=True)
        raise


def _add(source: Path, target: Path, missing: dict[str, Digest]) -> None:
    """Add files that stand beside a release to a version that is there without them."""
    for path in missing:
        durable.write(target / path, (source / path).read_bytes())
    for digest in transfer.unlike(target, missing):
        raise RefusedError(
            f"{target / digest.path}: has other bytes when it is read back: try again"
        )
