"""Describe in messages what a field or a type expects."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

from release.descriptor.model import Field
from release.syntax.values import LEXICAL, FieldType, as_text

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
