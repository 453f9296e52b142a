"""Positions: the line and column of a value in front matter, mostly found without reading all of it."""

from __future__ import annotations

import re
from functools import lru_cache

from release.records.reader import Front
from release.syntax.formats import csv_records
from release.syntax.formats.front_matter import Format, locate_values
from release.syntax.paths import KeyPath
from release.syntax.text import Location, Locations, line_and_column, nearest_located
from release.syntax.yaml import read_beginning


def locate_all(front: Front) -> Locations:
    """Locate every value in a record's text; lines of the file and columns count from 0.

    Key paths are those in the text: that of the record is `prefix`. A row of CSV is located, too.
    """
    if front.prefix:
        return _locate_shared(front.text, front.format, front.line)
    if front.format in csv_records.DELIMITERS:
        locations = csv_records.locate_row(front.text)
    else:
        locations = locate_values(front.text, front.format)
    return {path: _move(found, front.line, front.column) for path, found in locations.items()}


@lru_cache(maxsize=1)
def _locate_shared(text: str, form: Format, line: int) -> Locations:
    """Locate every value in a text that several records share, once for all of them."""
    return {path: _move(at, line, 0) for path, at in locate_values(text, form).items()}


def location_of(
    locations: Locations, key_path: KeyPath, front: Front, *, key: bool
) -> tuple[int, int]:
    """Return line and column, from 1, of a value or its key; if it is absent, of the value around it.

    `key_path` leads to it from the root of the text of `front`.
    """
    nearest = nearest_located(locations, key_path)
    found = locations.get(nearest)
    if found is None:
        return begin_of(front)
    if key and nearest == key_path:
        return found.key_line + 1, found.key_column + 1
    return found.line + 1, found.column + 1


def begin_of(front: Front) -> tuple[int, int]:
    """Return line and column, from 1, of the beginning of a record."""
    if front.format in csv_records.DELIMITERS:
        return front.line + 2, 1  # below the line that says where the cells are
    if not front.source.within:
        return front.line + 1, front.column + 1
    at = len(front.text) - len(front.text.lstrip(" \n"))
    line, column = line_and_column(front.text, at if at < len(front.text) else 0)
    return front.line + line + 1, column + 1 + (0 if line else front.column)


def locate_one(
    text: bytes, form: Format, line: int, key_path: KeyPath, column: int = 0
) -> Location | None:
    """Locate one value that is present, as `locate_all` does, without reading all of the front matter.

    It searches the text for the deepest key of the path whose name only one key in the text has, and reads
    only the text below that key. Keys that are words can be searched for, as long as no escape in the text
    writes a key in other letters. TOML is always read as a whole.

    Args:
        text: The front matter, in UTF-8.
        form: Its format.
        line: The line of the file on which it begins, from 0.
        key_path: The key path of the value.
        column: The column of the file in which it begins, from 0.

    Returns:
        The location; None if it is not certain.
    """
    if form not in ("yaml", "json") or _hides_keys(text):
        return None
    for at in reversed(range(len(key_path))):
        key = key_path[at]
        if isinstance(key, str) and (span := _find_only_key(text, key)) is not None:
            below = key_path[at + 1 :]
            found = _locate_below(text, span[1], below) if below else _locate_value(text, *span)
            return found and _move(found, line, column)
    return None


#: Characters that may hide a key if one of the others follows: an escape writes the key in other letters, and
#: `?` puts its value on another line.
_HIDES_KEYS = ((b"\\", b"uUx"), (b"?", b" \n\t"))

#: Line ends, other than LF, of the YAML parser, which also reads the text below a key of JSON.
_LINE_ENDS = (b"\r", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")

#: What follows the colon of a key whose value is on another line, or stands behind a comment.
_ELSEWHERE = (b"", b"\n", b"\r", b"\t", b"#")

_WORD = re.compile(r"[\w-]+")
_COLON = re.compile(rb"\s*: *")
#: What may follow a key of flow style without colon and value: `{a, b}`.
_LONE = re.compile(rb"['\"]?\s*[,}#]")
#: What may be between such a key and the brace or comma before it.
_BEFORE = b" \n'\"?"
#: Bytes after which no key begins, but a word goes on; bytes above 127 are letters that are not ASCII.
_IN_WORD = frozenset(
    b"-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
) | frozenset(range(0x80, 0x100))
_QUOTES = frozenset(b"'\"")


def _hides_keys(text: bytes) -> bool:
    """Return whether a key may be written in other letters, or its value may be on another line."""
    for sign, hiding in _HIDES_KEYS:
        at = text.find(sign)
        while at >= 0:
            if text[at + 1 : at + 2] in hiding:
                return True
            at = text.find(sign, at + 2)
    return False


def _find_only_key(text: bytes, key: str) -> tuple[int, int] | None:
    """Find the offsets of the only key of a name and of its value; None if there may be several such keys."""
    if not _WORD.fullmatch(key):
        return None
    word = key.encode()
    found = None
    comment = text.find(b"#")
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if (span := _match_key(text, at, end)) is not None:
            if found is not None:
                return None
            found = span
        elif _LONE.match(text, end) and (0 <= comment < at or _may_be_lone(text, at)):
            return None  # it may be such a key, behind a comment
        at = text.find(word, at + 1)
    return found


def _match_key(text: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Return the offsets of a key and of its value if the word between two offsets is a whole key."""
    before = text[start - 1] if start else 0
    if before in _QUOTES:
        if text[end : end + 1] != text[start - 1 : start]:
            return None
        start, end = start - 1, end + 1
        before = text[start - 1] if start else 0
    if before in _IN_WORD:
        return None
    colon = _COLON.match(text, end)
    return (start, colon.end()) if colon else None


def _may_be_lone(text: bytes, start: int) -> bool:
    """Return whether a key of flow style without a value may begin at an offset."""
    at = start - 1
    while at >= 0 and text[at] in _BEFORE:
        at -= 1
    return at >= 0 and text[at] in b"{,"


def _locate_value(text: bytes, key: int, value: int) -> Location | None:
    """Locate a value by the offsets of its key and itself; None if it is not on the line of its key."""
    if text[value : value + 1] in _ELSEWHERE:
        return None
    line, column = _line_and_column(text, value)
    between = text[key:value]
    if b"\n" in between:
        return Location(line, column, *_line_and_column(text, key))
    return Location(line, column, line, column - len(between.decode()))


def _line_and_column(text: bytes, offset: int) -> tuple[int, int]:
    """Return the line and the column, from 0, of an offset in front matter."""
    begin = text.rfind(b"\n", 0, offset) + 1
    return text.count(b"\n", 0, begin), len(text[begin:offset].decode())


def _locate_below(text: bytes, at: int, key_path: KeyPath) -> Location | None:
    """Locate a value in the list or mapping that begins at an offset or on the next line."""
    first = text[at : at + 1]
    if first == b"\n":
        at += 1
    elif first not in (b"[", b"{"):
        return None
    if any(end in text for end in _LINE_ENDS):
        return None
    found = read_beginning(text[at:]).get(key_path)
    return _move(found, *_line_and_column(text, at)) if found is not None else None


def _move(found: Location, lines: int, columns: int) -> Location:
    """Move a location down by some lines; on the first line also to the right by some columns."""
    return Location(
        found.line + lines,
        found.column if found.line else found.column + columns,
        found.key_line + lines,
        found.key_column if found.key_line else found.key_column + columns,
    )
