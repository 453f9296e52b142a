"""Read the keys of a table: primary, unique and foreign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from release.descriptor.model import Field, ForeignKey
from release.descriptor.properties import Properties, describe, suggest
from release.descriptor.schema.origins import TableOrigin
from release.descriptor.vocabulary import FINDING_KEY, PROPERTIES


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
            target = reference.read_text("resource", "the name of a table, or none for its own")
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
        types = own[name].values, others[other].values
        if types[0].name != types[1].name or types[0].arrow != types[1].arrow:
            message = f"refers from {name}, which is {types[0].facts.words}, to {other}, which is"
            item.note(f"{message} {types[1].facts.words}; expected the same type")
    return True
