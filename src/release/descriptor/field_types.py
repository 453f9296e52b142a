"""Parse the text of a value by its type (Table Schema v2), and describe types in messages."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from release.descriptor.model import Field, FieldType

#: The texts that are values of each type (Table Schema v2, "Field Types"), restricted to one way of writing.
#: A date has no year 0, which neither Python nor the referee knows. A year is a number without leading zeros.
LEXICAL: Mapping[FieldType, str] = {
    "integer": r"^-?(0|[1-9][0-9]*)$",
    "number": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$",
    "boolean": r"^(true|True|TRUE|false|False|FALSE)$",
    "date": r"^([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)-[0-9]{2}-[0-9]{2}$",
    "year": r"^[1-9][0-9]{3}$",
}

#: The words for a value of each type in messages.
EXPECTED: Mapping[FieldType, str] = {
    "string": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date such as 2026-01-31",
    "year": "a year such as 2026",
}


def describe_values(field: Field) -> str:
    """Describe the values of a field for messages: `an integer from 0 to 100`."""
    low, high = field.constraints.get("minimum"), field.constraints.get("maximum")
    words = EXPECTED[field.type]
    if low is not None and high is not None:
        return f"{words} from {low} to {high}"
    if low is not None:
        return f"{words}, at least {low}"
    if high is not None:
        return f"{words}, at most {high}"
    return words


def describe_expected(value: Any, field: Field) -> str:
    """Describe what a field expects instead of this value; for a number of more than 64 bits, its limits."""
    text = as_text(value)
    if field.type == "integer" and text and re.fullmatch(LEXICAL["integer"], text):
        return f"{describe_values(field)}, which has 64 bits: from -{2**63} to {2**63 - 1}"
    if field.type == "number" and text and re.fullmatch(LEXICAL["number"], text):
        most = sys.float_info.max
        nearest = float(text)
        holds = f"the nearest is {nearest}" if abs(nearest) <= most else f"from -{most} to {most}"
        return f"{describe_values(field)}, which has 64 bits: {holds}"
    return describe_values(field)


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
    return text.lower() == "true" if field_type == "boolean" else convert(text, field_type)


def convert(text: str, field_type: FieldType) -> int | float | date | None:
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
