"""Parse, match and fill patterns of files: paths with captures, and `**` for folders at any depth."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Literal, NamedTuple

#: Patterns are about records, about files that `*` may gather because no value is made of their names, or
#: about the names of columns, which have no folders.
Subject = Literal["records", "files", "columns"]

#: A capture of text within a part of a path, or of the folders that stand between two parts.
_CAPTURE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(:\*\*)?\}")

_DEPTH = "**"

#: The most `**` in a pattern, and the most `*` in a part: with more, matching might take very long.
_MOST_DEPTHS, _MOST_STARS = 2, 3

#: Signs that other languages of patterns have, which would never match as they are meant.
_FOREIGN = re.compile(r"\*+|\?|\[[^\]/]+\]")

#: One part of a path that is not hidden, and any number of them with slashes between.
_SHOWN = r"[^/.][^/]*"
_DEEP = rf"{_SHOWN}(?:/{_SHOWN})*?"


class _Part(NamedTuple):
    """A part of a pattern, between slashes: texts and names of captures by turns, a text first.

    One that stands for folders at any depth has the name `depth` and no pieces.
    """

    pieces: tuple[str, ...]
    depth: str = ""


def parse_pattern(text: str, subject: Subject = "records") -> FilePattern:
    """Read a pattern such as `notes/{language}/{note_id}.md` or `notes/{section:**}/{note_id}.md`.

    Raises:
        ValueError: The text is no pattern. The message says what was expected at which character, from 1.
    """
    at, depths, was_depth = 0, list[int](), False
    for part in text.split("/"):
        is_depth = _is_depth(part) and subject != "columns"
        if is_depth and was_depth:
            raise ValueError(f"expected `**` once between two parts at character {at + 1}")
        if is_depth:
            depths.append(at)
        else:
            _check_part(part, at, text, subject)
        at, was_depth = at + len(part) + 1, is_depth
    if len(depths) > _MOST_DEPTHS:
        where = depths[_MOST_DEPTHS] + 1
        raise ValueError(f"expected `**` at most {_MOST_DEPTHS} times at character {where}")
    pattern = FilePattern(text)
    last = text.rpartition("/")[2]
    if was_depth and (subject == "records" or last != _DEPTH):
        expected = f"expected the name of a file behind `{last}`, such as {{name}}.md,"
        raise ValueError(f"{expected} at character {len(text) + 1}")
    for name in (name for name, is_depth in _CAPTURE.findall(text) if is_depth):
        if pattern.captures.count(name) > 1:
            where = text.index(f"{{{name}:") + 1
            raise ValueError(f"expected {{{name}}} once, as it takes folders, at character {where}")
    return pattern


def _is_depth(part: str) -> bool:
    match = _CAPTURE.fullmatch(part)
    return part == _DEPTH or (match is not None and bool(match[2]))


def _check_part(part: str, at: int, text: str, subject: Subject) -> None:
    """Refuse what a part of a pattern must not have; it begins at an offset of the text.

    Raises:
        ValueError: As `parse_pattern`.
    """
    end = -1
    for match in _CAPTURE.finditer(part):
        where = at + match.start() + 1
        if match.start() == end:
            raise ValueError(f"expected something between two captures at character {where}")
        if match[2]:
            raise ValueError(_refuse_beside(match[0], where))
        end = match.end()
    without = _CAPTURE.sub(lambda match: " " * len(match[0]), part)
    if (brace := re.search(r"[{}]", without)) is not None:
        raise ValueError(_refuse_brace(without[brace.start() :], at + brace.start() + 1))
    for match in _FOREIGN.finditer(without):
        sign, where = match[0], at + match.start() + 1
        if sign == "*" and subject == "files":
            continue
        is_literal = subject == "columns" or "://" in text  # a query of a URL has such signs
        if sign[0] == "*" or not is_literal:
            raise ValueError(_refuse_wildcard(sign, where))
    if without.count("*") > _MOST_STARS:
        raise ValueError(f"expected at most {_MOST_STARS} `*` in a part at character {at + 1}")


def _refuse_beside(sign: str, at: int) -> str:
    return (
        f"`{sign}` stands beside other text: expected it between slashes, for folders at any depth, "
        f"at character {at}"
    )


def _refuse_brace(text: str, at: int) -> str:
    """Return the message on a brace that begins no capture; `text` begins with it."""
    inside = re.match(r"\{([^{}/]*)\}", text)
    named = re.match(r"([A-Za-z_][A-Za-z0-9_]*):", inside[1]) if inside else None
    if inside and named:
        expected = f"expected {{{named[1]}}}, or {{{named[1]}:**}} for folders at any depth,"
        return f"`{inside[0]}` is no capture: {expected} at character {at}"
    if inside and "," in inside[1]:
        expected = "expected a {capture} of letters, digits and _, which takes any text,"
        return f"`{inside[0]}` is no choice: {expected} at character {at}"
    return f"expected a {{capture}} of letters, digits and _ at character {at}"


def _refuse_wildcard(sign: str, at: int) -> str:
    """Return the message on a sign that other languages of patterns have, found at a character, from 1."""
    if sign == _DEPTH:
        return _refuse_beside(sign, at)
    depth = f", or `{_DEPTH}` for folders at any depth," if sign[0] == "*" else ""
    return (
        f"`{sign}` is no wildcard: expected a {{capture}} for one part of the path{depth} "
        f"at character {at}"
    )


@lru_cache(maxsize=64)
def _split(template: str) -> tuple[_Part, ...]:
    """Split a pattern into its parts. The first `**` without a capture is named `**`, the second `**2`."""
    found: list[_Part] = []
    unnamed = 0
    for part in template.split("/"):
        match = _CAPTURE.fullmatch(part)
        if match is not None and match[2]:
            found.append(_Part((), match[1]))
        elif part == _DEPTH:
            unnamed += 1
            found.append(_Part((), f"{_DEPTH}{unnamed if unnamed > 1 else ''}"))
        else:
            pieces = re.split(r"\{([A-Za-z_][A-Za-z0-9_]*)\}", part)
            found.append(_Part(tuple(pieces)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class FilePattern:
    """A file path with captures and `/` between its parts: `notes/{language}/{note_id}.md`.

    A part `**` or `{name:**}` stands for any number of folders, also none; `*` for any text within a part.
    """

    template: str

    @property
    def captures(self) -> tuple[str, ...]:
        """The names that the pattern binds, in order; a repeated one is repeated."""
        return tuple(name for name, _ in _CAPTURE.findall(self.template))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all that tells paths apart, each once, in order.

        They are those of the captures, and `**` and `**2` for the folders that no capture takes.
        """
        named = (
            [part.depth] if part.depth else part.pieces[1::2] for part in _split(self.template)
        )
        return tuple(dict.fromkeys(chain.from_iterable(named)))

    @property
    def folder(self) -> str:
        """The folder that holds every file of the pattern, without a slash at its end; may be empty."""
        return re.split(r"[{*]", self.template, maxsplit=1)[0].rpartition("/")[0]

    @property
    def shape(self) -> str:
        """The pattern without the names of its captures: all of one shape match the same paths."""
        return _CAPTURE.sub(lambda match: _DEPTH if match[2] else "{}", self.template)

    def regex(self) -> re.Pattern[str]:
        """Return the regular expression of the pattern's paths, with a group for each of `names`, in order.

        A capture stops at a slash and does not begin with a dot, so that hidden files are not matched. The
        group of folders is None where there are none.
        """
        names = self.names
        seen: set[str] = set()
        parts = _split(self.template)
        out = ""
        for at, part in enumerate(parts):
            is_last = at == len(parts) - 1
            if part.depth:
                seen.add(part.depth)
                out += f"({_DEEP})" if is_last else f"(?:({_DEEP})/)?"
                continue
            for number, piece in enumerate(part.pieces):
                if number % 2 == 0:
                    out += r"[^/]*?".join(map(re.escape, piece.split("*")))
                elif piece in seen:
                    out += f"(?:\\{names.index(piece) + 1})"
                else:
                    seen.add(piece)
                    out += "([^/.][^/]*?)"
            out += "" if is_last else "/"
        return re.compile(out + r"\Z", re.DOTALL)

    def matcher(self) -> Callable[[str], tuple[str, ...] | None]:
        """Return a function that gives the values of `names` in a path, or None if it does not match."""
        match = self.regex().match

        def match_path(path: str) -> tuple[str, ...] | None:
            found = match(path)
            return None if found is None else found.groups("")

        return match_path

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the path that has these values of `names`; folders that are empty or missing are none."""
        filled = []
        for part in _split(self.template):
            if not part.depth:
                pieces = (p if at % 2 == 0 else values[p] for at, p in enumerate(part.pieces))
                filled.append("".join(pieces))
            elif folders := values.get(part.depth, ""):
                filled.append(folders)
        return "/".join(filled)
