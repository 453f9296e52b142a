"""Read a table's schema (Table Schema v2): its fields, the origins of their values, and its keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from release.descriptor import constraints, profile
from release.descriptor.expectations import EXPECTED
from release.descriptor.model import (
    EXTENSIONS,
    FINDING_FIELDS,
    FINDING_KEY,
    PROPERTIES,
    SPECIALS,
    TYPES,
    Field,
    ForeignKey,
    RowOrigin,
)
from release.descriptor.properties import Properties, describe, suggest
from release.descriptor.record_kinds import RecordKinds
from release.findings import shown
from release.syntax.paths import Capture, Path, captures_of
from release.syntax.values import FieldType

#: The name of a table or field, and its description in messages.
NAME = re.compile(r"[a-z][a-z0-9_]*")
NAME_EXPECTED = "lower-case letters, digits and _, a letter first"

#: The special values that are always text; `$bytes` may be a number or text.
_TEXT_SPECIALS = ("$body", "$path", "$sha256", "$format")


@dataclass(frozen=True, slots=True)
class TableOrigin:
    """The origin of a table: records, the findings of the build, or (without both) a file.

    `rows` is None if the descriptor gives origins of rows that cannot be used.
    """

    rows: tuple[RowOrigin, ...] | None
    is_findings: bool
    kinds: RecordKinds

    @property
    def is_from_records(self) -> bool:
        """True if the table's rows come from records."""
        return self.rows is None or bool(self.rows)


def read_fields(schema: Properties, table: TableOrigin) -> tuple[Field, ...]:
    """Read the fields of a schema, in their order."""
    schema.note_unknown(*PROPERTIES["schema"])
    items = schema.read_mappings("fields", "a list of fields")
    if schema.value.get("fields", []) == []:
        schema.note_unexpected("fields", "a list of fields")
    fields: list[Field] = []
    for item in items:
        field = _read_field(item, table)
        if field.name and field.name in [other.name for other in fields]:
            item.note(f"is {shown(field.name)} again, expected it once", "name")
        fields.append(field)
    if table.is_findings and fields:
        _check_finding_fields(schema, fields)
    return tuple(fields)


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


def _read_field(item: Properties, table: TableOrigin) -> Field:
    profile.read(item, "field")
    field_type = _read_type(item)
    if "example" in item and field_type is not None:
        expected = f"{EXPECTED[field_type]}, written as text"
        example = item.read_text("example", expected)
        if example.strip() and not constraints.is_written(example, field_type):
            item.note_unexpected("example", expected)
    origin, locate = _read_origin(item, table, field_type)
    return Field(
        item.read_text("name", NAME_EXPECTED, NAME),
        field_type or "string",
        origin,
        _read_codes(item, table, field_type),
        locate,
        constraints.read(item, field_type),
        constraints.read_categories(item, field_type),
        str(item.value.get("description", "")),
        {key: value for key, value in item.value.items() if key not in EXTENSIONS},
    )


def _read_type(item: Properties) -> FieldType | None:
    value = item.value.get("type", "string")
    for field_type in TYPES:
        if value == field_type:
            return field_type
    near = suggest(value, TYPES) if isinstance(value, str) else ""
    item.note_unexpected("type", f"one of {', '.join(TYPES)}{near}")
    return None


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


def _read_origin(
    item: Properties, table: TableOrigin, field_type: FieldType | None
) -> tuple[Path | Capture | str | None, Path | None]:
    """Read the origin of a field's values: `from`, and `locate`; None for what is not given."""
    if not table.is_from_records:
        is_curated = not table.is_findings
        why = "the table is read from its file" if is_curated else "the build writes the findings"
        item.note_unwanted("from locate", why)
        return None, None
    if "locate" in item:
        locate = item.read_path("locate")
        item.note_unwanted("from", "the field's values come from `locate`")
        if field_type not in ("integer", None):
            message = "gives an integer, the offset of a text, expected a field of the type integer"
            item.note(f"{message}, not {field_type}", "locate", at_key=True)
        if locate is not None:
            _check_captures(item, "locate", captures_of(locate), table)
        return None, locate
    if "from" not in item:
        item.note("is missing, expected the path of the field's values", "from")
        return None, None
    text = item.value["from"]
    if isinstance(text, str) and text.startswith("$"):
        return _read_special(item, text, table, field_type), None
    path = item.read_path("from")
    if path is None:
        return None, None
    _check_captures(item, "from", captures_of(path), table)
    return (path[0] if len(path) == 1 and isinstance(path[0], Capture) else path), None


