"""A process of its own for what others made: it ends when a limit of time, memory or bytes is reached."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import connection as pipes
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from release.findings.finding import Finding
from release.system.folders import size_of
from release.system.foreign.budget import Budget, LimitError, reached
from release.system.processes import forkserver

R = TypeVar("R")

#: Sends something to the process that waits.
Send = Callable[[object], None]

#: Seconds between two looks at the memory of the process, and the part of the time for looks at its files.
_INTERVAL, _PART_FOR_FILES = 0.05, 0.02

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def run(
    work: Callable[[Send], R],
    budget: Budget,
    where: str,
    receive: Callable[[Any], None],
    *,
    fork: bool = False,
) -> R:
    """Run a function in a process of its own, and return its result.

    The process and all that it starts are killed when a limit is reached. Their temporary files are in one
    folder, which is removed.

    Args:
        work: The function; what it sends is received here, in order.
        budget: The limits.
        where: The path or URL of what is looked at.
        receive: Is called with all that is sent.
        fork: Fork this process, which takes no time and is safe as long as it has one thread; without it,
            another Python is started, which imports what it needs, and `work` is pickled.

    Raises:
        LimitError: A limit was reached, or the process was killed.
        Exception: What the function raised.
    """
    context: Any = get_context("fork" if fork and sys.platform != "win32" else "spawn")
    here, there = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(prefix="release-work-") as folder, here:
        process = context.Process(target=_run, args=(there, work, folder))
        with forkserver.ignoring_interrupts():
            process.start()
        there.close()
        try:
            watch = _Watch(process, budget, where, folder)
            result: R = _wait(process, here, watch, receive)
        finally:
            _kill(process)
    return result


def _run(there: Connection, work: Callable[[Send], object], folder: str) -> None:
    """Run the function in the process that was started, and send how it ended."""
    if hasattr(os, "setsid"):
        os.setsid()
    forkserver.obey_interrupts()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    tempfile.tempdir = folder
    os.environ["TMPDIR"] = folder  # for the processes that this one starts
    try:
        there.send((True, work(lambda value: there.send((None, value)))))
    except Exception as error:  # noqa: BLE001 — whatever it is, it is raised where this is waited for
        _send_error(there, error)


def _send_error(there: Connection, error: Exception) -> None:
    """Send an error, or what it says where it cannot be pickled."""
    try:
        there.send((False, error))
    except (pickle.PicklingError, TypeError, AttributeError):
        there.send((False, RuntimeError(f"{type(error).__name__}: {error}")))


def _wait(
    process: BaseProcess, here: Connection, watch: _Watch, receive: Callable[[Any], None]
) -> Any:
    """Wait for the end of the function, and return its result."""
    while True:
        if not pipes.wait([here, process.sentinel], _INTERVAL):
            watch.look()
            continue
        try:
            ended, value = here.recv()
        except (EOFError, OSError):
            process.join()
            raise watch.killed(process.exitcode or 0) from None
        if ended is None:
            receive(value)
        elif ended:
            return value
        else:
            raise value


class _Watch:
    """A watch on a process and all that it starts: its memory, the time, and its temporary files."""

    def __init__(self, process: BaseProcess, budget: Budget, where: str, folder: str) -> None:
        self._process = process
        self._budget = budget
        self._where = where
        self._folder = Path(folder)
        self._next = monotonic()

    def look(self) -> None:
        """Raise an error if a limit was reached.

        Raises:
            LimitError: One was.
        """
        limits = self._budget.limits
        self._budget.check_time(self._where)
        if sum(map(_memory, _family(self._process.pid or 0))) > limits.memory:
            raise reached(self._where, "memory", f"more than {limits.memory:,} bytes of memory")
        begun = monotonic()
        if begun >= self._next:
            with suppress(OSError):  # files come and go
                if size_of(self._folder) > limits.bytes:
                    what = f"more than {limits.bytes:,} bytes of temporary files"
                    raise reached(self._where, "bytes", what)
            ended = monotonic()
            self._next = ended + max(_INTERVAL, (ended - begun) / _PART_FOR_FILES)

    def killed(self, code: int) -> LimitError:
        """Return the error of a process that came to no end of its own."""
        how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        message = f"cannot be read here: the process that looked at it was ended {how}"
        return LimitError([Finding("limit", self._where, message, file=self._where)])


def _kill(process: BaseProcess) -> None:
    """End a process and all that it started."""
    if process.pid is not None and hasattr(os, "killpg"):
        with suppress(OSError):  # it may not have begun, or have ended
            os.killpg(process.pid, signal.SIGKILL)
    if process.is_alive():
        process.kill()
    process.join()


def _family(pid: int) -> list[int]:
    """Return a process and those that it started, and so on; where the system tells."""
    found = [pid]
    for each in found:
        with suppress(OSError, ValueError), os.scandir(f"/proc/{each}/task") as threads:
            for thread in threads:
                children = Path(f"{thread.path}/children").read_text()
                found += [int(child) for child in children.split()]
    return found


def _memory(pid: int) -> int:
    """Return the bytes of memory that a process has for itself alone; 0 where the system does not tell."""
    try:
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(shared)) * _PAGE
