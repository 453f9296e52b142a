"""Files between stages: Arrow tables one after the other, behind the SHA-256 of them all."""

from __future__ import annotations

import hashlib
import mmap
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import cast
from weakref import WeakSet

import pyarrow as pa

from release import storage
from release.storage import File, Url

_DIGEST_BYTES = 32

#: What is larger than so many bytes waits in a file instead of in memory.
LARGE = 1 << 28

#: So many bytes are written at once: Linux keeps in one piece what was written in one, and maps it as one.
_PIECE = 1 << 16

#: So many bytes of files may stay in memory once they have been looked at.
_LITTLE = 1 << 26


def write(tables: Iterable[pa.Table], path: File) -> None:
    """Write tables as a file, whole or not at all."""
    sink = pa.BufferOutputStream()
    for table in tables:
        _write(table.combine_chunks(), sink)
    data = memoryview(sink.getvalue())
    pieces = (data[start : start + _PIECE] for start in range(0, len(data), _PIECE))
    storage.write(path, hashlib.sha256(data).digest(), *pieces)


def stream(table: pa.Table) -> bytes:
    """A table as bytes."""
    sink = pa.BufferOutputStream()
    _write(table, sink)
    return bytes(sink.getvalue())


def _write(table: pa.Table, sink: pa.BufferOutputStream) -> None:
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)


def is_whole(path: File) -> bool:
    """Whether a file is there as it was written."""
    try:
        if isinstance(path, Url):
            data = path.read_bytes()
            return data[:_DIGEST_BYTES] == hashlib.sha256(data[_DIGEST_BYTES:]).digest()
        with pa.memory_map(str(path)) as file:
            data = file.read_buffer()
            digest = hashlib.sha256(data[_DIGEST_BYTES:]).digest()
            return bytes(data[:_DIGEST_BYTES]) == digest
    except (OSError, pa.ArrowInvalid):
        return False


class _Mapped:
    """A file that is mapped into memory as long as something refers to this."""

    def __init__(self, path: Path) -> None:
        with pa.memory_map(str(path)) as file:  # what is mapped stays; only the file is closed
            self.buffer = file.read_buffer()
        _MAPPED.add(self)


_MAPPED: WeakSet[_Mapped] = WeakSet()


def forget() -> None:
    """Let the system have the memory of what is mapped, and of what Arrow holds for later.

    What is mapped is read from its file again when it is needed, so where it is little nothing is done.
    """
    mapped = list(_MAPPED)
    if sum(one.buffer.size for one in mapped) <= _LITTLE:
        return
    pa.default_memory_pool().release_unused()
    if hasattr(mmap, "MADV_DONTNEED"):
        for one in mapped:
            _advise()(one.buffer.address, one.buffer.size, mmap.MADV_DONTNEED)


@cache
def _advise() -> Callable[[int, int, int], int]:
    """The system's madvise: Python's own is for what it mapped itself, which keeps a file open for each."""
    import ctypes

    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return cast(Callable[[int, int, int], int], advise)


def read(path: Path) -> Iterator[pa.Table]:
    """The tables of a file; they stay in it, and it is mapped into memory."""
    return _tables(_Mapped(path), _DIGEST_BYTES)


def _tables(mapped: _Mapped, start: int) -> Iterator[pa.Table]:
    data = pa.BufferReader(pa.foreign_buffer(mapped.buffer.address, mapped.buffer.size, mapped))
    data.seek(start)
    while data.tell() < mapped.buffer.size:
        yield pa.ipc.open_stream(data).read_all()


def spilled(table: pa.Table | pa.RecordBatchReader) -> pa.Table:
    """A table in a file that has no name, mapped into memory; a small one as it is.

    A table in memory counts; what its chunks have of other mapped files is copied too.
    """
    if isinstance(table, pa.Table) and table.nbytes <= LARGE:
        return table
    with tempfile.NamedTemporaryFile(prefix="release-") as file:
        with pa.ipc.new_stream(file.name, table.schema) as writer:
            for batch in table.to_batches() if isinstance(table, pa.Table) else table:
                writer.write_batch(batch)
        return next(_tables(_Mapped(Path(file.name)), 0))
