"""Write a file under another name and put it in its place, so that it is complete or as it was."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

#: The names of files that are not yet complete begin so.
TEMPORARY_PREFIX = ".writing-"


#: Flags to make a new file, which is no link that stands there.
_NEW = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)


def temporary_name(prefix: str) -> str:
    """Return a name that no other file has, which begins with a prefix."""
    return f"{prefix}{os.urandom(8).hex()}"


def _mode_of(path: Path) -> int | None:
    """Return the permissions of a regular file; None if there is none."""
    try:
        about = path.lstat()
    except OSError:
        return None
    return stat.S_IMODE(about.st_mode) if stat.S_ISREG(about.st_mode) else None


@contextmanager
def replacing(target: Path, mode: int | None = 0o600) -> Iterator[IO[bytes]]:
    """Give a temporary file to write to, and put it in the place of `target` at the end of the block.

    After an error in the block the temporary file is removed, and `target` is as before.

    Args:
        target: The file to write.
        mode: The permissions of the file; None for those of the file that it replaces, or if there is none,
            those that the umask leaves.

    Raises:
        OSError: The file cannot be written; the error names `target`.
    """
    temporary = target.parent / temporary_name(TEMPORARY_PREFIX)
    try:
        # tempfile makes files that only their owner may read, whatever the umask
        handle = os.open(temporary, _NEW, 0o666 if mode is None else 0o600)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            if (kept := _mode_of(target) if mode is None else mode) is not None:
                temporary.chmod(kept)
            yield file
        temporary.replace(target)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        # an error of writing names no file, and one of replacing names the temporary file
        if isinstance(error, OSError) and error.filename in (None, str(temporary), temporary):
            raise OSError(error.errno, error.strerror, str(target)) from error
        raise


@contextmanager
def placing(target: Path, *, is_replaced: bool = False) -> Iterator[Path]:
    """Give the path of a file or folder to make, and put it in the place of `target` at the end of the block.

    It is made in a temporary folder beside `target`, which is removed with all that was left in it.

    Args:
        target: The file or folder to make.
        is_replaced: Whether it replaces a file that is there.

    Raises:
        FileExistsError: `target` is there, and is not replaced.
        OSError: The file cannot be made; the error names `target`.
    """
    if not is_replaced and os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    folder = target.parent / temporary_name(TEMPORARY_PREFIX)
    try:
        folder.mkdir(0o700)
        yield (made := folder / target.name)
        if (mode := _mode_of(target)) is not None:
            made.chmod(mode)
        if is_replaced:
            made.replace(target)
        else:
            _place(made, target)
    except OSError as error:
        if str(error.filename or folder).startswith(str(folder)):
            raise OSError(error.errno, error.strerror, str(target)) from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place(made: Path, target: Path) -> None:
    """Give a file or folder its name, unless another one has it by now.

    Raises:
        FileExistsError: One has.
    """
    try:
        os.link(made, target)
    except FileExistsError:
        raise
    except OSError:  # of a folder, or on a file system without such links
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        made.replace(target)
