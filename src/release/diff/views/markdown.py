"""Show a difference as Markdown, for a pull request or a changelog."""

from __future__ import annotations

from collections.abc import Iterator

from release.diff.difference import SHOWN, Difference
from release.diff.table_difference import Row, TableDifference
from release.diff.views.excerpts import WIDTH, excerpts
from release.syntax.looks.contrast import point_out
from release.syntax.markdown import escape

#: So many rows of each sort, cells of a row, and files are shown.
MOST, CELLS, FILES = 5, 4, 10


def pieces(difference: Difference, most: int | None = MOST) -> Iterator[str]:
    """Yield the difference as a section: what it calls for, schema, rows by table, notable rows, files."""
    old, new = difference.old, difference.new
    yield f"## {escape(new.name)}: {old.version} to {new.version}\n\n"
    if difference.level == "none":
        yield f"N{difference.none_found[1:]}.\n"
        for table in difference.tables:
            yield from (f"- {escape(table.name)}: {escape(note)}\n" for note in table.notes)
        return
    yield from section(difference, most)
    for line in difference.verdict():
        yield f"\n{escape(line[:1].upper() + line[1:])}\n"


def section(difference: Difference, most: int | None = MOST) -> Iterator[str]:
    """Yield the lines that describe a difference, without a heading."""
    why = "; ".join(escape(text) for text in difference.most_telling())
    yield f"Level: **{difference.level}** ({why})\n"
    if difference.every_change:
        yield "\n### Package, tables and fields\n\n"
    for change in difference.every_change:
        yield f"- {escape(str(change))} ({change.level})\n"
    tables = [table for table in difference.tables if table.is_shown]
    if tables:
        yield "\n### Rows\n\n| table | before | now | added | removed | changed |\n"
        yield "|---|---:|---:|---:|---:|---:|\n"
    for table in tables:
        rows = table.rows
        numbers = (rows.old, rows.new, rows.added, rows.removed, rows.changed)
        yield f"| {escape(table.name)} | {' | '.join(f'{number:,}' for number in numbers)} |\n"
    for table in tables:
        yield from _table(difference, table, most)
    yield from _files(difference, most)


def _table(difference: Difference, table: TableDifference, most: int | None) -> Iterator[str]:
    rows = table.rows
    if not table.is_in_both:
        return
    if table.is_shown:
        yield f"\n#### {escape(table.name)}\n\n"
    if table.cells:
        cells = ", ".join(f"{escape(name)} {n:,}" for name, n in table.most_changed)
        yield f"- cells changed: {cells}\n"
    yield from (f"- {escape(hint)}\n" for hint in table.notes)
    for sort in SHOWN:
        for row in difference.rows(table, sort, most):
            yield from _row(row, is_whole=most is None)
        number = getattr(rows, sort)
        if most is not None and number > most:
            yield f"- … and {number - most:,} more {sort}\n"


def _row(row: Row, *, is_whole: bool) -> Iterator[str]:
    key = escape(", ".join(row.key))
    values = []
    cells = row.cells if is_whole else row.cells[:CELLS]
    width = None if is_whole else WIDTH
    for cell in cells:
        old, new = (_quoted(value) for value in excerpts(cell.old, cell.new, width))
        one, other = point_out(cell.old, cell.new)
        value = (
            f"{old}{one} → {new}{other}"
            if row.change == "changed"
            else new
            if old == "missing"
            else old
        )
        values.append(f"{escape(cell.field)}: {value}")
    if len(row.cells) > len(cells):
        values.append("…")
    yield f"- {row.change} **{key}**{': ' if values else ''}{'; '.join(values)}\n"


def _quoted(value: str | None) -> str:
    return "missing" if value is None else f"“{escape(value)}”"


def _files(difference: Difference, most: int | None) -> Iterator[str]:
    if not (title := difference.about_files):
        return
    files = difference.files
    yield f"\n### {title.capitalize()}\n\n"
    for word in ("removed", "rewritten", "added"):
        paths = getattr(files, word)
        shown = paths if most is None else paths[:FILES]
        more = len(paths) - len(shown)
        if paths:
            named = ", ".join(escape(path) for path in shown)
            yield f"- {word}: {len(paths):,} ({named}{f', … and {more:,} more' if more else ''})\n"
