"""Write files and folders so that they are complete or absent, even after a loss of power."""

from __future__ import annotations

import ctypes
import errno
import os
from itertools import chain, islice
from pathlib import Path

from release.system import replacement

#: From this number of files on, syncing the whole file system takes less time than syncing each file.
_MANY = 100

_AT_CWD, _EXCHANGE = -100, 2


def write(path: Path, data: bytes) -> None:
    """Replace a file in one step and wait until it is on the disk; a new one has the mode of the umask."""
    with replacement.replacing(path, None) as target:
        target.write(data)
        target.flush()
        os.fsync(target.fileno())
    sync(path.parent)


def sync_tree(folder: Path) -> None:
    """Wait until a folder and everything below it are on the disk.

    Raises:
        OSError: Something could not be written.
    """
    below = (Path(where, name) for where, *names in os.walk(folder) for name in chain(*names))
    some = list(islice(below, _MANY))
    if len(some) == _MANY and _sync_file_system(folder):
        return
    for path in chain([folder], some, below):
        sync(path)


def _sync_file_system(folder: Path) -> bool:
    """Write the whole file system of a folder to the disk, where the operating system can (Linux).

    Returns:
        False if it cannot; nothing is done then.

    Raises:
        OSError: Something could not be written.
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
    """Wait until a file, or the list of names in a folder, is on the disk.

    Raises:
        OSError: It could not be written.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # some file systems cannot sync a folder
        if not (error.errno == errno.EINVAL and path.is_dir()):
            raise
    finally:
        os.close(handle)


def exchange(one: Path, other: Path, parked: Path) -> None:
    """Exchange two folders of one file system.

    This is one step where the operating system can do it. Elsewhere it is three, and `other` is at `parked`
    meanwhile.

    Raises:
        OSError: A folder cannot be moved.
    """
    if not _try_exchange(one, other):
        other.replace(parked)
        one.replace(other)
        parked.replace(one)


def _try_exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, where the operating system and the file system can (Linux, most).

    Returns:
        False if they cannot; nothing is done then.

    Raises:
        OSError: The exchange failed for another reason.
    """
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
