"""The folder that is to be a store: one in which versions and their index may be written."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from release.findings.errors import UsageError
from release.package.checksums import SUMS
from release.store import index
from release.system.replacement import replacing
from release.system.surroundings import ATTRIBUTES

#: The file that keeps Git from rewriting line ends in a store: checksums speak of every byte.
GIT = ".gitattributes"


def check_target(folder: Path) -> None:
    """Raise an error if a folder can neither be nor become a store.

    Raises:
        UsageError: it is a release or in one, or in another store; it is no folder, or may not be written
            to; or it has a file of others where an index would be written.
    """
    if is_release(folder):
        raise UsageError(f"{folder}: is a release, expected a store of releases")
    check_links(folder)
    _check_parents(folder)
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if not nearest.is_dir():
        raise UsageError(f"{folder}: {nearest} is no folder, expected a store or a place for one")
    if not os.access(nearest, os.W_OK | os.X_OK):
        above = f" {nearest}" if nearest != folder else ""
        raise UsageError(f"{folder}:{above} may not be written to")
    taken = [folder / name for name in index.NAMES if (folder / name).exists()]
    if taken and not index.is_store(folder):
        raise UsageError(
            f"{taken[0]}: is there, in a folder that holds no version and no index of versions; a store "
            "would write its own: expected a store, or a folder without that file"
        )


def check_links(place: Path) -> None:
    """Raise an error if a path, or a folder above it, is a link to nothing or to itself.

    Raises:
        UsageError: one is.
    """
    for path in (place, *place.parents):
        if path.is_symlink() and not path.exists():
            raise UsageError(f"{place}: {path} is a link that leads nowhere, expected a folder")


def _check_parents(place: Path) -> None:
    """Raise an error if a folder is in a release or in a store."""
    there = place.resolve()
    known = {path.resolve(): path for path in place.parents}
    for path in there.parents:
        if is_release(path):
            inside = known.get(path, path)
            raise UsageError(f"{place}: is in {inside}, a release, expected another store")
    for path in there.parents:
        if (path / index.INDEX).is_file() and index.is_store(path):
            inside = known.get(path, path)
            raise UsageError(f"{place}: is in the store {inside}, expected a folder outside of it")


def is_release(folder: Path) -> bool:
    """Return True if a folder has the files that every release has."""
    return all((folder / name).is_file() for name in ("datapackage.json", SUMS))


def keep_line_ends(store: Path) -> None:
    """Write what keeps Git from rewriting line ends in a store, unless it has a file of that name.

    No version depends on it, so a store where it cannot be written is as good without it.
    """
    path = store / GIT
    if not os.path.lexists(path):
        with suppress(OSError), replacing(path, mode=None) as file:
            file.write(ATTRIBUTES)
