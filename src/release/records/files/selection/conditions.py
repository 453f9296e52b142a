"""Conditions: the records of a kind that are left out for a value that they have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from release.descriptor.kinds.model import Condition
from release.syntax.paths import Capture, Path
from release.syntax.types.values import as_text


def find_condition(
    conditions: Sequence[Condition], values: Mapping[str, Any], captures: Mapping[str, str]
) -> int:
    """Return the position of the first condition that leaves out a record; -1 if none does.

    A capture of the record's file stands for its value, any other one for every key or position.
    """
    for at, condition in enumerate(conditions):
        found = [_fold(as_text(value) or None) for value in _find(values, condition.path, captures)]
        wanted = {_fold(value) for value in condition.values}
        if not wanted.isdisjoint(found or [None]):
            return at
    return -1


def _fold(text: str | None) -> str | None:
    """Return a text as it is, but `True` and `TRUE` as `true`."""
    is_boolean = text is not None and text.lower() in ("true", "false")
    return text.lower() if is_boolean and text is not None else text


def _find(value: Any, path: Path, captures: Mapping[str, str]) -> Iterator[Any]:
    """Find the values at a path that are no lists or mappings."""
    if not path:
        if not isinstance(value, dict | list):
            yield value
        return
    segment, rest = path[0], path[1:]
    if isinstance(segment, Capture) and segment.name not in captures:
        below = value.values() if isinstance(value, dict) else value
        for each in below if isinstance(value, dict | list) else ():
            yield from _find(each, rest, captures)
        return
    key = captures[segment.name] if isinstance(segment, Capture) else segment
    if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
        yield from _find(value[int(key)], rest, captures)
    elif isinstance(value, dict) and key in value:
        yield from _find(value[key], rest, captures)
