"""Propose what to add to a descriptor after new records: kinds, tables, fields and codes, as a diff."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path as FilePath

from release.descriptor.model import Descriptor, RecordKind, Resource
from release.infer.model import CodelistDraft, Draft, FieldDraft, KindDraft, TableDraft
from release.infer.text import field_lines, kind_lines, table_lines, write_codes
from release.syntax.paths import Capture, Path


def propose(descriptor: Descriptor, draft: Draft, folder: FilePath) -> dict[str, tuple[str, str]]:
    """Return the files of a dataset that would change, as they are and as they would be.

    Nothing that is there is changed or removed. A table is known by the records that it is made of, a field
    by where its values come from, so that both may have been given other names.
    """
    insertions: dict[int, list[str]] = {}
    known = {kind.pattern.shape: kind for kind in descriptor.kinds}
    changed: dict[str, tuple[str, str]] = {}
    for kind in draft.kinds:
        own = known.get(_shape(kind))
        if own is None:
            at = _end_of(descriptor, ("records",))
            insertions.setdefault(at, []).extend(kind_lines(kind))
        for table in (each for each in draft.tables if each.kind == kind.name):
            resource = _find_resource(descriptor, own, table)
            if resource is None:
                at = _end_of(descriptor, ("resources",))
                insertions.setdefault(at, []).extend(_new_table(descriptor, own, table))
                continue
            new = list(_new_fields(descriptor, own, resource, table))
            position = descriptor.resources.index(resource)
            at = _end_of(descriptor, ("resources", position, "schema", "fields"))
            indent = _indent(descriptor, ("resources", position, "schema", "fields", 0))
            lines = [indent + line.lstrip() for each in new for line in field_lines(each)]
            insertions.setdefault(at, []).extend(lines)
            changed |= _new_codes(descriptor, resource, draft, table, folder)
    lines = descriptor.text.splitlines()
    for at in sorted(insertions, reverse=True):
        lines[at:at] = insertions[at]
    text = "\n".join(lines) + "\n"
    if text != descriptor.text:
        changed["datapackage.yaml"] = (descriptor.text, text)
    return changed


def show(changed: dict[str, tuple[str, str]]) -> Iterator[str]:
    """Yield the lines of a diff, as `patch -p1` takes it."""
    for path, (old, new) in sorted(changed.items()):
        yield from difflib.unified_diff(
            old.splitlines(), new.splitlines(), f"a/{path}", f"b/{path}", lineterm=""
        )


def _shape(kind: KindDraft) -> str:
    from release.syntax.file_patterns import FilePattern

    return FilePattern(kind.pattern).shape


def _plain(path: Path) -> tuple[str, ...]:
    """Return a path without the names of its captures."""
    return tuple("{}" if isinstance(part, Capture) else str(part) for part in path)


def _find_resource(
    descriptor: Descriptor, kind: RecordKind | None, table: TableDraft
) -> Resource | None:
    """Return the table that is made of the same values; None if there is none.

    Where several are made of whole records, as for each language, it is the one with most of the fields.
    """
    if kind is None:
        return None
    found = [
        resource
        for resource in descriptor.resources
        for rows in resource.rows
        if rows.kind == kind.name and _plain(rows.path) == _plain(table.path)
    ]
    own = {_origin(each.origin) for each in table.fields if each.name not in table.key}
    return max(
        found, key=lambda r: len(own & {_origin(each.origin) for each in r.fields}), default=None
    )


def _origin(origin: object) -> object:
    """Return where the values of a field come from, whatever captures are called."""
    if isinstance(origin, tuple):
        return _plain(origin)
    return "{}" if isinstance(origin, Capture) else origin


def _new_fields(
    descriptor: Descriptor, kind: RecordKind | None, resource: Resource, table: TableDraft
) -> Iterator[FieldDraft]:
    """Yield the fields of a table whose values no field takes yet, and no path leaves out."""
    assert kind is not None
    used = {
        _origin(each.origin)
        for other in descriptor.resources
        for each in other.fields
        if any(rows.kind == kind.name for rows in other.rows)
    }
    used |= {_plain(each.path) for each in kind.ignore}
    rows = next(each for each in resource.rows if each.kind == kind.name)
    names = {
        own.name: other.name
        for own, other in zip(table.path, rows.path, strict=True)
        if isinstance(own, Capture) and isinstance(other, Capture)
    }
    for each in table.fields:
        if each.name in table.key or isinstance(each.origin, Capture):
            continue
        if _origin(each.origin) in used or each.origin == "$value":
            continue
        if isinstance(each.origin, tuple):
            each.origin = tuple(
                Capture(names.get(part.name, part.name)) if isinstance(part, Capture) else part
                for part in each.origin
            )
        each.codes = ""
        yield each


def _new_table(descriptor: Descriptor, kind: RecordKind | None, table: TableDraft) -> Iterator[str]:
    """Yield the lines of a new table; it refers only to what has the same names in the descriptor."""
    if kind is not None:
        table.kind = kind.name
        known = {resource.name: resource.primary_key for resource in descriptor.resources}
        table.references = [each for each in table.references if known.get(each.table) == each.to]
    for each in table.fields:
        each.codes = ""
    yield from table_lines(table)


def _new_codes(
    descriptor: Descriptor, resource: Resource, draft: Draft, table: TableDraft, folder: FilePath
) -> dict[str, tuple[str, str]]:
    """Return the codelists of a table's fields with the codes that they lack."""
    changed = {}
    lists = {codes.name: codes for codes in draft.codelists}
    drafts: dict[object, CodelistDraft] = {
        _origin(each.origin): lists[each.codes] for each in table.fields if each.codes in lists
    }
    for field in resource.fields:
        found = drafts.get(_origin(field.origin))
        if field.codes is None or found is None:
            continue
        path = descriptor.resource(field.codes).path
        old = (folder / path).read_text("utf-8")
        if (new := write_codes(old, found)) != old:
            changed[path] = (old, new)
    return changed


def _end_of(descriptor: Descriptor, key_path: tuple[str | int, ...]) -> int:
    """Return the line behind a list or mapping of the descriptor, without blank lines and comments there."""
    lines = descriptor.text.splitlines()
    own = [
        at.line for path, at in descriptor.locations.items() if path[: len(key_path)] == key_path
    ]
    last = max(own, default=len(lines) - 1)
    behind = [
        at.key_line
        for path, at in descriptor.locations.items()
        if at.key_line > last and path[: len(key_path)] != key_path
    ]
    end = min(behind, default=len(lines))
    while end > 0 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    while end < len(lines) and lines[end].lstrip().startswith("#   constraints:"):
        end += 1  # it is about the field above
    return end


def _indent(descriptor: Descriptor, key_path: tuple[str | int, ...]) -> str:
    """Return the blanks before an item of a list."""
    line = descriptor.text.splitlines()[descriptor.locations[key_path].line]
    return line[: len(line) - len(line.lstrip())]
