"""CSV: the canonical form of a table, written and read; its bytes are the table's identity.

UTF-8 without byte-order mark, LF, RFC 4180. Text is in quotes, a missing value is an empty cell without
quotes, dates are ISO 8601, numbers the shortest text that reads back as the same number.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from release.descriptor.model import Field, Resource
from release.descriptor.schema.expectations import describe_misfit
from release.findings.finding import Finding
from release.findings.message import named
from release.syntax.advice.encodings import read_utf8
from release.syntax.formats import csv_cells
from release.syntax.formats.csv_cells import cell_spans, find_stray_quote, location_of, unquote
from release.syntax.text import CONTROL, describe_control_character
from release.system.limits import LIMITS, Limits
from release.tables import texts
from release.tables.parse import from_text

_BODY = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
_BOM = b"\xef\xbb\xbf"
_QUOTE = ord('"')
#: Cells of text without control characters; in quotes they may hold any other text, with each quote doubled.
#: In RE2, which looks at each byte once and does not block other threads.
_NO_TEXT = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{d800}-\x{dfff}"
_CELL_RE2 = rf'(?:[^",\r\n{_NO_TEXT}]*|"(?:[^"{_NO_TEXT}]|"")*")'
_WELL_FORMED = rf"^(?:{_CELL_RE2}[,\r\n])*{_CELL_RE2}$"
#: The number of pieces of a file that are read side by side.
_AT_ONCE = 2
#: The most bytes of a file that one thread reads.
_FEW = 1 << 20
#: The largest block that pyarrow accepts, in bytes.
_LARGEST_BLOCK = (1 << 31) - 1


def write(
    batches: Iterable[pa.Table], schema: pa.Schema, target: IO[bytes], fields: Sequence[Field] = ()
) -> None:
    """Write tables of one schema, one after the other, below one header; see `writing`."""
    for _ in writing(batches, schema, target, fields):
        pass


def writing(
    batches: Iterable[pa.Table], schema: pa.Schema, target: IO[bytes], fields: Sequence[Field] = ()
) -> Iterator[pa.Table]:
    """Write tables as `write`, and yield each one after it was written.

    `fields` are those of the schema; they may be left out where all are text. Empty batches are skipped:
    after an empty chunk pyarrow 26 writes stray memory.
    """
    own = texts.find_own(fields)
    target.write((",".join(map(csv_cells.write_name, schema.names)) + "\n").encode())
    for table in batches:
        for batch in table.to_batches():
            if batch.num_rows and own and texts.needs_own(batch, own):
                target.writelines(texts.write_rows(batch, own))
            elif batch.num_rows:
                pyarrow.csv.write_csv(batch, target, _BODY)
        yield table


def to_bytes(table: pa.Table, fields: Sequence[Field] = ()) -> bytes:
    """Return a table as the bytes of its CSV file."""
    target = io.BytesIO()
    write([table], table.schema, target, fields)
    return target.getvalue()


def parse(
    data: bytes, resource: Resource, path: Path, limits: Limits = LIMITS
) -> tuple[pa.Table | None, list[Finding]]:
    """Parse a CSV file by its resource's schema into a table, and find the values that do not fit.

    Such values are null. If the file is no CSV of the schema, there is no table, and one finding says why.
    `path` is the file that the bytes were read from.
    """
    if resource.layout is None:
        return _parse(data, resource, path, None, limits)
    from release.tables import translation

    try:
        translated = translation.translate(data, resource, resource.layout)
    except translation.TranslationError as error:
        return None, [_report(resource, path, *error.fault)]
    return _parse(translated.data, resource, path, translated.locate, limits)


def locate_cells(
    data: bytes, resource: Resource, rows: Iterable[int], field: str
) -> list[tuple[int, int]]:
    """Locate the cells of a field in some rows of a file, or the rows: line and column, from 1.

    Rows count from 0; the header is no row. Without a field (empty text) it is the first one.
    """
    column = resource.field_names.index(field) if field else 0
    if resource.layout is None:
        return csv_cells.locate_cells(data, rows, column)
    from release.tables import translation

    translated = translation.translate(data, resource, resource.layout)
    return [translated.locate(row, column) for row in rows]


#: A function that locates the cell of a row and a field, by their positions from 0: line and column, from 1.
_Locate = Callable[[int, int], tuple[int, int]]


def _parse(
    data: bytes, resource: Resource, path: Path, locate: _Locate | None, limits: Limits
) -> tuple[pa.Table | None, list[Finding]]:
    """Parse CSV as a release has it; `locate` says where a cell stands, if that is not here."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # starting a thread takes longer than reading a small file
        each = pool.map if len(data) > _FEW else map
        cuts = _cut(data, each, limits.csv_piece)
        reads = each(partial(_parse_piece, data, resource), cuts[:-1], cuts[1:])
        # a single piece is checked here, while a thread reads it
        check = each if len(cuts) > 2 else map
        checks = check(partial(_is_well_formed, data), cuts[:-1], cuts[1:])
        read = [piece if is_right else None for is_right, piece in zip(checks, reads, strict=True)]
    pieces = [piece for piece in read if piece is not None]
    if len(pieces) < len(read):
        first = cuts[read.index(None)]
        return None, [_report(resource, path, *_find_fault(data, first, resource))]
    table = pa.concat_tables([piece.table for piece in pieces])
    return table, _report_misfits(pieces, resource, data, str(path), locate)


