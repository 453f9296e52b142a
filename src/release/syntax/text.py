"""Characters and positions in a text that is parsed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from release.syntax.paths import KeyPath

MAX_DEPTH = 64


# The scalars of YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#1032-tag-resolution).
NULLS = frozenset(("", "~", "null", "Null", "NULL"))


INTEGER = re.compile(r"(?:0|-?[1-9][0-9]*)\Z")


FLOAT = re.compile(r"-?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")


NOT_A_NUMBER = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")


#: Characters that text may hold only as tab, LF and CR; NEL, LS and PS break lines in YAML 1.1 only.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


_MAY_WRITE_CONTROL = re.compile(r"\\[0abefvxuUN_]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


_VALUE_RULES = ("control-character", "lone-surrogate")


#: `- - - -` nests a level with each dash; far too many of them crash libyaml, which recurses there.
COMPACT_NESTING = re.compile(rf"(?:[-?:][ \t]+){{{MAX_DEPTH}}}")


_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Location:
    """Where a value stands, and its key where it has one: lines and columns from 0."""

    line: int
    column: int
    key_line: int
    key_column: int


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """What is wrong with a text, and where: line and column from 0; place as far as known."""

    rule: str
    line: int
    column: int
    message: str
    place: KeyPath = ()


Locations = dict[KeyPath, Location]


def nearest_located(marks: Locations, place: KeyPath) -> KeyPath:
    """A place that has a mark, or the nearest one around it that has; the root where there is none."""
    while place and place not in marks:
        place = place[:-1]
    return place


class StopError(Exception):
    """The text cannot be read any further; its fault has been noted."""


def convert_number(text: str) -> float | str:
    """The number that a text writes, or the text where the number would be written otherwise."""
    number = float(text)
    return number if repr(number) == text else text


def find_control_characters(text: str, pattern: re.Pattern[str]) -> list[SyntaxFault]:
    """Each control character that a pattern finds; the lines of them all are counted in one go."""
    faults = []
    line = start = before = 0
    for match in pattern.finditer(text):
        at = match.start()
        line += text.count("\n", before, at)
        start = text.rfind("\n", before, at) + 1 or start
        before = at
        faults.append(
            SyntaxFault("control-character", line, at - start, describe_control_character(match[0]))
        )
    return faults


def describe_control_character(character: str) -> str:
    """What a finding says of a control character."""
    return f"found the control character U+{ord(character):04X}, expected text without it"


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """The line and column, from 0, of an offset in a text."""
    return text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1)


def find_value_faults(
    text: str,
    value: Any,
    marks: Locations | None,
    read: Callable[[str, Locations], tuple[Any, list[SyntaxFault]]],
) -> list[SyntaxFault]:
    """Control characters and half surrogate pairs that escapes wrote into values."""
    if _MAY_WRITE_CONTROL.search(text) is None:
        return []
    found = _find_bad_text(value, ())
    if found and marks is None:
        return [fault for fault in read(text, {})[1] if fault.rule in _VALUE_RULES]
    at = Location(0, 0, 0, 0)
    faults = []
    for place, rule, message, is_key in found:
        mark = (marks or {}).get(place, at)
        line, column = (mark.key_line, mark.key_column) if is_key else (mark.line, mark.column)
        faults.append(SyntaxFault(rule, line, column, message, place))
    return faults


def _find_bad_text(
    value: Any, place: KeyPath, *, is_key: bool = False
) -> list[tuple[KeyPath, str, str, bool]]:
    """The texts below a value that hold what text may not: where, which rule, what of it, in a key?"""
    if isinstance(value, str):
        if match := CONTROL.search(value):
            return [(place, "control-character", describe_control_character(match[0]), is_key)]
        if match := _SURROGATE.search(value):
            message = (
                f"found half of a surrogate pair, U+{ord(match[0]):04X}, expected Unicode text"
            )
            return [(place, "lone-surrogate", message, is_key)]
        return []
    if isinstance(value, dict):
        return [
            fault
            for key, item in value.items()
            for fault in (
                *_find_bad_text(key, (*place, key), is_key=True),
                *_find_bad_text(item, (*place, key)),
            )
        ]
    if isinstance(value, list):
        return [
            fault for at, item in enumerate(value) for fault in _find_bad_text(item, (*place, at))
        ]
    return []
