"""Read TOML 1.0 (https://toml.io/en/v1.0.0) strictly, with the line and column of every value."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Generator, Iterator
from datetime import date, datetime, time
from functools import partial
from typing import Any

from release.findings.groups import Groups
from release.syntax.json import is_too_deep
from release.syntax.paths import KeyPath
from release.syntax.text import (
    MAX_DEPTH,
    Location,
    Locations,
    SyntaxFault,
    convert_number,
    find_value_faults,
)

#: Where `tomllib` found a fault, at the end of its message; Python 3.14 has it as attributes too.
_WHERE = re.compile(r" \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)\Z")

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
#: A text in quotes.
STRING = re.compile(
    r'''"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}'''
    r"|'''(?:[^']|'{1,2}(?!'))*+'{3,5}"
    r'''|"(?:[^"\\]|\\.)*+"'''
    r"|'[^']*+'",
    re.DOTALL,
)
#: A number, a boolean, or a date, whose time may follow behind a blank.
_OTHER = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[^\s,\]}#]+|[^\s,\]}#]+")

#: Yields key path and text of each number, boolean, date and time; returns the offset behind what was read.
Found = Generator[tuple[KeyPath, str], None, int]

_NOT_FINITE = frozenset(("inf", "+inf", "-inf", "nan", "+nan", "-nan"))


def read_toml(text: str, locations: Locations | None = None) -> tuple[Any, list[SyntaxFault]]:
    """Read the value and the faults of a TOML text; arguments and results are those of `read_yaml`.

    Dates and times are texts as the author wrote them: the schema says what they are.
    """
    seen_not_finite: list[str] = []

    def number(digits: str) -> float | str:
        if digits in _NOT_FINITE:
            seen_not_finite.append(digits)
            return digits
        return convert_number(digits.replace("_", "").removeprefix("+"))

    try:
        value = tomllib.loads(text, parse_float=number)
    except RecursionError:
        return None, [_too_deep()]
    except ValueError as error:
        return None, [_describe_error(error, text)]
    if is_too_deep(value, MAX_DEPTH):
        return None, [_too_deep()]
    known: Locations = {} if locations is None else locations
    faults: Groups[SyntaxFault] = Groups()
    if locations is not None or seen_not_finite or any(map(_is_timed, _leaves(value))):
        for key_path, written in _Scanner(text, known).scan():
            if written in _NOT_FINITE:
                at = known[key_path]
                message = f"found {written}, expected a number"
                make = partial(SyntaxFault, "not-a-number", at.line, at.column, message, key_path)
                faults.add("not-a-number", make)
            else:
                _replace_time(value, key_path, written)
    value = _write_dates(value)
    return value, faults.faults() + find_value_faults(text, value, locations, read_toml)


def _too_deep() -> SyntaxFault:
    message = f"found more than {MAX_DEPTH} levels, expected no more"
    return SyntaxFault("too-deep", 0, 0, message)


def _describe_error(error: ValueError, text: str) -> SyntaxFault:
    """Return the fault that `tomllib` found; one without a place is a number of too many digits."""
    problem = str(error)
    where = _WHERE.search(problem)
    if where is None:
        message = "not well-formed TOML: a number has more digits than can be read"
        return SyntaxFault("front-matter-syntax", 0, 0, message)
    if where[1]:
        line, column = int(where[1]) - 1, int(where[2]) - 1
    else:
        line, column = text.rstrip("\n").count("\n"), 0
    from release.syntax.advice.toml_text import describe_toml  # only a fault needs it

    problem = problem[: where.start()]
    problem = f"{problem[:1].lower()}{problem[1:]}"
    problem, line, column = describe_toml(problem, text, line, column)
    message = f"not well-formed TOML: {problem}"
    return SyntaxFault("front-matter-syntax", line, column, message)


def _leaves(value: Any) -> Iterator[Any]:
    """Yield each value that is neither a mapping nor a list."""
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            yield from _leaves(each)
        else:
            yield each


def _is_timed(value: Any) -> bool:
    """Return True for times, which TOML writes in more than one way."""
    return isinstance(value, datetime | time)


def _replace_time(value: Any, key_path: KeyPath, written: str) -> None:
    """Put the text of a date or time in the place of what it stands for."""
    *above, last = key_path
    for segment in above:
        value = value[segment]
    if isinstance(value[last], date | time):
        value[last] = written


def _write_dates(value: Any) -> Any:
    """Return a value with dates as texts; TOML writes a date in one way only."""
    if isinstance(value, dict):
        return {key: _write_dates(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_write_dates(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


class _Scanner:
    """A second pass over well-formed TOML, which notes the location of every value."""

    def __init__(self, text: str, locations: Locations) -> None:
        self._text = text
        self._locations = locations
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._lengths: dict[KeyPath, int] = {}  # of lists that `[[…]]` makes

    def scan(self) -> Iterator[tuple[KeyPath, str]]:
        """Note all locations; yield the key path and text of each number, boolean, date and time."""
        table: KeyPath = ()
        at = self._skip_blank(0)
        while at < len(self._text):
            if self._text[at] == "[":
                table, at = self._header(at)
            else:
                at = yield from self._pair(at, table)
            at = self._skip_blank(at)

    def _header(self, at: int) -> tuple[KeyPath, int]:
        """Read `[a.b]` or `[[a.b]]`; return the key path that the next pairs stand below."""
        begin = at
        is_list = self._text.startswith("[[", at)
        keys, at = self._keys(at + 1 + is_list)
        path: KeyPath = ()
        for number, (key, key_at) in enumerate(keys):
            path = (*path, key)
            self._note(path, begin, key_at)
            if path in self._lengths and not (is_list and number == len(keys) - 1):
                path = (*path, self._lengths[path] - 1)
        if is_list:
            position = self._lengths.get(path, 0)
            self._lengths[path] = position + 1
            path = (*path, position)
            self._note(path, begin, begin)
        return path, self._skip_space(at) + 1 + is_list

    def _pair(self, at: int, table: KeyPath) -> Found:
        """Read `a.b = value`."""
        keys, at = self._keys(at)
        at = self._skip_space(at + 1)
        path = table
        for key, key_at in keys:
            path = (*path, key)
            self._note(path, at, key_at)
        return (yield from self._value(at, path))

    def _value(self, at: int, path: KeyPath) -> Found:
        """Read a value."""
        first = self._text[at]
        if first == "[":
            return (yield from self._list(at + 1, path))
        if first == "{":
            return (yield from self._inline_table(at + 1, path))
        match = (STRING if first in "\"'" else _OTHER).match(self._text, at)
        assert match is not None
        if first not in "\"'":
            yield path, match[0]
        return match.end()

    def _list(self, at: int, path: KeyPath) -> Found:
        at = self._skip_blank(at)
        position = 0
        while self._text[at] != "]":
            self._note((*path, position), at, at)
            at = self._skip_blank((yield from self._value(at, (*path, position))))
            position += 1
            if self._text[at] == ",":
                at = self._skip_blank(at + 1)
        return at + 1

    def _inline_table(self, at: int, path: KeyPath) -> Found:
        at = self._skip_blank(at)
        while self._text[at] != "}":
            at = self._skip_blank((yield from self._pair(at, path)))
            if self._text[at] == ",":
                at = self._skip_blank(at + 1)
        return at + 1

    def _keys(self, at: int) -> tuple[list[tuple[str, int]], int]:
        """Read `a."b".c`; return each key with its offset, and the offset of what follows."""
        keys = []
        while True:
            at = self._skip_space(at)
            match = STRING.match(self._text, at) or _BARE_KEY.match(self._text, at)
            assert match is not None
            key = match[0]
            if key[0] in "\"'":
                key = next(iter(tomllib.loads(f"{key} = 0")))
            keys.append((key, at))
            at = self._skip_space(match.end())
            if self._text[at : at + 1] != ".":
                return keys, at
            at += 1

    def _note(self, path: KeyPath, at: int, key_at: int) -> None:
        """Note the offsets of a value and its key, if it is met for the first time."""
        if path not in self._locations:
            places = (*self._line_and_column(at), *self._line_and_column(key_at))
            self._locations[path] = Location(*places)

    def _skip_space(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        assert match is not None
        return match.end()

    def _skip_blank(self, at: int) -> int:
        """Return the offset of the next character that is no blank, line end or comment."""
        match = _BLANK.match(self._text, at)
        assert match is not None
        return match.end()

    def _line_and_column(self, at: int) -> tuple[int, int]:
        """Return the line and column, from 0, of an offset."""
        line = bisect_right(self._line_starts, at) - 1
        return line, at - self._line_starts[line]
