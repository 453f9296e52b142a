"""Read the properties of one mapping of a descriptor, and collect its problems with their locations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from release.descriptor.model import IgnoredPath
from release.descriptor.vocabulary import NOT_SUPPORTED, PROPERTIES, SPECIALS
from release.findings.message import shown
from release.syntax.file_patterns import FilePattern, Subject, parse_pattern
from release.syntax.paths import BODY_PARTS, KeyPath, Path, brief_path, parse_path
from release.syntax.text import Locations, nearest_located

#: Text that is more than white space.
_TEXT = re.compile(r".*\S.*", re.DOTALL)


class Problems:
    """The problems of a descriptor, each with its line and column."""

    def __init__(self, locations: Locations) -> None:
        self._locations = locations
        self._found: dict[tuple[int, int, str], None] = {}

    def add(self, key_path: KeyPath, message: str, *, at_key: bool = False) -> None:
        """Add a problem of the value at a key path, or of its key.

        Its location is that of the nearest mapping or list around the value if the value is missing.
        """
        line, column = 0, 0
        if (at := self._locations.get(nearest_located(self._locations, key_path))) is not None:
            line, column = (at.key_line, at.key_column) if at_key else (at.line, at.column)
        where = brief_path(key_path) or "the descriptor"
        self._found[line + 1, column + 1, f"{where} {message}"] = None

    def in_order(self) -> list[tuple[int, int, str]]:
        """Return the line, column and message of every problem once, in the order of the file."""
        return sorted(self._found, key=lambda problem: problem[:2])

    def lines(self) -> list[str]:
        """Return `LINE:COLUMN: KEY_PATH MESSAGE` for each problem, once, sorted by line and column."""
        return [f"{line}:{column}: {message}" for line, column, message in self.in_order()]


@dataclass(frozen=True, slots=True)
class Properties:
    """A mapping of the descriptor, with its key path.

    Each `read_…` method notes a problem if the property cannot be used, and returns an empty value then.
    """

    value: Mapping[str, Any]
    key_path: KeyPath
    problems: Problems

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def note(self, message: str, *below: str | int, at_key: bool = False) -> None:
        """Note a problem of the mapping, or of a value below it."""
        self.problems.add((*self.key_path, *below), message, at_key=at_key)

    def note_unexpected(self, key: str, expected: str) -> None:
        """Note that a property is missing or not as expected."""
        what = f"is {describe(self.value[key])}" if key in self.value else "is missing"
        self.note(f"{what}, expected {expected}", key)

    def note_unwanted(self, keys: str, why: str) -> None:
        """Note each of these properties, named with spaces between, that is present."""
        for key in keys.split():
            if key in self.value:
                self.note(f"has no meaning here: {why}; leave it out", key, at_key=True)

    def note_unknown(self, *known: str) -> None:
        """Note each property that is not one of those known."""
        for key in self.value:
            if key not in known:
                message = NOT_SUPPORTED.get(key) or explain_unknown(key, self.key_path, known)
                self.note(message, key, at_key=True)

    def read_text(
        self, key: str, expected: str = "text", pattern: re.Pattern[str] | None = None
    ) -> str:
        """Return a text; one that does not match the pattern is noted, and returned."""
        value = self.value.get(key)
        if not isinstance(value, str) or (pattern or _TEXT).fullmatch(value) is None:
            self.note_unexpected(key, expected)
        return value if isinstance(value, str) else ""

    def read_mapping(self, key: str, expected: str = "a mapping") -> Properties:
        """Return a mapping; an empty one if it is missing."""
        value = self.value.get(key, {})
        if not isinstance(value, dict):
            self.note_unexpected(key, expected)
            value = {}
        return Properties(value, (*self.key_path, key), self.problems)

    def read_list(self, key: str, expected: str = "a list") -> list[Any]:
        """Return a list; an empty one if it is missing."""
        value = self.value.get(key, [])
        if not isinstance(value, list):
            self.note_unexpected(key, expected)
            return []
        return value

    def read_mappings(self, key: str, expected: str = "a list") -> list[Properties]:
        """Return the mappings of a list; items that are not mappings are noted and skipped."""
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
        """Return the names in a property that holds one name, or a list of different names.

        Args:
            key: The property.
            known: The names that may be used; None for any.
            what: A description of a known name, for messages.

        Returns:
            The names; empty if there is a problem with one of them.
        """
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
        """Return the names in a list at a key path below this mapping; as `read_names`."""
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

    def read_path(self, key: str, *, may_be_in_body: bool = False) -> Path | None:
        """Return a path in a record, or only one in its front matter; None if it cannot be used."""
        value = self.value.get(key)
        if not isinstance(value, str):
            self.note_unexpected(key, "a path")
            return None
        path = self.read_path_in(value, key)
        if path and not may_be_in_body and value[0] == "$" and path[0] in (*SPECIALS, *BODY_PARTS):
            what = f"is {describe(value)}, which is no value of front matter"
            self.note(f"{what}, expected a path there{explain_quotes(value)}", key)
            return None
        return path

    def read_path_in(self, text: str, *below: str | int, written: str = "") -> Path | None:
        """Parse a text, found at the keys `below`, as a path in a record; None if it is no path.

        It may be the end of what is `written` there.
        """
        try:
            return parse_path(text)
        except ValueError as error:
            reason, at = str(error).rpartition(": ")[2], len(written) - len(text)
            if written and at:
                reason = re.sub(r"[0-9]+\Z", lambda number: str(int(number[0]) + at), reason)
            self.note(f"is {describe(written or text)}, {reason}", *below)
            return None

    def read_pattern(self, key: str, subject: Subject = "records") -> FilePattern | None:
        """Return a text with captures; None if it cannot be used."""
        text = self.read_text(key)
        try:
            return parse_pattern(text, subject) if text.strip() else None
        except ValueError as error:
            self.note(f"is {describe(text)}, {error}", key)
            return None


def describe(value: object) -> str:
    """Describe a value that was found, for messages: `'text'`, `a mapping`, `an empty list`."""
    if value is None:
        return "null"
    if value == "":
        return "empty text"
    if isinstance(value, (dict, list)):
        kind = "mapping" if isinstance(value, dict) else "list"
        return f"a {kind}" if value else f"an empty {kind}"
    return shown(value)


def explain_unknown(key: str, key_path: KeyPath, known: Sequence[str]) -> str:
    """Return the message on a property that the mapping at a key path does not have."""
    from release.descriptor.schema.synonyms import explain_property  # only a fault needs it

    if message := explain_property(key, key_path, known):
        return message
    expected = suggest(key, known) or f", expected one of {', '.join(known)}"
    return f"is an unknown property{expected}"


def explain_quotes(text: str) -> str:
    """Return how a path is written that begins with a key such as `$id`, to end a message."""
    first, dot, rest = text.partition(".")
    return f"""; a key of this name is written '"{first}"{dot}{rest}'"""


def suggest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'NAME'?` with the known name that was probably meant; empty if there is none.

    It is one that looks like the name, or else begins with it: a wrong guess is worse than none.
    """
    from release.syntax.looks.contrast import find_similar, point_at  # only a fault needs them

    names = list(known)
    longer = [each for each in names if len(name) > 2 and each.lower().startswith(name.lower())]
    near = find_similar(name[:100], names, 0.65) or min(longer, key=len, default=None)
    return f"; did you mean {point_at(near, name)}?" if near else ""


