"""The text of YAML or JSON -> values, strictly, with the line and column of every value.

Values are dict, list, str, int, float, bool and None. They follow the core schema of YAML 1.2, with one
reserve: a plain scalar becomes a number only where writing that number again gives the same text.
`010`, `1.10` and `+5` stay text until a schema says what they are; `NO` and `2022-08-01` are text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NoReturn

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from release.findings import shown
from release.syntax.paths import KeyPath, brief_path
from release.syntax.text import (
    COMPACT_NESTING,
    FLOAT,
    INTEGER,
    MAX_DEPTH,
    NOT_A_NUMBER,
    NULLS,
    Location,
    Locations,
    StopError,
    SyntaxFault,
    convert_number,
    find_control_characters,
    find_value_faults,
    line_and_column,
)

_MAY_RESOLVE = frozenset("-+.0123456789nNtf~")

_CONTROL_IN_YAML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]|\r(?!\n)")


def read_yaml(text: str, marks: Locations | None = None) -> tuple[Any, list[SyntaxFault]]:
    """The value of one YAML document and what is wrong with it.

    Where `marks` is given, the mark of every value is put in it. Where there are faults, the value is
    what could be read, or None.
    """
    faults = find_control_characters(text, _CONTROL_IN_YAML)
    if faults:
        return None, faults
    if (deep := COMPACT_NESTING.search(text)) is not None:
        message = f"found more than {MAX_DEPTH} levels on one line, expected no more"
        return None, [SyntaxFault("too-deep", *line_and_column(text, deep.start()), message)]
    reader = _YamlReader(text, marks, faults)
    try:
        value = reader.document()
    except StopError:
        return None, faults
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        message = f"not well-formed YAML: {_describe_problem(error, text)}{_describe_beginning(error, mark)}"
        faults.append(SyntaxFault("front-matter-syntax", line, column, message))
        return None, faults
    except yaml.YAMLError as error:
        message = f"not well-formed YAML: {' '.join(str(error).split())}"
        faults.append(SyntaxFault("front-matter-syntax", 0, 0, message))
        return None, faults
    return value, faults + find_value_faults(text, value, marks, read_yaml)


def read_beginning(text: bytes) -> Locations:
    """The marks in the list or mapping that a YAML text begins with, whatever stands behind it.

    The text is the rest of one without faults. Of a list that ends where its key began, the parser says that
    it goes on wrongly; its marks are those of the list all the same.
    """
    marks: Locations = {}
    reader = _YamlReader(text, marks, [])
    try:
        reader.beginning()
    except (StopError, yaml.YAMLError):
        return marks if text.lstrip(b" \n")[:2] in (b"- ", b"-\n") else {}
    return marks


def _describe_problem(error: yaml.MarkedYAMLError, text: str) -> str:
    """What is wrong, with the character that libyaml does not name: nobody sees a tab."""
    problem = error.problem or "a fault"
    mark = error.problem_mark
    if mark is None or problem != "found character that cannot start any token":
        return problem
    character = text.removeprefix("\ufeff")[mark.index]  # which libyaml does not count
    if character == "\t":
        return "found a tab that cannot start any token; indent with spaces"
    return f"found the character {character!r} that cannot start any token"


def _describe_beginning(error: yaml.MarkedYAMLError, mark: Any) -> str:
    """Where what is wrong began, if that is another line: an unclosed quote ends far below it."""
    begun = error.context_mark
    if begun is None or mark is None or begun.line == mark.line:
        return ""
    lines = mark.line - begun.line
    return f" ({error.context} that begins {lines} line{'s' if lines > 1 else ''} above)"


class _YamlReader:
    """Builds values from the events of libyaml's parser, which neither recurses nor resolves."""

    def __init__(
        self, text: str | bytes, marks: Locations | None, faults: list[SyntaxFault]
    ) -> None:
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

    def _node(self, event: Any, place: KeyPath) -> Any:
        kind = type(event)
        if kind is yaml.AliasEvent:
            self._note("anchor", event, f"found the alias {shown('*' + event.anchor)}", place)
            return None
        if event.anchor is not None:
            self._note("anchor", event, f"found the anchor {shown('&' + event.anchor)}", place)
        if event.tag is not None:
            self._note("tag", event, f"found the tag {shown(_show_tag(event.tag))}", place)
        if kind is yaml.ScalarEvent:
            return self._scalar(event, place)
        if len(place) >= MAX_DEPTH:
            self._stop(
                "too-deep", event, f"found a level below {MAX_DEPTH}, expected no more", place
            )
        return self._mapping(place) if kind is yaml.MappingStartEvent else self._list(place)

    def _mapping(self, place: KeyPath) -> dict[str, Any]:
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
                self._marks[here] = Location(
                    value_mark.line, value_mark.column, key_mark.line, key_mark.column
                )
            mapping[key] = self._node(event, here)
        return mapping

    def _list(self, place: KeyPath) -> list[Any]:
        items: list[Any] = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            here = (*place, len(items))
            if self._marks is not None:
                mark = event.start_mark
                self._marks[here] = Location(mark.line, mark.column, mark.line, mark.column)
            items.append(self._node(event, here))
        return items

    def _key(self, event: Any, place: KeyPath) -> str:
        if type(event) is not yaml.ScalarEvent:
            found = "an alias" if type(event) is yaml.AliasEvent else "a list or mapping"
            self._stop("key-not-text", event, f"found {found} as a key, expected text", place)
        if event.anchor is not None:
            self._note("anchor", event, f"found the anchor {shown('&' + event.anchor)}", place)
        if event.tag is not None:
            self._note("tag", event, f"found the tag {shown(_show_tag(event.tag))}", place)
        return str(event.value)

    def _scalar(self, event: Any, place: KeyPath) -> Any:
        text = event.value
        if event.style or not event.implicit[0]:
            return text
        if text and text[0] not in _MAY_RESOLVE:
            return text
        if NOT_A_NUMBER.match(text):
            self._note("not-a-number", event, f"found {text}, expected a number", place)
            return None
        return resolve_scalar(text)

    def _note(self, rule: str, event: Any, message: str, place: KeyPath) -> None:
        advice = {
            "anchor": "; expected the value itself, written out",
            "tag": "; expected none: the schema says what a value is",
        }.get(rule, "")
        mark = event.start_mark
        self._faults.append(SyntaxFault(rule, mark.line, mark.column, message + advice, place))

    def _stop(self, rule: str, event: Any, message: str, place: KeyPath) -> NoReturn:
        self._note(rule, event, message, place)
        raise StopError


def _show_tag(tag: str) -> str:
    """A tag as its author wrote it, as far as that is known."""
    standard = "tag:yaml.org,2002:"
    return f"!!{tag.removeprefix(standard)}" if tag.startswith(standard) else tag


def resolve_scalar(text: str) -> str | int | float | bool | None:
    """The value of a plain scalar: what the core schema says where that keeps the author's text."""
    if text in NULLS:
        return None
    if text == "true":
        return True
    if text == "false":
        return False
    if INTEGER.match(text):
        return int(text) if len(text) < 400 else text
    if FLOAT.match(text):
        return convert_number(text)
    return text
