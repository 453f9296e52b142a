"""One mapping of a descriptor, read property by property; what is wrong is noted with its key_path."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from release.findings import shown
from release.syntax.paths import FilePattern, KeyPath, Path, brief_path, parse_path, parse_pattern
from release.syntax.text import Locations, nearest_located

#: Text that holds more than blanks.
_TEXT = re.compile(r".*\S.*", re.DOTALL)


class Problems:
    """What is wrong with a descriptor, with the line and column of each."""

    def __init__(self, locations: Locations) -> None:
        self._locations = locations
        self._found: dict[tuple[int, int, str], None] = {}

    def add(self, key_path: KeyPath, message: str, *, at_key: bool = False) -> None:
        """Note a problem at a key_path, or at the nearest one around it that is written down."""
        line, column = 0, 0
        if (mark := self._locations.get(nearest_located(self._locations, key_path))) is not None:
            line, column = (mark.line, mark.column)
            if at_key:
                line, column = (mark.key_line, mark.key_column)
        where = brief_path(key_path) or "the descriptor"
        self._found[line + 1, column + 1, f"{where} {message}"] = None

    def lines(self) -> list[str]:
        """Every problem once, `LINE:COLUMN: PATH message`, as a reader of the file meets them."""
        found = sorted(self._found, key=lambda problem: problem[:2])
        return [f"{line}:{column}: {message}" for line, column, message in found]


@dataclass(frozen=True, slots=True)
class Properties:
    """A mapping of the descriptor at its key_path.

    What a method reads and cannot use is noted; it then gives the empty value of its type.
    """

    value: Mapping[str, Any]
    key_path: KeyPath
    problems: Problems

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def note(self, message: str, *below: str | int, at_key: bool = False) -> None:
        """Note a problem of the mapping, or of what stands below it."""
        self.problems.add((*self.key_path, *below), message, at_key=at_key)

    def note_unexpected(self, key: str, expected: str) -> None:
        """Note that a property is not what was expected."""
        what = f"is {describe(self.value[key])}" if key in self.value else "is missing"
        self.note(f"{what}, expected {expected}", key)

    def note_unwanted(self, keys: str, why: str) -> None:
        """Note those of the properties that are there and mean nothing here."""
        for key in keys.split():
            if key in self.value:
                self.note(f"means nothing here, expected it left out: {why}", key, at_key=True)

    def note_unknown(self, *known: str) -> None:
        """Note the properties that are none of those known."""
        what = brief_path(self.key_path) or "the package"
        for key in self.value:
            if key not in known:
                message = f"is an unknown property of {what}{suggest(key, known)}"
                self.note(message, key, at_key=True)

    def read_text(
        self, key: str, expected: str = "text", pattern: re.Pattern[str] | None = None
    ) -> str:
        """A text; one that does not match the pattern is noted and given all the same."""
        value = self.value.get(key)
        if not isinstance(value, str) or (pattern or _TEXT).fullmatch(value) is None:
            self.note_unexpected(key, expected)
        return value if isinstance(value, str) else ""

    def read_mapping(self, key: str) -> Properties:
        """A mapping; an empty one where there is none."""
        value = self.value.get(key, {})
        if not isinstance(value, dict):
            self.note_unexpected(key, "a mapping")
            value = {}
        return Properties(value, (*self.key_path, key), self.problems)

    def read_list(self, key: str, expected: str = "a list") -> list[Any]:
        """A list; an empty one where there is none."""
        value = self.value.get(key, [])
        if not isinstance(value, list):
            self.note_unexpected(key, expected)
            return []
        return value

    def read_mappings(self, key: str, expected: str = "a list") -> list[Properties]:
        """The mappings of a list."""
        mappings = []
        for at, item in enumerate(self.read_list(key, expected)):
            if isinstance(item, dict):
                mappings.append(Properties(item, (*self.key_path, key, at), self.problems))
            else:
                self.note(f"is {describe(item)}, expected a mapping", key, at)
        return mappings

    def read_names(
        self, key: str, known: Iterable[str] | None = None, what: str = "a name"
    ) -> tuple[str, ...]:
        """One name or several, each of them once and one of those known; none where one is not."""
        value = self.value.get(key)
        if not isinstance(value, str | list) or not value:
            self.note_unexpected(key, "a name or a list of names")
            return ()
        if isinstance(value, str):
            return self.read_names_in([value], (key,), known, what, is_list=False)
        return self.read_names_in(value, (key,), known, what)

    def read_names_in(
        self,
        names: list[Any],
        key_path: KeyPath,
        known: Iterable[str] | None,
        what: str,
        *,
        is_list: bool = True,
    ) -> tuple[str, ...]:
        """The names in a list at a key_path below this one, as `names`."""
        known = None if known is None else list(known)
        sound = True
        for at, name in enumerate(names):
            message = ""
            if not isinstance(name, str) or not name:
                message = f"is {describe(name)}, expected a name"
            elif known is not None and name not in known:
                message = f"is {shown(name)}, expected {what}{suggest(name, known)}"
            elif name in names[:at]:
                message = f"is {shown(name)} again, expected it once"
            if message:
                self.note(message, *key_path, *([at] if is_list else []))
                sound = False
        return tuple(names) if sound else ()

    def read_path(self, key: str) -> Path | None:
        """A path in a record."""
        value = self.value.get(key)
        if not isinstance(value, str):
            self.note_unexpected(key, "a path")
            return None
        return self.read_path_in(value, key)

    def read_path_in(self, text: str, *below: str | int) -> Path | None:
        """The path that a text at a key_path below writes."""
        try:
            return parse_path(text)
        except ValueError as error:
            reason = str(error).rpartition(": ")[2]
            self.note(f"is {describe(text)}, {reason}", *below)
            return None

    def read_pattern(self, key: str) -> FilePattern | None:
        """A text with captures."""
        text = self.read_text(key)
        try:
            return parse_pattern(text) if text.strip() else None
        except ValueError as error:
            self.note(f"is {describe(text)}, {error}", key)
            return None


def describe(value: object) -> str:
    """What was found in a key_path, for messages."""
    if value is None:
        return "null"
    if value == "":
        return "empty text"
    if isinstance(value, (dict, list)):
        kind = "mapping" if isinstance(value, dict) else "list"
        return f"a {kind}" if value else f"an empty {kind}"
    return shown(value)


def suggest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant, as the end of a message."""
    near = difflib.get_close_matches(name[:100], list(known), 1, 0.5)
    return f"; did you mean {shown(near[0])}?" if near else ""


def is_inside(path: str) -> bool:
    """Whether a path leads to a key_path below the descriptor's folder, whatever its captures are."""
    parts = path.split("/")
    return not ({"", ".", "..", "~"} & set(parts) or "\\" in path or ":" in path)
