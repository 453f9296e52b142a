"""Read YAML 1.2 strictly, with the line and column of every value.

Values are dict, list, str, int, float, bool and None, by the core schema of YAML 1.2
(https://yaml.org/spec/1.2.2/#103-core-schema) with one restriction: a plain scalar becomes a number only if
writing that number gives the same text again. `010`, `1.10` and `+5` therefore stay text until a schema gives
them a type. `NO` and `2022-08-01` are text, as the core schema has no such booleans and no dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from release.findings.groups import Groups
from release.findings.message import shown
from release.syntax.paths import KeyPath
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


def read_yaml(text: str, locations: Locations | None = None) -> tuple[Any, list[SyntaxFault]]:
    """Read the value of a text with one YAML document, and the faults of that text.

    Args:
        text: The text.
        locations: Receives the location of every value; None to save the time that this takes.

    Returns:
        The value and the faults. With faults, the value is what could be read, or None.
    """
    faults = find_control_characters(text, _CONTROL_IN_YAML)
    if faults:
        return None, faults
    if (deep := COMPACT_NESTING.search(text)) is not None:
        message = f"found more than {MAX_DEPTH} levels on one line, expected no more"
        return None, [SyntaxFault("too-deep", *line_and_column(text, deep.start()), message)]
    reader = _YamlReader(text, locations)
    try:
        value = reader.read_document()
    except StopError:
        return None, reader.faults()
    except yaml.MarkedYAMLError as error:
        from release.syntax.advice.yaml_text import describe_problem  # only a fault needs it

        problem, line, column = describe_problem(error, text)
        message = f"not well-formed YAML: {problem}"
        return None, [*reader.faults(), SyntaxFault("front-matter-syntax", line, column, message)]
    except yaml.YAMLError as error:
        message = f"not well-formed YAML: {' '.join(str(error).split())}"
        return None, [*reader.faults(), SyntaxFault("front-matter-syntax", 0, 0, message)]
    return value, reader.faults() + find_value_faults(text, value, locations, read_yaml)


def read_beginning(text: bytes) -> Locations:
    """Return the locations of the values in the list or mapping that a YAML text begins with.

    Args:
        text: The rest of a text without faults, in UTF-8; anything may follow the list or mapping.

    Returns:
        The locations, with lines from the beginning of `text`; none if it begins with a scalar. A list may be
        indented as its key is: the parser then reports a fault at the next key, when the list is complete.
    """
    locations: Locations = {}
    reader = _YamlReader(text, locations)
    try:
        reader.read_beginning()
    except (StopError, yaml.YAMLError):
        return locations if text.lstrip(b" \n")[:2] in (b"- ", b"-\n") else {}
    return locations


class _YamlReader:
    """A builder of values from the events of libyaml's parser, which neither recurses nor resolves."""

    def __init__(self, text: str | bytes, locations: Locations | None) -> None:
        self._next: Callable[[], Any] = CParser(text).get_event
        self._locations = locations
        self._faults: Groups[SyntaxFault] = Groups()

    def faults(self) -> list[SyntaxFault]:
        """Return the faults that were noted so far."""
        return self._faults.faults()

    def read_document(self) -> Any:
        """Read the one document of the text.

        Raises:
            StopError: The text cannot be read to its end.
            yaml.YAMLError: It is not YAML.
        """
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

    def read_beginning(self) -> None:
        """Read the first node if it is a list or mapping, and nothing that follows."""
        self._next()  # the start of the stream
        self._next()  # of the document
        event = self._next()
        if type(event) in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
            self._node(event, ())

    def _node(self, event: Any, key_path: KeyPath) -> Any:
        kind = type(event)
        if kind is yaml.AliasEvent:
            self._note("anchor", event, f"found the alias {shown('*' + event.anchor)}", key_path)
            return None
        if event.anchor is not None:
            self._note("anchor", event, f"found the anchor {shown('&' + event.anchor)}", key_path)
        if event.tag is not None:
            self._note("tag", event, f"found the tag {shown(_show_tag(event.tag))}", key_path)
        if kind is yaml.ScalarEvent:
            return self._scalar(event, key_path)
        if len(key_path) >= MAX_DEPTH:
            self._stop(
                "too-deep", event, f"found a level below {MAX_DEPTH}, expected no more", key_path
            )
        return self._mapping(key_path) if kind is yaml.MappingStartEvent else self._list(key_path)

    def _mapping(self, key_path: KeyPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        lines: dict[str, int] = {}
        while type(key_event := self._next()) is not yaml.MappingEndEvent:
            key = self._key(key_event, key_path)
            here = (*key_path, key)
            event = self._next()
            line = key_event.start_mark.line
            if key in mapping:
                message = _describe_repeat(key, mapping[key], line - lines[key], event)
                self._note("duplicate-key", key_event, message, here)
            lines[key] = line
            if self._locations is not None:
                value_start, key_start = event.start_mark, key_event.start_mark
                self._locations[here] = Location(
                    value_start.line, value_start.column, key_start.line, key_start.column
                )
            mapping[key] = self._node(event, here)
        return mapping

    def _list(self, key_path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            here = (*key_path, len(items))
            if self._locations is not None:
                mark = event.start_mark
                self._locations[here] = Location(mark.line, mark.column, mark.line, mark.column)
            items.append(self._node(event, here))
        return items

    def _key(self, event: Any, key_path: KeyPath) -> str:
        if type(event) is not yaml.ScalarEvent:
            found, wanted = "an alias", "text"
            if type(event) is not yaml.AliasEvent:
                found, wanted = (
                    "a list or mapping",
                    "text, or quotes around a value such as {{ x }}",
                )
            self._stop(
                "key-not-text", event, f"found {found} as a key, expected {wanted}", key_path
            )
        if event.anchor is not None:
            self._note("anchor", event, f"found the anchor {shown('&' + event.anchor)}", key_path)
        if event.tag is not None:
            self._note("tag", event, f"found the tag {shown(_show_tag(event.tag))}", key_path)
        return str(event.value)

    def _scalar(self, event: Any, key_path: KeyPath) -> Any:
        text = event.value
        if event.style or not event.implicit[0]:
            return text
        if text and text[0] not in _MAY_RESOLVE:
            return text
        if NOT_A_NUMBER.match(text):
            self._note("not-a-number", event, f"found {text}, expected a number", key_path)
            return None
        return resolve_scalar(text)

    def _note(self, rule: str, event: Any, message: str, key_path: KeyPath) -> None:
        """Note a fault where an event begins, with advice for the rules that need some."""
        advice = {
            "anchor": "; expected the value itself, written out, or quotes around a text",
            "tag": "; expected none, as the schema says what a value is, or quotes around a text",
        }.get(rule, "")
        mark = event.start_mark
        make = partial(SyntaxFault, rule, mark.line, mark.column, message + advice, key_path)
        self._faults.add(rule, make)

    def _stop(self, rule: str, event: Any, message: str, key_path: KeyPath) -> NoReturn:
        """Note a fault that ends the reading.

        Raises:
            StopError: Always.
        """
        self._note(rule, event, message, key_path)
        raise StopError


def _show_tag(tag: str) -> str:
    """Return a tag as its author probably wrote it: `!!int` for `tag:yaml.org,2002:int`."""
    standard = "tag:yaml.org,2002:"
    return f"!!{tag.removeprefix(standard)}" if tag.startswith(standard) else tag


def _describe_repeat(key: str, first: object, above: int, event: Any) -> str:
    """Return the message on a key that stands twice, with the event that its other value begins with."""
    from release.syntax.advice.repeats import describe_repeat  # only a fault needs it

    second: object = {} if type(event) is yaml.MappingStartEvent else []
    if type(event) is yaml.ScalarEvent:
        is_plain = not event.style and event.implicit[0]
        second = resolve_scalar(event.value) if is_plain else event.value
    elif type(event) is yaml.AliasEvent:
        second = f"*{event.anchor}"
    return describe_repeat(key, first, above, second)


def resolve_scalar(text: str) -> str | int | float | bool | None:
    """Return the value of a plain scalar by the core schema of YAML 1.2.

    It stays text if it is a number that Python would write in another way, such as `1.10`, or has 400 digits.
    """
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
