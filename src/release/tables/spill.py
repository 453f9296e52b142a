"""Spilling: tables in files instead of memory, between the stages of a build.

A file is a SHA-256 of its name and content, then Arrow streams, one for each table.
"""

from __future__ import annotations

import hashlib
import mmap
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock, Thread
from time import sleep
from weakref import WeakSet

import pyarrow as pa

from release.findings.errors import naming_full_disk
from release.system import files
from release.system.files import File, Url
from release.system.limits import LIMITS, Limits

_DIGEST_BYTES = 32

#: The bytes that are written at once. Linux caches and maps in one piece what was written in one.
_PIECE = 1 << 16

#: The name of the threads that drop the memory of mapped files.
WATCHER = "release-mapped"


def write(tables: Iterable[pa.Table], path: File) -> None:
    """Write tables as a file, complete or not at all."""
    sink = pa.BufferOutputStream()
    for table in tables:
        _write(table.combine_chunks(), sink)
    data = memoryview(sink.getvalue())
    pieces = (data[start : start + _PIECE] for start in range(0, len(data), _PIECE))
    files.write(path, _digest(path, data), *pieces)


def _digest(path: File, data: memoryview | pa.Buffer) -> bytes:
    """Return the digest that a file begins with; it covers the name, so that no renamed file is accepted."""
    digest = hashlib.sha256(str(path).rpartition("/")[2].encode())
    digest.update(data)
    return digest.digest()


def serialize(table: pa.Table) -> bytes:
    """Return a table as the bytes of an Arrow stream."""
    sink = pa.BufferOutputStream()
    _write(table, sink)
    return bytes(sink.getvalue())


def _write(table: pa.Table, sink: pa.BufferOutputStream) -> None:
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)


def is_whole(path: File) -> bool:
    """Return whether a file exists and is as it was written."""
    try:
        if isinstance(path, Url):
            data = memoryview(path.read_bytes())
            return data[:_DIGEST_BYTES] == _digest(path, data[_DIGEST_BYTES:])
        with pa.memory_map(str(path)) as file:
            buffer = file.read_buffer()
            return bytes(buffer[:_DIGEST_BYTES]) == _digest(path, buffer[_DIGEST_BYTES:])
    except (OSError, pa.ArrowInvalid):
        return False


class _MappedFile:
    """A file that stays mapped into memory as long as something refers to this object."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.limits = limits
        with pa.memory_map(str(path)) as file:  # closes the file; the mapping stays
            self.buffer = file.read_buffer()
        with _changing:
            _all_mapped.add(self)
        if not hasattr(mmap, "MADV_DONTNEED") or not _find_excess(limits):
            return
        with _changing:
            if limits in _watched:
                return
            _watched.add(limits)
        Thread(target=_free_memory, args=(limits,), name=WATCHER, daemon=True).start()


_all_mapped: WeakSet[_MappedFile] = WeakSet()
_changing = Lock()
_watched: set[Limits] = set()


def _find_excess(limits: Limits) -> list[_MappedFile]:
    """Return the files mapped under some limits if more bytes than may stay in memory, else none."""
    with _changing:
        found = [one for one in _all_mapped if one.limits == limits]
    return found if sum(one.buffer.size for one in found) > limits.mapped else []


def _free_memory(limits: Limits) -> None:
    """Free the memory of mapped files at short intervals until few are mapped; they can be read again.

    Otherwise all files that a step has read would stay in memory, however many there are.
    """
    import ctypes

    # Python's madvise works only on its own mmap, which keeps each file open
    advise = ctypes.PyDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    try:
        while found := _find_excess(limits):
            for one in found:
                advise(one.buffer.address, one.buffer.size, mmap.MADV_DONTNEED)
            del one, found  # they would keep the files mapped
            sleep(limits.mapped_seconds)
    finally:
        with _changing:
            _watched.discard(limits)


def read(path: Path, limits: Limits = LIMITS) -> Iterator[pa.Table]:
    """Read the tables of a file; their data stay in the file, which is mapped into memory."""
    return _read_tables(_MappedFile(path, limits), _DIGEST_BYTES)


def _read_tables(mapped: _MappedFile, start: int) -> Iterator[pa.Table]:
    """Read the tables of a mapped file from an offset on."""
    data = pa.BufferReader(pa.foreign_buffer(mapped.buffer.address, mapped.buffer.size, mapped))
    data.seek(start)
    while data.tell() < mapped.buffer.size:
        yield pa.ipc.open_stream(data).read_all()


def spill_large(table: pa.Table | pa.RecordBatchReader, limits: Limits = LIMITS) -> pa.Table:
    """Return a table with its data in a mapped temporary file; a small table is returned as it is.

    Data that a table has in other mapped files count as its own, and are copied.
    """
    if isinstance(table, pa.Table) and table.nbytes <= limits.held:
        return table
    folder = tempfile.gettempdir()
    with (
        naming_full_disk(folder),
        tempfile.NamedTemporaryFile(prefix="release-", dir=folder) as file,
    ):
        with pa.ipc.new_stream(file.name, table.schema) as writer:
            for batch in table.to_batches() if isinstance(table, pa.Table) else table:
                writer.write_batch(batch)
        return next(_read_tables(_MappedFile(Path(file.name), limits), 0))