def _cut(data: bytes, each: Callable[..., Iterable[int]], size: int) -> list[int]:
    """Return the offsets at which pieces of whole rows begin, each of `size` bytes at least, and the end.

    A line end after an odd number of quotes is part of a value. A stray quote makes the later cuts wrong, but
    the first piece that is not well-formed contains it. No piece begins with U+FEFF, which pyarrow would
    drop.
    """
    ends = [len(data) - len(data.lstrip(b"\r\n"))]
    while 0 < (end := data.find(b"\n", ends[-1] + size - 1) + 1) < len(data):
        ends.append(end)
    values = np.frombuffer(data, np.uint8)
    quotes = each(lambda start, end: np.count_nonzero(values[start:end] == _QUOTE), ends, ends[1:])
    even = np.cumsum([*quotes]) % 2 == 0
    cuts = [cut for cut in compress(ends[1:], even) if not data.startswith(_BOM, cut)]
    return [0, *cuts, len(data)]


def _is_well_formed(data: bytes, start: int, end: int) -> bool:
    """Return whether a piece consists of cells of text, with commas and line ends between them."""
    ends = pa.py_buffer(np.array([0, end - start], np.int64))
    piece = pa.py_buffer(data).slice(start, end - start)
    text = pa.Array.from_buffers(pa.large_string(), 1, [None, ends, piece])
    return bool(pc.match_substring_regex(text, _WELL_FORMED)[0].as_py())


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some rows of a table, and the values that do not fit, as positions of field and row from 0."""

    table: pa.Table
    misfits: list[tuple[int, int]]


def _parse_piece(data: bytes, resource: Resource, start: int, end: int) -> _Piece | None:
    """Parse a piece; None if rows have another number of cells than the schema has fields.

    The first piece has the header. The result of a piece that is not well-formed has no meaning.
    """
    if data.startswith(_BOM, start):
        return None
    try:
        piece = pa.py_buffer(data).slice(start, end - start)
        read = _read_text(piece, resource, has_header=start == 0)
        if tuple(read.column_names) != resource.field_names:
            return None
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None
    columns, misfits = [], []
    for number, (field, column) in enumerate(zip(resource.fields, read.columns, strict=True)):
        try:
            typed, bad = from_text(column, field.values)
        except UnicodeDecodeError:  # pyarrow has not looked at what stands in a text
            return None
        columns.append(typed)
        misfits += [(number, row) for row in bad]
    return _Piece(pa.table(columns, names=list(resource.field_names)), misfits)


#: A fault of a file: rule, message, (line, column).
_Fault = tuple[str, str, tuple[int, int]]


def _find_fault(data: bytes, start: int, resource: Resource) -> _Fault:
    """Find the first reason why a file is no table.

    In this order: bytes that are not UTF-8, control characters, stray quotes, a wrong header, a row with
    another number of cells. The rows before the offset `start` are known to be right.
    """
    from release.syntax.advice import table_files  # only a fault needs it

    if data.startswith(_BOM):
        return "byte-order-mark", table_files.BYTE_ORDER_MARK, (1, 1)
    if (what := table_files.explain_other_file(data)) is not None:
        return "not-utf-8", what, (1, 1)
    text, message = read_utf8(data, "the table")
    if message:
        return "not-utf-8", message, location_of(text, len(text))
    if (control := CONTROL.search(text)) is not None:
        message = describe_control_character(control[0])
        return "control-character", message, location_of(text, control.start())
    rule = f"{resource.name}-fields"
    first = len(data[:start].decode("utf-8"))
    if (stray := find_stray_quote(text, first)) is not None:
        message = "has a stray quote, expected quotes around a whole value, and doubled inside it"
        return rule, message, location_of(text, stray)
    if (names := _read_header(text)) != resource.field_names:
        found = table_files.list_columns(names, [*map(named, names)])
        expected = f"expected the columns {', '.join(map(named, resource.field_names))}"
        advice = table_files.advise(text, names, resource.field_names)
        return rule, f"{found}, {expected}{advice}", (1, 1)
    ragged = next(row for row in cell_spans(text, first) if len(row) != len(resource.field_names))
    first_cell = text[slice(*ragged[0])]
    message = table_files.describe_row(len(ragged), len(resource.field_names), first_cell)
    return rule, message, location_of(text, ragged[0][0])


def _read_header(text: str) -> tuple[str, ...]:
    """Return the names in the header."""
    return tuple(unquote(text[start:end]) for start, end in next(cell_spans(text), []))


def _report(
    resource: Resource, path: Path, rule: str, message: str, location: tuple[int, int]
) -> Finding:
    """Return the finding of a file's fault."""
    finding = Finding(rule, resource.path, message, *location, table=resource.name)
    return replace(finding, file=str(path))


