"""Copy a version from one store into another, and add it to the index there last."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from release.findings.errors import RefusedError, UsageError
from release.findings.finding import Finding, FindingsError
from release.findings.message import printable, shown
from release.package import checksums, provenance, unzip
from release.package.checksums import SUMS, FileDigest
from release.package.manifest import folder as manifest_folder
from release.store import check, contents, index, lock, placement
from release.store import entry as store_entry
from release.store import target as store_target
from release.store.entry import VersionEntry
from release.syntax import versions
from release.syntax.escapes import quote_shell
from release.system import durable
from release.system import files as system_files

#: The number of files that one message names.
_MAX_NAMED = 3


@dataclass(frozen=True, slots=True)
class Copy:
    """The files that were copied, or would be.

    Attributes:
        version: The version.
        path: The folder of the version in the other store.
        files: The paths of the files, sorted; none if all of them are there.
        bytes: The size of the files together.
        is_new: Whether the version is new in the other store.
        reason: The reason why the version was withdrawn, if the other store did not have it.
    """

    version: str
    path: Path
    files: tuple[str, ...]
    bytes: int
    is_new: bool
    reason: str | None


def copy(store: Path, target: str, version: str | None = None, *, dry_run: bool = False) -> Copy:
    """Copy a version into the store at `target`: the latest, if none is named.

    The version is verified first, and every file is read back. If the copy is interrupted, the same call
    completes it; if it is complete, the call copies nothing. With `dry_run` nothing is written.

    Raises:
        UsageError: There is no such version, or the target can be no store for it.
        FindingsError: The version is damaged, here or in the other store.
        RefusedError: The other store has the version with other content, or another command is writing to it.
    """
    contents.check_exists(store)
    entry = contents.held(store, version or _latest(store))
    other = _target_folder(target, store)
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
            store_target.keep_line_ends(other)  # a copy that was killed may have left none
    return plan


def _latest(store: Path) -> str:
    version = contents.latest(store)
    if version is None:
        raise UsageError(f"{store} has no final version that is not withdrawn: name a version")
    return version


def _target_folder(target: str, store: Path) -> Path:
    """Return the folder of the other store.

    Raises:
        UsageError: The target is no folder for another store.
    """
    if system_files.is_url(target) and not target.startswith("file://"):
        raise UsageError(f"{target}: expected a folder; other places cannot be published to yet")
    place = Path(system_files.make_absolute(target) if system_files.is_url(target) else target)
    store_target.check_links(place)
    here, there = store.resolve(), place.resolve()
    if there == here or any(there.is_relative_to(path) for path in index.folders(here).values()):
        raise UsageError(
            f"{target}: is the store itself or in one of its versions, expected another store"
        )
    store_target.check_target(place)
    return place


def _refuse_other_dataset(store: Path, entry: VersionEntry, other: Path) -> None:
    """Raise an error if the other store has versions, and none with a name that this dataset has or had.

    Raises:
        UsageError: It is a store of another dataset.
    """
    there = {each.name for each in contents.versions(other)}
    here = {entry.name, *(each.name for each in contents.versions(store))}
    if there and not there & here:
        names, ours = (", ".join(map(printable, sorted(each))) for each in (there, here))
        raise UsageError(
            f"{other}: holds versions of {names}, {store} those of {ours}; expected a store of the same "
            "dataset"
        )


def _verified(store: Path, entry: VersionEntry) -> dict[str, FileDigest]:
    """Verify the files of a version, and return their digests by path.

    Raises:
        FindingsError: A file is missing, or has not the digest in SHA256SUMS or in the index.
    """
    from release.package.manifest import tables  # loads Arrow

    folder = store / entry.version
    found = store_entry.derived(folder)
    if differing := check.compare_entries(entry, found):
        message = f"{differing[0]}; run `release verify {quote_shell(str(store))}`"
        raise FindingsError([index.finding("index-entry", store, index.INDEX, message)])
    sums = checksums.read(folder)
    manifest = manifest_folder.read(folder)
    tables.hold_release(folder, manifest, {})
    held = {path: checksums.digest(folder / path, path) for path in sums}
    if wrong := [path for path in sums if held[path].hash != sums[path]]:
        message = (
            f"{_named(wrong)} not as SHA256SUMS says; nothing was published: the version is damaged "
            "here"
        )
        raise FindingsError([index.finding("file-changed", store, entry.version, message)])
    archive = Path(found.archive.path).name
    names = [archive, SUMS, *sorted(placement.BESIDE)]
    beside = [name for name in names if placement.has_file(store, entry.version, name)]
    _check_archive(folder, found.archive, sums)
    return held | {name: checksums.digest(folder / name, name) for name in beside}


def _check_archive(folder: Path, archive: FileDigest, sums: Mapping[str, str]) -> None:
    """Hold the zip of a version against the files that it should hold, and against buildinfo.json.

    Raises:
        FindingsError: It holds others, or is not the zip that was built.
    """
    path = folder.parent / archive.path
    digests = {**sums, SUMS: checksums.digest(folder / SUMS, SUMS).hash}
    bare = {name: digest.removeprefix("sha256:") for name, digest in digests.items()}
    differing = unzip.differences(path, unzip.refuse(path), bare)
    findings = [
        Finding("archive-members", archive.path, each, file=str(path))
        for each in islice(differing, _MAX_NAMED)
    ]
    built = provenance.read_archive_hash(folder)
    if not findings and built and built != archive.hash:
        message = f"has the hash '{archive.hash}', {provenance.BUILDINFO} says {shown(built)}"
        findings = [Finding("buildinfo", archive.path, message, file=str(path))]
    if findings:
        raise FindingsError(findings)


def _named(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _MAX_NAMED} more" if len(paths) > _MAX_NAMED else ""
    return f"{', '.join(paths[:_MAX_NAMED])}{more} {'is' if len(paths) == 1 else 'are'}"


def _planned(source: Path, other: Path, entry: VersionEntry, wanted: dict[str, FileDigest]) -> Copy:
    """Return the copy to make, given the files that the other store has."""
    version = entry.version
    target = other / version
    reason = entry.reason if entry.reason != index.withdrawn(other, version) else None
    index.read(other)  # an index that cannot be read is refused
    if target.exists():
        missing = _missing(source, target, wanted)
        if missing is not None:
            size = sum(digest.bytes for digest in missing)
            return Copy(version, target, tuple(d.path for d in missing), size, False, reason)
    contents.refuse_other(other, source, version)
    size = sum(digest.bytes for digest in wanted.values())
    return Copy(version, target, tuple(sorted(wanted)), size, True, reason)


def _missing(source: Path, target: Path, wanted: dict[str, FileDigest]) -> list[FileDigest] | None:
    """Return the files that the other store lacks of a version; None if it has a draft with other content.

    Raises:
        RefusedError: It has a final version with other content.
    """
    released = {path: digest for path, digest in wanted.items() if path not in placement.BESIDE}
    different = [digest.path for digest in find_different(target, released)]
    if not different:
        beside = placement.BESIDE & wanted.keys()
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


def _place_new(source: Path, other: Path, version: str, wanted: dict[str, FileDigest]) -> None:
    """Copy a version into a hidden folder of the other store, then move it to its folder."""
    staged = other / f"{lock.COPYING}{version}"
    staged.mkdir(exist_ok=True)
    try:
        copy_files(source, staged, wanted)
        placement.place(staged, other, version)
        shutil.rmtree(staged, ignore_errors=True)  # the draft that was replaced
    except Exception:
        shutil.rmtree(staged, ignore_errors=True)
        raise


def _add(source: Path, target: Path, missing: dict[str, FileDigest]) -> None:
    """Add files beside a release, such as its signature, to a version that lacks them."""
    for path in missing:
        durable.write(target / path, (source / path).read_bytes())
    for digest in find_different(target, missing):
        raise RefusedError(
            f"{target / digest.path}: has other bytes when it is read back: try again"
        )


def find_different(folder: Path, wanted: Mapping[str, FileDigest]) -> Iterator[FileDigest]:
    """Yield the wanted files that a folder lacks or has with other bytes.

    Files are read from the disk, not from the memory of the system, if the system allows it.
    """
    for digest in wanted.values():
        path = folder / digest.path
        if path.is_symlink() or not path.is_file() or path.stat().st_size != digest.bytes:
            yield digest
            continue
        _drop_from_memory(path)
        if checksums.digest(path, digest.path) != digest:
            yield digest


def _drop_from_memory(path: Path) -> None:
    """Ask the system to drop a file from its memory, so that it is read from the disk."""
    if hasattr(os, "posix_fadvise"):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)


def copy_files(source: Path, target: Path, wanted: Mapping[str, FileDigest]) -> None:
    """Copy the wanted files of a folder that another one lacks, and remove all others there.

    Every file is read back. If the copy is interrupted, the next call completes it.

    Raises:
        RefusedError: A file has other bytes when it is read back.
    """
    for path in sorted(target.rglob("*"), reverse=True):
        if not path.is_dir() and path.relative_to(target).as_posix() not in wanted:
            path.unlink()
    copied = list(find_different(target, wanted))
    for digest in copied:
        place = target / digest.path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / digest.path, place, follow_symlinks=False)
    durable.sync_tree(target)
    for digest in find_different(target, {digest.path: digest for digest in copied}):
        raise RefusedError(
            f"{target / digest.path}: has other bytes than {source / digest.path} when it is read back: "
            "try again, and if it fails again look at the disks"
        )
