"""Positions and lists: values that count as a list, and key paths that lead through them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from release.descriptor.model import Opening
from release.syntax.paths import KeyPath

#: A key that is a position too where a list stands: `coordinates.0`.
_POSITION = re.compile(r"(?:0|[1-9][0-9]{0,8})\Z")


def position_of(segment: object) -> int | None:
    """Return the position of a list that a part of a path names; None if it names none."""
    return int(segment) if isinstance(segment, str) and _POSITION.match(segment) else None


def has_positions(path: Sequence[object]) -> bool:
    """Return whether a path may lead to a single position of a list."""
    return any(position_of(segment) is not None for segment in path)


def get_item(value: Any, segment: str | int) -> Any:
    """Return what a value has at a key or position; None if it has nothing there."""
    if isinstance(value, dict):
        return value.get(segment)
    if isinstance(value, list):
        at = segment if isinstance(segment, int) else position_of(segment)
        return value[at] if at is not None and at < len(value) else None
    return None


def open_value(value: Any, opening: Opening) -> list[Any] | None:
    """Return the entries of a value that an opening takes for a list.

    Returns:
        The entries; None for a list, for a mapping whose keys are its entries, and for nothing.
    """
    if value is None or value == "" or isinstance(value, list):
        return None
    if isinstance(value, dict):
        return [value] if opening.one_or_many else None
    if isinstance(value, str) and opening.split:
        return [part.strip() for part in value.split(opening.split)]
    return [value]


def open_filled(value: Any, opening: Opening) -> list[Any]:
    """Return those entries of a value that counts as a list that hold something; none for other values."""
    return [item for item in open_value(value, opening) or () if item is not None and item != ""]


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of a text that counts as a list: all parts, the position of this one, what is between them."""

    parts: tuple[str, ...]
    position: int
    separator: str


def find_key_path(
    value: Any, path: KeyPath, openings: Mapping[int, Opening]
) -> tuple[KeyPath, TextPart | None]:
    """Return the key path in a record that a path with filled captures means.

    A position is a number where a list stands. The entry of a value that only counts as a list is that value
    itself, so its position is left out. `openings` has the openings by their place in the path.

    Returns:
        The key path, and the part of the text there if the path leads to a part.
    """
    found: list[str | int] = []
    part = None
    for at, segment in enumerate(path):
        items = open_value(value, openings[at]) if at in openings else None
        if items is not None:
            if isinstance(value, str) and openings[at].split and isinstance(segment, int):
                part = TextPart(tuple(items), segment, openings[at].split)
            value = get_item(items, segment)
            continue
        position = position_of(segment) if isinstance(value, list) else None
        found.append(segment if position is None else position)
        value = get_item(value, segment)
    return tuple(found), part


def present_part(value: Any, key_path: KeyPath) -> KeyPath:
    """Return the longest beginning of a key path that leads to something in a value."""
    for at, segment in enumerate(key_path):
        if isinstance(value, list):
            if not isinstance(segment, int) or segment >= len(value):
                return key_path[:at]
        elif not isinstance(value, dict) or segment not in value:
            return key_path[:at]
        value = value[segment]
    return key_path
