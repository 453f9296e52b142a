"""The text of YAML or JSON -> values, strictly, with the line and column of every value.

Values are dict, list, str, int, float, bool and None. They follow the core schema of YAML 1.2, with one
reserve: a plain scalar becomes a number only where writing that number again gives the same text.
`010`, `1.10` and `+5` stay text until a schema says what they are; `NO` and `2022-08-01` are text.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from release.findings import shown
from release.paths import Place, brief_path

MAX_DEPTH = 64

# The scalars of YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#1032-tag-resolution).
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"-?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_A_NUMBER = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_MAY_RESOLVE = frozenset("-+.0123456789nNtf~")

#: Characters that text may hold only as tab, LF and CR; NEL, LS and PS break lines in YAML 1.1 only.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CONTROL_IN_YAML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]|\r(?!\n)")
_MAY_WRITE_CONTROL = re.compile(r"\\[0abefvxuUN_]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_VALUE_RULES = ("control-character", "lone-surrogate")
#: `- - - -` nests a level with each dash; far too many of them crash libyaml, which recurses there.
_COMPACT_NESTING = re.compile(rf"(?:[-?:][ \t]+){{{MAX_DEPTH}}}")
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


class _StopError(Exception):
    """The text cannot be read any further; its fault has been noted."""


def read_yaml(text: str, marks: Marks | None = None) -> tuple[Any, list[Fault]]:
    """The value of one YAML document and what is wrong with it.

    Where `marks` is given, the mark of every value is put in it. Where there are faults, the value is
    what could be read, or None.
    """
    faults = control_faults(text, _CONTROL_IN_YAML)
    if faults:
        return None, faults
    if (deep := _COMPACT_NESTING.search(text)) is not None:
        message = f"found more than {MAX_DEPTH} levels on one line, expected no more"
        return None, [Fault("too-deep", *position(text, deep.start()), message)]
    reader = _YamlReader(text, marks, faults)
    try:
        value = reader.document()
    except _StopError:
        return None, faults
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        message = f"not well-formed YAML: {_problem(error, text)}{_opened(error, mark)}"
        faults.append(Fault("front-matter-syntax", line, column, message))
        return None, faults
    except yaml.YAMLError as error:
        message = f"not well-formed YAML: {' '.join(str(error).split())}"
        faults.append(Fault("front-matter-syntax", 0, 0, message))
        return None, faults
    return value, faults + _value_faults(text, value, marks, read_yaml)


def read_beginning(text: bytes) -> Marks:
    """The marks in the list or mapping that a YAML text begins with, whatever stands behind it.

    The text is the rest of one without faults. Of a list that ends where its key began, the parser says that
    it goes on wrongly; its marks are those of the list all the same.
    """
    marks: Marks = {}
    reader = _YamlReader(text, marks, [])
    try:
        reader.beginning()
    except (_StopError, yaml.YAMLError):
        return marks if text.lstrip(b" \n")[:2] in (b"- ", b"-\n") else {}
    return marks


def _problem(error: yaml.MarkedYAMLError, text: str) -> str:
    """What is wrong, with the character that libyaml does not name: nobody sees a tab."""
    problem = error.problem or "a fault"
    mark = error.problem_mark
    if mark is None or problem != "found character that cannot start any token":
        return problem
    character = text.removeprefix("\ufeff")[mark.index]  # which libyaml does not count
    if character == "\t":
        return "found a tab that cannot start any token; indent with spaces"
    return f"found the character {character!r} that cannot start any token"


def _opened(error: yaml.MarkedYAMLError, mark: Any) -> str:
    """Where what is wrong began, if that is another line: an unclosed quote ends far below it."""
    begun = error.context_mark
    if begun is None or mark is None or begun.line == mark.line:
        return ""
    lines = mark.line - begun.line
    return f" ({error.context} that begins {lines} line{'s' if lines > 1 else ''} above)"


class _YamlReader:
    """Builds values from the events of libyaml's parser, which neither recurses nor resolves."""

    def __init__(self, text: str | bytes, marks: Marks | None, faults: list[Fault]) -> None:
        self._next: Callable[[], Any] = CParser(text).get_event
        self._marks = marks
        self._faults = faults

    def document(self) -> Any:
        self._next()  # the start of the stream
        event = self._next()
        if type(event) is yaml.StreamEndEvent:
            return None
        value = self._node(self._next(), ())
        self._next()  # the end of the document
        event = self._next()
        if type(event) is not yaml.StreamEndEvent:
            self._stop(
                "front-matter-syntax",
                event,
                "found the start of another document, expected one document",
                (),
            )
        return value

    def beginning(self) -> None:
        """Read the first node, if it is a list or mapping, and nothing behind it."""
        self._next()  # the start of the stream
        self._next()  # of the document
        event = self._next()
        if type(event) in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
            self._node(event, ())

    def _node(self, event: Any, place: Place) -> Any:
        kind = type(event)
        if kind is yaml.AliasEvent:
            self._note("anchor", event, f"found the alias {shown('*' + event.anchor)}", place)
            return None
        if event.anchor is not None:
            self._note("anchor", event, f"found the anchor {shown('&' + event.anchor)}", place)
        if event.tag is not None:
            self._note("tag", event, f"found the tag {shown(_tag(event.tag))}", place)
        if kind is yaml.ScalarEvent:
            return self._scalar(event, place)
        if len(place) >= MAX_DEPTH:
            self._stop(
                "too-deep", event, f"found a level below {MAX_DEPTH}, expected no more", place
            )
        return self._mapping(place) if kind is yaml.MappingStartEvent else self._list(place)

    def _mapping(self, place: Place) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while type(key_event := self._next()) is not yaml.MappingEndEvent:
            key = self._key(key_event, place)
            here = (*place, key)
            if key in mapping:
                message = f"found the key {shown(brief_path((key,)))} again, expected it once"
                self._note("duplicate-key", key_event, message, here)
            event = self._next()
            if self._marks is not None:
                value_mark, key_mark = event.start_mark, key_event.start_mark
                self._marks[here] = Mark(
                    value_mark.line, value_mark.column, key_mark.line, key_mark.column
                )
            mapping[key] = self._node(event, here)
        return mapping

    def _list(self, place: Place) -> list[Any]:
        items: list[Any] = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            here = (*place, len(items))
            if self._marks is not None:
                mark = event.start_mark
                self._marks[here] = Mark(mark.line, mark.column, mark.line, mark.column)
            items.append(self._node(event, here))
        return items

    def _key(self, event: Any, place: Place) -> str:
        if type(event) is not yaml.ScalarEvent:
            found = "an alias" if type(event) is yaml.AliasEvent else "a list or mapping"
            self._stop("key-not-text", event, f"found {found} as a key, expected text", place)
        if event.anchor is not None:
            self._note("anchor", event, f"found the anchor {shown('&' + event.anchor)}", place)
        if event.tag is not None:
            self._note("tag", event, f"found the tag {shown(_tag(event.tag))}", place)
        return str(event.value)

    def _scalar(self, event: Any, place: Place) -> Any:
        text = event.value
        if event.style or not event.implicit[0]:
            return text
        if text and text[0] not in _MAY_RESOLVE:
            return text
        if _NOT_A_NUMBER.match(text):
            self._note("not-a-number", event, f"found {text}, expected a number", place)
            return None
        return plain_value(text)

    def _note(self, rule: str, event: Any, message: str, place: Place) -> None:
        advice = {
            "anchor": "; expected the value itself, written out",
            "tag": "; expected none: the schema says what a value is",
        }.get(rule, "")
        mark = event.start_mark
        self._faults.append(Fault(rule, mark.line, mark.column, message + advice, place))

    def _stop(self, rule: str, event: Any, message: str, place: Place) -> NoReturn:
        self._note(rule, event, message, place)
        raise _StopError


