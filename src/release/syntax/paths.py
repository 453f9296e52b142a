"""Parse and show paths within a record, and templates: where the values of a field stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from release.findings.message import printable


@dataclass(frozen=True, slots=True)
class Capture:
    """A `{name}` in a path: any key of a mapping, any position in a list, any part of a file's path."""

    name: str


class BodyPart(str):
    """The first part of a path that leads into the body of a record: `$links`."""

    __slots__ = ()


#: The parts of a body that a path may lead into, if it begins with their name without quotes.
BODY_PARTS = ("$heading", "$links", "$sections", "$tables")

#: The capture of `rows` that stands for the keys and positions that no other path names.
REST = Capture("rest")

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
        elif quoted is None:
            is_of_body = not segments and plain in BODY_PARTS
            segments.append(BodyPart(plain) if is_of_body else plain)
        else:
            segments.append(re.sub(r"\\(.)", r"\1", quoted))
        at = match.end()
        if at == len(text):
            return tuple(segments)
        if text[at] != ".":
            raise ValueError(f"{text!r} is no path: expected a dot at character {at + 1}")
        at += 1


def show_path(path: Path | KeyPath) -> str:
    """Write a path in the path language; a key that is empty or holds one of `."{}` gets quotes."""
    return ".".join(_show_segments(path))


def brief_path(path: Path | KeyPath) -> str:
    """Write a path for a message: each part cut after 60 characters, without control characters."""
    shown = _show_segments(path)
    cut = (text if len(text) <= 60 else text[:59] + "…" for text in shown)
    return ".".join(text if text.isprintable() else printable(text) for text in cut)


def _show_segments(path: Path | KeyPath) -> list[str]:
    """Write each part of a path; a first key that is named as a part of a body gets quotes."""
    shown = [_show_segment(segment) for segment in path]
    if shown and path[0] in BODY_PARTS and not is_in_body(path):
        shown[0] = f'"{shown[0]}"'
    return shown


def _show_segment(segment: str | int | Capture) -> str:
    if isinstance(segment, Capture):
        return f"{{{segment.name}}}"
    if isinstance(segment, int):
        return str(segment)
    if segment == "" or re.search(r'[."{}]', segment):
        return '"' + segment.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return segment


def is_in_body(path: Path | KeyPath) -> bool:
    """Return whether a path leads into the body of a record."""
    return bool(path) and isinstance(path[0], BodyPart)


def captures_of(path: Path) -> tuple[str, ...]:
    """Return the names that a path binds, in order."""
    return tuple(segment.name for segment in path if isinstance(segment, Capture))


@dataclass(frozen=True, slots=True)
class BelowEntry:
    """The path of a value below the entry that a row stands on: `$value.name`."""

    path: Path


#: An origin of one value: a path in a record or below an entry, a capture, or one of SPECIALS.
SingleOrigin = Path | BelowEntry | Capture | str


@dataclass(frozen=True, slots=True)
class Template:
    """A text of several values: `parts` with `texts` around them, of which there is one more.

    If a part is missing, all of it is.
    """

    texts: tuple[str, ...]
    parts: tuple[SingleOrigin, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Several origins, of which the first is used that has a value."""

    parts: tuple[SingleOrigin | Template, ...]


#: Where the values of a field come from; None if not from records, or from `locate`.
FieldOrigin = SingleOrigin | Template | Choice | None


def single_origins(origin: FieldOrigin) -> Iterator[SingleOrigin]:
    """Yield the origins of which an origin is made; itself if it is of one value."""
    if isinstance(origin, Template | Choice):
        for part in origin.parts:
            yield from single_origins(part)
    elif origin is not None:
        yield origin


def captures_of_origin(origin: FieldOrigin) -> set[str]:
    """Return the captures whose values are in those of an origin."""
    return {each.name for each in single_origins(origin) if isinstance(each, Capture)}


@dataclass(frozen=True, slots=True)
class RawTemplate:
    """A template as it is written: constant texts, and between each two of them what stands in braces."""

    texts: tuple[str, ...]
    inner: tuple[str, ...]


def parse_template(text: str) -> RawTemplate:
    """Read a template; braces in braces belong to the path there: `{terms.{n}.start}`.

    Raises:
        ValueError: The braces do not match, or hold nothing. The message gives the number of the character,
            from 1.
    """
    texts, inner = [""], []
    depth = start = 0
    for at, sign in enumerate(text):
        if sign == "{":
            depth += 1
            start = at + 1 if depth == 1 else start
        elif sign == "}":
            depth -= 1
            if depth < 0:
                raise ValueError(f"expected an opening brace before character {at + 1}")
            if depth == 0:
                if at == start:
                    raise ValueError(f"expected a capture or a path at character {at + 1}")
                inner.append(text[start:at])
                texts.append("")
        elif depth == 0:
            texts[-1] += sign
    if depth:
        raise ValueError(f"expected a closing brace after character {len(text)}")
    return RawTemplate(tuple(texts), tuple(inner))
