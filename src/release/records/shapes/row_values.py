"""Values of one row: read one by one from its record, with their key paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from release.descriptor.model import RowOrigin
from release.records.entries import find_value_path
from release.records.reader import Record
from release.records.rows import RowFinder
from release.records.shapes.columns import RawColumn
from release.records.shapes.lists import get_item, has_positions
from release.records.shapes.parts import drop_missing
from release.records.shapes.roots import root_of
from release.syntax.paths import Capture, KeyPath, Path, is_in_body


@dataclass(frozen=True, slots=True)
class RowValues:
    """A row's record, the item of `rows` that it comes from, and the keys that its captures stand for."""

    record: Record
    rows: RowOrigin
    captures: Mapping[str, str | int]

    def key_path(self, path: Path) -> KeyPath:
        """Return the key path in the record that a path means for the row."""
        record = self.record
        return find_value_path(
            path, self.captures, record.source, self.rows, lambda: root_of(record, path)
        )[0]

    def value_at(self, key_path: KeyPath) -> Any:
        """Return the value at a key path; None if there is none."""
        value: Any = root_of(self.record, key_path)
        for segment in key_path:
            value = get_item(value, segment)
        return value

    def read(self, column: RawColumn) -> tuple[KeyPath | None, Any]:
        """Read the value of a column without parts: its key path, None if it has none, and the value.

        A text that means a missing value is None.
        """
        key_path, value = self._read(column)
        missing = column.field.values.notation.missing
        return key_path, drop_missing(value, missing) if missing else value

    def _read(self, column: RawColumn) -> tuple[KeyPath | None, Any]:
        origin = column.origin
        if isinstance(origin, Capture):
            own = self.captures.get(origin.name)
            return None, own if own is not None else column.of_records([self.record])[0]
        if column.path is None:
            return None, column.of_records([self.record])[0]
        key_path = self.key_path(column.path)
        return key_path, self.value_at(key_path)


def fixed_key_path(finder: RowFinder, field: str) -> KeyPath | None:
    """Return the key path of a field's values if it is the same for every row; None if it is not."""
    if finder.merged_captures:
        return None
    for column in finder.columns:
        if column.field.name == field and column.path is not None and column.capture is None:
            key_path = tuple(segment for segment in column.path if isinstance(segment, str))
            is_fixed = (
                len(key_path) == len(column.path)
                and not has_positions(key_path)
                and not is_in_body(key_path)
            )
            return key_path if is_fixed else None
    return None
