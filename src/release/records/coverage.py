"""Which leaves of a record the descriptor covers, so that nothing is lost silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from release.descriptor.load import Descriptor, RecordKind, RowOrigin
from release.syntax.paths import KeyPath, Path, captures_of, show_path


@dataclass
class Node:
    """One step of the descriptor's paths, as a node of their tree: the keys that it knows at this point.

    `keys` are the children by name. `any_key` is the child for any key of a mapping and any position of a
    list. `captured` are the children whose key is the value of a capture in the record's own file path, by
    capture. `uses` are the fields, as `table.field`, that read this value, or the reason why it is ignored;
    empty where the node only leads to others. `is_always_used`: a field reads the value whatever else the
    record holds. `is_read`: a field reads the value itself, and so reports a mapping or list; false where
    `locate` alone names the path. `ignored`: the value and everything below it is ignored.
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
        """What is known of a key of a mapping or a position of a list."""
        if isinstance(key, str):
            if key in self.keys:
                return self.keys[key]
            for name, node in self.captured.items():
                if captures.get(name) == key:
                    return node
        return self.any_key

    def match(self, place: KeyPath, captures: Mapping[str, str]) -> Iterator[Node]:
        """All that is known of a place below: a key may be named, and be one of those that may be any."""
        if not place or self.is_leaf:
            yield self
            return
        key, below = place[0], place[1:]
        nodes = [node for name, node in self.keys.items() if name == key]
        nodes += [node for name, node in self.captured.items() if captures.get(name) == key]
        for node in (*nodes, *([self.any_key] if self.any_key is not None else [])):
            yield from node.match(below, captures)

    @cached_property
    def is_leaf(self) -> bool:
        """Whether all that may stand here is a leaf, or whatever stands here is ignored."""
        return self.ignored or bool(
            self.is_read and not self.keys and not self.captured and self.any_key is None
        )

    @cached_property
    def inner(self) -> Callable[[tuple[str, ...]], list[tuple[str, Node]] | None]:
        """Those of the keys of a mapping below which there is more to know; None where one is unknown.

        Many mappings have the same keys, so that this is mostly known already.
        """
        return lru_cache(maxsize=256)(self._inner)

    def _inner(self, keys: tuple[str, ...]) -> list[tuple[str, Node]] | None:
        if any(key not in self.keys and self.any_key is None for key in keys):
            return None
        known = [(key, self.keys.get(key, self.any_key)) for key in keys]
        return [(key, node) for key, node in known if node is not None and not node.is_leaf]


def build_tree(descriptor: Descriptor, kind: RecordKind) -> Node:
    """The places that `from`, `rows` and `ignore` name in records of a kind."""
    root = Node()
    for resource in descriptor.resources:
        for rows in (rows for rows in resource.rows if rows.kind == kind.name):
            _add(root, rows, rows.path)
            for item in resource.fields:
                use = f"{resource.name}.{item.name}"
                path = rows.path if item.origin == "$value" else item.origin
                if isinstance(path, tuple):
                    node = _add(root, rows, path, use)
                    node.is_read = True
                    node.is_always_used |= is_within_rows(path, rows)
                if item.locate is not None:
                    _add(root, rows, item.locate, use)
    for ignore in kind.ignore:
        all_of_it = RowOrigin(kind.name, ignore.path, {})
        node = _add(root, all_of_it, ignore.path, f"ignored: {ignore.reason}")
        node.ignored = True
    return root


def is_within_rows(path: Path, rows: RowOrigin) -> bool:
    """Whether rows take whatever stands at a path: there is one for each record, or for each entry there."""
    return path[: len(rows.path)] == rows.path


def is_always_used(root: Node, rows: RowOrigin, path: Path) -> bool:
    """Whether all that stands at a path of rows is taken or ignored, whatever else the record holds."""
    node = _add(root, rows, path)
    return node.is_leaf and (node.is_always_used or node.ignored)


