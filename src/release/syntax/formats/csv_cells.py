"""The cells of a CSV text, and their lines and columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice


@cache
def _cell(delimiter: str) -> re.Pattern[str]:
    """Return the pattern of one cell and the delimiter or line end after it.

    In quotes a cell may hold anything, with each quote doubled.
    """
    plain = rf"[^{re.escape(delimiter)}\r\n]*"
    return re.compile(
        rf'("[^"]*(?:""[^"]*)*"{plain}|{plain})({re.escape(delimiter)}|\r\n|\n|\r|\Z)'
    )


def cell_spans(text: str, start: int = 0, delimiter: str = ",") -> Iterator[list[tuple[int, int]]]:
    """Find where each cell of each row of a CSV text begins and ends; empty lines are no rows."""
    row: list[tuple[int, int]] = []
    for match in _cell(delimiter).finditer(text, start):
        if match[0] == "" and not row:
            break
        row.append(match.span(1))
        if match[2] != delimiter:
            if len(row) > 1 or row[0][0] != row[0][1]:
                yield row
            row = []


def unquote(cell: str) -> str:
    """Return the value of a cell."""
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def write_name(name: str) -> str:
    """Return a name as the header has it: in quotes unless it is made of letters of ASCII, digits and _."""
    return name if name.isascii() and name.isidentifier() else '"' + name.replace('"', '""') + '"'


def find_stray_quote(text: str, start: int = 0, delimiter: str = ",") -> int | None:
    """Find the first quote that neither opens a value, nor closes one, nor is doubled inside one.

    Quotes open and close by turns; a doubled one closes and opens again.
    """
    last, is_open = None, False
    beside = ("", delimiter, "\n", "\r", '"')
    for match in _QUOTES.finditer(text, start):
        last, is_open = match.start(), not is_open
        if (text[last - 1 : last] if is_open else text[last + 1 : last + 2]) not in beside:
            return last
    return last if is_open else None


_QUOTES = re.compile('"')


def location_of(text: str, offset: int) -> tuple[int, int]:
    """Return the line and column, from 1, of an offset in a text."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def locate_cells(data: bytes, wanted: Iterable[int], column: int) -> list[tuple[int, int]]:
    """Locate the cells of one column in some rows of a CSV file: line and column, from 1.

    Rows and columns count from 0; the header is no row.
    """
    text = data.decode("utf-8")
    starts = [row[column][0] for row in islice(cell_spans(text), 1, None)]
    return [location_of(text, starts[row]) for row in wanted]
