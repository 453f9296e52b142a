"""Records -> rows: find the rows of a table in records, and the values of each field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from release.descriptor.model import Descriptor, Field, RecordKind, Resource, RowOrigin
from release.records.entries import Entries, fill_captures, find_entries
from release.records.reader import Record
from release.records.shapes.classes import class_of
from release.records.shapes.lists import get_item, open_value
from release.records.shapes.tree import is_within_rows
from release.syntax.paths import Capture, Path, captures_of
from release.syntax.values import as_text


@dataclass(frozen=True, slots=True)
class UnlocatedText:
    """A text that a field with `locate` did not find in the body of its record."""

    text: str


@dataclass(frozen=True, slots=True)
class RawColumn:
    """A column before its values have types: how they are read, for one field and one item of `rows`.

    Attributes:
        field: The field.
        per: "record" if all rows of a record share one value, "row" if each row has its own.
        of_records: Reads one value for each record, if `per` is "record".
        of_rows: Reads one value for each entry in the records, if `per` is "row".
        path: The path of the value, with captures; None if the value is not in the front matter.
        capture: If the value is itself a key, the position of its capture in the path of `rows`; else None.
        counts: True if a value here makes its entry a row.
    """

    field: Field
    per: str
    of_records: Callable[[Sequence[Record]], list[Any]]
    of_rows: Callable[[Sequence[Record], Entries], Sequence[Any]]
    path: Path | None
    capture: int | None
    counts: bool


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
    """

    resource: Resource
    rows: RowOrigin
    apart: tuple[str, ...]
    merged_captures: tuple[str, ...]
    columns: tuple[RawColumn, ...]
    by_row: tuple[RawColumn, ...]

    def find(self, records: Sequence[Record]) -> tuple[Entries, dict[str, Sequence[Any]]]:
        """Find the entries that become rows, and the values of `by_row`, by field.

        An entry becomes a row if at least one field has a value from that entry. Values outside the entries
        never create a row by themselves. Without a path in `rows`, every record is a row.
        """
        values = [record.values for record in records]
        found = find_entries(values, self.rows.path, self.rows.openings)
        columns = [column.of_rows(records, found) for column in self.by_row]
        names = [column.field.name for column in self.by_row]
        if self.rows.path:
            counting = [
                values for column, values in zip(self.by_row, columns, strict=True) if column.counts
            ]
            positions = _find_nonempty(counting, len(found))
            if len(positions) < len(found):
                found = found.select(positions)
                columns = [[values[at] for at in positions] for values in columns]
        return found, dict(zip(names, columns, strict=True))


def _find_nonempty(columns: Sequence[Sequence[Any]], count: int) -> Sequence[int]:
    """Return the positions at which at least one column has a value, of `count` in all."""
    if any(None not in values and "" not in values for values in columns):
        return range(count)
    return [
        at
        for at, row in enumerate(zip(*columns, strict=True))
        if any(value is not None and value != "" for value in row)
    ]


def build_finders(descriptor: Descriptor) -> dict[str, tuple[RowFinder, ...]]:
    """Build a finder for each item of `rows`, by the name of the table."""
    return {
        resource.name: tuple(_build_finder(resource, rows, descriptor) for rows in resource.rows)
        for resource in descriptor.resources
        if resource.rows
    }


def _build_finder(resource: Resource, rows: RowOrigin, descriptor: Descriptor) -> RowFinder:
    apart = tuple(descriptor.kind(rows.kind).prefer)
    columns = tuple(_divide(_build_column(field, rows)) for field in resource.fields)
    by_row = tuple(column for column in columns if column.per == "row")
    return RowFinder(resource, rows, apart, merged_captures(resource, descriptor), columns, by_row)


def merged_captures(resource: Resource, descriptor: Descriptor) -> tuple[str, ...]:
    """Return the captures that tell editions apart and are not part of the table's primary key.

    Where there is one, the rows of several records with the same key are merged into one.
    """
    keys = [resource.field(name) for name in resource.primary_key]
    in_key = {field.origin.name for field in keys if isinstance(field.origin, Capture)}
    in_key |= {field.name for field in keys}
    kinds: list[RecordKind] = [descriptor.kind(rows.kind) for rows in resource.rows]
    names = dict.fromkeys(name for kind in kinds for name in kind.prefer)
    return tuple(name for name in names if name not in in_key)


def _build_column(field: Field, rows: RowOrigin) -> RawColumn:
    """Build the column of a field from its `from` or `locate`."""
    origin = field.origin
    if field.locate is not None:
        return _build_offset_column(field, field.locate, rows)
    if isinstance(origin, Capture):
        return _build_capture_column(field, origin.name, rows)
    if origin == "$value":
        return _build_entry_column(field, (), rows)
    if isinstance(origin, str):
        special = _SPECIALS[origin]
        return _build_record_column(
            field, lambda records: [special(record) for record in records], None
        )
    assert origin is not None
    return _build_path_column(field, origin, rows)


