"""Files that are there whole or not at all, also after the machine has lost its power."""

from __future__ import annotations

import ctypes
import errno
import os
from itertools import chain, islice
from pathlib import Path

from release.system import files

#: From so many files on, the system is asked to write all that it holds: that takes less time.
_MANY = 100

_AT_CWD, _EXCHANGE = -100, 2


def write(path: Path, data: bytes) -> None:
    """Write a file that anyone may read: a reader sees the old one or the new one."""
    with files.replacing(path, 0o644) as target:
        target.write(data)
        target.flush()
        os.fsync(target.fileno())
    sync(path.parent)


def sync_tree(folder: Path) -> None:
    """Wait until a folder and all that is below it stand on the disk.

    Raises:
        OSError: something could not be written.
    """
    below = (Path(where, name) for where, *names in os.walk(folder) for name in chain(*names))
    some = list(islice(below, _MANY))
    if len(some) == _MANY and _sync_file_system(folder):
        return
    for path in chain([folder], some, below):
        sync(path)


def _sync_file_system(folder: Path) -> bool:
    """Whether the system has written all of a folder's file system in one go; Linux can.

    Raises:
        OSError: something could not be written.
    """
    try:
        syncfs = ctypes.CDLL(None, use_errno=True).syncfs
    except (AttributeError, OSError):
        return False
    handle = os.open(folder, os.O_RDONLY)
    try:
        if syncfs(handle) == 0:
            return True
        raise OSError(code := ctypes.get_errno(), os.strerror(code), str(folder))
    finally:
        os.close(handle)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, stand on the disk.

    Raises:
        OSError: it could not be written.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # some file systems have no such thing for a folder
        if not (error.errno == errno.EINVAL and path.is_dir()):
            raise
    finally:
        os.close(handle)


def exchange(one: Path, other: Path, parked: Path) -> None:
    """Let two folders of one file system change places.

    In one step where the system can; else in three, `other` standing at `parked` in between.
    """
    if not _try_exchange(one, other):
        other.replace(parked)
        one.replace(other)
        parked.replace(one)


def _try_exchange(one: Path, other: Path) -> bool:
    """Whether the system has made the exchange; Linux can, on most of its file systems."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    paths = os.fsencode(one), os.fsencode(other)
    if rename(_AT_CWD, paths[0], _AT_CWD, paths[1], _EXCHANGE) == 0:
        return True
    if (code := ctypes.get_errno()) in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))
