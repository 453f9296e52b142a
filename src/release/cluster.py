"""A Dask cluster that makes chunks: reached or started, held against this machine, given its work."""

from __future__ import annotations

import pickle
import re
import secrets
import signal
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from logging import CRITICAL
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING

from release import __version__, chunks, scratch, storage
from release.chunks import Work
from release.errors import ReleaseError, UsageError
from release.records import Source

if TYPE_CHECKING:
    from distributed import Client, Future

#: The scheduler that is no address: a cluster is started on this machine.
LOCAL = "local"

#: Dask makes no haste to refuse what is none.
_ADDRESS = re.compile(r"(tcp|tls|ucx|wss?)://([^\s/:\[\]]+|\[[^\s/\[\]]+\]):[0-9]+")

#: Seconds until a scheduler answers, and until it has a worker.
_REACHED, _STAFFED = 10, 60

#: Chunks under way for each thread of the cluster: enough that none waits for work, few enough that the
#: scheduler holds the names of a few.
_PER_THREAD = 4

#: How often a chunk that failed is tried again. The loss of a worker does not count: Dask's own
#: `allowed-failures` (3) limits how many a chunk may take with it.
_RETRIES = 3

#: So many workers that differ are told.
_TOLD = 20


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files of chunks go: `shared` is a folder or URL that all workers and this machine see.

    `folder` is one of this machine; `records` are some records of this machine, which workers see too.
    """

    shared: str
    folder: str
    records: tuple[str, ...]


def places(shared: str, folder: str, sources: Iterable[Source]) -> Places:
    """The places for making chunks of some records; without a shared folder it is the other."""
    local = {source.kind: source.file for source in sources if isinstance(source.file, Path)}
    records = tuple(storage.absolute(str(file)) for file in local.values())
    return Places(storage.absolute(shared or folder), folder, records)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that was joined, and what its workers need for every chunk."""

    client: Client
    work: Future[Work]
    code: str
    places: Places
    _number: Iterator[int] = field(default_factory=count)
    _threads: list[int] = field(default_factory=lambda: [0])
    _name: str = field(default_factory=lambda: secrets.token_hex(8))

    def submit(self, sources: Sequence[Source]) -> Task:
        """Have a chunk made somewhere."""
        number = next(self._number)
        if number % 64 == 0:  # workers come and go
            self._threads[0] = sum(self.client.nthreads().values())
        future = self.client.submit(
            _make,
            self.work,
            self.code,
            _packed(sources),
            self.places.shared,
            key=f"chunk-{self._name}-{number}",
            retries=_RETRIES,
            pure=False,
        )
        return Task(future, f"{sources[0].path} to {sources[-1].path}", self.places.folder)

    def window(self) -> int:
        """How many chunks may be under way."""
        return _PER_THREAD * max(self._threads[0], 1)


@dataclass(frozen=True, slots=True)
class Task:
    """A chunk under way in a cluster."""

    future: Future[str | Differing]
    about: str
    folder: str

    def result(self) -> str:
        """The path of the chunk's file on this machine, when it is made.

        Raises:
            UsageError: a worker that joined later differs from this machine.
            ReleaseError: the chunk cannot be made.
        """
        from distributed import KilledWorker

        try:
            made = self.future.result()
        except KilledWorker as error:
            message = "the workers that read them died one after the other, last"
            raise ReleaseError(f"{self.about}: {message} {error.last_worker.address}") from error
        except ImportError as error:
            message = f"release {__version__} cannot run on a worker that joined later"
            raise UsageError(f"{message}: {error}") from error
        except CancelledError as error:
            raise ReleaseError(f"{self.about}: the scheduler was lost") from error
        if isinstance(made, Differing):
            raise UsageError(_difference({made.worker: made.code}))
        return _brought(made, self.folder)

    def cancel(self) -> None:
        """Have it made no longer."""
        self.future.release()


@dataclass(frozen=True, slots=True)
class Differing:
    """What a worker gives in place of a chunk: its address, and what it has that is not as here."""

    worker: str
    code: str


def joined(client: Client, work: Work, places: Places) -> Cluster:
    """A cluster whose workers are what the work needs.

    Raises:
        UsageError: they are not, or there are none.
    """
    carried = client.submit(_carried, work, pure=False)  # unlike scattered data made again if lost
    _wait(client)
    _refuse_differing(client)
    _refuse_apart(client, places)
    return Cluster(client, carried, work.code, places)


