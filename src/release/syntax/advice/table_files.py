"""Say what to do with a file of CSV that is not the table that its schema describes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from release.syntax.advice.file_types import find_sort
from release.syntax.formats.csv_cells import unquote

#: The message on a byte-order mark, with which Excel begins a CSV in UTF-8.
BYTE_ORDER_MARK = (
    "found a byte-order mark; save the file as UTF-8 without it, "
    "or give the table `encoding: utf-8-sig`"
)

#: Rows that may stand above a header.
_MOST_ROWS = 20


def explain_other_file(data: bytes) -> str | None:
    """Return the message on a file that is no text, such as a spreadsheet; None if it may be one."""
    sort = find_sort(data)
    if sort is None or sort.encoding:
        return None  # which may be the encoding of the table
    return f"is no CSV: this is {sort.name}{f': {sort.advice}' if sort.is_of_use else ''}"


def list_columns(names: Sequence[str], shown: Sequence[str]) -> str:
    """Return what columns a file has; `shown` has their names as messages show them."""
    if not names:
        return "is empty"
    texts = (
        text if name else "one without a name" for name, text in zip(names, shown, strict=True)
    )
    return f"has the columns {', '.join(texts)}"


def advise(text: str, names: Sequence[str], fields: Sequence[str]) -> str:
    """Return what to say of a file so that it has the columns of its schema; empty if nothing is found.

    `names` are its columns as they were read, `fields` those of the schema.
    """
    if len(names) > 1 and sorted(names) == sorted(fields):
        return "; with `fieldsMatch: equal` in the schema, any order is right"
    if tuple(names[:-1]) == tuple(fields) and names[-1] == "":
        return "; with `fieldsMatch: subset` in the schema, the last column is left out"
    if [name.strip() for name in names] == [*fields]:
        if [name.lstrip() for name in names] == [*fields]:
            return "; with `dialect: {skipInitialSpace: true}` it would have them"
        return "; blanks stand at the ends of the names"
    for delimiter in (",", ";", "\t", "|"):
        for number, line in enumerate(text.splitlines()[:_MOST_ROWS], start=1):
            if [unquote(name.strip()) for name in line.split(delimiter)] == [*fields]:
                return _with_dialect(delimiter, number)
    return ""


def _with_dialect(delimiter: str, header: int) -> str:
    """Return the dialect with which a file has its columns; empty if that is the one that it has."""
    properties = {"delimiter": json.dumps(delimiter)} if delimiter != "," else {}
    if header > 1:
        properties["headerRows"] = f"[{header}]"
    listed = ", ".join(f"{key}: {value}" for key, value in properties.items())
    return f"; with `dialect: {{{listed}}}` it would have them" if listed else ""


def describe_row(found: int, expected: int, first_cell: str) -> str:
    """Return the message on a row with another number of cells than there are columns."""
    count = "1 value" if found == 1 else f"{found} values"
    message = f"has {count} in this row, expected {expected}"
    if (sign := first_cell[:1]) and sign in "#%":
        message += f"; with `dialect: {{commentChar: {json.dumps(sign)}}}` it would be left out"
    return message
