"""Show findings as CSV: a line for each, with the columns that a finding has in JSON."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from itertools import chain

from release.cli.reports.result import CommandResult
from release.findings.finding import Finding
from release.syntax.escapes import escape_log

#: The columns, in the order in which JSON has the keys.
COLUMNS = tuple(field.name for field in fields(Finding))

#: What spreadsheets take for the beginning of a formula.
#: Source: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t")


def pieces(result: CommandResult, _options: argparse.Namespace) -> Iterator[str]:
    """Yield the header, and a line for each finding, or for each row of what the command lists."""
    if result.table is not None:
        return write_rows(result.table.columns, result.table.rows)
    return write_rows(COLUMNS, map(astuple, result.findings))


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> Iterator[str]:
    r"""Yield the lines of a table of which nothing is obeyed, neither by a log nor by a spreadsheet.

    Line ends and control characters are escapes such as `\n`, so each row is one line. A cell that a
    spreadsheet would take for a formula begins with an apostrophe.
    """
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for row in chain([columns], rows):
        writer.writerow([_write_cell(value) for value in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _write_cell(value: str | int) -> str | int:
    if not isinstance(value, str):
        return value
    text = escape_log(value.replace("\n", "\\n"))
    return f"'{text}" if text.startswith(_FORMULA) else text
