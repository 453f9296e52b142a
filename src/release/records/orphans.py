"""Orphan values: values that only some rows would use, in records where no such row exists.

A table with a path in `rows` may also take values from outside its entries, for example the record's title.
If the record has no entry, there is no row to hold such a value. It would be lost, so it is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from release.descriptor.model import Opening
from release.records.coverage import find_leaves, get_value
from release.records.reader import Record
from release.records.rows import RowFinder
from release.records.shapes.columns import RawColumn, is_taken
from release.records.shapes.joins import ValueUse, judge
from release.records.shapes.lists import get_item, open_value, position_of
from release.records.shapes.row_values import RowValues
from release.records.shapes.tree import Node, is_always_used, is_within_rows, paths_of
from release.syntax.paths import Capture, Choice, KeyPath, Path, Template, captures_of, is_in_body


@dataclass(frozen=True, slots=True)
class OrphanValue:
    """A value that no row uses: the position of its record, its key path, the tables that would use it.

    `reason` says why rows that are there do not use it; empty if there is no such row.
    """

    at: int
    key_path: KeyPath
    tables: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ConditionalUse:
    """The paths of a finder at which a value is not always used by a row.

    They stand outside the entries, where a value creates no row, or are one of several in a field.

    Attributes:
        finder: The finder.
        paths: The paths.
        read: The paths that fields read themselves, each with the classes of values that they take. Only
            `locate` names the other paths, and it uses only text.
        located: The paths that `locate` names.
        joined: The columns of several parts.
    """

    finder: RowFinder
    paths: tuple[Path, ...]
    read: Mapping[Path, Sequence[frozenset[str] | None]]
    located: frozenset[Path]
    joined: tuple[RawColumn, ...]


def find_conditional_uses(
    finders: Mapping[str, Sequence[RowFinder]], kind: str, root: Node
) -> list[ConditionalUse]:
    """Find the paths in records of a kind that may hold orphan values.

    Paths that are always used, by `root`, the tree of the kind, need no search and are left out.
    """
    found = [
        _find_conditional_use(finder, root)
        for of_table in finders.values()
        for finder in of_table
        if finder.rows.kind == kind
    ]
    return [use for use in found if use.paths]


def find_orphans(
    records: Sequence[Record], root: Node, uses: Sequence[ConditionalUse]
) -> Iterator[OrphanValue]:
    """Find the values at the paths of `uses` that neither a row nor any other path of `root` uses."""
    found = [(at, each) for use in uses for at, each in _judge_values(records, use)]
    used = {(at, each.key_path) for at, each in found if not each.reason}
    read = {(at, each.key_path) for at, each in found if not each.reason and each.is_read}
    reasons = {(at, each.key_path): each.reason for at, each in reversed(found) if each.reason}
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
        begins = (key_path[:end] for end in range(len(key_path), 0, -1))
        reason = next((reasons[at, each] for each in begins if (at, each) in reasons), "")
        yield OrphanValue(at, key_path, tuple(tables), reason)


def _find_conditional_use(finder: RowFinder, root: Node) -> ConditionalUse:
    """Find the paths of a finder's fields at which a value may be used by no row."""
    rows = finder.rows
    read: dict[Path, list[frozenset[str] | None]] = {}
    located = dict.fromkeys(
        field.locate
        for field in finder.resource.fields
        if field.locate is not None and not is_in_body(field.locate)
    )
    paths = list(located) if rows.path else []
    joined = tuple(column for column in finder.columns if column.parts)
    for field in finder.resource.fields:
        is_joined = isinstance(field.origin, Choice | Template)
        for path in paths_of(field.origin, rows):
            if not is_joined:
                read.setdefault(path, []).append(field.when)
            if is_joined or not is_within_rows(path, rows):
                paths.append(path)
    paths = [path for path in dict.fromkeys(paths) if not is_always_used(root, rows, path)]
    return ConditionalUse(finder, tuple(paths), read, frozenset(located), joined)


def _judge_values(records: Sequence[Record], use: ConditionalUse) -> Iterator[tuple[int, ValueUse]]:
    """Judge the values that the rows of a finder may use, each with the position of its record."""
    found, _ = use.finder.find(records)
    names = captures_of(use.finder.rows.path)
    for entry, at in enumerate(found.records.tolist()):
        record = records[at]
        captures = dict(zip(names, found.captures_at(entry), strict=True))
        row = RowValues(record, use.finder.rows, captures)
        for path in use.paths:
            key_path = row.key_path(path)
            value = row.value_at(key_path)
            whens = use.read.get(path, ())
            if any(is_taken(value, when) for when in whens):
                yield at, ValueUse(key_path, "", is_read=True)
            elif path in use.located:
                yield at, ValueUse(key_path, "", is_read=False)
        for column in use.joined:
            for verdict in judge(column, row.read):
                yield at, verdict


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
