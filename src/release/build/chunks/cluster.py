"""A Dask cluster that makes chunks: reached or started, held against this machine, given its work."""

from __future__ import annotations

import re
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from logging import CRITICAL, getLogger
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from release import __version__
from release.build.chunks import fingerprint, worker
from release.build.chunks.fingerprint import Work
from release.build.chunks.worker import Differing, Places
from release.errors import ReleaseError, UsageError
from release.limits import Limits
from release.records.sources import Source
from release.system import files, processes
from release.tables import spill

if TYPE_CHECKING:
    from distributed import Client, Future, Security

R = TypeVar("R")

#: The scheduler that is no address: a cluster is started on this machine.
LOCAL = "local"

#: Dask makes no haste to refuse what is none.
_ADDRESS = re.compile(r"(tcp|tls|ucx|wss?)://([^\s/:\[\]]+|\[[^\s/\[\]]+\]):[0-9]+")

#: Chunks under way for each thread of the cluster: enough that none waits for work, few enough that the
#: scheduler holds the names of a few.
_PER_THREAD = 4

#: After so many chunks the threads are counted again: workers come and go.
_AGAIN = 64

#: How often a chunk that failed is tried again. The loss of a worker does not count: Dask's own
#: `allowed-failures` (3) limits how many a chunk may take with it.
_RETRIES = 3

#: So many workers that differ are told.
_TOLD = 20


class Cluster:
    """A cluster that was joined: what its workers need for every chunk, and how many threads they have."""

    def __init__(self, client: Client, work: Work, places: Places) -> None:
        self._client = client
        self._work = client.submit(worker.carry, work, pure=False)
        self._code, self._limits = work.code, work.limits
        self._places = places
        self._name = secrets.token_hex(8)
        self._number = 0
        self._threads = 1

    def submit(self, sources: Sequence[Source]) -> Task:
        """Have a chunk made somewhere."""
        if self._number % _AGAIN == 0:
            self._threads = sum(self._client.nthreads().values())
        self._number += 1
        future = self._client.submit(
            worker.make,
            self._work,
            self._code,
            worker.pack(sources),
            self._places.shared,
            key=f"chunk-{self._name}-{self._number}",
            retries=_RETRIES,
            pure=False,
        )
        about = f"{sources[0].path} to {sources[-1].path}"
        return Task(future, about, self._places.folder, self._limits)

    def window(self) -> int:
        """Return the number of chunks that may be under way."""
        return _PER_THREAD * max(self._threads, 1)


@dataclass(frozen=True, slots=True)
class Task:
    """A chunk under way in a cluster."""

    future: Future[str | Differing]
    about: str
    folder: str
    limits: Limits

    def result(self) -> str:
        """Wait until the chunk is built, and return the path of its file on this machine.

        Raises:
            UsageError: a worker that joined later differs from this machine.
            ReleaseError: the chunk cannot be made, or no worker is left.
        """
        from distributed import KilledWorker

        try:
            made = self._waited_for()
        except KilledWorker as error:
            told = f"the workers that read them died one after the other, last {error.last_worker.address}"
            raise ReleaseError(f"{self.about}: {told}; they may lack memory, or release") from error
        except ImportError as error:
            message = f"release {__version__} cannot run on a worker that joined later"
            raise UsageError(f"{message}: {error}") from error
        except CancelledError as error:
            raise ReleaseError(f"{self.about}: the scheduler was lost") from error
        if isinstance(made, Differing):
            raise UsageError(_difference({made.address: made.code}))
        return _brought(made, self.folder)

    def _waited_for(self) -> str | Differing:
        """Wait for the result of the future; give up if no worker comes back in time."""
        alone: float | None = None
        while True:
            try:
                return self.future.result(self.limits.chunk_seconds)
            except TimeoutError:
                if self.future.done():  # meanwhile, or with an error of that name
                    return self.future.result()
            if self.future.client.nthreads():
                alone = None
                continue
            alone = alone or monotonic()
            seconds = self.limits.workers_seconds
            if monotonic() - alone >= seconds:
                told = f"no worker of the cluster is left, and none came within {seconds:g} seconds"
                raise ReleaseError(f"--scheduler: {told}; start some and run it again")

    def cancel(self) -> None:
        """Have it made no longer."""
        self.future.release()


def joined(client: Client, work: Work, places: Places) -> Cluster:
    """Return a cluster whose workers are what the work needs.

    Raises:
        UsageError: they are not, or there are none.
    """
    _wait(client, work.limits.workers_seconds)
    _refuse_differing(client)
    _refuse_apart(client, places)
    return Cluster(client, work, places)


