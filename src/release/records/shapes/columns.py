"""Columns: how the values of a field are read from records, entry by entry or once for each record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from release.descriptor.model import Field, RowOrigin
from release.records.entries import Entries, fill_captures
from release.records.reader import Record
from release.records.shapes.classes import is_of
from release.records.shapes.lists import get_item, open_value
from release.records.shapes.parts import combine, drop_missing
from release.records.shapes.roots import root_of, roots_of
from release.records.shapes.tree import is_within_rows
from release.syntax.paths import (
    BelowEntry,
    Capture,
    Choice,
    FieldOrigin,
    Path,
    Template,
    captures_of,
)
from release.syntax.types.values import as_text


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
        origin: Where the values come from: that of the field, or one of several of which it is made.
        parts: The columns of a choice, of which the first value is used, or of a template; else none.
    """

    field: Field
    per: str
    of_records: Callable[[Sequence[Record]], list[Any]]
    of_rows: Callable[[Sequence[Record], Entries], Sequence[Any]]
    path: Path | None
    capture: int | None
    counts: bool
    origin: FieldOrigin = None
    parts: tuple[RawColumn, ...] = ()


def build_column(field: Field, rows: RowOrigin) -> RawColumn:
    """Build the column of a field from its `from` or `locate`, for one item of `rows`."""
    if field.locate is not None:
        return _build_offset_column(field, field.locate, rows)
    column = _build_origin_column(field, field.origin, rows)
    return column if field.when is None else _divide(column, field.when)


def _build_origin_column(field: Field, origin: FieldOrigin, rows: RowOrigin) -> RawColumn:
    """Build the column of an origin."""
    if isinstance(origin, Choice | Template):
        column = _build_joined_column(field, origin, rows)
    elif isinstance(origin, Capture):
        column = _build_capture_column(field, origin.name, rows)
    elif isinstance(origin, BelowEntry):
        column = _build_path_column(field, (*rows.path, *origin.path), rows)
    elif origin == "$value":
        column = _build_entry_column(field, (), rows)
    elif isinstance(origin, str):
        special = _SPECIALS[origin]
        column = _build_record_column(
            field, lambda records: [special(record) for record in records], None
        )
    else:
        assert origin is not None
        column = _build_path_column(field, origin, rows)
    return replace(column, origin=origin)


def _build_joined_column(field: Field, origin: Choice | Template, rows: RowOrigin) -> RawColumn:
    """Build the column of a choice or of a template from those of its parts."""
    parts = tuple(_build_origin_column(field, part, rows) for part in origin.parts)
    per = "row" if any(part.per == "row" for part in parts) else "record"
    join = partial(combine, origin, field.values.notation.missing)

    def of_records(records: Sequence[Record]) -> list[Any]:
        return [
            join(values) for values in zip(*(p.of_records(records) for p in parts), strict=True)
        ]

    def of_rows(records: Sequence[Record], found: Entries) -> list[Any]:
        columns = [_spread(part, records, found) for part in parts]
        return [join(values) for values in zip(*columns, strict=True)]

    counts = any(part.counts for part in parts)
    return RawColumn(field, per, of_records, of_rows, None, None, counts, parts=parts)


def find_counting(
    column: RawColumn, records: Sequence[Record], found: Entries, values: Sequence[Any]
) -> Iterator[Sequence[Any]]:
    """Yield the values that make an entry a row: those of a column, or of those of its parts that count."""
    if not column.parts and column.counts:
        missing = column.field.values.notation.missing
        yield [drop_missing(value, missing) for value in values] if missing else values
    for part in column.parts:
        if part.counts:
            own = values if part.parts else part.of_rows(records, found)
            yield from find_counting(part, records, found, own)


def _spread(column: RawColumn, records: Sequence[Record], found: Entries) -> Sequence[Any]:
    """Return the values of a column for each entry, also if all entries of a record share them."""
    if column.per == "row":
        return column.of_rows(records, found)
    values = column.of_records(records)
    return [values[record] for record in found.records]


def _divide(column: RawColumn, when: frozenset[str]) -> RawColumn:
    """Return a column without the values that other fields take from the same path, by `when`."""

    def keep(values: Sequence[Any]) -> list[Any]:
        return [value if is_taken(value, when) else None for value in values]

    return replace(
        column,
        of_records=lambda records: keep(column.of_records(records)),
        of_rows=lambda records, found: keep(column.of_rows(records, found)),
    )


def is_taken(value: Any, when: frozenset[str] | None) -> bool:
    """Return whether a field with these classes of values takes a value; a missing one is taken by none."""
    return value is not None and value != "" and (when is None or is_of(value, when))


def _build_path_column(field: Field, path: Path, rows: RowOrigin) -> RawColumn:
    """Build the column of a field with a path in `from`."""
    if rows.path and is_within_rows(path, rows):
        below = path[len(rows.path) :]
        if not captures_of(below):
            return _build_entry_column(field, below, rows)
        return _build_row_column(field, _make_getter(path, rows), path, counts=True)
    if not captures_of(path):
        return _build_record_column(
            field, lambda records: _get(roots_of(records, path), path), path
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
        value: Any = root_of(record, path)
        bound = dict(zip(names, captures, strict=True))
        for at, segment in enumerate(fill_captures(path, bound, record.source, rows)):
            if at in openings and (items := open_value(value, openings[at])) is not None:
                value = items
            value = get_item(value, segment)
            if value is None:
                return None
        return value

    return get
