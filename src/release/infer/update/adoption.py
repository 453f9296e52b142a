"""Move a drafted table below one that is there: it takes over that key, and the names of its captures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from release.descriptor.model import RecordKind, Resource
from release.infer.model import FieldDraft, ReferenceDraft, TableDraft
from release.infer.names import make_unique
from release.infer.tables import parents
from release.syntax.paths import Capture, Path, captures_of


def has_plain_key(resource: Resource) -> bool:
    """Return True if a child table may take over the key of a table: no part of it is from an entry alone."""
    origins = [resource.field(name).origin for name in resource.primary_key]
    return all(isinstance(each, tuple | Capture) for each in origins)


def move_table(table: TableDraft, above: TableDraft, parent: TableDraft, own: RecordKind) -> None:
    """Move a table from below a drafted one to below one that is there, whose key it takes over."""
    rest = table.path[len(above.path) :]
    bound = [*own.captures, *captures_of(parent.path)]
    names = {name: make_unique(name, bound) for name in captures_of(rest)}
    size = len(above.path)
    rename_captures(table, names)
    for each in table.fields:
        if isinstance(each.origin, tuple) and each.origin[:size] == above.path:
            each.origin = (*parent.path, *each.origin[size:])
    table.path = (*parent.path, *table.path[size:])
    given = [FieldDraft(name, "string", "") for name in parent.key]
    fields = [each for each in table.fields if each.name not in above.key]
    called = {each.name: make_unique(each.name, parent.key) for each in fields}
    table.key = [*parent.key, *(called[name] for name in table.key if name not in above.key)]
    table.fields = [*given, *(replace(each, name=called[each.name]) for each in fields)]
    key = tuple(parent.key)
    table.references = [each for each in table.references if not parents.is_to_parent(each, table)]
    table.parent = parent.name
    table.references.append(ReferenceDraft(key, parent.name, key))


def rename_captures(table: TableDraft, names: Mapping[str, str]) -> None:
    """Give captures in the path and the fields of a table other names."""

    def rename(path: Path) -> Path:
        return tuple(
            Capture(names.get(part.name, part.name)) if isinstance(part, Capture) else part
            for part in path
        )

    table.path = rename(table.path)
    table.fields = [replace(each) for each in table.fields]
    for each in table.fields:
        if isinstance(each.origin, Capture):
            (each.origin,) = rename((each.origin,))
        elif isinstance(each.origin, tuple):
            each.origin = rename(each.origin)