@contextmanager
def reached(scheduler: str, workers: int) -> Iterator[Client]:
    """A cluster by the address of its scheduler, or `local`: so many processes of this machine.

    Raises:
        UsageError: it cannot be reached.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        message = "needs Dask, which is not installed: pip install 'release[dask]'"
        raise UsageError(f"--scheduler {message}") from error
    with ExitStack() as stack:
        if scheduler == LOCAL:
            place = stack.enter_context(tempfile.TemporaryDirectory(prefix="release-dask-"))
            with _unheard():
                cluster = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",  # none of its pages, and a port nobody else has
                    scheduler_kwargs={"dashboard": False},
                    silence_logs=CRITICAL,
                    local_directory=place,
                    memory_limit=None,  # as for processes of our own
                )
            scheduler = stack.enter_context(cluster).scheduler_address
        elif _ADDRESS.fullmatch(scheduler) is None:
            message = "expected an address such as tcp://HOST:8786, or local"
            raise UsageError(f"--scheduler {scheduler}: {message}")
        try:
            client = Client(scheduler, timeout=_REACHED, set_as_default=False)
        except (OSError, ValueError) as error:
            message = f"no Dask scheduler answered there within {_REACHED} seconds"
            raise UsageError(f"--scheduler {scheduler}: {message}") from error
        yield stack.enter_context(client)


@contextmanager
def _unheard() -> Iterator[None]:
    """Threads begun here, and processes begun by them, do not hear Ctrl-C: this one ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # else begun by one of them, which would hear it then
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _wait(client: Client) -> None:
    try:
        client.wait_for_workers(1, _STAFFED)
    except TimeoutError as error:
        message = f"the cluster has no worker after {_STAFFED} seconds; start some first"
        raise UsageError(f"--scheduler: {message}") from error


def _refuse_differing(client: Client) -> None:
    """Refuse workers whose chunks might not be what they are here."""
    there = client.run(chunks.code, on_error="return")
    differing = {worker: code for worker, code in sorted(there.items()) if code != chunks.code()}
    if differing:
        raise UsageError(_difference(differing))


def _difference(differing: Mapping[str, str | BaseException]) -> str:
    lines = [f"  {worker}: {_differs(code)}" for worker, code in differing.items()]
    more = [f"  … and {len(lines) - _TOLD} more"] if len(lines) > _TOLD else []
    told = "\n".join(lines[:_TOLD] + more)
    return f"workers differ from this machine, so they might make something else:\n{told}"


def _differs(code: str | BaseException) -> str:
    if isinstance(code, BaseException):
        return f"release {__version__} cannot run there: {code}"
    here, there = _versions(chunks.code()), _versions(code)
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
    storage.prepare(places.shared)
    name = f".shared-{secrets.token_hex(8)}"
    asked = storage.inside(places.shared, name)
    answers: list[storage.File] = []
    try:
        storage.write(asked, name.encode())
        for worker, answer in sorted(client.run(_answer, places, name).items()):
            answers.append(storage.inside(places.shared, f"{name}-{answer.name}"))
            if not _says(answers[-1], name):
                seen = f"{worker} does not share {places.shared} with this machine"
                raise UsageError(f"{seen}; give --scratch a folder or URL that all workers see")
            if answer.unseen:
                seen = f"{worker} does not see {answer.unseen}"
                raise UsageError(
                    f"{seen}; read records with --records from a folder or URL that all workers see"
                )
    finally:
        for place in (asked, *answers):
            storage.remove(place)


def _says(place: storage.File, text: str) -> bool:
    try:
        return place.read_bytes() == text.encode()
    except (OSError, ReleaseError):
        return False


def _brought(path: str, folder: str) -> str:
    """The file of a chunk on this machine."""
    if not storage.is_url(path):
        if not Path(path).is_file():
            message = "is not there; give --scratch a folder or URL that all workers see"
            raise UsageError(f"{path}: {message}")
        return path
    place = Path(folder) / path.rpartition("/")[2]
    if not scratch.is_whole(place):
        storage.write(place, storage.Url(path).read_bytes())
        if not scratch.is_whole(place):
            storage.remove(place)
            raise ReleaseError(f"{path}: is damaged; remove it and build again")
    return str(place)


def _packed(sources: Sequence[Source]) -> bytes:
    """Sources as few bytes; their files as every working folder knows them."""
    here = Path.cwd()
    rows = []
    for source in sources:
        file = source.file
        where = (str(here / file), None) if isinstance(file, Path) else (file.text, file.size)
        rows.append((source.kind, source.path, *where, dict(source.captures)))
    return zlib.compress(pickle.dumps(rows), 1)


# What workers run.


def _unpacked(packed: bytes) -> list[Source]:
    rows = pickle.loads(zlib.decompress(packed))  # noqa: S301 — a cluster runs what it is sent
    return [
        Source(
            kind, path, storage.Url(file, size) if storage.is_url(file) else Path(file), captures
        )
        for kind, path, file, size, captures in rows
    ]


def _carried(work: Work) -> Work:
    return work


def _make(work: Work, code: str, packed: bytes, folder: str) -> str | Differing:
    """Make a chunk, unless this worker differs from the machine that asks: it may have joined late."""
    if chunks.code() != code:
        from distributed import get_worker

        return Differing(get_worker().address, chunks.code())
    return chunks.make(work, _unpacked(packed), folder)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a worker says of places: how the name of the file it wrote ends, and a record it does not see."""

    name: str
    unseen: str


def _answer(places: Places, name: str) -> _Answer:
    """Write a file with what is in a file of that name beside it, if it is there."""
    end = secrets.token_hex(8)
    with suppress(OSError, ReleaseError):
        asked = storage.inside(places.shared, name).read_bytes()
        storage.write(storage.inside(places.shared, f"{name}-{end}"), asked)
    unseen = [record for record in places.records if not Path(record).exists()]
    return _Answer(end, unseen[0] if unseen else "")
