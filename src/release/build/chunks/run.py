"""Build chunks in this process, in several or on a cluster, with the same results in the same order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from release.build.chunks.fingerprint import BuildContext
from release.build.chunks.make import make_chunk
from release.build.inputs import PRELOADED
from release.records.files.sources import Source
from release.system.processes.parallel import Items, run_each, run_in_order


@dataclass(frozen=True, slots=True)
class Executor:
    """A number of processes of this machine, or the cluster of a scheduler.

    The workers of a cluster write chunks to `scratch`, a folder or URL that they share with this machine.
    """

    workers: int = 1
    scheduler: str = ""
    scratch: str = ""


def run(
    context: BuildContext, chunks: Items[Sequence[Source]], folder: str, executor: Executor
) -> Iterator[str]:
    """Build chunks, each from its records; yield the paths of their files in a folder, in order.

    Raises:
        UsageError: the cluster cannot be used.
        ReleaseError: the cluster cannot build a chunk.
    """
    if executor.scheduler and chunks:
        from release.build.chunks import cluster, worker

        firsts = (sources[0] for sources in chunks)
        paths = worker.choose_paths(executor.scratch, folder, firsts)
        seconds = context.limits.scheduler_seconds
        with cluster.connect(executor.scheduler, executor.workers, seconds) as client:
            joined = cluster.join(client, context, paths)
            yield from run_in_order(joined.submit, chunks, joined.window)
    else:
        yield from run_each(
            partial(make_chunk, context, folder), chunks, executor.workers, PRELOADED
        )
