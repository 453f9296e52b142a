"""Show a difference as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from release.diff.difference import SHOWN, Difference
from release.diff.row_comparison import What
from release.diff.table_difference import Cell, Row, TableDifference
from release.diff.views.excerpts import WIDTH, excerpts
from release.findings.message import printable
from release.syntax.looks.contrast import point_out
from release.syntax.types.value_type import ValueType

#: So many rows of each sort, and files, are shown of a table.
MOST = 5

_SIGNS = {"removed": "-", "changed": "~", "added": "+"}
_COLOURS = {"-": "31", "+": "32", "~": "33", "#": "1"}


@dataclass(frozen=True, slots=True)
class Style:
    """The style of a difference: all rows or the first ones, in colours or plain."""

    is_whole: bool = False
    is_colourful: bool = False

    @property
    def most(self) -> int | None:
        """The number of rows of each sort that are shown of a table; None for all."""
        return None if self.is_whole else MOST

    @property
    def width(self) -> int | None:
        """The number of characters of a value that are shown; None for all."""
        return None if self.is_whole else WIDTH

    def paint(self, sign: str, text: str) -> str:
        """Return a line in the colour of its sign."""
        return f"\033[{_COLOURS[sign]}m{text}\033[0m" if self.is_colourful else text


def pieces(difference: Difference, style: Style = Style()) -> Iterator[str]:
    """Yield the difference as lines: the strongest reasons, then rows, files, and the next version."""
    for line in _lines(difference, style):
        yield f"{line}\n"


def _lines(difference: Difference, style: Style) -> Iterator[str]:
    old, new = difference.old, difference.new
    names = old.name if old.name == new.name else f"{old.name}, {new.name}"
    yield style.paint("#", f"{printable(names)}: {old.version} -> {new.version}")
    yield from _changes(difference, style)
    yield from _counts(difference, style)
    for table in difference.tables:
        yield from _table(difference, table, style)
    yield from _files(difference, style)
    yield ""
    yield from verdict(difference)


def _changes(difference: Difference, style: Style) -> Iterator[str]:
    changes = difference.every_change
    if changes:
        yield ""
        yield style.paint("#", "package, tables and fields")
    for change in changes:
        sign = "+" if change.old is None else "-" if change.new is None else "~"
        sign = "~" if change.old is None and change.new is None else sign
        line = f"  {sign} {printable(str(change))}"
        yield style.paint(sign, line) + f"  [{change.level}]"


def _counts(difference: Difference, style: Style) -> Iterator[str]:
    tables = [table for table in difference.tables if table.is_shown]
    if not tables:
        return
    width = max(len(table.name) for table in tables)
    width = max(width, len("rows"))
    yield ""
    header = f"{'rows':{width + 2}}  {'old':>9}  {'new':>9}  {'added':>9}  {'removed':>9}  {'changed':>9}"
    yield style.paint("#", header)
    for table in tables:
        rows = table.rows
        numbers = (rows.old, rows.new, rows.added, rows.removed, rows.changed)
        cells = ", ".join(f"{printable(name)} {count:,}" for name, count in table.most_changed)
        columns = "".join(f"  {f'{number:,}' if number else '-':>9}" for number in numbers)
        yield f"  {printable(table.name):{width}}{columns}  {cells}".rstrip()


def _table(difference: Difference, table: TableDifference, style: Style) -> Iterator[str]:
    rows = table.rows
    if not table.is_in_both and not style.is_whole:
        return
    if table.is_shown:
        yield ""
        yield style.paint("#", printable(table.name))
    yield from (f"  ? {printable(hint)}" for hint in table.notes)
    for sort in SHOWN:
        for row in difference.rows(table, sort, style.most):
            yield from _row(row, table.table.types, style)
        hidden = getattr(rows, sort) - (style.most or getattr(rows, sort))
        if hidden > 0:
            yield f"    … and {hidden:,} more {sort}; --all shows them"


def _row(row: Row, types: Mapping[str, ValueType], style: Style) -> Iterator[str]:
    sign = _SIGNS[row.change]
    yield style.paint(sign, f"  {sign} {printable(', '.join(row.key))}")
    width = max((len(cell.field) for cell in row.cells), default=0)
    for cell in row.cells:
        yield f"      {printable(cell.field):{width}}  {_cell(cell, row.change, types, style)}"


def _cell(cell: Cell, change: What, types: Mapping[str, ValueType], style: Style) -> str:
    old, new = excerpts(cell.old, cell.new, style.width)
    if change == "changed":
        kind = types.get(cell.field)
        is_text = kind is not None and kind.facts.is_quoted
        points = point_out(cell.old, cell.new)
        one, other = (
            _shown(value, is_text) + point for value, point in zip((old, new), points, strict=True)
        )
        return f"{style.paint('-', one)} -> {style.paint('+', other)}"
    return str(old if change == "removed" else new)


def _shown(value: str | None, is_text: bool) -> str:
    if value is None:
        return "missing"
    return f"'{value}'" if is_text else value


def _files(difference: Difference, style: Style) -> Iterator[str]:
    if not (title := difference.about_files):
        return
    files = difference.files
    yield ""
    yield style.paint("#", title)
    for sign, paths in (("-", files.removed), ("~", files.rewritten), ("+", files.added)):
        for path in paths[: style.most]:
            yield style.paint(sign, f"  {sign} {printable(path)}")
        if (hidden := len(paths) - len(paths[: style.most])) > 0:
            word = {"-": "removed", "~": "rewritten", "+": "added"}[sign]
            yield f"    … and {hidden:,} more {word}; --all shows them"


def verdict(difference: Difference) -> Iterator[str]:
    """Yield the level that a difference calls for, why, and the next version."""
    if difference.level == "none":
        yield difference.none_found
        return
    why = "; ".join(printable(text) for text in difference.most_telling())
    yield f"level: {difference.level} ({why})"
    yield from difference.verdict()
