"""Words and signs that the advice on texts of every format shares."""

from __future__ import annotations

from typing import NamedTuple

from release.findings.message import shown
from release.syntax.escapes import escape_each

#: The most characters of a text that is shown without quotes, or written out as it should be.
LONGEST = 60

#: Quotes of typography, which some programs put in the place of those that are typed.
SMART_QUOTES = "“”„‟«»‘’‚‹›「」『』＂＇"


class TextProblem(NamedTuple):
    """A problem of a text: the message, the line and the column, both from 0."""

    message: str
    line: int
    column: int


def count_lines(number: int) -> str:
    """Return a number of lines in words."""
    return f"{number} line{'' if number == 1 else 's'}"


def show_plain(text: str) -> str:
    """Return a text without quotes, in which what is not seen is an escape; it is cut if it is long."""
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return "".join(escape_each(text)).replace("\t", "\\t")


def refuse_smart_quote(sign: str, language: str, straight: str = '"') -> str:
    """Return the message on a quote of typography in a language, which has `straight` there."""
    return f"{shown(sign)} is no quote of {language}; write straight quotes: {straight}"
