"""Parse and show paths within a record: keys and captures with dots between."""

from __future__ import annotations

import re
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
