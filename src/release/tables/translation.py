"""Read the file of a curated table in another dialect or encoding, or with columns in another order.

The file becomes CSV as a release has it, with the columns of the schema. The location of a cell is that in
the file. What Table Dialect v2 and `fieldsMatch` of Table Schema v2 mean is described in
docs/reference/descriptor.md.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from release.descriptor.model import Resource
from release.findings.message import named
from release.syntax.advice import table_files
from release.syntax.advice.encodings import explain_byte, read_utf8
from release.syntax.formats.csv_cells import location_of
from release.syntax.formats.csv_dialect import (
    CellText,
    CsvLayout,
    Dialect,
    StrayQuoteError,
    read_rows,
)
from release.syntax.text import CONTROL, describe_control_character

#: The rule, the message, and the line and column of the fault of a file.
Fault = tuple[str, str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Translation:
    """The data of a file as CSV with the columns of the schema, and where each cell stands in the file.

    A field without a column in the file stands at the beginning of each row. Rows count from 0.
    """

    data: bytes
    text: str
    starts: Sequence[Sequence[int]]

    def locate(self, row: int, column: int) -> tuple[int, int]:
        """Return the line and column, from 1, of the cell of a field, by the field's position."""
        return location_of(self.text, self.starts[row][column])


class TranslationError(ValueError):
    """A file that is no table of its schema; `fault` says why."""

    def __init__(self, rule: str, message: str, location: tuple[int, int]) -> None:
        super().__init__(message)
        self.fault: Fault = (rule, message, location)


def translate(data: bytes, resource: Resource, layout: CsvLayout) -> Translation:
    """Translate the file of a curated table.

    Raises:
        TranslationError: It is no table of the schema.
    """
    text = _decode(data, layout)
    if (control := CONTROL.search(text)) is not None:
        at = location_of(text, control.start())
        raise TranslationError("control-character", describe_control_character(control[0]), at)
    try:
        rows = list(read_rows(text, layout.dialect))
    except StrayQuoteError as error:
        message = "has a stray quote, expected quotes around a whole value, and doubled inside it"
        at = location_of(text, error.offset)
        raise TranslationError(f"{resource.name}-fields", message, at) from error
    chosen = layout.dialect.header_rows
    if chosen is None:
        chosen = tuple(number for number, _ in rows[:1]) or (1,)
    header = [cells for number, cells in rows if number in chosen]
    last = max(chosen, default=0)
    if last:
        names = _join_header(header, layout.dialect)
        at = location_of(text, header[-1][0].start) if header else (1, 1)
        columns, width = _match(names, resource, layout, (text, at)), len(names)
    else:
        columns, width = list(range(len(resource.fields))), len(resource.fields)
    lines, starts = [_write(resource.field_names)], []
    for number, cells in rows:
        if number <= last:
            continue
        if len(cells) != width:
            message = table_files.describe_row(len(cells), width, cells[0].value)
            at = location_of(text, cells[0].start)
            raise TranslationError(f"{resource.name}-fields", message, at)
        own = [CellText("", cells[0].start) if at is None else cells[at] for at in columns]
        lines.append(_write(cell.value for cell in own))
        starts.append([cell.start for cell in own])
    return Translation("".join(lines).encode(), text, starts)


def _write(values: Iterable[str]) -> str:
    """Return a row of CSV; an empty text in quotes is missing, too."""
    return ",".join('"' + value.replace('"', '""') + '"' for value in values) + "\n"


def _decode(data: bytes, layout: CsvLayout) -> str:
    if data.startswith(codecs.BOM_UTF8) and layout.encoding == "utf-8":
        raise TranslationError("byte-order-mark", table_files.BYTE_ORDER_MARK, (1, 1))
    if (what := table_files.explain_other_file(data)) is not None:
        raise TranslationError("not-utf-8", what, (1, 1))
    if layout.encoding == "utf-8":
        text, message = read_utf8(data, "the table")
        if message:
            raise TranslationError("not-utf-8", message, location_of(text, len(text)))
        return text
    try:
        return data.decode(layout.encoding)
    except UnicodeDecodeError as error:
        message = explain_byte(data, error.start, layout.encoding, "the table")
        before = data[: error.start].decode(layout.encoding, "replace")
        raise TranslationError("not-utf-8", message, location_of(before, len(before))) from error


def _join_header(rows: Sequence[Sequence[CellText]], dialect: Dialect) -> list[str]:
    """Return the name of each column: its cells in the rows of the header, joined."""
    columns = zip_longest(*([cell.value for cell in row] for row in rows), fillvalue="")
    return [dialect.header_join.join(filter(None, cells)) for cells in columns]


def _match(
    names: Sequence[str], resource: Resource, layout: CsvLayout, header: tuple[str, tuple[int, int]]
) -> list[int | None]:
    """Return the position of the column of each field; None for a field that has none.

    `header` has the text of the file, and where its header stands.

    Raises:
        TranslationError: The columns are not those that `fieldsMatch` asks for.
    """
    fields, mode = resource.field_names, layout.fields_match
    extra = [name for name in names if name not in fields]
    lacking = [name for name in fields if name not in names]
    wrong = {
        "exact": tuple(names) != fields,
        "equal": bool(extra or lacking),
        "subset": bool(lacking),
        "superset": bool(extra),
        "partial": len(lacking) == len(fields),
    }
    twice = [name for name in dict.fromkeys(names) if name in fields and names.count(name) > 1]
    if wrong[mode] or twice or not names:
        text, at = header
        found = table_files.list_columns(names, [*map(named, names)])
        expected = (
            f"{_EXPECTED[mode]} {', '.join(map(named, fields))}{', each once' if twice else ''}"
        )
        advice = table_files.advise(text, names, fields) if mode == "exact" else ""
        message = f"{found}, expected {expected}{advice}"
        raise TranslationError(f"{resource.name}-fields", message, at)
    return [names.index(name) if name in names else None for name in fields]


#: The columns that are expected, by `fieldsMatch`.
_EXPECTED = {
    "exact": "the columns",
    "equal": "in any order the columns",
    "subset": "at least the columns",
    "superset": "no columns but",
    "partial": "at least one of the columns",
}
