"""Lay out the tables of a kind: scalars become fields; lists and mappings with open keys, tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from release.infer.model import FieldDraft, KindDraft, Omission, TableDraft
from release.infer.names import field_name, make_unique, plain_name, singular, table_name
from release.infer.tables.fields import WHEN, Column, Writing, append_field, name_in
from release.infer.tables.mixtures import (
    find_separator,
    is_geometry,
    is_point,
    join_one_and_many,
    may_be_one,
)
from release.infer.tables.openness import OpenKeys, are_years, find_open_keys, name_key
from release.infer.tables.shapes import Scalars, Shape, merged
from release.syntax.paths import Capture, Path, captures_of, show_path


@dataclass(slots=True)
class Layout:
    """The tables that a kind's records make, the first with a row for each record; and what fits in none."""

    kind: KindDraft
    tables: list[TableDraft] = field(default_factory=list)
    messy: list[Omission] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    """A mapping in the records: its path, the table of its scalars, and the keys above it in there."""

    path: Path
    table: TableDraft
    above: tuple[str, ...]


class Designer:
    """A designer of the tables of one kind; `taken` are names that tables have already.

    `has_quotes` tells whether numbers at a path stand in quotes.
    """

    def __init__(
        self,
        kind: KindDraft,
        key: Sequence[FieldDraft],
        taken: set[str],
        has_quotes: Callable[[Path], bool] = lambda _: True,
    ) -> None:
        self.layout = Layout(kind)
        self._kind = kind
        self._key = key
        self._taken = taken
        self._has_quotes = has_quotes
        self._bound = set(kind.captures)
        self._years: set[str] = set()  # captures of keys that are years
        self._singles: list[Path] = []  # lists in place of which one entry may stand

    def design(self, shape: Shape) -> Layout:
        """Design the tables for the shape of all records."""
        root = self._add_table((), (self._kind.name,))
        place = _Place((), root, ())
        if shape.scalars.count:
            self._take_entry(shape, place, (self._kind.name,))
        elif self._key:
            self._take_mapping(shape, place)
        else:  # one record, whose keys may be data, too
            self._take_inner(shape, place, (self._kind.name,))
        return self.layout

    def _add_table(self, path: Path, names: Sequence[str]) -> TableDraft:
        """Add a table for the values at a path: its key is that of the records and the captures."""
        wanted = self._kind.name if not path else table_name(names[-1:])
        if wanted in self._taken and path:
            wanted = table_name([self._kind.name, *names])
        name = make_unique(wanted, self._taken)
        self._taken.add(name)
        table = TableDraft(name, self._kind.name, path)
        for each in self._key:
            values = None if path else each.values
            table.fields.append(FieldDraft(each.name, each.type, each.origin, values=values))
        table.key = [each.name for each in self._key]
        self.layout.tables.append(table)
        return table

    def _take_mapping(self, shape: Shape, place: _Place, skip: Iterable[str] = ()) -> None:
        """Place all that is below a mapping: in fields of its table, or in tables of their own."""
        is_wrapper = sum(map(_has_columns, shape.keys.values())) == 1
        for key, each in shape.keys.items():
            path = (*place.path, key)
            if key in skip or not each.total:
                continue
            if not each.holds_something and each.total > each.scalars.missing:
                self._leave_empty(path, each)
            elif is_geometry(key, each):
                name = make_unique(field_name((*place.above, key)), place.table.field_names)
                place.table.fields.append(FieldDraft(name, "geojson", path))
            elif each.forms <= {"scalar"}:
                self._add_field(place, path, each, (*place.above, key), shape.mappings)
            elif is_point(key, each):
                self._take_point(each, _Place(path, place.table, (*place.above, key)))
            elif each.forms == {"list"} or may_be_one(each):
                self._take_list(each, path, (*place.above, key))
            elif each.forms == {"mapping"}:
                is_wrapped = is_wrapper or (key == "properties" and "geometry" in shape.keys)
                above = () if is_wrapped and not place.above else (*place.above, key)
                inner = _Place(path, place.table, above)
                self._take_inner(each, inner, (*place.above, key), shape.mappings)
            else:
                above = (*place.above, key)
                self._take_mixture(each, _Place(path, place.table, above), field_name(above), above)

    def _take_point(self, shape: Shape, place: _Place) -> None:
        """Make a field of each position of lists that have the same length."""
        for at in range(shape.longest):
            item = shape.item or Shape()
            self._append_field(
                place.table, f"{field_name(place.above)}_{at}", (*place.path, str(at)), item, 0
            )

    def _take_inner(
        self, shape: Shape, place: _Place, names: tuple[str, ...], among: int = 0
    ) -> None:
        """Place a mapping in a mapping, of which there are so many."""
        is_below_key = bool(place.path) and isinstance(place.path[-1], Capture)
        opened = find_open_keys(shape, among, "" if is_below_key else names[-1])
        if opened is None:
            self._take_mapping(shape, place)
            return
        self._take_open(opened, place.path, names)
        self._take_mapping(shape, place, skip=opened.shapes)

    def _take_open(self, opened: OpenKeys, path: Path, names: tuple[str, ...]) -> None:
        """Make a table of a mapping with open keys: one row for each key."""
        is_below_key = bool(path) and isinstance(path[-1], Capture)
        capture = self._bind(name_key("" if is_below_key else names[-1], opened.shapes), path)
        if are_years(opened.shapes):
            self._years.add(capture)
        below = (*path, Capture(capture))
        if opened.shape.forms == {"list"} and opened.shape.lists:
            self._take_list(opened.shape, below, names)
            return
        is_mapping = opened.shape.forms == {"mapping"}
        inner = find_open_keys(opened.shape) if is_mapping else None
        if inner is not None and set(inner.shapes) == set(opened.shape.keys):
            self._take_open(inner, below, names)
            return
        table = self._add_table(below, names)
        table.note = opened.reason
        self._add_captures(table)
        entry = _Place(below, table, ())
        if is_mapping:  # its keys may be data, too
            self._take_inner(opened.shape, entry, names)
        else:
            self._take_entry(opened.shape, entry, names)

    def _take_list(self, shape: Shape, path: Path, names: tuple[str, ...]) -> None:
        """Make a table of a list: one row for each entry."""
        if shape.item is None:
            return
        below = (*path, Capture(self._bind("position", path)))
        is_one_or_many = may_be_one(shape)
        separator = find_separator(shape) if is_one_or_many else ""
        item = join_one_and_many(shape, separator) if is_one_or_many else shape.item
        if not item.holds_something:
            self._leave_empty(below, shape.item)
            return
        if shape.item.forms == {"list"}:
            self._take_list(shape.item, below, names)
            return
        table = self._add_table(below, names)
        self._add_captures(table)
        table.one_or_many, table.split = is_one_or_many, separator
        if is_one_or_many:
            self._singles.append(below)
        self._take_entry(item, _Place(below, table, ()), names)

    def _take_entry(self, shape: Shape, place: _Place, names: tuple[str, ...]) -> None:
        """Place what an entry of a list, or the value of an open key, holds."""
        if shape.forms <= {"scalar"}:
            many = field_name(names[-1:])
            name = singular(many)
            if name == many or {name, plain_name(name)} & {*place.table.field_names}:
                name = "value"
            self._append_field(place.table, name, "$value", shape, 0)
        elif shape.forms == {"mapping"}:
            self._take_mapping(shape, place)
        elif shape.forms == {"list"}:
            self._take_list(shape, place.path, names)
        else:
            self._take_mixture(shape, place, "value", names)

    def _take_mixture(self, shape: Shape, place: _Place, name: str, names: tuple[str, ...]) -> None:
        """Place values that have several forms: scalars in a field, what lists and mappings hold as ever.

        A path through both lists and mappings cannot tell positions from keys: they share a table.
        """
        if shape.scalars.count:
            self._append_field(place.table, name, place.path, shape, 0)
            last = place.table.fields[-1]
            if last.properties:
                last.type, last.properties = "string", {}
            last.when = last.when or WHEN.get(last.type, "text")
        if shape.lists and shape.mappings:
            shapes = dict(shape.keys)
            inner = merged(shapes)
            if shape.item is not None:
                inner.merge(shape.item)
            if inner.holds_something:
                self._take_open(
                    OpenKeys(shapes, inner, "lists here, mappings there"), place.path, names
                )
        elif shape.lists:
            self._take_list(replace(shape, scalars=Scalars()), place.path, names)
        elif shape.mappings:
            self._take_inner(shape, _Place(place.path, place.table, place.above), names)

    def _leave_empty(self, path: Path, shape: Shape) -> None:
        """Leave out what holds nothing in any record."""
        where = "every record that has it" if shape.total > 1 else "the only record that has it"
        self.layout.messy.append(Omission(show_path(path), f"is empty in {where}"))
        for single in self._singles:
            if path[: len(single)] == single != path:
                path = (*single[:-1], *path[len(single) :])
                self.layout.messy.append(Omission(show_path(path), f"is empty in {where}"))

    def _add_field(
        self, place: _Place, path: Path, shape: Shape, names: tuple[str, ...], rows: int
    ) -> None:
        if any(each.origin == path for each in place.table.fields):
            return  # the key has it
        name = name_in(place.table, field_name(names))
        self._append_field(place.table, name, path, shape, rows)

    def _append_field(
        self, table: TableDraft, name: str, origin: Path | str, shape: Shape, rows: int
    ) -> None:
        """Add the field of scalars."""
        writing = Writing(self._kind.is_text, self._has_quotes)
        append_field(table, name, origin, Column(shape.scalars, rows), writing)

    def _add_captures(self, table: TableDraft) -> None:
        """Add the captures of a table's rows to its fields and its key."""
        for capture in captures_of(table.path):
            kind = "integer" if capture.startswith("position") else "string"
            kind = "year" if capture in self._years else kind
            name = make_unique(plain_name(capture), table.field_names)
            table.fields.append(FieldDraft(name, kind, Capture(capture)))
            table.key.append(name)

    def _bind(self, name: str, path: Path) -> str:
        """Return a name for a capture that neither the path of the records nor this path binds."""
        return make_unique(name, {*self._bound, *captures_of(path)})


def _has_columns(shape: Shape) -> bool:
    """Return True if a value becomes columns of the table around it."""
    if shape.forms == {"mapping"}:
        return find_open_keys(shape) is None and any(map(_has_columns, shape.keys.values()))
    return "list" not in shape.forms
