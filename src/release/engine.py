"""Runs chunks: in this process, in several or in a cluster, with the same results in the same order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from release.chunks import Asked, make
from release.columns import leave_pandas
from release.errors import ReleaseError
from release.naming import Work

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.context import BaseContext

T = TypeVar("T")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
T_co = TypeVar("T_co", covariant=True)

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


class Items(Protocol[T_co]):
    """So many things to work on; they may be made as they are gone through, each time anew."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[T_co]: ...


class Task(Protocol[R_co]):
    """Something under way elsewhere."""

    def result(self) -> R_co:
        """What it gives, when it is done."""

    def cancel(self) -> object:
        """Do it no longer, if it has not begun."""


def run(work: Work, chunks: Items[Asked], folder: str, means: Means) -> Iterator[str]:
    """Make every chunk; the paths of their files in a folder, in order, as they come.

    Raises:
        UsageError: the cluster cannot be used.
        ReleaseError: the cluster cannot make a chunk.
    """
    if means.scheduler and chunks:
        from release import cluster, worker

        places = worker.places(means.scratch, folder, (chunk.sources[0] for chunk in chunks))
        with cluster.reached(means.scheduler, means.workers) as client:
            joined = cluster.joined(client, work, places)
            records = (chunk.sources for chunk in chunks)
            yield from in_order(joined.submit, records, joined.window)
    else:
        yield from each(partial(make, work, folder), chunks, means.workers)


def each(make: Callable[[T], R], items: Items[T], workers: int) -> Iterator[R]:
    """What a function gives for each item, in order, with so many processes of this machine."""
    workers = min(workers, len(items))
    if workers <= 1:
        yield from map(make, items)
        return
    from release import processes

    # these stay deaf to Ctrl-C: the one that asked lets them end what they are at, and start no more
    with _pool(workers, processes.started(), _begin) as pool:
        yield from in_order(
            lambda item: pool.submit(make, item), items, lambda: _PER_WORKER * workers
        )


@contextmanager
def _pool(
    workers: int, context: BaseContext, begin: Callable[[], None]
) -> Iterator[ProcessPoolExecutor]:
    """So many processes, each of which begins with a call.

    Raises:
        ReleaseError: there can be none, or one of them was killed.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    from release import processes

    try:
        with processes.deaf():  # what keeps note of its semaphores is a process, too
            started = ProcessPoolExecutor(workers, context, begin)
    except OSError as error:  # as where /dev/shm cannot be written
        message = f"processes cannot be started: {error.strerror}; --workers 1 needs none"
        raise ReleaseError(message) from error
    try:
        with started as pool:
            yield pool
    except BrokenProcessPool as error:
        message = "a process of this command was killed, as a system does that runs out of memory"
        raise ReleaseError(f"{message}; with fewer --workers less is needed") from error


def _begin() -> None:
    from release import processes

    processes.bound()
    leave_pandas()


def in_order(
    submit: Callable[[T], Task[R]], items: Iterable[T], window: Callable[[], int]
) -> Iterator[R]:
    """What the tasks of all items give, in order, as it comes; no more of them under way than a window."""
    tasks: deque[Task[R]] = deque()
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


#: Takes a function and what it is called with; gives what waits for the result.
Submit = Callable[..., Callable[[], Any]]


@contextmanager
def beside(workers: int) -> Iterator[Submit]:
    """Another process for work beside this one's; it is started with the first that it is given.

    With one worker there is none: the work is done here, when its result is asked for.
    """
    if workers <= 1:
        yield partial
        return
    from release import processes

    with _pool(1, processes.alone(), processes.mortal) as pool:

        def submit(act: Callable[..., Any], *on: Any) -> Callable[[], Any]:
            with processes.deaf():  # as it is started
                return pool.submit(act, *on).result

        yield submit
