"""Orphan values: values that only some rows would use, in records where no such row exists.

A table with a path in `rows` may also take values from outside its entries, for example the record's title.
If the record has no entry, there is no row to hold such a value. It would be lost, so it is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from release.descriptor.model import Opening
from release.records.coverage import find_leaves, get_value
from release.records.entries import find_value_path
from release.records.reader import Record
from release.records.rows import RowFinder
from release.records.shapes.lists import get_item, open_value, position_of
from release.records.shapes.tree import Node, is_always_used, is_within_rows
from release.syntax.paths import Capture, KeyPath, Path, captures_of


@dataclass(frozen=True, slots=True)
class OrphanValue:
    """A value that no row uses: the position of its record, its key path, the tables that would use it."""

    at: int
    key_path: KeyPath
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConditionalUse:
    """The paths outside the entries that the rows of a finder read; a value there creates no row.

    `read` are the paths that a field reads itself. Only `locate` names the other paths, and it uses only
    text.
    """

    finder: RowFinder
    paths: tuple[Path, ...]
    read: frozenset[Path]


def find_conditional_uses(
    finders: Mapping[str, Sequence[RowFinder]], kind: str, root: Node
) -> list[ConditionalUse]:
    """Find the paths in records of a kind that may hold orphan values.

    Paths that are always used, by `root`, the tree of the kind, need no search and are left out.
    """
    found = [
        ConditionalUse(finder, _find_paths(finder, root), _find_read_paths(finder))
        for of_table in finders.values()
        for finder in of_table
        if finder.rows.kind == kind and finder.rows.path
    ]
    return [use for use in found if use.paths]


def find_orphans(
    records: Sequence[Record], root: Node, uses: Sequence[ConditionalUse]
) -> Iterator[OrphanValue]:
    """Find the values at the paths of `uses` that neither a row nor any other path of `root` uses."""
    found = [each for use in uses for each in _find_used(records, use)]
    used = {(at, key_path) for at, key_path, _ in found}
    read = {(at, key_path) for at, key_path, is_read in found if is_read}
    orphans: dict[tuple[int, KeyPath], dict[str, None]] = {}
    for use in uses:
        for at, record in enumerate(records):
            for key_path in _find_present(record, use):
                if get_value(record.values, key_path) in (None, "", [], {}):
                    continue
                ends = range(1, len(key_path))
                if (at, key_path) in used or any((at, key_path[:end]) in read for end in ends):
                    continue
                matching = root.match(record.values, key_path, record.source.captures)
                known = [node for node, uses in matching if uses]
                # a value that no path covers has a finding of its own
                if known and not any(node.is_always_used or node.ignored for node in known):
                    orphans.setdefault((at, key_path), {})[use.finder.resource.name] = None
    for (at, key_path), tables in orphans.items():
        yield OrphanValue(at, key_path, tuple(tables))


def _find_paths(finder: RowFinder, root: Node) -> tuple[Path, ...]:
    """Find the paths of a finder's fields that create no row and are not always used."""
    fields, rows = finder.resource.fields, finder.rows
    paths: list[Path] = [field.locate for field in fields if field.locate is not None]
    paths += [
        field.origin
        for field in fields
        if isinstance(field.origin, tuple) and not is_within_rows(field.origin, rows)
    ]
    return tuple(path for path in dict.fromkeys(paths) if not is_always_used(root, rows, path))


def _find_read_paths(finder: RowFinder) -> frozenset[Path]:
    """Find the paths that a finder's fields read themselves: a mapping or list there has a finding."""
    origins = (field.origin for field in finder.resource.fields)
    return frozenset(origin for origin in origins if isinstance(origin, tuple))


def _find_used(
    records: Sequence[Record], use: ConditionalUse
) -> Iterator[tuple[int, KeyPath, bool]]:
    """Find the values that rows use: the position of the record, the key path, and if a field reads it."""
    found, _ = use.finder.find(records)
    rows = use.finder.rows
    names = captures_of(rows.path)
    for entry, at in enumerate(found.records.tolist()):
        captures = dict(zip(names, found.captures_at(entry), strict=True))
        for path in use.paths:
            record = records[at]
            values = partial(get_value, record.values, ())
            key_path = find_value_path(path, captures, record.source, rows, values)
            yield at, key_path, path in use.read


def _find_present(record: Record, use: ConditionalUse) -> Iterator[KeyPath]:
    """Find the key paths of all leaves that a record has at or below the paths of a use."""
    bound = {**record.source.captures, **use.finder.rows.constants}
    for path in use.paths:
        filled = (
            bound.get(part.name, part) if isinstance(part, Capture) else part for part in path
        )
        openings = use.finder.rows.openings_of(path)
        yield from _expand(record.values, tuple(filled), openings)


def _expand(
    value: Any, path: Path, openings: Mapping[int, Opening], at: int = 0, key_path: KeyPath = ()
) -> Iterator[KeyPath]:
    """Find the key paths of the leaves at or below a path with captures, in a value at `key_path`.

    The value stands for the path up to the position `at`.
    """
    if at == len(path):
        yield from find_leaves(value, key_path)
        return
    segment = path[at]
    items = open_value(value, openings[at]) if at in openings else None
    if items is not None:
        for item in items:
            yield from _expand(item, path, openings, at + 1, key_path)
        return
    below: Mapping[Any, Any] = {}
    if isinstance(segment, Capture):
        below = dict(enumerate(value)) if isinstance(value, list) else value
    elif isinstance(value, dict) and segment in value:
        below = {segment: value[segment]}
    elif isinstance(value, list) and get_item(value, segment) is not None:
        below = {position_of(segment): get_item(value, segment)}
    if isinstance(below, dict):
        for key, item in below.items():
            yield from _expand(item, path, openings, at + 1, (*key_path, key))
