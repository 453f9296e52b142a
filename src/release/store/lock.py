"""One writer at a time: the lock of a store, under which nothing is left of a writer that was killed."""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from release.errors import RefusedError
from release.system import files

NAME = ".lock"

#: Names of what is in the making in a store: a release that is built, a draft that is replaced, a version
#: that is copied from another store.
BUILDING, REPLACED, COPYING = ".building-", ".replaced-", ".publishing-"

#: So often a folder that another writer has just removed is made anew.
_TRIES = 100


@contextmanager
def held(store: Path, keep: str = "") -> Iterator[None]:
    """Hold the lock of a store, which is made where it is missing; nobody waits for another.

    The system gives the lock back when the process ends, however it ends: a file that is left behind locks
    nothing. What killed commands left in the making is removed, but for `keep`. A store that was made here
    and holds nothing in the end is removed.

    Raises:
        UsageError: the store may not be written to.
        RefusedError: another process holds it, or the file system has no locks.
    """
    made = [folder for folder in (store, *store.parents) if not folder.exists()]
    try:
        with files.naming_forbidden(store):
            handle = _taken(store)
        try:
            _clean(store, keep)
            yield
        finally:
            (store / NAME).unlink(missing_ok=True)
            os.close(handle)
    finally:
        with suppress(OSError):
            for folder in made:
                folder.rmdir()


def _taken(store: Path) -> int:
    """Open the file that holds the lock."""
    for _ in range(_TRIES):
        store.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(store / NAME, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:  # who made the folder has removed it again
            continue
        try:
            _lock(handle, store)
            if _is_at(handle, store / NAME):  # else its owner has just removed it
                with suppress(OSError):  # a note for others, who can do without it
                    os.ftruncate(handle, 0)
                    os.pwrite(handle, f"process {os.getpid()} on {platform.node()}".encode(), 0)
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
    raise RefusedError(f"{store}: other builds come and go; try again when they have ended")


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
    """Return whether an open file is still the one at a path.

    The path is opened anew, for NFS asks its server then.
    """
    try:
        other = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return os.path.samestat(os.fstat(handle), os.fstat(other))
    finally:
        os.close(other)


def _clean(store: Path, keep: str) -> None:
    """Remove what killed commands left: the store is locked, so none of it is a living one's."""
    recover(store)
    for kind in (BUILDING, COPYING):
        for folder in store.glob(f"{kind}*"):
            if folder.name != keep:
                shutil.rmtree(folder)
    for path in store.glob(f"{files.TEMPORARY_PREFIX}*"):
        path.unlink(missing_ok=True)


def recover(store: Path) -> None:
    """Put back, or remove, a draft that a build was stopped in the middle of replacing."""
    for old in store.glob(f"{REPLACED}*"):
        target = store / old.name.removeprefix(REPLACED)
        if target.exists():
            shutil.rmtree(old)
        else:
            old.replace(target)
