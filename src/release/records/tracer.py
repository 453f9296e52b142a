"""Location: from a row or cell of a table back to the file, line and column that it came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.model import Field, Resource
from release.findings.finding import Finding
from release.findings.message import plain
from release.records.coverage import get_value
from release.records.entries import find_value_path
from release.records.files.sources import Source
from release.records.locations import locate_all, locate_one, location_of
from release.records.reader import Front, Record
from release.records.rows import RowFinder
from release.records.shapes.columns import RawColumn, is_taken
from release.records.shapes.joins import pick_value
from release.records.shapes.lists import TextPart, present_part
from release.records.shapes.roots import root_of
from release.records.shapes.row_values import RowValues
from release.records.shapes.text_parts import locate_part
from release.syntax.paths import Capture, KeyPath, Path, captures_of, is_in_body, show_path
from release.syntax.text import Locations
from release.tables.columns import to_values, value_at


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a row: the number of its record, the item of its table's `rows`, the entry there."""

    record: int
    source: int
    entry: int


#: The most values of a record that are located one by one; for more, all its values are located at once.
_ONE_BY_ONE = 16


class Tracer:
    """Finds the locations that findings name; a record is searched only when one is asked for.

    `finders` are those of the plan. `front_at` returns the front matter of a record by its number, None if
    there is none; `values_at` its values, if they have been read already.
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
        # the caches refer to `front_at` and not to `self`: a circle would keep all files in memory
        self._locations = lru_cache(maxsize=64)(partial(_locations, front_at))
        self._values = values_at or lru_cache(maxsize=64)(partial(_values, front_at))

    def at_key_path(
        self, at: int, key_path: KeyPath, finding: Finding, *, key: bool = False
    ) -> Finding:
        """Return a finding with the location of a value that a record has, or of its key, by its number."""
        location = self._locate(at, key_path, key=key, there=True)
        return replace(finding, field=finding.field or show_path(key_path), **location)

    def at_cell(
        self, origin: Origin, resource: Resource, field: Field | None, finding: Finding
    ) -> Finding:
        """Return a finding with the location of a cell; without a field, of the row's entry."""
        location, name = self.locate_cell(origin, resource, field)
        return replace(finding, table=resource.name, field=finding.field or name, **location)

    def locate_cell(
        self, origin: Origin, resource: Resource, field: Field | None, *, there: bool = False
    ) -> tuple[dict[str, Any], str]:
        """Locate a cell, or without a field the entry of the whole row.

        Returns the keys `path`, `file`, `line` and `column` of a finding, empty if the record has no front
        matter; and the name of the field, or the key path of the entry. `there`: the record is known to have
        a value for the cell.
        """
        front = self._front_at(origin.record)
        if front is None:
            return {}, field.name if field else ""
        finder = self._finders[resource.name][origin.source]
        bound = self._bind_captures(finder, origin)
        if field is not None:
            return self._locate_value(origin, finder, field, bound, there=there), field.name
        rows = finder.rows
        values = partial(self._root, origin.record, rows.path)
        key_path, part = find_value_path(rows.path, bound, front.source, rows, values)
        is_key = len(key_path) == len(rows.path)  # else the entry only counts as one of a list
        place = self._locate(origin.record, key_path, key=is_key, there=True, part=part)
        return place, show_path(key_path)

    def _locate_value(
        self,
        origin: Origin,
        finder: RowFinder,
        field: Field,
        bound: Mapping[str, str | int],
        *,
        there: bool,
    ) -> dict[str, Any]:
        at = origin.record
        front = self._front_at(at)
        assert front is not None
        column = next(column for column in finder.columns if column.field.name == field.name)
        merged = bool(finder.merged_captures)
        may_differ = merged and field.name not in finder.resource.primary_key
        if may_differ and _is_keyed(finder):  # else the entry is elsewhere in other editions
            at, column = self._find_edition(origin, finder, column, bound)
        else:
            column = self._pick(at, column, bound, finder)
        if column.origin == "$body":
            return _in_file(front.source, front.body_line + 1, 1)
        if column.path is None:
            if isinstance(field.origin, Capture) and field.origin.name in front.source.within:
                return self._locate(at, (), key=True, there=True)
            return _in_file(front.source, 1, 1)
        key_path, is_key, part = self._find_key_path(at, column, bound, finder)
        # the value of a merged row may come from another edition
        return self._locate(at, key_path, key=is_key, there=there and not merged, part=part)

    def _locate(
        self,
        at: int,
        key_path: KeyPath,
        *,
        key: bool,
        there: bool,
        part: TextPart | None = None,
    ) -> dict[str, Any]:
        """Locate a value of a record, or its key; if it is absent, the value that would contain it.

        `there`: it is known not to be absent. `part`: the part of the text there.
        """
        front = self._front_at(at)
        if front is None:
            return {}
        if not there:
            present = present_part(self._root(at, key_path), key_path)
            key_path, key = present, key and present == key_path
        if front.amendments is not None and (put := front.amendments.locate(key_path)) is not None:
            where = {"line": put.line + 1, "column": put.column + 1}
            return {"path": front.amendments.path, "file": "", **where}
        if is_in_body(key_path):
            return _in_file(front.source, *_locate_in_body(front, key_path))
        self._asked[at] += 1
        found = None
        if self._asked[at] <= _ONE_BY_ONE and not front.prefix:
            found = locate_one(
                front.text.encode(), front.format, front.line, key_path, front.column
            )
        key_path = (*front.prefix, *key_path)
        known: Locations = {}
        if found is not None:
            known = {key_path: found}
        elif key_path:
            known = self._locations(at)
        line, column = location_of(known, key_path, front, key=key)
        if part is not None:
            line, column = locate_part(front, part, line, column)
        return _in_file(front.source, line, column)

    def _record(self, at: int, front: Front) -> Record:
        """Return a record; any body will do if no field reads parts of it."""
        return Record(
            front, self._values(at), front.body if front.body is not None else "-", "-", 1
        )

    def _root(self, at: int, path: Path | KeyPath) -> Any:
        """Return what a path begins in: the values of a record, or the parts of its body."""
        front = self._front_at(at)
        return (
            root_of(self._record(at, front), path)
            if front and is_in_body(path)
            else self._values(at)
        )

    def _bind_captures(self, finder: RowFinder, origin: Origin) -> dict[str, str | int]:
        """Return the keys and positions that the captures of `rows` stand for in a row's entry, by name."""
        names = captures_of(finder.rows.path)
        front = self._front_at(origin.record)
        if front is None or not names:
            return {}
        found, _ = finder.find([self._record(origin.record, front)])
        return dict(zip(names, found.captures_at(origin.entry), strict=True))

    def _pick(
        self, at: int, column: RawColumn, bound: Mapping[str, str | int], finder: RowFinder
    ) -> RawColumn:
        """Return the part of a column that a record's value comes from; itself if it has none."""
        front = self._front_at(at)
        if not column.parts or front is None:
            return column
        return pick_value(column, RowValues(self._record(at, front), finder.rows, bound).read)

    def _find_edition(
        self, origin: Origin, finder: RowFinder, column: RawColumn, bound: Mapping[str, str | int]
    ) -> tuple[int, RawColumn]:
        """Find the first edition that has a value for a merged row: its number, and the value's column.

        Editions of one record have neighbouring numbers. Some of them may belong to other rows.
        """
        first = self._front_at(origin.record)
        assert first is not None
        at: int = origin.record
        front: Front | None = first
        while front is not None and _is_edition(front, first, finder.apart):
            part = self._pick(at, column, bound, finder)
            if part.path is not None and _is_edition(front, first, finder.merged_captures):
                key_path, *_ = self._find_key_path(at, part, bound, finder)
                values = self._root(at, key_path)
                is_there = present_part(values, key_path) == key_path
                if is_there and is_taken(get_value(values, key_path), column.field.when):
                    return at, part
            at += 1
            front = self._front_at(at)
        return origin.record, self._pick(origin.record, column, bound, finder)

    def _find_key_path(
        self, at: int, column: RawColumn, bound: Mapping[str, str | int], finder: RowFinder
    ) -> tuple[KeyPath, bool, TextPart | None]:
        """Return the key path of a column's value in a record, whether its key is the value, and its part."""
        front = self._front_at(at)
        path = column.path
        assert front is not None
        assert path is not None
        if column.capture is not None:
            ends = [end + 1 for end, part in enumerate(path) if not isinstance(part, str)]
            path = path[: ends[column.capture]]
        values = partial(self._root, at, path)
        key_path, part = find_value_path(path, bound, front.source, finder.rows, values)
        return key_path, column.capture is not None and len(key_path) == len(path), part


