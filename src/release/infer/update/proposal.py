"""Propose what to add to a descriptor after new records: kinds, tables and fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from release.descriptor.model import Descriptor, RecordKind, Resource
from release.infer.model import (
    Draft,
    FieldDraft,
    KindDraft,
    Omission,
    RecordRead,
    TableDraft,
)
from release.infer.names import make_unique, table_name
from release.infer.text import field_lines, kind_lines, omission_line, table_lines
from release.infer.update.adoption import has_plain_key, move_table, rename_captures
from release.infer.update.alignment import find_origin, matches, plain
from release.infer.update.insertions import Insertions
from release.records.coverage import find_uncovered
from release.records.files.selection.conditions import find_condition
from release.records.shapes.tree import build_tree
from release.syntax.paths import captures_of, parse_path

#: Types whose values are lists or mappings.
_WHOLE = frozenset(("geojson", "object", "array"))


@dataclass(frozen=True, slots=True)
class Proposal:
    """The text of a descriptor with what was added; and what an addition cannot say.

    `left` are files that no kind takes, although a kind takes others like them. `compared` are the files of
    which each value has a place in the text. `types` are fields as they are drafted, by table and name.
    """

    text: str
    left: tuple[str, ...]
    compared: frozenset[str]
    types: Mapping[tuple[str, str], FieldDraft]


def propose(descriptor: Descriptor, draft: Draft) -> Proposal:
    """Propose what to add to a descriptor, so that each value of the records has a place.

    Nothing that is there is changed or removed: names, order and comments are those of its user. What has
    a place already, wherever it is, is not proposed again.
    """
    update = _Update(descriptor, draft)
    left: dict[str, None] = {}
    compared: set[str] = set()
    new: list[KindDraft] = []
    for kind in draft.kinds:
        own = _find_kind(descriptor, kind)
        if own is None:
            new.append(kind)
            continue
        taken = own.pattern.regex()
        left |= {
            each.path: None
            for each in kind.entries
            if not taken.match(each.path) and not _is_placed(descriptor, each.path)
        }
        if _are_alike(kind, own):
            compared |= {each.path for each in kind.entries}
            update.extend(kind, own)
    update.add_kinds(new)
    return Proposal(update.insertions.text(), tuple(left), frozenset(compared), update.types)


def _find_kind(descriptor: Descriptor, kind: KindDraft) -> RecordKind | None:
    """Return the kind that takes most files of a drafted one, or leaves them out; None if none does."""
    counts = {
        own.name: sum(_takes(own, path) for path in {each.path for each in kind.entries})
        for own in descriptor.kinds
    }
    best = max(descriptor.kinds, key=lambda own: counts[own.name], default=None)
    return best if best is not None and counts[best.name] else None


def _takes(kind: RecordKind, path: str) -> bool:
    """Return True if a file is of a kind, or is left out there."""
    patterns = (kind.pattern, *(each.pattern for each in kind.exclude))
    return any(pattern.regex().match(path) for pattern in patterns)


def _is_placed(descriptor: Descriptor, path: str) -> bool:
    """Return True if a file is a record, left out, or a companion."""
    return any(
        _takes(kind, path) or any(each.regex().match(path) for each in kind.companions)
        for kind in descriptor.kinds
    )


def _are_alike(kind: KindDraft, own: RecordKind) -> bool:
    """Return True if records stand at the same places of files in a drafted kind and in one that is there."""
    drafted = parse_path(kind.records) if kind.records else ()
    if kind.is_text and not own.container.records:
        return True  # rows are records, whether their position has a name or not
    return plain(drafted) == plain(own.container.records)


class _Update:
    """An update of one descriptor."""

    def __init__(self, descriptor: Descriptor, draft: Draft) -> None:
        self.insertions = Insertions(descriptor)
        self._descriptor = descriptor
        self._draft = draft
        self._names = [each.name for each in descriptor.resources]
        self.types: dict[tuple[str, str], FieldDraft] = {}
        self._added: dict[str, list[str]] = {}  # fields, by the name of their table

    def extend(self, kind: KindDraft, own: RecordKind) -> None:
        """Add what records of a kind hold and its tables lack."""
        lacking = self._find_lacking(kind, own)
        tables = [each for each in self._draft.tables if each.kind == kind.name]
        for table in tables:
            if (known := self._find_resource(own, table)) is not None:
                self._compare_types(known, table)
        empty = [
            each
            for each in kind.ignore
            if any(matches(plain(parse_path(each.path)), keys) for keys in lacking)
        ]
        if empty:
            self._ignore(own, empty)
        for table in tables:
            new = [each for each in table.fields if self._is_lacking(each, table, lacking)]
            if not new:
                continue
            resource = self._find_resource(own, table)
            if resource is None:
                self._add_below(table, kind, own)
            else:
                self._add_fields(resource, own, table, new)

    def _compare_types(self, resource: Resource, table: TableDraft) -> None:
        """Note what the values of a table's fields are now."""
        drafted = {find_origin(each.origin, table.path): each for each in table.fields}
        for field in resource.fields:
            found = drafted.get(find_origin(field.origin, resource.rows[0].path))
            if found is not None:
                self.types[resource.name, field.name] = found

    def _ignore(self, own: RecordKind, empty: Iterable[Omission]) -> None:
        """Leave out what is empty in all records."""
        key_path = ("records", own.name)
        if own.ignore:
            for each in empty:
                self.insertions.add((*key_path, "ignore"), [omission_line(each)])
        else:
            lines = ["    ignore:", *map(omission_line, empty)]
            self.insertions.add(key_path, lines)

    def add_kinds(self, kinds: Iterable[KindDraft]) -> None:
        """Add kinds and all of their tables."""
        names = [each.name for each in self._descriptor.kinds]
        for kind in kinds:
            name = make_unique(kind.name, names)
            tables = [each for each in self._draft.tables if each.kind == kind.name]
            names.append(name)
            kind.name = name
            for table in tables:
                table.kind = name
            lines = list(kind_lines(kind))
            if self._descriptor.kinds:
                self.insertions.add(("records",), lines)
            else:
                self.insertions.add_mapping("records", "resources", lines)
            by_name = {each.name: each for each in tables}
            for table in tables:
                self._rename(table, tables)
                self._add_table(table, by_name.get(table.parent))

    def _rename(self, table: TableDraft, tables: Iterable[TableDraft]) -> None:
        """Give a new table a name that none has; references to tables that are not there are left off."""
        known = {each.name: each.primary_key for each in self._descriptor.resources}
        known |= {each.name: tuple(each.key) for each in tables}
        table.references = [each for each in table.references if known.get(each.table) == each.to]
        name = table.name
        if name in self._names:
            name = make_unique(table_name([table.kind, name]), self._names)
        for other in tables:
            other.parent = name if other.parent == table.name else other.parent
            other.references = [
                replace(each, table=name) if each.table == table.name else each
                for each in other.references
            ]
        table.name = name

    def _add_table(self, table: TableDraft, parent: TableDraft | None = None) -> None:
        for each in table.fields:
            each.codes = ""  # a codelist is for a person to make
        self._names.append(table.name)
        self.insertions.add(("resources",), list(table_lines(table, parent)))

    def _find_lacking(self, kind: KindDraft, own: RecordKind) -> set[tuple[str, ...]]:
        """Find the key paths of values in records of a kind that nothing maps, leaves out or ignores."""
        tree = build_tree(self._descriptor, own)
        lacking: set[tuple[str, ...]] = set()
        for entry in kind.entries:
            captures = _find_captures(own, kind, entry)
            if captures is None or find_condition(own.where, entry.values, captures) >= 0:
                continue
            lacking.update(map(plain, find_uncovered(entry.values, tree, captures)))
        return lacking

    def _is_lacking(
        self, each: FieldDraft, table: TableDraft, lacking: set[tuple[str, ...]]
    ) -> bool:
        """Return True if a field takes a value that has no place."""
        origin = table.path if each.origin == "$value" else each.origin
        if not isinstance(origin, tuple):
            return False
        path = plain(origin)
        if each.type in _WHOLE:
            return any(matches(path, keys[: len(path)]) for keys in lacking)
        return any(matches(path, keys) for keys in lacking)

    def _find_resource(self, own: RecordKind, table: TableDraft) -> Resource | None:
        """Return the table with rows at the same path, as whose new fields are new values; None if none is.

        Where several are, as for each language, it is the one with most of the fields.
        """
        found = [
            resource
            for resource in self._descriptor.resources
            for rows in resource.rows
            if rows.kind == own.name and plain(rows.path) == plain(table.path)
        ]
        wanted = {find_origin(each.origin, table.path) for each in table.fields}
        return max(
            found,
            key=lambda resource: len(
                wanted & {find_origin(f.origin, resource.rows[0].path) for f in resource.fields}
            ),
            default=None,
        )

    def _add_fields(
        self, resource: Resource, own: RecordKind, table: TableDraft, new: Iterable[FieldDraft]
    ) -> None:
        rows = next(each for each in resource.rows if each.kind == own.name)
        at = self._descriptor.resources.index(resource)
        names = self._added.setdefault(resource.name, [*resource.field_names])
        for each in new:
            field = replace(each, name=make_unique(each.name, names), codes="")
            if field.origin == "$value" and len(resource.rows) == 1:
                field.when = field.when or "text"
            names.append(field.name)
            if isinstance(field.origin, tuple) and len(table.path) < len(field.origin):
                field.origin = (*rows.path, *field.origin[len(table.path) :])
            lines = list(field_lines(field, rows.path))
            self.insertions.add(("resources", at, "schema", "fields"), lines)

    def _add_below(self, table: TableDraft, kind: KindDraft, own: RecordKind) -> None:
        """Add a table to a kind that is there, below the table that is there for its parent."""
        drafted = {each.name: each for each in self._draft.tables if each.kind == kind.name}
        above = drafted.get(table.parent)
        resource = self._find_resource(own, above) if above is not None else None
        table = replace(table, kind=own.name, references=list(table.references))
        if above is not None and resource is not None and has_plain_key(resource):
            rows = next(each for each in resource.rows if each.kind == own.name)
            parent = TableDraft(resource.name, own.name, rows.path, key=list(resource.primary_key))
            move_table(table, above, parent, own)
            self._rename(table, [])
            self._add_table(table, parent)
        else:
            is_new = above is not None and above.name in self._names
            names = dict(zip(kind.captures, own.captures, strict=False))
            rename_captures(table, names)
            self._rename(table, [above] if above is not None and is_new else [])
            self._add_table(table, above if is_new else None)


def _find_captures(own: RecordKind, kind: KindDraft, entry: RecordRead) -> dict[str, str] | None:
    """Return the captures of a record in the kind that is there; None if it does not take the file."""
    match = own.pattern.regex().match(entry.path)
    if match is None or any(each.pattern.regex().match(entry.path) for each in own.exclude):
        return None
    captures = dict(zip(own.pattern.names, (each or "" for each in match.groups()), strict=True))
    within = captures_of(own.container.records)
    if within and kind.captures:
        captures[within[-1]] = entry.captures.get(kind.captures[-1], "")
    return captures
