"""Describe a key that stands twice in a mapping."""

from __future__ import annotations

from release.findings.message import shown
from release.syntax.advice.words import count_lines
from release.syntax.paths import brief_path


def describe_repeat(key: str, first: object, above: int, second: object) -> str:
    """Return the message on a key that stands twice, with both of its values.

    Args:
        key: The key.
        first: Its first value; a list or mapping may be empty here.
        above: The number of lines between the two.
        second: Its other value.
    """
    twice = f"{shown(brief_path((key,)))} stands twice"
    where = f"{count_lines(above)} above" if above else "earlier in this line"
    if isinstance(first, dict | list) and isinstance(second, dict | list):
        return f"{twice}, here and {where}; delete one of them, or put both together"
    if type(first) is type(second) and first == second:
        return f"{twice}, here and {where}, with the same value; delete one of them"
    values = f"here it is {_show(second)}, {where} it is {_show(first)}"
    return f"{twice}: {values}; delete the wrong one"


def _show(value: object) -> str:
    return "no value" if value is None or value == "" else shown(value)
