"""CSV, the canonical form of a table: its bytes are the table's identity.

UTF-8 without BOM, LF, RFC 4180: text in quotes, a missing value is nothing at all, ISO 8601 dates, numbers
as the shortest text that reads back the same.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.csv

from release.columns import expected_of, from_text
from release.descriptor import Resource
from release.findings import Finding, shown
from release.syntax import CONTROL, control_message

_BODY = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
_BOM = b"\xef\xbb\xbf"
_QUOTE = ord('"')
#: What may stand before a quote that opens a value, and behind one that closes it.
_ENDS = np.isin(np.arange(256), list(b",\r\n"))
#: Bytes that are part of no control character; one above U+007F has 0xC2 before it.
_PLAIN = bytes([9, 10, 13, *range(0x20, 0x7F), *range(0x80, 0xC2), *range(0xC3, 0x100)])


def write(batches: Iterable[pa.Table], schema: pa.Schema, target: IO[bytes]) -> None:
    """Write tables of one schema, one after the other, below one header.

    Batch by batch, and no empty ones: behind an empty chunk pyarrow 26 writes what stands in memory.
    """
    target.write((",".join(schema.names) + "\n").encode())
    for table in batches:
        for batch in table.to_batches():
            if batch.num_rows:
                pyarrow.csv.write_csv(batch, target, _BODY)


def to_bytes(table: pa.Table) -> bytes:
    """A table as the bytes of its CSV."""
    target = io.BytesIO()
    write([table], table.schema, target)
    return target.getvalue()


def read(path: Path, resource: Resource) -> tuple[pa.Table | None, list[Finding]]:
    """The table of a CSV file by its resource's schema, and what does not fit; those are null."""
    data, findings = read_bytes(path, resource)
    return parse(data, resource, path) if data is not None else (None, findings)


def read_bytes(path: Path, resource: Resource) -> tuple[bytes | None, list[Finding]]:
    """The bytes of a table's file, or the finding that says why there are none."""
    try:
        return path.read_bytes(), []
    except OSError as error:
        message = f"cannot be read: {error.strerror}, expected the table {resource.name}"
        return None, [_fault(resource, path, "file-unreadable", message, (0, 0))]


def parse(data: bytes, resource: Resource, path: Path) -> tuple[pa.Table | None, list[Finding]]:
    """The table that bytes are, as `read`; `path` is where they were read."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        message = f"found the byte 0x{data[error.start]:02X}, expected text in UTF-8"
        return None, [_fault(resource, path, "not-utf-8", message, position(before, len(before)))]
    if data.startswith(_BOM):
        message = "found a byte-order mark; save the file as UTF-8 without it"
        return None, [_fault(resource, path, "byte-order-mark", message, (1, 1))]
    if data.translate(None, _PLAIN) and (control := CONTROL.search(text)) is not None:
        place = position(text, control.start())
        message = control_message(control[0])
        return None, [_fault(resource, path, "control-character", message, place)]
    try:
        table = None if (fault := _misshapen(data, text, resource)) else _read_text(data, resource)
    except pa.ArrowInvalid:
        ragged = next(row for row in rows(text) if len(row) != len(resource.names))
        message = f"has {len(ragged)} values in this row, expected {len(resource.names)}"
        fault = message, position(text, ragged[0][0])
    if fault:
        return None, [_fault(resource, path, f"{resource.name}-fields", *fault)]
    return _typed(table, resource, text, str(path))


def _misshapen(data: bytes, text: str, resource: Resource) -> tuple[str, tuple[int, int]] | None:
    """What is wrong with the quotes or the header, and where."""
    if (stray := _stray_quote(data)) is not None:
        place = position(text, len(data[:stray].decode("utf-8")))
        return "has a quote here, expected one only around a whole value or doubled in it", place
    header = next(rows(text), [])
    names = [text[start:end].strip('"') for start, end in header]
    if tuple(names) != resource.names:
        found = f"has the columns {', '.join(names)}" if names else "is empty"
        return f"{found}, expected the columns {', '.join(resource.names)}", (1, 1)
    return None


def _stray_quote(data: bytes) -> int | None:
    """The first quote that neither opens a value, nor closes one, nor is doubled within one.

    Quotes by turns open and close; one that is doubled closes and opens again at once.
    """
    if b'"' not in data:
        return None
    padded = np.frombuffer(b"\n%b\n" % data, np.uint8)
    at = np.flatnonzero(padded == _QUOTE)
    opening, closing = at[::2], at[1::2]
    opens = _ENDS[padded[opening - 1]]
    opens[1:] |= opening[1:] == closing[: len(opening) - 1] + 1
    closes = _ENDS[padded[closing + 1]]
    closes[: len(opening) - 1] |= closing[: len(opening) - 1] + 1 == opening[1:]
    wrong = [*opening[~opens][:1], *closing[~closes][:1]]
    if len(at) % 2:
        wrong.append(opening[-1])
    return int(min(wrong)) - 1 if wrong else None


def _fault(
    resource: Resource, path: Path, rule: str, message: str, place: tuple[int, int]
) -> Finding:
    finding = Finding(rule, resource.path, message, *place, table=resource.name)
    return replace(finding, file=str(path))


#: One cell and what ends it; in quotes it may hold anything, a quote being written twice.
_CELL = re.compile(r'("(?:[^"]|"")*"[^,\r\n]*|[^,\r\n]*)(,|\r\n|\n|\r|\Z)')


def rows(text: str) -> Iterator[list[tuple[int, int]]]:
    """Where each cell of each row of a CSV text begins and ends; empty lines are no rows."""
    row: list[tuple[int, int]] = []
    for match in _CELL.finditer(text):
        if match[0] == "" and not row:
            break
        row.append(match.span(1))
        if match[2] != ",":
            if len(row) > 1 or row[0][0] != row[0][1]:
                yield row
            row = []


def position(text: str, offset: int) -> tuple[int, int]:
    """The line and column, from 1, of an offset in a text."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def place_of(path: Path, row: int, column: int) -> tuple[int, int]:
    """The line and column, from 1, of a cell of a CSV file; its header is no row."""
    text = path.read_bytes().decode("utf-8")
    return position(text, next(islice(rows(text), row + 1, None))[column][0])


def _read_text(data: bytes, resource: Resource) -> pa.Table:
    return pyarrow.csv.read_csv(
        io.BytesIO(data),
        pyarrow.csv.ReadOptions(use_threads=False, block_size=max(len(data) + 1, 1 << 16)),
        pyarrow.csv.ParseOptions(newlines_in_values=True),
        pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(resource.names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _typed(
    table: pa.Table, resource: Resource, text: str, file: str
) -> tuple[pa.Table, list[Finding]]:
    columns, findings = [], []
    for number, field in enumerate(resource.fields):
        column = table.column(field.name).combine_chunks()
        array, bad = from_text(column, field.type)
        columns.append(array)
        places = list(rows(text)) if bad else []
        for at in bad:
            line, place = position(text, places[at + 1][number][0])
            value = column[at].as_py()
            message = f"{field.name} is {shown(value)}, expected {expected_of(value, field)}"
            rule = f"{field.name}-type"
            where = Finding(rule, resource.path, message, line, place, field.name, resource.name)
            findings.append(replace(where, file=file))
    return pa.table(columns, names=list(resource.names)), findings
