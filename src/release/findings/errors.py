"""Errors that stop a run: ReleaseError, and the few kinds of it that a caller tells apart."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Error numbers of a full disk, quota or file: the data to be written is not the cause.
NO_ROOM = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])

#: Error numbers of a missing permission: trying again does not help.
FORBIDDEN = frozenset([errno.EACCES, errno.EPERM, errno.EROFS])


class ReleaseError(Exception):
    """An error that ends the run; its message is written for people."""


class UsageError(ReleaseError):
    """An unusable command line or descriptor (exit code 2)."""


class QueryError(UsageError):
    """Checks of a descriptor whose queries this version of the program or of DuckDB does not run."""


class RefusedError(ReleaseError):
    """A result that may not be published, after the work was done (exit code 1)."""


@contextmanager
def naming_full_disk(target: Path | str) -> Iterator[None]:
    """Name `target` in the OSError of a full disk that names no file."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM or error.filename is not None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(target)) from error


@contextmanager
def naming_forbidden(target: Path) -> Iterator[None]:
    """Turn an error of missing permissions into one that names `target`, which the user has given.

    Raises:
        UsageError: `target` may not be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FORBIDDEN:
            raise
        raise UsageError(f"{target}: cannot be written: {error.strerror}") from error
