"""How processes of this machine are started."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import context
from multiprocessing.process import BaseProcess
from threading import Thread

#: So many objects are made before it is looked which of them are garbage.
_OBJECTS = 100_000


def started(loads: Sequence[str] = ()) -> context.BaseContext:
    """Return how processes are started: never by forking this one, which may have threads.

    `loads` are modules that every process needs; the first call decides, as one server forks all of them.
    """
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(list(loads))
    _serve()
    return server


def _serve() -> None:
    """Let the server run from which processes are forked, deaf to interruptions, as these are."""
    from multiprocessing import forkserver

    with deaf():
        forkserver.ensure_running()


@contextmanager
def deaf() -> Iterator[None]:
    """Processes that are started meanwhile do not hear interruptions, nor that a terminal was closed."""
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        resource_tracker.ensure_running()  # which else lifts the mask below
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def alone() -> context.BaseContext:
    """How a single process is started that needs little of what the others do: it loads that itself."""
    return multiprocessing.get_context("spawn")


def bound() -> None:
    """Let this process end when the one that started it is gone, were it killed; and seldom look for garbage.

    What it was forked with is none, and it has one thing to do.
    """
    gc.freeze()
    atexit.register(
        gc.unfreeze
    )  # else what it has loaded stays, and DuckDB's bindings complain of that
    gc.set_threshold(_OBJECTS)
    if (asked := multiprocessing.parent_process()) is not None:
        Thread(target=_end_after, args=(asked,), daemon=True).start()


def _end_after(asked: BaseProcess) -> None:
    asked.join()
    os.kill(os.getpid(), signal.SIGTERM)


def mortal() -> None:
    """As `bound`; and let an interruption end this process, without a word: the one that asked says it."""
    bound()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def prepare(loads: Sequence[str]) -> None:
    """Begin to load what processes need, beside other work, before the first is asked for."""
    if sys.platform != "win32":
        started(loads)
