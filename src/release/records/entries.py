"""Entries: the values at a path with captures, one for each key or position that the captures stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from release.descriptor.model import Opening, RowOrigin
from release.records.files.sources import Source
from release.records.shapes.lists import (
    TextPart,
    find_key_path,
    get_item,
    has_positions,
    open_value,
    position_of,
)
from release.syntax.paths import REST, Capture, KeyPath, Path

#: No value counts as a list.
NO_OPENINGS: Mapping[int, Opening] = {}


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries at one path in some records: one item per entry, in the order of the records.

    `records` has the position of the entry's record; `captures` has, for each capture of the path, the key or
    position that it stands for; `values` has the value there.
    """

    records: np.ndarray[Any, np.dtype[np.int32]]
    captures: tuple[Sequence[str | int], ...]
    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.values)

    def captures_at(self, position: int) -> tuple[str | int, ...]:
        """Return the key or position that each capture stands for in one entry."""
        return tuple(keys[position] for keys in self.captures)

    def select(self, positions: Sequence[int]) -> Entries:
        """Return the entries at some positions."""
        captures = tuple([keys[at] for at in positions] for keys in self.captures)
        records = self.records[np.array(positions, np.int64)]
        return Entries(records, captures, [self.values[at] for at in positions])


def find_entries(
    values: Sequence[Any],
    path: Path,
    openings: Mapping[int, Opening] = NO_OPENINGS,
    is_left: Callable[[int, int, str | int], bool] | None = None,
) -> Entries:
    """Find the entries at a path in the values of each record.

    A capture yields one entry for each key of a mapping and each item of a list, or of what counts as a list
    by the opening at its position in the path; an absent key yields none.

    Args:
        values: The values of each record.
        path: The path.
        openings: The ways in which captures take values for lists, by their position in the path.
        is_left: Says of the position of `{rest}` in the path, of a record by its position, and of a key or
            position there, if it is left to the rest; None if the path has no `{rest}`.
    """
    found = Entries(np.arange(len(values), dtype=np.int32), (), values)
    for at, segment in enumerate(path):
        if isinstance(segment, Capture):
            found = _open(found, openings.get(at))
            if segment == REST and is_left is not None:
                named = zip(found.records.tolist(), found.captures[-1], strict=True)
                left = [n for n, (record, key) in enumerate(named) if is_left(at, record, key)]
                found = found.select(left)
        else:
            found = _step(found, segment)
    return found


def _step(entries: Entries, segment: str) -> Entries:
    """Replace each value by what it has at a key or position; drop those that have nothing there."""
    if position_of(segment) is not None:
        items = [get_item(value, segment) for value in entries.values]
        found = entries.select([at for at, item in enumerate(items) if item is not None])
        below = [item for item in items if item is not None]
        return Entries(found.records, found.captures, below)
    present = [
        at
        for at, value in enumerate(entries.values)
        if isinstance(value, dict) and segment in value
    ]
    found = entries if len(present) == len(entries) else entries.select(present)
    return Entries(found.records, found.captures, [value[segment] for value in found.values])


def _open(entries: Entries, opening: Opening | None) -> Entries:
    """Replace each mapping and list by its items; drop every other value."""
    keys: list[str | int] = []
    values: list[Any] = []
    sizes = []
    for one in entries.values:
        items = open_value(one, opening) if opening is not None else None
        value = one if items is None else items
        if isinstance(value, dict):
            keys.extend(value)
            values.extend(value.values())
        elif isinstance(value, list):
            keys.extend(range(len(value)))
            values.extend(value)
        sizes.append(len(value) if isinstance(value, dict | list) else 0)
    captures = tuple(
        [key for key, size in zip(outer, sizes, strict=True) for _ in range(size)]
        for outer in entries.captures
    )
    records = np.repeat(entries.records, np.array(sizes, np.int64))
    return Entries(records, (*captures, keys), values)


def fill_captures(
    path: Path, captures: Mapping[str, str | int], source: Source, rows: RowOrigin
) -> KeyPath:
    """Return the key path that a path means for one entry.

    A capture takes its value from the entry's `captures`, else from the constants of `rows`, else from the
    path of the record's file.
    """
    bound: Mapping[str, str | int] = {**source.captures, **rows.constants, **captures}
    return tuple(
        bound[segment.name] if isinstance(segment, Capture) else segment for segment in path
    )


def find_value_path(
    path: Path,
    captures: Mapping[str, str | int],
    source: Source,
    rows: RowOrigin,
    values: Callable[[], Any],
) -> tuple[KeyPath, TextPart | None]:
    """Return the key path in a record that a path means for one entry, as the record is written.

    It differs from that of `fill_captures` where a part names a position of a list, and where a value only
    counts as a list. Only then the record's `values` are asked for.

    Returns:
        The key path, and the part of the text there if the entry is one.
    """
    filled = fill_captures(path, captures, source, rows)
    if not rows.openings and not has_positions(filled):
        return filled, None
    return find_key_path(values(), filled, rows.openings_of(path))
