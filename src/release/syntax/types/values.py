"""Parse the text of a value by its type (Table Schema v2)."""

from __future__ import annotations

from typing import Any

from release.syntax.types import parse
from release.syntax.types.registry import FieldType
from release.syntax.types.value_type import ValueType, of


def as_text(value: Any) -> str | None:
    """Return the text that the author of a value wrote; None for a missing value, a mapping or a list."""
    if value is None or isinstance(value, dict | list):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def parse_value(text: str, value_type: FieldType | ValueType) -> Any:
    """Return the value of a type that a text writes; None if it writes none."""
    return parse.parse(text, of(value_type) if isinstance(value_type, str) else value_type)
