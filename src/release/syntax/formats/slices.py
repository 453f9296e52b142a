"""Cut JSON and YAML into the texts of values at a path, without reading all of it at once.

A large file would take long to read as a whole, and each of its values long to locate in it. Its slices are
read and located as the front matter of small files is. A text is cut only where its form leaves no doubt:
otherwise, or if a slice cannot be read, the caller reads the text as a whole, which also says what is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from release.syntax.paths import Capture, KeyPath, Path


class Slice(NamedTuple):
    """The text of a value, and its line and column in the whole, from 0.

    `keys` is the key path of the value from the root, `captured` the keys that captures stand for. `rest` is
    what of the path is left: if anything is, the value stands beside those at the path. `dedented` is the
    text without the blanks that all of its lines begin with; empty if it has none.
    """

    keys: KeyPath
    captured: KeyPath
    rest: Path
    text: str
    dedented: str
    line: int
    column: int


class UncutError(Exception):
    """A text has a form that is not cut."""


def cut_json(text: str, path: Path) -> list[Slice]:
    """Cut JSON into the values at a path and those beside it, in the order of the text.

    Raises:
        UncutError: The text is no list or mapping, or is not well-formed where it is cut.
    """
    cutter = _JsonCutter(text)
    try:
        end = cutter.cut(cutter.skip(0), path, (), ())
    except (ValueError, RecursionError, IndexError) as error:
        raise UncutError from error
    if cutter.skip(end) != len(text):
        raise UncutError
    return cutter.slices


_SPACE = re.compile(r"[ \t\r\n]*")


class _JsonCutter:
    """A walk along the lists and mappings on the way to the values at a path."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._decode = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode
        self._at = self._line = self._start = 0  # counted once, from one slice to the next
        self.slices: list[Slice] = []

    def cut(self, at: int, path: Path, keys: KeyPath, captured: KeyPath) -> int:
        """Cut the list or mapping at an offset; return the offset behind it."""
        text, first = self._text, self._text[at]
        if first not in "[{":
            raise UncutError
        ends, position, seen = "]}"[first == "{"], 0, set()
        at = self.skip(at + 1)
        while text[at] != ends:
            key: str | int = position
            if first == "{":
                key, at = self._decode(text, at)
                if not isinstance(key, str) or key in seen or text[self.skip(at)] != ":":
                    raise UncutError
                seen.add(key)
                at = self.skip(self.skip(at) + 1)
            at = self.skip(self._cut_item(at, key, path, keys, captured))
            position += 1
            if text[at] == ",":
                at = self.skip(at + 1)
                if text[at] == ends:
                    raise UncutError
            elif text[at] != ends:
                raise UncutError
        return at + 1

    def _cut_item(
        self, at: int, key: str | int, path: Path, keys: KeyPath, captured: KeyPath
    ) -> int:
        """Cut the item at an offset; return the offset behind it."""
        here, segment = (*keys, key), path[0]
        is_capture = isinstance(segment, Capture)
        if is_capture:
            captured = (*captured, key)
        rest = path[1:] if is_capture or segment == key else path
        if 0 < len(rest) < len(path):
            return self.cut(at, rest, here, captured)
        _, end = self._decode(self._text, at)
        line, column = self._locate(at)
        self.slices.append(Slice(here, captured, rest, self._text[at:end], "", line, column))
        return end

    def skip(self, at: int) -> int:
        """Return the offset of the next character that is no space."""
        match = _SPACE.match(self._text, at)
        assert match is not None
        return match.end()

    def _locate(self, at: int) -> tuple[int, int]:
        lines = self._text.count("\n", self._at, at)
        if lines:
            self._line += lines
            self._start = self._text.rfind("\n", self._at, at) + 1
        self._at = at
        return self._line, at - self._start


def cut_yaml(text: str, path: Path) -> list[Slice]:
    """Cut YAML in block style into the values at a path and those beside it, in the order of the text.

    Raises:
        UncutError: The text is no list or mapping in block style, or may have another meaning when it is cut.
    """
    if "\t" in text or "\r" in text:
        raise UncutError
    begin = _PROLOGUE.match(text)
    assert begin is not None
    cutter = _YamlCutter(text)
    cutter.cut(begin.end(), len(text), path, (), ())
    return cutter.slices


