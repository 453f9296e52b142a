"""The locations of the parts of a text, whatever quotes and escapes its author wrote around them."""

from __future__ import annotations

import re

from release.records.reader import Front
from release.records.shapes.lists import TextPart

#: What may begin a text before its first character: the sign of a block in YAML, or quotes.
_BEGIN = r"""(?:[|>][-+0-9]*[^\n]*\n|\"{3}|'{3}|["'])?\s*"""
#: Blanks may be folded, or written as escapes.
_BLANKS = r"(?:\s|\\[nrt])+"


def locate_part(front: Front, part: TextPart, line: int, column: int) -> tuple[int, int]:
    """Return line and column, from 1, of a part of the text that begins at a line and column of the file.

    If the text is written with escapes that hide its characters, its own location is returned.
    """
    lines = front.text.split("\n")
    above = line - 1 - front.line
    start = sum(len(each) + 1 for each in lines[:above]) + column - 1
    start -= 0 if above else front.column
    start -= 0 if above else front.column
    before = "".join(
        f"{_pattern(each)}\\s*{_pattern(part.separator)}\\s*"
        for each in part.parts[: part.position]
    )
    own = _pattern(part.parts[part.position])
    found = re.compile(f"{_BEGIN}{before}({own})").match(front.text, start)
    if found is None:
        return line, column
    offset = found.start(1)
    begin = front.text.rfind("\n", 0, offset) + 1
    column = offset - begin + 1 + (0 if begin else front.column)
    return front.line + front.text.count("\n", 0, offset) + 1, column


def _pattern(text: str) -> str:
    """Return a pattern of all ways in which the formats write a text, but for rare escapes."""
    found = re.split(r"(\s+)", text)
    return "".join(
        _BLANKS if at % 2 else "".join(map(_pattern_of_sign, each)) for at, each in enumerate(found)
    )


def _pattern_of_sign(sign: str) -> str:
    if sign == "'":
        return "''?"
    if sign == '"':
        return r'(?:\\"|""?)'
    if sign == "\\":
        return r"\\\\?"
    if sign == "/":
        return r"\\?/"
    return (
        re.escape(sign) if sign.isascii() else f"(?:{re.escape(sign)}|\\\\[uU][0-9A-Fa-f]{{4,8}})"
    )
