"""Records -> rows: find the rows of a table in records, and the values of each field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import takewhile
from typing import Any

from release.descriptor.model import Descriptor, RecordKind, Resource, RowOrigin
from release.records.entries import Entries, find_entries
from release.records.reader import Record
from release.records.shapes.columns import RawColumn, build_column, find_counting
from release.records.shapes.lists import get_item
from release.records.shapes.roots import roots_of
from release.records.shapes.tree import Others, find_others, is_within_rows
from release.syntax.paths import Capture, captures_of_origin


@dataclass(frozen=True, slots=True)
class RowFinder:
    """A finder of the rows that one item of a table's `rows` describes.

    Attributes:
        resource: The table.
        rows: The item.
        apart: The captures that tell the editions of a record apart.
        merged_captures: Those that are not part of the primary key, so that rows are merged over them.
        columns: One column for each field of the table, in order.
        by_row: The columns with a value for each row.
        others: What a `{rest}` in the path of the item leaves out, by its position there.
        of_children: Where in an entry the rows of the table's children stand.
    """

    resource: Resource
    rows: RowOrigin
    apart: tuple[str, ...]
    merged_captures: tuple[str, ...]
    columns: tuple[RawColumn, ...]
    by_row: tuple[RawColumn, ...]
    others: Mapping[int, Others]
    of_children: tuple[tuple[str, ...], ...]

    def find(self, records: Sequence[Record]) -> tuple[Entries, dict[str, Sequence[Any]]]:
        """Find the entries that become rows, and the values of `by_row`, by field.

        An entry becomes a row if at least one field has a value from that entry, or a child makes rows
        of something there. Values outside the entries never create a row by themselves. Without a path in
        `rows`, every record is a row.
        """
        values = roots_of(records, self.rows.path)
        is_left = partial(self._is_left, records) if self.others else None
        found = find_entries(values, self.rows.path, self.rows.openings, is_left)
        columns = [column.of_rows(records, found) for column in self.by_row]
        names = [column.field.name for column in self.by_row]
        if self.rows.path:
            positions = self._find_filled(records, found, columns)
            if len(positions) < len(found):
                found = found.select(positions)
                columns = [[values[at] for at in positions] for values in columns]
        return found, dict(zip(names, columns, strict=True))

    def _find_filled(
        self, records: Sequence[Record], found: Entries, columns: Sequence[Sequence[Any]]
    ) -> Sequence[int]:
        """Find the positions of the entries that become rows; `columns` have the values of `by_row`."""
        counting = [
            counted
            for column, values in zip(self.by_row, columns, strict=True)
            for counted in find_counting(column, records, found, values)
        ]
        if not counting:
            # the table holds keys: one is there whatever it has, but a name that leads to nothing is not
            is_of_keys = isinstance(self.rows.path[-1], Capture)
            return range(len(found)) if is_of_keys else _find_nonempty([found.values], len(found))
        for path in self.of_children:
            values = [reduce(get_item, path, value) for value in found.values]
            counting.append([None if value in ([], {}) else value for value in values])
        return _find_nonempty(counting, len(found))

    def all_columns(self) -> Iterator[RawColumn]:
        """Yield the columns and their parts."""
        columns = [*self.columns]
        for column in columns:
            columns.extend(column.parts)
            yield column

    def _is_left(self, records: Sequence[Record], at: int, record: int, key: str | int) -> bool:
        """Return whether a key of a record is left to the `{rest}` at a position of the path."""
        return self.others[at].leave(key, records[record].source.captures)


def _find_nonempty(columns: Sequence[Sequence[Any]], count: int) -> Sequence[int]:
    """Return the positions at which at least one column has a value, of `count` in all."""
    empty: Sequence[int] = range(count)
    for values in columns:
        empty = [at for at in empty if values[at] is None or values[at] == ""]
        if not empty:  # mostly after the first
            return range(count)
    return sorted({*range(count)}.difference(empty))


def build_finders(descriptor: Descriptor) -> dict[str, tuple[RowFinder, ...]]:
    """Build a finder for each item of `rows`, by the name of the table."""
    return {
        resource.name: tuple(_build_finder(resource, rows, descriptor) for rows in resource.rows)
        for resource in descriptor.resources
        if resource.rows
    }


def _build_finder(resource: Resource, rows: RowOrigin, descriptor: Descriptor) -> RowFinder:
    apart = tuple(descriptor.kind(rows.kind).prefer)
    columns = tuple(build_column(field, rows) for field in resource.fields)
    by_row = tuple(column for column in columns if column.per == "row")
    merged = merged_captures(resource, descriptor)
    others = find_others(descriptor, rows)
    of_children = tuple(dict.fromkeys(_find_children(resource, rows, descriptor)))
    return RowFinder(resource, rows, apart, merged, columns, by_row, others, of_children)


def _find_children(
    resource: Resource, rows: RowOrigin, descriptor: Descriptor
) -> Iterator[tuple[str, ...]]:
    """Find where in the entries of `rows` those of the table's children stand: the keys up to a capture."""
    for child in descriptor.resources:
        for below in child.rows if child.parent == resource.name else ():
            if below.kind == rows.kind and is_within_rows(below.path, rows):
                rest = below.path[len(rows.path) :]
                yield tuple(takewhile(lambda part: isinstance(part, str), rest))  # type: ignore[arg-type]


def merged_captures(resource: Resource, descriptor: Descriptor) -> tuple[str, ...]:
    """Return the captures that tell editions apart and are not part of the table's primary key.

    Where there is one, the rows of several records with the same key are merged into one.
    """
    keys = [resource.field(name) for name in resource.primary_key]
    in_key = {name for field in keys for name in captures_of_origin(field.origin)}
    in_key |= {field.name for field in keys}
    kinds: list[RecordKind] = [descriptor.kind(rows.kind) for rows in resource.rows]
    names = dict.fromkeys(name for kind in kinds for name in kind.prefer)
    return tuple(name for name in names if name not in in_key)
