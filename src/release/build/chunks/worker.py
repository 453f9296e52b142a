"""The functions that a worker of a cluster runs, and the values that are sent to it and back."""

from __future__ import annotations

import pickle
import secrets
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from release.build.chunks import fingerprint
from release.build.chunks import make as build_make
from release.build.chunks.fingerprint import BuildContext
from release.findings.errors import ReleaseError
from release.records.files.sources import Source
from release.system import files


@dataclass(frozen=True, slots=True)
class ClusterPaths:
    """The paths that a cluster works with.

    `shared` is the folder or URL of the chunks' files, which all workers and this machine see. `folder` is a
    folder of this machine. `records` are a few records of this machine that workers must see too.
    """

    shared: str
    folder: str
    records: tuple[str, ...]


def choose_paths(shared: str, folder: str, sources: Iterable[Source]) -> ClusterPaths:
    """Choose the paths for building chunks of some records; without a shared folder it is `folder`.

    Raises:
        UsageError: the shared folder is a URL that nothing here can reach.
    """
    local = {source.kind: source.file for source in sources if not files.is_url(source.file)}
    records = tuple(files.make_absolute(file) for file in local.values())
    return ClusterPaths(files.make_absolute(shared or folder), folder, records)


@dataclass(frozen=True, slots=True)
class WorkerReply:
    """A worker's reply: the end of the name of the file that it wrote, and a record that it does not see."""

    end: str
    unseen: str


def answer(paths: ClusterPaths, name: str) -> WorkerReply:
    """Copy a shared file, if this worker sees it, to a new file beside it."""
    end = secrets.token_hex(8)
    with suppress(OSError, ReleaseError):
        data = files.join(paths.shared, name).read_bytes()
        files.write(files.join(paths.shared, f"{name}-{end}"), data)
    unseen = [record for record in paths.records if not Path(record).exists()]
    return WorkerReply(end, unseen[0] if unseen else "")


@dataclass(frozen=True, slots=True)
class DifferingWorker:
    """The address of a worker whose code is not that of the build, and its code."""

    address: str
    code: str


def code() -> str:
    """Return the code of this worker; importing this module has loaded all that builds chunks."""
    return fingerprint.code()


def carry(context: BuildContext) -> BuildContext:
    """Return the context: the result of a task is sent to each worker once, and again if it is lost."""
    return context


def pack(sources: Sequence[Source]) -> bytes:
    """Pack sources into few bytes; paths of their files and folders become absolute."""
    here = Path.cwd()
    there = [
        source
        if files.is_url(source.file)
        else replace(source, file=str(here / source.file), root=str(here / source.root))
        for source in sources
    ]
    return zlib.compress(pickle.dumps(there), 1)


def unpack(packed: bytes) -> list[Source]:
    """Unpack sources."""
    sources: list[Source] = pickle.loads(zlib.decompress(packed))  # noqa: S301 — a worker runs what it is sent
    return sources


def make_chunk(
    context: BuildContext, code: str, packed: bytes, folder: str
) -> str | DifferingWorker:
    """Build a chunk and return the path of its file, unless this worker has other code: it may be new."""
    if fingerprint.code() != code:
        from distributed import get_worker

        return DifferingWorker(get_worker().address, fingerprint.code())
    return build_make.make_chunk(context, folder, unpack(packed))
