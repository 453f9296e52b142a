"""The tables of a release for an export: their rows a batch at a time, and how they refer to each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from release.access import proof
from release.descriptor.model import Field, ForeignKey
from release.descriptor.properties import suggest
from release.findings.errors import UsageError
from release.findings.message import list_choices, named
from release.package.manifest import tables
from release.package.manifest.model import Manifest
from release.package.manifest.proof import ReleasedTable
from release.package.manifest.resources import ManifestResource

#: The rows that are in memory at once.
_BATCH = 1 << 13


@dataclass(frozen=True)
class ExportTable:
    """A table of a release, whose Parquet files are those that the manifest describes."""

    released: ReleasedTable
    resource: ManifestResource

    @property
    def name(self) -> str:
        """Its name."""
        return self.resource.name

    @property
    def fields(self) -> Sequence[Field]:
        """Its columns, in order."""
        return self.released.resource.fields

    @property
    def key(self) -> Sequence[str]:
        """The columns of its primary key."""
        return self.released.resource.primary_key

    @property
    def foreign_keys(self) -> Sequence[ForeignKey]:
        """Its foreign keys, each with the name of the table that it refers to."""
        assert self.resource.schema is not None, "a CSV resource has a schema"
        found = self.resource.schema.foreign_keys
        return [replace(each, resource=each.resource or self.name) for each in found]

    @property
    def unique_keys(self) -> Sequence[Sequence[str]]:
        """The columns of each further key, those that are unique alone among them."""
        assert self.resource.schema is not None, "a CSV resource has a schema"
        listed = self.resource.schema.properties.get("uniqueKeys", [])
        names = {each.name for each in self.fields}
        keys = [key for key in listed if isinstance(key, list) and names.issuperset(key)]
        return keys + [[each.name] for each in self.fields if self.constraints(each).get("unique")]

    @cached_property
    def rows(self) -> int:
        """The number of its rows."""
        return sum(pq.read_metadata(path).num_rows for path in self._paths)

    @property
    def _paths(self) -> list[Path]:
        return [self.released.folder / path for path in self.released.parquet]

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield its rows in their order, or some columns of them."""
        for path in self._paths:
            with pq.ParquetFile(path) as file:
                yield from file.iter_batches(_BATCH, columns=columns)

    def constraints(self, field: Field) -> Mapping[str, Any]:
        """Return the constraints of a column."""
        found = field.public.get("constraints", {})
        return found if isinstance(found, dict) else {}


def find(folder: Path, manifest: Manifest, names: Sequence[str] = ()) -> list[ExportTable]:
    """Return the tables of a release in a folder, or those that are named, in the order of the manifest.

    Raises:
        UsageError: One that is named is not there.
        FindingsError: The file of one is not what the manifest says.
    """
    found = tables.find(folder, manifest)
    for name in names:
        if name not in found:
            choices = list_choices([named(each) for each in found])
            message = f"there is no table {named(name)}, expected {choices}"
            raise UsageError(message + suggest(name, found))
    chosen = {name: each for name, each in found.items() if not names or name in names}
    proof.hold(folder, manifest, chosen)
    return [ExportTable(each, manifest.tables[name]) for name, each in chosen.items()]
