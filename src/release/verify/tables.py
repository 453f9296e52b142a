"""The tables of a release, each Parquet file read once: its rows by the schema, its bytes by the CSV."""

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
from release.verify.file_comparison import Same

#: So many tables are read at once.
_AT_ONCE = 2

#: So many faults of one table are told; the rest are counted.
_TOLD = 1000

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
class Held:
    """The result of reading a table; `keys` are the columns of its keys, None if it has other columns.

    `parquet` are the paths of its Parquet files, `reading` that of the one last read, `ends` how many bytes
    of CSV those make that were read to their end, each with those before it.
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
) -> list[Held]:
    """Read the Parquet and the CSV of each table; those that are not among the `sound` files are not read.

    `parquet` are the Parquet files of each table by its name.
    """

    def one(resource: Resource) -> Held | None:
        name = resource.name
        held = Held(resource, parquet.get(name, parquet_paths(name, 1)))
        if not all(path in sound for path in [csv_path(name), *held.parquet]):
            return None
        try:
            _read(held, folder, _key_fields(resource, descriptor), limits.read_rows)
        except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
            reason = " ".join(str(error).split())[:300]
            message = f"cannot be read as Parquet: {reason}"
            held.unequal.append(Finding("parquet-unreadable", held.reading, message))
            held.keys = None
        return held

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [held for held in pool.map(one, descriptor.resources) if held is not None]


def _read(held: Held, folder: Path, key_fields: Sequence[str], at_once: int) -> None:
    path = csv_path(held.resource.name)
    schema = arrow_schema(held.resource.fields)
    if not _fits(held, folder):
        return
    with (folder / path).open("rb") as canonical:
        same = Same(canonical)
        parts = [schema.empty_table().select(key_fields)]

        def batches() -> Iterator[pa.Table]:
            for table in _rows(held, folder, same, at_once):
                parts.append(table.select(key_fields))
                _cells(held, table, path)
                held.rows += table.num_rows
                yield table

        csv.write(batches(), schema, cast(IO[bytes], same))
        held.keys = pa.concat_tables(parts)
        if (at := same.first_difference()) is not None:
            held.unequal.append(_unlike(canonical, at, path, held))
        held.invalid += [Finding("row-order", path, message) for message in _order(held)]


def _rows(held: Held, folder: Path, same: Same, at_once: int) -> Iterator[pa.Table]:
    """Yield the rows of a table's Parquet files, `at_once` at a time, for as many as the CSV has."""
    schema = arrow_schema(held.resource.fields)
    for path in held.parquet:
        held.reading = path
        with pq.ParquetFile(folder / path) as file:
            for batch in file.iter_batches(at_once):
                if same.is_past_end():
                    return  # more than the CSV holds, however much that is
                batch.validate(
                    full=True
                )  # text in UTF-8 among that, which reading does not look at
                # a column that says it lacks no value has another type to Arrow, and the same values
                yield pa.Table.from_batches([batch]).cast(schema)
        held.ends.append(same.tell())


def _fits(held: Held, folder: Path) -> bool:
    """Return whether the Parquet files have the columns of the schema, and note other faults."""
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
    """Columns that are not those of the schema, in their order and of their physical types.

    Nor may a file say of a column that it is to be read as another type, as Arrow notes it of its own, or
    as the index, as pandas does.
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
            told = " ".join(word for word in physical if word != "NONE")
            expected = " ".join(word for word in wanted if word != "NONE")
            yield f"has the type {told} in {declared.name}, expected {expected} for {declared.type}"
        elif read.types[at] != kind:
            told = shown(str(read.types[at]))
            yield f"says that {declared.name} is to be read as {told}, expected {kind}"


def _cells(held: Held, table: pa.Table, path: str) -> None:
    """Note the cells of some rows that break a constraint."""
    for violation in validate.check_cells(table, held.resource):
        if len(held.invalid) < _TOLD:
            row = f"row {held.rows + violation.row + 1}: " if violation.row >= 0 else ""
            held.invalid.append(_broken(violation, path, f"{row}{violation.message}"))


def _broken(violation: Violation, path: str, message: str) -> Finding:
    """Return the finding of a rule of the schema that the rows of a table break."""
    return Finding(violation.rule, path, message, field=violation.field, table=violation.table)


def _order(held: Held) -> Iterator[str]:
    """Yield a message for each row that is not behind the one before it, in the order of the primary key."""
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
    for row in rows.slice(0, _TOLD).to_pylist():
        yield f"row {row + 2} stands behind row {row + 1}, expected rows in the order of {names}"


def by_keys(tables: Sequence[Held], descriptor: Descriptor) -> list[Finding]:
    """Find rows that repeat a unique key, or whose foreign key refers to nothing."""
    read = {held.resource.name: held.keys for held in tables if held.keys is not None}
    faults = []
    for violation in keys.find_violations(read, descriptor):
        path = csv_path(violation.table)
        row = f"row {violation.row + 1}: " if violation.row >= 0 else ""
        other = f"row {violation.other + 1}" if violation.other >= 0 else ""
        faults.append(_broken(violation, path, f"{row}{violation.text(other)}"))
    return faults


def _key_fields(resource: Resource, descriptor: Descriptor) -> list[str]:
    """Return the fields of a table that are part of a key, its own or another table's."""
    names = {*resource.primary_key, *(name for key in resource.unique_keys for name in key)}
    names |= {each.name for each in resource.fields if each.constraints.get("unique")}
    names |= {name for key in resource.foreign_keys for name in key.fields}
    for other in descriptor.resources:
        for key in other.foreign_keys:
            if key.resource == resource.name:
                names |= set(key.reference_fields)
    return [name for name in resource.field_names if name in names]


def _unlike(canonical: IO[bytes], at: int, path: str, held: Held) -> Finding:
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
