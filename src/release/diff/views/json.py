"""Show a difference as JSON: the content of `changes.json`, and every row that differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from release.diff.difference import SHOWN, Difference
from release.diff.table_difference import TableDifference
from release.syntax.escapes import dump_json
from release.syntax.json import is_equal


def summary(difference: Difference) -> dict[str, Any]:
    """Return the difference without its rows."""
    return {
        "name": difference.new.name,
        "version": difference.new.version,
        "from": difference.old.version,
        "level": difference.level,
        "next": difference.next_version,
        "reasons": [{"level": level, "text": text} for level, text in difference.reasons()],
        "rows": total(difference),
        "schema": sum(change.is_of_schema for change in difference.every_change),
        "changes": [asdict(change) for change in difference.every_change],
        "tables": {table.name: _table(table) for table in difference.tables},
        "files": asdict(difference.files),
    }


def total(difference: Difference) -> dict[str, int]:
    """Count the rows added, removed and changed in all tables, without those of findings."""
    counted = [table.rows for table in difference.tables if not table.is_findings]
    return {change: sum(getattr(rows, change) for rows in counted) for change in COUNTED}


#: What happens to rows, in the order in which it is counted.
COUNTED = ("added", "removed", "changed")


def _table(table: TableDifference) -> dict[str, Any]:
    """Return the counts of a table, the hashes of its CSV, and its schemas if they differ."""
    shown: dict[str, Any] = {
        "key": list(table.table.key),
        "old": table.old.hash if table.old else None,
        "new": table.new.hash if table.new else None,
        "rows": table.rows.as_value(),
        "cells": dict(table.cells),
        "hints": list(table.notes),
    }
    schemas = {
        side: dict(each.schema) if each else None
        for side, each in (("old", table.old), ("new", table.new))
    }
    if not is_equal(schemas["old"], schemas["new"]):
        shown["schema"] = schemas
    return shown


def dumped(value: Any) -> str:
    """Return a value as the JSON of a release's files."""
    return dump_json(value) + "\n"


def pieces(difference: Difference) -> Iterator[str]:
    """Yield one JSON object, piece by piece: the summary and, as `lines`, the rows that differ by table."""
    # as every command has it; what stops a comparison is not here but in the error
    report = {**summary(difference), "findings": []}
    yield dumped(report)[: -len("\n}\n")] + ',\n  "lines": {'
    tables = [table for table in difference.tables if table.pairs]
    for at, table in enumerate(tables):
        yield f"{',' if at else ''}\n    {dump_json(table.name)}: ["
        first = True
        for change in SHOWN:
            for row in difference.rows(table, change):
                cells = {cell.field: {"old": cell.old, "new": cell.new} for cell in row.cells}
                line = {"change": row.change, "key": list(row.key), "cells": cells}
                yield f"{'' if first else ','}\n      {dump_json(line, indent=None)}"
                first = False
        yield "]" if first else "\n    ]"
    yield "}\n}\n" if not tables else "\n  }\n}\n"
