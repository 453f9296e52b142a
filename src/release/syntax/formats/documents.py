"""The documents of a YAML text, which lines `---` tell apart; those that hold nothing do not count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

#: A line that ends a YAML document, or begins the next one, which may go on behind the sign.
_MARK = re.compile(r"^(?:---(?=[ \t\n]|\Z)|\.\.\.[ \t]*(?:#[^\n]*)?(?:\n|\Z))", re.MULTILINE)

#: Blank lines, comments and directives.
NOTHING = re.compile(r"(?:(?:[ \t]*(?:#[^\n]*)?|%[^\n]*)(?:\n|\Z))*")


def find(text: str) -> Iterator[tuple[int, str]]:
    """Yield each document of a YAML text that holds something, with the line on which it begins."""
    marks = [(0, 0), *(match.span() for match in _MARK.finditer(text)), (len(text), len(text))]
    line = before = 0
    for (_, begin), (end, _) in pairwise(marks):
        document = text[begin:end]
        if not NOTHING.fullmatch(document):
            line += text.count("\n", before, begin)  # lines are counted once
            before = begin
            yield line, " " * (begin - (text.rfind("\n", 0, begin) + 1)) + document


def are_several(text: str) -> bool:
    """Return whether a text holds more than one document."""
    return "\n---" in text and len(list(find(text))) > 1


def keep_one(text: str) -> str:
    """Return a text of one document without the marks of others around it, which hold nothing.

    Its lines stay where they are. A text of several documents, or without such marks, is returned as it is.
    """
    if "\n---" not in text:
        return text
    found = list(find(text))
    if len(found) > 1:
        return text
    return "".join("\n" * line + document for line, document in found)
