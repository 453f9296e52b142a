"""The result of a chunk as one file: tables, findings, and what later stages need of its records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from release.descriptor.load import Descriptor
from release.limits import Limits
from release.system.files import File
from release.tables import spill

#: One row per record of a chunk: its front matter, in which later stages find locations, null where the file
#: could not be read as a record; and `sha256` of the file, empty where there was none.
FRONTS = pa.schema(
    [
        ("text", pa.string()),
        ("format", pa.string()),
        ("body_line", pa.int32()),
        ("sha256", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Made:
    """The result of a chunk: its tables, with the columns of ORIGIN, and its findings.

    Tables are sorted by their primary key; `$record` counts from the chunk's first record. `findings` are
    as in found, `fronts` a row per record (FRONTS).
    """

    tables: Mapping[str, pa.Table]
    findings: pa.Table
    fronts: pa.Table

    def write(self, path: File, of: Descriptor) -> None:
        """Write it as a file, whole or not at all."""
        tables = [self.tables[resource.name] for resource in of.resources if resource.rows]
        spill.write([*tables, self.findings, self.fronts], path)


def load(path: str, of: Descriptor, limits: Limits) -> Made:
    """Load the result of a chunk; its tables stay in the file, which is mapped into memory."""
    *tables, findings, fronts = spill.read(Path(path), limits)
    names = [resource.name for resource in of.resources if resource.rows]
    return Made(dict(zip(names, tables, strict=True)), findings, fronts)
