"""The places of a record: what the nodes of a descriptor's tree that stand for one place say together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from release.descriptor.model import Descriptor, Field, RecordKind, Resource, RowOrigin
from release.records.rows import merged_captures
from release.records.shapes.lists import position_of
from release.records.shapes.tree import Node, add_path, build_tree, paths_of
from release.syntax.paths import Capture, Choice, Template, is_in_body


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a value by a field of a table, in the rows of one origin."""

    resource: Resource
    field: Field
    rows: RowOrigin

    @property
    def is_read(self) -> bool:
        """True if the field takes the value as it is, and so reports one that does not fit."""
        return self.field.locate is None and not isinstance(self.field.origin, Template)

    @property
    def is_one_of_several(self) -> bool:
        """True if the field takes the first value of several places."""
        return isinstance(self.field.origin, Choice)


@dataclass(slots=True)
class RecordLayout:
    """The layout of the records of a kind.

    Attributes:
        descriptor: The descriptor.
        kind: The kind.
        root: The tree of its paths.
        uses: The uses of the values at each node, by its identity.
        keys: The uses of the keys and positions that lead to a node, by its identity.
        rows: The tables whose rows stand on the values at a node, by its identity.
    """

    descriptor: Descriptor
    kind: RecordKind
    root: Node
    uses: dict[int, list[Use]] = field(default_factory=dict)
    keys: dict[int, list[Use]] = field(default_factory=dict)
    rows: dict[int, list[tuple[Resource, RowOrigin]]] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """The root of a record."""
        return Place((self.root,), self)

    def tables(self) -> Iterator[tuple[Resource, RowOrigin]]:
        """Yield the tables that have rows from the records, each with their origin."""
        for resource in self.descriptor.resources:
            for rows in resource.rows:
                if rows.kind == self.kind.name:
                    yield resource, rows

    def is_merged(self, resource: Resource) -> bool:
        """Return whether several editions of a record make one row of a table."""
        return bool(merged_captures(resource, self.descriptor))


def lay_out(descriptor: Descriptor, kind: RecordKind) -> RecordLayout:
    """Find what a descriptor says of the places in records of a kind."""
    layout = RecordLayout(descriptor, kind, build_tree(descriptor, kind))
    for resource, rows in layout.tables():
        if not is_in_body(rows.path):
            node = add_path(layout.root, rows, rows.path)
            layout.rows.setdefault(id(node), []).append((resource, rows))
        for each in resource.fields:
            _add_uses(layout, Use(resource, each, rows))
    return layout


def _add_uses(layout: RecordLayout, use: Use) -> None:
    field_, rows = use.field, use.rows
    paths = list(paths_of(field_.origin, rows))
    if field_.locate is not None and not is_in_body(field_.locate):
        paths.append(field_.locate)
    for path in paths:
        node = add_path(layout.root, rows, path)
        layout.uses.setdefault(id(node), []).append(use)
    if isinstance(field_.origin, Capture) and field_.origin in rows.path:
        end = rows.path.index(field_.origin) + 1
        node = add_path(layout.root, rows, rows.path[:end])
        layout.keys.setdefault(id(node), []).append(use)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a record, for which several nodes of the tree may stand: by a name and as any key."""

    nodes: tuple[Node, ...]
    layout: RecordLayout

    @property
    def is_root(self) -> bool:
        """True for the record itself."""
        return any(node is self.layout.root for node in self.nodes)

    @property
    def uses(self) -> list[Use]:
        """The fields that use the value there."""
        return [use for node in self.nodes for use in self.layout.uses.get(id(node), ())]

    @property
    def key_uses(self) -> list[Use]:
        """The fields that use the key or position that leads there."""
        return [use for node in self.nodes for use in self.layout.keys.get(id(node), ())]

    @property
    def rows(self) -> list[tuple[Resource, RowOrigin]]:
        """The tables that have a row for the value there."""
        return [rows for node in self.nodes for rows in self.layout.rows.get(id(node), ())]

    @property
    def reasons(self) -> list[str]:
        """Why the value is left out, with all that is below it; empty if it is not."""
        return [
            use.removeprefix("ignored: ")
            for node in self.nodes
            if node.ignored
            for use in node.uses
            if use.startswith("ignored: ")
        ]

    @property
    def has_conditions(self) -> bool:
        """True if the value decides whether the record counts."""
        return any(use.startswith("where: ") for node in self.nodes for use in node.uses)

    def keys(self) -> dict[str, Place]:
        """Return the places of the keys that the descriptor names."""
        names = dict.fromkeys(name for node in self.nodes for name in node.keys)
        return {name: self._join(_children(self.nodes, name)) for name in names}

    def any_key(self) -> Place | None:
        """Return the place of any other key of a mapping; None if there is none."""
        found = list(_children(self.nodes, None))
        return self._join(found) if found else None

    def positions(self) -> dict[int, Place]:
        """Return the places of the positions of a list that the descriptor names."""
        return {
            at: place
            for name, place in self.keys().items()
            if (at := position_of(name)) is not None
        }

    def item(self) -> Place | None:
        """Return the place of any other position of a list; None if there is none."""
        found = list(_children(self.nodes, None))
        found += [
            each
            for node in self.nodes
            for opening, each in node.opened.items()
            if opening.one_or_many
        ]
        return self._join(found) if found else None

    def openings(self) -> list[tuple[bool, str, Place]]:
        """Return how a value that is no list is taken for one: as one entry, by a separator, its entries."""
        return [
            (opening.one_or_many, opening.split, self._join([each]))
            for node in self.nodes
            for opening, each in node.opened.items()
        ]

    def _join(self, nodes: Sequence[Node] | Iterator[Node]) -> Place:
        return Place(tuple({id(each): each for each in nodes}.values()), self.layout)


def _children(nodes: Sequence[Node], name: str | None) -> Iterator[Node]:
    """Yield the nodes for a named key, or for those without a name; captures of the file take any key."""
    for node in nodes:
        found = []
        if name is not None and name in node.keys:
            found.append(node.keys[name])
        found += node.captured.values() if name is None else ()
        if node.any_key is not None:
            found.append(node.any_key)
        found += [each for opening, each in node.opened.items() if not opening.one_or_many]
        is_left = not found if name is not None else node.any_key is None and not node.opened
        if is_left and node.rest is not None:
            found.append(node.rest)
        yield from found
