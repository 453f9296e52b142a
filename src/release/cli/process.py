"""The process of a command: output that cannot fail, exit codes, and interruptions."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from release.cli.terminal import FOUND, warn

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: Seconds until an interruption is tried again that came during a call which is not interrupted.
_AGAIN = 0.001


class _Output(io.FileIO):
    """A stdout that never fails: it keeps the first failure and drops all that is written after it.

    So a command comes to its end and to its own exit code even if its reader has gone.
    """

    failure: OSError | None = None

    def write(self, data: Buffer, /) -> int:
        if self.failure is None:
            try:
                return super().write(data)
            except OSError as error:
                self.failure = error
        return memoryview(data).nbytes


def run_isolated(
    act: Callable[[argparse.Namespace], int], options: argparse.Namespace, where: str
) -> int:
    """Run a command that only prints in a process of its own, if this process is the program's own.

    Raises:
        LimitError: A limit was reached.
        Exception: What the command raised.
    """
    if not options.isolated:
        return act(options)
    from release.cli.options import limits_of
    from release.system.foreign import isolation
    from release.system.foreign.budget import Budget

    work = partial(_act_and_flush, act, options)
    found = isolation.run(work, Budget(limits_of(options)), where, lambda _: None, fork=True)
    code, failure = found
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(raw, _Output):
        raw.failure = failure
    return code


def _act_and_flush(
    act: Callable[[argparse.Namespace], int], options: argparse.Namespace, _send: object
) -> tuple[int, OSError | None]:
    """Run a command; return its exit code, and the failure of stdout if there was one."""
    code = act(options)
    sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return code, raw.failure if isinstance(raw, _Output) else None


@contextmanager
def output() -> Iterator[_Output]:
    """Replace stdout by one that does not fail, and closed standard streams by the null device.

    Yields:
        The stdout, whose `failure` is the first error of a write.
    """
    while (lowest := os.open(os.devnull, os.O_RDWR)) < 3:
        pass  # it has the number of a closed stream now, which no other file may get
    os.close(lowest)
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115 — as long as the process
    before = sys.stdout
    raw = _Output(1, "w", closefd=False)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=before.encoding if before else "utf-8",
        line_buffering=raw.isatty(),
    )
    try:
        yield raw
    finally:
        sys.stdout.flush()


def exit_code(code: int, failure: OSError | None) -> int:
    """Return the exit code of a command after a failure of its output, and report that on stderr.

    A reader that has gone, as `head` does, is no failure.
    """
    if failure is None:
        return code
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for data that is flushed at exit
    if isinstance(failure, BrokenPipeError):
        return code
    message = f"output could not be written: {failure.strerror or failure}; what was done stands"
    warn(f"release: {message}")
    return code or FOUND


#: The signals that ask a command to end: Ctrl-C, `kill`, a terminal that was closed.
_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class Interruptions:
    """Handlers of the signals that ask a command to end, which raise KeyboardInterrupt.

    During a call that must not be interrupted, the interruption waits until the call is over. Once the
    command has ended, signals are ignored. `asked` is true after a signal came.
    """

    def __init__(self) -> None:
        self.asked = False
        self._ended = False
        self._wait = _AGAIN

    def __enter__(self) -> Interruptions:
        if sys.platform != "win32":
            signal.signal(signal.SIGALRM, self._come)
        sys.unraisablehook = self._lost
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup and `&` leave it
                signal.signal(number, self._come)
        return self

    def _lost(self, about: sys.UnraisableHookArgs) -> None:
        """Repeat an interruption that came where nothing can be raised, as in a destructor."""
        if sys.platform != "win32" and about.exc_type is KeyboardInterrupt:
            signal.setitimer(signal.ITIMER_REAL, _AGAIN)
        else:
            sys.__unraisablehook__(about)

    def __exit__(self, *_: object) -> None:
        self._ended = True
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        if sys.platform != "win32":
            signal.signal(signal.SIGALRM, signal.SIG_IGN)

    def _come(self, _number: int, frame: FrameType | None) -> None:
        if self._ended:
            return
        self.asked = True
        # if the next one comes before this handler has ended, wait longer, or it would go on for ever
        again = frame is not None and frame.f_globals is globals()
        self._wait = self._wait * 2 if again else _AGAIN
        while frame is not None:
            if sys.platform != "win32" and _is_uninterruptible(frame):
                signal.setitimer(signal.ITIMER_REAL, self._wait)
                return
            frame = frame.f_back
        raise KeyboardInterrupt


#: Calls that must not be interrupted, by module and function: they start a process or wait for its end, or
#: make or remove a semaphore, a temporary file or a folder.
_UNINTERRUPTIBLE = (
    ("multiprocessing.process", "start"),
    ("concurrent.futures.process", "submit"),
    ("concurrent.futures.process", "shutdown"),
    ("multiprocessing.synchronize", "__init__"),
    ("multiprocessing.synchronize", "_cleanup"),
    ("tempfile", "__init__"),
    ("tempfile", "NamedTemporaryFile"),
    ("tempfile", "cleanup"),
    ("release.build.inputs", "__init__"),
    ("shutil", "rmtree"),
)


def _is_uninterruptible(frame: FrameType) -> bool:
    """Return whether a call must not be interrupted.

    If it were:

    - an import would swallow the interruption, or leave a library half loaded;
    - a process that has started and is not registered yet would have no parent, and complain;
    - a thread would count as ended while its process is still running, and the wait would never end;
    - a semaphore that is removed and still registered would be reported as leaked;
    - a temporary folder would stay, whole or in part.
    """
    if frame.f_code.co_filename.startswith("<frozen importlib"):
        return True
    return (frame.f_globals.get("__name__"), frame.f_code.co_name) in _UNINTERRUPTIBLE
