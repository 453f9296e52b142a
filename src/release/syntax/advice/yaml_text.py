"""Describe why a text is not YAML, in the words of someone who wrote a value and not YAML.

libyaml says where it could not go on: "mapping values are not allowed in this context". What its author did
is mostly one of a few things, such as a value with a colon, or one that begins with `@`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import yaml

from release.findings.message import printable, shown
from release.syntax.advice.brackets import (
    BRACKETS,
    describe_unclosed,
    find_beginning,
    find_open_bracket,
)
from release.syntax.advice.places import (
    IN_QUOTES,
    StopPlace,
    indent_as_beside,
    mend_colon,
    mend_item,
    printable_quoted,
    quote_it,
)
from release.syntax.advice.words import (
    LONGEST,
    SMART_QUOTES,
    TextProblem,
    count_lines,
    refuse_smart_quote,
    show_plain,
)

#: A line with a key that is followed by a value: `key: value`, `- key: value`.
_KEY = re.compile(r"(?:[ \t]*-[ \t]+)*[ \t]*[^\s#].*?:[ \t]+(?=\S)")

#: A comment of other languages.
_SLASHES = re.compile(r"(?<![:\w])//.*|/\*.*")

_CONFLICT = re.compile(r"(?:<{7}|>{7})(?: .*)?")

#: The beginning of a line that is a key of YAML or JSON.
_BEGINS_KEY = re.compile(r"""[ \t]*(?:"[^"]*"|'[^']*'|[^\s:,\[\]{}"'#]+)[ \t]*:(?:\s|$)""")


def describe_text(text: str) -> str:
    """Return advice for a text that was meant as a mapping, such as `key:value`; empty if there is none."""
    mended = mend_colon(text)
    return f"; {mended[0]}" if mended is not None else ""


def describe_problem(error: yaml.MarkedYAMLError, text: str) -> TextProblem:
    """Describe the problem that libyaml has with a text, with the advice for what was probably meant."""
    mark = error.problem_mark or error.context_mark  # libyaml's word for a location
    problem = error.problem or "a fault"
    if mark is None:
        return TextProblem(problem, 0, 0)
    lines = text.removeprefix("\ufeff").split("\n")  # libyaml does not count U+FEFF
    for number, line in enumerate(lines):
        if _CONFLICT.fullmatch(line.rstrip()):
            what = f"found {shown(line.rstrip())}, which Git leaves where two versions conflict"
            return TextProblem(f"{what}; keep one of them", number, 0)
    place = StopPlace(lines, mark.line, mark.column, error.context_mark)
    context = error.context or ""
    describe = _BY_PROBLEM.get((problem, context)) or _BY_PROBLEM.get((problem, ""))
    describe = describe or (_first_sign if context in _BEGINNINGS else None)
    found = describe(place) if describe else None
    if found is not None:
        return found
    has_advice = "document" not in problem and "escape code" not in problem
    advice = "; put a text with signs of YAML in quotes" if has_advice else ""
    return place.here(f"{problem}{place.beginning(context)}{advice}")


def _colon(place: StopPlace) -> TextProblem:
    """Describe a second `: ` in a line, or a key below a value that it continues."""
    if (key := _KEY.match(place.before)) is not None:
        value = place.at(place.line)[key.end() :].rstrip()
        if value[:1] in SMART_QUOTES:
            text = value.partition(" #")[0].rstrip().strip(SMART_QUOTES)
            straight = printable_quoted(text) if 0 < len(text) <= LONGEST else '"'
            return place.here(refuse_smart_quote(value[0], "YAML", straight))
        return place.here(f"found ':' in the value {shown(value)}; {quote_it(value)}")
    if (mended := mend_colon(place.above())) is not None:
        advice, column = mended
        return TextProblem(f"{advice} in this line", place.number_above(), column)
    key_here = place.before.strip()
    return place.here(
        f"the key {shown(key_here)} is indented as if it went on with the value above; indent it as the "
        "keys beside it, or put that value in quotes"
    )


def _character(place: StopPlace) -> TextProblem:
    """Describe a value that begins with a sign that YAML keeps for itself."""
    sign = place.rest[:1]
    if sign == "\t":
        return _tab(place)
    return place.here(f"found a value that begins with {shown(sign)}; {quote_it(place.value)}")


def _first_sign(place: StopPlace) -> TextProblem:
    """Describe a value that begins with a sign of YAML."""
    value = place.begun_rest
    return place.at_beginning(
        f"found a value that begins with {shown(value[:1])}; {quote_it(value)}"
    )


def _indicator(place: StopPlace) -> TextProblem | None:
    """Describe a value that begins with an indicator, which is not expected where it is."""
    sign = place.rest[:1]
    if (opened := find_open_bracket(place)) is not None and (not sign or place.begun is None):
        return opened
    if not sign or sign.isalnum():
        return opened
    return place.here(f"found a value that begins with {shown(sign)}; {quote_it(place.value)}")


