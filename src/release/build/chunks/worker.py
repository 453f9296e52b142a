"""The functions that a worker of a cluster runs, and the values that are sent to it."""

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
from release.build.chunks.fingerprint import Work
from release.errors import ReleaseError
from release.records.sources import Source
from release.system import files


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of a cluster: `shared` is a folder or URL that all workers and this machine see.

    `folder` is one of this machine; `records` are some records of this machine, which workers see too.
    """

    shared: str
    folder: str
    records: tuple[str, ...]


def places(shared: str, folder: str, sources: Iterable[Source]) -> Places:
    """Return the folders for chunks of some records; `shared` is `folder` if no other is given.

    Raises:
        UsageError: the shared folder is behind a URL that nothing can reach.
    """
    local = {source.kind: source.file for source in sources if not files.is_url(source.file)}
    records = tuple(files.make_absolute(place) for place in local.values())
    return Places(files.make_absolute(shared or folder), folder, records)


@dataclass(frozen=True, slots=True)
class WorkerReply:
    """A worker's reply: the end of the name of the file that it wrote, and a record that it does not see."""

    end: str
    unseen: str


def answer(places: Places, name: str) -> WorkerReply:
    """Write a file with what is in the file of that name beside it, if that is there."""
    end = secrets.token_hex(8)
    with suppress(OSError, ReleaseError):
        asked = files.join(places.shared, name).read_bytes()
        files.write(files.join(places.shared, f"{name}-{end}"), asked)
    unseen = [record for record in places.records if not Path(record).exists()]
    return WorkerReply(end, unseen[0] if unseen else "")


@dataclass(frozen=True, slots=True)
class Differing:
    """A worker's answer instead of a chunk: its address, and its code, which is not the expected one."""

    address: str
    code: str


def code() -> str:
    """Return the code of this worker, which was loaded to build chunks."""
    return fingerprint.code()


def carry(work: Work) -> Work:
    """Return the work: as the result of a task it goes to each worker once, and again if it is lost."""
    return work


def pack(sources: Sequence[Source]) -> bytes:
    """Sources in few bytes; their files as every working folder knows them."""
    here = Path.cwd()
    there = [
        source if files.is_url(source.file) else replace(source, file=str(here / source.file))
        for source in sources
    ]
    return zlib.compress(pickle.dumps(there), 1)


def unpack(packed: bytes) -> list[Source]:
    """Unpack sources."""
    sources: list[Source] = pickle.loads(zlib.decompress(packed))  # noqa: S301 — a worker runs what it is sent
    return sources


def make(work: Work, code: str, packed: bytes, folder: str) -> str | Differing:
    """Make a chunk as `chunks.make` does, unless this worker's code is another: it may have joined late."""
    if fingerprint.code() != code:
        from distributed import get_worker

        return Differing(get_worker().address, fingerprint.code())
    return build_make.make(work, folder, unpack(packed))
