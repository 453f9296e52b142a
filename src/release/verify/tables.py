"""Check the tables of a release: rows against the schema, Parquet against CSV; each file is read once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from release.descriptor.load import Descriptor, FieldType, Resource
from release.findings import Finding, printable, shown
from release.limits import LIMITS, Limits
from release.package.datapackage import csv_path, parquet_paths
from release.tables import csv, keys, validate
from release.tables.columns import ARROW_TYPES, arrow_schema
from release.tables.validate import Violation
from release.verify.csv_comparison import FileComparison

#: The number of tables that are read at once.
_AT_ONCE = 2

#: The most findings about constraints, or about the order, of one table.
_MAX_FINDINGS = 1000

#: The physical and logical type in Parquet of each type of Table Schema, as pyarrow names them.
PHYSICAL: Mapping[FieldType, tuple[str, str]] = {
    "string": ("BYTE_ARRAY", "STRING"),
    "integer": ("INT64", "NONE"),
    "year": ("INT64", "NONE"),
    "number": ("DOUBLE", "NONE"),
    "boolean": ("BOOLEAN", "NONE"),
    "date": ("INT32", "DATE"),
}


@dataclass(slots=True)
class TableCheck:
    """The check of one table, which grows while the table is read.

    Attributes:
        resource: The schema of the table.
        parquet: The paths of its Parquet files, in order.
        reading: The path of the Parquet file that was read last.
        ends: For each Parquet file that was read to its end, the bytes of CSV up to there.
        rows: The number of rows that were read.
        keys: The columns that belong to a key; None if the columns are not those of the schema.
        invalid: The findings about constraints, keys and order.
        unequal: The findings about Parquet that is not equal to the CSV.
    """

    resource: Resource
    parquet: Sequence[str]
    reading: str = ""
    ends: list[int] = field(default_factory=list)
    rows: int = 0
    keys: pa.Table | None = None
    invalid: list[Finding] = field(default_factory=list)
    unequal: list[Finding] = field(default_factory=list)


def read(
    folder: Path,
    descriptor: Descriptor,
    parquet: Mapping[str, Sequence[str]],
    sound: Collection[str],
    limits: Limits = LIMITS,
) -> list[TableCheck]:
    """Read the Parquet and the CSV of each table, and compare them.

    Args:
        folder: The folder of the release.
        descriptor: The tables.
        parquet: The paths of the Parquet files of each table, by its name.
        sound: The paths of the files that have the listed digests; tables with other files are not read.
        limits: The number of rows that are read at once.

    Returns:
        A check for each table that was read, in the order of the descriptor.
    """
    referenced = _referenced(descriptor)

    def one(resource: Resource) -> TableCheck | None:
        name = resource.name
        held = TableCheck(resource, parquet.get(name, parquet_paths(name, 1)))
        if not all(path in sound for path in [csv_path(name), *held.parquet]):
            return None
        try:
            _read(held, folder, _key_fields(resource, referenced), limits.read_rows)
        except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
            reason = " ".join(str(error).split())[:300]
            message = f"cannot be read as Parquet: {reason}"
            held.unequal.append(Finding("parquet-unreadable", held.reading, message))
            held.keys = None
        return held

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [held for held in pool.map(one, descriptor.resources) if held is not None]


def _read(held: TableCheck, folder: Path, key_fields: Sequence[str], at_once: int) -> None:
    path = csv_path(held.resource.name)
    schema = arrow_schema(held.resource.fields)
    if not _fits(held, folder):
        return
    with (folder / path).open("rb") as canonical:
        comparison = FileComparison(canonical)
        parts = [schema.empty_table().select(key_fields)]

        def batches() -> Iterator[pa.Table]:
            for table in _rows(held, folder, comparison, at_once):
                parts.append(table.select(key_fields))
                _cells(held, table, path)
                held.rows += table.num_rows
                yield table

        csv.write(batches(), schema, cast(IO[bytes], comparison))
        held.keys = pa.concat_tables(parts)
        if (at := comparison.first_difference()) is not None:
            held.unequal.append(_unlike(canonical, at, path, held))
        held.invalid += [Finding("row-order", path, message) for message in _order(held)]


def _rows(
    held: TableCheck, folder: Path, comparison: FileComparison, at_once: int
) -> Iterator[pa.Table]:
    """Yield the rows of a table's Parquet files, `at_once` at a time, and end after the end of the CSV."""
    schema = arrow_schema(held.resource.fields)
    for path in held.parquet:
        held.reading = path
        with pq.ParquetFile(folder / path) as file:
            for batch in file.iter_batches(at_once):
                if comparison.is_past_end():
                    return  # more than the CSV has: the rest may be endless
                batch.validate(full=True)  # also that text is UTF-8, which reading does not check
                # a column that is marked as never null has another type in Arrow, and the same values
                yield pa.Table.from_batches([batch]).cast(schema)
        held.ends.append(comparison.tell())


