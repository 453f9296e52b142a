"""Where a value stands in the front matter of a record: found at a glance where its key stands once."""

from __future__ import annotations

import re

from release.records.reader import Front
from release.syntax.json import read_json
from release.syntax.paths import KeyPath
from release.syntax.text import Location, Locations, nearest_located
from release.syntax.yaml import read_beginning, read_yaml


def locate_all(front: Front) -> Locations:
    """The mark of every value of a record, by lines of the file from 0."""
    marks: Locations = {}
    (read_json if front.format == "json" else read_yaml)(front.text, marks)
    return {place: _moved(mark, 1, 0) for place, mark in marks.items()}


def location_of(marks: Locations, place: KeyPath, *, key: bool) -> tuple[int, int]:
    """Line and column, from 1, of a value or its key; of what holds it where it is absent."""
    where = nearest_located(marks, place)
    mark = marks.get(where)
    if mark is None:
        return 2, 1
    if key and where == place:
        return mark.key_line + 1, mark.key_column + 1
    return mark.line + 1, mark.column + 1


def locate_one(text: bytes, place: KeyPath) -> Location | None:
    """The mark, as `locate` has it, of a value that is there, found without reading all of a front matter.

    A key that is a word stands in the text as it is unless an escape wrote it; so where the text has one
    key of that name, it is that one, at whatever depth. Where it has several, or a position in a list is
    asked for, what stands below a key further up is read. None where that does not tell.
    """
    if _hides_keys(text):
        return None
    for at in reversed(range(len(place))):
        key = place[at]
        if isinstance(key, str) and (span := _only(text, key)) is not None:
            below = place[at + 1 :]
            return _below(text, span[1], below) if below else _mark(text, *span)
    return None


#: Signs, and what stands behind them where they hide keys: an escape writes one in other letters, `?` puts
#: its value on another line.
_HIDES_KEYS = ((b"\\", b"uUx"), (b"?", b" \n\t"))

#: What ends a line to the parser of YAML, which also reads what stands below a key of JSON.
_LINE_ENDS = (b"\r", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")

#: What begins a value on another line, or is a comment before it.
_ELSEWHERE = (b"", b"\n", b"\r", b"\t", b"#")

_WORD = re.compile(r"[\w-]+")
_COLON = re.compile(rb"\s*: *")
#: What may stand behind a key of flow style that has no colon, and no value: `{a, b}`.
_LONE = re.compile(rb"['\"]?\s*[,}#]")
#: What may stand between it and the sign before it.
_BEFORE = b" \n'\"?"
#: What is part of a longer word, where a key begins; no key begins behind a letter that is not ASCII.
_IN_WORD = frozenset(
    b"-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
) | frozenset(range(0x80, 0x100))
_QUOTES = frozenset(b"'\"")


def _hides_keys(text: bytes) -> bool:
    for sign, hiding in _HIDES_KEYS:
        at = text.find(sign)
        while at >= 0:
            if text[at + 1 : at + 2] in hiding:
                return True
            at = text.find(sign, at + 2)
    return False


def _only(text: bytes, key: str) -> tuple[int, int] | None:
    """Where the only key of a name begins, and its value; None where there are more, or may be."""
    if not _WORD.fullmatch(key):
        return None
    word = key.encode()
    found = None
    comment = text.find(b"#")
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if (span := _key_at(text, at, end)) is not None:
            if found is not None:
                return None
            found = span
        elif _LONE.match(text, end) and (0 <= comment < at or _may_be_lone(text, at)):
            return None  # a comment may stand before it
        at = text.find(word, at + 1)
    return found


def _key_at(text: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Where a key begins and its value, if what stands between two offsets is a key and not a part of one."""
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
    """Whether a key of flow style that has no value may begin at an offset."""
    at = start - 1
    while at >= 0 and text[at] in _BEFORE:
        at -= 1
    return at >= 0 and text[at] in b"{,"


def _mark(text: bytes, key: int, value: int) -> Location | None:
    """The mark of a value that begins behind its key on the same line."""
    if text[value : value + 1] in _ELSEWHERE:
        return None
    line, column = _position(text, value)
    between = text[key:value]
    if b"\n" in between:
        return Location(line, column, *_position(text, key))
    return Location(line, column, line, column - len(between.decode()))


def _position(text: bytes, offset: int) -> tuple[int, int]:
    """The line of the file and the column, from 0, of an offset in front matter."""
    begin = text.rfind(b"\n", 0, offset) + 1
    return text.count(b"\n", 0, begin) + 1, len(text[begin:offset].decode())


def _below(text: bytes, at: int, place: KeyPath) -> Location | None:
    """The mark of a value in the list or mapping that begins at an offset, or on the next line."""
    first = text[at : at + 1]
    if first == b"\n":
        at += 1
    elif first not in (b"[", b"{"):
        return None
    if any(end in text for end in _LINE_ENDS):
        return None
    mark = read_beginning(text[at:]).get(place)
    return _moved(mark, *_position(text, at)) if mark is not None else None


def _moved(mark: Location, lines: int, columns: int) -> Location:
    """A mark in a text that begins so many lines down and, on its first line, columns to the right."""
    return Location(
        mark.line + lines,
        mark.column if mark.line else mark.column + columns,
        mark.key_line + lines,
        mark.key_column if mark.key_line else mark.key_column + columns,
    )
