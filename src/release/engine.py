"""Runs chunks: in this process, in several or in a cluster, with the same results in the same order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from release import cluster, processes, worker
from release.chunks import make
from release.columns import leave_pandas
from release.naming import Work
from release.sources import Source

T = TypeVar("T")

#: Chunks under way for each process: enough that none waits for work.
_PER_WORKER = 4


@dataclass(frozen=True, slots=True)
class Means:
    """What chunks are run with: so many processes, or the cluster of a scheduler.

    Its workers put what they make into `scratch`, a folder or URL that they share with this machine.
    """

    workers: int = 1
    scheduler: str = ""
    scratch: str = ""


class Task(Protocol):
    """Something under way elsewhere."""

    def result(self) -> str:
        """What it gives, when it is done."""

    def cancel(self) -> object:
        """Do it no longer, if it has not begun."""


def run(work: Work, chunks: Sequence[Sequence[Source]], folder: str, means: Means) -> Iterator[str]:
    """Make every chunk; the paths of their files in a folder, in order, as they come.

    Raises:
        UsageError: the cluster cannot be used.
        ReleaseError: the cluster cannot make a chunk.
    """
    if means.scheduler and chunks:
        places = worker.places(means.scratch, folder, (chunk[0] for chunk in chunks))
        with cluster.reached(means.scheduler, means.workers) as client:
            joined = cluster.joined(client, work, places)
            yield from in_order(joined.submit, chunks, joined.window)
    else:
        yield from each(partial(make, work, folder), chunks, means.workers)


def each(make: Callable[[T], str], items: Sequence[T], workers: int) -> Iterator[str]:
    """What a function gives for each item, in order, with so many processes of this machine."""
    workers = min(workers, len(items))
    if workers <= 1:
        yield from map(make, items)
        return
    # these stay deaf to Ctrl-C: the one that asked lets them end what they are at, and start no more
    with ProcessPoolExecutor(workers, processes.started(), leave_pandas) as pool:
        yield from in_order(
            lambda item: pool.submit(make, item), items, lambda: _PER_WORKER * workers
        )


def in_order(
    submit: Callable[[T], Task], items: Iterable[T], window: Callable[[], int]
) -> Iterator[str]:
    """What the tasks of all items give, in order, as it comes; no more of them under way than a window."""
    tasks: deque[Task] = deque()
    try:
        for item in items:
            while tasks and len(tasks) >= window():
                yield tasks.popleft().result()
            tasks.append(submit(item))
        while tasks:
            yield tasks.popleft().result()
    finally:
        for task in tasks:
            task.cancel()


@contextmanager
def beside(judge: Callable[[Path], list[str]], folder: Path) -> Iterator[Callable[[], list[str]]]:
    """Run a function on a folder in another process; what it gives is waited for when it is called."""
    with ProcessPoolExecutor(1, processes.started(), processes.mortal) as pool:
        yield pool.submit(judge, folder).result
