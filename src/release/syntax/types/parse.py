"""Parse the text of a value by its type; each type has one function for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from release.syntax.types import numbers, times
from release.syntax.types.value_type import ValueType


def parse(text: str, value_type: ValueType) -> Any:
    """Return the value of a type that a text writes; None if it writes none, or means that there is none.

    Values are str, int, float, Decimal, bool, date, time and datetime. What is text in a release is returned
    as the release has it, the same text for equal values.
    """
    if not text or text in value_type.notation.missing:
        return None
    return _PARSERS[value_type.name](text, value_type)


def _parse_text(text: str, value_type: ValueType) -> str | None:
    if not value_type.content:
        return text
    from release.syntax.types.contents import FITS  # few fields have a format

    return text if FITS[value_type.content](text) else None


def _parse_structure(text: str, value_type: ValueType) -> str | None:
    from release.syntax.types import structures  # few fields hold JSON

    return structures.parse(text, value_type)


_PARSERS: dict[str, Callable[[str, ValueType], Any]] = {
    "string": _parse_text,
    "number": numbers.parse_number,
    "integer": numbers.parse_integer,
    "boolean": numbers.parse_boolean,
    "datetime": times.parse_datetime,
    "date": times.parse_date,
    "time": times.parse_time,
    "year": numbers.parse_year,
    "yearmonth": times.parse_yearmonth,
    "duration": times.parse_duration,
    **dict.fromkeys(("object", "array", "list", "geopoint", "geojson", "any"), _parse_structure),
}
