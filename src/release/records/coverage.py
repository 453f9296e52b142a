"""Coverage: the leaves of records that the descriptor maps or ignores, and those that it forgot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from release.descriptor.model import Descriptor, RecordKind, RowOrigin
from release.syntax.paths import KeyPath, Path, captures_of, show_path


@dataclass
class Node:
    """A node in the tree of a descriptor's paths: all that the descriptor says about one path.

    Attributes:
        pattern: The path.
        keys: The children by key.
        any_key: The child for any key of a mapping and any position in a list.
        captured: The children whose key is a capture's value in the path of the record's file, by capture.
        uses: The fields, as `table.field`, that read the value, or the reason why it is ignored; empty if the
            path only leads to others.
        is_always_used: True if a field reads the value, whatever else the record contains.
        is_read: True if a field reads the value itself, and so reports a mapping or list; False if only
            `locate` names the path.
        ignored: True if the value and everything below it is ignored.
    """

    pattern: Path = ()
    keys: dict[str, Node] = field(default_factory=dict)
    any_key: Node | None = None
    captured: dict[str, Node] = field(default_factory=dict)
    uses: list[str] = field(default_factory=list)
    is_always_used: bool = False
    is_read: bool = False
    ignored: bool = False

    def child(self, key: str | int, captures: Mapping[str, str]) -> Node | None:
        """Return the child for a key of a mapping or a position of a list; None if it is unknown."""
        if isinstance(key, str):
            if key in self.keys:
                return self.keys[key]
            for name, node in self.captured.items():
                if captures.get(name) == key:
                    return node
        return self.any_key

    def match(self, key_path: KeyPath, captures: Mapping[str, str]) -> Iterator[Node]:
        """Find all nodes at a key path below this node: a key may match by name and as any key."""
        if not key_path or self.is_leaf:
            yield self
            return
        key, below = key_path[0], key_path[1:]
        nodes = [node for name, node in self.keys.items() if name == key]
        nodes += [node for name, node in self.captured.items() if captures.get(name) == key]
        for node in (*nodes, *([self.any_key] if self.any_key is not None else [])):
            yield from node.match(below, captures)

    @cached_property
    def is_leaf(self) -> bool:
        """True if the tree knows nothing further below: a value is read here, or everything is ignored."""
        return self.ignored or bool(
            self.is_read and not self.keys and not self.captured and self.any_key is None
        )

    @cached_property
    def inner(self) -> Callable[[tuple[str, ...]], list[tuple[str, Node]] | None]:
        """A function that returns those of a mapping's keys whose node is no leaf, each with its node.

        It returns None if a key is unknown. Its results are cached, as many mappings have the same keys.
        """
        return lru_cache(maxsize=256)(self._find_inner)

    def _find_inner(self, keys: tuple[str, ...]) -> list[tuple[str, Node]] | None:
        if any(key not in self.keys and self.any_key is None for key in keys):
            return None
        known = [(key, self.keys.get(key, self.any_key)) for key in keys]
        return [(key, node) for key, node in known if node is not None and not node.is_leaf]


def build_tree(descriptor: Descriptor, kind: RecordKind) -> Node:
    """Build the tree of all paths that `from`, `locate`, `rows` and `ignore` name in records of a kind."""
    root = Node()
    for resource in descriptor.resources:
        for rows in (rows for rows in resource.rows if rows.kind == kind.name):
            _add_path(root, rows, rows.path)
            for item in resource.fields:
                use = f"{resource.name}.{item.name}"
                path = rows.path if item.origin == "$value" else item.origin
                if isinstance(path, tuple):
                    node = _add_path(root, rows, path, use)
                    node.is_read = True
                    node.is_always_used |= is_within_rows(path, rows)
                if item.locate is not None:
                    _add_path(root, rows, item.locate, use)
    for ignore in kind.ignore:
        # as rows at the ignored path itself, so that its captures stand for any key
        rows = RowOrigin(kind.name, ignore.path, {})
        node = _add_path(root, rows, ignore.path, f"ignored: {ignore.reason}")
        node.ignored = True
    return root


def is_within_rows(path: Path, rows: RowOrigin) -> bool:
    """Return whether a path begins with the path of `rows`: then each value at it belongs to an entry."""
    return path[: len(rows.path)] == rows.path


def is_always_used(root: Node, rows: RowOrigin, path: Path) -> bool:
    """Return whether the values at a path of `rows` are used or ignored, whatever else the record holds."""
    node = _add_path(root, rows, path)
    return node.is_leaf and (node.is_always_used or node.ignored)


def _add_path(root: Node, rows: RowOrigin, path: Path, use: str | None = None) -> Node:
    """Return the node of a path that fields of `rows` name; add it if it is missing."""
    node = root
    for segment in path:
        here = (*node.pattern, segment)
        if isinstance(segment, str):
            node = node.keys.setdefault(segment, Node(here))
        elif segment.name in rows.constants:
            node = node.keys.setdefault(rows.constants[segment.name], Node(here))
        elif segment.name in captures_of(rows.path):
            node.any_key = node.any_key or Node(here)
            node = node.any_key
        else:
            node = node.captured.setdefault(segment.name, Node(here))
    if use is not None and use not in node.uses:
        node.uses.append(use)
    return node


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
        for key_path in walk.found
        if not any(node.uses for node in root.match(key_path, captures))
    ]


def _is_covered(value: Any, node: Node) -> bool:
    """Return whether a value is covered by names and `any_key` alone; False if captures need a look."""
    if isinstance(value, dict):
        inner = node.inner(tuple(value))
        return inner is not None and all(_is_covered(value[key], child) for key, child in inner)
    if isinstance(value, list):
        item = node.any_key
        if item is None:
            return not value
        return item.is_leaf or all(_is_covered(each, item) for each in value)
    return value is None or value == "" or bool(node.uses)


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk through one record that collects, in `found`, the key paths that the tree does not cover."""

    captures: Mapping[str, str]
    found: list[KeyPath]

    def visit(self, value: Any, node: Node, key_path: KeyPath) -> None:
        """Visit the value at a key path, where the tree has a node."""
        if isinstance(value, dict):
            self._visit_mapping(value, node, key_path)
        elif isinstance(value, list):
            if node.any_key is None:
                self.found.extend(find_leaves(value, key_path) if value else ())
            elif not node.any_key.is_leaf:
                for at, item in enumerate(value):
                    self.visit(item, node.any_key, (*key_path, at))
        elif value is not None and value != "" and not node.uses:
            self.found.append(key_path)

    def _visit_mapping(self, value: dict[str, Any], node: Node, key_path: KeyPath) -> None:
        for key, item in value.items():
            known = node.child(key, self.captures)
            if known is None:
                self.found.extend(find_leaves(item, (*key_path, key)))
            elif not known.is_leaf:
                self.visit(item, known, (*key_path, key))


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
    for node in _walk_tree(root):
        if node.uses:
            counts[show_path(node.pattern), tuple(node.uses)] = 0
    for at, (values, captures) in enumerate(records):
        for key_path in find_leaves(values, ()):
            value = get_value(values, key_path)
            found, pattern = _match_leaf(key_path, root, captures)
            uses = tuple(found.uses) if found is not None and (at, key_path) not in orphans else ()
            if found is not None and not uses and value in (None, "", {}, []):
                uses = ("holds nothing",)
            counts[pattern, uses] += 1
            missing[pattern, uses] += value in (None, "", {}, [])
    return [
        CoverageLine(kind, pattern, count, missing[pattern, uses], uses)
        for (pattern, uses), count in sorted(counts.items())
    ]


def _walk_tree(node: Node) -> Iterator[Node]:
    """Visit a node and all nodes below it."""
    yield node
    children = [*node.keys.values(), *node.captured.values()]
    for child in (*children, *([node.any_key] if node.any_key else [])):
        yield from _walk_tree(child)


def _match_leaf(
    key_path: KeyPath, root: Node, captures: Mapping[str, str]
) -> tuple[Node | None, str]:
    """Find the node of a leaf, None if there is none, and the path under which it is counted.

    In the path of an unknown leaf, `*` stands for a position of a list.
    """
    for used in root.match(key_path, captures):
        if used.uses:
            return used, show_path(used.pattern)
    node = root
    for at, segment in enumerate(key_path):
        child = node.child(segment, captures)
        if child is None:
            rest = tuple("*" if isinstance(part, int) else part for part in key_path[at:])
            return None, show_path((*node.pattern, *rest))
        node = child
    return node, show_path(node.pattern)


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
