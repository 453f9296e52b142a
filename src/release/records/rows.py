"""Some records -> the rows that one source of rows finds in them, and where each of them stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from release.descriptor.load import Descriptor, Field, RecordKind, Resource, RowOrigin
from release.descriptor.types import as_text
from release.records.coverage import is_taken
from release.records.reader import Record
from release.records.sources import Source
from release.syntax.paths import Capture, KeyPath, Path, captures_of


@dataclass(frozen=True, slots=True)
class Unfound:
    """A text that does not stand where it was looked for."""

    text: str


@dataclass(frozen=True, slots=True)
class Entries:
    """What stands at a path in some records, in their order.

    For each entry: the position of its record, the key or position that each capture of the path is bound
    to, and the value there.
    """

    records: np.ndarray[Any, np.dtype[np.int32]]
    captures: tuple[Sequence[str | int], ...]
    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.values)

    def bound(self, at: int) -> tuple[str | int, ...]:
        """What the captures are bound to in one entry."""
        return tuple(keys[at] for keys in self.captures)

    def only(self, where: Sequence[int]) -> Entries:
        """The entries at some positions."""
        captures = tuple([keys[at] for at in where] for keys in self.captures)
        records = self.records[np.array(where, np.int64)]
        return Entries(records, captures, [self.values[at] for at in where])


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field's values come from in one source of rows.

    `per` tells what there is one value for: "record" (and `of_records` gives them) or "row" (and `of_rows`
    gives them, from the records and the entries). `path` is the place in the record with its captures
    open, None where there is none; `capture` is the place in `rows` of the key itself. `counts` tells
    whether a value here makes the entry a row.
    """

    field: Field
    per: str
    of_records: Callable[[Sequence[Record]], list[Any]]
    of_rows: Callable[[Sequence[Record], Entries], Sequence[Any]]
    path: Path | None
    capture: int | None
    counts: bool


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds the rows of one source of rows of one table in records.

    `columns` are those of the table; `by_row` those among them with a value for each row. `apart` are the
    captures that tell editions of the records apart, `left_out` is what the function of that name says of
    the table.
    """

    resource: Resource
    rows: RowOrigin
    apart: tuple[str, ...]
    left_out: tuple[str, ...]
    columns: tuple[Column, ...]
    by_row: tuple[Column, ...]

    def find(self, records: Sequence[Record]) -> tuple[Entries, dict[str, Sequence[Any]]]:
        """The entries that hold more than nothing, and the values of `by_row`, by field."""
        found = entries([record.values for record in records], self.rows.path)
        columns = [column.of_rows(records, found) for column in self.by_row]
        names = [column.field.name for column in self.by_row]
        if self.rows.path:  # else a row for each record, whatever it holds
            telling = [
                values for column, values in zip(self.by_row, columns, strict=True) if column.counts
            ]
            where = _telling(telling, len(found))
            if len(where) < len(found):
                found = found.only(where)
                columns = [[values[at] for at in where] for values in columns]
        return found, dict(zip(names, columns, strict=True))


def _telling(columns: Sequence[Sequence[Any]], count: int) -> Sequence[int]:
    """The positions at which one of the columns has a value."""
    if any(None not in values and "" not in values for values in columns):
        return range(count)
    return [
        at
        for at, row in enumerate(zip(*columns, strict=True))
        if any(value is not None and value != "" for value in row)
    ]


def entries(values: Sequence[Any], path: Path) -> Entries:
    """What stands at a path in each value, with its captures bound to each key and position in turn."""
    found = Entries(np.arange(len(values), dtype=np.int32), (), values)
    for segment in path:
        if isinstance(segment, Capture):
            found = _opened(found)
        else:
            where = [
                at
                for at, value in enumerate(found.values)
                if isinstance(value, dict) and segment in value
            ]
            found = found if len(where) == len(found) else found.only(where)
            below = [value[segment] for value in found.values]
            found = Entries(found.records, found.captures, below)
    return found


def _opened(found: Entries) -> Entries:
    """The entries of each mapping and list, one by one."""
    keys: list[str | int] = []
    values: list[Any] = []
    sizes = []
    for value in found.values:
        if isinstance(value, dict):
            keys.extend(value)
            values.extend(value.values())
        elif isinstance(value, list):
            keys.extend(range(len(value)))
            values.extend(value)
        sizes.append(len(value) if isinstance(value, dict | list) else 0)
    captures = tuple(
        [key for key, size in zip(outer, sizes, strict=True) for _ in range(size)]
        for outer in found.captures
    )
    records = np.repeat(found.records, np.array(sizes, np.int64))
    return Entries(records, (*captures, keys), values)


def finders(descriptor: Descriptor) -> dict[str, tuple[Finder, ...]]:
    """How the rows of every table are found, one finder for each source of its rows."""
    return {
        resource.name: tuple(_finder(resource, rows, descriptor) for rows in resource.rows)
        for resource in descriptor.resources
        if resource.rows
    }


def _finder(resource: Resource, rows: RowOrigin, descriptor: Descriptor) -> Finder:
    apart = tuple(descriptor.kind(rows.kind).prefer)
    columns = tuple(_column(field, rows) for field in resource.fields)
    by_row = tuple(column for column in columns if column.per == "row")
    return Finder(resource, rows, apart, left_out(resource, descriptor), columns, by_row)


def left_out(resource: Resource, descriptor: Descriptor) -> tuple[str, ...]:
    """The captures that tell editions apart and have no field in the key: one row from several records."""
    keys = [resource.field(name) for name in resource.primary_key]
    stands_for = {field.origin.name for field in keys if isinstance(field.origin, Capture)}
    stands_for |= {field.name for field in keys}
    kinds: list[RecordKind] = [descriptor.kind(rows.kind) for rows in resource.rows]
    names = dict.fromkeys(name for kind in kinds for name in kind.prefer)
    return tuple(name for name in names if name not in stands_for)


def _column(field: Field, rows: RowOrigin) -> Column:
    origin = field.origin
    if field.locate is not None:
        return _located(field, field.locate, rows)
    if isinstance(origin, Capture):
        return _captured(field, origin.name, rows)
    if origin == "$value":
        return _from_entry(field, (), rows)
    if isinstance(origin, str):
        special = _SPECIALS[origin]
        return _per_record(field, lambda records: [special(record) for record in records], None)
    assert origin is not None
    if rows.path and is_taken(origin, rows):
        below = origin[len(rows.path) :]
        if not captures_of(below):
            return _from_entry(field, below, rows)
        return _per_row(field, _bound_getter(origin, rows), origin, counts=True)
    if not captures_of(origin):
        return _per_record(field, lambda records: _at([r.values for r in records], origin), origin)
    if not set(captures_of(origin)) & set(captures_of(rows.path)):
        get = _bound_getter(origin, RowOrigin(rows.kind, (), rows.constants))
        return _per_record(field, lambda records: [get(record, ()) for record in records], origin)
    # what stands around the entry and its neighbours says of none of them that it is there
    is_its_own = set(captures_of(rows.path)) <= set(captures_of(origin))
    return _per_row(field, _bound_getter(origin, rows), origin, counts=is_its_own)


_SPECIALS: Mapping[str, Callable[[Record], Any]] = {
    "$body": lambda record: record.body,
    "$path": lambda record: record.source.path,
    "$sha256": lambda record: record.sha256,
    "$bytes": lambda record: record.bytes,
    "$format": lambda record: record.front.format,
}


def _none(*_: Any) -> list[Any]:
    return []


def _per_record(
    field: Field, of_records: Callable[[Sequence[Record]], list[Any]], path: Path | None
) -> Column:
    return Column(field, "record", of_records, _none, path, None, counts=False)


def _per_row(
    field: Field,
    get: Callable[[Record, tuple[str | int, ...]], Any],
    path: Path,
    *,
    counts: bool,
) -> Column:
    """A column whose value is looked for entry by entry, by the record and what the captures are bound to."""

    def of_rows(records: Sequence[Record], found: Entries) -> list[Any]:
        return [get(records[record], found.bound(at)) for at, record in enumerate(found.records)]

    return Column(field, "row", _none, of_rows, path, None, counts)


def _from_entry(field: Field, below: Path, rows: RowOrigin) -> Column:
    def of_rows(_: Sequence[Record], found: Entries) -> Sequence[Any]:
        return _at(found.values, below)

    return Column(field, "row", _none, of_rows, (*rows.path, *below), None, counts=True)


def _captured(field: Field, name: str, rows: RowOrigin) -> Column:
    names = captures_of(rows.path)
    if name in rows.constants:
        constant = rows.constants[name]
        return _per_record(field, lambda records: [constant] * len(records), rows.path)
    if name in names:
        at = names.index(name)
        return Column(
            field, "row", _none, lambda _, found: found.captures[at], rows.path, at, counts=False
        )
    return _per_record(field, lambda records: [r.source.captures[name] for r in records], None)


def _located(field: Field, locate: Path, rows: RowOrigin) -> Column:
    get = _bound_getter(locate, rows)

    def offset(record: Record, captures: tuple[str | int, ...]) -> Any:
        """The offset in code points; what was looked for where it is not in the body."""
        text = as_text(get(record, captures))
        if not text:
            return None
        at = record.body.find(text)
        return at if at >= 0 else Unfound(text)

    return _per_row(field, offset, locate, counts=False)


def _at(values: Sequence[Any], path: Path) -> list[Any]:
    """What stands at a path without captures in each value; None where there is nothing."""
    for key in path:
        try:
            values = [value.get(key) for value in values]
        except AttributeError:  # some are no mappings
            values = [value.get(key) if isinstance(value, dict) else None for value in values]
    return list(values)


def _bound_getter(path: Path, rows: RowOrigin) -> Callable[[Record, tuple[str | int, ...]], Any]:
    names = captures_of(rows.path)

    def get(record: Record, captures: tuple[str | int, ...]) -> Any:
        value: Any = record.values
        for segment in fill(path, dict(zip(names, captures, strict=True)), record.source, rows):
            if isinstance(value, dict):
                value = value.get(segment)
            elif isinstance(value, list) and isinstance(segment, int):
                value = value[segment] if segment < len(value) else None
            else:
                return None
        return value

    return get


def fill(path: Path, captures: Mapping[str, str | int], source: Source, rows: RowOrigin) -> KeyPath:
    """A path with its captures filled in: those of the entry, the constants, those of the file."""
    bound: Mapping[str, str | int] = {**source.captures, **rows.constants, **captures}
    return tuple(
        bound[segment.name] if isinstance(segment, Capture) else segment for segment in path
    )
