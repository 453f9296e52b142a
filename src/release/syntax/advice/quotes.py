"""Describe why a text is not YAML, in the words of someone who wrote a value and not YAML.

libyaml says where it could not go on: "mapping values are not allowed in this context". What its author did
is mostly one of a few things, such as a value with a colon, or one that begins with `@`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import yaml

from release.findings.message import printable, shown

_QUOTE_IT = "put the value in quotes"

#: A line with a key that is followed by a value: `key: value`, `- key: value`.
_KEY = re.compile(r"(?:[ \t]*-[ \t]+)*[ \t]*[^\s#].*?:[ \t]+(?=\S)")
_TIGHT = re.compile(r"[ \t]*(?:-[ \t]+)*[\w.-]+:(?=[^ \t\r\n])")
_CONFLICT = re.compile(r"(?:<{7}|>{7})(?: .*)?")


def describe_text(text: str) -> str:
    """Return advice for a text that was meant as a mapping, such as `key:value`; empty if there is none."""
    match = _TIGHT.match(text)
    if match is None:
        return ""
    key, behind = shown(match[0].strip()), text[match.end()]
    if behind.isspace():
        return f"; behind {key} stands U+{ord(behind):04X}, put a plain blank there"
    return f"; put a blank behind {key}"


class YamlProblem(NamedTuple):
    """A problem of a text: the message, the line and the column, both from 0."""

    message: str
    line: int
    column: int


def describe_problem(error: yaml.MarkedYAMLError, text: str) -> YamlProblem:
    """Describe the problem that libyaml has with a text, with the advice for what was probably meant."""
    mark = error.problem_mark or error.context_mark  # libyaml's word for a location
    problem = error.problem or "a fault"
    if mark is None:
        return YamlProblem(problem, 0, 0)
    lines = text.removeprefix("\ufeff").split("\n")  # libyaml does not count U+FEFF
    for number, line in enumerate(lines):
        if _CONFLICT.fullmatch(line.rstrip()):
            what = f"found {shown(line.rstrip())}, which Git leaves where two versions conflict"
            return YamlProblem(f"{what}; keep one of them", number, 0)
    place = _Place(lines, mark.line, mark.column, error.context_mark)
    context = error.context or ""
    describe = _BY_PROBLEM.get((problem, context)) or _BY_PROBLEM.get((problem, ""))
    describe = describe or (_first_sign if context in _BEGINNINGS else None)
    found = describe(place) if describe else None
    if found is not None:
        return found
    has_advice = "document" not in problem and "escape code" not in problem
    advice = "; put a text with signs of YAML in quotes" if has_advice else ""
    return place.here(f"{problem}{place.beginning(context)}{advice}")


class _Place(NamedTuple):
    """The place where libyaml could not go on, and the mark of what it was reading there."""

    lines: list[str]
    line: int
    column: int
    begun: Any

    @property
    def before(self) -> str:
        """The part of the line before the place."""
        return self.at(self.line)[: self.column]

    @property
    def rest(self) -> str:
        """The part of the line from the place on."""
        return self.at(self.line)[self.column :].rstrip()

    @property
    def begun_rest(self) -> str:
        """The part of the line from the beginning of what was being read."""
        return self.at(self.begun.line)[self.begun.column :].rstrip() if self.begun else ""

    def at(self, line: int) -> str:
        """Return a line by its number; behind the last one there is nothing."""
        return self.lines[line] if line < len(self.lines) else ""

    def above(self) -> str:
        """Return the nearest line above that is not blank."""
        return next((each for each in reversed(self.lines[: self.line]) if each.strip()), "")

    def beginning(self, context: str | None) -> str:
        """Return how many lines above the text concerned begins; empty if it begins on the same line."""
        if self.begun is None or self.begun.line == self.line:
            return ""
        count = self.line - self.begun.line
        return f" ({context} that begins {count} line{'s' if count > 1 else ''} above)"

    def here(self, message: str) -> YamlProblem:
        """Return a problem at the place."""
        return YamlProblem(message, self.line, self.column)

    def at_beginning(self, message: str) -> YamlProblem:
        """Return a problem at the beginning of what was being read."""
        begun = self.begun or self
        return YamlProblem(message, begun.line, begun.column)


def _colon(place: _Place) -> YamlProblem:
    """Describe a second `: ` in a line, or a key below a value that it continues."""
    if (key := _KEY.match(place.before)) is not None:
        value = place.at(place.line)[key.end() :].rstrip()
        return place.here(f"found ':' in the value {shown(value)}; {_QUOTE_IT}")
    above = place.above()
    if (tight := _TIGHT.match(above)) is not None:
        begin = above[: tight.end()].strip()
        return place.here(f"the line above has no blank behind {shown(begin)}; put one there")
    key_here = place.before.strip()
    return place.here(
        f"the key {shown(key_here)} is indented as if it went on with the value above; indent it as the "
        "keys beside it, or put that value in quotes"
    )


def _character(place: _Place) -> YamlProblem:
    """Describe a value that begins with a sign that YAML keeps for itself."""
    sign = place.rest[:1]
    if sign == "\t":
        return place.here("found a tab that indents; indent with spaces")
    return place.here(f"found a value that begins with {shown(sign)}; {_QUOTE_IT}")


def _first_sign(place: _Place) -> YamlProblem:
    """Describe a value that begins with a sign of YAML."""
    value = place.begun_rest
    return place.at_beginning(
        f"found a value that begins with {shown(value[:1])}: {shown(value)}; {_QUOTE_IT}"
    )


def _indicator(place: _Place) -> YamlProblem | None:
    """Describe a value that begins with an indicator, which is not expected where it is."""
    sign = place.rest[:1]
    if not sign or sign.isalnum():
        return None
    return place.here(
        f"found a value that begins with {shown(sign)}: {shown(place.rest)}; {_QUOTE_IT}"
    )


def _behind(place: _Place) -> YamlProblem | None:
    """Describe text behind a closing quote or bracket, or a key that is indented otherwise than others."""
    last, rest = place.before.rstrip()[-1:], place.rest
    if last in _IN_QUOTES:
        return place.here(
            f"found {printable(rest[:_SHOWN])} behind the {last} that closes the value; put quotes of the "
            f"other kind around the whole, or write each {last} in it {_IN_QUOTES[last]}"
        )
    if last in _OPENING:
        return place.here(
            f"found {shown(rest)} behind the closing '{last}'; if the value is a text that begins with "
            f"'{_OPENING[last]}', {_QUOTE_IT}"
        )
    if place.before.strip() or not rest or place.begun is None:
        return None
    if not rest.startswith("- ") and rest[0] in "|>[]{},":
        return place.here(
            f"found {shown(rest)} in the place of a key; indent a text that goes on, or {_QUOTE_IT}"
        )
    if rest.startswith("- "):
        return place.here(f"found an item of a list among keys: {shown(rest)}; expected a key")
    if place.column == place.begun.column:
        return None
    return place.here(
        f"found {shown(rest)} in column {place.column + 1}, where no key begins that it could stand "
        "beside; indent it as the keys that it belongs to"
    )


#: How a quote is written inside quotes of its own kind.
_IN_QUOTES = {"'": "twice", '"': 'as \\"'}
_OPENING = {"]": "[", "}": "{"}

#: The most characters of a text that are shown without quotes.
_SHOWN = 60


def _outdented(place: _Place) -> YamlProblem | None:
    """Describe a key that stands further left than the first one."""
    first = next((line for line in place.lines if line.strip() and line.lstrip()[0] != "#"), "")
    if place.column or not first.startswith(" "):
        return None
    found = f"found {shown(place.rest)} further left than the first key"
    return place.here(f"{found}; indent both alike")


def _unclosed_quote(place: _Place) -> YamlProblem:
    """Describe a quote that nothing closes."""
    return place.at_beginning(
        "nothing closes the quote that begins here; close it, or put quotes of the other kind around the text"
    )


def _unclosed_list(place: _Place) -> YamlProblem:
    """Describe a list or mapping in brackets that is not closed where something else stands."""
    sign = place.begun_rest[:1]
    kind, closing = ("list", "]") if sign == "[" else ("mapping", "}")
    found = f"found {shown(place.rest)}" if place.rest else "found the end of the line"
    count = place.line - place.begun.line if place.begun else 0
    where = f" {count} line{'s' if count > 1 else ''} above" if count else ""
    return place.here(
        f"{found} in the {kind} that '{sign}' begins{where}, expected ',' or '{closing}'; close the {kind}, "
        "or put values with signs of YAML in quotes"
    )


def _header(place: _Place) -> YamlProblem:
    """Describe text behind the `|` or `>` of a block."""
    sign = place.begun_rest[:1]
    return place.at_beginning(
        f"found text behind '{sign}': {shown(place.begun_rest)}; put a value that begins with '{sign}' in "
        "quotes, or begin its text on the next line"
    )


def _escape(place: _Place) -> YamlProblem:
    """Describe a backslash in double quotes that begins no escape."""
    line = place.at(place.line)
    at = max(line.rfind("\\", 0, place.column + 1), 0)
    return YamlProblem(
        f"found {line[at : at + 2]} in double quotes, which is no escape; write the backslash twice, or use "
        "single quotes",
        place.line,
        at,
    )


def _tab(place: _Place) -> YamlProblem:
    """Describe a tab that indents."""
    return place.here("found a tab that indents; indent with spaces")


def _no_colon(place: _Place) -> YamlProblem:
    """Describe a line that is no key."""
    return place.at_beginning(
        f"found {shown(place.begun_rest)} in the place of a key, without ':' behind it; indent a text that "
        "goes on, or put it in quotes"
    )


#: What libyaml is reading if a value begins with a sign of YAML.
_BEGINNINGS = frozenset(
    (
        "while scanning a tag",
        "while parsing a tag",
        "while parsing a node",
        "while scanning a directive",
    )
)

_EMPTY = ""

#: What describes each problem of libyaml, by its words and those for the context; without those, in any.
_BY_PROBLEM: dict[tuple[str, str], Callable[[_Place], YamlProblem | None]] = {
    ("mapping values are not allowed in this context", _EMPTY): _colon,
    ("found character that cannot start any token", _EMPTY): _character,
    ("did not find expected alphabetic or numeric character", _EMPTY): _first_sign,
    ("block sequence entries are not allowed in this context", _EMPTY): _indicator,
    ("mapping keys are not allowed in this context", _EMPTY): _indicator,
    ("did not find expected node content", _EMPTY): _indicator,
    ("did not find expected key", "while parsing a block mapping"): _behind,
    ("did not find expected '-' indicator", _EMPTY): _behind,
    ("did not find expected <document start>", _EMPTY): _outdented,
    ("found unexpected end of stream", "while scanning a quoted scalar"): _unclosed_quote,
    ("found unexpected document indicator", "while scanning a quoted scalar"): _unclosed_quote,
    ("did not find expected ',' or ']'", _EMPTY): _unclosed_list,
    ("did not find expected ',' or '}'", _EMPTY): _unclosed_list,
    ("did not find expected comment or line break", "while scanning a block scalar"): _header,
    ("found unknown escape character", _EMPTY): _escape,
    ("did not find expected hexdecimal number", _EMPTY): _escape,
    ("found a tab character that violates indentation", _EMPTY): _tab,
    ("could not find expected ':'", _EMPTY): _no_colon,
}
