"""A table's schema as a descriptor declares it: fields, where their values come from, and keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from release.descriptor import constraints, profile
from release.descriptor.model import (
    EXTENSIONS,
    FINDING_FIELDS,
    FINDING_KEY,
    PROPERTIES,
    SPECIALS,
    TYPES,
    Field,
    FieldType,
    ForeignKey,
    RowOrigin,
)
from release.descriptor.properties import Properties, describe, suggest
from release.descriptor.record_kinds import RecordKinds
from release.descriptor.types import EXPECTED
from release.findings import shown
from release.syntax.paths import Capture, Path, captures_of

#: The name of a table or field.
NAME = re.compile(r"[a-z][a-z0-9_]*")
NAME_EXPECTED = "lower-case letters, digits and _, a letter first"

#: What stands in these is text; the size of a record may be written as a number or as text.
_TEXT_SPECIALS = ("$body", "$path", "$sha256", "$format")


@dataclass(frozen=True, slots=True)
class TableOrigin:
    """How a table comes to be: from records, as findings of the build, or, with neither, from a file.

    `rows` is None where the table has rows that cannot be used.
    """

    rows: tuple[RowOrigin, ...] | None
    is_findings: bool
    kinds: RecordKinds

    @property
    def is_from_records(self) -> bool:
        """Whether the table's rows are made from records."""
        return self.rows is None or bool(self.rows)


def read_fields(schema: Properties, making: TableOrigin) -> tuple[Field, ...]:
    """The fields of a schema, in their order."""
    schema.note_unknown(*PROPERTIES["schema"])
    items = schema.read_mappings("fields", "a list of fields")
    if schema.value.get("fields", []) == []:
        schema.note_unexpected("fields", "a list of fields")
    fields: list[Field] = []
    for item in items:
        field = _read_field(item, making)
        if field.name and field.name in [other.name for other in fields]:
            item.note(f"is {shown(field.name)} again, expected it once", "name")
        fields.append(field)
    if making.is_findings and fields:
        _check_finding_fields(schema, fields)
    return tuple(fields)


def _check_finding_fields(schema: Properties, fields: Sequence[Field]) -> None:
    """The table of findings has its own fields and types."""
    names = [field.name for field in fields]
    for at, field in enumerate(fields):
        kind = FINDING_FIELDS.get(field.name)
        if kind is None:
            expected = f"expected {', '.join(FINDING_FIELDS)}{suggest(field.name, FINDING_FIELDS)}"
            schema.note(f"is {shown(field.name)}, {expected}", "fields", at, "name")
        elif kind != field.type:
            schema.note(f"is {shown(field.type)}, expected {kind}", "fields", at, "type")
    if missing := [name for name in FINDING_FIELDS if name not in names]:
        schema.note(f"lacks {', '.join(missing)}, expected every field of findings", "fields")


def _read_field(item: Properties, making: TableOrigin) -> Field:
    profile.read(item, "field")
    kind = _read_type(item)
    if "example" in item and kind is not None:
        example = item.read_text("example", f"text that writes {EXPECTED[kind]}")
        if example.strip() and not constraints.is_written(example, kind):
            item.note_unexpected("example", f"text that writes {EXPECTED[kind]}")
    origin, locate = _read_origin(item, making, kind)
    return Field(
        item.read_text("name", NAME_EXPECTED, NAME),
        kind or "string",
        origin,
        _read_codes(item, making, kind),
        locate,
        constraints.read(item, kind),
        constraints.read_categories(item, kind),
        str(item.value.get("description", "")),
        {key: value for key, value in item.value.items() if key not in EXTENSIONS},
    )


def _read_type(item: Properties) -> FieldType | None:
    value = item.value.get("type", "string")
    for kind in TYPES:
        if value == kind:
            return kind
    near = suggest(value, TYPES) if isinstance(value, str) else ""
    item.note_unexpected("type", f"one of {', '.join(TYPES)}{near}")
    return None


def _read_codes(item: Properties, making: TableOrigin, kind: FieldType | None) -> str | None:
    if "codes" not in item:
        return None
    if making.is_findings:
        item.note_unwanted("codes", "the build writes the findings")
    elif "locate" in item:
        item.note_unwanted("codes", "the field holds where a text stands")
    elif kind not in ("string", None):
        item.note_unwanted("codes", f"codes are text, and the field is of the type {kind}")
    return item.read_text("codes", "the name of a codelist") or None