def _tag(tag: str) -> str:
    """A tag as its author wrote it, as far as that is known."""
    standard = "tag:yaml.org,2002:"
    return f"!!{tag.removeprefix(standard)}" if tag.startswith(standard) else tag


def plain_value(text: str) -> str | int | float | bool | None:
    """The value of a plain scalar: what the core schema says where that keeps the author's text."""
    if text in _NULLS:
        return None
    if text == "true":
        return True
    if text == "false":
        return False
    if _INTEGER.match(text):
        return int(text) if len(text) < 400 else text
    if _FLOAT.match(text):
        return number_or_text(text)
    return text


def number_or_text(text: str) -> float | str:
    """The number that a text writes, or the text where the number would be written otherwise."""
    number = float(text)
    return number if repr(number) == text else text


def read_json(text: str, marks: Marks | None = None) -> tuple[Any, list[Fault]]:
    """The value of one JSON text and what is wrong with it; as `read_yaml`."""
    faults: list[Fault] = []
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
            parse_int=plain_value,
            parse_float=number_or_text,
            parse_constant=constant,
        )
    except json.JSONDecodeError as error:
        line, column = error.lineno - 1, error.colno - 1
        message = f"not well-formed JSON: {error.msg[0].lower()}{error.msg[1:]}"
        return None, [Fault("front-matter-syntax", line, column, message)]
    except RecursionError:
        message = f"found more than {MAX_DEPTH} levels, expected no more"
        return None, [Fault("too-deep", 0, 0, message)]
    if marks is not None or any(flags.values()) or text.count("{") + text.count("[") > MAX_DEPTH:
        scanner = _JsonScanner(text, {} if marks is None else marks, faults)
        try:
            scanner.value(0, ())
        except _StopError:
            return None, faults
    return value, faults + _value_faults(text, value, marks, read_json)


