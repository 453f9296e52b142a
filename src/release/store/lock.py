"""The lock of a store: one writer at a time, and no traces of a writer that was killed."""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from release.findings.errors import RefusedError, naming_forbidden
from release.system import replacement

NAME = ".lock"

#: Prefixes of hidden folders: of a release that is being built, a draft that is being replaced, a version
#: that is being copied from another store.
BUILDING, REPLACED, COPYING = ".building-", ".replaced-", ".publishing-"

#: The number of tries to make a folder that another writer removes at the same time.
_TRIES = 100


@contextmanager
def held(store: Path, keep: str = "") -> Iterator[None]:
    """Hold the lock of a store, making the store if it is missing; do not wait for another writer.

    The system releases the lock when the process ends, however it ends, so a lock file that is left behind
    locks nothing. Hidden folders and files that killed commands left are removed, except the folder named
    `keep`. A store that was made here and is empty in the end is removed.

    Raises:
        UsageError: The store may not be written to.
        RefusedError: Another process holds the lock, or the file system has no locks.
    """
    made = [folder for folder in (store, *store.parents) if not folder.exists()]
    try:
        with naming_forbidden(store):
            handle = _take(store)
        try:
            _clean(store, keep)
            yield
        finally:
            (store / NAME).unlink(missing_ok=True)
            os.close(handle)
    finally:
        for folder in made:
            with suppress(OSError):  # it is not empty, or was not made after all
                folder.rmdir()


def _take(store: Path) -> int:
    """Take the lock, and return the open file that holds it."""
    for _ in range(_TRIES):
        store.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(store / NAME, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:  # another writer has just removed the folder
            continue
        try:
            _lock(handle, store)
            if _is_ours(handle, store):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
    raise RefusedError(f"{store}: other builds come and go; try again when they have ended")


def _is_ours(handle: int, store: Path) -> bool:
    """Return whether a locked file is the lock of a store; if so, note in it who holds it.

    Where that ends in an error or in Ctrl-C, the file is removed, as at the end of any lock that was held.
    """
    try:
        if not _is_at(handle, store / NAME):  # its owner has just removed it
            return False
        with suppress(OSError):  # only for the message to others
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"process {os.getpid()} on {platform.node()}".encode(), 0)
    except BaseException:
        with suppress(OSError):
            if os.path.samestat(os.fstat(handle), os.lstat(store / NAME)):
                (store / NAME).unlink()
        raise
    return True


def _lock(handle: int, store: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        who = os.pread(handle, 200, 0).decode("utf-8", "replace")
        by = f" ({who})" if who.isprintable() and who else ""
        raise RefusedError(
            f"{store}: another command is writing to this store{by}; try again when it has ended"
        ) from error
    except OSError as error:
        raise RefusedError(
            f"{store}: cannot be locked: {error.strerror}; a store is written on a file system with locks"
        ) from error


def _is_at(handle: int, path: Path) -> bool:
    """Return whether an open file is the one at a path, which is opened again so that NFS asks its server."""
    try:
        other = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return os.path.samestat(os.fstat(handle), os.fstat(other))
    finally:
        os.close(other)


def _clean(store: Path, keep: str) -> None:
    """Remove what killed commands left; the store is locked, so no running command uses it."""
    recover(store)
    for kind in (BUILDING, COPYING):
        for folder in store.glob(f"{kind}*"):
            if folder.name != keep:
                shutil.rmtree(folder)
    for path in store.glob(f"{replacement.TEMPORARY_PREFIX}*"):
        path.unlink(missing_ok=True)


def recover(store: Path) -> None:
    """Restore each draft whose replacement was interrupted, or remove it if the new one is in place."""
    for old in store.glob(f"{REPLACED}*"):
        target = store / old.name.removeprefix(REPLACED)
        if target.exists():
            shutil.rmtree(old)
        else:
            old.replace(target)