def expect_path(path: str) -> str:
    """Return what is expected in place of a path that may not be used; empty if it may.

    It stays below the descriptor's folder, whatever values its captures have, and has no hidden part: in
    `.git` or `.env` a machine keeps what is not for others.
    """
    parts = path.split("/")
    if "://" in path:
        return "a path below the folder: what stands elsewhere is no part of a release"
    if {"", ".", "..", "~"} & set(parts) or "\\" in path or ":" in path:
        return "a path below the folder, with / between parts"
    if any(part.startswith(".") for part in parts):
        return "a path without hidden parts, which begin with a dot"
    return ""


#: What is meant by a backslash and a t, in messages.
TAB = r'a tab, which YAML reads in double quotes: "\t"'

#: What a reason is, in messages.
REASON = "text that says why it is left out"


def read_ignored(item: Properties, key: str) -> Iterator[IgnoredPath]:
    """Read the paths that the property `key` of a kind leaves out, each once and with a reason."""
    seen: list[Path] = []
    for each in item.read_mappings(key):
        each.note_unknown(*PROPERTIES[key])
        path = each.read_path("path")
        reason = each.read_text("reason", REASON)
        if path is None:
            continue
        if path in seen:
            each.note(f"is {shown(brief_path(path))} again, expected it once", "path")
        seen.append(path)
        yield IgnoredPath(path, reason)
