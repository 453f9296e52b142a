"""CSV, the canonical form of a table: its bytes are the table's identity.

UTF-8 without BOM, LF, RFC 4180: text in quotes, a missing value is nothing at all, ISO 8601 dates, numbers
as the shortest text that reads back the same.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import IO, Any

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
_COMMA, _QUOTE, _CR, _LF = b',"\r\n'
_BLOCK = 1 << 18
#: Bytes that are part of no control character; those above U+007F begin with the byte that is left out.
_PLAIN = bytes([9, 10, 13, *range(0x20, 0x7F), *range(0x80, 0xC2), *range(0xC3, 0x100)])
_C1 = re.compile(b"\xc2[\x80-\x9f]")
#: So many bytes are read at once: about what stays close to the processor.
_READ = 1 << 20
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
    with ThreadPoolExecutor(1) as pool:
        # to begin in a thread takes longer than to read a small file
        beside = pool.submit(_read_text, data, resource) if len(data) > _READ else None
        wrong = _not_text(data) or _misshapen(data, resource)
    if wrong:
        return None, [_fault(resource, path, *wrong)]
    try:
        table = beside.result() if beside else _read_text(data, resource)
    except pa.ArrowInvalid:
        text = data.decode("utf-8")
        ragged = next(row for row in rows(text) if len(row) != len(resource.names))
        held = "1 value" if len(ragged) == 1 else f"{len(ragged)} values"
        message = f"has {held} in this row, expected {len(resource.names)}"
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
    ends = pa.py_buffer(np.array([0, len(data)], np.int64))
    try:
        whole = pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, pa.py_buffer(data)])
        whole.cast(pa.large_string())
    except pa.ArrowInvalid:
        text = data.decode("utf-8", "surrogateescape")
        bad = next(at for at, letter in enumerate(text) if "\udc80" <= letter <= "\udcff")
        message = f"found the byte 0x{ord(text[bad]) - 0xDC00:02X}, expected text in UTF-8"
        return "not-utf-8", message, position(text, bad)
    if any(map(_holds_control, _blocks(data))):
        text = data.decode("utf-8")
        control = CONTROL.search(text)
        assert control is not None
        return "control-character", control_message(control[0]), position(text, control.start())
    return None


def _blocks(data: bytes) -> Iterator[bytes]:
    """Bytes some at a time, as many as stay close to the processor; each with the one before and behind it.

    There are line ends before the first and behind the last.
    """
    for start in range(0, len(data), _BLOCK):
        before = data[start - 1 : start] or b"\n"
        block = before + data[start : start + _BLOCK + 1]
        yield block if start + _BLOCK < len(data) else block + b"\n"


def _holds_control(block: bytes) -> bool:
    """Whether there is a control character in well-formed text, of which it may be a part."""
    odd = block.translate(None, _PLAIN)
    return bool(odd) and (odd.strip(b"\xc2") != b"" or _C1.search(block) is not None)


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
    for number, block in enumerate(_blocks(data)):
        held = np.frombuffer(block, np.uint8)
        at = np.flatnonzero(held[1:-1] == _QUOTE) + 1
        before, behind = held[at[count % 2 :: 2] - 1], held[at[1 - count % 2 :: 2] + 1]
        if not (_is_beside(before).all() and _is_beside(behind).all()):
            lone = np.concatenate(
                [
                    at[count % 2 :: 2][~_is_beside(before)],
                    at[1 - count % 2 :: 2][~_is_beside(behind)],
                ]
            )
            return number * _BLOCK + int(lone.min()) - 1
        if len(at):
            count, last = count + len(at), number * _BLOCK + int(at[-1]) - 1
    return last if count % 2 else None


def _is_beside(held: np.ndarray[Any, np.dtype[np.uint8]]) -> Any:
    """Whether bytes may stand before a quote that opens a value, or behind one that closes it.

    That one may be a quote itself is how it is doubled.
    """
    return (held == _COMMA) | (held == _QUOTE) | (held == _LF) | (held == _CR)


def _fault(
    resource: Resource, path: Path, rule: str, message: str, place: tuple[int, int]
) -> Finding:
    finding = Finding(rule, resource.path, message, *place, table=resource.name)
    return replace(finding, file=str(path))


#: One cell and what ends it; in quotes it may hold anything, a quote being written twice.
_CELL = re.compile(r'("[^"]*(?:""[^"]*)*"[^,\r\n]*|[^,\r\n]*)(,|\r\n|\n|\r|\Z)')


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


def places_of(data: bytes, wanted: Iterable[int], column: int) -> list[tuple[int, int]]:
    """The lines and columns, from 1, of one column's cells in rows of a CSV file; its header is no row."""
    text = data.decode("utf-8")
    starts = [row[column][0] for row in islice(rows(text), 1, None)]
    return [position(text, starts[row]) for row in wanted]


def _read_text(data: bytes, resource: Resource) -> pa.Table:
    """The cells of a CSV file as text, read some at a time; all at once where a row is as large as that."""
    if not data.endswith((b"\n", b"\r")):
        data += b"\n"  # a header with nothing behind it is no header to pyarrow 26
    whole = len(data) + _READ
    try:
        # where a piece ends between a CR and the LF behind it, pyarrow 26 loses the LF
        return _read_blocks(data, resource, whole if b"\r" in data else _READ)
    except pa.ArrowInvalid:
        return _read_blocks(data, resource, whole)


def _read_blocks(data: bytes, resource: Resource, size: int) -> pa.Table:
    return pyarrow.csv.read_csv(
        pa.BufferReader(data),
        pyarrow.csv.ReadOptions(use_threads=False, block_size=size),
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
        column = table.column(field.name)
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
