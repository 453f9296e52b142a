"""What stops a run: ReleaseError and the few kinds that a caller tells apart."""

from __future__ import annotations

import errno

#: What the system says where a disk, or what may be used of it, is full: nothing about what is to be written.
NO_ROOM = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])

#: What it says where something may not be written, however often it is tried.
FORBIDDEN = frozenset([errno.EACCES, errno.EPERM, errno.EROFS])


class ReleaseError(Exception):
    """The run cannot go on; the message is written for people."""


class UsageError(ReleaseError):
    """The command line or the descriptor cannot be used (exit code 2)."""


class RefusedError(ReleaseError):
    """The work was done and its result may not be published (exit code 1)."""
