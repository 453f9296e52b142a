"""Compare the index of a store with the versions in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from release.findings.finding import Finding, FindingsError
from release.findings.message import printable, shown
from release.package.checksums import FileDigest
from release.store import index
from release.store.entry import Changes, VersionEntry
from release.store.index import finding
from release.syntax import versions as numbers


def check_index(store: Path) -> list[Finding]:
    """Find all that is wrong with the index of a store; nothing if it says just what the folders hold.

    SHA256SUMS and the zip of each version are hashed, and no other file may be missing. Whether the other
    files are right is for `verify` of that version.
    """
    found, problems = index.derived(store)
    broken = [each for findings in problems.values() for each in findings]
    try:
        listed = index.read(store)
        ordered = index.marked(store, found.values())
    except FindingsError as error:
        return [*broken, *error.findings]
    findings = [*broken, *_stray_withdrawals(store, found)]
    if listed is None:
        message = f"is not there; {index.reindex_hint(store)}"
        return [*findings, finding("index-missing", store, index.INDEX, message)]
    findings += _check_entries(store, listed, {entry.version: entry for entry in ordered}, problems)
    return findings or list(_check_files(store, ordered))


def compare_names(store: Path) -> list[Finding]:
    """Find the versions that the index lists and that are not there, and those that it does not list.

    Raises:
        FindingsError: the index cannot be read.
    """
    listed = index.read(store)
    if listed is None:
        return []
    there = index.folders(store)
    findings = [_gone(store, version) for version in listed if version not in there]
    return findings + [_unlisted(store, version) for version in there if version not in listed]


def check_final_versions(
    store: Path, found: Mapping[str, VersionEntry], broken: Mapping[str, Sequence[Finding]]
) -> Iterator[Finding]:
    """Yield what the index says of a final version that its folder does not; nothing if it cannot be read."""
    try:
        listed = index.read(store) or {}
    except FindingsError:
        return
    for version, entry in listed.items():
        if numbers.is_draft(version) or version in broken:
            continue
        if version not in found:
            message = f"lists {version}, which is not there: put it back, or remove the index to forget it"
            yield finding("index-gone", store, index.INDEX, message)
        elif differing := compare_entries(entry, found[version]):
            message = (
                f"{differing[0]}; a final version stays as it was: put it back, or remove the index if "
                "the version is right"
            )
            yield finding("index-entry", store, index.INDEX, message)


#: What an index may say of a final version and no longer say later.
_MAY_CHANGE = frozenset(["status", "reason"])


def compare_entries(listed: VersionEntry, found: VersionEntry) -> list[str]:
    """Return a message for each value in which an entry of the index differs from the version's folder."""
    return [
        f"{name} of {listed.version} is {_shown(one)}, its folder has {_shown(other)}"
        for name, one, other in _pairs(listed, found)
        if one != other
    ]


def _pairs(listed: VersionEntry, found: VersionEntry) -> Iterator[tuple[str, Any, Any]]:
    """Yield the values of two entries by name; those of `changes` one by one if both have it."""
    for field in fields(VersionEntry):
        one, other = getattr(listed, field.name), getattr(found, field.name)
        if isinstance(one, Changes) and isinstance(other, Changes):
            for part in fields(Changes):
                name = f"{field.name}.{part.name}"
                yield name, getattr(one, part.name), getattr(other, part.name)
        elif field.name not in _MAY_CHANGE:
            yield field.name, one, other


def _shown(value: Any) -> str:
    """Return a value of an entry as a message shows it."""
    if isinstance(value, FileDigest):
        return f"{printable(value.path)} of {value.bytes} bytes with {printable(value.hash)}"
    if isinstance(value, Changes):
        return f"one since {printable(value.before)}" if value.before else "that of a first version"
    if isinstance(value, tuple):
        return " and ".join(map(printable, value)) or "none"
    return str(shown(value))


def _gone(store: Path, version: str) -> Finding:
    return finding("index-gone", store, index.INDEX, f"lists {version}, which is not there")


def _unlisted(store: Path, version: str) -> Finding:
    message = f"does not list {version}, which is there; {index.reindex_hint(store)}"
    return finding("index-unlisted", store, index.INDEX, message)


def _stray_withdrawals(store: Path, found: Mapping[str, VersionEntry]) -> Iterator[Finding]:
    for path in sorted(store.glob(f"*{index.WITHDRAWN}")):
        version = path.name.removesuffix(index.WITHDRAWN)
        if version not in found:
            message = f"is for version {shown(version)}, which is not there"
            yield finding("withdrawal-stray", store, path.name, message)


def _check_entries(
    store: Path,
    listed: Mapping[str, VersionEntry],
    found: Mapping[str, VersionEntry],
    broken: Mapping[str, Sequence[Finding]],
) -> Iterator[Finding]:
    """Yield what is wrong with each entry of an index, then the versions that the index lacks."""
    for version, entry in listed.items():
        if version in found:
            for message in compare_entries(entry, found[version]):
                yield finding("index-entry", store, index.INDEX, message)
            status, expected = entry.status, found[version].status
            if (status, entry.reason) != (expected, found[version].reason):
                message = f"{version} is {status}, expected {expected}; {index.reindex_hint(store)}"
                yield finding("index-entry", store, index.INDEX, message)
        elif version in broken:
            message = f"lists {version}, which is not whole"
            yield finding("index-gone", store, index.INDEX, message)
        else:
            yield _gone(store, version)
    for version in found:
        if version not in listed:
            yield _unlisted(store, version)


def _check_files(store: Path, ordered: list[VersionEntry]) -> Iterator[Finding]:
    """Yield the files of an index that differ from what its entries, which are right, make."""
    advice = index.reindex_hint(store)
    rewritten = []
    for name, data in index.rendered(ordered).items():
        try:
            now = index.content(store / name)
        except FindingsError as error:
            yield from error.findings
            continue
        if now == data:
            continue
        if now and data == now.replace(b"\r\n", b"\n"):
            rewritten.append(name)
            continue
        if data is None:
            message = f"is there though no version is final and not withdrawn; {advice}"
        elif now is None:
            message = f"is not there; {advice}"
        else:
            message = f"is not what this version of release makes of the store; {advice}"
        yield finding("index-stale", store, name, message)
    if rewritten:
        more = f", as have {' and '.join(rewritten[1:])}" if rewritten[1:] else ""
        message = f"has line ends that were rewritten, by Git for example{more}; {advice}"
        yield finding("line-ends-rewritten", store, rewritten[0], message)
