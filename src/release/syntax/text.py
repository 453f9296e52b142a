"""Characters and positions in a text that is parsed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from release.syntax.paths import Place

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
class Mark:
    """Where a value stands, and its key where it has one: lines and columns from 0."""

    line: int
    column: int
    key_line: int
    key_column: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a text, and where: line and column from 0; place as far as known."""

    rule: str
    line: int
    column: int
    message: str
    place: Place = ()


Marks = dict[Place, Mark]


def marked(marks: Marks, place: Place) -> Place:
    """A place that has a mark, or the nearest one around it that has; the root where there is none."""
    while place and place not in marks:
        place = place[:-1]
    return place


class StopError(Exception):
    """The text cannot be read any further; its fault has been noted."""


def number_or_text(text: str) -> float | str:
    """The number that a text writes, or the text where the number would be written otherwise."""
    number = float(text)
    return number if repr(number) == text else text


def control_faults(text: str, pattern: re.Pattern[str]) -> list[Fault]:
    """Each control character that a pattern finds; the lines of them all are counted in one go."""
    faults = []
    line = start = before = 0
    for match in pattern.finditer(text):
        at = match.start()
        line += text.count("\n", before, at)
        start = text.rfind("\n", before, at) + 1 or start
        before = at
        faults.append(Fault("control-character", line, at - start, control_message(match[0])))
    return faults


def control_message(character: str) -> str:
    """What a finding says of a control character."""
    return f"found the control character U+{ord(character):04X}, expected text without it"


def position(text: str, offset: int) -> tuple[int, int]:
    """The line and column, from 0, of an offset in a text."""
    return text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1)


def value_faults(
    text: str,
    value: Any,
    marks: Marks | None,
    read: Callable[[str, Marks], tuple[Any, list[Fault]]],
) -> list[Fault]:
    """Control characters and half surrogate pairs that escapes wrote into values."""
    if _MAY_WRITE_CONTROL.search(text) is None:
        return []
    found = _bad_text(value, ())
    if found and marks is None:
        return [fault for fault in read(text, {})[1] if fault.rule in _VALUE_RULES]
    at = Mark(0, 0, 0, 0)
    faults = []
    for place, rule, message, is_key in found:
        mark = (marks or {}).get(place, at)
        line, column = (mark.key_line, mark.key_column) if is_key else (mark.line, mark.column)
        faults.append(Fault(rule, line, column, message, place))
    return faults


def _bad_text(
    value: Any, place: Place, *, is_key: bool = False
) -> list[tuple[Place, str, str, bool]]:
    """The texts below a value that hold what text may not: where, which rule, what of it, in a key?"""
    if isinstance(value, str):
        if match := CONTROL.search(value):
            return [(place, "control-character", control_message(match[0]), is_key)]
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
                *_bad_text(key, (*place, key), is_key=True),
                *_bad_text(item, (*place, key)),
            )
        ]
    if isinstance(value, list):
        return [fault for at, item in enumerate(value) for fault in _bad_text(item, (*place, at))]
    return []
