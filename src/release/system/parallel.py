"""Run functions in processes of this machine, with results in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from release.errors import ReleaseError
from release.system import arrow_setup

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.context import BaseContext


T = TypeVar("T")


R = TypeVar("R")


R_co = TypeVar("R_co", covariant=True)


T_co = TypeVar("T_co", covariant=True)


#: Chunks under way for each process: enough that none waits for work.
_PER_WORKER = 4


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


def each(
    make: Callable[[T], R], items: Items[T], workers: int, loads: Sequence[str] = ()
) -> Iterator[R]:
    """Yield what a function gives for each item, in order, from so many processes of this machine.

    `loads` are modules that each process needs.
    """
    workers = min(workers, len(items))
    if workers <= 1:
        yield from map(make, items)
        return
    from release.system import processes

    # these stay deaf to Ctrl-C: the one that asked lets them end what they are at, and start no more
    with _pool(workers, processes.started(loads), _begin) as pool:
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

    from release.system import processes

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
    from release.system import processes

    processes.bound()
    arrow_setup.leave_pandas()


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
    from release.system import processes

    with _pool(1, processes.alone(), processes.mortal) as pool:

        def submit(act: Callable[..., Any], *on: Any) -> Callable[[], Any]:
            with processes.deaf():  # as it is started
                return pool.submit(act, *on).result

        yield submit
