"""The index of a store: versions.json, index.html and latest.json, derived from the versions' folders."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from release import versions
from release.errors import RefusedError, UsageError
from release.findings import shown
from release.package.checksums import SUMS
from release.store import entry as store_entry
from release.store import page
from release.store.entry import Entry
from release.syntax import json as syntax_json
from release.system import durable
from release.system import files as system_files

INDEX, PAGE, LATEST = "versions.json", "index.html", "latest.json"

#: The files of an index in the order in which they are written: what a machine asks first comes last.
NAMES = (INDEX, PAGE, LATEST)

#: Ends the name of the file beside a version's folder that says why the version was withdrawn.
WITHDRAWN = ".withdrawn.json"

_HOW_MARKED = "expected the version and the reason why it was withdrawn"


def read(store: Path) -> dict[str, Entry] | None:
    """The entries of a store's index by version; None where there is no index.

    Raises:
        RefusedError: it cannot be read.
    """
    path = store / INDEX
    try:
        held = _entries(syntax_json.parse_json(system_files.read(path)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        what = f"cannot be read: {_told(error)}{_in_the_way(error)}"
        raise RefusedError(f"{path}: {what}; {how_made(store)}") from error
    return {entry.version: entry for entry in held}


def _entries(value: Any) -> list[Entry]:
    """The entries in what an index holds.

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
    """What is wrong with a file that cannot be read."""
    if isinstance(error, IsADirectoryError):
        return "it is a folder, expected a file"
    return str((isinstance(error, OSError) and error.strerror) or error)


def _in_the_way(error: Exception) -> str:
    """What to do first where something stands at the place of a file that is none; nothing where not."""
    is_none = isinstance(error, OSError) and error.errno in (errno.EISDIR, errno.EINVAL)
    return "; remove it" if is_none else ""


def how_made(store: Path) -> str:
    """What to do about an index that is not as it should be."""
    return f"`release reindex {store}` makes it from the versions that are there"


def is_store(folder: Path) -> bool:
    """Whether a folder has versions, or an index of versions that may be gone."""
    try:
        return bool(folders(folder)) or read(folder) is not None
    except RefusedError:
        return False


def refuse_place(folder: Path) -> None:
    """Say so where a folder may not become a store, for it is something else.

    Raises:
        UsageError: it is a release or in one, to which nothing may be added; in another store; no folder, or
            none that may be written to; or has a file of others where an index would be written.
    """
    if is_release(folder):
        raise UsageError(f"{folder}: is a release, expected a store of releases")
    refuse_link(folder)
    _refuse_inside(folder)
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if not nearest.is_dir():
        raise UsageError(f"{folder}: {nearest} is no folder, expected a store or a place for one")
    if not os.access(nearest, os.W_OK | os.X_OK):
        above = f" {nearest}" if nearest != folder else ""
        raise UsageError(f"{folder}:{above} may not be written to")
    taken = [folder / name for name in NAMES if (folder / name).exists()]
    if taken and not is_store(folder):
        raise UsageError(
            f"{taken[0]}: is there, in a folder that holds no version and no index of versions; a store "
            "would write its own: expected a store, or a folder without that file"
        )


def refuse_link(place: Path) -> None:
    """Say so where a place is, or is below, a link to nothing or to itself.

    Raises:
        UsageError: it is.
    """
    for path in (place, *place.parents):
        if path.is_symlink() and not path.exists():
            raise UsageError(f"{place}: {path} is a link that leads nowhere, expected a folder")


def _refuse_inside(place: Path) -> None:
    """Say so where a folder is in a release or in a store."""
    there = place.resolve()
    known = {path.resolve(): path for path in place.parents}
    for path in there.parents:
        if is_release(path):
            inside = known.get(path, path)
            raise UsageError(f"{place}: is in {inside}, a release, expected another store")
    for path in there.parents:
        if (path / INDEX).is_file() and is_store(path):
            inside = known.get(path, path)
            raise UsageError(f"{place}: is in the store {inside}, expected a folder outside of it")


def is_release(folder: Path) -> bool:
    """Whether a folder has what every release has."""
    return all((folder / name).is_file() for name in ("datapackage.json", SUMS))


def folders(store: Path) -> dict[str, Path]:
    """The folders in a store that bear the name of a version, by that."""
    found = store.iterdir() if store.is_dir() else ()
    named = [path for path in found if path.is_dir() and versions.is_version(path.name)]
    return {path.name: path for path in sorted(named)}


def derived(store: Path, without: Collection[str] = ()) -> tuple[dict[str, Entry], dict[str, str]]:
    """The entries of the whole versions in a store, and what is wrong with others, `without` some of them."""
    held, problems = {}, {}
    for version, path in folders(store).items():
        if version in without:
            continue
        try:
            held[version] = store_entry.derived(path)
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
        value = syntax_json.parse_json(system_files.read(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        what = f"cannot be read: {_told(error)}; {_HOW_MARKED}"
        raise RefusedError(f"{path}: {what}{_how_mended(store, version)}") from error
    mark = value if isinstance(value, dict) else {}
    reason = mark.get("reason") if mark.get("version") == version else None
    if not isinstance(reason, str) or not reason:
        raise RefusedError(f"{path}: {_HOW_MARKED}{_how_mended(store, version)}")
    return reason


def _how_mended(store: Path, version: str) -> str:
    """What to do about a mark that does not say why its version was withdrawn."""
    command = f"`release yank {version} --reason TEXT --store {store}`"
    return f"; {command} writes it anew, or remove it if the version was not withdrawn"


def withdraw(store: Path, version: str, reason: str) -> None:
    """Note that a version was withdrawn: beside its folder, no byte of which changes."""
    marker = _json({"version": version, "reason": reason})
    durable.write(store / f"{version}{WITHDRAWN}", marker)


def marked(store: Path, held: Iterable[Entry]) -> list[Entry]:
    """Entries, newest first, with the reasons why versions were withdrawn."""
    found = [store_entry.withdrawn(entry, withdrawn(store, entry.version)) for entry in held]
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
        RefusedError: one that was placed is not whole, or the index, or a mark, cannot be read.
    """
    kept = {k: e for k, e in (read(store) or {}).items() if not versions.is_draft(k)}
    for version, path in folders(store).items():
        if version not in kept and version != without:
            try:
                kept[version] = store_entry.derived(path, (placed or {}).get(version))
            except RefusedError:
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
    """What is in a file of an index, if it is there.

    Raises:
        RefusedError: it cannot be read.
    """
    try:
        return system_files.read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        what = f"cannot be read: {_told(error)}{_in_the_way(error)}"
        raise RefusedError(f"{path}: {what}") from error


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
