"""Start processes on this machine, and end them with the process that started them."""

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

from release.system.processes.garbage import collect_rarely


def make_context(loads: Sequence[str] = ()) -> context.BaseContext:
    """Return the context that starts worker processes; it never forks this process, which may have threads.

    One server forks all of them, with the modules `loads` imported. Later calls do not change these.
    """
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(list(loads))
    _start_server()
    return server


def _start_server() -> None:
    """Start the server from which processes are forked; like these, it ignores interrupts."""
    from multiprocessing import forkserver

    with ignoring_interrupts():
        forkserver.ensure_running()


@contextmanager
def ignoring_interrupts() -> Iterator[None]:
    """Let processes that are started in this block ignore interrupts and the closing of the terminal."""
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        resource_tracker.ensure_running()  # started later, it would lift the mask below
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def make_single_context() -> context.BaseContext:
    """Return the context that starts one process without the server, which imports what it needs itself."""
    return multiprocessing.get_context("spawn")


def follow_parent() -> None:
    """Exit when the parent process dies, even by SIGKILL; collect garbage rarely.

    The objects that this process was forked with are never garbage.
    """
    gc.freeze()
    # else modules stay loaded at the end, and DuckDB's bindings complain of that
    atexit.register(gc.unfreeze)
    collect_rarely()
    if (parent := multiprocessing.parent_process()) is not None:
        Thread(target=_exit_after, args=(parent,), daemon=True).start()


def _exit_after(parent: BaseProcess) -> None:
    """Wait for the end of the parent process, then end this one."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def obey_interrupts() -> None:
    """Follow the parent, and exit at an interrupt too, without a message: the parent writes one.

    Where the parent was started to ignore interrupts, as in the background of a script, so does this process.
    """
    follow_parent()
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def preload(loads: Sequence[str]) -> None:
    """Start the server of worker processes, which imports the modules `loads` while this process goes on."""
    if sys.platform != "win32":
        make_context(loads)
