"""Cut a text into rows and cells by a dialect of CSV other than that of a release (Table Dialect v2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Dialect:
    """A dialect of delimited text, as Table Dialect v2 defines its properties.

    Rows are counted from 1, among them empty ones and comments. The rows of `header_rows` make the header,
    their cells joined by `header_join`, and the rows before the last of them are no data; None is the first
    row that is neither empty nor a comment, and without any number there is no header. `comment_rows` and
    those that begin with `comment` are left out. A cell of `null_sequence` without quotes is missing. Lines
    end in LF, CRLF or CR.
    """

    delimiter: str = ","
    quote: str = '"'
    doubles_quotes: bool = True
    escape: str = ""
    skips_space: bool = False
    null_sequence: str | None = None
    comment: str = ""
    comment_rows: frozenset[int] = frozenset()
    header_rows: tuple[int, ...] | None = None
    header_join: str = " "


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """The form of a CSV file that is not that of a release.

    `fields_match` is `fieldsMatch` of Table Schema v2: which columns the file has, and in which order.
    """

    encoding: str
    dialect: Dialect
    fields_match: str


class CellText(NamedTuple):
    """A cell: its value, empty where it is missing, and its offset in the text."""

    value: str
    start: int


class StrayQuoteError(ValueError):
    """A quote that neither opens nor closes a cell; `offset` is where it stands."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


def read_rows(text: str, dialect: Dialect) -> Iterator[tuple[int, list[CellText]]]:
    """Yield the number and cells of each row, those of the header too; empty rows and comments are left out.

    Raises:
        StrayQuoteError: There is one.
    """
    pattern = _pattern(dialect)
    at, number = 0, 0
    while at < len(text):
        number += 1
        if dialect.comment and text.startswith(dialect.comment, at):
            at = _next_line(text, at)
            continue
        row, at = _read_row(text, at, pattern, dialect)
        is_empty = (
            len(row) == 1 and not row[0].value and text[row[0].start : at].strip("\r\n") == ""
        )
        if not is_empty and number not in dialect.comment_rows:
            yield number, row


def _read_row(
    text: str, at: int, pattern: re.Pattern[str], dialect: Dialect
) -> tuple[list[CellText], int]:
    """Return the cells of the row at an offset, and the offset behind its line end."""
    row: list[CellText] = []
    while True:
        match = pattern.match(text, at)
        assert match is not None, "the pattern takes any text"
        row.append(_read_cell(match, dialect))
        at = match.end()
        if match["end"] != dialect.delimiter:
            return row, at


def _read_cell(match: re.Match[str], dialect: Dialect) -> CellText:
    if (quoted := match["quoted"]) is not None:
        value = quoted[1:-1]
        if dialect.doubles_quotes:
            value = value.replace(dialect.quote * 2, dialect.quote)
        return CellText(_unescape(value, dialect), match.start("quoted"))
    plain, start = match["plain"], match.start("plain")
    bare = re.sub(f"{re.escape(dialect.escape)}.", "..", plain) if dialect.escape else plain
    if dialect.quote in bare:
        raise StrayQuoteError(start + bare.index(dialect.quote))
    if plain == dialect.null_sequence:
        return CellText("", start)
    return CellText(_unescape(plain, dialect), start)


def _unescape(value: str, dialect: Dialect) -> str:
    if not dialect.escape or dialect.escape not in value:
        return value
    return re.sub(rf"{re.escape(dialect.escape)}(.)", r"\1", value, flags=re.DOTALL)


def _next_line(text: str, at: int) -> int:
    found = re.compile(r"\r\n|\n|\r|\Z").search(text, at)
    assert found is not None, "the text ends"
    return found.end()


def _pattern(dialect: Dialect) -> re.Pattern[str]:
    """Return the pattern of a cell and what ends it; no part of it is tried in two ways.

    Groups are not possessive: Python before 3.11.5 matches such groups wrongly
    (https://github.com/python/cpython/issues/106052).
    """
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    escaped = f"{re.escape(dialect.escape)}(?s:.)" if dialect.escape else ""
    inside = "|".join(filter(None, [quote * 2 if dialect.doubles_quotes else "", escaped]))
    signs = re.escape(dialect.quote + dialect.escape)
    quoted = f"{quote}[^{signs}]*(?:(?:{inside})[^{signs}]*)*{quote}" if inside else ""
    quoted = quoted or f"{quote}[^{signs}]*{quote}"
    escape = re.escape(dialect.escape)
    if len(dialect.delimiter) == 1:
        other = rf"[^{delimiter}{escape}\r\n]"
    else:
        other = rf"(?!{delimiter})[^{escape}\r\n]"
    # an escape may be the last character of a text
    plain = rf"(?:{escaped}|{escape}\Z|{other})*" if escape else f"(?:{other})*"
    space = " *+" if dialect.skips_space else ""
    end = rf"{delimiter}|\r\n|\n|\r|\Z"
    return re.compile(rf"{space}(?:(?P<quoted>{quoted})(?={end})|(?P<plain>{plain}))(?P<end>{end})")
