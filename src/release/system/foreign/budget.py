"""The budget of a command: what is left of its limits for what others made, shared by all that it does."""

from __future__ import annotations

from threading import Lock
from time import monotonic

from release.findings.finding import Finding, FindingsError
from release.system.limits import LIMITS, Limits


class LimitError(FindingsError):
    """A limit that was reached while something of others was read; the finding says which, and for what."""


def reached(where: str, name: str, what: str) -> LimitError:
    """Return the error of a limit that was reached.

    Args:
        where: The path or URL of what was read.
        name: The name of the limit, as `--limits` has it.
        what: The limit in words, such as `more than 3,600 seconds`.
    """
    message = f"takes {what}, which is the limit; `--limits {name}=…` changes it"
    return LimitError([Finding("limit", where, message, file=where)])


class Budget:
    """The time, bytes and requests that a command may still use; threads share it."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self._deadline = monotonic() + limits.seconds
        self._bytes = 0
        self._requests = 0
        self._lock = Lock()

    @property
    def bytes(self) -> int:
        """The bytes that may still be fetched or written."""
        return self.limits.bytes - self._bytes

    @property
    def seconds(self) -> float:
        """The seconds that are left."""
        return self._deadline - monotonic()

    def check_time(self, where: str) -> None:
        """Raise an error if no time is left.

        Raises:
            LimitError: None is.
        """
        if self.seconds <= 0:
            raise reached(where, "seconds", f"more than {self.limits.seconds:,g} seconds")

    def spend_bytes(self, count: int, where: str) -> None:
        """Count bytes that were fetched or written.

        Raises:
            LimitError: They are too many.
        """
        with self._lock:
            self._bytes += count
            is_over = self._bytes > self.limits.bytes
        if is_over:
            raise reached(where, "bytes", f"more than {self.limits.bytes:,} bytes")

    def spend_request(self, where: str) -> None:
        """Count a request to a server.

        Raises:
            LimitError: They are too many, or no time is left.
        """
        self.check_time(where)
        with self._lock:
            self._requests += 1
            is_over = self._requests > self.limits.requests
        if is_over:
            raise reached(where, "requests", f"more than {self.limits.requests:,} requests")
