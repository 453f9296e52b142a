"""The index of a store: versions.json, index.html and latest.json, derived from the versions in it."""

from __future__ import annotations

import errno
import gc
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from release.findings.finding import Finding, FindingsError
from release.findings.message import shown
from release.store import entry as store_entry
from release.store import page
from release.store.entry import VersionEntry
from release.syntax import json as syntax_json
from release.syntax import versions
from release.syntax.escapes import quote_shell
from release.system import durable
from release.system import files as system_files

INDEX, PAGE, LATEST = "versions.json", "index.html", "latest.json"

#: The files of an index in the order in which they are written: the one that machines read first comes last.
NAMES = (INDEX, PAGE, LATEST)

#: The suffix of the file beside a version's folder that says why the version was withdrawn.
WITHDRAWN = ".withdrawn.json"

_EXPECTED_MARK = "expected the version and the reason why it was withdrawn"


#: The most bytes of an index: with the files that a release has, some 150,000 versions.
MOST_BYTES = 1 << 27


def read(store: Path) -> dict[str, VersionEntry] | None:
    """Return the entries of a store's index by version; None if there is no index.

    Raises:
        FindingsError: The index cannot be read.
    """
    path = store / INDEX
    try:
        held = _parse(system_files.read(path, MOST_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        what = f"cannot be read: {_reason(error)}{_remedy(error)}"
        message = f"{what}; {reindex_hint(store)}"
        raise FindingsError([finding("index-syntax", store, INDEX, message)]) from error
    return {entry.version: entry for entry in held}


@lru_cache(maxsize=2)
def _parse(data: bytes) -> tuple[VersionEntry, ...]:
    """Return the entries of an index; a large one takes seconds, and is parsed once.

    Raises:
        ValueError: The bytes are no index; the message is written for people.
    """
    was_enabled = gc.isenabled()
    gc.disable()  # nothing of it is garbage, and looking for some takes half of the time
    try:
        return tuple(_entries(syntax_json.parse_json(data)))
    finally:
        if was_enabled:
            gc.enable()


def finding(rule: str, store: Path, name: str, message: str) -> Finding:
    """Return a finding about a file of a store; its path begins at the store."""
    return Finding(rule, name, message, file=str(store / name))


def _entries(value: Any) -> list[VersionEntry]:
    """Return the entries of an index that was parsed as JSON.

    Raises:
        ValueError: The value is no index; the message is written for people.
    """
    if not isinstance(value, dict):
        raise ValueError(f"is {shown(value)}, expected an object")
    listed = value.get("versions")
    if not isinstance(listed, list):
        raise ValueError(f"versions is {shown(listed)}, expected a list")
    return [store_entry.from_json(each, f"versions[{at}]") for at, each in enumerate(listed)]


def _reason(error: Exception) -> str:
    """Return the reason why a file cannot be read."""
    if isinstance(error, IsADirectoryError):
        return "it is a folder, expected a file"
    return str((isinstance(error, OSError) and error.strerror) or error)


def _remedy(error: Exception) -> str:
    """Return the advice to remove a folder or pipe that has the name of a file; otherwise nothing."""
    is_no_file = isinstance(error, OSError) and error.errno in (errno.EISDIR, errno.EINVAL)
    return "; remove it" if is_no_file else ""


def reindex_hint(store: Path) -> str:
    """Return the advice to write an index that is wrong or missing again."""
    return f"`release reindex {quote_shell(str(store))}` makes it from the versions that are there"


def is_store(folder: Path) -> bool:
    """Return whether a folder has versions, or an index of versions, which may be gone."""
    try:
        return bool(folders(folder)) or read(folder) is not None
    except FindingsError:
        return False


def folders(store: Path) -> dict[str, Path]:
    """Return the folders in a store that are named as a version, by version."""
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
    """Return the reason why a version was withdrawn; None if it was not.

    Raises:
        FindingsError: The file with the reason cannot be read.
    """
    path = store / f"{version}{WITHDRAWN}"
    try:
        value = syntax_json.parse_json(system_files.read(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        what = f"cannot be read: {_reason(error)}; {_EXPECTED_MARK}"
        raise _unusable_mark(store, version, what) from error
    mark = value if isinstance(value, dict) else {}
    reason = mark.get("reason") if mark.get("version") == version else None
    if not isinstance(reason, str) or not reason:
        raise _unusable_mark(store, version, _EXPECTED_MARK)
    return reason


def _unusable_mark(store: Path, version: str, what: str) -> FindingsError:
    """Return the error of a withdrawal that lacks its reason, with the advice what to do."""
    command = f"`release yank {version} --reason TEXT --store {quote_shell(str(store))}`"
    advice = f"{command} writes it anew, or remove it if the version was not withdrawn"
    name = f"{version}{WITHDRAWN}"
    return FindingsError([finding("withdrawal-syntax", store, name, f"{what}; {advice}")])


def withdraw(store: Path, version: str, reason: str) -> None:
    """Write the reason why a version was withdrawn into a file beside its folder, which stays as it is."""
    marker = _json({"version": version, "reason": reason})
    durable.write(store / f"{version}{WITHDRAWN}", marker)


def marked(store: Path, held: Iterable[VersionEntry]) -> list[VersionEntry]:
    """Return entries, newest first, with the status and reason of withdrawn versions.

    Raises:
        FindingsError: A withdrawal cannot be read.
    """
    marks = {path.name for path in store.glob(f"*{WITHDRAWN}")}
    found = [
        store_entry.withdrawn(
            entry,
            withdrawn(store, entry.version) if f"{entry.version}{WITHDRAWN}" in marks else None,
        )
        for entry in held
    ]
    return sorted(found, key=lambda entry: versions.key(entry.version), reverse=True)


def latest(held: Iterable[VersionEntry]) -> VersionEntry | None:
    """Return the entry of the newest version that is final and was not withdrawn; None if there is none."""
    final = (entry for entry in held if entry.status == "final")
    return max(final, key=lambda entry: versions.key(entry.version), default=None)


def rendered(held: Iterable[VersionEntry]) -> dict[str, bytes | None]:
    """Return the bytes of each file of an index, which depend only on its entries, newest first.

    LATEST is None if no version is final and not withdrawn: a draft, which may change later, is never the
    latest version.
    """
    ordered = list(held)
    newest = latest(ordered)
    number = newest.version if newest else None
    listed = [store_entry.to_json(entry) for entry in ordered]
    files: dict[str, bytes | None] = {
        INDEX: _json({"latest": number, "versions": listed}),
        PAGE: page.render_page(ordered, newest).encode(),
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
    """Bring the index of a locked store up to date.

    The entries of final versions stay, except their status. The entries of drafts, and of versions that the
    index does not list yet, are derived from their folders. Versions that are not whole are left out.

    Args:
        store: The store.
        without: A version that is about to be replaced, and is left out.
        placed: The versions that were just placed, each with the `known` values of `entry.derived`.

    Raises:
        FindingsError: A version that was placed is not whole, or the index or a withdrawal cannot be read.
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
    """Write the files of an index in their order, except those that have the same bytes already."""
    for name in NAMES:
        path, data = store / name, files[name]
        if content(path) == data:
            continue
        if data is None:
            path.unlink(missing_ok=True)
        else:
            durable.write(path, data)


def content(path: Path) -> bytes | None:
    """Return the bytes of a file of an index; None if it is not there.

    Raises:
        FindingsError: The file cannot be read.
    """
    try:
        return system_files.read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        what = f"cannot be read: {_reason(error)}{_remedy(error)}"
        raise FindingsError([finding("index-syntax", path.parent, path.name, what)]) from error


@contextmanager
def restored_on_failure(store: Path) -> Iterator[None]:
    """Restore the index of a locked store if the body of the `with` statement fails."""
    now = {name: content(store / name) for name in NAMES}
    try:
        yield
    except BaseException:
        with suppress(OSError):
            write(store, now)
        raise
