"""Describe the tables of a release for the script of its page: what they hold, and how they hang together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from release.descriptor.model import Descriptor, Field, Resource
from release.descriptor.page import relations
from release.descriptor.page.model import EditionColumn, PageContent, TitleColumn
from release.package.manifest.model import Manifest
from release.package.manifest.resources import ManifestField
from release.package.metadata import facts
from release.records.codelists import find_label_columns
from release.records.shapes.tree import paths_of
from release.syntax.paths import Capture, is_in_body, show_path, single_origins

#: What is said of the file of a record, and not of its subject.
_OF_FILE = ("$path", "$sha256", "$bytes", "$format")

#: The columns whose text names a row, the best first; then come those with labels.
_TITLES = ("title", "name")


def describe(
    descriptor: Descriptor, manifest: Manifest, tables: Mapping[str, pa.Table]
) -> dict[str, Any]:
    """Return the model of a release: the JSON that the script of its page reads.

    Tables stand in this order: those that the descriptor puts first, the entity, the tables that belong to
    its rows, those about the records, codelists; each with its columns, keys and files, and the number of
    rows in them.
    """
    page, resources = descriptor.page or PageContent(), descriptor.resources
    entity = descriptor.resource(page.entity) if page.entity else relations.find_entity(resources)
    editions = page.language or relations.find_editions(resources)
    title = page.title or _find_title_column(entity, resources, editions)
    groups = {each.name: _find_group(each, entity) for each in resources}
    order = _order(resources, page.order, groups, entity)
    findings = next((each.name for each in descriptor.resources if each.is_findings), None)
    return {
        "name": manifest.name,
        "version": manifest.version,
        "title": facts.title(manifest),
        "description": manifest.text("description"),
        "citation": facts.cited_as(manifest),
        "entity": entity.name,
        "titles": title
        and {
            "table": title.table,
            "column": title.column,
            "language": title.language or None,
        },
        "language": editions and {"column": editions.column, "table": editions.table or None},
        "languages": _list_languages(descriptor),
        "findings": findings,
        "tables": [
            _describe_table(each, groups[each.name], manifest, tables[each.name].num_rows)
            | {"hidden": _list_hidden(each, page), "quotes": _find_quotes(each, descriptor)}
            for each in order
        ],
    }


_GROUPS = ("records", "about", "codelists")


def _find_group(resource: Resource, entity: Resource) -> str:
    """Return the group of a table: what the records say, what is said about them, or a codelist.

    The entity is among the records, whatever it is. About the records are findings, tables of other kinds of
    records than that of the entity, if it is made from records, and those that describe files.
    """
    if resource.name == entity.name:
        return "records"
    if resource.codelist is not None:
        return "codelists"
    kinds = {rows.kind for rows in entity.rows}
    own = {rows.kind for rows in resource.rows}
    is_other = bool(kinds and own) and not kinds & own
    is_about = any(each.origin in _OF_FILE for each in resource.fields)
    return "about" if resource.is_findings or is_other or is_about else "records"


def _find_title_column(
    entity: Resource, resources: Sequence[Resource], editions: EditionColumn | None
) -> TitleColumn | None:
    """Return the column that names a row of the entity, its own or that of its editions; None without one."""
    if own := _find_title(entity):
        return TitleColumn(entity.name, own)
    if editions is None:
        return None
    for child in resources:
        title = _find_title(child)
        if title and relations.is_named_by(entity, child, editions.column):
            return TitleColumn(child.name, title, editions.column)
    return None


def _find_title(resource: Resource) -> str | None:
    """Return the column of a table that names its rows."""
    labels = find_label_columns(resource) if resource.codelist is not None else {}
    names = [name for name in (*_TITLES, *labels) if name in resource.field_names]
    return names[0] if names else None


def _list_languages(descriptor: Descriptor) -> list[str]:
    """Return the languages in which codelists have labels."""
    lists = [each for each in descriptor.resources if each.codelist is not None]
    return sorted({language for each in lists for language in find_label_columns(each).values()})


def _find_quotes(resource: Resource, descriptor: Descriptor) -> dict[str, Any] | None:
    """Return the columns of a table that hold a quote and where it begins, and where its document stands.

    The document is a row of another table of the same records, which has their text: `fields` lead to it.
    None if a table has no quotes, or no table their documents.
    """
    kinds = {rows.kind for rows in resource.rows}
    starts = [field for field in resource.fields if field.locate is not None]
    for start in starts[:1]:
        quotes = [
            field.name
            for field in resource.fields
            for rows in resource.rows
            if start.locate in list(paths_of(field.origin, rows))
        ]
        for key in resource.foreign_keys:
            document = descriptor.resource(key.resource or resource.name)
            texts = [field.name for field in document.fields if field.origin == "$body"]
            is_own = kinds & {rows.kind for rows in document.rows}
            if quotes and texts and is_own and key.reference_fields == document.primary_key:
                return {
                    "quote": quotes[0],
                    "start": start.name,
                    "table": document.name,
                    "fields": list(key.fields),
                    "text": texts[0],
                }
    return None


def _order(
    resources: Sequence[Resource], first: Sequence[str], groups: Mapping[str, str], entity: Resource
) -> list[Resource]:
    """Return the tables in order: those named in `first`, then by group, in each the entity before others."""
    ranks = {name: at for at, name in enumerate(first)}
    return sorted(
        resources,
        key=lambda each: (
            ranks.get(each.name, len(ranks)),
            _GROUPS.index(groups[each.name]),
            each.name != entity.name,
        ),
    )


def _describe_title(title: TitleColumn) -> dict[str, Any]:
    return {"table": title.table, "column": title.column, "language": title.language or None}


def _list_hidden(resource: Resource, page: PageContent) -> list[str]:
    """Return the columns of a table that are left out where a row is shown."""
    if page.hide is None:
        return [each.name for each in resource.fields if each.origin in _OF_FILE]
    return [name for name in resource.field_names if (resource.name, name) in page.hide]


def _describe_table(
    resource: Resource, group: str, manifest: Manifest, rows: int
) -> dict[str, Any]:
    canonical, binary = manifest.tables[resource.name], manifest.parquet[resource.name]
    labels = find_label_columns(resource) if resource.codelist is not None else {}
    assert canonical.schema is not None, "a CSV resource has a schema"
    return {
        "name": resource.name,
        "title": canonical.text("title"),
        "description": canonical.text("description"),
        "group": group,
        "rows": rows,
        "csv": canonical.paths[0],
        "parquet": list(binary.paths),
        "bytes": binary.bytes,
        "key": list(canonical.schema.primary_key),
        "foreignKeys": [
            {
                "fields": list(key.fields),
                "table": key.resource or resource.name,
                "columns": list(key.reference_fields),
            }
            for key in canonical.schema.foreign_keys
        ],
        "compared": sorted({name for each in resource.compare for name in each.fields}),
        "labels": {language: name for name, language in labels.items()},
        "columns": [_describe_column(field, resource) for field in canonical.schema.fields],
    }


def _describe_column(field: ManifestField, resource: Resource) -> dict[str, Any]:
    return {
        "name": field.name,
        "type": field.type,
        "zone": bool(field.values.zone),
        "title": field.properties.get("title", ""),
        "description": field.description,
        "constraints": dict(field.constraints),
        "categories": field.categories,
        "source": _list_sources(resource, resource.field(field.name)),
    }


def _list_sources(resource: Resource, field: Field) -> list[str]:
    """Return where a column is read from in a record: paths, captures of its path, and what is said of it."""
    found: list[str] = []
    for rows in resource.rows:
        found += map(show_path, paths_of(field.origin, rows))
        for each in single_origins(field.origin):
            if isinstance(each, Capture):
                found.append(f"{{{each.name}}}")
            elif isinstance(each, str) and each != "$value":
                found.append(each)
            elif isinstance(each, tuple) and is_in_body(each):
                found.append(show_path(each))
    return list(dict.fromkeys(found))