_JSON_SPACE = re.compile(r"[ \t\r\n]*")
_JSON_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)  # long text in little memory
_JSON_OTHER = re.compile(r"[^\s,\]}]+")


class _JsonScanner:
    """Walks a JSON text that is known to be well-formed, for the place of every value."""

    def __init__(self, text: str, marks: Marks, faults: list[Fault]) -> None:
        self._text = text
        self._marks = marks
        self._faults = faults
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def value(self, at: int, place: Place, key_at: int | None = None) -> int:
        at = self._skip(at)
        line, column = self._line_of(at)
        key_line, key_column = (line, column) if key_at is None else self._line_of(key_at)
        if place:
            self._marks[place] = Mark(line, column, key_line, key_column)
        first = self._text[at]
        if first in "{[":
            if len(place) >= MAX_DEPTH:
                message = f"found a level below {MAX_DEPTH}, expected no more"
                self._faults.append(Fault("too-deep", line, column, message, place))
                raise _StopError
            return self._mapping(at + 1, place) if first == "{" else self._list(at + 1, place)
        match = (_JSON_STRING if first == '"' else _JSON_OTHER).match(self._text, at)
        assert match is not None
        if match[0] in ("NaN", "Infinity", "-Infinity"):
            message = f"found {match[0]}, expected a number"
            self._faults.append(Fault("not-a-number", line, column, message, place))
        return match.end()

    def _mapping(self, at: int, place: Place) -> int:
        seen = set()
        at = self._skip(at)
        while self._text[at] != "}":
            match = _JSON_STRING.match(self._text, at)
            assert match is not None
            key = json.loads(match[0])
            if key in seen:
                line, column = self._line_of(at)
                message = f"found the key {shown(brief_path((key,)))} again, expected it once"
                self._faults.append(Fault("duplicate-key", line, column, message, (*place, key)))
            seen.add(key)
            colon = self._skip(match.end())
            at = self._skip(self.value(colon + 1, (*place, key), at))
            if self._text[at] == ",":
                at = self._skip(at + 1)
        return at + 1

    def _list(self, at: int, place: Place) -> int:
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


def _value_faults(
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