def _read_special(
    item: Properties, text: str, table: TableOrigin, field_type: FieldType | None
) -> str:
    if text not in SPECIALS:
        expected = f"a path, a capture or one of {', '.join(SPECIALS)}"
        item.note_unexpected("from", expected + suggest(text, SPECIALS))
    elif text == "$value" and any(not rows.path for rows in table.rows or ()):
        item.note_unexpected("from", "a path, as each row of the table is a whole record")
    elif text in _TEXT_SPECIALS and field_type not in ("string", None):
        message = f"is {text}, which is text, expected a field of the type string, not {field_type}"
        item.note(message, "from")
    return text


def _check_captures(item: Properties, key: str, names: Iterable[str], table: TableOrigin) -> None:
    """Note the captures of a path that an origin of the table's rows does not bind."""
    for origin in table.rows or ():
        kind = table.kinds[origin.kind]
        assert kind is not None
        captures = (*kind.pattern.captures, *captures_of(origin.path), *origin.constants)
        bound = ", ".join(f"{{{name}}}" for name in sorted(set(captures))) or "none"
        for name in names:
            if name not in captures:
                expected = f"a capture that the table's `rows` bind: {bound}"
                item.note(f"uses {{{name}}}, expected {expected}", key)


# keys


def read_primary_key(
    schema: Properties, fields: Sequence[Field], table: TableOrigin
) -> tuple[str, ...]:
    """Read the primary key; a table without one is a problem."""
    if "primaryKey" not in schema or not fields:
        if "primaryKey" not in schema:
            schema.note_unexpected("primaryKey", "the fields of the key")
        return ()
    names = [field.name for field in fields]
    key = schema.read_names("primaryKey", names, "a field of the table")
    if table.is_findings and key and set(key) != set(FINDING_KEY):
        expected = ", ".join(FINDING_KEY)
        schema.note(
            f"is {', '.join(key)}, expected {expected}: only these are unique", "primaryKey"
        )
    return key


def read_unique_keys(schema: Properties, fields: Sequence[Field]) -> tuple[tuple[str, ...], ...]:
    """Read the unique keys; the primary key is not among them."""
    names = [field.name for field in fields]
    keys: list[tuple[str, ...]] = []
    for at, item in enumerate(schema.read_list("uniqueKeys", "a list of lists of names")):
        if not isinstance(item, list) or not item:
            schema.note(f"is {describe(item)}, expected a list of names", "uniqueKeys", at)
            continue
        key = schema.read_names_in(item, ("uniqueKeys", at), names, "a field of the table")
        if key and key in keys:
            schema.note(f"is {', '.join(key)} again, expected it once", "uniqueKeys", at)
        keys.append(key)
    return tuple(keys)


def read_foreign_keys(
    schema: Properties, table: str, tables: Mapping[str, Sequence[Field]]
) -> Iterator[ForeignKey]:
    """Read the foreign keys of a table, given the fields of all tables by name."""
    for item in schema.read_mappings("foreignKeys"):
        item.note_unknown(*PROPERTIES["foreignKey"])
        own = {field.name: field for field in tables.get(table, ())}
        fields = item.read_names("fields", own, "a field of the table")
        if "reference" not in item:
            item.note_unexpected("reference", "a mapping with `resource` and `fields`")
            continue
        reference = item.read_mapping("reference")
        reference.note_unknown(*PROPERTIES["reference"])
        target = table
        if "resource" in reference:
            target = reference.read_text("resource", "the name of a table")
        if target not in tables:
            if target:
                expected = f"the name of a table{suggest(target, tables)}"
                reference.note_unexpected("resource", expected)
            continue
        others = {field.name: field for field in tables[target]}
        key = ForeignKey(
            fields, target, reference.read_names("fields", others, f"a field of {target}")
        )
        if _is_sound(item, key, own, others, table):
            yield key


def _is_sound(
    item: Properties,
    key: ForeignKey,
    own: Mapping[str, Field],
    others: Mapping[str, Field],
    table: str,
) -> bool:
    """Return whether a foreign key can be checked: each of its fields has a field that it refers to.

    Other problems are noted.
    """
    if not key.fields or not key.reference_fields:
        return False
    if len(key.fields) != len(key.reference_fields):
        counts = f"{len(key.fields)} in `fields` and {len(key.reference_fields)} in `reference`"
        item.note(f"has {counts}, expected the same number of fields")
        return False
    if key.resource == table and key.fields == key.reference_fields:
        item.note("refers to its own fields, expected other fields or another table")
    for name, other in zip(key.fields, key.reference_fields, strict=True):
        types = own[name].type, others[other].type
        if types[0] != types[1]:
            message = f"refers from {name}, which is {EXPECTED[types[0]]}, to {other}, which is"
            item.note(f"{message} {EXPECTED[types[1]]}; expected the same type")
    return True
