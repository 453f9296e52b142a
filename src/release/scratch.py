"""Files between stages: Arrow tables one after the other, behind the SHA-256 of them all."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from release import storage
from release.storage import File, Url

_DIGEST_BYTES = 32

#: What is larger than so many bytes waits in a file instead of in memory.
LARGE = 1 << 28


def write(tables: Iterable[pa.Table], path: File) -> None:
    """Write tables as a file, whole or not at all."""
    sink = pa.BufferOutputStream()
    for table in tables:
        _write(table.combine_chunks(), sink)
    data = sink.getvalue()
    storage.write(path, hashlib.sha256(data).digest(), data)


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


def read(path: Path) -> Iterator[pa.Table]:
    """The tables of a file; they stay in it, and it is mapped into memory."""
    with pa.memory_map(str(path)) as file:  # what is mapped stays; only the file is closed
        file.seek(_DIGEST_BYTES)
        while file.tell() < file.size():
            yield pa.ipc.open_stream(file).read_all()


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
        with pa.memory_map(file.name) as mapped:
            return pa.ipc.open_stream(mapped).read_all()