@contextmanager
def reached(scheduler: str, workers: int, seconds: float) -> Iterator[Client]:
    """A cluster by the address of its scheduler, or `local`: so many processes of this machine.

    Raises:
        UsageError: it cannot be reached.
        ReleaseError: it was lost.
    """
    try:
        from dask import config
        from distributed import Client, LocalCluster, Security
        from distributed.comm.core import CommClosedError
    except ImportError as error:
        message = "needs Dask, which is not installed: pip install 'release[dask]'"
        raise UsageError(f"--scheduler {message}") from error
    with ExitStack() as stack:
        if scheduler == LOCAL:
            place = stack.enter_context(tempfile.TemporaryDirectory(prefix="release-dask-"))
            stack.enter_context(config.set(temporary_directory=place))
            with processes.ignoring_interrupts():  # this one ends them
                cluster = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",  # none of its pages, and a port nobody else has
                    scheduler_kwargs={"dashboard": False},
                    silence_logs=CRITICAL,
                    memory_limit=None,  # as for processes of our own
                )
            scheduler = stack.enter_context(cluster).scheduler_address
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
        getLogger("distributed.client").setLevel(CRITICAL)  # what it would tell is raised
        try:
            yield stack.enter_context(client)
        except CommClosedError as error:
            raise ReleaseError(f"--scheduler {scheduler}: the scheduler was lost") from error


def _needs_certificates(scheduler: str, security: Security) -> bool:
    secure = scheduler.startswith(("tls:", "wss:"))
    return secure and security.get_connection_args("client").get("ssl_context") is None


def _wait(client: Client, seconds: float) -> None:
    """Wait for a worker; a cluster that grows with its work begins to grow."""
    something = client.submit(len, "", pure=False)  # which a worker without this program can do too
    try:
        client.wait_for_workers(1, seconds)
    except TimeoutError as error:
        message = f"the cluster has no worker after {seconds:g} seconds; start some first"
        raise UsageError(f"--scheduler: {message}") from error
    finally:
        something.release()


def _refuse_differing(client: Client) -> None:
    """Refuse workers whose chunks might not be what they are here."""
    there = _asked(client, worker.code)
    differing = {at: code for at, code in there.items() if code != fingerprint.code()}
    if differing:
        raise UsageError(_difference(differing))


def _asked(client: Client, act: Callable[..., R], *on: object) -> dict[str, R | BaseException]:
    """Run a function on each worker; return its results by address, without workers that died meanwhile."""
    from distributed.comm.core import CommClosedError

    answers = client.run(act, *on, on_error="return")
    there = client.nthreads()
    return {
        address: answer
        for address, answer in sorted(answers.items())
        if address in there and not isinstance(answer, CommClosedError)
    }


def _difference(differing: Mapping[str, str | BaseException]) -> str:
    lines = [f"  {address}: {_differs(code)}" for address, code in differing.items()]
    more = [f"  … and {len(lines) - _TOLD} more"] if len(lines) > _TOLD else []
    told = "\n".join(lines[:_TOLD] + more)
    return f"workers differ from this machine, so they might make something else:\n{told}"


def _differs(code: str | BaseException) -> str:
    if isinstance(code, BaseException):
        return f"release {__version__} cannot run there: {code}"
    here, there = _versions(fingerprint.code()), _versions(code)
    return ", ".join(
        f"{name} {there.get(name, 'missing')[:24]} (here {here.get(name, 'missing')[:24]})"
        for name in here | there
        if here.get(name) != there.get(name)
    )


def _versions(code: str) -> dict[str, str]:
    pairs = (part.rpartition(" ") for part in code.split(", "))
    return {name: version for name, _, version in pairs}


def _refuse_apart(client: Client, places: Places) -> None:
    """Refuse workers that do not see what this machine writes and reads, or whose files are not seen here."""
    files.make_folder(places.shared)
    name = f".shared-{secrets.token_hex(8)}"
    asked = files.join(places.shared, name)
    files.write(asked, name.encode())
    apart = {}
    for address, answer in _asked(client, worker.answer, places, name).items():
        if isinstance(answer, BaseException):
            raise answer
        written = files.join(places.shared, f"{name}-{answer.end}")
        if not _says(written, name):
            apart[address] = f"does not share {places.shared} with this machine; give --scratch"
        elif answer.unseen:
            apart[address] = f"does not see {answer.unseen}; read records with --records from"
        files.remove(written)
    files.remove(asked)
    for address, told in apart.items():
        raise UsageError(f"{address} {told} a folder or URL that all workers see")


def _says(place: files.File, text: str) -> bool:
    try:
        return place.read_bytes() == text.encode()
    except (OSError, ReleaseError):
        return False


def _brought(path: str, folder: str) -> str:
    """Bring the file of a chunk to this machine, and return its path."""
    if not files.is_url(path):
        if not Path(path).is_file():
            message = "is not there; give --scratch a folder or URL that all workers see"
            raise UsageError(f"{path}: {message}")
        return path
    place = Path(folder) / path.rpartition("/")[2]
    if not spill.is_whole(place):
        files.write(place, files.Url(path).read_bytes())
        if not spill.is_whole(place):
            files.remove(place)
            raise ReleaseError(f"{path}: is damaged; remove it and build again")
    return str(place)
