"""Read JSON (RFC 8259) strictly, with the line and column of every value."""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Collection
from functools import partial
from typing import Any

from release.findings.groups import Groups
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

#: The most levels of a value that is compared or shown: more than any descriptor has.
_DEEPEST = 100


#: The most values of a JSON file: each takes much more memory than bytes.
MOST_VALUES = 1 << 23


def count_values(data: bytes | str) -> int:
    """Return how many values a JSON text may hold at most."""
    if isinstance(data, str):
        return 1 + sum(map(data.count, ",[{"))
    return 1 + sum(map(data.count, (b",", b"[", b"{")))


def parse_json(data: bytes) -> Any:
    """Parse the bytes of a JSON file.

    Raises:
        ValueError: They are not UTF-8 or not JSON, nest too deep, hold more than MOST_VALUES values, or half
            of a surrogate pair, which could not be written again. The message is a predicate for people:
            `nests too deep`.
    """
    if count_values(data) > MOST_VALUES:
        raise ValueError(f"holds more than {MOST_VALUES:,} values")
    try:
        value = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError("is no text in UTF-8") from error
    except RecursionError as error:
        raise ValueError("nests too deep") from error
    refuse_lone_surrogates(data, value)
    return value


def read_standard(text: str, locations: Locations | None = None) -> tuple[Any, list[SyntaxFault]]:
    """Return the value of a JSON text, numbers as JSON has them, and its faults.

    A key that stands twice, NaN and infinities, a nesting of more than MAX_DEPTH levels, and texts that are
    not Unicode or hold control characters are faults. Without a fault `locations`, if given, has the location
    of every value by its key path. The value is None where the text cannot be read to its end.
    """
    if count_values(text) > MOST_VALUES:
        message = f"holds more than {MOST_VALUES:,} values, expected fewer"
        return None, [SyntaxFault("json-syntax", 0, 0, message)]
    faults: Groups[SyntaxFault] = Groups()
    suspects: set[str] = set()  # numbers that are not finite; "" where a key stands twice

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(items)
        if len(mapping) != len(items):
            suspects.add("")
        return mapping

    def number(digits: str) -> float:
        found = float(digits)
        if not math.isfinite(found):
            suspects.add(digits)
        return found

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=number, parse_float=number)
    except json.JSONDecodeError as error:
        message = f"not well-formed JSON: {error.msg[0].lower()}{error.msg[1:]}"
        return None, [SyntaxFault("json-syntax", error.lineno - 1, error.colno - 1, message)]
    except (ValueError, RecursionError) as error:
        return None, [_unreadable(error)]
    if locations is not None or suspects or is_too_deep(value, MAX_DEPTH):
        scanner = _JsonScanner(text, {} if locations is None else locations, faults, suspects)
        try:
            scanner.scan(0, ())
        except StopError:
            return None, faults.faults()
    return value, faults.faults() + find_value_faults(text, value, locations, read_standard)


def _unreadable(error: ValueError | RecursionError) -> SyntaxFault:
    """Return the fault of a text that nests too deep for Python, or has a number of too many digits."""
    if isinstance(error, RecursionError):
        message = f"found more than {MAX_DEPTH} levels, expected no more"
        return SyntaxFault("too-deep", 0, 0, message)
    return SyntaxFault("json-syntax", 0, 0, f"cannot be read: {error}")


def refuse_lone_surrogates(data: bytes, value: Any) -> None:
    """Refuse a value that holds half of a surrogate pair, as UTF-8 cannot write one (RFC 8259, 8.2).

    Args:
        data: The JSON that the value was read from.
        value: The value.

    Raises:
        ValueError: A text of the value holds such a half. The message is a predicate for people.
    """
    if b"\\ud" in data.lower():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ValueError("holds half of a surrogate pair") from error


def is_too_deep(value: Any, most: int = _DEEPEST) -> bool:
    """Return whether a value of JSON nests deeper than so many levels."""
    level = [value]
    for _ in range(most):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return bool(level)


