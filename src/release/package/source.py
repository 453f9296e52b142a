"""Copy the files that a release was built from into it, and pack them for its zip."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import NamedTuple

import orjson
import pyarrow as pa

from release.descriptor.model import Descriptor
from release.findings.errors import RefusedError
from release.package import zip as package_zip
from release.records.files.sources import Sources
from release.system import files as system_files
from release.system.limits import Limits
from release.system.processes import parallel
from release.tables import spill
from release.tables.sql import sort_table

#: Where it stands in a release.
FOLDER = "source"

#: So many bytes of a pack are written at once.
_BUFFER = 1 << 18

#: Ends the name of the file that says what is in a pack.
_NOTED = ".members"

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


class _Original(NamedTuple):
    """A file to copy: its path below FOLDER, the path or URL that is read, the SHA-256 that it must have.

    The descriptor has neither, as its text is at hand. The SHA-256 of a companion is not known before.
    """

    path: str
    place: str | None
    sha256: str | None


_COLUMNS = pa.schema([(name, pa.string()) for name in _Original._fields])


@dataclass(frozen=True, slots=True)
class Copied:
    """The packs of the files that were copied into FOLDER, as the zip has them."""

    packs: Sequence[str]

    @property
    def segments(self) -> list[package_zip.Segment]:
        """The packs as segments of a zip."""
        return [package_zip.Segment(Path(pack), _Members(pack)) for pack in self.packs]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield the path in the release and the SHA-256 of each file, in order."""
        return ((path, sha256) for pack in self.packs for path, _, _, sha256 in _noted(pack))


def listed(
    descriptor: Descriptor,
    sources: Sources,
    sha256: pa.ChunkedArray,
    others: Mapping[str, str],
    limits: Limits,
) -> pa.Table:
    """List the files to copy, one _Original a row, sorted by path.

    `sha256` is what the records had when they were read, `others` what all else but the descriptor had,
    by path.
    """
    root = descriptor.root
    files = [_Original(path, str(root / path), digest) for path, digest in others.items()]
    files.append(_Original("datapackage.yaml", None, None))
    files += [_Original(each.path, each.file, None) for each in sources.companions]
    columns = [pa.array(column, pa.string()) for column in zip(*files, strict=True)]
    names = _COLUMNS.names[:2]
    records = pa.concat_tables(
        [
            pa.table([[], []], schema=pa.schema([_COLUMNS.field(name) for name in names])),
            *(pa.table([some.paths, some.files], names) for some in sources.batches()),
        ]
    ).append_column("sha256", sha256)
    whole = pa.concat_tables([pa.table(columns, schema=_COLUMNS), records])
    return sort_table(spill.spill_large(whole, limits), ["path"], limits)


@contextmanager
def copying(
    files: pa.Table, descriptor: Descriptor, folder: Path, workers: int, limits: Limits
) -> Iterator[Callable[[], Copied]]:
    """Copy the listed files into a release's folder, in that many processes, while other work goes on.

    The function that is yielded waits for the copies. Their packs are files beside the folder, removed at the
    end.

    Raises:
        RefusedError: a file is no longer what was read.
    """
    given_up = Event()
    packed = folder.with_name(f"{folder.name}-packed")
    packed.mkdir()
    try:
        (folder / FOLDER).mkdir()
        text, form = descriptor.text.encode(), package_zip.Form.of(descriptor.created, limits)
        make = partial(_copy, _Work(f"{folder}/{FOLDER}", str(packed), text, form))
        with ThreadPoolExecutor(1) as thread:
            try:
                copied = thread.submit(
                    _copied, make, _Batches(files, limits.copied_files), workers, given_up
                )
                yield copied.result
            finally:
                given_up.set()
    finally:
        shutil.rmtree(packed, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Batches:
    """Files, `size` at a time, unpacked when they are asked for; between them copying can be given up."""

    files: pa.Table
    size: int

    def __len__(self) -> int:
        return (int(self.files.num_rows) + self.size - 1) // self.size

    def __iter__(self) -> Iterator[list[_Original]]:
        for start in range(0, self.files.num_rows, self.size):
            columns = self.files.slice(start, self.size).columns
            yield list(map(_Original, *(column.to_pylist() for column in columns)))


def _copied(
    make: Callable[[list[_Original]], str], batches: _Batches, workers: int, given_up: Event
) -> Copied:
    """Copy all batches, until copying is given up."""
    packs = []
    for pack in parallel.run_each(make, batches, workers):
        packs.append(pack)
        if given_up.is_set():
            break
    return Copied(packs)


@dataclass(frozen=True, slots=True)
class _Members(Iterable[package_zip.Member]):
    """The files in a pack; read on demand, as all of them are many."""

    pack: str

    def __iter__(self) -> Iterator[package_zip.Member]:
        return (package_zip.Member(path, size, crc) for path, size, crc, _ in _noted(self.pack))


def _noted(pack: str) -> list[tuple[str, int, int, str]]:
    """Read the path, size, CRC-32 and SHA-256 of each file in a pack from the file beside the pack."""
    noted: list[tuple[str, int, int, str]] = orjson.loads(Path(f"{pack}{_NOTED}").read_bytes())
    return noted


class _Work(NamedTuple):
    """The targets of copies, loose and packed; the text of the descriptor; the form of the zip."""

    into: str
    packed: str
    text: bytes
    form: package_zip.Form


def _copy(work: _Work, files: Sequence[_Original]) -> str:
    """Copy some files, reading each once; return the path of their pack.

    Raises:
        RefusedError: one is no longer what was read.
    """
    made, noted = {""}, []
    handle, path = tempfile.mkstemp(dir=work.packed)
    with os.fdopen(handle, "wb", buffering=_BUFFER) as pack:
        for file, data in zip(files, _contents(work, files), strict=True):
            digest = hashlib.sha256(data).hexdigest()
            if file.sha256 not in (digest, None):
                raise _changed(file.place)
            _make_folder(work.into, file.path.rpartition("/")[0], made)
            _write(f"{work.into}/{file.path}", data)
            member = package_zip.Member(f"{FOLDER}/{file.path}", len(data), zlib.crc32(data))
            pack.write(package_zip.header(member, work.form))
            pack.write(data)
            noted.append([*member, digest])
    Path(f"{path}{_NOTED}").write_bytes(orjson.dumps(noted))
    return path


def _contents(work: _Work, files: Sequence[_Original]) -> Iterator[bytes]:
    """Yield the bytes of each file; many of those behind URLs are read at a time.

    Raises:
        RefusedError: one is no regular file any more.
    """
    places = [file.place for file in files]
    behind = system_files.read_all(
        [system_files.Url(p) for p in places if p is not None and system_files.is_url(p)]
    )
    for place in places:
        if place is None:
            yield work.text
        elif system_files.is_url(place):
            yield next(behind)
        else:
            try:
                yield system_files.read(place)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                raise _changed(place) from error


def _changed(place: str | None) -> RefusedError:
    return RefusedError(f"{place} was changed while the release was built: build it again")


def _make_folder(into: str, path: str, made: set[str]) -> None:
    """Make a folder and those above it, but not `into`, which must be there."""
    if path not in made:
        _make_folder(into, path.rpartition("/")[0], made)
        with suppress(FileExistsError):
            os.mkdir(f"{into}/{path}")  # noqa: PTH102 — many thousands
        made.add(path)


def _write(path: str, data: bytes) -> None:
    """Write a new file."""
    handle = os.open(path, _NEW, 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
    finally:
        os.close(handle)
