"""Describe why a text is not JSON, in the words of someone who wrote a value and not JSON."""

from __future__ import annotations

import json
import re

from release.findings.message import shown
from release.syntax.text import SyntaxFault, line_and_column


def describe_json(error: json.JSONDecodeError) -> SyntaxFault:
    """Describe the problem that Python has with a text.

    Versions of Python have other words and places for some problems; these are the same for all.
    """
    what, at = _describe(error)
    line, column = line_and_column(error.doc, at)
    return SyntaxFault("front-matter-syntax", line, column, f"not well-formed JSON: {what}")


def _describe(error: json.JSONDecodeError) -> tuple[str, int]:
    """Return what is wrong with a text, and where it is, as an offset."""
    text, at = error.doc, error.pos
    before, rest = text[:at].rstrip(), text[at:]
    if error.msg.startswith("Illegal trailing comma"):
        return _COMMA, at
    if rest[:1] in ("}", "]") and before.endswith(","):
        return _COMMA, len(before) - 1
    if rest.startswith(("//", "/*", "#")):
        return "found a comment, which JSON does not have; remove it", at
    if rest.startswith("'"):
        return "found a text in single quotes; put it in double quotes", at
    return _by_message(error.msg, rest, before), at


_COMMA = "found a comma behind the last value; remove it"


def _by_message(message: str, rest: str, before: str) -> str:
    """Describe a problem by Python's message, and by the text from its place on."""
    if message.startswith("Unterminated string"):
        return "nothing closes the quote that begins here"
    if message.startswith("Invalid control character"):
        return r"found a line end or tab in a text; write \n or \t"
    if message.startswith("Invalid \\"):
        return f"found {rest[:2]}, which is no escape; write the backslash twice"
    if not rest.strip():
        return (
            "the text ends here, and nothing closes a '{' or '['" if before else "there is no value"
        )
    found = shown((re.match(r"[\w.+-]+|.", rest) or [rest])[0])
    if message == "Extra data":
        lines = "; a value in each line is the format jsonl" if rest[:1] in "{[" else ""
        return f"found {found} behind the end of the value{lines}"
    if message.startswith("Expecting property name"):
        return f"found {found}, expected a key in double quotes"
    if message.startswith("Expecting ':'"):
        return f"found {found}, expected ':' behind the key"
    if message.startswith("Expecting ','"):
        return f"found {found}, expected ',' or the bracket that closes the list or mapping"
    return f"found {found}, expected a value: text in double quotes, a number, true, false or null"
