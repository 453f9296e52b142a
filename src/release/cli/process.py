"""The command as a process of its own: where its output goes, and what an interruption does."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

from release.cli.terminal import FOUND

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: After so many seconds it is asked again whether what is done whole is over.
_AGAIN = 0.001


class _Output(io.FileIO):
    """Takes all that is written, also after the first failure, which is kept.

    So a command comes to its end, and to its own exit code, whoever reads what it prints.
    """

    failure: OSError | None = None

    def write(self, data: Buffer, /) -> int:
        if self.failure is None:
            try:
                return super().write(data)
            except OSError as error:
                self.failure = error
        return memoryview(data).nbytes


@contextmanager
def output() -> Iterator[_Output]:
    """Let stdout be one that does not fail; a standard stream that is closed is one that takes everything."""
    while (lowest := os.open(os.devnull, os.O_RDWR)) < 3:
        pass  # it took the number of a stream that is closed, which no file may get
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


def ended(code: int, failure: OSError | None) -> int:
    """Return the exit code after all is printed; a reader that has closed the pipe is no error."""
    if failure is None:
        return code
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for what else is flushed at the end
    if isinstance(failure, BrokenPipeError):
        return code
    told = f"output could not be written: {failure.strerror or failure}; what was done stands"
    with suppress(OSError):
        print(f"release: {told}", file=sys.stderr, flush=True)
    return code or FOUND


#: What asks a command to end: Ctrl-C, `kill`, a terminal that was closed.
_ASKING = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class Interruptions:
    """Ctrl-C in this process: KeyboardInterrupt, but never within what is done whole; then it comes after.

    So do the others that ask it to end, for what is in the making is removed then.

    `asked` says whether it came; it does no more once the command has ended.
    """

    def __init__(self) -> None:
        self.asked = False
        self._ended = False
        self._wait = _AGAIN

    def __enter__(self) -> Interruptions:
        if sys.platform != "win32":
            signal.signal(signal.SIGALRM, self._come)
        sys.unraisablehook = self._lost
        for number in _ASKING:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup and `&` leave it
                signal.signal(number, self._come)
        return self

    def _lost(self, about: sys.UnraisableHookArgs) -> None:
        """Let an interruption that came where nothing can be raised, as in a destructor, come again."""
        if sys.platform != "win32" and about.exc_type is KeyboardInterrupt:
            signal.setitimer(signal.ITIMER_REAL, _AGAIN)
        else:
            sys.__unraisablehook__(about)

    def __exit__(self, *_: object) -> None:
        self._ended = True
        for number in _ASKING:
            signal.signal(number, signal.SIG_IGN)
        if sys.platform != "win32":
            signal.signal(signal.SIGALRM, signal.SIG_IGN)

    def _come(self, _number: int, frame: FrameType | None) -> None:
        if self._ended:
            return
        self.asked = True
        # where it comes again before this has ended, it would do so for ever
        again = frame is not None and frame.f_globals is globals()
        self._wait = self._wait * 2 if again else _AGAIN
        while frame is not None:
            if sys.platform != "win32" and _is_whole(frame):
                signal.setitimer(signal.ITIMER_REAL, self._wait)
                return
            frame = frame.f_back
        raise KeyboardInterrupt


#: What starts a process or waits for its end, what makes or removes a semaphore, and what makes or removes a
#: temporary file or folder: by module and function.
_WHOLE = (
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


def _is_whole(frame: FrameType) -> bool:
    """Return whether a call must not be interrupted.

    In an import libraries swallow an interruption, or stay half loaded; a process that is about to start,
    or has started and is not noted yet, would be nobody's, and tell of it when it finds no parent; a thread
    that is no longer waited for counts as ended, and what it was to end would be waited for without end; of
    a semaphore that is gone and still noted, what keeps note would tell; half a folder would stay, or a
    whole one of which nobody knows yet.
    """
    if frame.f_code.co_filename.startswith("<frozen importlib"):
        return True
    return (frame.f_globals.get("__name__"), frame.f_code.co_name) in _WHOLE
