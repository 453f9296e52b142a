"""CSV, the canonical form of a table: its bytes are the table's identity.

UTF-8 without BOM, LF, RFC 4180: text in quotes, a missing value is nothing at all, ISO 8601 dates, numbers
as the shortest text that reads back the same.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress, islice
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from release.descriptor.load import Resource
from release.descriptor.types import describe_expected
from release.findings import Finding, shown
from release.syntax.text import CONTROL, describe_control_character
from release.tables.columns import from_text

_BODY = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
_BOM = b"\xef\xbb\xbf"
_QUOTE = ord('"')
_QUOTES = re.compile('"')
#: What may stand before a quote that opens a value, or behind one that closes it; at the ends, nothing.
_BESIDE = ("", ",", "\n", "\r", '"')
#: Cells of text, without control characters; in quotes they may hold anything, a quote being doubled. In RE2,
#: which looks at each byte once and lets other threads go on.
_NO_TEXT = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{d800}-\x{dfff}"
_CELL_RE2 = rf'(?:[^",\r\n{_NO_TEXT}]*|"(?:[^"{_NO_TEXT}]|"")*")'
_WELL_FORMED = rf"^(?:{_CELL_RE2}[,\r\n])*{_CELL_RE2}$"
#: A file is read in pieces of at least so many bytes, some of them side by side.
_PIECE = 1 << 22
_AT_ONCE = 2
#: Files of fewer bytes are read by one thread.
_FEW = 1 << 20
#: What pyarrow takes at most.
_LARGEST_BLOCK = (1 << 31) - 1


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


def parse(data: bytes, resource: Resource, path: Path) -> tuple[pa.Table | None, list[Finding]]:
    """The table that a CSV file is by its resource's schema, and what does not fit; those are null.

    `path` is where its bytes were read.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # to begin in a thread takes longer than to read a small file
        each = pool.map if len(data) > _FEW else map
        cuts = _cuts(data, each)
        reads = each(partial(_piece, data, resource), cuts[:-1], cuts[1:])
        # one piece alone is looked at here, while it is read in a thread
        look = each if len(cuts) > 2 else map
        looks = look(partial(_is_well_formed, data), cuts[:-1], cuts[1:])
        read = [piece if is_right else None for is_right, piece in zip(looks, reads, strict=True)]
    pieces = [piece for piece in read if piece is not None]
    if len(pieces) < len(read):
        first = cuts[read.index(None)]
        return None, [_fault(resource, path, *_wrong(data, first, resource))]
    table = pa.concat_tables([piece.table for piece in pieces])
    return table, _misfits(pieces, resource, data, str(path))


def _cuts(data: bytes, each: Callable[..., Iterable[int]]) -> list[int]:
    """Where pieces of whole rows begin, and where the last one ends.

    A line end behind an odd number of quotes is part of a value. Where quotes are stray, there is one in
    the first piece that is not well-formed. At the beginning of a piece pyarrow would leave out U+FEFF.
    """
    ends = [len(data) - len(data.lstrip(b"\r\n"))]
    while 0 < (end := data.find(b"\n", ends[-1] + _PIECE - 1) + 1) < len(data):
        ends.append(end)
    held = np.frombuffer(data, np.uint8)
    quotes = each(lambda start, end: np.count_nonzero(held[start:end] == _QUOTE), ends, ends[1:])
    even = np.cumsum([*quotes]) % 2 == 0
    cuts = [cut for cut in compress(ends[1:], even) if not data.startswith(_BOM, cut)]
    return [0, *cuts, len(data)]


