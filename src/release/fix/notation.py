"""Notation: read how a text is written, with quotes, escapes and several lines, and write another."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from release.fix.file_text import Edit

#: The ways of writing a text: those of YAML, then those of JSON, TOML and CSV.
Style = Literal[
    "plain", "single", "double", "literal", "folded", "json", "basic", "raw", "cell", "quoted-cell"
]


class Unit(NamedTuple):
    """Some characters of a text, and the offsets between which they are written."""

    start: int
    end: int
    characters: str


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text that is written between two offsets of a file.

    `units` are its characters in order; there are none if it is not certain where each is written.
    """

    start: int
    end: int
    style: Style
    value: str
    units: Sequence[Unit]

    def rewrite(self, new: str) -> list[list[Edit]]:
        """Return ways to write another text in the place of this one, each as edits; the best one first.

        What both texts begin and end with stays as it is written.
        """
        ways = []
        if (edits := self._edit_units(new)) is not None:
            ways.append(edits)
        if self.style == "plain":
            ways.append([Edit(self.start, self.end, write_quoted(new))])
        if self.style == "cell":
            ways.append([Edit(self.start, self.end, '"' + new.replace('"', '""') + '"')])
        return ways

    def _edit_units(self, new: str) -> list[Edit] | None:
        """Return edits of the units that differ; None if it is not certain where these are written."""
        starts, ends = {}, {}
        at = 0
        for unit in self.units:
            starts[at] = unit.start
            at += len(unit.characters)
            ends[at] = unit.end
        edits = []
        for start, end, text in find_differences(self.value, new):
            if start not in starts or end not in ends:
                return None
            written = _ESCAPES.get(self.style, _keep)(text)
            edits.append(Edit(starts[start], ends[end], written))
        return edits


def find_differences(old: str, new: str) -> list[Edit]:
    """Return how one text becomes another: what is removed, if that is all; else what is replaced."""
    kept = 0
    removed: list[Edit] = []
    for at, sign in enumerate(old):
        if new[kept : kept + 1] == sign:
            kept += 1
        elif removed and removed[-1].end == at:
            removed[-1] = removed[-1]._replace(end=at + 1)
        else:
            removed.append(Edit(at, at + 1, ""))
    if kept == len(new):
        return removed
    return [Edit(0, len(old), new)]


def write_quoted(text: str) -> str:
    """Return a text of one line in quotes of YAML."""
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def _keep(text: str) -> str:
    return text


def _escape_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


#: What writes characters in each style; in the others a character stands for itself.
_ESCAPES: dict[str, Callable[[str], str]] = {
    "single": lambda text: text.replace("'", "''"),
    "double": _escape_json,
    "json": _escape_json,
    "basic": _escape_json,
    "quoted-cell": lambda text: text.replace('"', '""'),
}


def read_units(
    text: str, start: int, end: int, style: Style, value: str | None = None
) -> list[Unit]:
    """Return the units of a text that is written between two offsets.

    With the value of a text of YAML there are none if it is not certain where its characters stand.
    """
    units = list(_READERS[style](text, start, end))
    if value is None:
        return units
    units = _fold(units, value)
    return units if "".join(unit.characters for unit in units) == value else []


_JSON_UNIT = re.compile(r'\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|[^"\\]', re.DOTALL)
_DOUBLE_UNIT = re.compile(r"\\x..|\\u....|\\U........|\\(?:[ \t]*\n[ \t]*|.)|[^\\]", re.DOTALL)
_YAML_ESCAPES = dict(
    zip(
        '0abt\tnvfre "/\\N_LP',
        '\0\a\b\t\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029',
        strict=True,
    )
)
_TOML_ESCAPES = dict(zip('btnfr"\\', '\b\t\n\f\r"\\', strict=True))


def _read_plain(text: str, start: int, end: int) -> Iterator[Unit]:
    for at in range(start, end):
        yield Unit(at, at + 1, text[at])


def _read_doubled(quote: str) -> Callable[[str, int, int], Iterator[Unit]]:
    """Return a reader of texts in quotes, in which a quote is doubled."""

    def read(text: str, start: int, end: int) -> Iterator[Unit]:
        at = start + 1
        while at < end - 1:
            width = 2 if text.startswith(quote * 2, at) else 1
            yield Unit(at, at + width, text[at])
            at += width

    return read


