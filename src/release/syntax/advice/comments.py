"""Find comments in YAML that their author may have meant as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from release.findings.message import shown
from release.syntax.text import SyntaxFault
from release.syntax.yaml import resolve_scalar

#: A `#` begins a comment at the start of a line or behind a blank (YAML 1.2.2, section 6.6).
_COMMENT = re.compile(r"(?:(?<=[ \t])|(?<![^\n]))#[^\n]*")

#: The blanks, line ends and comments between two values.
_BETWEEN = re.compile(r"(?:[ \t\n]|(?:(?<=[ \t])|(?<![^\n]))#[^\n]*)*")

#: A date. It is text in YAML, but no text goes on behind it.
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2}(?:[T ][0-9:.Zz+-]*)?)?")


def find_lost_text(text: str) -> Iterator[SyntaxFault]:
    """Yield a fault, `text-after-hash`, for each comment that may have been meant as text, in order.

    Args:
        text: A well-formed YAML document.

    A comment behind plain text may be the rest of that text, and one instead of a value may be the value.
    Nobody means text by a comment on a line of its own, or behind a quoted text, a number, a boolean, null, a
    date, a closed list or mapping, a comma, the header of a block, or a key whose value follows below.
    """
    if _COMMENT.search(text) is None:
        return
    scalars = list(_read_scalars(text))
    number = at = line = start = 0
    while (match := _COMMENT.search(text, at)) is not None:
        offset, at = match.start(), match.end()
        while number < len(scalars) and scalars[number].start <= offset:
            number += 1
        last = scalars[number - 1] if number else None
        if last is not None and offset < last.end:
            # inside a scalar it is a comment only in the header of a block
            if not _is_header(text, last, offset):
                at = max(offset + 1, last.end)
            continue
        line += text.count("\n", start, offset)
        start = text.rfind("\n", start, offset) + 1 or start
        before = text[start:offset].rstrip(" \t")
        reading = _describe_reading(
            text, before, start + len(before), scalars[max(0, number - 1) : number + 1]
        )
        if reading:
            message = (
                f"found {shown(match[0])}, which YAML takes for a comment: {reading}; expected quotes around "
                "a value that has it, or a comment on a line of its own"
            )
            yield SyntaxFault("text-after-hash", line, offset - start, message)


def _describe_reading(text: str, before: str, end: int, near: Sequence[_Scalar]) -> str:
    """Describe the value that YAML reads before a comment that may have been meant as text.

    Args:
        text: The document.
        before: The part of the comment's line that precedes it, without blanks at its end.
        end: The offset of the end of `before`.
        near: The scalars next to the comment.

    Returns:
        The description; empty if nobody means text by such a comment.
    """
    for scalar in near:
        if scalar.start < scalar.end == end:
            return f"the value is {shown(scalar.text)}" if _is_plain_text(scalar) else ""
    if before.endswith((":", "-", "?")) and _is_missing(text, near, end):
        return "there is no value"
    return ""


@dataclass(frozen=True, slots=True)
class _Scalar:
    """A scalar of a YAML document: its offsets, style and text, and whether it has no tag."""

    start: int
    end: int
    style: str
    text: str
    is_untagged: bool


def _read_scalars(text: str) -> Iterator[_Scalar]:
    """Yield the scalars of a document, in order."""
    parser = CParser(text)
    event: Any = parser.get_event()
    while (kind := type(event)) is not yaml.StreamEndEvent:
        if kind is yaml.ScalarEvent:
            start, end = event.start_mark.index, event.end_mark.index
            yield _Scalar(start, end, event.style or "", event.value, event.implicit[0])
        event = parser.get_event()


def _is_header(text: str, scalar: _Scalar, offset: int) -> bool:
    return scalar.style in ("|", ">") and "\n" not in text[scalar.start : offset]


def _is_plain_text(scalar: _Scalar) -> bool:
    if scalar.style or not scalar.is_untagged:
        return False
    value = resolve_scalar(scalar.text)
    return isinstance(value, str) and not _DATE.fullmatch(value) and not _is_number(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_missing(text: str, near: Sequence[_Scalar], end: int) -> bool:
    """Return whether the value behind an indicator that ends at an offset is empty.

    libyaml locates an empty scalar right behind the indicator, or before the next token.
    """
    following = _BETWEEN.match(text, end)
    last = following.end() if following else end
    return any(
        scalar.start == scalar.end and not scalar.style and end <= scalar.start <= last
        for scalar in near
    )