def is_equal(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal, types included: in Python, 1 equals 1.0 and True."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_equal(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(is_equal, one, other))
    return type(one) is type(other) and bool(one == other)


def read_json(text: str, locations: Locations | None = None) -> tuple[Any, list[SyntaxFault]]:
    """Read the value and the faults of a JSON text; arguments and results are those of `read_yaml`."""
    faults: Groups[SyntaxFault] = Groups()
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
        from release.syntax.advice.json_text import describe_json  # only a fault needs it

        return None, [describe_json(error)]
    except RecursionError:
        message = f"found more than {MAX_DEPTH} levels, expected no more"
        return None, [SyntaxFault("too-deep", 0, 0, message)]
    if (
        locations is not None
        or any(flags.values())
        or text.count("{") + text.count("[") > MAX_DEPTH
    ):
        scanner = _JsonScanner(text, {} if locations is None else locations, faults)
        try:
            scanner.scan(0, ())
        except StopError:
            return None, faults.faults()
    return value, faults.faults() + find_value_faults(text, value, locations, read_json)


_JSON_SPACE = re.compile(r"[ \t\r\n]*")
_JSON_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)  # long text in little memory
_JSON_OTHER = re.compile(r"[^\s,\]}]+")


#: Numbers that Python reads and JSON has not.
_CONSTANTS = frozenset({"NaN", "Infinity", "-Infinity"})


class _JsonScanner:
    """A second pass over well-formed JSON, which notes the location of every value and the faults."""

    def __init__(
        self,
        text: str,
        locations: Locations,
        faults: Groups[SyntaxFault],
        no_numbers: Collection[str] = _CONSTANTS,
    ) -> None:
        self._no_numbers = no_numbers
        self._text = text
        self._locations = locations
        self._faults = faults
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def scan(self, at: int, key_path: KeyPath, key_at: int | None = None) -> int:
        """Note the value at an offset, and all below it; return the offset behind it.

        Raises:
            StopError: It nests too deep.
        """
        at = self._skip(at)
        line, column = self._line_and_column(at)
        key_line, key_column = (line, column) if key_at is None else self._line_and_column(key_at)
        if key_path:
            self._locations[key_path] = Location(line, column, key_line, key_column)
        first = self._text[at]
        if first in "{[":
            if len(key_path) >= MAX_DEPTH:
                message = f"found a level below {MAX_DEPTH}, expected no more"
                self._note("too-deep", at, message, key_path)
                raise StopError
            return self._mapping(at + 1, key_path) if first == "{" else self._list(at + 1, key_path)
        match = (_JSON_STRING if first == '"' else _JSON_OTHER).match(self._text, at)
        assert match is not None
        if match[0] in self._no_numbers:
            message = f"found {brief_path((match[0],))}, expected a number"
            self._note("not-a-number", at, message, key_path)
        return match.end()

    def _mapping(self, at: int, key_path: KeyPath) -> int:
        seen: dict[str, tuple[int, int]] = {}  # where a key begins, and where its value does
        at = self._skip(at)
        while self._text[at] != "}":
            match = _JSON_STRING.match(self._text, at)
            assert match is not None
            key = json.loads(match[0])
            begin = self._skip(self._skip(match.end()) + 1)
            if key in seen:
                from release.syntax.advice.repeats import describe_repeat  # only a fault needs it

                first, second = self._scalar_at(seen[key][1]), self._scalar_at(begin)
                above = self._text.count("\n", seen[key][0], at)
                message = describe_repeat(key, first, above, second)
                self._note("duplicate-key", at, message, (*key_path, key))
            seen[key] = (at, begin)
            at = self._skip(self.scan(begin, (*key_path, key), at))
            if self._text[at] == ",":
                at = self._skip(at + 1)
        return at + 1

    def _scalar_at(self, at: int) -> Any:
        """Return the text, number or such that begins at an offset; of a list or mapping an empty one."""
        first = self._text[at]
        if first in "{[":
            return {} if first == "{" else []
        match = (_JSON_STRING if first == '"' else _JSON_OTHER).match(self._text, at)
        assert match is not None
        return json.loads(match[0]) if first == '"' else resolve_scalar(match[0])

    def _list(self, at: int, key_path: KeyPath) -> int:
        at = self._skip(at)
        position = 0
        while self._text[at] != "]":
            at = self._skip(self.scan(at, (*key_path, position)))
            position += 1
            if self._text[at] == ",":
                at = self._skip(at + 1)
        return at + 1

    def _note(self, rule: str, at: int, message: str, key_path: KeyPath) -> None:
        """Note a fault at an offset."""
        line, column = self._line_and_column(at)
        make = partial(SyntaxFault, rule, line, column, message, key_path)
        self._faults.add(rule, make)

    def _skip(self, at: int) -> int:
        """Return the offset of the next character that is no space."""
        match = _JSON_SPACE.match(self._text, at)
        assert match is not None
        return match.end()

    def _line_and_column(self, at: int) -> tuple[int, int]:
        """Return the line and column, from 0, of an offset."""
        line = bisect_right(self._line_starts, at) - 1
        return line, at - self._line_starts[line]
