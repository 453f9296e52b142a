"""Show values and text in messages, so that nothing in them is obeyed by a terminal or hidden by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from decimal import Decimal


def shown(value: object) -> str:
    """Return a value as messages show it: text in quotes and cut to 60 characters, containers by kind."""
    if value is None or value == "":
        return "missing"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + printable(value if len(value) <= 60 else value[:59] + "…") + "'"
    return plain(value)


def plain(value: object) -> str:
    """Return a value that is no text as a release writes it: times as ISO 8601, all digits of a decimal."""
    if isinstance(value, datetime | time):
        return value.isoformat().replace("+00:00", "Z")
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def named(name: str) -> str:
    """Return the name of a field or table as messages show it: in quotes unless it is one word."""
    return name if name.translate(_IN_WORDS).isidentifier() else shown(name)


#: Signs within a name that is read as one word.
_IN_WORDS = str.maketrans(".-", "__")


def list_choices(choices: Sequence[str]) -> str:
    """Return choices as messages name them: `a`, `a or b`, `a, b or c`."""
    *others, last = choices
    return f"{', '.join(others)} or {last}" if others else last


def printable(text: str) -> str:
    """Return text in which each character that a terminal would obey or hide is an escape."""
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return "".join(_ESCAPES.get(c) or (c if c.isprintable() else _escape(ord(c))) for c in text)


#: Marks and letters that nobody sees (Default_Ignorable_Code_Point, and the blank of Braille).
_UNSEEN = {c: f"\\u{ord(c):04x}" for c in "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"}
_ESCAPES = _UNSEEN | {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def count_left_out(what: str, count: int, reason: str, first: str) -> str:
    """Return the message on what is left out, such as `2 files of notes`, its reason, and the first path."""
    are, it = ("is", "it is") if count == 1 else ("are", "the first is")
    return f"{what} {are} left out: {printable(reason)}; {it} {printable(first)}"
