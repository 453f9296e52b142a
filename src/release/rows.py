"""One record -> the rows that one source of rows finds in it, and where each of them stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from release.descriptor import Descriptor, Field, Resource, Rows
from release.lexical import as_text
from release.paths import Capture, Path, Place, captures_of
from release.records import Record
from release.sources import Source

#: An entry: what the captures of `rows` are bound to in it, and what stands there.
Entry = tuple[tuple[str | int, ...], Any]


@dataclass(frozen=True, slots=True)
class Unfound:
    """A text that does not stand where it was looked for."""

    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field's values come from in one source of rows.

    `per` tells what there is one value for: "record" (and `record_value` gives it) or "row" (and
    `row_value` gives it from the record, the captures and the entry). `path` is the place in the record
    with its captures open, None where there is none; `capture` is the place in `rows` of the key itself.
    `counts` tells whether a value here makes the entry a row.
    """

    field: Field
    per: str
    record_value: Callable[[Record], Any]
    row_value: Callable[[Record, tuple[str | int, ...], Any], Any]
    path: Path | None
    capture: int | None
    counts: bool


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds the rows of one source of rows of one table in a record.

    `by_record` are the columns with one value for the whole record, `by_row` those with one for each row.
    `plain` are those of `by_row` that are the entries themselves or their keys, where rows are the entries
    of one list or mapping.
    """

    resource: Resource
    rows: Rows
    columns: tuple[Column, ...]
    by_record: tuple[Column, ...]
    by_row: tuple[Column, ...]
    plain: tuple[Column, ...]

    def collect(self, record: Record, into: Sequence[list[Any]]) -> int:
        """Put the values of `by_row` behind those in `into`; the number of rows found."""
        columns = self.by_row
        if len(self.plain) == len(columns) > 0:
            entries = self._plain_entries(record)
            if entries is not None:
                keys, values = entries
                for column, target in zip(columns, into, strict=True):
                    target.extend(values if column.capture is None else keys)
                return len(values)
        count = 0
        for _, found in self.find(record):
            count += 1
            for target, value in zip(into, found, strict=True):
                target.append(value)
        return count

    def _plain_entries(self, record: Record) -> tuple[Iterable[str | int], Sequence[Any]] | None:
        """All keys and values at once of a list or mapping without missing values."""
        value: Any = record.values
        for key in self.rows.path[:-1]:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, list):
            keys: Iterable[str | int] = range(len(value))
        elif isinstance(value, dict):
            keys, value = value.keys(), list(value.values())
        else:
            return (), ()
        return None if None in value or "" in value else (keys, value)

    def find(self, record: Record) -> Iterator[tuple[tuple[str | int, ...], list[Any]]]:
        """The captures and the values of `by_row`, for each entry that holds more than nothing."""
        columns = self.by_row
        always = not self.rows.path
        for captures, entry in entries(record.values, self.rows.path):
            values = [column.row_value(record, captures, entry) for column in columns]
            if always or any(
                column.counts and value is not None and value != ""
                for column, value in zip(columns, values, strict=True)
            ):
                yield captures, values


def entries(value: Any, path: Path) -> Iterator[Entry]:
    """What stands at a path, with its captures bound to each key and position in turn."""
    for at, segment in enumerate(path):
        if isinstance(segment, Capture):
            rest = path[at + 1 :]
            items: Sequence[tuple[str | int, Any]]
            if isinstance(value, dict):
                items = list(value.items())
            elif isinstance(value, list):
                items = list(enumerate(value))
            else:
                return
            for key, item in items:
                if rest:
                    for captures, entry in entries(item, rest):
                        yield (key, *captures), entry
                else:
                    yield (key,), item
            return
        if not isinstance(value, dict) or segment not in value:
            return
        value = value[segment]
    yield (), value


def finder(resource: Resource, rows: Rows) -> Finder:
    """How the rows of one source of a table are found."""
    columns = tuple(_column(field, rows) for field in resource.fields)
    by_row = tuple(column for column in columns if column.per == "row")
    flat = (
        bool(rows.path) and isinstance(rows.path[-1], Capture) and len(captures_of(rows.path)) == 1
    )
    plain = tuple(
        column
        for column in by_row
        if flat and (column.capture is not None or column.field.origin == "$value")
    )
    by_record = tuple(column for column in columns if column.per == "record")
    return Finder(resource, rows, columns, by_record, by_row, plain)


def finders(descriptor: Descriptor) -> dict[str, tuple[Finder, ...]]:
    """How the rows of every table are found, one finder for each source of its rows."""
    return {
        resource.name: tuple(finder(resource, rows) for rows in resource.rows)
        for resource in descriptor.resources
        if resource.rows
    }


def _column(field: Field, rows: Rows) -> Column:
    origin = field.origin
    if field.locate is not None:
        return _located(field, field.locate, rows)
    if isinstance(origin, Capture):
        return _captured(field, origin.name, rows)
    if origin == "$value":
        return _from_entry(field, (), rows)
    if isinstance(origin, str):
        return Column(field, "record", _SPECIALS[origin], _none, None, None, False)
    assert origin is not None
    if not captures_of(origin):
        get = _getter(origin)
        return Column(field, "record", lambda r: get(r.values), _none, origin, None, False)
    if not set(captures_of(origin)) & set(captures_of(rows.path)):
        get_captured = _bound_getter(origin, Rows(rows.kind, (), rows.constants))
        captured = lambda record: get_captured(record, ())  # noqa: E731
        return Column(field, "record", captured, _none, origin, None, False)
    if origin[: len(rows.path)] == rows.path:
        return _from_entry(field, origin[len(rows.path) :], rows)
    get_bound = _bound_getter(origin, rows)
    return Column(field, "row", _none, lambda r, c, _: get_bound(r, c), origin, None, counts=True)


_SPECIALS: Mapping[str, Callable[[Record], Any]] = {
    "$body": lambda record: record.body,
    "$path": lambda record: record.source.path,
    "$sha256": lambda record: record.sha256,
    "$bytes": lambda record: record.bytes,
    "$format": lambda record: record.front.format,
}


def _none(*_: Any) -> None:
    return None


def _from_entry(field: Field, below: Path, rows: Rows) -> Column:
    path = (*rows.path, *below)
    if not below:
        return Column(field, "row", _none, lambda _r, _c, entry: entry, path, None, True)
    if len(below) == 1:
        key = below[0]

        def get_key(_: Record, __: tuple[str | int, ...], entry: Any) -> Any:
            return entry.get(key) if isinstance(entry, dict) else None

        return Column(field, "row", _none, get_key, path, None, True)
    get = _getter(below)
    return Column(field, "row", _none, lambda _r, _c, entry: get(entry), path, None, True)


def _captured(field: Field, name: str, rows: Rows) -> Column:
    names = captures_of(rows.path)
    if name in rows.constants:
        constant = rows.constants[name]
        return Column(field, "record", lambda _: constant, _none, rows.path, None, False)
    if name in names:
        at = names.index(name)
        return Column(field, "row", _none, lambda _r, c, _e: c[at], rows.path, at, False)
    return Column(field, "record", lambda r: r.source.captures[name], _none, None, None, False)


def _located(field: Field, locate: Path, rows: Rows) -> Column:
    get = _bound_getter(locate, rows)

    def offset(record: Record, captures: tuple[str | int, ...], _: Any) -> Any:
        """The offset in code points; what was looked for where it is not in the body."""
        text = as_text(get(record, captures))
        if not text:
            return None
        at = record.body.find(text)
        return at if at >= 0 else Unfound(text)

    return Column(field, "row", _none, offset, locate, None, False)


def _getter(path: Path) -> Callable[[Any], Any]:
    def get(value: Any) -> Any:
        for segment in path:
            if not isinstance(value, dict):
                return None
            value = value.get(segment)
        return value

    return get


def _bound_getter(path: Path, rows: Rows) -> Callable[[Record, tuple[str | int, ...]], Any]:
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


def fill(path: Path, captures: Mapping[str, str | int], source: Source, rows: Rows) -> Place:
    """A path with its captures filled in: those of the entry, the constants, those of the file."""
    bound: Mapping[str, str | int] = {**source.captures, **rows.constants, **captures}
    return tuple(
        bound[segment.name] if isinstance(segment, Capture) else segment for segment in path
    )
