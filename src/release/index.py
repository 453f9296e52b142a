"""The index of a store: versions.json, index.html and latest.json, derived from the versions' folders."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from release import durable, entries, listing, versions
from release.entries import Entry
from release.errors import RefusedError

INDEX, PAGE, LATEST = "versions.json", "index.html", "latest.json"

#: The files of an index in the order in which they are written: what a machine asks first comes last.
NAMES = (INDEX, PAGE, LATEST)

#: Ends the name of the file beside a version's folder that says why the version was withdrawn.
WITHDRAWN = ".withdrawn.json"

_HOW_MARKED = (
    "expected the version and the reason why it was withdrawn, as `release yank` writes them"
)


def read(store: Path) -> dict[str, Entry] | None:
    """The entries of a store's index by version; None where there is no index.

    Raises:
        RefusedError: it cannot be read.
    """
    path = store / INDEX
    try:
        held = [entries.from_json(value) for value in json.loads(path.read_bytes())["versions"]]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise RefusedError(
            f"{path}: cannot be read: {error}; remove it and run `release reindex {store}`, which "
            "makes it from the versions that are there"
        ) from error
    return {entry.version: entry for entry in held}


def folders(store: Path) -> dict[str, Path]:
    """The folders in a store that bear the name of a version, by that."""
    found = store.iterdir() if store.is_dir() else ()
    named = [path for path in found if path.is_dir() and versions.is_version(path.name)]
    return {path.name: path for path in sorted(named)}


def derived(store: Path) -> tuple[dict[str, Entry], dict[str, str]]:
    """The entries of the whole versions in a store, and what is wrong with the others."""
    held, problems = {}, {}
    for version, path in folders(store).items():
        try:
            held[version] = entries.derived(path)
        except RefusedError as error:
            problems[version] = str(error)
    return held, problems


def withdrawn(store: Path, version: str) -> str | None:
    """Why a version was withdrawn, if it was.

    Raises:
        RefusedError: what says so cannot be read.
    """
    path = store / f"{version}{WITHDRAWN}"
    try:
        value = json.loads(path.read_bytes())
        reason = value["reason"] if value["version"] == version else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise RefusedError(f"{path}: cannot be read: {error}; {_HOW_MARKED}") from error
    if not isinstance(reason, str) or not reason:
        raise RefusedError(f"{path}: {_HOW_MARKED}")
    return reason


def withdraw(store: Path, version: str, reason: str) -> None:
    """Note that a version was withdrawn: beside its folder, no byte of which changes."""
    marker = _json({"version": version, "reason": reason})
    durable.write(store / f"{version}{WITHDRAWN}", marker)


def marked(store: Path, held: Iterable[Entry]) -> list[Entry]:
    """Entries, newest first, with the reasons why versions were withdrawn."""
    found = [entries.withdrawn(entry, withdrawn(store, entry.version)) for entry in held]
    return sorted(found, key=lambda entry: versions.key(entry.version), reverse=True)


def latest(held: Iterable[Entry]) -> Entry | None:
    """The newest version that is final and was not withdrawn."""
    final = (entry for entry in held if entry.status == "final")
    return max(final, key=lambda entry: versions.key(entry.version), default=None)


def rendered(held: Iterable[Entry]) -> dict[str, bytes | None]:
    """The files of an index, a function of its entries, which come newest first.

    Where no version is final and not withdrawn, there is no LATEST: whoever asks for it gets nothing, and
    no draft, which may change under the digest that they were given.
    """
    ordered = list(held)
    newest = latest(ordered)
    number = newest.version if newest else None
    listed = [entries.to_json(entry) for entry in ordered]
    files: dict[str, bytes | None] = {
        INDEX: _json({"latest": number, "versions": listed}),
        PAGE: listing.page(ordered, number).encode(),
        LATEST: None,
    }
    if newest:
        parts = {"archive": asdict(newest.archive), "checksums": asdict(newest.checksums)}
        files[LATEST] = _json({"version": number, "created": newest.created, **parts})
    return files


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def update(store: Path, without: str | None = None) -> None:
    """Bring the index of a locked store up to date, `without` a version that is about to be replaced.

    What it says of a final version stays, but for whether that was withdrawn. Drafts, and versions that it
    does not name yet, are read from their folders; those that are not whole are not named.
    """
    kept = {k: e for k, e in (read(store) or {}).items() if not versions.is_draft(k)}
    for version, path in folders(store).items():
        if version not in kept and version != without:
            with suppress(RefusedError):
                kept[version] = entries.derived(path)
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
    """What is in a file, if it is there."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


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
