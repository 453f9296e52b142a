"""Files between stages: Arrow tables one after the other, behind the SHA-256 of the name and them all."""

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

from release.system import files
from release.system.files import File, Url

_DIGEST_BYTES = 32

#: What is larger than so many bytes waits in a file instead of in memory.
LARGE = 1 << 25

#: So many bytes are written at once: Linux keeps in one piece what was written in one, and maps it as one.
_PIECE = 1 << 16

#: So many bytes of files may stay in memory once they were looked at; else they go after so many seconds.
LITTLE = 1 << 27
_PAUSE = 0.02
WATCHER = "release-mapped"


def write(tables: Iterable[pa.Table], path: File) -> None:
    """Write tables as a file, whole or not at all."""
    sink = pa.BufferOutputStream()
    for table in tables:
        _write(table.combine_chunks(), sink)
    data = memoryview(sink.getvalue())
    pieces = (data[start : start + _PIECE] for start in range(0, len(data), _PIECE))
    files.write(path, _digest(path, data), *pieces)


def _digest(path: File, data: memoryview | pa.Buffer) -> bytes:
    """What a file begins with; its name counts, so that no other file can stand in its place."""
    whole = hashlib.sha256(str(path).rpartition("/")[2].encode())
    whole.update(data)
    return whole.digest()


def serialize(table: pa.Table) -> bytes:
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
            data = memoryview(path.read_bytes())
            return data[:_DIGEST_BYTES] == _digest(path, data[_DIGEST_BYTES:])
        with pa.memory_map(str(path)) as file:
            buffer = file.read_buffer()
            return bytes(buffer[:_DIGEST_BYTES]) == _digest(path, buffer[_DIGEST_BYTES:])
    except (OSError, pa.ArrowInvalid):
        return False


class _Mapped:
    """A file that is mapped into memory as long as something refers to this."""

    def __init__(self, path: Path) -> None:
        with pa.memory_map(str(path)) as file:  # what is mapped stays; only the file is closed
            self.buffer = file.read_buffer()
        with _changing:
            _all_mapped.add(self)
        if hasattr(mmap, "MADV_DONTNEED") and _much() and _watching.acquire(blocking=False):
            Thread(target=_forget, name=WATCHER, daemon=True).start()


_all_mapped: WeakSet[_Mapped] = WeakSet()
_changing = Lock()
_watching = Lock()


def _much() -> list[_Mapped]:
    """What is mapped, where that is more than may stay in memory."""
    with _changing:
        found = list(_all_mapped)
    return found if sum(one.buffer.size for one in found) > LITTLE else []


def _forget() -> None:
    """Give the memory of what is mapped back, again and again; what is needed is read from its file anew.

    Else it would stay, as much as the records have, once a step has looked at it.
    """
    import ctypes

    # Python's own madvise is for what its own mmap mapped, which keeps a file open for each
    advise = ctypes.PyDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    try:
        while found := _much():
            for one in found:
                advise(one.buffer.address, one.buffer.size, mmap.MADV_DONTNEED)
            del one, found  # else they would stay mapped
            sleep(_PAUSE)
    finally:
        _watching.release()


def read(path: Path) -> Iterator[pa.Table]:
    """The tables of a file; they stay in it, and it is mapped into memory."""
    return _tables(_Mapped(path), _DIGEST_BYTES)


def _tables(mapped: _Mapped, start: int) -> Iterator[pa.Table]:
    data = pa.BufferReader(pa.foreign_buffer(mapped.buffer.address, mapped.buffer.size, mapped))
    data.seek(start)
    while data.tell() < mapped.buffer.size:
        yield pa.ipc.open_stream(data).read_all()


def spill_large(table: pa.Table | pa.RecordBatchReader) -> pa.Table:
    """A table in a file that has no name, mapped into memory; a small one as it is.

    A table in memory counts; what its chunks have of other mapped files is copied too.
    """
    if isinstance(table, pa.Table) and table.nbytes <= LARGE:
        return table
    folder = tempfile.gettempdir()
    with (
        files.naming_full_disk(folder),
        tempfile.NamedTemporaryFile(prefix="release-", dir=folder) as file,
    ):
        with pa.ipc.new_stream(file.name, table.schema) as writer:
            for batch in table.to_batches() if isinstance(table, pa.Table) else table:
                writer.write_batch(batch)
        return next(_tables(_Mapped(Path(file.name)), 0))
