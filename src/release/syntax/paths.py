"""Parse, show and match paths with captures: dotted keys within a record, and paths of files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from release.findings.message import printable


@dataclass(frozen=True, slots=True)
class Capture:
    """A `{name}` in a path: any key of a mapping, any position in a list, any part of a file's path."""

    name: str


#: A path from the root of a record: a text is a key, a Capture stands for any key or position.
Path = tuple[str | Capture, ...]

#: A key path from the root of a record to one value: keys of mappings and positions in lists, from 0.
KeyPath = tuple[str | int, ...]

_SEGMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|\{([A-Za-z_][A-Za-z0-9_]*)\}|([^."{}]+)')
_CAPTURE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def parse_path(text: str) -> Path:
    """Read a path such as `analysis.{dimension}."a.b"`.

    Raises:
        ValueError: The text is no path. The message gives the number of the character, from 1.
    """
    segments: list[str | Capture] = []
    at = 0
    while True:
        match = _SEGMENT.match(text, at)
        if match is None:
            expected = f"expected a key or a {{capture}} at character {at + 1}"
            raise ValueError(f"{text!r} is no path: {expected}")
        quoted, capture, plain = match.groups()
        if capture is not None:
            segments.append(Capture(capture))
        else:
            segments.append(plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        at = match.end()
        if at == len(text):
            return tuple(segments)
        if text[at] != ".":
            raise ValueError(f"{text!r} is no path: expected a dot at character {at + 1}")
        at += 1


def show_path(path: Path | KeyPath) -> str:
    """Write a path in the path language; a key that is empty or holds one of `."{}` gets quotes."""
    return ".".join(_show_segment(segment) for segment in path)


def brief_path(path: Path | KeyPath) -> str:
    """Write a path for a message: each part cut after 60 characters, without control characters."""
    shown = (_show_segment(segment) for segment in path)
    cut = (text if len(text) <= 60 else text[:59] + "…" for text in shown)
    return ".".join(text if text.isprintable() else printable(text) for text in cut)


def _show_segment(segment: str | int | Capture) -> str:
    if isinstance(segment, Capture):
        return f"{{{segment.name}}}"
    if isinstance(segment, int):
        return str(segment)
    if segment == "" or re.search(r'[."{}]', segment):
        return '"' + segment.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return segment


def captures_of(path: Path) -> tuple[str, ...]:
    """Return the names that a path binds, in order."""
    return tuple(segment.name for segment in path if isinstance(segment, Capture))


def parse_pattern(text: str) -> FilePattern:
    """Read a pattern such as `notes/{language}/{note_id}.md`.

    Raises:
        ValueError: The text is no pattern. The message says what was expected at which character, from 1.
    """
    end = -1
    for match in _CAPTURE.finditer(text):
        if match.start() == end:
            raise ValueError(f"expected something between two captures at character {end + 1}")
        end = match.end()
    if (wildcard := re.search(r"\*+", text)) is not None:
        raise ValueError(refuse_wildcard(wildcard[0], wildcard.start() + 1))
    without = _CAPTURE.sub(lambda match: " " * len(match[0]), text)
    if (brace := re.search("[{}]", without)) is not None:
        where = brace.start() + 1
        raise ValueError(f"expected a {{capture}} of letters, digits and _ at character {where}")
    return FilePattern(text)


def refuse_wildcard(sign: str, at: int) -> str:
    """Return the message on a sign that other languages of patterns have, found at a character, from 1."""
    each = "each folder" if len(sign) > 1 else "one part"
    return (
        f"`{sign}` is no wildcard: expected a {{capture}} for {each} of the path at character {at}"
    )


@dataclass(frozen=True, slots=True)
class FilePattern:
    """A file path with captures and `/` between its parts: `notes/{language}/{note_id}.md`."""

    template: str

    @property
    def captures(self) -> tuple[str, ...]:
        """The names that the pattern binds, in order; a repeated one is repeated."""
        return tuple(_CAPTURE.findall(self.template))

    @property
    def folder(self) -> str:
        """The folder that holds every file of the pattern, without a slash at its end; may be empty."""
        return self.template.split("{", 1)[0].rpartition("/")[0]

    def regex(self) -> re.Pattern[str]:
        """Return the regular expression of the pattern's paths, with a group for each capture.

        A capture stops at a slash and does not begin with a dot, so that hidden files are not matched.
        """
        out = ""
        seen: set[str] = set()
        for at, part in enumerate(_CAPTURE.split(self.template)):
            if at % 2 == 0:
                out += re.escape(part)
            elif part in seen:
                out += f"(?P={part})"
            else:
                seen.add(part)
                out += f"(?P<{part}>[^/.][^/]*?)"
        return re.compile(out + r"\Z", re.DOTALL)

    def fill(self, captures: Mapping[str, str]) -> str:
        """Return the path that has these captures."""
        return _CAPTURE.sub(lambda match: captures[match[1]], self.template)
