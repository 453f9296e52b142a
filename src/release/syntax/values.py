"""Parse the text of a value by its type (Table Schema v2): dates, numbers, booleans, years."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

#: The types of Table Schema v2 that are supported; the standard has more.
FieldType = Literal["string", "integer", "number", "boolean", "date", "year"]

#: The texts that are values of each type (Table Schema v2, "Field Types"), restricted to one way of writing.
#: A date has no year 0, which neither Python nor the referee knows. A year is a number without leading zeros.
LEXICAL: Mapping[FieldType, str] = {
    "integer": r"^-?(0|[1-9][0-9]*)$",
    "number": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$",
    "boolean": r"^(true|True|TRUE|false|False|FALSE)$",
    "date": r"^([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)-[0-9]{2}-[0-9]{2}$",
    "year": r"^[1-9][0-9]{3}$",
}


def as_text(value: Any) -> str | None:
    """Return the text that the author of a value wrote; None for a missing value, a mapping or a list."""
    if value is None or isinstance(value, dict | list):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def parse_value(text: str, field_type: FieldType) -> str | int | float | bool | date | None:
    """Return the value of a type that a text writes; None if it writes none."""
    if field_type == "string":
        return text or None
    if re.fullmatch(LEXICAL[field_type], text) is None:
        return None
    return (
        text.lower() == "true"
        if field_type == "boolean"
        else parse_number_or_date(text, field_type)
    )


def parse_number_or_date(text: str, field_type: FieldType) -> int | float | date | None:
    """Convert a text that matches the pattern of its type to a number or date.

    Returns:
        The value; None if there is none. Integers and numbers have 64 bits. So there is no value for an
        integer out of their range, or for a number with more digits than they can keep.
    """
    try:
        if field_type == "date":
            return date.fromisoformat(text)
        if field_type == "number":
            number = float(text)
            return number if Decimal(repr(number)) == Decimal(text) else None
        whole = int(text) if len(text) < 25 else 2**64
        return whole if -(2**63) <= whole < 2**63 else None
    except (ValueError, ArithmeticError):  # the latter where an exponent has a score of digits
        return None