def _is_well_formed(data: bytes, start: int, end: int) -> bool:
    """Whether whole rows are cells of text and what ends them."""
    ends = pa.py_buffer(np.array([0, end - start], np.int64))
    piece = pa.py_buffer(data).slice(start, end - start)
    text = pa.Array.from_buffers(pa.large_string(), 1, [None, ends, piece])
    return bool(pc.match_substring_regex(text, _WELL_FORMED)[0].as_py())


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some rows of a table, and which values do not fit: field and row, from 0."""

    table: pa.Table
    misfits: list[tuple[int, int]]


def _piece(data: bytes, resource: Resource, start: int, end: int) -> _Piece | None:
    """What whole rows hold; None if they are ragged. Those at the start of a file have a header.

    If they are not well-formed, it is anything.
    """
    if data.startswith(_BOM, start):
        return None
    try:
        piece = pa.py_buffer(data).slice(start, end - start)
        texts = _read_text(piece, resource, has_header=start == 0)
        if tuple(texts.column_names) != resource.names:
            return None
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None
    columns, misfits = [], []
    for number, (field, column) in enumerate(zip(resource.fields, texts.columns, strict=True)):
        typed, bad = from_text(column, field.type)
        columns.append(typed)
        misfits += [(number, row) for row in bad]
    return _Piece(pa.table(columns, names=list(resource.names)), misfits)


#: What is wrong: rule, message, and line and column.
_Wrong = tuple[str, str, tuple[int, int]]


def _wrong(data: bytes, start: int, resource: Resource) -> _Wrong:
    """Why a file is no table: bytes of no text, then control characters, quotes, the header, a row.

    Before `start` rows are right.
    """
    if data.startswith(_BOM):
        message = "found a byte-order mark; save the file as UTF-8 without it"
        return "byte-order-mark", message, (1, 1)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"found the byte 0x{data[error.start]:02X}, expected text in UTF-8"
        before = data[: error.start].decode("utf-8")
        return "not-utf-8", message, location_of(before, len(before))
    if (control := CONTROL.search(text)) is not None:
        message = describe_control_character(control[0])
        return "control-character", message, location_of(text, control.start())
    rule = f"{resource.name}-fields"
    first = len(data[:start].decode("utf-8"))
    if (stray := _stray_quote(text, first)) is not None:
        message = "has a quote here, expected one only around a whole value or doubled in it"
        return rule, message, location_of(text, stray)
    if (names := _columns(text)) != resource.names:
        found = f"has the columns {', '.join(names)}" if names else "is empty"
        return rule, f"{found}, expected the columns {', '.join(resource.names)}", (1, 1)
    ragged = next(row for row in cell_spans(text, first) if len(row) != len(resource.names))
    held = "1 value" if len(ragged) == 1 else f"{len(ragged)} values"
    message = f"has {held} in this row, expected {len(resource.names)}"
    return rule, message, location_of(text, ragged[0][0])


def _columns(text: str) -> tuple[str, ...]:
    """The names in the header."""
    return tuple(_unquoted(text[start:end]) for start, end in next(cell_spans(text), []))


def _unquoted(cell: str) -> str:
    """What a cell says."""
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def _stray_quote(text: str, start: int) -> int | None:
    """The first quote that neither opens a value, nor closes one, nor is doubled within one.

    Quotes by turns open and close; one that is doubled closes and opens again at once.
    """
    last, is_open = None, False
    for match in _QUOTES.finditer(text, start):
        last, is_open = match.start(), not is_open
        beside = text[last - 1 : last] if is_open else text[last + 1 : last + 2]
        if beside not in _BESIDE:
            return last
    return last if is_open else None


def _fault(
    resource: Resource, path: Path, rule: str, message: str, place: tuple[int, int]
) -> Finding:
    finding = Finding(rule, resource.path, message, *place, table=resource.name)
    return replace(finding, file=str(path))


#: One cell and what ends it; in quotes it may hold anything, a quote being written twice.
_CELL = re.compile(r'("[^"]*(?:""[^"]*)*"[^,\r\n]*|[^,\r\n]*)(,|\r\n|\n|\r|\Z)')


def cell_spans(text: str, start: int = 0) -> Iterator[list[tuple[int, int]]]:
    """Where each cell of each row of a CSV text begins and ends; empty lines are no rows."""
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
    """The line and column, from 1, of an offset in a text."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def locate_cells(data: bytes, wanted: Iterable[int], column: int) -> list[tuple[int, int]]:
    """The lines and columns, from 1, of one column's cells in rows of a CSV file; its header is no row."""
    text = data.decode("utf-8")
    starts = [row[column][0] for row in islice(cell_spans(text), 1, None)]
    return [location_of(text, starts[row]) for row in wanted]


def _read_text(piece: pa.Buffer, resource: Resource, *, has_header: bool) -> pa.Table:
    """The cells of whole rows as text, read in one block, so that pyarrow need not look where rows end."""
    if has_header and not bytes(piece[-1:]).endswith((b"\n", b"\r")):
        piece = pa.py_buffer(bytes(piece) + b"\n")  # a header alone is else none to pyarrow 26
    return pyarrow.csv.read_csv(
        pa.BufferReader(piece),
        pyarrow.csv.ReadOptions(
            use_threads=False,
            block_size=min(piece.size + 1, _LARGEST_BLOCK),
            column_names=None if has_header else resource.names,
        ),
        pyarrow.csv.ParseOptions(newlines_in_values=True),
        pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(resource.names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            check_utf8=False,
        ),
    )


def _misfits(pieces: Iterable[_Piece], resource: Resource, data: bytes, file: str) -> list[Finding]:
    """The values that do not fit, by field and row."""
    first, misfits = 0, []
    for piece in pieces:
        misfits += [(number, first + row) for number, row in piece.misfits]
        first += piece.table.num_rows
    text = data.decode("utf-8") if misfits else ""
    places = list(cell_spans(text))
    findings = []
    for number, row in sorted(misfits):
        field = resource.fields[number]
        start, end = places[row + 1][number]
        line, column = location_of(text, start)
        value = _unquoted(text[start:end])
        message = f"{field.name} is {shown(value)}, expected {describe_expected(value, field)}"
        rule = f"{field.name}-type"
        where = Finding(rule, resource.path, message, line, column, field.name, resource.name)
        findings.append(replace(where, file=file))
    return findings
