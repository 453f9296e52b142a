"""Parquet, proven against CSV: explicit types, no lists, no pandas metadata, zstd, sorted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from release.descriptor.load import Resource
from release.tables.columns import arrow_schema

#: What a row group holds at the most: rows, and about so many bytes, as CSV counts them. Both are part of
#: what the bytes of a release are a function of.
_MOST_ROWS = 1 << 17
_MOST_BYTES = 1 << 26

#: A table of more rows stands in several files, each of so many but the last: a multiple of every size of a
#: row group, so that row groups are the same in one file or in several.
PART_ROWS = 1 << 23


def rows_per_group(rows: int, csv_bytes: int) -> int:
    """How many rows a row group of a table holds, by its size as CSV: a power of two."""
    fit = _MOST_BYTES * max(rows, 1) // max(csv_bytes, 1)
    return min(_MOST_ROWS, max(1 << 10, 1 << (fit.bit_length() - 1 if fit else 0)))


def count_parts(rows: int) -> int:
    """In how many files a table of so many rows stands."""
    return max(1, -(-rows // PART_ROWS))


def write_parts(
    batches: Iterable[pa.Table], resource: Resource, paths: Sequence[Path], rows: int
) -> None:
    """Write sorted tables into as many files as `parts` says, one after the other, as they come in."""
    rows = min(rows, PART_ROWS)
    groups = regroup(batches, rows)
    for path in paths:
        write(islice(groups, PART_ROWS // rows), resource, path, rows)


def write(batches: Iterable[pa.Table], resource: Resource, path: Path, rows: int) -> None:
    """Write sorted tables as one file whose row groups hold `rows` rows, however they come in."""
    schema = arrow_schema(resource.fields)
    sorting = pq.SortingColumn.from_ordering(
        schema, [(name, "ascending") for name in resource.primary_key], null_placement="at_end"
    )
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        version="2.6",
        store_schema=False,
        sorting_columns=sorting,
        write_page_index=True,
    ) as writer:
        for group in regroup(batches, rows):
            writer.write_table(group.cast(schema), row_group_size=rows)
        writer.add_key_value_metadata(_description(resource))


def regroup(batches: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """The same rows in tables of `rows` rows, the last one shorter, each of one chunk.

    How rows were chunked would otherwise show in the bytes of a file.
    """
    held: list[pa.Table] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += batch.num_rows
        while count >= rows:
            table = pa.concat_tables(held)
            yield table.slice(0, rows).combine_chunks()
            held, count = [table.slice(rows)], count - rows
    if count:
        yield pa.concat_tables(held).combine_chunks()


def _description(resource: Resource) -> dict[str, str]:
    """What a table and its columns mean, as `description` and `fields`.

    It stands with the file: without Arrow's own schema, Parquet has no place for it with a column.
    """
    fields = {field.name: field.description for field in resource.fields if field.description}
    return {
        "description": str(resource.public.get("description", "")),
        "fields": json.dumps(fields, ensure_ascii=False),
    }


def read(path: Path) -> pa.Table:
    """The table of a Parquet file, without what it says of itself."""
    return pq.read_table(path, memory_map=False).replace_schema_metadata(None)
