"""Write the rows that differ as HTML, as many as a page has room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from release.diff.difference import Difference
from release.diff.row_comparison import What
from release.diff.table_difference import Cell, Row, TableDifference
from release.diff.views.marks import MarkedText, marked
from release.package.render import template
from release.syntax.escapes import escape_obeyed

#: The order on a page: what is another value now, before what is no longer there and what is new.
ORDER: tuple[What, ...] = ("changed", "removed", "added")

#: The most characters of a key and of a field's name, those of a value and of all values in one line, and the
#: most fields of a row that changed.
KEY, FIELD, VALUE, LINE, FIELDS = 200, 80, 60, 160, 20


@dataclass(frozen=True, slots=True)
class Room:
    """The room that a page has for rows: how many, and how many bytes; None for all."""

    rows: int | None
    bytes: int | None


@dataclass(frozen=True, slots=True)
class RowGroup:
    """The rows of a table to which the same happened: the HTML of those shown, and how many are not."""

    change: What
    number: int
    rows: Iterator[Any] | Sequence[Any]
    hidden: int = 0


def groups(
    difference: Difference, tables: Sequence[TableDifference], room: Room
) -> list[list[RowGroup]]:
    """Return the rows of each table by what happened to them; without a limit they are read when written.

    The room is shared: what happened to few rows is shown whole, and the rest is left to the others in equal
    parts.
    """
    wanted = [[(change, getattr(table.rows, change)) for change in ORDER] for table in tables]
    if room.rows is None or room.bytes is None:
        return [
            [
                RowGroup(change, number, (_html(row) for row in difference.rows(table, change)))
                for change, number in of_table
                if number
            ]
            for table, of_table in zip(tables, wanted, strict=True)
        ]
    flat = [
        (table, *each) for table, of_table in zip(tables, wanted, strict=True) for each in of_table
    ]
    shares = share([number for _, _, number in flat], room.rows)
    made: dict[int, RowGroup] = {}
    left = room.bytes
    for done, at in enumerate(_smallest_first(shares)):
        table, change, number = flat[at]
        rows = difference.rows(table, change, shares[at]) if shares[at] else ()
        shown, used = _fitting(rows, left // (len(flat) - done))
        left -= used
        made[at] = RowGroup(change, number, shown, number - len(shown))
    of_each = [made[at] for at in range(len(flat))]
    return [
        [group for group in of_each[first : first + len(ORDER)] if group.number]
        for first in range(0, len(flat), len(ORDER))
    ]


def share(wanted: Sequence[int], most: int) -> list[int]:
    """Share a number among those who want parts of it: the small ones are served first, the others alike."""
    given = [0] * len(wanted)
    for done, at in enumerate(_smallest_first(wanted)):
        given[at] = min(wanted[at], most // (len(wanted) - done))
        most -= given[at]
    return given


def _smallest_first(numbers: Sequence[int]) -> list[int]:
    """Return the places of some numbers, by number."""
    return sorted(range(len(numbers)), key=lambda at: (numbers[at], at))


def _fitting(rows: Iterator[Row] | tuple[()], most: int) -> tuple[list[Any], int]:
    """Return the first rows as HTML that fit into so many bytes, and how many bytes they take."""
    found, used = [], 0
    for row in rows:
        text = _html(row)
        size = len(text.encode())
        if used + size > most:
            break
        found.append(text)
        used += size
    return found, used


def _html(row: Row) -> Any:
    """Return a row as HTML: each changed field by itself, or what was added or removed in one line."""
    write: Any = template("diff_rows.html.j2").module
    key = shortened(", ".join(row.key), KEY)
    if row.change != "changed":
        return write.line(key, _line(row.cells))
    cells = [_cell(cell) for cell in row.cells[:FIELDS]]
    return write.changed(key, cells, len(row.cells) - len(cells))


def _cell(cell: Cell) -> dict[str, Any]:
    """Return what a template shows of a cell that changed; a value that is missing has no parts."""
    sides = marked(cell.old, cell.new)
    values = zip((cell.old, cell.new), sides, cell.points, strict=True)
    old, new = (
        {"parts": None if value is None else _shown(parts), "points": points}
        for value, parts, points in values
    )
    return {"field": shortened(cell.field, FIELD), "old": old, "new": new}


def _shown(parts: list[MarkedText]) -> list[MarkedText]:
    return [MarkedText(escape_obeyed(part.text), part.differs) for part in parts]


def _line(cells: Sequence[Cell]) -> list[tuple[str, str]]:
    """Return the fields and values that one line has room for; one without a name stands for the others."""
    found: list[tuple[str, str]] = []
    left = LINE
    told = [(cell.field, cell.old if cell.new is None else cell.new) for cell in cells]
    there = [(field, value) for field, value in told if value is not None]
    for field, value in there:
        pair = (shortened(field, FIELD), shortened(value, VALUE if len(there) > 1 else LINE))
        left -= len(pair[0]) + len(pair[1])
        if left < 0 and found:
            return [*found, ("", "…")]
        found.append(pair)
    return found


def shortened(text: str, most: int) -> str:
    """Return a text on one line, cut to so many characters."""
    line = escape_obeyed(" ".join(text[: 2 * most].split()))
    return line if len(line) <= most and len(text) <= 2 * most else f"{line[: most - 1]}…"
