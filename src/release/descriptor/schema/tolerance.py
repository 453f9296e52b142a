"""Read `tolerance`: by how much two numbers may differ that a difference between releases takes for one."""

from __future__ import annotations

import math
from typing import Any

from release.descriptor.properties import Properties
from release.syntax.types.registry import FieldType
from release.syntax.types.values import parse_value

_WAYS = ("absolute", "relative")
_EXPECTED = "a number above 0, or a mapping with `absolute`, `relative` or both"


def read(item: Properties, field_type: FieldType | None) -> None:
    """Check the tolerance of a field; a release passes it on."""
    value = item.value["tolerance"]
    if field_type not in ("number", None):
        item.note_unwanted("tolerance", f"the field has the type {field_type}, not number")
    elif not isinstance(value, dict):
        if _parse(value) is None:
            item.note_unexpected("tolerance", _EXPECTED)
    elif not value:
        item.note_unexpected("tolerance", _EXPECTED)
    else:
        ways = item.read_mapping("tolerance")
        ways.note_unknown(*_WAYS)
        for name in _WAYS:
            if name in ways and _parse(value[name]) is None:
                ways.note_unexpected(name, "a number above 0")


def _parse(value: Any) -> float | None:
    """Return a number above 0, which may be written as text as in YAML; None if it is none."""
    number: Any = parse_value(value, "number") if isinstance(value, str) else value
    is_number = type(number) in (int, float) and number > 0 and math.isfinite(number)
    return float(number) if is_number else None


def find_bounds(value: Any) -> tuple[float, float] | None:
    """Return the absolute and the relative bound of a tolerance, 0 for none; None if it is no tolerance."""
    ways = value if isinstance(value, dict) else {"absolute": value}
    bounds = [_parse(ways[name]) if name in ways else 0.0 for name in _WAYS]
    absolute, relative = bounds
    if absolute is None or relative is None or not (absolute or relative):
        return None
    return absolute, relative
