"""Merge the tables of chunks, each row with the number of its record in the whole dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.build.chunks.chunk import Chunk
from release.build.inputs import Inputs
from release.descriptor.model import Resource
from release.records.normalize import ORIGIN
from release.system.limits import Limits
from release.tables import spill
from release.tables.columns import arrow_schema
from release.tables.sql import sort_table


def join(
    inputs: Inputs, chunks: Sequence[Chunk], curated: Mapping[str, pa.Table]
) -> dict[str, pa.Table]:
    """Merge the tables of all chunks, sorted by their keys, and add the curated ones; all have ORIGIN."""
    tables = {name: _with_origin(table) for name, table in curated.items()}
    for resource in (resource for resource in inputs.descriptor.resources if resource.rows):
        parts = [
            shift_records(chunk.tables[resource.name], where.start)
            for where, chunk in zip(number_records(chunks), chunks, strict=True)
            if chunk.tables[resource.name].num_rows
        ]
        tables[resource.name] = _sort_parts(resource, parts, inputs.options.limits)
    return tables


def number_records(chunks: Sequence[Chunk]) -> list[range]:
    """Return the numbers that the records of each chunk have among all records."""
    ends = accumulate((chunk.fronts.num_rows for chunk in chunks), initial=0)
    return [range(start, stop) for start, stop in pairwise(ends)]


def shift_records(table: pa.Table, first: int) -> pa.Table:
    """Add the position of a chunk's first record to the record numbers of a table."""
    if first == 0:
        return table
    at = table.schema.get_field_index("$record")
    numbers = pc.add(table["$record"], pa.scalar(first, pa.int32()))
    return table.set_column(at, "$record", numbers)


def _sort_parts(resource: Resource, parts: Sequence[pa.Table], limits: Limits) -> pa.Table:
    """Merge the parts of a table, sorted by its key; chunks mostly come in that order."""
    schema = pa.schema([*arrow_schema(resource.fields), *ORIGIN])
    table = pa.concat_tables([schema.empty_table(), *parts])
    if _is_ordered(resource, parts):
        # the other columns are in the files of chunks; this one is new, and large if rows are many
        numbers = spill.spill_large(table.select(["$record"]), limits).column(0)
        return table.set_column(table.schema.get_field_index("$record"), "$record", numbers)
    return sort_table(table, resource.primary_key, limits)


def _is_ordered(resource: Resource, parts: Sequence[pa.Table]) -> bool:
    """Return True if every key of a part is less than every key of the next part."""
    ends = []
    for part in parts:
        rows = part.select(resource.primary_key)
        first, last = rows.slice(0, 1).to_pylist()[0], rows.slice(rows.num_rows - 1).to_pylist()[0]
        ends.append((tuple(first.values()), tuple(last.values())))
    if any(None in key for pair in ends for key in pair):
        return False
    return all(one[1] < other[0] for one, other in pairwise(ends))


def _with_origin(table: pa.Table) -> pa.Table:
    """Add the columns of ORIGIN to a curated table: they name no record, only the row in its file."""
    count = table.num_rows
    columns = (
        np.full(count, -1, np.int32),
        np.zeros(count, np.int32),
        np.arange(count, dtype=np.int32),
    )
    for column, values in zip(ORIGIN, columns, strict=True):
        table = table.append_column(column, pa.array(values))
    return table
