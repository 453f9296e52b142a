"""A dataset's own checks: queries in SQL for the rows that are wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from release.descriptor import Check, Descriptor
from release.errors import UsageError
from release.findings import shown


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row that a check found: what it says of it, and the primary key where it names one."""

    check: Check
    message: str
    key: Mapping[str, Any] | None


def run(tables: Mapping[str, pa.Table], descriptor: Descriptor) -> list[Wrong]:
    """What the checks find, in their order and that of the rows' keys.

    Raises:
        UsageError: a query cannot be run; the message is DuckDB's, with the check's name.
    """
    if not descriptor.checks:
        return []
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.execute("SET enable_external_access = false; SET TimeZone = 'UTC'")
        for name, table in tables.items():
            own = [column for column in table.column_names if not column.startswith("$")]
            connection.register(name, table.select(own))
        return [wrong for check in descriptor.checks for wrong in _run(connection, check, descriptor)]


def _run(
    connection: duckdb.DuckDBPyConnection, check: Check, descriptor: Descriptor
) -> list[Wrong]:
    try:
        result = connection.execute(check.query)
        names = [column[0] for column in result.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    except duckdb.Error as error:
        raise UsageError(f"the check {check.name} cannot be run: {error}") from error
    keys = descriptor.resource(check.resource).primary_key if check.resource else ()
    if missing := [name for name in keys if name not in names]:
        raise UsageError(
            f"the check {check.name} does not select {', '.join(missing)}: expected the primary key "
            f"of {check.resource}, so that its findings have a place"
        )
    found = [
        Wrong(check, _message(check, row), {key: row[key] for key in keys} if keys else None)
        for row in rows
    ]
    return sorted(found, key=lambda wrong: (str(wrong.key), wrong.message))


def _message(check: Check, row: Mapping[str, Any]) -> str:
    return re.sub(
        r"\{(\w+)\}",
        lambda match: shown(row[match[1]]) if match[1] in row else match[0],
        check.message,
    )
