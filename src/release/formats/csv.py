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

from release.columns import from_text
from release.descriptor import Resource
from release.findings import Finding, shown
from release.lexical import expected_of
from release.sources import read_table
from release.syntax import CONTROL, control_message

_BODY = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
_BOM = b"\xef\xbb\xbf"
_QUOTE = ord('"')
#: What may stand before a quote that opens a value and behind one that closes it; that it may be a quote
#: itself is how one is doubled.
_BESIDE = np.isin(np.arange(256), list(b',\r\n"'))
_BLOCK = 1 << 20
#: Bytes that are part of no control character; one above U+007F is two bytes.
_PLAIN = bytes([9, 10, 13, *range(0x20, 0x7F), *range(0x80, 0x100)])
_C1 = re.compile(b"\xc2[\x80-\x9f]")
#: Within so many bytes the header ends.
_HEADER_BYTES = 1 << 16


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
    data, findings = read_table(path, resource)
    return parse(data, resource, path) if data is not None else (None, findings)


def parse(data: bytes, resource: Resource, path: Path) -> tuple[pa.Table | None, list[Finding]]:
    """The table that bytes are, as `read`; `path` is where they were read."""
    rule, message, place = _not_text(data) or _misshapen(data, resource) or ("", "", (0, 0))
    if rule:
        return None, [_fault(resource, path, rule, message, place)]
    try:
        table = _read_text(data, resource)
    except pa.ArrowInvalid:
        text = data.decode("utf-8")
        ragged = next(row for row in rows(text) if len(row) != len(resource.names))
        message = f"has {len(ragged)} values in this row, expected {len(resource.names)}"
        place = position(text, ragged[0][0])
        return None, [_fault(resource, path, f"{resource.name}-fields", message, place)]
    return _typed(table, resource, data, str(path))


#: What is wrong: rule, message, and line and column.
_Wrong = tuple[str, str, tuple[int, int]]


def _not_text(data: bytes) -> _Wrong | None:
    """Why bytes are no text in UTF-8 without control characters."""
    if data.startswith(_BOM):
        return (
            "byte-order-mark",
            "found a byte-order mark; save the file as UTF-8 without it",
            (1, 1),
        )
    try:
        pa.array([data], pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        text = data.decode("utf-8", "surrogateescape")
        bad = next(at for at, letter in enumerate(text) if "\udc80" <= letter <= "\udcff")
        message = f"found the byte 0x{ord(text[bad]) - 0xDC00:02X}, expected text in UTF-8"
        return "not-utf-8", message, position(text, bad)
    if data.translate(None, _PLAIN) or (b"\xc2" in data and _C1.search(data)):
        text = data.decode("utf-8")
        control = CONTROL.search(text)
        assert control is not None
        return "control-character", control_message(control[0]), position(text, control.start())
    return None


def _misshapen(data: bytes, resource: Resource) -> _Wrong | None:
    """What is wrong with the quotes or the header."""
    rule = f"{resource.name}-fields"
    if (stray := _stray_quote(data)) is not None:
        place = position(data.decode("utf-8"), len(data[:stray].decode("utf-8")))
        message = "has a quote here, expected one only around a whole value or doubled in it"
        return rule, message, place
    text = data[:_HEADER_BYTES].decode("utf-8", "ignore")
    names = [text[start:end].strip('"') for start, end in next(rows(text), [])]
    if tuple(names) != resource.names:
        found = f"has the columns {', '.join(names)}" if names else "is empty"
        return rule, f"{found}, expected the columns {', '.join(resource.names)}", (1, 1)
    return None


def _stray_quote(data: bytes) -> int | None:
    """The first quote that neither opens a value, nor closes one, nor is doubled within one.

    Quotes by turns open and close; one that is doubled closes and opens again at once.
    """
    count, last = 0, 0
    for start in range(0, len(data), _BLOCK):
        before = data[start - 1 : start] or b"\n"
        behind = data[start + _BLOCK : start + _BLOCK + 1] or b"\n"
        block = np.frombuffer(before + data[start : start + _BLOCK] + behind, np.uint8)
        at = np.flatnonzero(block[1:-1] == _QUOTE) + 1
        opening, closing = at[count % 2 :: 2], at[1 - count % 2 :: 2]
        stray = [*opening[~_BESIDE[block[opening - 1]]], *closing[~_BESIDE[block[closing + 1]]]]
        if stray:
            return start + int(min(stray)) - 1
        if len(at):
            count, last = count + len(at), start + int(at[-1]) - 1
    return last if count % 2 else None


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


def places_of(path: Path, wanted: Iterable[int], column: int) -> list[tuple[int, int]]:
    """The lines and columns, from 1, of one column's cells in rows of a CSV file; its header is no row."""
    text = path.read_bytes().decode("utf-8")
    starts = [row[column][0] for row in islice(rows(text), 1, None)]
    return [position(text, starts[row]) for row in wanted]


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
    table: pa.Table, resource: Resource, data: bytes, file: str
) -> tuple[pa.Table, list[Finding]]:
    columns, findings = [], []
    for number, field in enumerate(resource.fields):
        column = table.column(field.name).combine_chunks()
        array, bad = from_text(column, field.type)
        columns.append(array)
        text = data.decode("utf-8") if bad else ""
        places = list(rows(text))
        for at in bad:
            line, place = position(text, places[at + 1][number][0])
            value = column[at].as_py()
            message = f"{field.name} is {shown(value)}, expected {expected_of(value, field)}"
            rule = f"{field.name}-type"
            where = Finding(rule, resource.path, message, line, place, field.name, resource.name)
            findings.append(replace(where, file=file))
    return pa.table(columns, names=list(resource.names)), findings