def _divide(column: RawColumn) -> RawColumn:
    """Return a column without the values that other fields take from the same path, by `when`."""
    when = column.field.when
    if when is None:
        return column

    def keep(values: Sequence[Any]) -> list[Any]:
        return [value if is_taken(value, when) else None for value in values]

    return replace(
        column,
        of_records=lambda records: keep(column.of_records(records)),
        of_rows=lambda records, found: keep(column.of_rows(records, found)),
    )


def is_taken(value: Any, when: frozenset[str] | None) -> bool:
    """Return whether a field with these classes of values takes a value; a missing one is taken by none."""
    return value is not None and value != "" and (when is None or class_of(value) in when)


def _build_path_column(field: Field, path: Path, rows: RowOrigin) -> RawColumn:
    """Build the column of a field with a path in `from`."""
    if rows.path and is_within_rows(path, rows):
        below = path[len(rows.path) :]
        if not captures_of(below):
            return _build_entry_column(field, below, rows)
        return _build_row_column(field, _make_getter(path, rows), path, counts=True)
    if not captures_of(path):
        return _build_record_column(
            field, lambda records: _get([r.values for r in records], path), path
        )
    if not set(captures_of(path)) & set(captures_of(rows.path)):
        get = _make_getter(path, RowOrigin(rows.kind, (), rows.constants))
        return _build_record_column(
            field, lambda records: [get(record, ()) for record in records], path
        )
    # a value shared by several entries does not show that any one of them is a row
    is_of_one_entry = set(captures_of(rows.path)) <= set(captures_of(path))
    return _build_row_column(field, _make_getter(path, rows), path, counts=is_of_one_entry)


#: The values of a record that are not in its front matter, by their name in `from`.
_SPECIALS: Mapping[str, Callable[[Record], Any]] = {
    "$body": lambda record: record.body,
    "$path": lambda record: record.source.path,
    "$sha256": lambda record: record.sha256,
    "$bytes": lambda record: record.bytes,
    "$format": lambda record: record.front.format,
}


def _no_values(*_: Any) -> list[Any]:
    return []


def _build_record_column(
    field: Field, of_records: Callable[[Sequence[Record]], list[Any]], path: Path | None
) -> RawColumn:
    """Build a column with one value for each record."""
    return RawColumn(field, "record", of_records, _no_values, path, None, counts=False)


def _build_row_column(
    field: Field,
    get: Callable[[Record, tuple[str | int, ...]], Any],
    path: Path,
    *,
    counts: bool,
) -> RawColumn:
    """Build a column whose values are read entry by entry, by the record and the entry's captures."""

    def of_rows(records: Sequence[Record], found: Entries) -> list[Any]:
        return [
            get(records[record], found.captures_at(at)) for at, record in enumerate(found.records)
        ]

    return RawColumn(field, "row", _no_values, of_rows, path, None, counts)


def _build_entry_column(field: Field, below: Path, rows: RowOrigin) -> RawColumn:
    """Build a column whose values are at a path without captures below the entry."""

    def of_rows(_: Sequence[Record], found: Entries) -> Sequence[Any]:
        return _get(found.values, below)

    return RawColumn(field, "row", _no_values, of_rows, (*rows.path, *below), None, counts=True)


def _build_capture_column(field: Field, name: str, rows: RowOrigin) -> RawColumn:
    """Build a column of a capture: a constant of `rows`, a key of the entry, or a part of the file's path."""
    names = captures_of(rows.path)
    if name in rows.constants:
        constant = rows.constants[name]
        return _build_record_column(field, lambda records: [constant] * len(records), rows.path)
    if name in names:
        at = names.index(name)
        return RawColumn(
            field,
            "row",
            _no_values,
            lambda _, found: found.captures[at],
            rows.path,
            at,
            counts=False,
        )
    return _build_record_column(
        field, lambda records: [r.source.captures[name] for r in records], None
    )


def _build_offset_column(field: Field, locate: Path, rows: RowOrigin) -> RawColumn:
    """Build a column of the offset, in code points, at which the text at `locate` begins in the body."""
    get = _make_getter(locate, rows)

    def find_offset(record: Record, captures: tuple[str | int, ...]) -> Any:
        text = as_text(get(record, captures))
        if not text:
            return None
        at = record.body.find(text)
        return at if at >= 0 else UnlocatedText(text)

    return _build_row_column(field, find_offset, locate, counts=False)


def _get(values: Sequence[Any], path: Path) -> list[Any]:
    """Return the value at a path without captures below each value; None where there is none."""
    for key in path:
        try:
            values = [value.get(key) for value in values]
        except AttributeError:  # some are no mappings
            values = [get_item(value, str(key)) for value in values]
    return list(values)


def _make_getter(path: Path, rows: RowOrigin) -> Callable[[Record, tuple[str | int, ...]], Any]:
    """Make a function that reads a path from a record and the captures of an entry; None if it is absent."""
    names = captures_of(rows.path)
    openings = rows.openings_of(path)

    def get(record: Record, captures: tuple[str | int, ...]) -> Any:
        value: Any = record.values
        bound = dict(zip(names, captures, strict=True))
        for at, segment in enumerate(fill_captures(path, bound, record.source, rows)):
            if at in openings and (items := open_value(value, openings[at])) is not None:
                value = items
            value = get_item(value, segment)
            if value is None:
                return None
        return value

    return get
