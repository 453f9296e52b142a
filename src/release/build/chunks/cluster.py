"""Connect to a Dask cluster or start one, compare its workers with this machine, have them build chunks."""

from __future__ import annotations

import re
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from logging import CRITICAL, getLogger
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from release import __version__
from release.build.chunks import worker, worker_check
from release.build.chunks.fingerprint import BuildContext
from release.build.chunks.worker import ClusterPaths, DifferingWorker
from release.findings.errors import ReleaseError, UsageError
from release.records.files.sources import Source
from release.system import files
from release.system.limits import Limits
from release.system.processes import forkserver
from release.tables import spill

if TYPE_CHECKING:
    from distributed import Client, Future, Security


#: Stands for an address: a cluster is started on this machine.
LOCAL = "local"

#: Addresses of schedulers. Dask would take long to refuse another text.
_ADDRESS = re.compile(r"(tcp|tls|ucx|wss?)://([^\s/:\[\]]+|\[[^\s/\[\]]+\]):[0-9]+")

#: Chunks that are submitted ahead for each thread of the cluster: enough that none waits for work, and few
#: for the scheduler to hold.
_PER_THREAD = 4

#: The number of chunks after which the threads are counted again, as workers come and go.
_AGAIN = 64

#: How often a chunk that failed is built again. The loss of a worker does not count: Dask's own
#: `allowed-failures` (3) limits how many workers may die with one chunk.
_RETRIES = 3


class Cluster:
    """A cluster that builds the chunks of one build."""

    def __init__(self, client: Client, context: BuildContext, paths: ClusterPaths) -> None:
        self._client = client
        self._context = client.submit(worker.carry, context, pure=False)
        self._code, self._limits = context.code, context.limits
        self._paths = paths
        self._name = secrets.token_hex(8)
        self._number = 0
        self._threads = 1

    def submit(self, sources: Sequence[Source]) -> ChunkTask:
        """Submit the records of a chunk to the scheduler."""
        if self._number % _AGAIN == 0:
            self._threads = sum(self._client.nthreads().values())
        self._number += 1
        future = self._client.submit(
            worker.make_chunk,
            self._context,
            self._code,
            worker.pack(sources),
            self._paths.shared,
            key=f"chunk-{self._name}-{self._number}",
            retries=_RETRIES,
            pure=False,
        )
        about = f"{sources[0].path} to {sources[-1].path}"
        return ChunkTask(future, about, self._paths.folder, self._limits)

    def window(self) -> int:
        """Return the number of chunks that may be pending."""
        return _PER_THREAD * max(self._threads, 1)


@dataclass(frozen=True, slots=True)
class ChunkTask:
    """A chunk that a cluster builds: `about` names its records, `folder` is where this machine keeps it."""

    future: Future[str | DifferingWorker]
    about: str
    folder: str
    limits: Limits

    def result(self) -> str:
        """Wait for the chunk; return the path of its file on this machine.

        Raises:
            UsageError: a worker that joined later differs from this machine.
            ReleaseError: the chunk cannot be built, or no worker is left.
        """
        from distributed import KilledWorker

        try:
            result = self._wait()
        except KilledWorker as error:
            reason = f"the workers that read them died one after the other, last {error.last_worker.address}"
            raise ReleaseError(
                f"{self.about}: {reason}; they may lack memory, or release"
            ) from error
        except ImportError as error:
            message = f"release {__version__} cannot run on a worker that joined later"
            raise UsageError(f"{message}: {error}") from error
        except CancelledError as error:
            raise ReleaseError(f"{self.about}: the scheduler was lost") from error
        if isinstance(result, DifferingWorker):
            raise UsageError(worker_check.describe_workers({result.address: result.code}))
        return _fetch(result, self.folder)

    def _wait(self) -> str | DifferingWorker:
        """Wait for the result of the future; give up if no worker comes back in time."""
        alone: float | None = None
        while True:
            try:
                return self.future.result(self.limits.chunk_seconds)
            except TimeoutError:
                if self.future.done():  # just now, or with a TimeoutError of its own
                    return self.future.result()
            if self.future.client.nthreads():
                alone = None
                continue
            alone = alone or monotonic()
            seconds = self.limits.workers_seconds
            if monotonic() - alone >= seconds:
                reason = (
                    f"no worker of the cluster is left, and none came within {seconds:g} seconds"
                )
                raise ReleaseError(f"--scheduler: {reason}; start some and run it again")

    def cancel(self) -> None:
        """Cancel the task."""
        self.future.release()


