"""CSV in any dialect is read as Python's csv module reads it, and each cell has its place."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from release.syntax.formats.csv_cells import location_of
from release.syntax.formats.csv_dialect import Dialect, StrayQuoteError, read_rows

#: Characters that mean something in some dialect, and others.
TEXTS = st.text("ab \"';,|\\#\n\té", max_size=6)
ROWS = st.lists(st.lists(TEXTS, min_size=2, max_size=4), max_size=5)
DELIMITERS, QUOTES = st.sampled_from(";,|\t"), st.sampled_from("\"'")


@given(ROWS, DELIMITERS, QUOTES, st.booleans())
def test_what_csv_writes_is_read_with_the_place_of_each_cell(
    rows: list[list[str]], delimiter: str, quote: str, doubles: bool
) -> None:
    """Behind each place stands the cell as it was written."""
    target = io.StringIO()
    escape = "" if doubles else "\\"
    writer = csv.writer(
        target,
        delimiter=delimiter,
        quotechar=quote,
        doublequote=doubles,
        escapechar=escape or None,
        quoting=csv.QUOTE_ALL,
        lineterminator="\n",
    )
    writer.writerows(rows)
    text = target.getvalue()
    dialect = Dialect(delimiter, quote, doubles, escape)
    found = [cells for _, cells in read_rows(text, dialect)]
    assert [[cell.value for cell in cells] for cells in found] == rows
    lines = text.split("\n")
    for cell in (cell for cells in found for cell in cells):
        line, column = location_of(text, cell.start)
        assert lines[line - 1][column - 1] == quote == text[cell.start]


@given(st.text('a";\\# \n\r', max_size=12), st.booleans(), st.booleans(), st.booleans())
def test_any_text_is_read_or_has_a_stray_quote(
    text: str, doubles: bool, escapes: bool, skips: bool
) -> None:
    """Nothing else is said of it, and no character outside of cells is lost but those of the dialect."""
    dialect = Dialect(";", '"', doubles, "\\" if escapes else "", skips)
    stray = -1
    try:
        found = [cells for _, cells in read_rows(text, dialect)]
    except StrayQuoteError as error:
        found, stray = [], error.offset
    if stray >= 0:
        assert text[stray] == '"'
        return
    kept = sum(cell.value.count("a") for cells in found for cell in cells)
    assert kept == text.count("a")
    assert all(
        text[cell.start : cell.start + 1] != ";" or not cell.value for c in found for cell in c
    )
