"""What stands in a record where only some rows of a table take it, and none of those is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from release.records.coverage import Node, is_certain, is_taken, leaves, value_at
from release.records.reader import Record
from release.records.rows import Finder, fill
from release.syntax.paths import Capture, KeyPath, Path, captures_of


@dataclass(frozen=True, slots=True)
class Leftover:
    """A value by the position of its record; `tables` are those whose rows would take it."""

    at: int
    place: KeyPath
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taker:
    """Paths from which the rows of a finder take values, though what stands there alone makes none.

    Those that are not `read` are located only, and take no more than a text.
    """

    find: Finder
    paths: tuple[Path, ...]
    read: frozenset[Path]


def takers(finders: Mapping[str, Sequence[Finder]], kind: str, root: Node) -> list[Taker]:
    """What alone takes values from records of a kind, and that only where it makes a row for another reason.

    `root` says what else is taken: what always is needs no look at records.
    """
    found = [
        Taker(find, _paths(find, root), _read(find))
        for of_table in finders.values()
        for find in of_table
        if find.rows.kind == kind and find.rows.path
    ]
    return [taker for taker in found if taker.paths]


def leftovers(records: Sequence[Record], root: Node, takers: Sequence[Taker]) -> Iterator[Leftover]:
    """The values at the paths of `takers` that no row takes; `root` says what else is taken."""
    found = [each for taker in takers for each in _taken(records, taker)]
    taken = {(at, place) for at, place, _ in found}
    whole = {(at, place) for at, place, is_read in found if is_read}
    left: dict[tuple[int, KeyPath], dict[str, None]] = {}
    for taker in takers:
        for at, record in enumerate(records):
            for place in _places(record, taker):
                if value_at(record.values, place) in (None, "", [], {}):
                    continue
                ends = range(1, len(place))
                if (at, place) in taken or any((at, place[:end]) in whole for end in ends):
                    continue
                known = [node for node in root.at(place, record.source.captures) if node.uses]
                # what no path covers is told as that
                if known and not any(node.is_certain or node.ignored for node in known):
                    left.setdefault((at, place), {})[taker.find.resource.name] = None
    for (at, place), tables in left.items():
        yield Leftover(at, place, tuple(tables))


def _paths(find: Finder, root: Node) -> tuple[Path, ...]:
    """The paths of a finder's fields that make no row, and of which `root` knows no other that takes them."""
    fields, rows = find.resource.fields, find.rows
    paths: list[Path] = [field.locate for field in fields if field.locate is not None]
    paths += [
        field.origin
        for field in fields
        if isinstance(field.origin, tuple) and not is_taken(field.origin, rows)
    ]
    return tuple(path for path in dict.fromkeys(paths) if not is_certain(root, rows, path))


def _read(find: Finder) -> frozenset[Path]:
    """The paths of a finder's fields that take, or tell of, whatever stands there."""
    origins = (field.origin for field in find.resource.fields)
    return frozenset(origin for origin in origins if isinstance(origin, tuple))


def _taken(records: Sequence[Record], taker: Taker) -> Iterator[tuple[int, KeyPath, bool]]:
    """The places that rows take values from: the position of the record, the place, whether it is read."""
    found, _ = taker.find.find(records)
    rows = taker.find.rows
    names = captures_of(rows.path)
    for entry, at in enumerate(found.records.tolist()):
        captures = dict(zip(names, found.bound(entry), strict=True))
        for path in taker.paths:
            yield at, fill(path, captures, records[at].source, rows), path in taker.read


def _places(record: Record, taker: Taker) -> Iterator[KeyPath]:
    """The places of all that stands at a taker's paths in a record."""
    bound = {**record.source.captures, **taker.find.rows.constants}
    for path in taker.paths:
        filled = (
            bound.get(part.name, part) if isinstance(part, Capture) else part for part in path
        )
        yield from _standing(record.values, tuple(filled))


def _standing(value: Any, path: Path, place: KeyPath = ()) -> Iterator[KeyPath]:
    """The places of what stands at a path with captures; of what it holds, if that is a mapping or list."""
    if not path:
        yield from leaves(value, place)
        return
    segment, rest = path[0], path[1:]
    below: Mapping[Any, Any] = {}
    if isinstance(segment, Capture):
        below = dict(enumerate(value)) if isinstance(value, list) else value
    elif isinstance(value, dict) and segment in value:
        below = {segment: value[segment]}
    if isinstance(below, dict):
        for key, item in below.items():
            yield from _standing(item, rest, (*place, key))