def _behind(place: StopPlace) -> TextProblem | None:
    """Describe text behind a closing quote or bracket, or a key that is indented otherwise than others."""
    last, rest = place.before.rstrip()[-1:], place.rest
    if last in IN_QUOTES:
        if (begun := find_beginning(place, last)) is not None:
            return begun
        return place.here(
            f"found {printable(rest[:LONGEST])} behind the {last} that closes the value; "
            f"{_quote_whole(place, last)}, or write each {last} in it {IN_QUOTES[last]}"
        )
    if last in _OPENING:
        return place.here(
            f"found {shown(rest)} behind the closing '{last}'; if the value is a text that begins with "
            f"'{_OPENING[last]}', {_quote_whole(place, '')}"
        )
    if place.before.strip() or not rest or place.begun is None:
        return None
    if not rest.startswith("- ") and rest[0] in "|>[]{},":
        return place.here(
            f"found {shown(rest)} in the place of a key; indent a text that goes on, or put it in quotes"
        )
    if rest.startswith("- "):
        return place.here(f"found an item of a list among keys: {shown(rest)}; expected a key")
    if place.column == place.begun.column:
        return place.here(mend_item(rest)) if rest[0] == "-" else None
    return place.here(
        f"found {shown(rest)} in column {place.column + 1}, where no key begins that it could stand "
        "beside; indent it as the keys that it belongs to"
    )


def _quote_whole(place: StopPlace, sign: str) -> str:
    """Return the advice to put quotes around the value of a line, without its own if it has them."""
    line = place.at(place.line)
    key = _KEY.match(line)
    value = line[key.end() :].rstrip() if key is not None else ""
    if sign and len(value) > 1 and value.startswith(sign) and value.endswith(sign):
        value = value[1:-1]
    return quote_it(value, "the whole")


_OPENING = {closing: sign for sign, (_, closing) in BRACKETS.items()}


def _outdented(place: StopPlace) -> TextProblem | None:
    """Describe a key that stands further left than the first one."""
    first = next((line for line in place.lines if line.strip() and line.lstrip()[0] != "#"), "")
    if place.column or not first.startswith(" "):
        return None
    found = f"found {shown(place.rest)} further left than the first key"
    return place.here(f"{found}; indent both alike")


def _unclosed_quote(place: StopPlace) -> TextProblem:
    """Describe a quote that nothing closes."""
    return place.at_beginning(
        "nothing closes the quote that begins here; close it, or put quotes of the other kind around the text"
    )


def _unclosed_list(place: StopPlace) -> TextProblem:
    """Describe a list or mapping in brackets that is not closed where something else stands."""
    sign = place.begun_rest[:1]
    kind, closing = BRACKETS.get(sign, BRACKETS["{"])
    count = place.line - place.begun.line if place.begun else 0
    above = place.above().rstrip()
    if (comment := _SLASHES.search(place.before or above)) is not None or (
        comment := _SLASHES.search(above)
    ) is not None:
        line = place.line if _SLASHES.search(place.before) else place.number_above()
        return TextProblem(
            f"found {shown(comment[0])}; a comment begins with '#', and JSON has none: delete it",
            line,
            comment.start(),
        )
    if count and _BEGINS_KEY.match(place.at(place.line)) and sign == "{":
        return TextProblem(
            f"no ',' stands behind {shown(above.strip())}, before the next key; put one there, or close "
            f"the quotes or brackets that are open",
            place.number_above(),
            len(above) - 1,
        )
    if count and (not place.rest or _BEGINS_KEY.match(place.at(place.line))):
        key = f", and the next key is {count_lines(count)} below" if place.rest else ""
        return place.at_beginning(describe_unclosed(sign, key))
    found = f"found {shown(place.rest)}" if place.rest else "found the end of the line"
    where = f" {count_lines(count)} above" if count else ""
    return place.here(
        f"{found} in the {kind} that '{sign}' begins{where}, expected ',' or '{closing}'; close the {kind}, "
        "or put values with signs of YAML in quotes"
    )


def _header(place: StopPlace) -> TextProblem:
    """Describe text behind the `|` or `>` of a block."""
    sign = place.begun_rest[:1]
    return place.at_beginning(
        f"found text behind '{sign}': {shown(place.begun_rest)}; put a value that begins with '{sign}' in "
        "quotes, or begin its text on the next line"
    )


def _escape(place: StopPlace) -> TextProblem:
    """Describe a backslash in double quotes that begins no escape."""
    line = place.at(place.line)
    at = max(line.rfind("\\", 0, place.column + 1), 0)
    return TextProblem(
        f"found {show_plain(line[at : at + 2])} in double quotes, which is no escape; write the backslash "
        "twice, or use single quotes",
        place.line,
        at,
    )


def _tab(place: StopPlace) -> TextProblem:
    """Describe a tab that indents."""
    return place.here(f"found a tab that indents; {indent_as_beside(place)}")


def _no_colon(place: StopPlace) -> TextProblem:
    """Describe a line that is no key."""
    text = place.begun_rest
    if (mended := mend_colon(text)) is not None:
        advice, column = mended
        begun = place.at_beginning(f"found {shown(text)}; {advice}")
        return begun._replace(column=begun.column + column)
    line = place.begun.line if place.begun else place.line
    above = next((each for each in reversed(place.lines[:line]) if each.strip()), "")
    if above.lstrip().startswith("- ") and len(above) - len(above.lstrip()) == place.begun.column:
        return place.at_beginning(mend_item(text))
    return place.at_beginning(
        f"found {shown(text)} in the place of a key, without ':' behind it; indent a text that goes on, or "
        "put it in quotes"
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
_BY_PROBLEM: dict[tuple[str, str], Callable[[StopPlace], TextProblem | None]] = {
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
