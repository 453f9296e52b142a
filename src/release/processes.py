"""How processes of this machine are started."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from multiprocessing import context


def started() -> context.BaseContext:
    """How: never by forking this one, which may have threads."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["release.places"])
    _serve()
    return server


def _serve() -> None:
    """Let the server run from which processes are forked, deaf to interruptions, as these are."""
    from multiprocessing import forkserver, resource_tracker

    resource_tracker.ensure_running()  # which else lifts the mask below
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def mortal() -> None:
    """Let an interruption end this process from now on, without a word: the one that asked says it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def prepare() -> None:
    """Begin to load what processes need, beside other work, before the first is asked for."""
    if sys.platform != "win32":
        started()
