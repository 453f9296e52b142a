"""A release as a database of SQLite: typed columns, keys, and the descriptions of tables and columns."""

from __future__ import annotations

import errno
import math
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from release.access import cells
from release.access.export import dictionary
from release.access.export.relations import TableKeys
from release.descriptor.model import Field
from release.findings.errors import RefusedError
from release.findings.message import printable
from release.package.manifest.model import Manifest
from release.tables.sql import quote_name

#: The tables about the release, and their columns.
_ABOUT, _DICTIONARY = "_release", "_dictionary"

#: The types whose values are no text, or true and false as 1 and 0.
_NUMBERS = frozenset(("INTEGER", "REAL"))


def write(tables: Sequence[TableKeys], manifest: Manifest, target: Path) -> None:
    """Write a database.

    Raises:
        RefusedError: SQLite takes a table or a value in no way.
        OSError: The disk is full.
    """
    try:
        connection = sqlite3.connect(target, isolation_level=None)
        try:
            _write(connection, tables, manifest)
        finally:
            connection.close()
    except (sqlite3.Error, OverflowError) as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from error
        raise RefusedError(f"SQLite does not take the release: {printable(str(error))}") from error


def _write(connection: sqlite3.Connection, tables: Sequence[TableKeys], manifest: Manifest) -> None:
    connection.execute("PRAGMA journal_mode = OFF")  # the file is given its name once it is whole
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    for each in tables:
        connection.execute(_declare(each))
        columns = ", ".join("?" * len(each.table.fields))
        insert = f"INSERT INTO {quote_name(each.table.name)} VALUES ({columns})"  # noqa: S608
        for batch in each.table.batches():
            connection.executemany(insert, _rows(batch, each.table.fields))
    names = {each.table.name for each in tables}
    _write_texts(connection, _free(_ABOUT, names), ("name", "value"), dictionary.describe(manifest))
    rows = dictionary.rows([each.table for each in tables])
    _write_texts(connection, _free(_DICTIONARY, names), dictionary.COLUMNS, rows)
    connection.execute("COMMIT")


def _declare(keys: TableKeys) -> str:
    """Return the statement that makes a table, with descriptions as comments, which SQLite keeps."""
    lines = [_declare_column(field, keys) for field in keys.table.fields]
    rules = [f"PRIMARY KEY ({_names(keys.primary)})"] if keys.primary else []
    rules += [f"UNIQUE ({_names(each)})" for each in keys.unique]
    rules += [
        f"FOREIGN KEY ({_names(each.fields)}) REFERENCES {quote_name(each.resource)} "
        f"({_names(each.reference_fields)})"
        for each in keys.foreign
    ]
    parts = [*lines, *((rule, "") for rule in rules)]
    body = "".join(
        f"  {text}{'' if at == len(parts) else ','}{_comment(told)}\n"
        for at, (text, told) in enumerate(parts, 1)
    )
    told = _comment(keys.table.resource.text("description"))
    return f"CREATE TABLE {quote_name(keys.table.name)} ({told}\n{body})"


def _declare_column(field: Field, keys: TableKeys) -> tuple[str, str]:
    """Return the declaration of a column, and its description."""
    required = " NOT NULL" if field.name in keys.required or field.name in keys.primary else ""
    check = f" CHECK ({quote_name(field.name)} IN (0, 1))" if field.type == "boolean" else ""
    return f"{quote_name(field.name)} {_type(field)}{required}{check}", field.description


def _type(field: Field) -> str:
    """Return the type of a column: text keeps what numbers would change, such as the zeros of 1.50."""
    return "INTEGER" if field.type == "boolean" else field.values.facts.sqlite


def _comment(text: str) -> str:
    """Return a text as a comment in SQL, in one line; empty for an empty one."""
    return f" -- {printable(' '.join(text.split()))}" if text else ""


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(quote_name, names))


def _free(name: str, taken: set[str]) -> str:
    """Return a name that no table has."""
    while name in taken:
        name += "_"
    return name


def _rows(batch: pa.RecordBatch, fields: Sequence[Field]) -> Iterator[tuple[Any, ...]]:
    """Yield rows as SQLite takes them."""
    columns = [_values(*each) for each in zip(batch.columns, fields, strict=True)]
    return zip(*columns, strict=True)


def _values(column: pa.Array, field: Field) -> list[Any]:
    """Return the values of a column: numbers as they are, all else as the text of the CSV."""
    kind = _type(field)
    if field.type == "boolean":
        return [None if each is None else int(each) for each in column.to_pylist()]
    if kind not in _NUMBERS:
        return list(cells.write(column, field.values).to_pylist())
    if kind == "INTEGER":
        return list(column.to_pylist())
    # SQLite takes NaN for a missing value
    return ["NaN" if each is not None and math.isnan(each) else each for each in column.to_pylist()]


def _write_texts(
    connection: sqlite3.Connection,
    name: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> None:
    """Write a table of texts; an empty one is missing."""
    declared = ", ".join(f"{quote_name(each)} TEXT" for each in columns)
    connection.execute(f"CREATE TABLE {quote_name(name)} ({declared})")
    places = ", ".join("?" * len(columns))
    values = ([text or None for text in row] for row in rows)
    connection.executemany(f"INSERT INTO {quote_name(name)} VALUES ({places})", values)  # noqa: S608
