"""Coverage: the leaves of records that the descriptor maps or ignores, and those that it forgot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from release.records.shapes.lists import open_filled
from release.records.shapes.tree import Node, walk_tree
from release.syntax.paths import KeyPath, show_path


def find_uncovered(
    values: Mapping[str, Any], root: Node, captures: Mapping[str, str]
) -> list[KeyPath]:
    """Find the leaves of a record that no path covers, in order; `captures` are those of its file's path."""
    if _is_covered(values, root):
        return []
    walk = _Walk(captures, [])
    walk.visit(values, root, ())
    return [
        key_path
        for key_path in dict.fromkeys(walk.found)
        if not any(uses for _, uses in root.match(values, key_path, captures))
    ]


def _is_covered(value: Any, node: Node) -> bool:
    """Return whether a value is covered by names and `any_key` alone; False if captures need a look."""
    if node.is_divided and node.takes_whole(value):
        return True
    for opening, child in node.opened.items():
        if items := open_filled(value, opening):
            return child.is_leaf or all(_is_covered(item, child) for item in items)
    if isinstance(value, dict):
        inner = node.inner(tuple(value))
        return inner is not None and all(_is_covered(value[key], child) for key, child in inner)
    if isinstance(value, list):
        if node.positions:
            return all(_is_item_covered(item, node, at) for at, item in enumerate(value))
        item = node.item
        if item is None:
            return not value
        return item.is_leaf or all(_is_covered(each, item) for each in value)
    return value is None or value == "" or bool(node.uses_of(value))


def _is_item_covered(value: Any, node: Node, at: int) -> bool:
    """Return whether the value at a position of a list is covered, as `_is_covered` does."""
    child = node.positions.get(at, node.item)
    return child is not None and (child.is_leaf or _is_covered(value, child))


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk through one record that collects, in `found`, the key paths that the tree may not cover."""

    captures: Mapping[str, str]
    found: list[KeyPath]

    def visit(self, value: Any, node: Node, key_path: KeyPath) -> None:
        """Visit the value at a key path, where the tree has a node."""
        for opening, child in node.opened.items():
            if items := open_filled(value, opening):
                for item in () if child.is_leaf else items:
                    self.visit(item, child, key_path)
                return
        if isinstance(value, dict):
            for key, item in value.items():
                self._visit_child(item, node, (*key_path, key))
        elif isinstance(value, list):
            for at, item in enumerate(value):
                self._visit_child(item, node, (*key_path, at))
        elif value is not None and value != "" and not node.uses_of(value):
            self.found.append(key_path)

    def _visit_child(self, value: Any, node: Node, key_path: KeyPath) -> None:
        child = node.child(key_path[-1], self.captures)
        if child is None:
            self.found.extend(find_leaves(value, key_path))
        elif not child.is_leaf:
            self.visit(value, child, key_path)


def find_leaves(value: Any, key_path: KeyPath) -> Iterator[KeyPath]:
    """Find the key paths of all leaves of the value at a key path: scalars, empty mappings, empty lists."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from find_leaves(item, (*key_path, key))
    elif isinstance(value, list) and value:
        for at, item in enumerate(value):
            yield from find_leaves(item, (*key_path, at))
    else:
        yield key_path


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """One line of the coverage report: a path, the number of leaves there, and what uses them.

    One per (kind, pattern, uses). `missing` is the number of the leaves that are null, empty text, an empty
    list or an empty mapping. `uses` is empty if nothing maps the leaves.
    """

    kind: str
    pattern: str
    leaves: int
    missing: int
    uses: tuple[str, ...]


def count_leaves(
    kind: str,
    root: Node,
    records: Iterable[tuple[Mapping[str, Any], Mapping[str, str]]],
    orphans: Set[tuple[int, KeyPath]] = frozenset(),
) -> list[CoverageLine]:
    """Count the leaves of records at every path of the descriptor, and at every path that it forgot.

    `root` is the tree of the kind. `records` are the values of each record and the captures of its file's
    path. `orphans` are the orphan values, by the position of the record and the key path: nothing uses them.
    Lines are sorted by pattern, then by uses.
    """
    counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
    missing: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for node in walk_tree(root):
        if node.uses:
            counts[show_path(node.pattern), tuple(node.uses)] = 0
    for at, (values, captures) in enumerate(records):
        for key_path in find_leaves(values, ()):
            value = get_value(values, key_path)
            is_known, pattern, uses = _match_leaf(values, key_path, root, captures)
            if (at, key_path) in orphans:
                uses = ()
            if is_known and not uses and value in (None, "", {}, []):
                uses = ("holds nothing",)
            counts[pattern, uses] += 1
            missing[pattern, uses] += value in (None, "", {}, [])
    return [
        CoverageLine(kind, pattern, count, missing[pattern, uses], uses)
        for (pattern, uses), count in sorted(counts.items())
    ]


def _match_leaf(
    values: Mapping[str, Any], key_path: KeyPath, root: Node, captures: Mapping[str, str]
) -> tuple[bool, str, tuple[str, ...]]:
    """Find whether a leaf has a node, the path under which it is counted, and what uses it.

    In the path of an unknown leaf, `*` stands for a position of a list.
    """
    for node, uses in root.match(values, key_path, captures):
        if uses:
            return True, show_path(node.pattern), uses
    node = root
    for at, segment in enumerate(key_path):
        child = node.child(segment, captures)
        if child is None:
            rest = tuple("*" if isinstance(part, int) else part for part in key_path[at:])
            return False, show_path((*node.pattern, *rest)), ()
        node = child
    return True, show_path(node.pattern), ()


def get_value(value: Any, key_path: KeyPath) -> Any:
    """Return the value at a key path below a value; there must be one."""
    for segment in key_path:
        value = value[segment]
    return value


def find_unknown_key(key_path: KeyPath, root: Node) -> tuple[str | int, list[str]]:
    """Find the first key of a key path that the descriptor does not know, and the keys that it knows there.

    Empty if it knows them all. Keys that depend on the record's file path do not count as known.
    """
    node = root
    for segment in key_path:
        child = node.child(segment, {})
        if child is None:
            return segment, list(node.keys)
        node = child
    return "", []
