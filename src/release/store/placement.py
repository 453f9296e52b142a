"""Place a finished release in a store, as a whole or not at all."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from release.findings.errors import RefusedError, naming_full_disk
from release.findings.finding import FindingsError
from release.package.write import Packed, files
from release.store import contents as stores
from release.store import index, lock
from release.store import target as store_target
from release.syntax import versions
from release.system import durable, replacement
from release.system.folders import Folder, NoFileError
from release.system.surroundings import find_maker

#: Files beside the zip and not in it: how and where the release was built, and who signed it. They may differ
#: between builds of one release.
BESIDE = frozenset(["buildinfo.json", "provenance.intoto.json", "SHA256SUMS.sig"])


@contextmanager
def staging(store: Path) -> Iterator[Path]:
    """Lock a store, and make a folder in it for a release that is being built; remove that afterwards.

    Raises:
        UsageError: The folder can be no store.
        RefusedError: Another command is writing to the store, or its index cannot be read.
    """
    store_target.check_target(store)
    with naming_full_disk(store), lock.held(store):
        index.read(store)  # an index that cannot be read is refused before the work
        folder = store / replacement.temporary_name(lock.BUILDING)
        folder.mkdir()  # as the umask says; `tempfile` makes folders for their owner alone
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def place(
    folder: Path, store: Path, version: str, packed: Packed | None = None
) -> tuple[Path, bool]:
    """Move a finished release to its folder in a store, then add it to the store's index.

    Args:
        folder: The folder that `staging` made, with the release in it.
        store: The store, which is locked.
        version: The version, which is the name of its folder.
        packed: The digest of the zip and the size of the files, if they are known.

    Returns:
        The folder of the version, and False if the same version was there already.

    Raises:
        RefusedError: The version is there with other content and is no draft, or the release is not whole.
    """
    target = store / version
    is_new = not target.exists() or _is_replaced(folder, target)
    with index.restored_on_failure(store):
        if not is_new:
            index.update(store)
            store_target.keep_line_ends(store)
        else:
            stores.refuse_other(store, folder, version)
            durable.sync_tree(folder)
            with _moved(folder, target):
                index.update(store, placed={version: packed})
                store_target.keep_line_ends(store)
    return target, is_new


def _is_replaced(folder: Path, target: Path) -> bool:
    """Return whether a release replaces the one at its target: a draft with other content.

    Raises:
        RefusedError: The one at the target is final and has other content.
    """
    different = compare_files(folder, target)
    if different and not versions.is_draft(target.name):
        raise RefusedError(
            f"{target} is there with other content ({', '.join(different[:3])}"
            f"{f' and {len(different) - 3} more' if len(different) > 3 else ''}); "
            "a final version is written once: give this one a new version in datapackage.yaml"
        )
    return bool(different)


@contextmanager
def _moved(folder: Path, target: Path) -> Iterator[None]:
    """Move a release to its target, or exchange it with the draft there; undo that on failure.

    A draft is removed from the index before it is replaced, so that no entry of the index is ever wrong.
    """
    new, store = folder.stat(), target.parent
    parked = store / f"{lock.REPLACED}{target.name}"
    try:
        if target.exists():
            index.update(store, without=target.name)
            durable.exchange(folder, target, parked)
        else:
            folder.replace(target)
        durable.sync(store)
        yield
    except BaseException:
        if target.exists() and os.path.samestat(target.stat(), new):
            if folder.exists():
                durable.exchange(folder, target, parked)
            else:
                target.replace(folder)
        lock.recover(store)
        raise


def compare_files(one: Path, other: Path) -> list[str]:
    """Return the paths of the files in which two releases differ, except those of BESIDE and of desktops."""
    ours, theirs = (set(_released(folder)) - BESIDE for folder in (one, other))
    both = sorted(ours & theirs)
    changed = [path for path in both if not filecmp.cmp(one / path, other / path, shallow=False)]
    return sorted({*changed, *(ours ^ theirs)})


def _released(folder: Path) -> Iterator[str]:
    """Yield the paths of the files in a folder that no desktop has put there."""
    return (path for path in files(folder) if not find_maker(folder, path))


def has_file(store: Path, version: str, name: str) -> bool:
    """Return whether a version has a file of that name beside its zip.

    Raises:
        FindingsError: Something else has that name.
    """
    try:
        Folder.at(store / version).stat(name)
    except FileNotFoundError:
        return False
    except NoFileError as error:
        found = index.finding("not-a-file", store, f"{version}/{name}", str(error.strerror))
        raise FindingsError([found]) from error
    return True
