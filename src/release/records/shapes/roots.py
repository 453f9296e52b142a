"""The root of a path: the front matter of a record, or the parts of its body."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from release.records.reader import Record
from release.syntax.paths import KeyPath, Path, is_in_body

_values = attrgetter("values")


def root_of(record: Record, path: Path | KeyPath) -> Any:
    """Return what a path begins in: the values of a record, or the parts of its body."""
    if not is_in_body(path):
        return record.values
    from release.records.shapes.body import read_body  # few tables ask, and its parser takes time

    return read_body(record.body).values


def roots_of(records: Sequence[Record], path: Path | KeyPath) -> list[Any]:
    """Return what a path begins in, for each of some records."""
    if not is_in_body(path):
        return [*map(_values, records)]
    return [root_of(record, path) for record in records]
