"""Find the constraints that all values of a field keep, to be taken up by who knows that they must."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from release.infer.tables.shapes import Scalars
from release.syntax.types.registry import FieldType

#: So many values must there be before one speaks of a rule.
_ENOUGH = 10

#: The order of values, by the type of their field.
_ORDERS: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "year": int,
    "number": float,
    "date": str,
}


def find_constraints(field_type: FieldType, scalars: Scalars, rows: int) -> dict[str, Any]:
    """Return the constraints that the values of a field keep; `rows` is how many there might be, or 0."""
    found: dict[str, Any] = {}
    if scalars.count < _ENOUGH:
        return found
    if scalars.count == rows:
        found["required"] = True
    texts = scalars.texts
    if texts is not None and len(texts) == scalars.count == rows:
        found["unique"] = True
    order = _ORDERS.get(field_type)
    if texts is not None and order is not None:
        low, high = min(texts, key=order), max(texts, key=order)
        found["minimum"] = low if field_type == "date" else order(low)
        found["maximum"] = high if field_type == "date" else order(high)
    return found
