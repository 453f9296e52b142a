"""Show a difference as one HTML page that needs no other file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from release.diff.difference import FINDING_NAMED_BY, Difference
from release.diff.release import Release
from release.diff.row_comparison import What
from release.diff.table_difference import TableDifference
from release.diff.views import rows
from release.diff.views.rows import Room, RowGroup
from release.package.checksums import SUMS, sha256_of
from release.package.render import template
from release.syntax.escapes import escape_obeyed

#: The most rows of a page, of all tables together, and its most bytes.
ROWS, BYTES = 5_000, 1_000_000

#: The most lines of a list that is not of rows, such as files, its most bytes, and the longest line.
LINES, LINES_BYTES, LINE = 200, 60_000, 400

#: The most tables that are counted, those of them with rows, and the most fields named of one.
TABLES, WITH_ROWS, NAMED = 500, 200, 8


@dataclass(frozen=True, slots=True)
class WholeChanges:
    """The place of every cell that differs: a file, with its address if there is one, or a command."""

    name: str
    address: str = ""
    is_command: bool = False


def pieces(
    difference: Difference,
    whole: WholeChanges | None = None,
    *,
    is_all: bool = False,
    is_history: bool = False,
) -> Iterator[str]:
    """Yield the page, piece by piece: at most ROWS rows and BYTES bytes, unless all is asked for.

    In the history of a release, what the next version could be is no question any more.
    """
    page = template("diff.html.j2")
    content = _content(difference, whole, is_all=is_all)
    if is_history:
        content["verdict"] = []
    tables = [table for table in difference.tables if table.is_shown and table.is_in_both]
    tables = [table for table in tables if _counted(table)]
    if is_all:
        found = rows.groups(difference, tables, Room(None, None))
        yield from page.generate(content, details=_details(tables, found), is_cut=False)
        return
    is_cut = len(tables) > WITH_ROWS
    tables = tables[:WITH_ROWS]
    # what the page takes without a row, saying of each that it is not shown, is not there for rows
    empty = [[RowGroup(change, n, (), n) for change, n in _counted(table)] for table in tables]
    frame = page.render(content, details=_details(tables, empty), is_cut=True)
    room = Room(ROWS, max(BYTES - len(frame.encode()), 0))
    found = rows.groups(difference, tables, room)
    is_cut = is_cut or any(group.hidden for of_table in found for group in of_table)
    yield page.render(content, details=_details(tables, found), is_cut=is_cut)


def _counted(table: TableDifference) -> list[tuple[What, int]]:
    """Return what happened to rows of a table, and to how many."""
    numbers = [(change, getattr(table.rows, change)) for change in rows.ORDER]
    return [(change, number) for change, number in numbers if number]


def _content(difference: Difference, whole: WholeChanges | None, *, is_all: bool) -> dict[str, Any]:
    """Return what the template shows besides rows."""
    old, new = difference.old, difference.new
    is_one_number = old.version == new.version
    shown = [table for table in difference.tables if table.is_shown]
    listed = shown if is_all else shown[:TABLES]
    changes = [f"{change} ({change.level})" for change in difference.every_change]
    places: dict[str, int] = {}
    for table in listed:
        if table.is_in_both and _counted(table) and (is_all or len(places) < WITH_ROWS):
            places[table.name] = len(places) + 1
    return {
        "old": _side(old, is_named=is_one_number),
        "new": _side(new, is_named=is_one_number),
        "level": difference.level,
        "none_found": difference.none_found,
        "verdict": difference.verdict(),
        "reasons": difference.most_telling(),
        "changes": _listed(changes, is_all=is_all),
        "tables": [_row_of_counts(table, places.get(table.name, 0)) for table in listed],
        "more_tables": len(shown) - len(listed),
        "whole": whole,
        "files": _files(difference, is_all=is_all),
        "most": (ROWS, BYTES),
    }


def _side(release: Release, *, is_named: bool) -> dict[str, str]:
    """Return which release one is: with the hash of its list of files if both have one number."""
    digest = ""
    if is_named:
        sums = release.folder / SUMS
        digest = f"{SUMS} {sha256_of(sums)}" if sums.is_file() else "not released yet"
    return {
        "name": rows.shortened(release.name, rows.KEY),
        "version": release.version,
        "date": release.created[: len("2026-01-31")],
        "digest": digest,
    }


def _row_of_counts(table: TableDifference, place: int) -> dict[str, Any]:
    counted = table.rows
    cells = [f"{name} {number:,}" for name, number in table.most_changed[:NAMED]]
    more = len(table.cells) - len(cells)
    return {
        "name": rows.shortened(table.name, rows.FIELD),
        "place": place,
        "numbers": [counted.old, counted.new, counted.added, counted.removed, counted.changed],
        "cells": ", ".join([*cells, *([f"… and {more:,} more fields"] if more else [])]),
        "hints": table.notes,
    }


def _details(
    tables: Sequence[TableDifference], groups: Sequence[Sequence[RowGroup]]
) -> list[dict[str, Any]]:
    """Return the tables with their rows."""
    return [
        {
            "name": rows.shortened(table.name, rows.FIELD),
            "key": rows.shortened(
                ", ".join(FINDING_NAMED_BY if table.is_findings else table.table.key), rows.KEY
            ),
            "groups": of_table,
            "counts": ", ".join(f"{group.number:,} {group.change}" for group in of_table),
        }
        for table, of_table in zip(tables, groups, strict=True)
    ]


def _listed(texts: Sequence[str], *, is_all: bool) -> tuple[list[str], int]:
    """Return the first texts that a page has room for, cut if they are long, and the number of others."""
    if is_all:
        return [*map(escape_obeyed, texts)], 0
    found: list[str] = []
    left = LINES_BYTES
    for text in texts[:LINES]:
        line = text if len(text) <= LINE else f"{text[:LINE]}…"
        left -= len(line.encode("utf-8", "surrogatepass"))
        if left < 0:
            break
        found.append(escape_obeyed(line))
    return found, len(texts) - len(found)


def _files(difference: Difference, *, is_all: bool) -> dict[str, Any] | None:
    if not (title := difference.about_files):
        return None
    lists = []
    for name in ("removed", "rewritten", "added"):
        paths = getattr(difference.files, name)
        shown, more = _listed(paths, is_all=is_all)
        lists.append({"name": name, "number": len(paths), "paths": shown, "more": more})
    return {"title": title.capitalize(), "lists": lists}
