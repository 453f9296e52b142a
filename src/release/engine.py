"""Runs chunks: in this process or in several, with the same results in the same order."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path

from release.chunks import Work, make
from release.records import Source


def run(work: Work, chunks: Sequence[Sequence[Source]], folder: str, workers: int) -> Iterator[str]:
    """Make every chunk; the paths of their files in a folder, in order, as they come."""
    workers = min(workers, len(chunks))
    if workers <= 1:
        for sources in chunks:
            yield make(work, sources, folder)
        return
    with ProcessPoolExecutor(workers, _context()) as pool:
        yield from pool.map(make, repeat(work), chunks, repeat(folder))


def _context() -> multiprocessing.context.BaseContext:
    """How processes are started: never by forking this one, which may have threads."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["release.chunks"])
    return context


@contextmanager
def beside(judge: Callable[[Path], list[str]], folder: Path) -> Iterator[Callable[[], list[str]]]:
    """Run a function on a folder in another process; what it gives is waited for when it is called."""
    with ProcessPoolExecutor(1, _context()) as pool:
        yield pool.submit(judge, folder).result
