"""The classes of values: what `when` tells apart."""

from __future__ import annotations

import re
from typing import Any

from release.syntax.types.registry import PLAIN_TEXTS
from release.syntax.types.values import parse_value

_BOOLEAN, _INTEGER, _NUMBER = (re.compile(PLAIN_TEXTS[t]) for t in ("boolean", "integer", "number"))


def class_of(value: Any) -> str:
    """Return the class of a value that is not missing: the narrowest that its text writes.

    A text counts as what it writes, as not every format has booleans and numbers, and none has dates.
    """
    if isinstance(value, str):
        return _class_of_text(value)
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "mapping" if isinstance(value, dict) else "list"


def is_of(value: Any, classes: frozenset[str]) -> bool:
    """Return whether a value that is not missing is of some classes, or a text among them after `=`."""
    return class_of(value) in classes or (isinstance(value, str) and f"={value}" in classes)


def _class_of_text(text: str) -> str:
    if _INTEGER.match(text):
        return "integer"
    if _NUMBER.match(text):
        return "number"
    if _BOOLEAN.match(text):
        return "boolean"
    return "text" if parse_value(text, "date") is None else "date"
