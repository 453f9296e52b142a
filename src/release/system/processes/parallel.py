"""Run functions in processes of this machine, with their results in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from release.findings.errors import ReleaseError
from release.system.processes import arrow_setup

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.context import BaseContext


T = TypeVar("T")


R = TypeVar("R")


R_co = TypeVar("R_co", covariant=True)


T_co = TypeVar("T_co", covariant=True)


#: The number of calls that are started ahead for each process, so that none waits for work.
_PER_WORKER = 4


class Items(Protocol[T_co]):
    """A collection of known length; it may create its items anew for each iteration."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[T_co]: ...


class PendingCall(Protocol[R_co]):
    """A call that runs elsewhere, such as in another process."""

    def result(self) -> R_co:
        """Wait for the call and return its result."""

    def cancel(self) -> object:
        """Cancel the call if it has not begun."""


def run_each(
    make: Callable[[T], R], items: Items[T], workers: int, loads: Sequence[str] = ()
) -> Iterator[R]:
    """Call a function for each item, in `workers` processes of this machine; yield the results in order.

    `loads` are modules that the processes import before they begin. One worker is this process itself.
    """
    workers = min(workers, len(items))
    if workers <= 1:
        yield from map(make, items)
        return
    from release.system.processes import forkserver

    # they ignore Ctrl-C: this process waits for the calls that have begun, and starts no more
    with _pool(workers, forkserver.make_context(loads), _begin) as pool:
        yield from run_in_order(
            lambda item: pool.submit(make, item), items, lambda: _PER_WORKER * workers
        )


@contextmanager
def _pool(
    workers: int, context: BaseContext, begin: Callable[[], None]
) -> Iterator[ProcessPoolExecutor]:
    """Start a pool of processes, each of which calls `begin` first; end them after the block.

    Raises:
        ReleaseError: The processes cannot be started, or one of them was killed.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    from release.system.processes import forkserver

    try:
        with forkserver.ignoring_interrupts():  # its resource tracker is a process too
            started = ProcessPoolExecutor(workers, context, begin)
    except OSError as error:  # for example, /dev/shm cannot be written
        message = f"processes cannot be started: {error.strerror}; --workers 1 needs none"
        raise ReleaseError(message) from error
    try:
        try:
            yield started
        finally:
            # without `cancel_futures`, Python up to 3.11.3 may wait for ever where only cancelled calls are
            # left: https://github.com/python/cpython/issues/94440
            started.shutdown(cancel_futures=True)
    except BrokenProcessPool as error:
        message = "a process of this command was killed, as a system does that runs out of memory"
        raise ReleaseError(f"{message}; with fewer --workers less is needed") from error


def _begin() -> None:
    """Set up a worker process."""
    from release.system.processes import forkserver

    forkserver.follow_parent()
    arrow_setup.leave_pandas()


def run_in_order(
    submit: Callable[[T], PendingCall[R]], items: Iterable[T], window: Callable[[], int]
) -> Iterator[R]:
    """Submit all items, and yield the results in order; at most `window()` calls are pending at a time."""
    pending: deque[PendingCall[R]] = deque()
    try:
        for item in items:
            while pending and len(pending) >= window():
                yield pending.popleft().result()
            pending.append(submit(item))
        while pending:
            yield pending.popleft().result()
    finally:
        for call in pending:
            call.cancel()


#: Takes a function and its arguments; returns a function that waits for the result and returns it.
Submit = Callable[..., Callable[[], Any]]


@contextmanager
def side_process(workers: int) -> Iterator[Submit]:
    """Give a function that submits calls to a second process, which is started with the first call.

    With one worker there is no second process: a call runs here, when its result is asked for.
    """
    if workers <= 1:
        yield partial
        return
    from release.system.processes import forkserver

    with _pool(1, forkserver.make_single_context(), forkserver.obey_interrupts) as pool:

        def submit(act: Callable[..., Any], *on: Any) -> Callable[[], Any]:
            with forkserver.ignoring_interrupts():  # the process is started here
                return pool.submit(act, *on).result

        yield submit
