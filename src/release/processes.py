"""How processes of this machine are started."""

from __future__ import annotations

import multiprocessing
import sys
from multiprocessing import context


def started() -> context.BaseContext:
    """How: never by forking this one, which may have threads."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["release.places"])
    return server


def prepare() -> None:
    """Begin to load what processes need, beside other work, before the first is asked for."""
    if sys.platform != "win32":
        from multiprocessing import forkserver

        started()
        forkserver.ensure_running()
