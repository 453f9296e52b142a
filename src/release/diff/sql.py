"""Read the files of released tables in DuckDB."""

# ruff: noqa: S608 — queries are made of numbered columns; names stand in them as quoted text only

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from release.diff.release import Table
from release.findings.errors import RefusedError
from release.syntax.types.value_type import ValueType
from release.system.limits import LIMITS, Limits
from release.tables.columns import arrow_type
from release.tables.sql import open_database, quote_text


def connect(limits: Limits = LIMITS) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """Return a connection for comparing, which spills to disk what does not fit in memory."""
    return open_database("release-diff-", limits)


@contextmanager
def naming_table(name: str) -> Iterator[None]:
    """Name the table of a file that DuckDB or Arrow cannot read.

    Raises:
        RefusedError: there is one.
    """
    try:
        yield
    except (duckdb.Error, pa.ArrowException) as error:
        message = str(error).split("\n", maxsplit=1)[0][:200]
        raise RefusedError(f"the table {name} cannot be compared: {message}") from error


#: The types of which DuckDB writes texts in another way than the CSV does.
_AS_TEXT = frozenset(("number", "datetime", "time", "year"))


def is_read_as_text(kind: ValueType) -> bool:
    """Return whether the values of a type are read as the text that they have in the CSV."""
    return kind.name in _AS_TEXT


def view(
    connection: duckdb.DuckDBPyConnection, table: Table, name: str, line: int = LIMITS.csv_line
) -> None:
    """Create a view of a table's files, its columns as c0, c1 … in the order of its fields.

    Values whose text in SQL would be another one are read as the text that they have in the CSV; it is the
    same only where they are.
    """
    aliases = ", ".join(f"c{at}" for at in range(len(table.types)))
    if not table.parquet or any(map(is_read_as_text, table.types.values())):
        with _registered(connection, table, f"{name}_file", line), naming_table(table.name):
            connection.execute(
                f"CREATE TABLE {name}_read AS SELECT * FROM {name}_file t({aliases})"
            )
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {name}_read")
        return
    for file in table.parquet:
        _expect(file, _metadata(file).schema.names, table)
    files = ", ".join(f"'{quote_text(str(file))}'" for file in table.parquet)
    with naming_table(table.name):
        connection.execute(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{files}]) t({aliases})"
        )


def _metadata(file: Path) -> pq.FileMetaData:
    try:
        return pq.read_metadata(file)
    except (OSError, pa.ArrowException) as error:
        raise RefusedError(f"{file}: cannot be read: {brief(error)}") from error


@contextmanager
def _registered(
    connection: duckdb.DuckDBPyConnection, table: Table, name: str, line: int
) -> Iterator[None]:
    """Register the CSV file of a table under a name, to be read once."""
    types = {
        name: pa.string() if is_read_as_text(kind) else arrow_type(kind)
        for name, kind in table.types.items()
    }
    try:
        with csv(table.csv, types, line) as reader:
            _expect(table.csv, reader.schema.names, table)
            connection.register(name, reader)
            yield
            connection.unregister(name)
    except (OSError, pa.ArrowException) as error:
        raise RefusedError(f"{table.csv}: cannot be read: {brief(error)}") from error


@contextmanager
def csv(
    file: Path, types: Mapping[str, pa.DataType], line: int = LIMITS.csv_line
) -> Iterator[pa.RecordBatchReader]:
    """Open a CSV file of a release; its rows are read in batches.

    Raises:
        OSError: it is not there.
        pa.ArrowException: it cannot be read.
    """
    with (
        _Pieces(file) as pieces,
        pyarrow.csv.open_csv(
            pieces,
            pyarrow.csv.ReadOptions(block_size=line),
            pyarrow.csv.ParseOptions(newlines_in_values=True),
            pyarrow.csv.ConvertOptions(
                column_types=types,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        ) as reader,
    ):
        yield reader


class _Pieces(io.FileIO):
    """A file of which no piece ends between CR and LF, as pyarrow 26 would lose the LF there."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next piece; a CR at its end is put at the beginning of the piece after it."""
        piece = super().read(size)
        if len(piece) > 1 and piece.endswith(b"\r"):
            self.seek(-1, io.SEEK_CUR)
            return piece[:-1]
        return piece


def _expect(file: Path, found: Sequence[str], table: Table) -> None:
    if list(found) != list(table.types):
        expected = ", ".join(table.types)
        raise RefusedError(f"{file}: has the columns {', '.join(found)}, expected {expected}")


def brief(error: Exception) -> str:
    """Return the message of an error in one short line."""
    return " ".join(str(error).split())[:200]


def length(connection: duckdb.DuckDBPyConnection, table: Table, line: int = LIMITS.csv_line) -> int:
    """Count the rows in a table's files."""
    if table.parquet:
        return sum(int(_metadata(file).num_rows) for file in table.parquet)
    with _registered(connection, table, "counted", line), naming_table(table.name):
        ((number,),) = connection.execute("SELECT count(*) FROM counted").fetchall()
    return int(number)
