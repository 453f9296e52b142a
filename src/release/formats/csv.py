"""CSV, the canonical form of a table: its bytes are the table's identity.

UTF-8 without BOM, LF, RFC 4180: text in quotes, a missing value is nothing at all, ISO 8601 dates, numbers
as the shortest text that reads back the same.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.csv

from release.columns import expected, from_text
from release.descriptor import Resource
from release.findings import Finding, shown

_BODY = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")


def write(batches: Iterable[pa.Table], schema: pa.Schema, target: IO[bytes]) -> None:
    """Write tables of one schema, one after the other, below one header."""
    target.write((",".join(schema.names) + "\n").encode())
    for table in batches:
        pyarrow.csv.write_csv(table, target, _BODY)


def to_bytes(table: pa.Table) -> bytes:
    """A table as the bytes of its CSV."""
    target = io.BytesIO()
    write([table], table.schema, target)
    return target.getvalue()


def read(path: Path, resource: Resource) -> tuple[pa.Table | None, list[Finding]]:
    """The table of a CSV file by its resource's schema, and what does not fit; those are null."""
    name = resource.path
    try:
        data = path.read_bytes()
        data.decode("utf-8")
    except OSError as error:
        message = f"cannot be read: {error.strerror}, expected the table {resource.name}"
        return None, [Finding("file-unreadable", name, message, table=resource.name, file=str(path))]
    except UnicodeDecodeError as error:
        message = f"found the byte 0x{data[error.start]:02X}, expected text in UTF-8"
        return None, [Finding("not-utf-8", name, message, table=resource.name, file=str(path))]
    try:
        text = _read_text(data)
    except pa.ArrowInvalid as error:
        message = f"cannot be read: {str(error).splitlines()[0]}"
        rule = f"{resource.name}-fields"
        return None, [Finding(rule, name, message, table=resource.name, file=str(path))]
    if tuple(text.column_names) != resource.names:
        message = (
            f"has the columns {', '.join(text.column_names)}, expected {', '.join(resource.names)}"
        )
        rule = f"{resource.name}-fields"
        return None, [Finding(rule, name, message, 1, 1, "", resource.name, file=str(path))]
    return _typed(text, resource, str(path))


def _read_text(data: bytes) -> pa.Table:
    header = data.split(b"\n", 1)[0].decode("utf-8").rstrip("\r")
    names = [name.strip('"') for name in header.split(",")]
    return pyarrow.csv.read_csv(
        io.BytesIO(data),
        pyarrow.csv.ReadOptions(use_threads=False, block_size=max(len(data) + 1, 1 << 16)),
        pyarrow.csv.ParseOptions(newlines_in_values=True),
        pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _typed(text: pa.Table, resource: Resource, file: str) -> tuple[pa.Table, list[Finding]]:
    columns, findings = [], []
    for field in resource.fields:
        column = text.column(field.name).combine_chunks()
        array, bad = from_text(column, field.type)
        columns.append(array)
        for at in bad:
            message = f"{field.name} is {shown(column[at].as_py())}, expected {expected(field)}"
            findings.append(
                Finding(
                    f"{field.name}-type",
                    resource.path,
                    message,
                    at + 2,
                    1,
                    field.name,
                    resource.name,
                    file=file,
                )
            )
    return pa.table(columns, names=list(resource.names)), findings
