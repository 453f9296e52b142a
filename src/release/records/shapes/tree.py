"""The tree of the paths that a descriptor names in the records of a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from release.descriptor.model import Descriptor, Opening, RecordKind, RowOrigin
from release.records.shapes.classes import class_of, is_of
from release.records.shapes.lists import (
    get_item,
    open_filled,
    open_value,
    position_of,
)
from release.syntax.paths import (
    REST,
    BelowEntry,
    Choice,
    FieldOrigin,
    KeyPath,
    Path,
    Template,
    captures_of,
    is_in_body,
    single_origins,
)


@dataclass
class Node:
    """A node in the tree of a descriptor's paths: all that the descriptor says about one path.

    Attributes:
        pattern: The path.
        keys: The children by key; one that is a number stands for that position of a list, too.
        any_key: The child for any key of a mapping and any position in a list.
        opened: The children for the entries of what counts as a list, by the way in which it does.
        rest: The child for keys and positions that no other child stands for.
        captured: The children whose key is a capture's value in the path of the record's file, by capture.
        uses: The fields, as `table.field`, that read the value, or the reason why it is ignored, each with
            the classes of values that it takes, None for all; empty if the path only leads to others.
        is_always_used: True if a field reads the value, whatever else the record contains.
        is_read: True if a field reads the value itself, and so reports a mapping or list; False if only
            `locate` names the path.
        ignored: True if the value and everything below it is ignored.
        has_rows: True if rows stand on the entries of the value.
        is_whole: True if a field takes the value with everything below it, as JSON.
    """

    pattern: Path = ()
    keys: dict[str, Node] = field(default_factory=dict)
    any_key: Node | None = None
    opened: dict[Opening, Node] = field(default_factory=dict)
    rest: Node | None = None
    captured: dict[str, Node] = field(default_factory=dict)
    uses: dict[str, frozenset[str] | None] = field(default_factory=dict)
    is_always_used: bool = False
    is_read: bool = False
    ignored: bool = False
    has_rows: bool = False
    is_whole: bool = False

    def child(self, key: str | int, captures: Mapping[str, str]) -> Node | None:
        """Return the child for a key of a mapping or a position of a list; None if it is unknown."""
        if isinstance(key, str) and key in self.keys:
            return self.keys[key]
        if isinstance(key, int) and key in self.positions:
            return self.positions[key]
        for name, node in self.captured.items():
            if captures.get(name) == str(key):
                return node
        return self.item if isinstance(key, int) else self.other_key

    def match(
        self, value: Any, key_path: KeyPath, captures: Mapping[str, str]
    ) -> Iterator[tuple[Node, tuple[str, ...]]]:
        """Find all nodes that stand for what a value, for which this node stands, has at a key path.

        A key may match by name and as any key; a value that counts as a list is its own entry.

        Yields:
            Each node with those of its uses that take the value.
        """
        if not key_path or self.is_leaf or self.takes_whole(value):
            yield self, self.uses_of(value)
            if self.is_leaf:
                return
        for opening, node in self.opened.items():
            if items := open_filled(value, opening):
                found = [list(node.match(item, key_path, captures)) for item in items]
                if all(any(uses for _, uses in each) for each in found):
                    yield from found[0]
        if not key_path:
            return
        key, below = key_path[0], key_path[1:]
        for node in self._children(value, key, captures):
            yield from node.match(get_item(value, key), below, captures)

    def _children(self, value: Any, key: str | int, captures: Mapping[str, str]) -> Iterator[Node]:
        """Find all children for a key or position that a mapping or list has."""
        found = [node for name, node in self.keys.items() if name == str(key)]
        found += [node for name, node in self.captured.items() if captures.get(name) == str(key)]
        if self.any_key is not None:
            found.append(self.any_key)
        for opening, node in self.opened.items():
            if open_value(value, opening) is None:
                found.append(node)
        yield from found or ([self.rest] if self.rest is not None else [])

    def uses_of(self, value: Any) -> tuple[str, ...]:
        """Return those of `uses` that take a value; all of them if it is missing."""
        if not self.is_divided or value is None or value == "":
            return tuple(self.uses)
        return tuple(
            use for use, taken in self.uses.items() if taken is None or is_of(value, taken)
        )

    def takes_whole(self, value: Any) -> bool:
        """Return whether a field takes a list or mapping by its class, with all that is below it."""
        return (
            self.is_divided
            and isinstance(value, dict | list)
            and any(taken and class_of(value) in taken for taken in self.uses.values())
        )

    @cached_property
    def is_divided(self) -> bool:
        """True if some fields take only values of some classes."""
        return any(taken is not None for taken in self.uses.values())

    @cached_property
    def is_leaf(self) -> bool:
        """True if the tree knows nothing further below: a value is read here, or everything is ignored."""
        if self.ignored or (self.is_whole and not self.is_divided):
            return True
        return bool(
            self.is_read
            and not self.is_divided
            and not self.keys
            and not self.captured
            and not self.opened
            and self.any_key is None
            and self.rest is None
        )

    @cached_property
    def positions(self) -> dict[int, Node]:
        """The children by the position in a list that their key names."""
        found = ((position_of(key), node) for key, node in self.keys.items())
        return {at: node for at, node in found if at is not None}

    @cached_property
    def item(self) -> Node | None:
        """A child for any position of a list."""
        return self.any_key or next(iter(self.opened.values()), self.rest)

    @cached_property
    def other_key(self) -> Node | None:
        """A child for any key of a mapping that has no name."""
        opened = (node for opening, node in self.opened.items() if not opening.one_or_many)
        return self.any_key or next(opened, self.rest)

    @cached_property
    def inner(self) -> Callable[[tuple[str, ...]], list[tuple[str, Node]] | None]:
        """A function that returns those of a mapping's keys whose node is no leaf, each with its node.

        It returns None if a key is unknown. Its results are cached, as many mappings have the same keys.
        """
        return lru_cache(maxsize=256)(self._find_inner)

    def _find_inner(self, keys: tuple[str, ...]) -> list[tuple[str, Node]] | None:
        if any(key not in self.keys and self.other_key is None for key in keys):
            return None
        known = [(key, self.keys.get(key, self.other_key)) for key in keys]
        return [(key, node) for key, node in known if node is not None and not node.is_leaf]


def build_tree(descriptor: Descriptor, kind: RecordKind) -> Node:
    """Build the tree of all paths that the descriptor names in records of a kind."""
    root = Node()
    for resource in descriptor.resources:
        for rows in (rows for rows in resource.rows if rows.kind == kind.name):
            if not is_in_body(rows.path):
                add_path(root, rows, rows.path)
            if rows.path and not is_in_body(rows.path) and not isinstance(rows.path[-1], str):
                add_path(root, rows, rows.path[:-1]).has_rows = True
            for item in resource.fields:
                use = f"{resource.name}.{item.name}"
                for path in paths_of(item.origin, rows):
                    node = add_path(root, rows, path)
                    node.uses[use] = item.when
                    is_plain = not isinstance(item.origin, Choice | Template)
                    node.is_read |= not isinstance(item.origin, Template)
                    node.is_whole |= is_plain and item.values.facts.is_json
                    node.is_always_used |= is_plain and is_within_rows(path, rows)
                if item.locate is not None and not is_in_body(item.locate):
                    add_path(root, rows, item.locate).uses[use] = None
    for condition in kind.where:
        rows = RowOrigin(kind.name, condition.path, {})
        add_path(root, rows, condition.path).uses[f"where: {condition.reason}"] = None
    for ignore in kind.ignore:
        # as rows at the ignored path itself, so that its captures stand for any key
        rows = RowOrigin(kind.name, ignore.path, {})
        node = add_path(root, rows, ignore.path)
        node.uses[f"ignored: {ignore.reason}"] = None
        node.ignored = True
    return root


def paths_of(origin: FieldOrigin, rows: RowOrigin) -> Iterator[Path]:
    """Yield the paths in front matter that an origin of a field reads, for one item of `rows`."""
    for each in single_origins(origin):
        path: Path | None = None
        if isinstance(each, BelowEntry):
            path = (*rows.path, *each.path)
        elif each == "$value":
            path = rows.path
        elif isinstance(each, tuple):
            path = each
        if path is not None and not is_in_body(path):
            yield path


def is_within_rows(path: Path, rows: RowOrigin) -> bool:
    """Return whether a path begins with the path of `rows`: then each value at it belongs to an entry."""
    return path[: len(rows.path)] == rows.path


def is_always_used(root: Node, rows: RowOrigin, path: Path) -> bool:
    """Return whether the values at a path of `rows` are used or ignored, whatever else the record holds."""
    node = add_path(root, rows, path)
    return node.is_leaf and (node.is_always_used or node.ignored)


def add_path(root: Node, rows: RowOrigin, path: Path) -> Node:
    """Return the node of a path that fields of `rows` name; add it if it is missing."""
    node = root
    openings = rows.openings_of(path)
    for at, segment in enumerate(path):
        here = (*node.pattern, segment)
        if isinstance(segment, str):
            node = node.keys.setdefault(segment, Node(here))
        elif at in openings:
            node = node.opened.setdefault(openings[at], Node(here))
        elif segment.name in rows.constants:
            node = node.keys.setdefault(rows.constants[segment.name], Node(here))
        elif segment == REST and REST in rows.path:
            node.rest = node.rest or Node(here)
            node = node.rest
        elif segment.name in captures_of(rows.path):
            node.any_key = node.any_key or Node(here)
            node = node.any_key
        else:
            node = node.captured.setdefault(segment.name, Node(here))
    return node


@dataclass(frozen=True, slots=True)
class Others:
    """The keys of one mapping that other paths name than that of the rest; captures as in the file's path."""

    keys: frozenset[str]
    captures: tuple[str, ...]
    is_all: bool

    def leave(self, key: str | int, captures: Mapping[str, str]) -> bool:
        """Return whether a key or position is left to the rest."""
        return not (
            self.is_all
            or str(key) in self.keys
            or any(captures.get(name) == str(key) for name in self.captures)
        )


def find_others(descriptor: Descriptor, rows: RowOrigin) -> dict[int, Others]:
    """Find what a `{rest}` in the path of rows leaves out, by its position there."""
    if REST not in rows.path:
        return {}
    root = build_tree(descriptor, descriptor.kind(rows.kind))
    at = rows.path.index(REST)
    node = add_path(root, rows, rows.path[:at])
    is_all = node.any_key is not None or bool(node.opened)
    return {at: Others(frozenset(node.keys), tuple(node.captured), is_all)}


def walk_tree(node: Node) -> Iterator[Node]:
    """Visit a node and all nodes below it."""
    yield node
    children = [*node.keys.values(), *node.captured.values(), *node.opened.values()]
    children += [each for each in (node.any_key, node.rest) if each is not None]
    for child in children:
        yield from walk_tree(child)
