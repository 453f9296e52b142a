"""The cells of a CSV text, and their lines and columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

#: One cell and the comma or line end after it; in quotes it may hold anything, with each quote doubled.
_CELL = re.compile(r'("[^"]*(?:""[^"]*)*"[^,\r\n]*|[^,\r\n]*)(,|\r\n|\n|\r|\Z)')


def cell_spans(text: str, start: int = 0) -> Iterator[list[tuple[int, int]]]:
    """Find where each cell of each row of a CSV text begins and ends; empty lines are no rows."""
    row: list[tuple[int, int]] = []
    for match in _CELL.finditer(text, start):
        if match[0] == "" and not row:
            break
        row.append(match.span(1))
        if match[2] != ",":
            if len(row) > 1 or row[0][0] != row[0][1]:
                yield row
            row = []


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
