"""Views of tables with labels beside their codes: one schema of SQL for each language, named after it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from release.package.manifest.model import Manifest
from release.package.manifest.resources import ManifestResource
from release.tables.sql import quote_name

#: A column of labels in a language, such as `label_pt_BR`.
_LABEL = re.compile(r"label_([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*)")


@dataclass(frozen=True, slots=True)
class CodeColumn:
    """A column of codes: the table that explains them, and the column of its key there."""

    name: str
    codelist: str
    key: str


def languages(table: ManifestResource) -> Mapping[str, str]:
    """Return the columns of labels of a table by their language, in lower case; none where it is no codelist.

    A codelist has a key of one column, and labels in columns such as `label_fr`.
    """
    assert table.schema is not None, "a CSV resource has a schema"
    if len(table.schema.primary_key) != 1:
        return {}
    found = ((each.name, _LABEL.fullmatch(each.name)) for each in table.schema.fields)
    return {match[1].lower(): name for name, match in found if match is not None}


def code_columns(
    table: ManifestResource, tables: Mapping[str, ManifestResource]
) -> list[CodeColumn]:
    """Return the columns of a table that hold codes of a codelist, in the order of its foreign keys."""
    assert table.schema is not None, "a CSV resource has a schema"
    found: dict[str, CodeColumn] = {}
    for key in table.schema.foreign_keys:
        target = tables.get(key.resource or table.name)
        if target is None or target.schema is None or len(key.fields) != 1:
            continue
        if languages(target) and list(target.schema.primary_key) == list(key.reference_fields):
            column = CodeColumn(key.fields[0], target.name, key.reference_fields[0])
            found.setdefault(column.name, column)
    return list(found.values())


def label_name(column: str, taken: Mapping[str, object]) -> str:
    """Return the name of the column of labels beside a column of codes, which none of the table's has."""
    name = f"{column}_label"
    while name in taken:
        name += "_"
    return name


def views(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Yield each language that some codelist has labels in, with the view in SQL of each table.

    The view has the columns of the table, and behind each column of codes one of their labels, which is
    missing where the code is, or has no label in that language. Rows are those of the table, in the
    order of its primary key.
    """
    tables = manifest.tables
    found = dict.fromkeys(language for each in tables.values() for language in languages(each))
    for language in found:
        for table in tables.values():
            yield language, _view(table, language, tables)


def _view(table: ManifestResource, language: str, tables: Mapping[str, ManifestResource]) -> str:
    """Return a view of a table with labels in a language."""
    assert table.schema is not None, "a CSV resource has a schema"
    codes = {
        each.name: each
        for each in code_columns(table, tables)
        if language in languages(tables[each.codelist])
    }
    names = {each.name: None for each in table.schema.fields}
    columns: list[str] = []
    joins: list[str] = []
    for name in names:
        columns.append(f"t.{quote_name(name)}")
        if (code := codes.get(name)) is None:
            continue
        other = f"l{len(joins)}"
        label = languages(tables[code.codelist])[language]
        columns.append(f"{other}.{quote_name(label)} AS {quote_name(label_name(name, names))}")
        joins.append(
            f" LEFT JOIN main.{quote_name(code.codelist)} {other}"
            f" ON t.{quote_name(name)} = {other}.{quote_name(code.key)}"
        )
    view = f"{quote_name(language)}.{quote_name(table.name)}"
    source = f"main.{quote_name(table.name)} t{''.join(joins)}"
    order = ", ".join(f"t.{quote_name(name)}" for name in table.schema.primary_key)
    sorted_by = f" ORDER BY {order}" if joins and order else ""  # a join keeps no order
    selected = f"SELECT {', '.join(columns)} FROM {source}{sorted_by}"  # noqa: S608
    return f"CREATE VIEW {view} AS {selected}"
