"""SQL on tables: DuckDB over Arrow, spilling to disk, without access to files or the network."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from release.findings.errors import ReleaseError
from release.system.limits import LIMITS, Limits
from release.tables import spill

if TYPE_CHECKING:
    import duckdb

#: The rows of a sorted table that are in memory at once.
_BATCH = 1 << 16


@contextmanager
def connect(
    tables: Mapping[str, pa.Table], limits: Limits = LIMITS
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection that has tables as views, by their names.

    Queries cannot read files or load extensions. Times are in UTC.

    Raises:
        ReleaseError: A query needs more than the memory and the free space for temporary files.
    """
    import duckdb

    try:
        with _open_views(tables, limits) as connection:
            yield connection
    except duckdb.OutOfMemoryException as error:
        reason = str(error).partition("\n")[0]
        room = f"in {limits.query_memory} of memory and what is free for temporary files"
        message = f"no room for a query, {room}"
        raise ReleaseError(f"{tempfile.gettempdir()}: {message}: {reason}") from error


@contextmanager
def _open_views(
    tables: Mapping[str, pa.Table], limits: Limits
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection without access to files, with tables as views."""
    with _take_database(limits) as connection:
        for name, table in tables.items():
            connection.register(name, _show_long_decimals(table))
        yield connection
        for name in tables:
            connection.unregister(name)


@contextmanager
def _take_database(limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """Take a database that is kept, or open one, which is kept if any are; without access to files.

    One whose use ended in an error is not used again.
    """
    if _kept is None:
        with open_database("release-sql-", limits) as connection:
            connection.execute("SET enable_external_access = false")
            yield connection
        return
    kept, unused = _kept, _kept.unused.setdefault(limits.query_memory, [])
    try:
        connection = unused.pop()
    except IndexError:
        connection = kept.stack.enter_context(open_database("release-sql-", limits))
        connection.execute("SET enable_external_access = false")
    yield connection
    connection.execute("RESET threads")
    unused.append(connection)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The databases that are kept: those without a use now, by their memory, and what closes all of them."""

    unused: dict[str, list[duckdb.DuckDBPyConnection]]
    stack: ExitStack


_kept: _Kept | None = None


@contextmanager
def keep_databases() -> Iterator[None]:
    """Keep databases open for the connections to come: opening one takes longer than small queries."""
    global _kept  # noqa: PLW0603 — connections are opened in many places, by threads too
    with ExitStack() as stack:
        _kept = _Kept({}, stack)
        try:
            yield
        finally:
            _kept = None


def _show_long_decimals(table: pa.Table) -> pa.Table:
    """Return a table with decimals of more digits than DuckDB has as text, which keeps all of them."""
    for at, kind in enumerate(table.schema.types):
        if pa.types.is_decimal256(kind):
            texts = table.column(at).cast(pa.string())
            table = table.set_column(at, table.schema.names[at], texts)
    return table


@contextmanager
def open_database(prefix: str, limits: Limits = LIMITS) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty database in memory that spills to a temporary folder whose name begins with a prefix."""
    import duckdb

    with (
        tempfile.TemporaryDirectory(prefix=prefix) as folder,
        duckdb.connect(":memory:", config={"memory_limit": limits.query_memory}) as connection,
    ):
        connection.execute(f"SET temp_directory = '{quote_text(folder)}'")
        settle(connection)
        yield connection


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Set what DuckDB else takes from this computer, and what would let a query read Python's variables."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET Calendar = 'gregorian'")
    connection.execute("SET python_enable_replacements = false")


def select_named(tables: Mapping[str, pa.Table], queries: Iterable[str]) -> dict[str, pa.Table]:
    """Return the tables that queries may name: to open all of them takes longer than most queries.

    A name is looked for in the text of the queries, in lower case as SQL compares them. Text with escapes may
    name any table.
    """
    text = "\n".join(queries).lower()
    if 'u&"' in text:
        return dict(tables)
    return {
        name: table
        for name, table in tables.items()
        if name.lower() in text or '"' in name  # which is written twice
    }


def number_rows(tables: Mapping[str, pa.Table], limits: Limits = LIMITS) -> dict[str, pa.Table]:
    """Add to each table the column `$row`, the position of a row."""
    numbers = _count_up(max((table.num_rows for table in tables.values()), default=0), limits)
    return {
        name: table.append_column("$row", numbers.slice(0, table.num_rows))
        for name, table in tables.items()
    }


def _count_up(count: int, limits: Limits) -> pa.ChunkedArray:
    """Return the numbers from 0 to `count` - 1; many of them are in a file."""
    schema = pa.schema([("$row", pa.int64())])
    batches = (
        pa.record_batch([pa.array(np.arange(start, min(start + _BATCH, count)))], schema)
        for start in range(0, count, _BATCH)
    )
    reader = pa.RecordBatchReader.from_batches(schema, batches)
    few = count * schema.field(0).type.byte_width <= limits.held
    return (reader.read_all() if few else spill.spill_large(reader, limits)).column(0)


def sort_table(table: pa.Table, by: Sequence[str], limits: Limits = LIMITS) -> pa.Table:
    """Sort a table by columns: text by code points, missing values last, equal rows in their old order.

    A large table is sorted on disk, and its result stays there.
    """
    is_long = any(pa.types.is_decimal256(table.schema.field(name).type) for name in by)
    if table.nbytes <= limits.held or is_long:  # DuckDB has no decimals of so many digits
        return table.sort_by([(name, "ascending") for name in by])
    with connect(number_rows({"t": table}, limits), limits) as connection:
        columns = ", ".join(map(quote_name, table.column_names))
        order = ", ".join(map(quote_name, [*by, "$row"]))
        found = connection.sql(f"SELECT {columns} FROM t ORDER BY {order}")  # noqa: S608
        reader = found.to_arrow_reader(_BATCH)
        return spill.spill_large(reader.cast(table.schema), limits)


def quote_name(name: str) -> str:
    """Return a name as an SQL identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Return a text as it is written between the quotes of an SQL literal."""
    return text.replace("'", "''")
