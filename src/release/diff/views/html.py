"""Show a difference as one HTML page that needs no other file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from release.diff.difference import FINDING_NAMED_BY, SHOWN, Difference
from release.diff.table_difference import TableDifference
from release.package.render import template

#: So many rows of each sort are shown of a table, and so many files.
MOST = 200


def pieces(difference: Difference, most: int | None = MOST) -> Iterator[str]:
    """Yield the page, piece by piece."""
    yield from template("diff.html.j2").generate(
        old=difference.old,
        new=difference.new,
        level=difference.level,
        none_found=difference.none_found,
        verdict=difference.verdict(),
        reasons=difference.most_telling(),
        changes=difference.every_change,
        tables=[_table(difference, table, most) for table in difference.tables if table.is_shown],
        files=_files(difference, most),
    )


def _table(difference: Difference, table: TableDifference, most: int | None) -> dict[str, Any]:
    counted = table.rows
    numbers = [counted.old, counted.new, counted.added, counted.removed, counted.changed]
    hidden = sum(max(number - most, 0) for number in numbers[2:]) if most is not None else 0
    return {
        "name": table.name,
        "key": ", ".join(FINDING_NAMED_BY if table.is_findings else table.table.key),
        "numbers": numbers,
        "cells": ", ".join(f"{name} {number:,}" for name, number in table.cells.items()),
        "hints": table.notes,
        "shown": table.is_in_both,
        "hidden": hidden,
        # read while the page is written, not before
        "rows": (row for sort in SHOWN for row in difference.rows(table, sort, most)),
    }


def _files(difference: Difference, most: int | None) -> dict[str, Any] | None:
    if not (title := difference.about_files):
        return None
    names = ("removed", "rewritten", "added")
    lists = [(name, getattr(difference.files, name)) for name in names]
    longest = max(len(paths) for _, paths in lists)
    return {
        "title": title.capitalize(),
        "lists": lists,
        "most": longest if most is None else most,
    }
