"""Tables as SQL sees them: DuckDB over Arrow, with spilling to disk and nothing from outside."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from release.errors import ReleaseError
from release.tables import spill

if TYPE_CHECKING:
    import duckdb

#: Rows of a sorted table that are in memory at once.
_BATCH = 1 << 16

#: What a query may hold in memory before it spills to disk.
MEMORY = "512MB"


@contextmanager
def connect(tables: Mapping[str, pa.Table]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that has the tables as views.

    A query cannot read files or load extensions, and its times are in UTC.

    Raises:
        ReleaseError: neither memory nor the folder for temporary files has room for a query.
    """
    import duckdb

    try:
        with _connected(tables) as connection:
            yield connection
    except duckdb.OutOfMemoryException as error:
        said = str(error).partition("\n")[0]
        message = f"no room for a query, in {MEMORY} of memory and what is free for temporary files"
        raise ReleaseError(f"{tempfile.gettempdir()}: {message}: {said}") from error


@contextmanager
def _connected(tables: Mapping[str, pa.Table]) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_database("release-sql-") as connection:
        connection.execute("SET enable_external_access = false")
        for name, table in tables.items():
            connection.register(name, table)
        yield connection


@contextmanager
def open_database(prefix: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection without tables, which spills what memory has no room for into a folder of this prefix."""
    import duckdb

    with (
        tempfile.TemporaryDirectory(prefix=prefix) as folder,
        duckdb.connect(":memory:", config={"memory_limit": MEMORY}) as connection,
    ):
        connection.execute(f"SET temp_directory = '{quote_text(folder)}'")
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def number_rows(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The tables, each with the position of a row as `$row`."""
    numbers = _numbers(max((table.num_rows for table in tables.values()), default=0))
    return {
        name: table.append_column("$row", numbers.slice(0, table.num_rows))
        for name, table in tables.items()
    }


def _numbers(count: int) -> pa.ChunkedArray:
    """The numbers from 0 on, so many; many stay in a file."""
    schema = pa.schema([("$row", pa.int64())])
    made = (
        pa.record_batch([pa.array(np.arange(start, min(start + _BATCH, count)))], schema)
        for start in range(0, count, _BATCH)
    )
    reader = pa.RecordBatchReader.from_batches(schema, made)
    few = count * schema.field(0).type.byte_width <= spill.LARGE
    return (reader.read_all() if few else spill.spill_large(reader)).column(0)


def sort_table(table: pa.Table, by: Sequence[str]) -> pa.Table:
    """A table sorted by columns, text by code points, what is missing last; equal rows stay as they are.

    A large one is sorted on disk, and stays there.
    """
    if table.nbytes <= spill.LARGE:
        return table.sort_by([(name, "ascending") for name in by])
    with connect(number_rows({"t": table})) as connection:
        columns = ", ".join(map(quote_name, table.column_names))
        order = ", ".join(map(quote_name, [*by, "$row"]))
        found = connection.sql(f"SELECT {columns} FROM t ORDER BY {order}")  # noqa: S608
        reader = found.to_arrow_reader(_BATCH)
        return spill.spill_large(reader.cast(table.schema))


def quote_name(name: str) -> str:
    """A name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """What stands between the quotes of a text of SQL."""
    return text.replace("'", "''")
