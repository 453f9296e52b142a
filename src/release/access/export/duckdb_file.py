"""A release as a database of DuckDB: typed columns, keys, comments, and views with labels."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from release.access import cells
from release.access.export.relations import TableKeys
from release.access.export.tables import ExportTable
from release.access.query import labels
from release.descriptor.model import Field, ForeignKey
from release.findings.errors import RefusedError, ReleaseError
from release.findings.message import printable
from release.package.manifest.model import Manifest
from release.system.limits import Limits
from release.tables.columns import arrow_schema
from release.tables.sql import quote_name, quote_text, settle

if TYPE_CHECKING:
    import duckdb

#: The size of a block: a file has some of each table, column and key, and most tables are small.
_BLOCK = "16384"

#: The name of the rows that are about to be inserted.
_ROWS = "$rows"


def write(
    tables: Sequence[TableKeys], manifest: Manifest, target: Path, limits: Limits
) -> list[str]:
    """Write a database; return in words the keys that it does not have.

    Raises:
        RefusedError: DuckDB takes a table in no way.
        OSError: The disk is full.
    """
    import duckdb

    settings = {
        "memory_limit": limits.query_memory,
        "temp_directory": str(target.parent / "spill"),
        "default_block_size": _BLOCK,
    }
    try:
        with duckdb.connect(str(target), config=settings) as connection:  # type: ignore[arg-type]
            settle(connection)
            for each in tables:
                _write_table(connection, each)
            if {each.table.name for each in tables} >= manifest.tables.keys():
                for language, view in labels.views(manifest):
                    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote_name(language)}")
                    connection.execute(view)
            connection.execute("CHECKPOINT")
    except duckdb.OutOfMemoryException as error:
        room = f"{limits.query_memory} of memory and what is free on the disk"
        raise ReleaseError(f"the keys of DuckDB need more than {room}: take sqlite") from error
    except duckdb.Error as error:
        if (full := os.strerror(errno.ENOSPC)) in str(error):
            raise OSError(errno.ENOSPC, full, str(target)) from error
        message = printable(str(error).partition("\n")[0][:300])
        raise RefusedError(f"DuckDB does not take the release: {message}") from error
    return [note for each in tables for note in _tell_missing(each)]


def _tell_missing(keys: TableKeys) -> list[str]:
    """Return in words the foreign keys of a table that DuckDB is not told."""
    name, missing = printable(keys.table.name), set(keys.foreign) - set(_foreign(keys))
    why = "DuckDB has none within a table whose rows come in another order"
    return [
        f"{name} ({printable(', '.join(key.fields))}) has no foreign key: {why}"
        for key in keys.foreign
        if key in missing
    ]


def _write_table(connection: duckdb.DuckDBPyConnection, keys: TableKeys) -> None:
    """Make a table, describe it, and insert its rows."""
    connection.execute(_declare(keys))
    for text in _comments(keys.table):
        connection.execute(text)
    rows = pa.RecordBatchReader.from_batches(_schema(keys.table), _batches(keys.table))
    connection.register(_ROWS, rows)
    name = quote_name(keys.table.name)
    connection.execute(f"INSERT INTO main.{name} FROM {quote_name(_ROWS)}")
    connection.unregister(_ROWS)


def _foreign(keys: TableKeys) -> list[ForeignKey]:
    """Return the foreign keys to other tables: of one to the table itself, DuckDB checks row after row."""
    return [each for each in keys.foreign if each.resource != keys.table.name]


def _declare(keys: TableKeys) -> str:
    """Return the statement that makes a table."""
    parts = [
        f"{quote_name(field.name)} {field.values.sql}"
        + (" NOT NULL" if field.name in keys.required or field.name in keys.primary else "")
        for field in keys.table.fields
    ]
    if keys.primary:
        parts.append(f"PRIMARY KEY ({_names(keys.primary)})")
    parts += [f"UNIQUE ({_names(each)})" for each in keys.unique]
    parts += [
        f"FOREIGN KEY ({_names(each.fields)}) REFERENCES {quote_name(each.resource)} "
        f"({_names(each.reference_fields)})"
        for each in _foreign(keys)
    ]
    return f"CREATE TABLE main.{quote_name(keys.table.name)} ({', '.join(parts)})"


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(quote_name, names))


def _comments(table: ExportTable) -> list[str]:
    """Return the statements that describe a table and its columns."""
    name = f"main.{quote_name(table.name)}"
    told = {f"TABLE {name}": table.resource.text("description")}
    told |= {f"COLUMN {name}.{quote_name(each.name)}": each.description for each in table.fields}
    return [f"COMMENT ON {what} IS '{quote_text(text)}'" for what, text in told.items() if text]


def _is_text(field: Field) -> bool:
    """Return whether values are text here that are decimals of more digits than DuckDB has."""
    return field.values.form == "number long decimal"


def _schema(table: ExportTable) -> pa.Schema:
    schema = arrow_schema(table.fields)
    for at, field in enumerate(table.fields):
        if _is_text(field):
            schema = schema.set(at, pa.field(field.name, pa.string()))
    return schema


def _batches(table: ExportTable) -> Iterable[pa.RecordBatch]:
    """Yield the rows of a table as DuckDB takes them."""
    schema = _schema(table)
    for batch in table.batches():
        columns = [
            cells.write(column, field.values) if _is_text(field) else column
            for column, field in zip(batch.columns, table.fields, strict=True)
        ]
        yield pa.record_batch(columns, schema=schema)