def _fits(held: TableCheck, folder: Path) -> bool:
    """Return whether the Parquet files have the columns of the schema; check how many rows each has."""
    rows: list[int] = []
    wrong = []
    for path in held.parquet:
        held.reading = path
        about = pq.read_metadata(folder / path)
        rows.append(about.num_rows)
        wrong += [
            Finding("parquet-schema", path, text) for text in _types(about.schema, held.resource)
        ]
    held.unequal += wrong
    if len(rows) > 1:
        *full, last = zip(held.parquet, rows, strict=True)
        uneven = [(path, found) for path, found in full if found != rows[0]]
        uneven += [last] if not 0 < last[1] <= rows[0] else []
        expected = f"expected {rows[0]} as in {held.parquet[0]}, and the rest in the last part"
        held.unequal += [
            Finding("parquet-parts", path, f"has {found} rows, {expected}")
            for path, found in uneven
        ]
    return not wrong


def _types(schema: pq.ParquetSchema, resource: Resource) -> Iterator[str]:
    """Yield what is wrong with the columns of a Parquet file: names, order, physical types.

    A file must not have metadata that makes Arrow read a column as another type, or pandas read it as the
    index.
    """
    read = schema.to_arrow_schema()
    if b"pandas" in (read.metadata or {}):
        yield "says how pandas is to read it, expected nothing of that"
    if tuple(read.names) != resource.field_names:
        found = ", ".join(map(printable, read.names))
        yield f"has the columns {found}, expected {', '.join(resource.field_names)}"
        return
    for at, declared in enumerate(resource.fields):
        column = schema.column(at)
        physical = (column.physical_type, column.logical_type.type)
        wanted, kind = PHYSICAL[declared.type], ARROW_TYPES[declared.type]
        if physical != wanted or column.max_repetition_level or column.max_definition_level > 1:
            found = " ".join(word for word in physical if word != "NONE")
            expected = " ".join(word for word in wanted if word != "NONE")
            yield f"has the type {found} in {declared.name}, expected {expected} for {declared.type}"
        elif read.types[at] != kind:
            found = shown(str(read.types[at]))
            yield f"says that {declared.name} is to be read as {found}, expected {kind}"


def _cells(held: TableCheck, table: pa.Table, path: str) -> None:
    """Add a finding for each cell of some rows that breaks a constraint."""
    for violation in validate.check_cells(table, held.resource):
        if len(held.invalid) < _MAX_FINDINGS:
            row = f"row {held.rows + violation.row + 1}: " if violation.row >= 0 else ""
            held.invalid.append(_broken(violation, path, f"{row}{violation.message}"))


def _broken(violation: Violation, path: str, message: str) -> Finding:
    """Return the finding of a rule of the schema that the rows of a table break."""
    return Finding(violation.rule, path, message, field=violation.field, table=violation.table)


def _order(held: TableCheck) -> Iterator[str]:
    """Yield a message for each row that is out of order, by the primary key in code point order."""
    assert held.keys is not None
    if held.rows < 2:
        return
    behind = pa.array([False] * (held.rows - 1))
    same = pa.array([True] * (held.rows - 1))
    for name in held.resource.primary_key:
        column = held.keys[name].combine_chunks()
        one, next_one = column.slice(0, held.rows - 1), column.slice(1)
        behind = pc.or_(behind, pc.and_(same, pc.fill_null(pc.less(next_one, one), False)))
        same = pc.and_(same, pc.fill_null(pc.equal(one, next_one), False))
    rows = pc.indices_nonzero(behind)
    names = ", ".join(held.resource.primary_key)
    for row in rows.slice(0, _MAX_FINDINGS).to_pylist():
        yield f"row {row + 2} stands behind row {row + 1}, expected rows in the order of {names}"


def check_keys(tables: Sequence[TableCheck], descriptor: Descriptor) -> list[Finding]:
    """Find the rows of the tables that break a primary, unique or foreign key."""
    read = {held.resource.name: held.keys for held in tables if held.keys is not None}
    findings = []
    for violation in keys.find_violations(read, descriptor):
        path = csv_path(violation.table)
        row = f"row {violation.row + 1}: " if violation.row >= 0 else ""
        other = f"row {violation.other + 1}" if violation.other >= 0 else ""
        findings.append(_broken(violation, path, f"{row}{violation.text(other)}"))
    return findings


def _referenced(descriptor: Descriptor) -> dict[str, set[str]]:
    """Return the fields to which foreign keys refer, by table."""
    found: dict[str, set[str]] = {}
    for resource in descriptor.resources:
        for key in resource.foreign_keys:
            found.setdefault(key.resource, set()).update(key.reference_fields)
    return found


def _key_fields(resource: Resource, referenced: Mapping[str, Collection[str]]) -> list[str]:
    """Return the fields of a table that are part of a key, or `referenced` by one of another table."""
    names = {*resource.primary_key, *(name for key in resource.unique_keys for name in key)}
    names |= {each.name for each in resource.fields if each.constraints.get("unique")}
    names |= {name for key in resource.foreign_keys for name in key.fields}
    names |= set(referenced.get(resource.name, ()))
    return [name for name in resource.field_names if name in names]


def _unlike(canonical: IO[bytes], at: int, path: str, held: TableCheck) -> Finding:
    """Return the finding about a CSV that its Parquet does not make, at the line of the first difference."""
    canonical.seek(0)
    line, left = 1, at
    while left > 0 and (block := canonical.read(min(left, 1 << 20))):
        line += block.count(b"\n")
        left -= len(block)
    parts = zip(held.parquet, held.ends, strict=False)
    part = next((path for path, end in parts if at < end), held.reading)
    message = f"is not what {part} holds, written as CSV (byte {at})"
    return Finding("parquet-values", path, message, line, 1)