def _read_origin(
    item: Properties, making: TableOrigin, kind: FieldType | None
) -> tuple[Path | Capture | str | None, Path | None]:
    """Where a field's values come from: what `from` says, and what `locate` says."""
    if not making.is_from_records:
        why = (
            "the build writes the findings" if making.is_findings else "the table is read as it is"
        )
        item.note_unwanted("from locate", why)
        return None, None
    if "locate" in item:
        locate = item.read_path("locate")
        item.note_unwanted("from", "`locate` says where the text stands")
        if kind not in ("integer", None):
            message = f"gives the key_path of a text, expected the type integer, not {kind}"
            item.note(message, "locate", at_key=True)
        if locate is not None:
            _check_captures(item, "locate", captures_of(locate), making)
        return None, locate
    if "from" not in item:
        item.note("is missing, expected where the field's values stand", "from")
        return None, None
    text = item.value["from"]
    if isinstance(text, str) and text.startswith("$"):
        return _read_special(item, text, making, kind), None
    path = item.read_path("from")
    if path is None:
        return None, None
    _check_captures(item, "from", captures_of(path), making)
    return (path[0] if len(path) == 1 and isinstance(path[0], Capture) else path), None


def _read_special(item: Properties, text: str, making: TableOrigin, kind: FieldType | None) -> str:
    if text not in SPECIALS:
        expected = f"a path, a capture or one of {', '.join(SPECIALS)}"
        item.note_unexpected("from", expected + suggest(text, SPECIALS))
    elif text == "$value" and any(not rows.path for rows in making.rows or ()):
        item.note_unexpected("from", "a path: the table's rows are whole records")
    elif text in _TEXT_SPECIALS and kind not in ("string", None):
        item.note(f"is text, expected the type string, not {kind}", "from")
    return text


def _check_captures(item: Properties, key: str, names: Iterable[str], making: TableOrigin) -> None:
    """The captures of a path are bound by every source of the table's rows."""
    for source in making.rows or ():
        kind = making.kinds[source.kind]
        assert kind is not None
        captures = (*kind.pattern.captures, *captures_of(source.path), *source.constants)
        bound = ", ".join(f"{{{name}}}" for name in sorted(set(captures))) or "nothing"
        for name in names:
            if name not in captures:
                message = f"uses {{{name}}}, which its rows do not bind; they bind {bound}"
                item.note(message, key)


# keys


def read_primary_key(
    schema: Properties, fields: Sequence[Field], making: TableOrigin
) -> tuple[str, ...]:
    """The primary key, which every table has."""
    if "primaryKey" not in schema or not fields:
        if "primaryKey" not in schema:
            schema.note_unexpected("primaryKey", "the fields of the key")
        return ()
    names = [field.name for field in fields]
    key = schema.read_names("primaryKey", names, "a field of the table")
    if making.is_findings and key and set(key) != set(FINDING_KEY):
        expected = ", ".join(FINDING_KEY)
        schema.note(f"is {', '.join(key)}, expected {expected}: no less is unique", "primaryKey")
    return key


def read_unique_keys(schema: Properties, fields: Sequence[Field]) -> tuple[tuple[str, ...], ...]:
    """The unique keys besides the primary one."""
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
    """The foreign keys of a table, given the fields of all tables."""
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
    """Whether the two sides of a foreign key fit together."""
    if not key.fields or not key.reference_fields:
        return False
    if len(key.fields) != len(key.reference_fields):
        item.note("has two sides of different length, expected the same")
        return False
    if key.resource == table and key.fields == key.reference_fields:
        item.note("refers to its own fields, expected other fields or another table")
    for name, other in zip(key.fields, key.reference_fields, strict=True):
        kinds = own[name].type, others[other].type
        if kinds[0] != kinds[1]:
            message = f"refers from {name}, which is {EXPECTED[kinds[0]]}, to {other}, which is"
            item.note(f"{message} {EXPECTED[kinds[1]]}; expected the same type")
    return True
