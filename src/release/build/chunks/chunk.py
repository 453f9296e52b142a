"""The result of a chunk of records, as one file: tables, findings, and the front matter of the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from release.descriptor.model import Descriptor
from release.system.files import File
from release.system.limits import Limits
from release.tables import spill

#: The front matter of a chunk's records: one row per record, in order. `file` is the position of its file in
#: the chunk. A file that cannot be read as a record has one row, whose other columns are null. `captures` and
#: `prefix` are null too if the file holds one record; else they are JSON: the captures of the record's place
#: in the file, by name, and its key path in the text. Of several records with one text only the first has it,
#: and `text_at` is the position of that record.
#: `body` is null unless fields read parts of bodies.
FRONTS = pa.schema(
    [
        ("text", pa.string()),
        ("format", pa.string()),
        ("line", pa.int32()),
        ("body_line", pa.int32()),
        ("column", pa.int32()),
        ("file", pa.int32()),
        ("text_at", pa.int32()),
        ("captures", pa.string()),
        ("prefix", pa.string()),
        ("body", pa.string()),
    ]
)

#: The files of a chunk, in order, each with its SHA-256, which is empty if there are no bytes. `is_kept` is
#: False if all records of the file are left out. `left_out` is JSON: the positions of the conditions in the
#: kind's `where` that left out one of its records; null if none did.
FILES = pa.schema([("sha256", pa.string()), ("is_kept", pa.bool_()), ("left_out", pa.string())])


@dataclass(frozen=True, slots=True)
class Chunk:
    """The result of a run of records that were processed together.

    `tables` have the columns of ORIGIN too and are sorted by their primary keys; `$record` counts from the
    chunk's first record. `findings` is a table of findings, `fronts` one of FRONTS, `files` one of FILES.
    """

    tables: Mapping[str, pa.Table]
    findings: pa.Table
    fronts: pa.Table
    files: pa.Table

    def write(self, path: File, descriptor: Descriptor) -> None:
        """Write the chunk to a file, whole or not at all."""
        tables = [self.tables[resource.name] for resource in descriptor.resources if resource.rows]
        spill.write([*tables, self.findings, self.fronts, self.files], path)


def read_chunk(path: str, descriptor: Descriptor, limits: Limits) -> Chunk:
    """Read the file of a chunk; the tables stay in the file, which is mapped into memory."""
    *tables, findings, fronts, files = spill.read(Path(path), limits)
    names = [resource.name for resource in descriptor.resources if resource.rows]
    return Chunk(dict(zip(names, tables, strict=True)), findings, fronts, files)
