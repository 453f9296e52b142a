"""Read the resources of a descriptor, which are its tables, and check them against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from release.descriptor import parents, profile
from release.descriptor import rows as descriptor_rows
from release.descriptor.kinds.record_kinds import KEPT_FILES, RecordKinds
from release.descriptor.model import Codelist, Compare, Field, ForeignKey, Resource
from release.descriptor.properties import Properties, expect_path, suggest
from release.descriptor.schema import fields as schema_fields
from release.descriptor.schema import keys as schema_keys
from release.descriptor.schema.origins import TableOrigin
from release.descriptor.vocabulary import EXTENSIONS, FINDINGS, PROPERTIES
from release.findings.message import shown
from release.syntax.file_patterns import FilePattern
from release.syntax.paths import BelowEntry, Capture, captures_of_origin, single_origins

if TYPE_CHECKING:
    from release.syntax.formats.csv_dialect import CsvLayout


@dataclass(frozen=True, slots=True)
class _Outline:
    """A resource without what refers to other resources, except for its parent."""

    item: Properties
    schema: Properties
    name: str
    origin: TableOrigin
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    parent: _Outline | None

    @property
    def is_curated(self) -> bool:
        return "rows" not in self.item

    @property
    def field_names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)


def read(package: Properties, declared: RecordKinds) -> tuple[Resource, ...]:
    """Read the resources of a package, in their order."""
    items = package.read_mappings("resources", "a list of tables")
    if package.value.get("resources", []) == []:
        package.note_unexpected("resources", "a list of tables")
    read: dict[int, _Outline] = {}
    for at, parent in parents.order(items):
        read[at] = _read_outline(items[at], declared, None if parent is None else read[parent])
    outlines = [read[at] for at in range(len(items))]
    tables = {o.name: o.fields for o in reversed(outlines) if not o.origin.is_findings}
    resources = tuple(_read_resource(outline, tables) for outline in outlines)
    _check_unique(outlines, declared)
    first = {other.name: other for other in reversed(resources)}
    codelists = [name for name, each in first.items() if each.codelist is not None]
    for outline, resource in zip(outlines, resources, strict=True):
        _check_codes(outline, codelists)
        _check_constants(outline, resource)
    return resources


def _read_outline(item: Properties, declared: RecordKinds, parent: _Outline | None) -> _Outline:
    profile.read(item, "resource")
    name = schema_fields.read_name(item, is_table=True)
    is_there = "rows" in item or "path" in item
    above = parent.origin.rows if parent is not None else None if "parent" in item else ()
    rows = descriptor_rows.read_rows(item, declared, above) if is_there else None
    origin = TableOrigin(rows, item.value.get("rows") == FINDINGS, declared)
    if "schema" not in item:
        item.note_unexpected("schema", "a mapping with fields and primaryKey")
    inner = item.read_mapping("schema", "a mapping; one in a file of its own is not supported")
    is_mapping = item.value.get("schema") == inner.value
    fields = schema_fields.read_fields(inner, origin) if is_mapping else ()
    if parent is not None:
        fields = parents.inherit(item, fields, parent.fields, parent.key)
    key: tuple[str, ...] = ()
    if parent is not None and fields and "primaryKey" not in inner:
        key = parents.default_key(inner, fields, rows or (), parent.key, above or ())
    elif inner.value and (parent is not None or "parent" not in item or "primaryKey" in inner):
        key = schema_keys.read_primary_key(inner, fields, origin)  # else it would be the parent's
    return _Outline(item, inner, name, origin, fields, key, parent)


def _read_resource(outline: _Outline, tables: Mapping[str, Sequence[Field]]) -> Resource:
    item, inner, fields, key = outline.item, outline.schema, outline.fields, outline.key
    if outline.origin.is_findings:
        why = "the table holds findings, not data"
        inner.note_unwanted("uniqueKeys foreignKeys", why)
        item.note_unwanted("checks", why)
    is_curated = outline.is_curated
    path = _read_path(item, is_curated)
    return Resource(
        outline.name,
        path or f"data/{outline.name}.csv",
        outline.origin.rows or (),
        outline.origin.is_findings,
        tuple(_read_compare(outline, key)),
        fields,
        key,
        schema_keys.read_unique_keys(inner, fields),
        _read_foreign_keys(outline, tables),
        _read_codelist(outline, key),
        {name: value for name, value in item.value.items() if name not in EXTENSIONS},
        _read_layout(outline),
        outline.parent.name if outline.parent is not None else "",
    )


def _read_foreign_keys(
    outline: _Outline, tables: Mapping[str, Sequence[Field]]
) -> tuple[ForeignKey, ...]:
    """Read the foreign keys of a table, of which the first is that to its parent."""
    own = tuple(schema_keys.read_foreign_keys(outline.schema, outline.name, tables))
    if outline.parent is None or not outline.parent.key:
        return own
    to_parent = ForeignKey(outline.parent.key, outline.parent.name, outline.parent.key)
    return own if to_parent in own else (to_parent, *own)


def _read_layout(outline: _Outline) -> CsvLayout | None:
    """Read the form of the file of a curated table; None if nothing is said of it."""
    if not outline.is_curated:
        outline.schema.note_unwanted("fieldsMatch", "the table is made from `rows`")
        return None
    if not ({"dialect", "encoding"} & set(outline.item.value) or "fieldsMatch" in outline.schema):
        return None

    from release.descriptor.schema import layouts

    return layouts.read(outline.item, outline.schema)


def _read_path(item: Properties, is_curated: bool) -> str:
    """Read the path of a curated table; empty if there is none."""
    if not is_curated:
        item.note_unwanted("path", "the table is made from `rows`")
        return ""
    if "path" not in item:
        item.note("has neither `rows` nor `path`, expected one of them")
        return ""
    path = item.read_text("path", "the path of one CSV file")
    if path and (expected := expect_path(path)):
        item.note_unexpected("path", expected)
    elif path in KEPT_FILES:
        item.note(f"is {shown(path)}, which is no table, expected the path of a CSV file", "path")
    return path


def _check_unique(outlines: Sequence[_Outline], declared: RecordKinds) -> None:
    """Note names and files that two resources share, and files that are both a table and a record."""
    names: set[str] = set()
    paths: set[str] = set()
    named = [outline.name for outline in outlines]
    schema_fields.note_twins([outline.item for outline in outlines], named)
    for outline in outlines:
        item = outline.item
        if outline.name and outline.name in names:
            item.note(f"is {shown(outline.name)} again, expected it once", "name")
        if (base := outline.name.removesuffix("-parquet")) != outline.name and base in named:
            what = f"which is what a release calls the Parquet of {base}"
            item.note(f"is {shown(outline.name)}, {what}; expected another name", "name")
        names.add(outline.name)
        path = item.value.get("path")
        if not outline.is_curated or not isinstance(path, str):
            continue
        if path in paths:
            item.note(f"is {shown(path)} again, expected it once", "path")
        paths.add(path)
        for kind in declared.values():
            if kind is not None and kind.pattern.regex().match(path):
                message = f"is {shown(path)}, which is also a record of {kind.name}"
                item.note(f"{message}, expected another file", "path")


def _read_compare(outline: _Outline, key: Sequence[str]) -> Iterator[Compare]:
    item = outline.item
    if "compare" not in item:
        return
    if not outline.origin.is_from_records:
        item.note_unwanted("compare", "only rows from records have editions")
        return
    compare = item.read_mapping("compare")
    compare.note_unknown(*PROPERTIES["compare"])
    across = compare.read_text("across", "a capture that tells editions apart")
    fields: tuple[str, ...] = ()
    if compare.value.get("fields") != [] and "fields" in compare:
        fields = compare.read_names("fields", outline.field_names, "a field of the table")
    for name in (name for name in fields if name in key):
        message = f"names {shown(name)}, which is in the primary key, expected other fields"
        compare.note(message, "fields")
    if across and outline.origin.rows and key:
        _check_across(compare, across, outline, key)
    yield Compare(across, fields)


def _check_across(compare: Properties, across: str, outline: _Outline, key: Sequence[str]) -> None:
    """Note a capture in `across` that does not tell editions apart, or is in no field of the primary key."""
    for rows in outline.origin.rows or ():
        kind = outline.origin.kinds[rows.kind]
        assert kind is not None
        if across not in kind.prefer:
            message = f"is {shown(across)}, expected a capture in `prefer` of {kind.name}"
            compare.note(message + suggest(across, kind.prefer), "across")
            return
    if not any(f.origin == Capture(across) for f in outline.fields if f.name in key):
        expected = f"a field of the primary key with `from: {{{across}}}`"
        compare.note(f"is {shown(across)}, expected {expected}", "across")


def _read_codelist(outline: _Outline, key: Sequence[str]) -> Codelist | None:
    item = outline.item
    if "codelist" not in item:
        return None
    if not outline.is_curated:
        item.note_unwanted("codelist", "only a table with a `path` is a codelist")
        return None
    codelist = item.read_mapping("codelist")
    codelist.note_unknown(*PROPERTIES["codelist"])
    fields = {field.name: field for field in outline.fields}
    if len(key) > 1 or any(fields[name].type != "string" for name in key):
        message = "is the key of a codelist, expected one field of the type string"
        item.note(message, "schema", "primaryKey")
    aliases = None
    if "aliases" in codelist:
        aliases = codelist.read_text("aliases", "a field of the table")
        if aliases and fields and (aliases not in fields or fields[aliases].type != "string"):
            near = "" if aliases in fields else suggest(aliases, fields)
            codelist.note_unexpected("aliases", f"a field of the table of the type string{near}")
        elif aliases in key:
            codelist.note_unexpected("aliases", "a field other than the primary key")
    labels = _read_labels(codelist, outline) if "labels" in codelist else None
    return Codelist(labels, aliases)


def _read_labels(codelist: Properties, outline: _Outline) -> FilePattern | None:
    labels = codelist.read_pattern("labels", "columns")
    if labels is None:
        return None
    if len(labels.captures) != 1:
        codelist.note_unexpected("labels", "a pattern with one capture, for the language")
        return None
    regex = labels.regex()
    matching = [field for field in outline.fields if regex.match(field.name)]
    if outline.fields and not matching:
        names = ", ".join(outline.field_names)
        codelist.note_unexpected("labels", f"a pattern that matches a field of the table: {names}")
    for field in (field for field in matching if field.type != "string"):
        message = f"matches {field.name}, expected a field of the type string, not {field.type}"
        codelist.note(message, "labels")
    return labels


def _check_codes(outline: _Outline, codelists: Sequence[str]) -> None:
    """Note the fields whose `codes` names no codelist."""
    for at, field in enumerate(outline.fields):
        if field.codes is not None and field.codes not in codelists:
            message = f"is {shown(field.codes)}, expected the name of a codelist"
            key_path = ("fields", at, "codes")
            outline.schema.note(message + suggest(field.codes, codelists), *key_path)


def _check_constants(outline: _Outline, resource: Resource) -> None:
    """Note the captures in `set` that no field uses."""
    used: set[str] = set()
    for field in resource.fields:
        used |= captures_of_origin(field.origin)
        for path in (*single_origins(field.origin), field.locate):
            below = path.path if isinstance(path, BelowEntry) else path
            if isinstance(below, tuple):
                used.update(part.name for part in below if isinstance(part, Capture))
    items = outline.item.value.get("rows")
    for at, each in enumerate(items if isinstance(items, list) else [items]):
        listed = ("rows", at) if isinstance(items, list) else ("rows",)
        # those of the parent's rows are its own
        constants = each.get("set") if isinstance(each, dict) and resource.rows else None
        for name in constants if isinstance(constants, dict) else ():
            if name not in used:
                message = "is used by no field, expected a field that has it in `from`"
                outline.item.note(message, *listed, "set", name, at_key=True)
