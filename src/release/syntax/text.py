"""Locate values and faults in a text, and find the characters that no text may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from release.findings.finding import count_others
from release.findings.groups import Groups
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

    `key_path` leads to the value concerned; it is empty where no value is known. A fault may stand for others
    of the same cause: `others` is their number, `places` are line and column of the next ones, from 0, and
    `first` is its message without them.
    """

    rule: str
    line: int
    column: int
    first: str
    key_path: KeyPath = ()
    others: int = 0
    places: tuple[tuple[int, int], ...] = ()

    @property
    def message(self) -> str:
        """The message, with the number of others."""
        if not self.others:
            return self.first
        places = [(line + 1, column + 1) for line, column in self.places]
        return count_others(self.first, self.others, places)

    def stand_for(self, others: int, places: Sequence[tuple[int, int]]) -> SyntaxFault:
        """Return the fault with the number of others, and the locations of the next ones."""
        return replace(self, others=others, places=tuple(places))

    def shift(self, lines: int, columns: int = 0) -> SyntaxFault:
        """Return the fault of a text that begins on a line and in a column of another one, from 0."""
        (line, column), *others = (
            (line + lines, column if line else column + columns)
            for line, column in ((self.line, self.column), *self.places)
        )
        return replace(self, line=line, column=column, places=tuple(others))


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
    """Find the characters that a pattern finds, in the order of the text; many of one kind are one fault."""
    if pattern.search(text) is None:
        return []
    faults: Groups[SyntaxFault] = Groups()
    line = start = before = 0  # lines are counted once, from one match to the next
    for match in pattern.finditer(text):
        at = match.start()
        line += text.count("\n", before, at)
        start = text.rfind("\n", before, at) + 1 or start
        before = at
        make = partial(_control_fault, line, at - start, match[0])
        faults.add(match[0], make)
    return faults.faults()


def _control_fault(line: int, column: int, character: str) -> SyntaxFault:
    return SyntaxFault("control-character", line, column, describe_control_character(character))


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
    if locations is None:
        if next(_find_bad_text(value, ()), None) is None:
            return []
        return [fault for fault in read(text, {})[1] if fault.rule in _VALUE_RULES]
    faults: Groups[SyntaxFault] = Groups()
    for bad in _find_bad_text(value, ()):
        faults.add(bad.message, partial(bad.at, locations))
    return faults.faults()


@dataclass(frozen=True, slots=True)
class _BadText:
    """A text, or a key, with a character that no text may hold."""

    key_path: KeyPath
    rule: str
    message: str
    is_key: bool

    def at(self, locations: Locations) -> SyntaxFault:
        """Return the fault at its location."""
        at = locations.get(self.key_path, Location(0, 0, 0, 0))
        line, column = (at.key_line, at.key_column) if self.is_key else (at.line, at.column)
        return SyntaxFault(self.rule, line, column, self.message, self.key_path)


def _find_bad_text(value: Any, key_path: KeyPath, *, is_key: bool = False) -> Iterator[_BadText]:
    """Yield each bad text in or below a value."""
    if isinstance(value, str):
        if match := CONTROL.search(value):
            message = describe_control_character(match[0])
            yield _BadText(key_path, "control-character", message, is_key)
        elif match := _SURROGATE.search(value):
            message = (
                f"found half of a surrogate pair, U+{ord(match[0]):04X}, expected Unicode text"
            )
            yield _BadText(key_path, "lone-surrogate", message, is_key)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _find_bad_text(key, (*key_path, key), is_key=True)
            yield from _find_bad_text(item, (*key_path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _find_bad_text(item, (*key_path, at))