def join(client: Client, context: BuildContext, paths: ClusterPaths) -> Cluster:
    """Check the workers of a cluster, and return a cluster that builds the chunks of a build.

    Raises:
        UsageError: there are no workers, or they differ from this machine or do not share the paths.
    """
    _wait_for_worker(client, context.limits.workers_seconds)
    worker_check.refuse_differing(client)
    worker_check.refuse_unshared(client, paths)
    return Cluster(client, context, paths)


@contextmanager
def connect(scheduler: str, workers: int, seconds: float) -> Iterator[Client]:
    """Connect to a scheduler at an address; if it is `local`, start a cluster of `workers` processes here.

    The cluster that was started ends with the block. A scheduler must answer within some seconds.

    Raises:
        UsageError: the address cannot be used, or nothing answers there.
        ReleaseError: the scheduler was lost.
    """
    try:
        from distributed import Client, Security
        from distributed.comm.core import CommClosedError
    except ImportError as error:
        message = "needs Dask, which is not installed: pip install 'records-release[dask]'"
        raise UsageError(f"--scheduler {message}") from error
    with ExitStack() as stack:
        if scheduler == LOCAL:
            scheduler = stack.enter_context(_local_cluster(workers))
        elif _ADDRESS.fullmatch(scheduler) is None:
            message = "expected an address such as tcp://HOST:8786, or local"
            raise UsageError(f"--scheduler {scheduler}: {message}")
        elif _needs_certificates(scheduler, Security()):
            message = "expected certificates in Dask's configuration, distributed.comm.tls"
            raise UsageError(f"--scheduler {scheduler}: {message}")
        try:
            client = Client(scheduler, timeout=seconds, set_as_default=False)
        except (OSError, ValueError) as error:
            message = f"no Dask scheduler answered there within {seconds:g} seconds"
            raise UsageError(f"--scheduler {scheduler}: {message}") from error
        getLogger("distributed.client").setLevel(CRITICAL)  # what it would log is raised
        try:
            yield stack.enter_context(client)
        except CommClosedError as error:
            raise ReleaseError(f"--scheduler {scheduler}: the scheduler was lost") from error


@contextmanager
def _local_cluster(workers: int) -> Iterator[str]:
    """Start a cluster of processes on this machine; give the address of its scheduler."""
    from dask import config
    from distributed import LocalCluster

    with (
        tempfile.TemporaryDirectory(prefix="release-dask-") as folder,
        config.set(temporary_directory=folder),
    ):
        with forkserver.ignoring_interrupts():  # this process ends them
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address="127.0.0.1:0",  # it has no page; any free port
                scheduler_kwargs={"dashboard": False},
                silence_logs=CRITICAL,
                memory_limit=None,  # as for the processes without Dask
            )
        with cluster:
            yield cluster.scheduler_address


def _needs_certificates(scheduler: str, security: Security) -> bool:
    """Return True if an address is secure and Dask's configuration has no certificates."""
    secure = scheduler.startswith(("tls:", "wss:"))
    return secure and security.get_connection_args("client").get("ssl_context") is None


def _wait_for_worker(client: Client, seconds: float) -> None:
    """Wait for the first worker; a cluster that grows with its work begins to grow."""
    task = client.submit(len, "", pure=False)  # any worker can do it, even without this program
    try:
        client.wait_for_workers(1, seconds)
    except TimeoutError as error:
        message = f"the cluster has no worker after {seconds:g} seconds; start some first"
        raise UsageError(f"--scheduler: {message}") from error
    finally:
        task.release()


def _fetch(path: str, folder: str) -> str:
    """Return the file of a chunk on this machine; one behind a URL is copied into a folder."""
    if not files.is_url(path):
        if not Path(path).is_file():
            message = "is not there; give --scratch a folder or URL that all workers see"
            raise UsageError(f"{path}: {message}")
        return path
    file = Path(folder) / path.rpartition("/")[2]
    if not spill.is_whole(file):
        files.write(file, files.Url(path).read_bytes())
        if not spill.is_whole(file):
            files.remove(file)
            raise ReleaseError(f"{path}: is damaged; remove it and build again")
    return str(file)
