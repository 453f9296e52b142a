"""The index of a store: versions.json, index.html and latest.json, derived from the versions' folders."""

from __future__ import annotations

import errno
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from release import versions
from release.findings import Finding, FindingsError, shown
from release.store import entry as store_entry
from release.store import page
from release.store.entry import VersionEntry
from release.syntax import json as syntax_json
from release.system import durable
from release.system import files as system_files

INDEX, PAGE, LATEST = "versions.json", "index.html", "latest.json"

#: The files of an index in the order in which they are written: what a machine asks first comes last.
NAMES = (INDEX, PAGE, LATEST)

#: Ends the name of the file beside a version's folder that says why the version was withdrawn.
WITHDRAWN = ".withdrawn.json"

_HOW_MARKED = "expected the version and the reason why it was withdrawn"


def read(store: Path) -> dict[str, VersionEntry] | None:
    """Read the entries of a store's index, by version; None if there is no index.

    Raises:
        FindingsError: it cannot be read.
    """
    path = store / INDEX
    try:
        held = _entries(syntax_json.parse_json(system_files.read(path)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        what = f"cannot be read: {_told(error)}{_in_the_way(error)}"
        message = f"{what}; {how_made(store)}"
        raise FindingsError([finding("index-syntax", store, INDEX, message)]) from error
    return {entry.version: entry for entry in held}


def finding(rule: str, store: Path, name: str, message: str) -> Finding:
    """Return a finding about a file of a store; its path begins at the store."""
    return Finding(rule, name, message, file=str(store / name))


def _entries(value: Any) -> list[VersionEntry]:
    """Read the entries in the content of an index.

    Raises:
        ValueError: it is no index; the message is for people.
    """
    if not isinstance(value, dict):
        raise ValueError(f"is {shown(value)}, expected an object")
    listed = value.get("versions")
    if not isinstance(listed, list):
        raise ValueError(f"versions is {shown(listed)}, expected a list")
    return [store_entry.from_json(each, f"versions[{at}]") for at, each in enumerate(listed)]


def _told(error: Exception) -> str:
    """Explain why a file cannot be read."""
    if isinstance(error, IsADirectoryError):
        return "it is a folder, expected a file"
    return str((isinstance(error, OSError) and error.strerror) or error)


def _in_the_way(error: Exception) -> str:
    """Advise to remove what is in a file's place and is no file; empty if nothing is."""
    is_none = isinstance(error, OSError) and error.errno in (errno.EISDIR, errno.EINVAL)
    return "; remove it" if is_none else ""


def how_made(store: Path) -> str:
    """Advise how to repair an index."""
    return f"`release reindex {store}` makes it from the versions that are there"


def is_store(folder: Path) -> bool:
    """Return whether a folder has versions, or an index of versions that may be gone."""
    try:
        return bool(folders(folder)) or read(folder) is not None
    except FindingsError:
        return False


def folders(store: Path) -> dict[str, Path]:
    """Return the folders in a store that have the name of a version, by version."""
    found = store.iterdir() if store.is_dir() else ()
    named = [path for path in found if path.is_dir() and versions.is_version(path.name)]
    return {path.name: path for path in sorted(named)}


def derived(
    store: Path, without: Collection[str] = ()
) -> tuple[dict[str, VersionEntry], dict[str, Sequence[Finding]]]:
    """Return the entries of the whole versions in a store, and the findings about the others, by version.

    The versions in `without` are left out.
    """
    held: dict[str, VersionEntry] = {}
    problems: dict[str, Sequence[Finding]] = {}
    for version, path in folders(store).items():
        if version in without:
            continue
        try:
            held[version] = store_entry.derived(path)
        except FindingsError as error:
            problems[version] = error.findings
    return held, problems


def withdrawn(store: Path, version: str) -> str | None:
    """Return why a version was withdrawn; None if it was not.

    Raises:
        FindingsError: what says so cannot be read.
    """
    path = store / f"{version}{WITHDRAWN}"
    try:
        value = syntax_json.parse_json(system_files.read(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        what = f"cannot be read: {_told(error)}; {_HOW_MARKED}"
        raise _unusable_mark(store, version, what) from error
    mark = value if isinstance(value, dict) else {}
    reason = mark.get("reason") if mark.get("version") == version else None
    if not isinstance(reason, str) or not reason:
        raise _unusable_mark(store, version, _HOW_MARKED)
    return reason


def _unusable_mark(store: Path, version: str, what: str) -> FindingsError:
    """Return the error of a mark that does not say why its version was withdrawn, and what to do about it."""
    command = f"`release yank {version} --reason TEXT --store {store}`"
    mended = f"{command} writes it anew, or remove it if the version was not withdrawn"
    name = f"{version}{WITHDRAWN}"
    return FindingsError([finding("withdrawal-syntax", store, name, f"{what}; {mended}")])


def withdraw(store: Path, version: str, reason: str) -> None:
    """Note that a version was withdrawn: beside its folder, no byte of which changes."""
    marker = _json({"version": version, "reason": reason})
    durable.write(store / f"{version}{WITHDRAWN}", marker)


def marked(store: Path, held: Iterable[VersionEntry]) -> list[VersionEntry]:
    """Entries, newest first, with the reasons why versions were withdrawn."""
    found = [store_entry.withdrawn(entry, withdrawn(store, entry.version)) for entry in held]
    return sorted(found, key=lambda entry: versions.key(entry.version), reverse=True)


def latest(held: Iterable[VersionEntry]) -> VersionEntry | None:
    """Return the newest version that is final and was not withdrawn."""
    final = (entry for entry in held if entry.status == "final")
    return max(final, key=lambda entry: versions.key(entry.version), default=None)


def rendered(held: Iterable[VersionEntry]) -> dict[str, bytes | None]:
    """Return the files of an index, made from its entries, newest first.

    Where no version is final and not withdrawn, there is no LATEST: whoever asks for it gets nothing, and
    no draft, which may change under the digest that they were given.
    """
    ordered = list(held)
    newest = latest(ordered)
    number = newest.version if newest else None
    listed = [store_entry.to_json(entry) for entry in ordered]
    files: dict[str, bytes | None] = {
        INDEX: _json({"latest": number, "versions": listed}),
        PAGE: page.page(ordered, newest).encode(),
        LATEST: None,
    }
    if newest:
        parts = {"archive": asdict(newest.archive), "checksums": asdict(newest.checksums)}
        files[LATEST] = _json({"version": number, "created": newest.created, **parts})
    return files


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def update(
    store: Path,
    without: str | None = None,
    placed: Mapping[str, tuple[str, int] | None] | None = None,
) -> None:
    """Bring the index of a locked store up to date, `without` a version that is about to be replaced.

    What it says of a final version stays, but for whether that was withdrawn. Drafts, and versions that it
    does not name yet, are read from their folders; those that are not whole are not named, but for those
    just `placed`, of which some is known, as `entries.derived` takes it.

    Raises:
        FindingsError: one that was placed is not whole, or the index, or a mark, cannot be read.
    """
    kept = {k: e for k, e in (read(store) or {}).items() if not versions.is_draft(k)}
    for version, path in folders(store).items():
        if version not in kept and version != without:
            try:
                kept[version] = store_entry.derived(path, (placed or {}).get(version))
            except FindingsError:
                if placed and version in placed:
                    raise
    if kept or (store / INDEX).exists():
        write(store, rendered(marked(store, kept.values())))


def write(store: Path, files: Mapping[str, bytes | None]) -> None:
    """Write the files of an index in their order; those that are as they should be are left."""
    for name in NAMES:
        path, data = store / name, files[name]
        if content(path) == data:
            continue
        if data is None:
            path.unlink(missing_ok=True)
        else:
            durable.write(path, data)


def content(path: Path) -> bytes | None:
    """Return the bytes of a file of an index; None if it is missing.

    Raises:
        FindingsError: it cannot be read.
    """
    try:
        return system_files.read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        what = f"cannot be read: {_told(error)}{_in_the_way(error)}"
        raise FindingsError([finding("index-syntax", path.parent, path.name, what)]) from error


@contextmanager
def restored_on_failure(store: Path) -> Iterator[None]:
    """Put the index of a locked store back as it is now, if what follows fails."""
    now = {name: content(store / name) for name in NAMES}
    try:
        yield
    except BaseException:
        with suppress(OSError):
            write(store, now)
        raise
