"""Find the type that all values of a field have, so that nothing of them is lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from release.syntax.types.registry import PLAIN_TEXTS, FieldType
from release.syntax.types.values import parse_value

#: Names of fields that hold years, where all numbers have four digits.
_YEARLY = re.compile(r"(^|_|[a-z])([Yy]ears?|since|founded|until)$|^year")

_FOUR = re.compile(r"[1-9][0-9]{3}")

_BOOLEAN = re.compile(PLAIN_TEXTS["boolean"])

_BY_TYPE: Mapping[str, re.Pattern[str]] = {
    name: re.compile(PLAIN_TEXTS[name]) for name in ("date", "integer", "number")
}


def classify(value: Any, text: str) -> str:
    """Return what a value can be: `boolean`, `integer`, `number`, `date`, `text`, or a quoted number.

    A number in quotes is `quoted integer` or `quoted number`: its author may have meant the text. A number
    that would be written in another way, such as 007 or 1.50, is text.
    """
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer" if parse_value(text, "integer") is not None else "text"
    if isinstance(value, float):
        return "number" if parse_value(text, "number") is not None else "text"
    first = text[0]
    if first in "tTfF" and _BOOLEAN.fullmatch(text):
        return "quoted boolean"
    if not (first.isdigit() or first == "-") or len(text) > 40:
        return "text"
    if _BY_TYPE["date"].match(text):
        return "date" if parse_value(text, "date") is not None else "text"
    if _BY_TYPE["integer"].match(text):
        return "quoted integer" if parse_value(text, "integer") is not None else "text"
    if _BY_TYPE["number"].match(text) and text == repr(float(text)):
        return "quoted number"
    return "text"


def choose_type(
    name: str, classes: Counter[str], texts: Mapping[str, int] | None, *, is_text: bool = False
) -> FieldType:
    """Choose the type of a field from the classes of its values.

    If the format `is_text`, as CSV is, quotes say nothing about a number.
    """
    found = {each.removeprefix("quoted ") if is_text else each for each in classes}
    if not found:
        return "string"
    if found == {"boolean"}:
        return "boolean"
    if found == {"date"}:
        return "date"
    if found <= {"integer", "quoted integer"} and "integer" in found:
        return "year" if _YEARLY.search(name) and _are_years(texts) else "integer"
    if found <= {"integer", "number", "quoted integer", "quoted number"} and found & {
        "integer",
        "number",
    }:
        return "number"
    return "string"


def _are_years(texts: Mapping[str, int] | None) -> bool:
    return texts is not None and all(_FOUR.fullmatch(text) for text in texts)