def _is_edition(one: Front, other: Front, names: Sequence[str]) -> bool:
    """Return whether two are editions of one record, told apart by the captures `names`."""
    return one.source.shared(names) == other.source.shared(names)


def _is_keyed(finder: RowFinder) -> bool:
    """Return whether the primary key gives the key path of a row's entry, so that editions share it."""
    origins = {finder.resource.field(name).origin for name in finder.resource.primary_key}
    return {Capture(name) for name in captures_of(finder.rows.path)} <= origins


def _locations(front_at: Callable[[int], Front | None], at: int) -> Locations:
    front = front_at(at)
    return locate_all(front) if front is not None else {}


def _values(front_at: Callable[[int], Front | None], at: int) -> Any:
    front = front_at(at)
    return front.values() if front is not None else None


def key_of(table: pa.Table, row: int, resource: Resource) -> str:
    """Return a row's primary key as findings show it."""
    return ", ".join(plain(value_at(table[name], row)) for name in resource.primary_key)


def keys_of(table: pa.Table, resource: Resource) -> pa.ChunkedArray:
    """Return the primary keys of all rows, each as `key_of` does."""
    columns = [table[name] for name in resource.primary_key]
    if all(
        pa.types.is_string(column.type) or pa.types.is_integer(column.type) for column in columns
    ):
        texts = [column.cast(pa.string()) for column in columns]
        return pc.binary_join_element_wise(
            *texts, ", ", null_handling="replace", null_replacement="None"
        )
    values = zip(*map(to_values, columns), strict=True)
    return pa.chunked_array([pa.array([", ".join(map(plain, row)) for row in values], pa.string())])


def origin_of(table: pa.Table, row: int) -> Origin:
    """Return the origin of a row of a table that has the columns of normalize.ORIGIN."""
    return Origin(*(table[name][row].as_py() for name in ("$record", "$source", "$entry")))


def _locate_in_body(front: Front, key_path: KeyPath) -> tuple[int, int]:
    """Return line and column, from 1, of a part of a record's body."""
    from release.records.shapes.body import locate_in_body  # loads a parser

    line, column = locate_in_body(front.body or "", key_path)
    return front.body_line + line + 1, column + 1


def _in_file(source: Source, line: int, column: int) -> dict[str, Any]:
    return {"path": source.path, "file": source.file, "line": line, "column": column}
