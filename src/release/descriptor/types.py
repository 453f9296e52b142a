"""How values of each type are written, and what they are called."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from release.descriptor.model import Field, FieldType

#: How a value of each type is written (Table Schema v2, "Field Types"), narrowed to one way each. A date has
#: no year 0, which neither Python nor the referee knows; a year is a number, which begins with no zero.
LEXICAL: Mapping[FieldType, str] = {
    "integer": r"^-?(0|[1-9][0-9]*)$",
    "number": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$",
    "boolean": r"^(true|True|TRUE|false|False|FALSE)$",
    "date": r"^([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)-[0-9]{2}-[0-9]{2}$",
    "year": r"^[1-9][0-9]{3}$",
}

#: What a value of each type is called in messages.
EXPECTED: Mapping[FieldType, str] = {
    "string": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date such as 2026-01-31",
    "year": "a year such as 2026",
}


def describe_type(field: Field) -> str:
    """What a field takes, for messages: `an integer from 0 to 100`."""
    low, high = field.constraints.get("minimum"), field.constraints.get("maximum")
    kind = EXPECTED[field.type]
    if low is not None and high is not None:
        return f"{kind} from {low} to {high}"
    if low is not None:
        return f"{kind}, at least {low}"
    if high is not None:
        return f"{kind}, at most {high}"
    return kind


def describe_expected(value: Any, field: Field) -> str:
    """What a field takes instead of this value; for a number that it cannot hold, what it can."""
    text = as_text(value)
    if field.type == "integer" and text and re.fullmatch(LEXICAL["integer"], text):
        return f"{describe_type(field)}, which has 64 bits: from -{2**63} to {2**63 - 1}"
    if field.type == "number" and text and re.fullmatch(LEXICAL["number"], text):
        most = sys.float_info.max
        nearest = float(text)
        holds = f"the nearest is {nearest}" if abs(nearest) <= most else f"from -{most} to {most}"
        return f"{describe_type(field)}, which has 64 bits: {holds}"
    return describe_type(field)


def as_text(value: Any) -> str | None:
    """The text that the author of a value wrote; None for a missing value, a mapping or a list."""
    if value is None or isinstance(value, dict | list):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def parse_value(text: str, kind: FieldType) -> str | int | float | bool | date | None:
    """The value of a type that a text writes; None where it writes none."""
    if kind == "string":
        return text or None
    if re.fullmatch(LEXICAL[kind], text) is None:
        return None
    return text.lower() == "true" if kind == "boolean" else convert(text, kind)


def convert(text: str, kind: FieldType) -> int | float | date | None:
    """The number or day of a text that looks like one; None where there is none that says the same.

    A number has 64 bits. It says the same where it is written, in the shortest way, with the same digits.
    """
    try:
        if kind == "date":
            return date.fromisoformat(text)
        if kind == "number":
            number = float(text)
            return number if Decimal(repr(number)) == Decimal(text) else None
        whole = int(text) if len(text) < 25 else 2**64
        return whole if -(2**63) <= whole < 2**63 else None
    except (ValueError, ArithmeticError):  # the latter where an exponent has a score of digits
        return None
