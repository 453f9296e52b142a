"""Describe why a text is not JSON, in the words of someone who wrote a value and not JSON."""

from __future__ import annotations

import json
import re

from release.findings.message import shown
from release.syntax.advice.words import SMART_QUOTES, refuse_smart_quote, show_plain
from release.syntax.text import SyntaxFault, line_and_column

#: What other languages write, and JSON writes otherwise.
_WORDS = {"True": "true", "False": "false", "None": "null", "nil": "null", "undefined": "null"}

_WORD = re.compile(r"[^\s,:\[\]{}\"']+")
_SINGLE = re.compile(r"'([^'\n]*)'")
_BLANK = " \t\n\r"


def describe_json(error: json.JSONDecodeError) -> SyntaxFault:
    """Return the fault of a text that is not JSON."""
    text, at = error.doc, error.pos
    problem = f"{error.msg[0].lower()}{error.msg[1:]}"
    message, at = _describe(error.msg, text, at) or (problem, at)
    place = line_and_column(text, at)
    return SyntaxFault("front-matter-syntax", *place, f"not well-formed JSON: {message}")


def _describe(problem: str, text: str, at: int) -> tuple[str, int] | None:
    """Return a message and the offset of the fault; None if there are no better words."""
    if (
        found := _describe_string(problem, text, at) or _describe_sign(problem, text, at)
    ) is not None:
        return found
    before = _before(text, at)
    if problem.startswith("Expecting property name"):
        return _describe_name(text, at)
    if problem.startswith("Expecting value"):
        return _describe_value(text, at, before)
    if problem.startswith("Expecting ',' delimiter"):
        return _describe_behind(text, at, before)
    if problem.startswith("Expecting ':' delimiter"):
        return f"found {_rest(text, at)} behind a name, expected ':' and the value", at
    if problem.startswith("Extra data"):
        lines = (
            "; a value in each line is the format jsonl" if text[at : at + 1] in ("{", "[") else ""
        )
        return f"found {_rest(text, at)} behind the end of the value{lines}", at
    return None


def _describe_string(problem: str, text: str, at: int) -> tuple[str, int] | None:
    """Describe a fault within a text in quotes; None for another fault."""
    if problem.startswith("Unterminated string"):
        return "nothing closes the quote that begins here; close it at the end of its text", at
    if problem.startswith("Invalid \\"):
        return (
            f"found {show_plain(text[at : at + 2])} in a text, which is no escape; write the backslash twice",
            at,
        )
    if not problem.startswith("Invalid control character"):
        return None
    if text[at : at + 1] != "\n":
        return "found a tab in a text; write it as \\t", at
    message = (
        "nothing closes the quote that begins here on its line; close it, or write a line end in a text as "
        "\\n"
    )
    return message, text.rfind('"', 0, at)


def _describe_sign(problem: str, text: str, at: int) -> tuple[str, int] | None:
    """Describe a sign that stands nowhere in JSON outside of quotes; None for another fault."""
    sign, before = text[at : at + 1], _before(text, at)
    if text.startswith(("//", "/*", "#"), at):
        line = text[at:].partition("\n")[0].rstrip()
        return f"found the comment {shown(line)}; JSON has no comments: delete it", at
    if sign and sign in SMART_QUOTES:
        return refuse_smart_quote(sign, "JSON"), at
    if problem.startswith("Illegal trailing comma"):
        return "found ',' before the closing bracket; delete the comma", at
    if sign in ("}", "]") and before >= 0 and text[before] == ",":
        return "found ',' before the closing bracket; delete the comma", before
    if (single := _SINGLE.match(text, at)) is not None:
        return f'found single quotes; JSON has double quotes: "{show_plain(single[1])}"', at
    return None


def _describe_name(text: str, at: int) -> tuple[str, int]:
    """Describe what is no name of a value."""
    if (word := _WORD.match(text, at)) is not None:
        return f'found a name without quotes; write "{show_plain(word[0])}"', at
    return f"found {_rest(text, at)}, expected a name in double quotes or }}", at


def _describe_value(text: str, at: int, before: int) -> tuple[str, int]:
    """Describe what is no value."""
    word = _WORD.match(text, at)
    if word is None:
        behind = f" behind '{text[before]}'" if before >= 0 else ""
        return f"found {_rest(text, at)}{behind}, expected a value; a missing one is null", at
    if word[0] in _WORDS:
        return f"found {word[0]}; JSON writes {_WORDS[word[0]]}", at
    line = text[at:].partition("\n")[0].rstrip().rstrip(",}]").rstrip()
    return f'found a text without quotes; write "{show_plain(line)}"', at


def _describe_behind(text: str, at: int, before: int) -> tuple[str, int]:
    """Describe what stands behind a value, where a comma is expected."""
    if not text[at:].strip():
        return (
            "the text ends, and not all brackets are closed; write what is missing: } or ]",
            before,
        )
    is_next_line = "\n" in text[before + 1 : at]
    if is_next_line and text[at] in "\"'{[":
        return "no ',' stands behind this value, before the next one; put one there", before
    if text[before : before + 1] == '"':
        return (
            f'found {_rest(text, at)} behind the " that closes the text; write each " in a text as \\", or '
            "put ',' between two values"
        ), at
    return f"found {_rest(text, at)} behind a value, expected ',' or a closing bracket", at


def _before(text: str, at: int) -> int:
    """Return the offset of the last character before another one that is no blank; -1 if there is none."""
    return len(text[:at].rstrip(_BLANK)) - 1


def _rest(text: str, at: int) -> str:
    """Return the rest of a line as messages show it."""
    rest = text[at:].partition("\n")[0].rstrip()
    if rest:
        return shown(rest)
    return "the end of the line" if text[at:].strip() else "the end of the text"
