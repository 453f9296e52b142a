"""Advice on a value that no path covers: what stands near it in the descriptor, and what would take it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from release.findings.message import printable, shown
from release.records.coverage import find_unknown_key, get_value
from release.records.shapes.classes import class_of
from release.records.shapes.tree import Node
from release.syntax.advice.words import SMART_QUOTES
from release.syntax.looks.contrast import find_similar, point_at
from release.syntax.paths import KeyPath, brief_path

#: The words for the classes of values, where `when` tells them apart.
_WORDS = {
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    "date": "a date",
    "text": "text",
    "list": "a list",
    "mapping": "a mapping",
}


#: The text of lines that begin with `-` and no blank, which YAML takes for one text.
_NO_ITEMS = re.compile(r"-[^\s-].* -[^\s-]")


def advise(values: Any, key_path: KeyPath, tree: Node) -> str:
    """Return what the message on a value that no path covers says before its last part; may be empty."""
    unknown, known = find_unknown_key(key_path, tree)
    if isinstance(unknown, int):
        return _advise_on_position(unknown, known) if known else ""
    if unknown and unknown[0] in SMART_QUOTES:
        return f"{shown(unknown[0])} is no quote here: write straight quotes; else "
    if unknown:
        return _advise_on_language(unknown, known)
    return _advise_on_shape(get_value(values, key_path), key_path, tree)


@dataclass(frozen=True, slots=True)
class MisspelledKey:
    """A key that looks like one that the descriptor knows there: the key path of it, and the known key."""

    key_path: KeyPath
    meant: str

    def describe(self) -> str:
        """Return the message on it."""
        *above, key = self.key_path
        among = f" in {brief_path(tuple(above))}" if above else ""
        return (
            f"unknown key {shown(key)}{among}; did you mean {point_at(self.meant, str(key))}? If it is a new "
            "key, it has to be added to datapackage.yaml: map it with `from`, or ignore it with a reason"
        )


def find_misspelled(key_path: KeyPath, tree: Node) -> MisspelledKey | None:
    """Return the first unknown key of a key path if it looks like a known one."""
    node = tree
    for at, segment in enumerate(key_path):
        child = node.child(segment, {})
        if child is not None:
            node = child
            continue
        if not isinstance(segment, str) or not segment or segment[0] in SMART_QUOTES:
            return None
        meant = _find_meant(segment, tuple(node.keys))
        return MisspelledKey(key_path[: at + 1], meant) if meant is not None else None
    return None


@lru_cache(maxsize=1024)
def _find_meant(unknown: str, known: tuple[str, ...]) -> str | None:
    """Return the known key that an unknown one looks like; many records have the same one."""
    return find_similar(unknown, known, 0.8)


def _advise_on_language(unknown: str, known: Iterable[str]) -> str:
    """Return advice on a path of the descriptor that is written as other languages write one."""
    for key in known:
        if key.startswith((f"{unknown}[", f"{unknown}/")):
            meant = re.sub(r"[\[/]", ".", key).replace("]", "")
            return f"{printable(key)} is one key, as only dots part keys: write {printable(meant)}; else "
    return ""


def _advise_on_position(position: int, known: Sequence[str]) -> str:
    if any(re.fullmatch("-[0-9]+", key) for key in known):
        return "positions of a list are counted from its beginning, from 0; "
    return (
        f"{position} is a position in a list, which needs its number or a {{capture}} in the path; "
    )


def _advise_on_shape(value: Any, key_path: KeyPath, tree: Node) -> str:
    """Return advice on a value at a known path that takes values of another shape."""
    node: Node | None = tree
    for segment in key_path:
        node = node.child(segment, {}) if node is not None else None
    if node is None or value is None or value == "":
        return ""
    if node.is_divided:
        taken = {each for classes in node.uses.values() for each in classes or ()}
        wanted = " or ".join(words for each, words in _WORDS.items() if each in taken)
        own = _WORDS[class_of(value)]
        return f"it is {own}, and the fields from there take only {wanted}; mend it, or "
    is_single = not isinstance(value, dict | list)
    if node.has_rows and node.any_key is not None and is_single:
        if isinstance(value, str) and _NO_ITEMS.match(value):
            return "put a blank behind each '-', so that this is a list; else "
        return "rows take its entries: write a list, or give these rows `oneOrMany: true`; else "
    return ""
