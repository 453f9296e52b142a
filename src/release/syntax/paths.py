"""The path language: dotted keys with captures, for front matter and for files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from release.findings import printable


@dataclass(frozen=True, slots=True)
class Capture:
    """A `{name}`: any key of a mapping, any position of a list, any part of a file's path."""

    name: str


#: A path in a record, from its root: text is a key, a Capture stands for any key or position.
Path = tuple[str | Capture, ...]

#: A place in one record: keys and positions, nothing left open.
KeyPath = tuple[str | int, ...]

_SEGMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|\{([A-Za-z_][A-Za-z0-9_]*)\}|([^."{}]+)')
_CAPTURE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def parse_path(text: str) -> Path:
    """Read a path such as `analysis.{dimension}."a.b"`.

    Raises:
        ValueError: the text is no path; the message says at which character.
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
    """A path as it is written; keys that hold a dot, brace or quote stand in quotes."""
    return ".".join(_show_segment(segment) for segment in path)


def brief_path(path: Path | KeyPath) -> str:
    """A path as messages show it: as it is written, with long keys cut and nothing a terminal would obey."""
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
    """The names that a path binds, in order."""
    return tuple(segment.name for segment in path if isinstance(segment, Capture))


def parse_pattern(text: str) -> FilePattern:
    """Read a pattern such as `notes/{language}/{note_id}.md`.

    Raises:
        ValueError: the text is no pattern; the message says what was expected at which character.
    """
    end = -1
    for match in _CAPTURE.finditer(text):
        if match.start() == end:
            raise ValueError(f"expected something between two captures at character {end + 1}")
        end = match.end()
    without = _CAPTURE.sub(lambda match: " " * len(match[0]), text)
    if (brace := re.search("[{}]", without)) is not None:
        where = brace.start() + 1
        raise ValueError(f"expected a {{capture}} of letters, digits and _ at character {where}")
    return FilePattern(text)


@dataclass(frozen=True, slots=True)
class FilePattern:
    """A file path with captures, `/` between its parts: `seeds/{language}/{policy_id}.md`."""

    template: str

    @property
    def captures(self) -> tuple[str, ...]:
        """The names that the pattern binds, in order."""
        return tuple(_CAPTURE.findall(self.template))

    @property
    def folder(self) -> str:
        """The part of the path, without a slash at its end, before the first capture."""
        return self.template.split("{", 1)[0].rpartition("/")[0]

    def regex(self) -> re.Pattern[str]:
        """Matches the paths of the pattern.

        A capture stops at a slash and does not begin with a dot: hidden files are none of ours.
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
        """The path that these captures name."""
        return _CAPTURE.sub(lambda match: captures[match[1]], self.template)
