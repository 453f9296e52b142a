"""A release as a workbook: a sheet about it, its dictionary, and a sheet for each table.

Text is written as text: no formula, number, date or link is made of it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from release.access import cells
from release.access.export import dictionary, sheet_columns, sheet_names
from release.access.export.sheet_columns import SheetColumn
from release.access.export.tables import ExportTable
from release.findings.errors import UsageError
from release.findings.message import printable
from release.package.manifest.model import Manifest
from release.system.limits import LIMITS, Limits

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

#: The columns of a sheet, and the characters of a cell as UTF-16 counts them.
MOST_COLUMNS, MOST_CHARACTERS = 1 << 14, (1 << 15) - 1

#: Numbers below are written without an exponent.
_WHOLE = 1e15

#: The names of the sheets that are no tables.
_ABOUT, _DICTIONARY = "about", "dictionary"

#: The narrowest and the widest column, in characters, and the rows that its width is told by.
_NARROW, _WIDE, _LOOKED_AT = 6, 60, 100

#: The time of creation of a release that names none.
_NO_TIME = datetime.datetime(1980, 1, 1)

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd",
}


class _Number(float):
    """A number that is written with all of its digits; XlsxWriter would write 16, and 17 can be needed."""

    def __format__(self, _form: str) -> str:
        is_whole = self.is_integer() and abs(self) < _WHOLE
        return str(int(self)) if is_whole else repr(float(self))


def write(
    tables: Sequence[ExportTable], manifest: Manifest, target: Path, limits: Limits = LIMITS
) -> list[str]:
    """Write a workbook; return in words what in it is not as in the release.

    Raises:
        UsageError: A table does not fit into a sheet, or XlsxWriter is not installed.
    """
    expect_fit(tables, limits)
    try:
        import xlsxwriter
    except ImportError as error:
        message = "a workbook needs XlsxWriter: pip install 'records-release[excel]'"
        raise UsageError(message) from error
    names = sheet_names.make_names([*(each.name for each in tables), _ABOUT, _DICTIONARY])
    notes = [f"the sheet of {one} is called {name}" for one, name in names.items() if one != name]
    try:
        with xlsxwriter.Workbook(target, {**_OPTIONS, "tmpdir": str(target.parent)}) as book:
            _fill(book, tables, names, manifest, notes)
    except xlsxwriter.exceptions.FileCreateError as error:  # around one of the system
        raise error.args[0] from error
    return notes


def _fill(
    book: Workbook,
    tables: Sequence[ExportTable],
    names: Mapping[str, str],
    manifest: Manifest,
    notes: list[str],
) -> None:
    """Write the sheets of a workbook, whose names are given; add what is not as in the release to `notes`."""
    book.set_properties({"created": manifest.time or _NO_TIME, "title": manifest.text("title")})
    book.set_size(2400, 1600)
    book.use_zip64()  # for sheets of more than 4 GB, of which others have nothing
    styles = _Styles(book)
    about, words = (book.add_worksheet(names[each]) for each in (_ABOUT, _DICTIONARY))
    for table in tables:
        notes += _write_table(book.add_worksheet(names[table.name]), table, styles)
    facts = [*dictionary.describe(manifest), *(("note", printable(note)) for note in notes)]
    _write_texts(about, ("", ""), facts, styles)
    _write_texts(words, dictionary.COLUMNS, dictionary.rows(tables), styles)


class _Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[str, Format] = {}
        self.bold = book.add_format({"bold": True})

    def of(self, shown: str) -> Format | None:
        """Return the format in which values are shown; None for that of the workbook."""
        if not shown:
            return None
        if shown not in self._made:
            self._made[shown] = self._book.add_format({"num_format": shown})
        return self._made[shown]


def expect_fit(tables: Sequence[ExportTable], limits: Limits) -> None:
    """Refuse tables that are larger than a sheet.

    Raises:
        UsageError: One is.
    """
    for table in tables:
        for count, most, what in (
            (table.rows, limits.sheet_rows, "rows"),
            (len(table.fields), MOST_COLUMNS, "columns"),
        ):
            if count > most:
                raise UsageError(
                    f"{printable(table.name)} has {count:,} {what}, and a sheet takes {most:,}: "
                    "take sqlite, duckdb or jsonl for it, or name other tables with --table"
                )


def _write_table(sheet: Worksheet, table: ExportTable, styles: _Styles) -> list[str]:
    """Write a table into a sheet; return in words what is not as in the release."""
    columns = sheet_columns.decide(table)
    notes = [
        f"{table.name}.{each.field.name} is text: {each.reason}" for each in columns if each.reason
    ]
    writers = [_Writer(sheet, at, each, table, styles) for at, each in enumerate(columns)]
    _write_header(sheet, [each.field.name for each in columns], table.rows, styles)
    row = 1
    for batch in table.batches():
        values = [each.values(column) for each, column in zip(writers, batch.columns, strict=True)]
        for cells_of_row in zip(*values, strict=True):
            for writer, value in zip(writers, cells_of_row, strict=True):
                if value is not None:
                    writer.write(row, value)
            row += 1
    for each in writers:
        sheet.set_column(each.at, each.at, min(max(each.width + 2, _NARROW), _WIDE))
    return notes + [note for each in writers for note in each.notes()]


class _Writer:
    """A writer of one column of a sheet."""

    def __init__(
        self, sheet: Worksheet, at: int, column: SheetColumn, table: ExportTable, styles: _Styles
    ) -> None:
        self.at = at
        self.width = len(column.field.name)
        self._column = column
        self._table = table
        self._sheet = sheet
        self._style = styles.of(column.format)
        self._cut = 0
        self._write: Callable[[int, Any], object] = {
            "text": self._write_text,
            "number": self._write_number,
            "boolean": self._write_boolean,
            "time": self._write_time,
        }[column.form]

    def values(self, column: pa.Array) -> list[Any]:
        """Return the values of some rows as they are written."""
        if self._column.form == "text":
            return list(cells.write(column, self._column.field.values).to_pylist())
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("us"))  # an instant as its time in UTC
        return list(column.to_pylist())

    def write(self, row: int, value: Any) -> None:
        """Write a value."""
        if row <= _LOOKED_AT:
            self.width = max(self.width, len(str(value)))
        self._write(row, value)

    def notes(self) -> list[str]:
        """Return in words what was cut."""
        name = f"{self._table.name}.{self._column.field.name}"
        return [tell_cut(name, self._cut)] if self._cut else []

    def _write_text(self, row: int, value: str) -> None:
        if len(value) > MOST_CHARACTERS // 2 and size(value) > MOST_CHARACTERS:
            self._cut += 1
            value = cut(value, self._table.resource.paths[0])
        self._sheet.write_string(row, self.at, value, self._style)

    def _write_number(self, row: int, value: Any) -> None:
        self._sheet.write_number(row, self.at, _Number(value), self._style)

    def _write_boolean(self, row: int, value: bool) -> None:
        self._sheet.write_boolean(row, self.at, value, self._style)

    def _write_time(self, row: int, value: Any) -> None:
        self._sheet.write_datetime(row, self.at, value, self._style)


def cut(text: str, path: str) -> str:
    """Return the beginning of a text that is too long for a cell, with a note on where all of it is."""
    end = f"… [cut: all {len(text):,} characters are in {path}]"
    kept = text.encode("utf-16-le")[: 2 * (MOST_CHARACTERS - size(end))]
    return kept.decode("utf-16-le", "ignore") + end


def tell_cut(name: str, count: int) -> str:
    """Return in words that some values of a column were cut."""
    values = "1 value is" if count == 1 else f"{count} values are"
    return f"{name}: {values} cut, as a cell takes {MOST_CHARACTERS:,} characters"


def size(text: str) -> int:
    """Return the characters of a text, as UTF-16 counts them."""
    return len(text.encode("utf-16-le")) // 2


def _write_header(sheet: Worksheet, names: Sequence[str], rows: int, styles: _Styles) -> None:
    """Write the names of columns, which stay in sight, and by which rows are filtered."""
    for at, name in enumerate(names):
        sheet.write_string(0, at, name, styles.bold)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, rows, len(names) - 1)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


def _write_texts(
    sheet: Worksheet, names: Sequence[str], rows: Sequence[Sequence[str]], styles: _Styles
) -> None:
    """Write rows of text."""
    first = 0
    if any(names):
        _write_header(sheet, names, len(rows), styles)
        first = 1
    for at, row in enumerate(rows, first):
        for column, text in enumerate(row):
            if text:
                kept = text if size(text) <= MOST_CHARACTERS else cut(text, "datapackage.json")
                sheet.write_string(at, column, kept, styles.bold if not (first or column) else None)
    for column in range(len(names)):
        width = max((len(row[column]) for row in (names, *rows)), default=0)
        sheet.set_column(column, column, min(max(width + 2, _NARROW), _WIDE))
