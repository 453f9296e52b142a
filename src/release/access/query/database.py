"""A release as a database that can only be read: its tables by their names, and views with labels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from release.access import proof
from release.access.query import labels
from release.findings.errors import RefusedError, ReleaseError
from release.package.manifest import tables
from release.package.manifest.model import Manifest
from release.package.manifest.proof import ReleasedTable
from release.system.limits import LIMITS, Limits
from release.tables.sql import open_database, quote_name, quote_text

if TYPE_CHECKING:
    import duckdb

#: The name under which a table is known while it is copied.
_ARROW = "$arrow"

#: The form of decimals of more digits than DuckDB has: it would make numbers of 64 bits of them.
_LONG = "number long decimal"

#: What a query may not change: it reads no other file, loads nothing, and reaches no network.
_LOCKED = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET errors_as_json = true",
    "SET lock_configuration = true",
)


@contextmanager
def connect(
    folder: Path, manifest: Manifest, query: str | None = None, limits: Limits = LIMITS
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the tables of a release in a folder, for queries that only read.

    Tables have their names. For each language of a codelist's labels there is a schema with a view of each
    table: see `labels.views`.

    Args:
        folder: The folder of the release.
        manifest: Its manifest.
        query: The query, if there is only one: tables that it cannot name are neither held nor read, and have
            no rows.
        limits: The limits of the run.

    Raises:
        FindingsError: The file of a table is not the one that the manifest describes.
        ReleaseError: A query needs more memory than there is.
    """
    import duckdb

    found = tables.find(folder, manifest)
    named = _named(query, found) | _codelists(manifest, found)
    with _naming_room(limits), open_database("release-query-", limits) as connection:
        proof.hold(folder, manifest, {name: found[name] for name in found if name in named})
        try:
            _make_tables(connection, found, named)
            for language, view in labels.views(manifest):
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote_name(language)}")
                connection.execute(view)
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            message = str(error).partition("\n")[0][:200]
            raise RefusedError(f"{folder}: its tables cannot be opened: {message}") from error
        yield connection


@contextmanager
def _naming_room(limits: Limits) -> Iterator[None]:
    """Say in words that a query has no room; the advice of DuckDB is about settings that are locked.

    Raises:
        ReleaseError: It has none.
    """
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        room = f"{limits.query_memory} of memory and what is free for temporary files"
        raise ReleaseError(f"SQL: the query needs more than {room}") from error


def _make_tables(
    connection: duckdb.DuckDBPyConnection, found: dict[str, ReleasedTable], named: set[str]
) -> None:
    """Make the tables of a release in an empty database, and lock it."""
    paths = [str(found[name].folder / path) for name in named for path in found[name].parquet]
    listed = ", ".join(f"'{quote_text(path)}'" for path in sorted(paths))
    connection.execute(f"SET allowed_paths = [{listed}]")
    for setting in _LOCKED:
        connection.execute(setting)
    for name, table in found.items():
        if name not in named:
            connection.execute(_empty_table(table))
        elif any(field.values.form == _LONG for field in table.resource.fields):
            _copy_table(connection, table)
        else:
            connection.execute(_view(table))


def _copy_table(connection: duckdb.DuckDBPyConnection, table: ReleasedTable) -> None:
    """Copy a table whose long decimals become text, which keeps all of their digits."""
    files = [pq.read_table(table.folder / path) for path in table.parquet]
    columns = pa.concat_tables(files)
    for at, field in enumerate(table.resource.fields):
        if field.values.form == _LONG:
            texts = columns.column(at).cast(pa.string())
            columns = columns.set_column(at, field.name, texts)
    connection.register(_ARROW, columns)
    name = quote_name(table.resource.name)
    connection.execute(f"CREATE TABLE main.{name} AS SELECT * FROM {quote_name(_ARROW)}")  # noqa: S608
    connection.unregister(_ARROW)


def _named(query: str | None, found: dict[str, ReleasedTable]) -> set[str]:
    """Return the tables that a query may name: names of SQL know no upper and lower case."""
    if query is None:
        return set(found)
    text = query.casefold()
    return {name for name in found if name.casefold() in text}


def _codelists(manifest: Manifest, found: dict[str, ReleasedTable]) -> set[str]:
    """Return the tables that have labels, which views need."""
    return {name for name in found if labels.languages(manifest.tables[name])}


def _view(table: ReleasedTable) -> str:
    """Return the SQL of a view of a table's Parquet files, in the order of its rows."""
    name = quote_name(table.resource.name)
    files = ", ".join(f"'{quote_text(str(table.folder / path))}'" for path in table.parquet)
    return f"CREATE VIEW main.{name} AS SELECT * FROM read_parquet([{files}])"  # noqa: S608


def _empty_table(table: ReleasedTable) -> str:
    """Return the SQL of a table that has columns and no rows."""
    columns = ", ".join(
        f"{quote_name(field.name)} {field.values.sql}" for field in table.resource.fields
    )
    return f"CREATE TABLE main.{quote_name(table.resource.name)} ({columns})"