#: Comments and blank lines, and the line that begins a document.
_PROLOGUE = re.compile(r"(?:[ ]*(?:#[^\n]*)?\n)*(?:---[ ]*(?:#[^\n]*)?\n)?")
_FIRST = re.compile(r"(?:[ ]*(?:#[^\n]*)?\n)*([ ]*)(?=[^ \n#])")
_DASH = re.compile(r"-(?=[ \n])")
_KEY = re.compile(
    r"""([A-Za-z_](?:[\w/+.-]|[ ](?=\w))*|[0-9]+(?:[.-]\w+)*|"[^"\\\n]*"|'[^'\n]*'):(?=[ \n]|\Z)"""
)
#: What follows the dash or colon of an entry that has its value on the next lines.
_ELSEWHERE = re.compile(r"[ ]*(?:#[^\n]*)?(?:\n|\Z)")


class _YamlCutter:
    """A walk along the lists and mappings on the way to the values at a path."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = self._line = 0
        self.slices: list[Slice] = []

    def cut(self, begin: int, end: int, path: Path, keys: KeyPath, captured: KeyPath) -> None:
        """Cut the list or mapping between two offsets."""
        first = _FIRST.match(self._text, begin, end)
        if first is None:
            raise UncutError
        indent = len(first[1])
        is_list = _DASH.match(self._text, first.end(), end) is not None
        seen = set()
        for number, (at, stop) in enumerate(self._items(first.start(1), end, indent, is_list)):
            key: str | int = number
            match = (_DASH if is_list else _KEY).match(self._text, at, stop)
            if match is None:
                raise UncutError
            if not is_list:
                key = match[1][1:-1] if match[1][0] in "\"'" else match[1]
                if key in seen or len(key) > 500:
                    raise UncutError
                seen.add(key)
            segment, behind = path[0], match.end()
            is_capture = isinstance(segment, Capture)
            rest = path[1:] if is_capture or segment == key else path
            below = (*captured, key) if is_capture else captured
            if rest and len(rest) < len(path):
                elsewhere = _ELSEWHERE.match(self._text, behind, stop)
                # a list may begin on the line of its dash, a mapping on that of another
                start = elsewhere.end() if elsewhere is not None else 0
                if not start or start >= stop:
                    raise UncutError
                self.cut(start, stop, rest, (*keys, key), below)
            else:
                self._add(behind, stop, (*keys, key), below, rest)

    def _items(self, begin: int, end: int, indent: int, is_list: bool) -> Iterator[tuple[int, int]]:
        """Yield begin and end of each item of a list or mapping that is indented by so many blanks.

        Raises:
            UncutError: A line begins further left.
        """
        lines = re.compile(rf"^[ ]{{0,{indent}}}(?=[^ \n#])", re.MULTILINE)
        last = above = -1
        for match in lines.finditer(self._text, begin, end):
            if match.end() - match.start() != indent:
                raise UncutError
            if not is_list and _DASH.match(self._text, match.end()):
                # an item of the list that is the value above, if that begins with such a line
                if above != last and not self._begins_with_dash(last, end):
                    raise UncutError
                above = last
                continue
            if last >= 0:
                yield last, match.start()
            last = match.end()
        if last >= 0:
            yield last, end

    def _begins_with_dash(self, at: int, end: int) -> bool:
        """Return whether the value of the key at an offset begins with the line of a list, below the key."""
        key = _KEY.match(self._text, at, end) if at >= 0 else None
        value = _FIRST.match(self._text, key.end()) if key is not None else None
        return value is not None and _DASH.match(self._text, value.end()) is not None

    def _add(self, behind: int, stop: int, keys: KeyPath, captured: KeyPath, rest: Path) -> None:
        """Add the value behind a dash or colon."""
        text = self._text
        elsewhere = _ELSEWHERE.match(text, behind, stop)
        if elsewhere is not None and "#" not in elsewhere[0]:
            start, column = elsewhere.end(), 0
        else:
            start = behind
            column = behind - (text.rfind("\n", 0, behind) + 1)
        first = _FIRST.match(text, start, stop)
        if first is not None and text[first.end()] in "|>%":
            raise UncutError  # the indentation of such a text is counted from what stands above
        self._line += text.count("\n", self._at, start)
        self._at = start
        value = " " * column + text[start:stop]
        self.slices.append(Slice(keys, captured, rest, value, _dedent(value), self._line, 0))


def _dedent(text: str) -> str:
    """Return a text without the blanks that its first line begins with; empty if a line has fewer."""
    first = _FIRST.match(text)
    if first is None or "#" in text[: first.start(1)]:
        return ""
    blanks = first[1]
    rest = text[first.start(1) :]
    if not blanks:
        return rest
    if re.search(rf"^(?![ ]{{{len(blanks)}}})(?![ ]*$)", rest, re.MULTILINE):
        return ""
    return re.sub(rf"^[ ]{{1,{len(blanks)}}}", "", rest, flags=re.MULTILINE)
