"""Describe in messages what a field or a type expects."""

from __future__ import annotations

import sys
from typing import Any

from release.descriptor.model import Field
from release.findings.message import named
from release.syntax.types.numbers import INTEGER, NUMBER, make_plain
from release.syntax.types.values import as_text


def describe_values(field: Field) -> str:
    """Describe the values of a field for messages: `an integer from 0 to 100`."""
    low, high = field.constraints.get("minimum"), field.constraints.get("maximum")
    words = field.values.words
    if low is not None and high is not None:
        return f"{words} from {low} to {high}"
    if low is not None:
        return f"{words}, at least {low}"
    if high is not None:
        return f"{words}, at most {high}"
    return words


def describe_expected(value: Any, field: Field) -> str:
    """Describe what a field expects instead of this value; for a number of more than 64 bits, its limits.

    What was probably meant follows, if that can be told.
    """
    if type(value) in (int, float) and not field.values.notation.is_plain_number:
        return f"{describe_values(field)}, in quotes, as it says something else without them"
    written = as_text(value)
    text = make_plain(written, field.values.notation) if written else None
    if field.type == "integer" and text and INTEGER.fullmatch(text):
        return f"{describe_values(field)}, which has 64 bits: from -{2**63} to {2**63 - 1}"
    if field.type == "number" and text and NUMBER.fullmatch(text):
        return f"{describe_values(field)}, {_describe_digits(text, field)}"
    from release.syntax.advice.values import advise_on_value  # only a fault needs it

    reason = advise_on_value(value, field.values)
    return f"{describe_values(field)}; {reason}" if reason else describe_values(field)


def describe_misfit(value: Any, field: Field) -> str:
    """Return the message on a value that does not fit the type of its field."""
    from release.syntax.types.faults import show_misfit  # only a fault needs it

    found = show_misfit(value, field.values)
    return f"{named(field.name)} is {found}, expected {describe_expected(value, field)}"


def _describe_digits(text: str, field: Field) -> str:
    """Describe the numbers that a field holds, for one that it does not."""
    if (digits := field.values.decimals) is not None:
        before = digits.precision - digits.scale
        return f"of at most {before} digits before the point and {digits.scale} behind it"
    most = sys.float_info.max
    nearest = float(text)
    holds = f"the nearest is {nearest}" if abs(nearest) <= most else f"from -{most} to {most}"
    return f"which has 64 bits: {holds}"
