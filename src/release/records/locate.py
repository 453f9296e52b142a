"""From a row of a table back to the line and column of the record that it came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.load import Field, Resource
from release.findings import Finding
from release.records.coverage import get_value
from release.records.entries import fill_captures
from release.records.positions import locate_all, locate_one, location_of
from release.records.reader import Front, Record
from release.records.rows import Column, RowFinder
from release.records.sources import Source
from release.syntax.paths import Capture, KeyPath, captures_of, show_path
from release.syntax.text import Locations


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row comes from: a record by its number, a source of rows of its table, an entry there."""

    record: int
    source: int
    entry: int


#: Places looked for one by one in a record; for more it is read with the places of all its values.
_GLIMPSES = 16


class Tracer:
    """Finds the places that findings name; a record is looked through only when one is asked for.

    `front_at` gives the front matter of the record of a number, None where there is none; `values_at` what
    it says, where that has been read already.
    """

    def __init__(
        self,
        finders: Mapping[str, tuple[RowFinder, ...]],
        front_at: Callable[[int], Front | None],
        values_at: Callable[[int], Any] | None = None,
    ) -> None:
        self._finders = finders
        self._front_at = front_at
        self._asked: Counter[int] = Counter()
        # what is kept refers to what it is made of, not to this, which would keep itself and its files
        self._marks = lru_cache(maxsize=64)(partial(_marks, front_at))
        self._values = values_at or lru_cache(maxsize=64)(partial(_values, front_at))

    def at_key_path(self, at: int, place: KeyPath, finding: Finding) -> Finding:
        """The finding at a place of a record where something is."""
        field = finding.field or show_path(place)
        return replace(finding, field=field, **self._where(at, place, key=False, there=True))

    def at_cell(
        self, origin: Origin, resource: Resource, field: Field | None, finding: Finding
    ) -> Finding:
        """The finding at a cell of a row, or at the entry that the whole row comes from."""
        where, name = self.cell(origin, resource, field)
        return replace(finding, table=resource.name, field=finding.field or name, **where)

    def cell(
        self, origin: Origin, resource: Resource, field: Field | None, *, there: bool = False
    ) -> tuple[dict[str, Any], str]:
        """Where a cell stands, or the entry that the whole row comes from; the field or the place.

        `there` tells that the record is known to have something at the cell's place.
        """
        front = self._front_at(origin.record)
        if front is None:
            return {}, field.name if field else ""
        find = self._finders[resource.name][origin.source]
        bound = self._bound(find, origin)
        if field is not None:
            return self._where_cell(origin, find, field, bound, there=there), field.name
        place = fill_captures(find.rows.path, bound, front.source, find.rows)
        return self._where(origin.record, place, key=True, there=True), show_path(place)

    def _where_cell(
        self,
        origin: Origin,
        find: RowFinder,
        field: Field,
        bound: Mapping[str, str | int],
        *,
        there: bool,
    ) -> dict[str, Any]:
        at = origin.record
        front = self._front_at(at)
        assert front is not None
        if field.origin == "$body":
            return _in_file(front.source, front.body_line + 1, 1)
        column = next(column for column in find.columns if column.field.name == field.name)
        if column.path is None:
            return _in_file(front.source, 1, 1)
        place = _place(column, bound, front.source, find)
        if find.merged_captures:
            there = False  # a row of several editions may have it from another one
            if _is_keyed(find):  # else an entry is elsewhere there
                at, place = self._holder(origin, find, column, bound)
        return self._where(at, place, key=column.capture is not None, there=there)

    def _where(self, at: int, place: KeyPath, *, key: bool, there: bool) -> dict[str, Any]:
        """The file, line and column of a place of a record, or of what would hold what is not there."""
        front = self._front_at(at)
        if front is None:
            return {}
        if not there:
            held = _held(self._values(at), place)
            place, key = held, key and held == place
        self._asked[at] += 1
        mark = locate_one(front.text.encode(), place) if self._asked[at] <= _GLIMPSES else None
        marks = {place: mark} if mark is not None else self._marks(at) if place else {}
        return _in_file(front.source, *location_of(marks, place, key=key))

    def _bound(self, find: RowFinder, origin: Origin) -> dict[str, str | int]:
        names = captures_of(find.rows.path)
        front = self._front_at(origin.record)
        if front is None or not names:
            return {}
        # the body, which is left out, tells no row from another
        found, _ = find.find([Record(front, self._values(origin.record), "", "", 0)])
        return dict(zip(names, found.captures_at(origin.entry), strict=True))

    def _holder(
        self, origin: Origin, find: RowFinder, column: Column, bound: Mapping[str, str | int]
    ) -> tuple[int, KeyPath]:
        """The record that gives a merged row its value, and where: the first edition that has one there.

        Editions of one record have neighbouring numbers; some of them may be those of other rows.
        """
        first = self._front_at(origin.record)
        assert first is not None
        at: int = origin.record
        front: Front | None = first
        while front is not None and _share(front, first, find.apart):
            place = _place(column, bound, front.source, find)
            values = self._values(at) if _share(front, first, find.merged_captures) else None
            if _held(values, place) == place and get_value(values, place) not in (None, ""):
                return at, place
            at += 1
            front = self._front_at(at)
        return origin.record, _place(column, bound, first.source, find)


