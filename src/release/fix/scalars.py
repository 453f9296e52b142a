"""Find the text that is written at an offset of a file, by the format of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from release.fix.file_text import FileText
from release.fix.notation import Scalar, Style, read_units
from release.records.reader import Record
from release.syntax.formats.csv_dialect import Dialect
from release.syntax.formats.csv_records import DELIMITERS
from release.syntax.formats.front_matter import Format
from release.syntax.formats.toml import STRING

_JSON_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*+"')
_STYLES: dict[str, Style] = {
    "": "plain",
    "'": "single",
    '"': "double",
    "|": "literal",
    ">": "folded",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a file's text that is read in one format, and the offset at which it begins."""

    start: int
    text: str
    format: Format


def find_stretches(file: FileText, records: Sequence[Record]) -> list[Stretch]:
    """Return the parts of a text that records are read from; not one that cannot be found there again."""
    found: dict[int, Stretch] = {}
    for record in records:
        front = record.front
        if front.format in DELIMITERS or id(front.text) in found:
            continue
        start = file.offset_of(front.line, front.column)
        if start is not None and file.text.startswith(front.text, start):
            found[id(front.text)] = Stretch(start, front.text, front.format)
    return list(found.values())


class ScalarFinder:
    """A finder of the texts in the stretches of a file, or in the cells of its rows."""

    def __init__(self, file: FileText, stretches: Sequence[Stretch], cells: Dialect | None) -> None:
        self._file = file
        self._stretches = stretches
        self._cells = cells
        self._known: dict[int, dict[int, Scalar]] = {}

    def at(self, offset: int) -> Scalar | None:
        """Return the text that begins at an offset; None if none does, or if it cannot be edited."""
        if self._cells is not None:
            return read_cell(self._file.text, offset, self._cells)
        for number, stretch in enumerate(self._stretches):
            if not stretch.start <= offset < stretch.start + len(stretch.text):
                continue
            if stretch.format == "yaml":
                return self._yaml(number).get(offset)
            return _read_string(self._file.text, offset, stretch.format)
        return None

    def cut_at(self, offset: int) -> tuple[int, str | None] | None:
        """Return where a text begins that YAML cuts before a comment, and what YAML reads of it.

        It begins on the line of the comment, which begins at the offset. None if there is no such text.
        """
        text = self._file.text
        begin = text.rfind("\n", 0, offset) + 1
        end = begin + len(text[begin:offset].rstrip(" \t"))
        for number, stretch in enumerate(self._stretches):
            if stretch.format == "yaml" and stretch.start <= offset < stretch.start + len(
                stretch.text
            ):
                for scalar in self._yaml(number).values():
                    if scalar.end == end and begin <= scalar.start < end:
                        return (scalar.start, scalar.value) if scalar.style == "plain" else None
                return (offset, None) if text[begin:end].endswith((":", "-")) else None
        return None

    def _yaml(self, number: int) -> dict[int, Scalar]:
        """Return the texts of a stretch of YAML, by their offsets."""
        if number not in self._known:
            stretch = self._stretches[number]
            scalars = _read_yaml(self._file.text, stretch)
            self._known[number] = {scalar.start: scalar for scalar in scalars}
        return self._known[number]


def _read_yaml(text: str, stretch: Stretch) -> Iterator[Scalar]:
    """Yield the scalars of a stretch of YAML, with offsets in the whole text."""
    parser = CParser(stretch.text)
    try:
        event: Any = parser.get_event()
        while (kind := type(event)) is not yaml.StreamEndEvent:
            if kind is yaml.ScalarEvent:
                start = stretch.start + event.start_mark.index
                end = stretch.start + event.end_mark.index
                style = _STYLES[event.style or ""]
                units = read_units(text, start, end, style, event.value)
                yield Scalar(start, end, style, event.value, units)
            event = parser.get_event()
    except yaml.YAMLError:
        return  # the rest cannot be read, which is a finding of its own


def _read_string(text: str, offset: int, form: Format) -> Scalar | None:
    """Return the text in quotes of JSON or TOML at an offset."""
    pattern = _JSON_STRING if form == "json" else STRING
    match = pattern.match(text, offset)
    if match is None:
        return None
    style: Style = "json" if form == "json" else "basic" if match[0][0] == '"' else "raw"
    return _scalar(text, *match.span(), style)


def read_cell(text: str, offset: int, dialect: Dialect) -> Scalar | None:
    """Return the cell of CSV that begins at an offset; None in a dialect of other quotes, or with escapes."""
    if dialect.quote != '"' or dialect.escape or not dialect.doubles_quotes:
        return None
    delimiter = re.escape(dialect.delimiter)
    quoted = rf'(?P<quoted>"[^"]*(?:""[^"]*)*")(?={delimiter}|[\r\n]|\Z)'
    pattern = re.compile(rf'{quoted}|(?:(?!{delimiter})[^"\r\n])*')
    match = pattern.match(text, offset)
    if match is None:
        return None
    return _scalar(text, *match.span(), "quoted-cell" if match["quoted"] else "cell")


def _scalar(text: str, start: int, end: int, style: Style) -> Scalar | None:
    """Return a scalar whose value is that of its units."""
    units = read_units(text, start, end, style)
    return Scalar(start, end, style, "".join(unit.characters for unit in units), units)
