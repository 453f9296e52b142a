"""Errors that stop a run: ReleaseError, and the few kinds of it that a caller tells apart."""

from __future__ import annotations

import errno

#: Error numbers of a full disk, quota or file: the data to be written is not the cause.
NO_ROOM = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])

#: Error numbers of a missing permission: trying again does not help.
FORBIDDEN = frozenset([errno.EACCES, errno.EPERM, errno.EROFS])


class ReleaseError(Exception):
    """An error that ends the run; its message is written for people."""


class UsageError(ReleaseError):
    """An unusable command line or descriptor (exit code 2)."""


class RefusedError(ReleaseError):
    """A result that may not be published, after the work was done (exit code 1)."""
