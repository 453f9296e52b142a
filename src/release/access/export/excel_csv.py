"""A table of a release as CSV that Excel opens by a double click: with a byte-order mark, and text kept.

Excel guesses a type for each cell, and runs what begins like a formula. A text that it might change is
written as a formula that is nothing but that text, such as `="00123"`: Excel keeps a text in no other way. A
text in a formula has at most 255 characters, so longer ones are joined of parts. A formula has at most 8,192;
before a text that is longer still stands an apostrophe. Source: "Excel specifications and limits" of its
documentation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from release.access import cells
from release.access.export import sheet_columns, workbook
from release.access.export.sheet_columns import SheetColumn
from release.access.export.tables import ExportTable
from release.system.limits import Limits

#: The most characters of a formula as UTF-16 counts them, and of a part of a text, which may count twice.
_MOST_OF_FORMULA, _MOST_OF_PART = 8192, 120

#: A longer text is no number, date or logical value, unless it is of digits only.
_SHORT = 40

#: How a formula begins, or a cell whose first character Excel does not keep.
_FORMULA = re.compile(r"[=+\-@'\t\r\n \"]")

#: Words without a digit, which are no value of another type: several of them, so that TRUE is none.
_WORDS = re.compile(r"[^\W\d_][^\d]* [^\d]*")

#: The name of a column that is no value, such as DEC1 would be.
_NAME = re.compile(r"[A-Za-z]+(_[A-Za-z_0-9]+)?")

#: A number of whatever length.
_NUMBER = re.compile(r"[\d\s.,eE+-]+")


def write(table: ExportTable, target: Path, limits: Limits) -> list[str]:
    """Write the rows of a table; return in words what is not as in the release.

    Raises:
        UsageError: It does not fit into a sheet.
    """
    workbook.expect_fit([table], limits)
    writers = [_Writer(each, table) for each in sheet_columns.decide(table)]
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(_line([each.header for each in writers]))
        for batch in table.batches():
            columns = [each.write(one) for each, one in zip(writers, batch.columns, strict=True)]
            file.writelines(map(_line, zip(*columns, strict=True)))
    return [note for each in writers for note in each.notes()]


def _line(texts: Sequence[str]) -> str:
    return ",".join(texts) + "\r\n"


class _Writer:
    """A writer of one column."""

    def __init__(self, column: SheetColumn, table: ExportTable) -> None:
        self.column = column
        self._table = table
        self._cut = 0
        self._marked = 0

    @property
    def header(self) -> str:
        """The name of the column, as it is if it is a word."""
        name = self.column.field.name
        return name if _NAME.fullmatch(name) else self.keep(name)

    def write(self, column: pa.Array) -> list[str]:
        """Return the cells of some rows."""
        texts = cells.write(column, self.column.field.values).to_pylist()
        if self.column.form == "text":
            return ["" if each is None else self.keep(each) for each in texts]
        return ["" if each is None else each for each in texts]

    def keep(self, text: str) -> str:
        """Return the cell of a text, which Excel does not change."""
        if (
            len(text) > workbook.MOST_CHARACTERS // 2
            and workbook.size(text) > workbook.MOST_CHARACTERS
        ):
            self._cut += 1
            text = workbook.cut(text, self._table.resource.paths[0])
        if _may_change(text):
            formula = _formula(text)
            is_long = workbook.size(formula) > _MOST_OF_FORMULA
            self._marked += is_long
            text = f"'{text}" if is_long else formula
        return f'"{text.replace(chr(34), 2 * chr(34))}"'

    def notes(self) -> list[str]:
        """Return in words what is not as in the release."""
        name = f"{self._table.name}.{self.column.field.name}"
        found = [f"{name} is text: {self.column.reason}"] if self.column.reason else []
        if self._cut:
            found.append(workbook.tell_cut(name, self._cut))
        if self._marked:
            count = "1 value begins" if self._marked == 1 else f"{self._marked} values begin"
            found.append(
                f"{name}: {count} with an apostrophe of this file, as Excel would run them"
            )
        return found


def _may_change(text: str) -> bool:
    """Return whether Excel might make something else of a text."""
    if _FORMULA.match(text) or text != text.strip():
        return True
    if len(text) > _SHORT:
        return _NUMBER.fullmatch(text) is not None
    return _WORDS.fullmatch(text) is None


def _formula(text: str) -> str:
    """Return the formula that is a text."""
    parts = (text[at : at + _MOST_OF_PART] for at in range(0, len(text), _MOST_OF_PART))
    quoted = ('"' + part.replace('"', '""') + '"' for part in parts)
    return f"={'&'.join(quoted)}"
