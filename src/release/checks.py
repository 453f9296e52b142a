"""A dataset's own checks: queries in SQL for the rows that are wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from release.database import quoted
from release.descriptor import Check, Descriptor
from release.errors import UsageError
from release.findings import shown


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row that a check found, and what the check says of it.

    `row` is its position in the table of the check's resource; -1 where it names no row there.
    """

    check: Check
    message: str
    row: int


def run(connection: duckdb.DuckDBPyConnection, descriptor: Descriptor) -> list[Wrong]:
    """What the checks find, in their order and that of the rows.

    Raises:
        UsageError: a query cannot be run; the message is DuckDB's, with the check's name.
    """
    return [wrong for check in descriptor.checks for wrong in _run(connection, check, descriptor)]


def _run(
    connection: duckdb.DuckDBPyConnection, check: Check, descriptor: Descriptor
) -> list[Wrong]:
    query = f"({check.query.strip().rstrip(';')})"
    try:
        names = [column[0] for column in connection.execute(f"DESCRIBE {query}").fetchall()]
        rows = connection.execute(_located(query, names, check, descriptor)).fetchall()
    except duckdb.Error as error:
        raise UsageError(f"the check {check.name} cannot be run: {error}") from error
    found = []
    for *values, row in rows:
        message = _message(check, dict(zip(names, values, strict=True)))
        found.append(Wrong(check, message, -1 if row is None else row))
    return sorted(found, key=lambda wrong: (wrong.row, wrong.message))


def _located(query: str, names: list[str], check: Check, descriptor: Descriptor) -> str:
    """The query with the position of each of its rows in the table of the check's resource."""
    if not check.resource:
        return f"SELECT *, NULL FROM {query}"  # noqa: S608 - a query is what a check is
    keys = descriptor.resource(check.resource).primary_key
    if missing := [name for name in keys if name not in names]:
        raise UsageError(
            f"the check {check.name} does not select {', '.join(missing)}: expected the primary key "
            f"of {check.resource}, so that its findings have a place"
        )
    same = " AND ".join(f"q.{quoted(name)} = t.{quoted(name)}" for name in keys)
    table = quoted(check.resource)
    return f'SELECT q.*, t."$row" FROM {query} q LEFT JOIN {table} t ON {same}'  # noqa: S608


def _message(check: Check, row: Mapping[str, Any]) -> str:
    return re.sub(
        r"\{(\w+)\}",
        lambda match: shown(row[match[1]]) if match[1] in row else match[0],
        check.message,
    )
