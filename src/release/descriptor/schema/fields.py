"""Read a table's schema (Table Schema v2): its fields, the origins of their values, and its keys."""

from __future__ import annotations

import re
from collections.abc import Sequence

from release.descriptor import profile
from release.descriptor.model import Field
from release.descriptor.properties import Properties, suggest
from release.descriptor.schema import constraints
from release.descriptor.schema.classes import divide_classes, read_when
from release.descriptor.schema.origins import TableOrigin, read_origin
from release.descriptor.schema.types import published_form, read_missing, read_type
from release.descriptor.vocabulary import (
    EXTENSIONS,
    FINDING_FIELDS,
    NOTATIONS,
    PROPERTIES,
)
from release.findings.message import shown
from release.syntax.types.registry import FieldType
from release.syntax.types.value_type import ValueType
from release.system.filenames import naming_problem

#: A name that needs no further look: no tool takes it for anything else, and no other one looks like it.
_PLAIN = re.compile(r"[a-z][a-z0-9_]{0,59}")


def read_fields(schema: Properties, table: TableOrigin) -> tuple[Field, ...]:
    """Read the fields of a schema, in their order."""
    schema.note_unknown(*PROPERTIES["schema"])
    items = schema.read_mappings("fields", "a list of fields")
    if schema.value.get("fields", []) == []:
        schema.note_unexpected("fields", "a list of fields")
    fields: list[Field] = []
    missing = read_missing(schema) if "missingValues" in schema else frozenset[str]()
    for item in items:
        field = _read_field(item, table, missing)
        if field.name and field.name in [other.name for other in fields]:
            item.note(f"is {shown(field.name)} again, expected it once", "name")
        fields.append(field)
    note_twins(items, [field.name for field in fields])
    if table.is_findings and fields:
        _check_finding_fields(schema, fields)
    return divide_classes(fields)


def read_name(item: Properties, *, is_table: bool = False) -> str:
    """Read the name of a field or table; one that may not be used is noted, and returned."""
    name = item.value.get("name")
    if not isinstance(name, str) or not name.strip():
        item.note_unexpected("name", "a name")
        return ""
    if _PLAIN.fullmatch(name) is not None:
        problem = naming_problem(f"{name}.csv") if is_table else ""
    else:
        from release.descriptor.schema import names

        problem = names.find_table_problem(name) if is_table else names.find_problem(name)
    if problem:
        item.note(f"is {shown(name)}, which {problem}", "name")
    return name


def note_twins(items: Sequence[Properties], named: Sequence[str]) -> None:
    """Note the names of tables, or of the fields of one, that look like an earlier one."""
    if any(name and _PLAIN.fullmatch(name) is None for name in named):
        from release.descriptor.schema import names

        for at, problem in names.find_twins(named):
            items[at].note(f"is {shown(named[at])}, which {problem}", "name")


def _check_finding_fields(schema: Properties, fields: Sequence[Field]) -> None:
    """Note the fields that differ from those of the table of findings, in name or type."""
    names = [field.name for field in fields]
    for at, field in enumerate(fields):
        field_type = FINDING_FIELDS.get(field.name)
        if field_type is None:
            expected = f"one of {', '.join(FINDING_FIELDS)}{suggest(field.name, FINDING_FIELDS)}"
            schema.note(f"is {shown(field.name)}, expected {expected}", "fields", at, "name")
        elif field_type != field.type:
            schema.note(f"is {shown(field.type)}, expected {field_type}", "fields", at, "type")
    if missing := [name for name in FINDING_FIELDS if name not in names]:
        schema.note(f"lacks {', '.join(missing)}, expected every field of the findings", "fields")


def _read_field(item: Properties, table: TableOrigin, missing: frozenset[str]) -> Field:
    profile.read(item, "field")
    kind = read_type(item, missing)
    field_type = kind.name if kind is not None else None
    if "example" in item and kind is not None:
        expected = f"{kind.facts.words}, written as text"
        example = item.read_text("example", expected)
        if example.strip() and not constraints.is_written(example, kind):
            item.note_unexpected("example", expected)
    if "tolerance" in item:
        from release.descriptor.schema import tolerance

        tolerance.read(item, field_type)
    origin, locate = read_origin(item, table, field_type)
    return Field(
        read_name(item),
        field_type or "string",
        origin,
        _read_codes(item, table, field_type),
        locate,
        constraints.read(item, kind),
        constraints.read_categories(item, field_type),
        str(item.value.get("description", "")),
        _publish(item, kind),
        when=read_when(item, table, origin),
        reading=kind,
    )


def _publish(item: Properties, kind: ValueType | None) -> dict[str, object]:
    """Return the properties of a field that a release passes on: its values are in the plain notation."""
    unpublished = EXTENSIONS.union(NOTATIONS)
    public = {key: value for key, value in item.value.items() if key not in unpublished}
    if kind is None:
        return public
    if not kind.content:
        public.pop("format", None)
    if kind.facts.published:
        public["type"] = kind.facts.published
    return {**public, **published_form(kind)}


def _read_codes(item: Properties, table: TableOrigin, field_type: FieldType | None) -> str | None:
    if "codes" not in item:
        return None
    if table.is_findings:
        item.note_unwanted("codes", "the build writes the findings")
    elif "locate" in item:
        item.note_unwanted("codes", "the field holds the offset of a text")
    elif field_type not in ("string", None):
        item.note_unwanted("codes", f"codes are strings, and the field has the type {field_type}")
    return item.read_text("codes", "the name of a codelist") or None