def _share(one: Front, other: Front, names: Sequence[str]) -> bool:
    """Whether two records are editions of one, which some captures tell apart."""
    return one.source.shared(names) == other.source.shared(names)


def _is_keyed(find: RowFinder) -> bool:
    """Whether the key tells where in a record the entry of a row stands, the same in each edition."""
    origins = {find.resource.field(name).origin for name in find.resource.primary_key}
    return {Capture(name) for name in captures_of(find.rows.path)} <= origins


def _marks(front_at: Callable[[int], Front | None], at: int) -> Locations:
    front = front_at(at)
    return locate_all(front) if front is not None else {}


def _values(front_at: Callable[[int], Front | None], at: int) -> Any:
    front = front_at(at)
    return front.values() if front is not None else None


def fixed_key_path(find: RowFinder, field: str) -> KeyPath | None:
    """Where a field's values stand, if that is one place in the record of each row; None where it is not."""
    if find.merged_captures:
        return None
    for column in find.columns:
        if column.field.name == field and column.path is not None and column.capture is None:
            place = tuple(segment for segment in column.path if isinstance(segment, str))
            return place if len(place) == len(column.path) else None
    return None


def _place(
    column: Column, bound: Mapping[str, str | int], source: Source, find: RowFinder
) -> KeyPath:
    """Where a column's value stands in a record, or the key that it is."""
    assert column.path is not None
    path = column.path
    if column.capture is not None:
        ends = [end + 1 for end, part in enumerate(path) if not isinstance(part, str)]
        path = path[: ends[column.capture]]
    return fill_captures(path, bound, source, find.rows)


def key_of(table: pa.Table, row: int, resource: Resource) -> str:
    """A row's primary key as findings show it."""
    return ", ".join(str(table[name][row].as_py()) for name in resource.primary_key)


def keys_of(table: pa.Table, resource: Resource) -> pa.ChunkedArray:
    """The primary keys of all rows, as `key_of`."""
    columns = [table[name] for name in resource.primary_key]
    if all(
        pa.types.is_string(column.type) or pa.types.is_integer(column.type) for column in columns
    ):
        texts = [column.cast(pa.string()) for column in columns]
        return pc.binary_join_element_wise(
            *texts, ", ", null_handling="replace", null_replacement="None"
        )
    values = zip(*(column.to_pylist() for column in columns), strict=True)
    return pa.chunked_array([pa.array([", ".join(map(str, row)) for row in values], pa.string())])


def origin_of(table: pa.Table, row: int) -> Origin:
    """Where a row of a table with the columns of an origin comes from."""
    return Origin(*(table[name][row].as_py() for name in ("$record", "$source", "$entry")))


def _held(value: Any, place: KeyPath) -> KeyPath:
    """The part of a place that a value has."""
    for at, segment in enumerate(place):
        if isinstance(value, list):
            if not isinstance(segment, int) or segment >= len(value):
                return place[:at]
        elif not isinstance(value, dict) or segment not in value:
            return place[:at]
        value = value[segment]
    return place


def _in_file(source: Source, line: int, column: int) -> dict[str, Any]:
    return {"path": source.path, "file": source.file, "line": line, "column": column}
