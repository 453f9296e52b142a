"""Place a finished release in a store: whole or not at all."""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from release import versions
from release.errors import RefusedError
from release.package.write import Packed, files
from release.store import contents as stores
from release.store import index, lock
from release.store import target as store_target
from release.system import durable
from release.system import files as system_files

#: Beside the zip and not in it: how and where a release was built, and who stands for it. They may differ
#: between builds of one release.
BESIDE = frozenset(["buildinfo.json", "provenance.intoto.json", "SHA256SUMS.sig"])


@contextmanager
def staging(store: Path) -> Iterator[Path]:
    """A new folder inside a store, for a release in the making; gone afterwards, whatever happens.

    The store is locked meanwhile.

    Raises:
        UsageError: the folder can be no store.
        RefusedError: another command is writing to the store, or its index cannot be read.
    """
    store_target.check_target(store)
    with system_files.naming_full_disk(store), lock.held(store):
        index.read(store)  # what cannot be read is refused before the work
        folder = Path(tempfile.mkdtemp(prefix=lock.BUILDING, dir=store))
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def place(
    folder: Path, store: Path, version: str, packed: Packed | None = None
) -> tuple[Path, bool]:
    """Move a finished release to its version's place, then name it in the store's index.

    `folder` is one of `staging`, `packed` what is known of the release in it. False where the version stood
    there already.

    Raises:
        RefusedError: the version is there with other content and is no draft, or what is placed is not whole.
    """
    target = store / version
    is_new = not target.exists() or _is_replaced(folder, target)
    with index.restored_on_failure(store):
        if not is_new:
            index.update(store)
            return target, False
        stores.refuse_other(store, folder, version)
        durable.sync_tree(folder)
        with _moved(folder, target):
            index.update(store, placed={version: packed})
    return target, True


def _is_replaced(folder: Path, target: Path) -> bool:
    """Return whether a release replaces another one, which is a draft with other content.

    Raises:
        RefusedError: it is not the same, and that is final.
    """
    different = difference(folder, target)
    if different and not versions.is_draft(target.name):
        raise RefusedError(
            f"{target} is there with other content ({', '.join(different[:3])}"
            f"{f' and {len(different) - 3} more' if len(different) > 3 else ''}); "
            "a final version is written once: give this one a new version in datapackage.yaml"
        )
    return bool(different)


@contextmanager
def _moved(folder: Path, target: Path) -> Iterator[None]:
    """Move a release to its place, or let it change places with the draft there; back on failure.

    A draft is taken out of the index before it is replaced, so that the index never names what it does
    not describe.
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


def difference(one: Path, other: Path) -> list[str]:
    """Return the paths of the files that differ between two folders."""
    ours, theirs = set(files(one)) - BESIDE, set(files(other)) - BESIDE
    both = sorted(ours & theirs)
    changed = [path for path in both if not filecmp.cmp(one / path, other / path, shallow=False)]
    return sorted({*changed, *(ours ^ theirs)})