def _read_escaped(
    pattern: re.Pattern[str], escapes: dict[str, str]
) -> Callable[..., Iterator[Unit]]:
    """Return a reader of texts in quotes, in which a backslash begins an escape."""

    def read(text: str, start: int, end: int, quotes: int = 1) -> Iterator[Unit]:
        for match in pattern.finditer(text, start + quotes, end - quotes):
            yield Unit(*match.span(), _unescape(match[0], escapes))

    return read


def _unescape(written: str, escapes: dict[str, str]) -> str:
    if not written.startswith("\\") or len(written) == 1:
        return written
    if written[1] in "xuU":
        points = [int(digits, 16) for digits in re.findall(r"\\[xuU]([0-9A-Fa-f]+)", written)]
        return b"".join(
            point.to_bytes(2, "big") if point < 0x10000 else chr(point).encode("utf-16-be")
            for point in points
        ).decode("utf-16-be", "surrogatepass")
    return escapes.get(written[1], "")


def _read_basic(text: str, start: int, end: int) -> Iterator[Unit]:
    """Read a text of TOML in `"` or `\"\"\"`."""
    quotes = 3 if text.startswith('"""', start) and end - start >= 6 else 1
    begin = start + (quotes == 3 and text.startswith("\n", start + 3))
    yield from _read_escaped(_DOUBLE_UNIT, _TOML_ESCAPES)(text, begin, end, quotes)


def _read_raw(text: str, start: int, end: int) -> Iterator[Unit]:
    """Read a text of TOML in `'` or `'''`."""
    quotes = 3 if text.startswith("'''", start) and end - start >= 6 else 1
    begin = start + quotes + (quotes == 3 and text.startswith("\n", start + 3))
    yield from _read_plain(text, begin, end - quotes)


def _read_block(text: str, start: int, end: int) -> Iterator[Unit]:
    """Read the lines below the header of a block of YAML."""
    yield from _read_plain(text, min(text.find("\n", start, end) + 1 or end, end), end)


_READERS: dict[str, Callable[[str, int, int], Iterator[Unit]]] = {
    "plain": _read_plain,
    "single": _read_doubled("'"),
    "double": _read_escaped(_DOUBLE_UNIT, _YAML_ESCAPES),
    "literal": _read_block,
    "folded": _read_block,
    "json": _read_escaped(_JSON_UNIT, {**_TOML_ESCAPES, "/": "/"}),
    "basic": _read_basic,
    "raw": _read_raw,
    "cell": _read_plain,
    "quoted-cell": _read_doubled('"'),
}


def _fold(units: Sequence[Unit], value: str) -> list[Unit]:
    """Return units in which each run of blanks stands for the run of blanks that the text has there.

    A run with a line end is one unit, unless it is written as it is read.
    """
    found: list[Unit] = []
    at = number = 0
    while number < len(units):
        run = _take_run(units, number)
        if not run:
            found.append(units[number])
            at += len(units[number].characters)
            number += 1
            continue
        number += len(run)
        end = at
        while end < len(value) and value[end] in _BLANKS:
            end += 1
        found += _align(run, value[at:end])
        at = end
    return found


_BLANKS = " \t\n"


def _take_run(units: Sequence[Unit], first: int) -> Sequence[Unit]:
    """Return the units from a position on that are blanks; an escape is none."""
    last = first
    while last < len(units) and (
        units[last].characters in ("", *_BLANKS)
        and (units[last].end - units[last].start == 1 or not units[last].characters)
    ):
        last += 1
    return units[first:last]


def _align(run: Sequence[Unit], blanks: str) -> list[Unit]:
    """Return the units of a run of blanks that is read as other blanks."""
    written = "".join(unit.characters for unit in run)
    if not blanks:
        return []
    if written.endswith(blanks):  # what is before is the indentation
        return list(run[len(run) - len(blanks) :])
    if written.startswith(blanks):  # what is behind is the indentation of the next line
        return list(run[: len(blanks)])
    return [Unit(run[0].start, run[-1].end, blanks)]
