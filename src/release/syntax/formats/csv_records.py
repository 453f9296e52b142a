"""Read CSV and TSV as records: one for each row, its values texts by the names in the header."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import zip_longest
from typing import NamedTuple

from release.findings.groups import Groups
from release.findings.message import shown
from release.syntax.formats.csv_cells import cell_spans, find_stray_quote, unquote
from release.syntax.formats.csv_dialect import CellText, Dialect, StrayQuoteError, read_rows
from release.syntax.formats.entries import Cut, Entry
from release.syntax.formats.front_matter import Format
from release.syntax.formats.pieces import WHOLE, Piece
from release.syntax.text import (
    CONTROL,
    Location,
    Locations,
    SyntaxFault,
    find_control_characters,
    line_and_column,
)

#: What stands between cells, by format, where no dialect says it.
DELIMITERS = {"csv": ",", "tsv": "\t"}

_RULE = "csv-syntax"


class _Rows(NamedTuple):
    """The header of a text, and its rows of data; or the fault that leaves none that can be relied on."""

    header: Sequence[CellText] = ()
    rows: Sequence[Sequence[CellText]] = ()
    fault: SyntaxFault | None = None


def cut_rows(text: str, form: Format, dialect: Dialect | None = None, piece: Piece = WHOLE) -> Cut:
    """Cut CSV or TSV into its rows; the first one, the header, has the names of the columns.

    A row with another number of cells than the header is a fault of its own. Positions count it, and no empty
    lines. A stray quote, or a name that is missing or stands twice, leaves no row that can be relied on.
    """
    header, rows, fault = piece.share((text, dialect), partial(_read, text, form, dialect))
    if fault is not None:
        return Cut([], [] if piece.number else [fault], [])
    names = [cell.value for cell in header]
    entries: list[Entry] = []
    faults: Groups[SyntaxFault] = Groups()
    line = before = 0
    for position in piece.select(range(len(rows))):
        row, begin = rows[position], rows[position][0].start
        end = rows[position + 1][0].start if position + 1 < len(rows) else len(text)
        line += text.count("\n", before, begin)  # lines are counted once, from one row to the next
        before = begin
        if len(row) != len(names):
            faults.add(_RULE, partial(_report_ragged, line, len(row), len(names)))
            continue
        written = text[begin:end].rstrip("\r\n")
        value = {name: cell.value for name, cell in zip(names, row, strict=True)}
        located = [line_and_column(written, cell.start - begin) for cell in row]
        head = json.dumps([[*item, *at] for item, at in zip(value.items(), located, strict=True)])
        entries.append(Entry((position,), value, f"{head}\n{written}", form, line - 1))
    controls = find_control_characters(text, CONTROL) if not piece.number else []
    return Cut(entries, [*faults.faults(), *controls], [])


def read_row(text: str) -> dict[str, str]:
    """Return the values in the text of an entry: a line of JSON that says where they are, and the row."""
    return {name: value for name, value, _, _ in json.loads(text.partition("\n")[0])}


def locate_row(text: str) -> Locations:
    """Return the location of each value in the text of an entry."""
    return {
        (name,): Location(line + 1, column, line + 1, column)
        for name, _, line, column in json.loads(text.partition("\n")[0])
    }


def _read(text: str, form: str, dialect: Dialect | None) -> _Rows:
    """Read all rows of a text."""
    try:
        rows = list(_default_rows(text, form) if dialect is None else read_rows(text, dialect))
    except StrayQuoteError as error:
        message = "found a stray quote, expected quotes around a whole value, and doubled inside it"
        fault = SyntaxFault(_RULE, *line_and_column(text, error.offset), message)
        return _Rows(fault=fault)
    chosen = dialect.header_rows if dialect is not None else None
    if chosen is None:
        chosen = tuple(number for number, _ in rows[:1])
    heads = [cells for number, cells in rows if number in chosen]
    join = dialect.header_join if dialect is not None else ""
    header = (
        [
            CellText(join.join(cell.value for cell in column if cell.value), column[-1].start)
            for column in zip_longest(*heads, fillvalue=CellText("", heads[-1][-1].start))
        ]
        if heads
        else []
    )
    last = max(chosen, default=0)
    data = [cells for number, cells in rows if number > last]
    return _Rows(header, data, _check_header(text, header))


def _default_rows(text: str, form: str) -> Iterator[tuple[int, list[CellText]]]:
    """Yield the number and cells of each row of a text that has no dialect.

    Raises:
        StrayQuoteError: There is one.
    """
    delimiter = DELIMITERS[form]
    if (stray := find_stray_quote(text, 0, delimiter)) is not None:
        raise StrayQuoteError(stray)
    for number, row in enumerate(cell_spans(text, 0, delimiter), 1):
        yield number, [CellText(unquote(text[start:end]), start) for start, end in row]


def _check_header(text: str, header: Sequence[CellText]) -> SyntaxFault | None:
    """Find a column without a name, or with that of another one."""
    seen: dict[str, int] = {}
    for number, (name, start) in enumerate(header, 1):
        if not name.strip():
            message = f"the header has no name for column {number}, expected one"
        elif name in seen:
            message = (
                f"the header names column {number} {shown(name)}, as column {seen[name]}; "
                "expected another name"
            )
        else:
            seen[name] = number
            continue
        return SyntaxFault(_RULE, *line_and_column(text, start), message)
    return None


def _report_ragged(line: int, count: int, expected: int) -> SyntaxFault:
    """Return the fault of a row with another number of cells than the header."""
    cells = "1 value" if count == 1 else f"{count:,} values"
    message = f"found {cells} in this row, expected {expected:,} as in the header"
    return SyntaxFault(_RULE, line, 0, message)
