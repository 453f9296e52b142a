"""Choose the parent of each table: the nearest one around it whose key is part of its own."""

from __future__ import annotations

from collections.abc import Sequence

from release.infer.model import FieldDraft, ReferenceDraft, TableDraft
from release.syntax.paths import Capture, captures_of


def choose_parents(tables: Sequence[TableDraft]) -> None:
    """Give each table of a kind its parent, if it has one, and the foreign key to it."""
    for table in tables:
        set_parent(table, find_parent(table, tables))


def set_parent(table: TableDraft, parent: TableDraft | None) -> None:
    """Let a table refer to another parent than it does, or to none."""
    table.references = [each for each in table.references if not is_to_parent(each, table)]
    table.parent = parent.name if parent is not None else ""
    if parent is not None:
        key = tuple(parent.key)
        table.references.insert(0, ReferenceDraft(key, parent.name, key))


def is_to_parent(reference: ReferenceDraft, table: TableDraft) -> bool:
    """Return True if a foreign key of a table is that to its parent."""
    return reference.table == table.parent and reference.fields == reference.to


def find_parent(table: TableDraft, tables: Sequence[TableDraft]) -> TableDraft | None:
    """Return the nearest table around another; None if there is none."""
    around = [other for other in tables if _is_around(other, table)]
    return max(around, key=lambda other: (len(other.path), len(other.key)), default=None)


def _is_around(other: TableDraft, table: TableDraft) -> bool:
    """Return True if each row of a table may belong to one of another, whose key is a part of its own."""
    return (
        other.kind == table.kind
        and 0 < len(other.key) < len(table.key)
        and table.path[: len(other.path)] == other.path
        and all(
            name in table.key and table.field(name).origin == other.field(name).origin
            for name in other.key
        )
    )


def inherited_fields(table: TableDraft, parent: TableDraft) -> list[FieldDraft]:
    """Return the fields of a table that its parent gives to it."""
    return [each for each in table.fields if each.name in parent.key]


def default_key(table: TableDraft, parent: TableDraft) -> list[str]:
    """Return the key of a table that gives none: its parent's, and its own captures that are fields."""
    within = set(captures_of(table.path)) - set(captures_of(parent.path))
    own = [
        each.name
        for each in table.fields
        if isinstance(each.origin, Capture) and each.origin.name in within
    ]
    return [*parent.key, *(name for name in own if name not in parent.key)]