def _read_text(piece: pa.Buffer, resource: Resource, *, has_header: bool) -> pa.Table:
    """Read the cells of a piece as text, in one block, so that pyarrow need not search for row ends."""
    if has_header and not bytes(piece[-1:]).endswith((b"\n", b"\r")):
        piece = pa.py_buffer(bytes(piece) + b"\n")  # pyarrow 26 finds no header without a line end
    return pyarrow.csv.read_csv(
        pa.BufferReader(piece),
        pyarrow.csv.ReadOptions(
            use_threads=False,
            block_size=min(piece.size + 1, _LARGEST_BLOCK),
            column_names=None if has_header else resource.field_names,
        ),
        pyarrow.csv.ParseOptions(newlines_in_values=True),
        pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(resource.field_names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            check_utf8=False,
        ),
    )


def _report_misfits(
    pieces: Iterable[_Piece], resource: Resource, data: bytes, file: str, locate: _Locate | None
) -> list[Finding]:
    """Return a finding for each value that does not fit, sorted by field, then by row."""
    first, misfits = 0, []
    for piece in pieces:
        misfits += [(number, first + row) for number, row in piece.misfits]
        first += piece.table.num_rows
    text = data.decode("utf-8") if misfits else ""
    spans = list(cell_spans(text))
    findings = []
    for number, row in sorted(misfits):
        field = resource.fields[number]
        start, end = spans[row + 1][number]
        line, column = locate(row, number) if locate is not None else location_of(text, start)
        message = describe_misfit(unquote(text[start:end]), field)
        rule = f"{field.name}-type"
        finding = Finding(rule, resource.path, message, line, column, field.name, resource.name)
        findings.append(replace(finding, file=file))
    return findings
