"""How processes of this machine are started."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from multiprocessing import context
from multiprocessing.process import BaseProcess
from threading import Thread


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


def bound() -> None:
    """Let this process end when the one that started it is gone, were it killed."""
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


def prepare() -> None:
    """Begin to load what processes need, beside other work, before the first is asked for."""
    if sys.platform != "win32":
        started()
