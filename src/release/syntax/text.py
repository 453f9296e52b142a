"""Locate values and faults in a text, and find the characters that no text may hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from release.syntax.paths import KeyPath

#: The most levels that mappings and lists may nest.
MAX_DEPTH = 64

# The plain scalars of YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#1032-tag-resolution).
NULLS = frozenset(("", "~", "null", "Null", "NULL"))
INTEGER = re.compile(r"(?:0|-?[1-9][0-9]*)\Z")
FLOAT = re.compile(r"-?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
NOT_A_NUMBER = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")

#: Control characters other than tab, LF and CR. NEL (U+0085), LS and PS break lines in YAML 1.1 only.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")

#: Finds every text in which a value can hold a control character or a surrogate: as an escape or itself.
_MAY_WRITE_CONTROL = re.compile(r"\\[0abefvxuUN_]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_VALUE_RULES = ("control-character", "lone-surrogate")

#: `- - - -` nests one level with each dash. Libyaml recurses on it, and crashes on very many of them.
COMPACT_NESTING = re.compile(rf"(?:[-?:][ \t]+){{{MAX_DEPTH}}}")


@dataclass(frozen=True, slots=True)
class Location:
    """Line and column of a value and of its key, from 0; an item of a list is its own key."""

    line: int
    column: int
    key_line: int
    key_column: int


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """One broken rule in a text: the rule's name, line and column from 0, and a message.

    `key_path` leads to the value concerned; it is empty where no value is known.
    """

    rule: str
    line: int
    column: int
    message: str
    key_path: KeyPath = ()


#: The location of every value in a text, by key path.
Locations = dict[KeyPath, Location]


def nearest_located(locations: Locations, key_path: KeyPath) -> KeyPath:
    """Return the longest beginning of a key path that has a location; the empty key path if none has."""
    while key_path and key_path not in locations:
        key_path = key_path[:-1]
    return key_path


class StopError(Exception):
    """A stop in the middle of a text; the reader has noted the fault that is the reason."""


def convert_number(text: str) -> float | str:
    """Convert a text to the number that it writes, if Python writes that number in the same way.

    Returns:
        The number; else the text itself, so that nothing of what the author wrote is lost.
    """
    number = float(text)
    return number if repr(number) == text else text


def find_control_characters(text: str, pattern: re.Pattern[str]) -> list[SyntaxFault]:
    """Return a fault for each character that the pattern finds, in the order of the text."""
    faults = []
    line = start = before = 0  # lines are counted once, from one match to the next
    for match in pattern.finditer(text):
        at = match.start()
        line += text.count("\n", before, at)
        start = text.rfind("\n", before, at) + 1 or start
        before = at
        message = describe_control_character(match[0])
        faults.append(SyntaxFault("control-character", line, at - start, message))
    return faults


def describe_control_character(character: str) -> str:
    """Return the message of a finding about a control character."""
    return f"found the control character U+{ord(character):04X}, expected text without it"


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the line and column, both from 0, of an offset in a text."""
    return text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1)


def find_value_faults(
    text: str,
    value: Any,
    locations: Locations | None,
    read: Callable[[str, Locations], tuple[Any, list[SyntaxFault]]],
) -> list[SyntaxFault]:
    """Find the control characters and lone surrogates that a text's escapes put into keys and values.

    Args:
        text: The text.
        value: The value that was read from it.
        locations: The locations of its values; None where they were not asked for.
        read: Reads the text once more, with locations, if there are faults but no locations.
    """
    if _MAY_WRITE_CONTROL.search(text) is None:
        return []
    found = _find_bad_text(value, ())
    if found and locations is None:
        return [fault for fault in read(text, {})[1] if fault.rule in _VALUE_RULES]
    start = Location(0, 0, 0, 0)
    faults = []
    for key_path, rule, message, is_key in found:
        at = (locations or {}).get(key_path, start)
        line, column = (at.key_line, at.key_column) if is_key else (at.line, at.column)
        faults.append(SyntaxFault(rule, line, column, message, key_path))
    return faults


def _find_bad_text(
    value: Any, key_path: KeyPath, *, is_key: bool = False
) -> list[tuple[KeyPath, str, str, bool]]:
    """Return key path, rule, message and whether it is a key, of each bad text in or below a value."""
    if isinstance(value, str):
        if match := CONTROL.search(value):
            message = describe_control_character(match[0])
            return [(key_path, "control-character", message, is_key)]
        if match := _SURROGATE.search(value):
            message = (
                f"found half of a surrogate pair, U+{ord(match[0]):04X}, expected Unicode text"
            )
            return [(key_path, "lone-surrogate", message, is_key)]
        return []
    if isinstance(value, dict):
        return [
            fault
            for key, item in value.items()
            for fault in (
                *_find_bad_text(key, (*key_path, key), is_key=True),
                *_find_bad_text(item, (*key_path, key)),
            )
        ]
    if isinstance(value, list):
        return [
            fault
            for at, item in enumerate(value)
            for fault in _find_bad_text(item, (*key_path, at))
        ]
    return []
