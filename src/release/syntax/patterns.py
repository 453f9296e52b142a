r"""Refuse regular expressions that Python, JavaScript and RE2 do not read alike.

The pattern of a schema is published, and anyone may validate the data with it: in Python (`re`), in a browser
(JavaScript with the flag `u`), or with DuckDB, Arrow or Go (RE2). So only a dialect that means the same in
all three is accepted. RE2 has neither back-references nor look-around; without them a match takes time that
is linear in the length of the text (https://github.com/google/re2/wiki/Syntax).

`\d`, `\w`, `\s` and `\b` are about ASCII, as in RE2. A pattern matches a text as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

#: The most repetitions of one part that RE2 accepts, nested ones multiplied.
_MOST_REPEATS = 1000

#: The most characters, classes and assertions of a pattern whose repetitions are written out. RE2 might
#: refuse a larger one for its size.
_LARGEST = 10_000

#: The most levels that groups may nest, as each of the three engines recurses into them.
_DEEPEST = 50

#: The most characters of a pattern; no person writes longer ones.
_LONGEST = 2000

#: The letters that make a class or an assertion behind a backslash, and those that make a character.
_LETTERS = "dDwWsSbB"
_CHARACTERS = "tnrfv"

#: The signs that JavaScript allows behind a backslash with the flag `u`; in brackets, the hyphen too.
_SYNTAX = r"^$\.*+?()[]{}|/"

#: Signs that, doubled in brackets, are operators on classes in JavaScript (flag `v`) and in later Pythons.
_DOUBLED = "&~|!#$%*+,:;<=>?@^`"

_BOUNDS = re.compile(r"\{([0-9]+)(?:(,)([0-9]*))?\}")

#: The names of the groups that `(?` begins, by the signs that follow.
_SPECIAL = {
    "=": "a look-ahead",
    "!": "a look-ahead",
    "<=": "a look-behind",
    "<!": "a look-behind",
    "P<": "a named group",
    "<": "a named group",
    "P=": "a back-reference",
    ">": "an atomic group",
    "(": "a conditional group",
    "#": "a comment",
}


class PatternError(ValueError):
    """An error in a pattern: it is no regular expression of the dialect; the message says where and why."""


def check_pattern(pattern: str) -> None:
    """Refuse a pattern that is not in the dialect.

    Raises:
        PatternError: The pattern is not. The message gives the character, from 1, and what to write instead.
    """
    if len(pattern) > _LONGEST:
        raise PatternError(f"has {len(pattern):,} characters, expected at most {_LONGEST:,}")
    parser = _Parser(pattern)
    parser.read_alternatives(0)
    if parser.at < len(pattern):
        parser.refuse("`)` that closes nothing; write `\\)` for the sign itself")


@dataclass(frozen=True, slots=True)
class _Extent:
    """The repetitions of the most repeated part of a pattern, and its parts with repetitions written out."""

    repeats: int
    size: int


@dataclass
class _Parser:
    """A parser of a pattern, from left to right; `at` is the offset of the next character."""

    pattern: str
    at: int = 0

    def read_alternatives(self, depth: int) -> _Extent:
        """Read up to the end of a group, and return its extent.

        Raises:
            PatternError: The pattern is not in the dialect.
        """
        if depth > _DEEPEST:
            self.refuse(f"more than {_DEEPEST} groups in each other")
        most, size = 1, 0
        while self.at < len(self.pattern) and self.pattern[self.at] != ")":
            if self.pattern[self.at] == "|":
                self.at += 1
                continue
            item = self._read_item(depth)
            most, size = max(most, item.repeats), size + item.size
            if size > _LARGEST:
                self.refuse(f"more than {_LARGEST:,} parts, its repetitions written out")
        return _Extent(most, size)

    def refuse(self, what: str, at: int | None = None) -> NoReturn:
        """Refuse what the pattern has at an offset, by default the next one.

        Raises:
            PatternError: Always.
        """
        raise PatternError(f"has {what} (character {(self.at if at is None else at) + 1})")

    def _read_item(self, depth: int) -> _Extent:
        """Read one item and its repetition, and return its extent."""
        begin = self.at
        may_repeat, atom = self._read_atom(depth)
        match = _BOUNDS.match(self.pattern, self.at)
        sign = self.pattern[self.at : self.at + 1]
        if match is None and sign not in ("*", "+", "?"):
            if sign == "{":
                self.refuse("`{` without a number of times; write `\\{` for the sign itself")
            return atom
        if not may_repeat:
            self.refuse(
                f"`{sign}` behind `{self.pattern[begin : self.at]}`, which cannot be repeated"
            )
        times = self._read_times(match) if match else 1
        self.at = match.end() if match else self.at + 1
        if self.pattern[self.at : self.at + 1] == "?":
            self.at += 1  # as few as possible: the same texts as a whole
        if self.pattern[self.at : self.at + 1] in ("*", "+", "?", "{"):
            self.refuse(f"`{self.pattern[self.at]}` behind what is repeated already; use a group")
        if times * atom.repeats > _MOST_REPEATS:
            self.refuse(f"more than {_MOST_REPEATS:,} repetitions", begin)
        return _Extent(max(times, 1) * atom.repeats, max(times, 1) * atom.size)

    def _read_times(self, match: re.Match[str]) -> int:
        low, comma, high = match.groups()
        if comma and high and int(low) > int(high):
            self.refuse(f"`{match[0]}`, whose bounds are the wrong way round")
        return int(high or low)

    def _read_atom(self, depth: int) -> tuple[bool, _Extent]:
        """Read an item without its repetition; return whether it may be repeated, and its extent."""
        sign = self.pattern[self.at]
        if sign == "(":
            return True, self._read_group(depth)
        if sign == "[":
            self._read_brackets()
        elif sign == "\\":
            return self._read_escape(in_brackets=False) not in ("b", "B"), _Extent(1, 1)
        elif sign in "*+?{":
            self.refuse(f"`{sign}` with nothing to repeat; write `\\{sign}` for the sign itself")
        elif sign in "]}":
            self.refuse(f"`{sign}` that closes nothing; write `\\{sign}` for the sign itself")
        else:
            self.at += 1
            return sign not in "^$", _Extent(1, 1)
        return True, _Extent(1, 1)

    def _read_group(self, depth: int) -> _Extent:
        begin = self.at
        self.at += 1
        if self.pattern.startswith("?:", self.at):
            self.at += 2
        elif self.pattern.startswith("?", self.at):
            rest = self.pattern[self.at + 1 :]
            kind = next((name for key, name in _SPECIAL.items() if rest.startswith(key)), "flags")
            self.refuse(f"{kind}, which Python, JavaScript and RE2 do not all have alike", begin)
        extent = self.read_alternatives(depth + 1)
        if self.at >= len(self.pattern):
            self.refuse("`(` that is never closed; write `\\(` for the sign itself", begin)
        self.at += 1
        return extent

    def _read_brackets(self) -> None:
        """Read a class: `[a-z_]`, `[^"]`."""
        begin = self.at
        self.at += 1 + self.pattern.startswith("^", self.at + 1)
        if self.pattern.startswith("]", self.at):
            self.refuse("`[]`, which is empty; write `\\]` for the sign itself", begin)
        while self.at < len(self.pattern) and self.pattern[self.at] != "]":
            start, low = self.at, self._read_member()
            for at in (start, self.at):
                if self.pattern.startswith(
                    "--", at
                ):  # a difference of classes, some day or elsewhere
                    self.refuse("`--` in brackets; write `\\-` for the sign itself", at)
            is_range = self.pattern.startswith("-", self.at) and not self.pattern.startswith(
                "-]", self.at
            )
            if not is_range:
                continue
            self.at += 1
            if self.at >= len(self.pattern):
                break
            high = self._read_member()
            if low is None or high is None or low > high:
                self.refuse(f"the range `{self.pattern[start : self.at]}`, which is none", start)
        if self.at >= len(self.pattern):
            self.refuse("`[` that is never closed; write `\\[` for the sign itself", begin)
        self.at += 1

    def _read_member(self) -> str | None:
        r"""Read one member of a class; return the character, or None for `\d` and its like."""
        sign = self.pattern[self.at]
        if sign == "[":
            self.refuse("`[` in brackets; write `\\[` for the sign itself")
        if sign in _DOUBLED and self.pattern[self.at : self.at + 2] == 2 * sign:
            self.refuse(f"`{2 * sign}` in brackets; write `{sign}` once")
        if sign == "\\":
            return self._read_escape(in_brackets=True)
        self.at += 1
        return sign

    def _read_escape(self, *, in_brackets: bool) -> str | None:
        """Read an escape; return its character, `b` or `B` for an assertion, or None for a class."""
        begin = self.at
        sign = self.pattern[self.at + 1 : self.at + 2]
        self.at += 2
        if not sign:
            self.refuse("a backslash at its end; write `\\\\` for the sign itself", begin)
        if sign in _SYNTAX or (sign == "-" and in_brackets):
            return sign
        if sign in _CHARACTERS:
            return {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}[sign]
        if sign in "bB" and in_brackets:
            self.refuse(f"`\\{sign}` in brackets", begin)
        if sign in _LETTERS:
            return sign if sign in "bB" else None
        if sign == "x" and (digits := re.compile("[0-9A-Fa-f]{2}").match(self.pattern, self.at)):
            self.at += 2
            return chr(int(digits[0], 16))
        why = ", a back-reference, which RE2 does not have"
        if not sign.isdigit():
            why = ", which Python, JavaScript and RE2 do not all read alike"
        return self.refuse(f"`\\{sign}`{why}", begin)
