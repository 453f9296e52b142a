"""Describe why a text is not TOML, in the words of someone who wrote a value and not TOML."""

from __future__ import annotations

import re

from release.findings.message import shown
from release.syntax.advice.days import explain_day
from release.syntax.advice.words import (
    SMART_QUOTES,
    TextProblem,
    refuse_smart_quote,
    show_plain,
)

#: What other languages write, and TOML writes otherwise.
_WORDS = {"True": "true", "False": "false", "TRUE": "true", "FALSE": "false"}
_NULLS = ("null", "Null", "None", "nil", "~")

_PAIR = re.compile(
    r"""[ \t]*(?P<key>(?:"[^"]*"|'[^']*'|[^=\s#"'])[^=]*?)[ \t]*=[ \t]*(?P<value>.*)\Z"""
)
_COLON = re.compile(r"[ \t]*(?P<key>[^\s:=]+)[ \t]*[:：][ \t]*(?P<value>.*)\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_BARE = re.compile(r"[A-Za-z0-9_.-]+\Z")


def describe_toml(problem: str, text: str, line: int, column: int) -> TextProblem:
    """Describe the problem that `tomllib` has with a text at a place, with what was probably meant."""
    lines = text.split("\n")
    shown_line = lines[line] if line < len(lines) else ""
    pair, here = _PAIR.match(shown_line), TextProblem(problem, line, column)
    if problem.startswith("illegal character"):
        return _describe_text(shown_line, here)
    if problem.startswith("unclosed array"):
        return _describe_open_list(lines, here)
    if problem.startswith(("unescaped '\\'", "invalid hex")):
        message = "found a backslash that begins no escape; write it twice, or use single quotes"
        return here._replace(message=message)
    if problem.startswith(("cannot overwrite", "cannot declare", "cannot mutate")):
        key = pair["key"] if pair is not None else shown_line.strip()
        return TextProblem(f"found the key {shown(key)} again, expected it once", line, 0)
    if problem.startswith("expected '='"):
        return _describe_key(shown_line, pair, here)
    if pair is None:
        return here
    value, at = pair["value"].rstrip(), pair.start("value")
    described = _describe_value(value)
    return TextProblem(described, line, at) if described else here


def _describe_value(value: str) -> str:
    """Describe a value that TOML does not take; empty if there are no better words."""
    word = re.split(r"[\s,#]", value, maxsplit=1)[0]
    quoted = show_plain(value)
    if not value or value.startswith("#"):
        return "no value stands behind '='; write one, or delete the line"
    if value[0] in SMART_QUOTES:
        return refuse_smart_quote(value[0], "TOML")
    if word in _WORDS:
        return f"found {word}; TOML writes {_WORDS[word]}"
    if word in _NULLS:
        return f"found {word}; TOML has no such value: delete the line"
    if (day := _DAY.match(value)) and (reason := explain_day(day[0])) != f"write {day[0]}":
        return f"found {day[0]}, which is no day; {reason}"
    if re.match(r"[-+]?0[0-9]", value):
        return f"found {shown(word)}; a number does not begin with 0: put a text in quotes"
    if value[0] in "\"'":
        return (
            f"found more behind the {value[0]} that closes the text; put quotes of the other kind around the "
            "whole, or end the line there"
        )
    if value.endswith(",") and not value.startswith(("[", "{")):
        return "found ',' behind the value; delete it"
    return f'found a text without quotes; write "{quoted}"' if value[0] not in "[{" else ""


def _describe_text(line: str, here: TextProblem) -> TextProblem:
    """Describe a text whose quotes are not closed on its line, or which holds a character that none may."""
    if "'\\n'" not in here.message:
        return here
    before = line[: here.column]
    at = next((at for at, sign in enumerate(before) if sign in "\"'"), here.column)
    message = (
        "nothing closes the quote that begins here on its line; close it, or put a text of several lines in "
        'three quotes: """'
    )
    return TextProblem(message, here.line, at)


def _describe_open_list(lines: list[str], here: TextProblem) -> TextProblem:
    """Describe a list that nothing closes."""
    for number in range(min(here.line, len(lines) - 1), -1, -1):
        pair = _PAIR.match(lines[number])
        if pair is not None and pair["value"].startswith("["):
            message = "nothing closes the list that begins here; put ']' behind the last entry"
            return TextProblem(message, number, pair.start("value"))
    return here


def _describe_key(line: str, pair: re.Match[str] | None, here: TextProblem) -> TextProblem:
    """Describe a key that no '=' follows."""
    if pair is not None and not _BARE.match(pair["key"]):
        message = f'put quotes around the key, as it has blanks or other signs: "{show_plain(pair["key"])}"'
        return TextProblem(message, here.line, pair.start("key"))
    if (colon := _COLON.match(line)) is not None:
        value = colon["value"].rstrip()
        sign = line[colon.end("key") :].lstrip()[0]
        meant = f"{show_plain(colon['key'])} = {show_plain(value)}"
        message = f"found {shown(sign)} behind a key; TOML has '=': {meant}"
        return TextProblem(message, here.line, colon.end("key"))
    message = f"found {shown(line.strip())}, expected a key, '=' and a value"
    return here._replace(message=message)
