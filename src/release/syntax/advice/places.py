"""Places at which a text is not YAML, and values as they are written so that it is."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from release.findings.message import shown
from release.syntax.advice.words import LONGEST, TextProblem, count_lines, show_plain

#: What people write before the items of a list.
_BULLET = re.compile(r"[-–—•·*](?![-–—•·*])\s*(?=\S)")

#: A key before the sign that is no colon, or has no blank behind it.
_TIGHT = re.compile(r"""[ \t]*(?:-[ \t]+)*[^\s:：#'"\[\]{},&*!|>%@`-][^\s:：]*""")


class StopPlace(NamedTuple):
    """The place where libyaml could not go on, and the mark of what it was reading there."""

    lines: list[str]
    line: int
    column: int
    begun: Any

    @property
    def before(self) -> str:
        """The part of the line before the place."""
        return self.at(self.line)[: self.column]

    @property
    def rest(self) -> str:
        """The part of the line from the place on."""
        return self.at(self.line)[self.column :].rstrip()

    @property
    def value(self) -> str:
        """The value that begins at the place: the rest of the line, in brackets only up to the next sign."""
        is_within = any(
            self.before.count(one) > self.before.count(two) for one, two in ("[]", "{}")
        )
        return re.split(r"[,\]}]", self.rest, maxsplit=1)[0].rstrip() if is_within else self.rest

    @property
    def begun_rest(self) -> str:
        """The part of the line from the beginning of what was being read."""
        return self.at(self.begun.line)[self.begun.column :].rstrip() if self.begun else ""

    def at(self, line: int) -> str:
        """Return a line by its number; behind the last one there is nothing."""
        return self.lines[line] if line < len(self.lines) else ""

    def number_above(self) -> int:
        """Return the number of the nearest line above that is not blank; 0 if there is none."""
        return next((at for at in range(self.line - 1, -1, -1) if self.lines[at].strip()), 0)

    def above(self) -> str:
        """Return the nearest line above that is not blank."""
        return self.at(self.number_above()) if self.line else ""

    def beginning(self, context: str | None) -> str:
        """Return how many lines above the text concerned begins; empty if it begins on the same line."""
        if self.begun is None or self.begun.line == self.line:
            return ""
        return f" ({context} that begins {count_lines(self.line - self.begun.line)} above)"

    def here(self, message: str) -> TextProblem:
        """Return a problem at the place."""
        return TextProblem(message, self.line, self.column)

    def at_beginning(self, message: str) -> TextProblem:
        """Return a problem at the beginning of what was being read."""
        begun = self.begun or self
        return TextProblem(message, begun.line, begun.column)


def printable_quoted(value: str) -> str:
    """Return a text in quotes, as YAML takes it; what a terminal would obey is an escape."""
    value = show_plain(value)
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    escaped = value.replace("'", "''")
    return f"'{escaped}'"


def indent_as_beside(place: StopPlace) -> str:
    """Return the advice on what stands in the place of a tab that indents: the blanks of a line beside it."""
    above = place.above()
    is_parent = above.partition(" #")[0].rstrip().endswith(":")
    below = next((line for line in place.lines[place.line + 1 :] if line.strip()), "")
    kind = place.at(place.line).lstrip()[:2] == "- "
    for line, where in ((below, "below"), (above, "above")):
        text = line.lstrip()
        size = len(line) - len(text)
        if not text or "\t" in line[:size] or (text[:2] == "- ") != kind:
            continue
        if not is_parent or size > len(above) - len(above.lstrip()):
            if not size:
                return f"delete it, as the line {where} begins without"
            how = f"{size} space{'' if size == 1 else 's'}"
            return f"write {how} in its place, as in the line {where}"
    return "indent with spaces"


#: How a quote is written inside quotes of its own kind.
IN_QUOTES = {"'": "twice", '"': 'as \\"'}


def quote_it(value: str, what: str = "the value") -> str:
    """Return the advice to put quotes around a value, and how that is written."""
    value = value.partition(" #")[0].rstrip()
    if len(value) > LONGEST or not value:
        return f"put quotes around {what}"
    return f"put quotes around {what}: {printable_quoted(value)}"


def mend_item(text: str) -> str:
    """Return the message on a text below the items of a list that begins with no `- `."""
    if (bullet := _BULLET.match(text)) is None:
        return f"found {shown(text)} below an item of a list; write '- ' before it"
    item = f"- {text[bullet.end() :]}"
    written = shown(item) if len(item) <= LONGEST else "'- ' in its place"
    if bullet[0] == "-":
        return f"{shown(text)} has no space after the dash; write {written}"
    return f"found {shown(text)} below an item of a list; write {written}"


def mend_colon(line: str) -> tuple[str, int] | None:
    """Return advice for a line that has a key without a colon and a blank behind it, and the column of that.

    None if it has no such key.
    """
    match = _TIGHT.match(line)
    if match is None:
        return None
    at, rest = match.end(), line[match.end() :]
    if rest.startswith("："):
        return "write ': ' for the colon of full width (U+FF1A)", at
    if not rest.startswith(":"):
        return None
    behind = rest[1:2]
    key = shown(match[0].strip() + ":")
    if behind in ("\u00a0", "\u3000", "\u202f"):
        return (
            f"behind {key} is a blank of another kind (U+{ord(behind):04X}); type a common one",
            at + 1,
        )
    return (f"put a blank behind {key}", at + 1) if behind.strip() else None
