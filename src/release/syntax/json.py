"""Read JSON strictly, with line and column."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from release.findings import shown

if TYPE_CHECKING:
    pass
import math
import re
from bisect import bisect_right

from release.syntax.paths import KeyPath, brief_path
from release.syntax.text import (
    MAX_DEPTH,
    Location,
    Locations,
    StopError,
    SyntaxFault,
    convert_number,
    find_value_faults,
)
from release.syntax.yaml import resolve_scalar

#: So deep may nest what is looked at, which is more than a descriptor does.
_DEEPEST = 100


def parse_json(data: bytes) -> Any:
    """The value in a JSON file.

    Raises:
        ValueError: it holds none that can be written again; the message is for people.
    """
    try:
        value = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError("is no text in UTF-8") from error
    except RecursionError as error:
        raise ValueError("nests too deep") from error
    refuse_lone_surrogates(data, value)
    return value


def refuse_lone_surrogates(data: bytes, value: Any) -> None:
    """Say so where a value in JSON holds text that is none in UTF-8.

    Raises:
        ValueError: it does; the message is for people.
    """
    if b"\\ud" in data.lower():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ValueError("holds half of a surrogate pair") from error


def is_too_deep(value: Any) -> bool:
    """Whether a value of JSON nests deeper than what is looked at."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return bool(level)


def is_equal(one: Any, other: Any) -> bool:
    """Whether two values of JSON are one, type and all: to Python 1 is also 1.0 and True."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_equal(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(is_equal, one, other))
    return type(one) is type(other) and bool(one == other)


def read_json(text: str, marks: Locations | None = None) -> tuple[Any, list[SyntaxFault]]:
    """The value of one JSON text and what is wrong with it; as `read_yaml`."""
    faults: list[SyntaxFault] = []
    flags = {"duplicate": False, "not-a-number": False}

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(items)
        flags["duplicate"] |= len(mapping) != len(items)
        return mapping

    def constant(_: str) -> float:
        flags["not-a-number"] = True
        return math.nan

    try:
        value = json.loads(
            text,
            object_pairs_hook=pairs,
            parse_int=resolve_scalar,
            parse_float=convert_number,
            parse_constant=constant,
        )
    except json.JSONDecodeError as error:
        line, column = error.lineno - 1, error.colno - 1
        message = f"not well-formed JSON: {error.msg[0].lower()}{error.msg[1:]}"
        return None, [SyntaxFault("front-matter-syntax", line, column, message)]
    except RecursionError:
        message = f"found more than {MAX_DEPTH} levels, expected no more"
        return None, [SyntaxFault("too-deep", 0, 0, message)]
    if marks is not None or any(flags.values()) or text.count("{") + text.count("[") > MAX_DEPTH:
        scanner = _JsonScanner(text, {} if marks is None else marks, faults)
        try:
            scanner.value(0, ())
        except StopError:
            return None, faults
    return value, faults + find_value_faults(text, value, marks, read_json)


_JSON_SPACE = re.compile(r"[ \t\r\n]*")


_JSON_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)  # long text in little memory


_JSON_OTHER = re.compile(r"[^\s,\]}]+")


class _JsonScanner:
    """Walks a JSON text that is known to be well-formed, for the place of every value."""

    def __init__(self, text: str, marks: Locations, faults: list[SyntaxFault]) -> None:
        self._text = text
        self._marks = marks
        self._faults = faults
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def value(self, at: int, place: KeyPath, key_at: int | None = None) -> int:
        at = self._skip(at)
        line, column = self._line_of(at)
        key_line, key_column = (line, column) if key_at is None else self._line_of(key_at)
        if place:
            self._marks[place] = Location(line, column, key_line, key_column)
        first = self._text[at]
        if first in "{[":
            if len(place) >= MAX_DEPTH:
                message = f"found a level below {MAX_DEPTH}, expected no more"
                self._faults.append(SyntaxFault("too-deep", line, column, message, place))
                raise StopError
            return self._mapping(at + 1, place) if first == "{" else self._list(at + 1, place)
        match = (_JSON_STRING if first == '"' else _JSON_OTHER).match(self._text, at)
        assert match is not None
        if match[0] in ("NaN", "Infinity", "-Infinity"):
            message = f"found {match[0]}, expected a number"
            self._faults.append(SyntaxFault("not-a-number", line, column, message, place))
        return match.end()

    def _mapping(self, at: int, place: KeyPath) -> int:
        seen = set()
        at = self._skip(at)
        while self._text[at] != "}":
            match = _JSON_STRING.match(self._text, at)
            assert match is not None
            key = json.loads(match[0])
            if key in seen:
                line, column = self._line_of(at)
                message = f"found the key {shown(brief_path((key,)))} again, expected it once"
                self._faults.append(
                    SyntaxFault("duplicate-key", line, column, message, (*place, key))
                )
            seen.add(key)
            colon = self._skip(match.end())
            at = self._skip(self.value(colon + 1, (*place, key), at))
            if self._text[at] == ",":
                at = self._skip(at + 1)
        return at + 1

    def _list(self, at: int, place: KeyPath) -> int:
        at = self._skip(at)
        position = 0
        while self._text[at] != "]":
            at = self._skip(self.value(at, (*place, position)))
            position += 1
            if self._text[at] == ",":
                at = self._skip(at + 1)
        return at + 1

    def _skip(self, at: int) -> int:
        match = _JSON_SPACE.match(self._text, at)
        assert match is not None
        return match.end()

    def _line_of(self, at: int) -> tuple[int, int]:
        line = bisect_right(self._line_starts, at) - 1
        return line, at - self._line_starts[line]