def _add(root: Node, rows: RowOrigin, path: Path, use: str | None = None) -> Node:
    """The node of a path that is used with these rows, made where it is missing."""
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
    """The leaves of a record that no path covers; `captures` are those of its file's path."""
    if _is_covered(values, root):
        return []
    walk = _Walk(captures, [])
    walk.value(values, root, ())
    return [place for place in walk.found if not any(n.uses for n in root.match(place, captures))]


def _is_covered(value: Any, node: Node) -> bool:
    """Whether all that stands at a place is seen to be covered without a look at captures."""
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
    """Goes through one record and collects what no path covers."""

    captures: Mapping[str, str]
    found: list[KeyPath]

    def value(self, value: Any, node: Node, place: KeyPath) -> None:
        """All that stands at a place."""
        if isinstance(value, dict):
            self.mapping(value, node, place)
        elif isinstance(value, list):
            if node.any_key is None:
                self.found.extend(find_leaves(value, place) if value else ())
            elif not node.any_key.is_leaf:
                for at, item in enumerate(value):
                    self.value(item, node.any_key, (*place, at))
        elif value is not None and value != "" and not node.uses:
            self.found.append(place)

    def mapping(self, value: dict[str, Any], node: Node, place: KeyPath) -> None:
        """All that stands in a mapping."""
        for key, item in value.items():
            known = node.child(key, self.captures)
            if known is None:
                self.found.extend(find_leaves(item, (*place, key)))
            elif not known.is_leaf:
                self.value(item, known, (*place, key))


def find_leaves(value: Any, place: KeyPath) -> Iterator[KeyPath]:
    """The places of the scalars below a value, and of empty mappings and lists."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from find_leaves(item, (*place, key))
    elif isinstance(value, list) and value:
        for at, item in enumerate(value):
            yield from find_leaves(item, (*place, at))
    else:
        yield place


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """One line of the ledger: a pattern of places, its leaves and where they go.

    `missing` of the leaves hold nothing: null, empty text, an empty list or mapping.
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
    left: Set[tuple[int, KeyPath]] = frozenset(),
) -> list[CoverageLine]:
    """Every pattern of the descriptor, and every place that none covers, with its leaves counted.

    `records` are their values and the captures of their files' paths; `left` are the leaves, each with the
    position of its record, that only rows take which are not made.
    """
    counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
    missing: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for node in _nodes(root):
        if node.uses:
            counts[show_path(node.pattern), tuple(node.uses)] = 0
    for at, (values, captures) in enumerate(records):
        for place in find_leaves(values, ()):
            value = get_value(values, place)
            found, pattern = _node_of(place, root, captures)
            uses = tuple(found.uses) if found is not None and (at, place) not in left else ()
            if found is not None and not uses and value in (None, "", {}, []):
                uses = ("holds nothing",)
            counts[pattern, uses] += 1
            missing[pattern, uses] += value in (None, "", {}, [])
    return [
        CoverageLine(kind, pattern, count, missing[pattern, uses], uses)
        for (pattern, uses), count in sorted(counts.items())
    ]


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    children = [*node.keys.values(), *node.captured.values()]
    for child in (*children, *([node.any_key] if node.any_key else [])):
        yield from _nodes(child)


def _node_of(place: KeyPath, root: Node, captures: Mapping[str, str]) -> tuple[Node | None, str]:
    """The node that a place falls on, None where it falls beside all, and the pattern to show."""
    for used in root.match(place, captures):
        if used.uses:
            return used, show_path(used.pattern)
    node = root
    for at, segment in enumerate(place):
        child = node.child(segment, captures)
        if child is None:
            rest = tuple("*" if isinstance(part, int) else part for part in place[at:])
            return None, show_path((*node.pattern, *rest))
        node = child
    return node, show_path(node.pattern)


def get_value(value: Any, place: KeyPath) -> Any:
    """What stands at a place of a value."""
    for segment in place:
        value = value[segment]
    return value


def find_unknown_key(place: KeyPath, root: Node) -> tuple[str | int, list[str]]:
    """The first part of a place that the descriptor does not know, and the keys that it knows there."""
    node = root
    for segment in place:
        child = node.child(segment, {})
        if child is None:
            return segment, list(node.keys)
        node = child
    return "", []
