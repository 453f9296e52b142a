"""The dictionary of a release as rows of text: what it is, and what each column of each table holds."""

from __future__ import annotations

import json
from collections.abc import Sequence

from release.access.export.tables import ExportTable
from release.descriptor.model import Field
from release.package.manifest.model import Manifest
from release.package.metadata import facts

#: The columns of the dictionary.
COLUMNS = ("table", "column", "type", "key", "refers to", "constraints", "description")


def describe(manifest: Manifest) -> list[tuple[str, str]]:
    """Return the facts of a release by their names; those that it has not are left out."""
    licences = ", ".join(each.name or each.title or each.path for each in manifest.licenses)
    found = (
        ("title", facts.title(manifest)),
        ("name", manifest.name),
        ("version", manifest.version),
        ("created", manifest.created),
        ("description", manifest.text("description")),
        ("homepage", manifest.text("homepage")),
        ("licence", licences),
        ("cite as", facts.cited_as(manifest)),
    )
    return [(name, text) for name, text in found if text]


def rows(tables: Sequence[ExportTable]) -> list[tuple[str, ...]]:
    """Return a row for each table, and one for each of its columns, as COLUMNS says."""
    found: list[tuple[str, ...]] = []
    for table in tables:
        count = "1 row" if table.rows == 1 else f"{table.rows:,} rows"
        found.append((table.name, "", "", "", "", count, table.resource.text("description")))
        found += (_row(table, field) for field in table.fields)
    return found


def _row(table: ExportTable, field: Field) -> tuple[str, ...]:
    key = "primary key" if field.name in table.key else ""
    targets = [
        f"{key.resource}.{other}"
        for key in table.foreign_keys
        for name, other in zip(key.fields, key.reference_fields, strict=True)
        if name == field.name
    ]
    constraints = "; ".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in table.constraints(field).items()
    )
    told = ", ".join(dict.fromkeys(targets))
    return table.name, field.name, type_of(field), key, told, constraints, field.description


def type_of(field: Field) -> str:
    """Return the type of a column, with the format of its values if that says more."""
    form = field.public.get("format", "default")
    return field.type if form == "default" else f"{field.type} ({form})"
