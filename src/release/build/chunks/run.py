"""Runs chunks: in this process, in several or in a cluster, with the same results in the same order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from release.build.chunks.fingerprint import Work
from release.build.chunks.make import make
from release.build.inputs import LOADED
from release.records.sources import Source
from release.system.parallel import Items, run_each, run_in_order


@dataclass(frozen=True, slots=True)
class Means:
    """The means to run chunks: a number of processes, or the cluster of a scheduler.

    Its workers put what they make into `scratch`, a folder or URL that they share with this machine.
    """

    workers: int = 1
    scheduler: str = ""
    scratch: str = ""


def run(work: Work, chunks: Items[Sequence[Source]], folder: str, means: Means) -> Iterator[str]:
    """Make every chunk; the paths of their files in a folder, in order, as they come.

    Raises:
        UsageError: the cluster cannot be used.
        ReleaseError: the cluster cannot make a chunk.
    """
    if means.scheduler and chunks:
        from release.build.chunks import cluster, worker

        places = worker.places(means.scratch, folder, (sources[0] for sources in chunks))
        seconds = work.limits.scheduler_seconds
        with cluster.reached(means.scheduler, means.workers, seconds) as client:
            joined = cluster.joined(client, work, places)
            yield from run_in_order(joined.submit, chunks, joined.window)
    else:
        yield from run_each(partial(make, work, folder), chunks, means.workers, LOADED)
