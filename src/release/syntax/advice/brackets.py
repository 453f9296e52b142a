"""Find the bracket or quote that is open where a text is not YAML."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from release.syntax.advice.places import IN_QUOTES, StopPlace
from release.syntax.advice.words import TextProblem, count_lines

#: What each opening bracket begins, and what closes it.
BRACKETS = {"[": ("list", "]"), "{": ("mapping", "}")}


def describe_unclosed(sign: str, where: str = "") -> str:
    """Return the message on a bracket that nothing closes; `where` says where that shows."""
    kind, closing = BRACKETS[sign]
    return (
        f"nothing closes the {kind} that begins here with '{sign}'{where}; put '{closing}' behind the last "
        f"entry, or put quotes around a text that begins with '{sign}'"
    )


def find_open_bracket(place: StopPlace) -> TextProblem | None:
    """Describe the list or mapping in brackets that is open at the end of a text."""
    opened = None
    parser = CParser("\n".join(place.lines))
    depth: list[tuple[str, Any]] = []
    try:
        while (token := parser.get_token()) is not None:
            kind = type(token)
            if kind in (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken):
                sign = "[" if kind is yaml.FlowSequenceStartToken else "{"
                depth.append((sign, token.start_mark))
            elif kind in (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken) and depth:
                depth.pop()
            opened = depth[-1] if depth else None
            if (token.start_mark.line, token.start_mark.column) >= (place.line, place.column):
                break
    except yaml.YAMLError:
        pass
    if opened is None:
        return None
    sign, mark = opened
    return TextProblem(describe_unclosed(sign), mark.line, mark.column)


def find_beginning(place: StopPlace, sign: str) -> TextProblem | None:
    """Describe a text in quotes that is closed on a later line only, where another one was to begin."""
    parser = CParser("\n".join(place.lines))
    last = None
    try:
        while (token := parser.get_token()) is not None:
            end = getattr(token, "end_mark", None)
            if end is None or (end.line, end.column) > (place.line, place.column):
                break
            if type(token) is yaml.ScalarToken and token.style == sign:
                last = token
    except yaml.YAMLError:
        pass
    if last is None or last.start_mark.line == last.end_mark.line:
        return None
    count = last.end_mark.line - last.start_mark.line
    return TextProblem(
        f"the {sign} that begins here is closed only {count_lines(count)} below; close it at the end of its "
        f"text, or write {sign} in a text {IN_QUOTES[sign]}",
        last.start_mark.line,
        last.start_mark.column,
    )
