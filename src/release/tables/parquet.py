"""Parquet: the typed form of a table, written and read: explicit types, also for pandas, zstd, sorted."""

from __future__ import annotations

import io
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from release.descriptor.model import Field, Resource
from release.findings.message import printable, shown
from release.tables.columns import arrow_schema, arrow_type

#: The key of the metadata of a file that says how pandas reads its columns.
PANDAS = "pandas"

#: The most rows of a row group, and about the most bytes, counted as CSV. A release's bytes depend on both.
_MOST_ROWS = 1 << 17
_MOST_BYTES = 1 << 26


#: So many bytes of a file are compared at once.
_BLOCK = 1 << 18

#: The writer that a Parquet file of this program names, with its version.
WRITER = f"parquet-cpp-arrow version {pa.cpp_version}"


def rows_per_group(rows: int, csv_bytes: int) -> int:
    """Return the number of rows of a table's row groups, a power of two, by the table's size as CSV."""
    fit = _MOST_BYTES * max(rows, 1) // max(csv_bytes, 1)
    return min(_MOST_ROWS, max(1 << 10, 1 << (fit.bit_length() - 1 if fit else 0)))


def count_parts(rows: int, part_rows: int) -> int:
    """Return the number of files of a table, by its rows and the rows of one file."""
    return max(1, -(-rows // part_rows))


def write_parts(
    batches: Iterable[pa.Table],
    resource: Resource,
    targets: Sequence[Path | IO[bytes]],
    rows: int,
    part_rows: int,
) -> None:
    """Write the pieces of one sorted table into as many files as `count_parts` returns.

    `rows` is the size of a row group, and `part_rows`, a multiple of it, the rows of one file: so row groups
    are the same in one file or several. The tables are read one by one, in order.
    """
    rows = min(rows, part_rows)
    groups = regroup(batches, rows)
    for target in targets:
        write(islice(groups, part_rows // rows), resource, target, rows)


def write(
    batches: Iterable[pa.Table], resource: Resource, target: Path | IO[bytes], rows: int
) -> None:
    """Write the pieces of one sorted table into one file with row groups of `rows` rows."""
    schema = arrow_schema(resource.fields)
    sorting = pq.SortingColumn.from_ordering(
        schema, [(name, "ascending") for name in resource.primary_key], null_placement="at_end"
    )
    with pq.ParquetWriter(
        target,
        schema,
        compression="zstd",
        version="2.6",
        store_schema=False,
        sorting_columns=sorting,
        write_page_index=True,
    ) as writer:
        for group in regroup(batches, rows):
            writer.write_table(group.cast(schema), row_group_size=rows)
        writer.add_key_value_metadata(_describe(resource))


def regroup(batches: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """Cut tables anew into tables of `rows` rows, the last one shorter, each with one chunk per column.

    Otherwise the bytes of a file would depend on how the rows were cut before.
    """
    pending: list[pa.Table] = []
    count = 0
    for batch in batches:
        pending.append(batch)
        count += batch.num_rows
        while count >= rows:
            table = pa.concat_tables(pending)
            yield table.slice(0, rows).combine_chunks()
            pending, count = [table.slice(rows)], count - rows
    if count:
        yield pa.concat_tables(pending).combine_chunks()


def _describe(resource: Resource) -> dict[str, str]:
    """Return the descriptions of a table and of its fields, and the types for pandas, for a file's metadata.

    Without Arrow's own schema, Parquet cannot store a description with a column.
    """
    fields = {field.name: field.description for field in resource.fields if field.description}
    return {
        "description": str(resource.public.get("description", "")),
        "fields": json.dumps(fields, ensure_ascii=False),
        PANDAS: describe_for_pandas(resource.fields),
    }


def describe_for_pandas(fields: Sequence[Field]) -> str:
    """Return the JSON from which pandas takes the dtypes of columns; there is no index.

    Without it, an integer or boolean column with a missing value becomes floating-point numbers or objects:
    7001000000000000003 is then read as 7001000000000000000. Dates are `datetime.date` whatever stands here;
    fastparquet needs a dtype of dates. The dtype `object` leaves the choice of a dtype for text to pandas.
    It names every column, because fastparquet expects that, and no versions, so that the bytes of a file do
    not depend on them. Source: https://pandas.pydata.org/docs/development/developer.html
    """
    columns = [
        {
            "name": field.name,
            "field_name": field.name,
            "pandas_type": field.values.facts.pandas[0],
            "numpy_type": field.values.facts.pandas[1],
            "metadata": None,
        }
        for field in fields
    ]
    about = {"index_columns": [], "column_indexes": [], "columns": columns}
    return json.dumps(about, ensure_ascii=False)


def find_type_faults(schema: pq.ParquetSchema, resource: Resource) -> list[str]:
    """Return what is wrong with the columns of a Parquet file: names, order, types.

    A file must not have metadata that makes Arrow read a column as another type, or pandas read it as another
    type or as the index. One of another version of the program may say nothing for pandas.
    """
    if faults := list(_find_column_faults(schema, resource)):
        return faults
    for_pandas = (schema.to_arrow_schema().metadata or {}).get(PANDAS.encode())
    if for_pandas in (None, describe_for_pandas(resource.fields).encode()):
        return []
    return ["says that pandas is to read it in another way than its schema does"]


def _find_column_faults(schema: pq.ParquetSchema, resource: Resource) -> Iterator[str]:
    """Yield what is wrong with the columns of a Parquet file: names, order, physical types."""
    read = schema.to_arrow_schema()
    if tuple(read.names) != resource.field_names:
        found = ", ".join(map(printable, read.names))
        yield f"has the columns {found}, expected {', '.join(resource.field_names)}"
        return
    for at, declared in enumerate(resource.fields):
        column = schema.column(at)
        physical = (column.physical_type, column.logical_type.type)
        wanted, kind = declared.values.facts.parquet, arrow_type(declared.values)
        if physical != wanted or column.max_repetition_level or column.max_definition_level > 1:
            found = " ".join(word for word in physical if word != "NONE")
            expected = " ".join(word for word in wanted if word != "NONE")
            yield f"has the type {found} in {declared.name}, expected {expected} for {declared.type}"
        elif read.types[at] != kind:
            found = shown(str(read.types[at]))
            yield f"says that {declared.name} is to be read as {found}, expected {kind}"


def is_same_but_for_writer(own: IO[bytes], other: IO[bytes], writer: str) -> bool:
    """Return whether a file differs from one of this WRITER only in that it names another writer.

    The name stands in the footer, which ends with its own length and the magic number.
    """
    (rows, footer), (other_rows, other_footer) = _split(own), _split(other)
    named = footer.replace(_thrift_text(WRITER), _thrift_text(writer))
    if rows != other_rows or named != other_footer or footer.count(_thrift_text(WRITER)) != 1:
        return False
    own.seek(0)
    other.seek(0)
    while rows > 0:
        block = own.read(min(rows, _BLOCK))
        if not block or block != other.read(len(block)):
            return False
        rows -= len(block)
    return True


def _split(file: IO[bytes]) -> tuple[int, bytes]:
    """Return the size of a Parquet file before its footer, and the footer; its length is left out."""
    end = file.seek(0, io.SEEK_END) - 8
    file.seek(max(end, 0))
    tail = file.read()
    start = end - int.from_bytes(tail[:4], "little")
    file.seek(max(start, 0))
    return start, file.read(max(end - start, 0)) + tail[4:]


def _thrift_text(text: str) -> bytes:
    """Return a text as the compact protocol of Thrift has it: its length in a varint, then UTF-8."""
    data = text.encode()
    length, left = bytearray(), len(data)
    while left > 0x7F:
        length.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes([*length, left]) + data


def read(path: Path) -> pa.Table:
    """Read the table of a Parquet file, without the file's metadata."""
    return pq.read_table(path, memory_map=False).replace_schema_metadata(None)


def read_rows(paths: Sequence[Path], rows: Sequence[int]) -> pa.Table:
    """Read some rows of a table from its Parquet files, one row group after the other.

    `rows` are positions in the whole table, in ascending order; the rows come in that order.
    """
    found = []
    first = at = 0
    for path in paths:
        with pq.ParquetFile(path) as file:
            found.append(file.schema_arrow.empty_table().replace_schema_metadata(None))
            for group in range(file.num_row_groups):
                behind = first + file.metadata.row_group(group).num_rows
                end = bisect_left(rows, behind, at)
                if end > at:
                    table = file.read_row_group(group).take([row - first for row in rows[at:end]])
                    found.append(table.replace_schema_metadata(None))
                first, at = behind, end
    return pa.concat_tables(found)
