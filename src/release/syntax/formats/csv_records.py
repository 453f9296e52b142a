"""Read CSV and TSV as records: one for each row, its values texts by the names in the header."""

from __future__ import annotations

from functools import partial

from release.findings.message import shown
from release.syntax.formats.csv_cells import cell_spans, find_stray_quote, unquote
from release.syntax.formats.entries import Cut, Entry
from release.syntax.formats.front_matter import Format
from release.syntax.formats.pieces import WHOLE, Piece
from release.syntax.groups import Groups
from release.syntax.text import (
    CONTROL,
    Location,
    Locations,
    SyntaxFault,
    find_control_characters,
    line_and_column,
)

#: What stands between cells, by format.
DELIMITERS = {"csv": ",", "tsv": "\t"}

_RULE = "csv-syntax"


def cut_rows(text: str, form: Format, piece: Piece = WHOLE) -> Cut:
    """Cut CSV or TSV into its rows; the first one, the header, has the names of the columns.

    A row with another number of cells than the header is a fault of its own. Positions count it, and no empty
    lines. A stray quote, or a name that is missing or stands twice, leaves no row that can be relied on.
    """
    if (fault := _find_fault(text, form)) is not None:
        return Cut([], [] if piece.number else [fault], [])
    header, *spans = piece.share((text, form), lambda: list(cell_spans(text, 0, DELIMITERS[form])))
    names = [unquote(text[start:end]) for start, end in header]
    above = text[header[0][0] : header[-1][1]] + "\n"
    lines = above.count("\n")
    entries: list[Entry] = []
    faults: Groups[SyntaxFault] = Groups()
    line = before = 0
    for position, row in piece.select(list(enumerate(spans))):
        begin, end = row[0][0], row[-1][1]
        line += text.count("\n", before, begin)  # lines are counted once, from one row to the next
        before = begin
        if len(row) != len(names):
            faults.add(_RULE, partial(_report_ragged, line, len(row), len(names)))
            continue
        value = dict(zip(names, (unquote(text[start:end]) for start, end in row), strict=True))
        entries.append(Entry((position,), value, above + text[begin:end], form, line - lines))
    controls = find_control_characters(text, CONTROL) if not piece.number else []
    return Cut(entries, [*faults.faults(), *controls], [])


def _find_fault(text: str, form: str) -> SyntaxFault | None:
    """Find why a text has no rows that can be relied on."""
    delimiter = DELIMITERS[form]
    if (stray := find_stray_quote(text, 0, delimiter)) is not None:
        message = "found a stray quote, expected quotes around a whole value, and doubled inside it"
        return SyntaxFault(_RULE, *line_and_column(text, stray), message)
    seen: dict[str, int] = {}
    for number, (start, end) in enumerate(next(cell_spans(text, 0, delimiter), []), 1):
        name = unquote(text[start:end])
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


def locate_row(text: str, form: str) -> Locations:
    """Return the location of each value of the one row below a header."""
    locations: Locations = {}
    header, row = list(cell_spans(text, 0, DELIMITERS[form]))[:2]
    for (begin, end), (start, _) in zip(header, row, strict=True):
        line, column = line_and_column(text, start)
        locations[(unquote(text[begin:end]),)] = Location(line, column, line, column)
    return locations
