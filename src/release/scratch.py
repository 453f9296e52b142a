"""Files between stages: Arrow tables one after the other, behind the SHA-256 of them all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from operator import attrgetter
from pathlib import Path

import pyarrow as pa

from release import storage
from release.findings import Finding
from release.storage import File, Url

_DIGEST_BYTES = 32
_FINDING_FIELDS = [field.name for field in fields(Finding) if field.name != "file"]
_FINDING_VALUES = attrgetter(*_FINDING_FIELDS)
_FINDINGS = pa.schema(
    [(n, pa.int32() if n in ("line", "column") else pa.string()) for n in _FINDING_FIELDS]
)


def write(tables: Iterable[pa.Table], path: File) -> None:
    """Write tables as a file, whole or not at all."""
    sink = pa.BufferOutputStream()
    for table in tables:
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())
    data = sink.getvalue()
    storage.write(path, hashlib.sha256(data).digest(), data)


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
    file = pa.memory_map(str(path))
    file.seek(_DIGEST_BYTES)
    while file.tell() < file.size():
        yield pa.ipc.open_stream(file).read_all()


def from_findings(findings: Sequence[Finding]) -> pa.Table:
    """Findings as a table, without where their files were read."""
    columns = list(zip(*map(_FINDING_VALUES, findings), strict=True)) or [()] * len(_FINDINGS)
    arrays = [pa.array(c, t.type) for c, t in zip(columns, _FINDINGS, strict=True)]
    return pa.table(arrays, schema=_FINDINGS)


def to_findings(table: pa.Table) -> list[Finding]:
    """The findings of a table."""
    return [Finding(**row) for row in table.select(_FINDING_FIELDS).to_pylist()]
