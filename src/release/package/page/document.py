"""Show a release as one HTML page, which needs no script, no font and no other file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from release.package import render
from release.package.manifest.model import Manifest
from release.package.manifest.resources import ManifestField, ManifestResource, ManifestSchema
from release.package.metadata import facts, schema_org
from release.package.metadata.examples import Example, from_csv, from_parquet
from release.package.metadata.summary.model import ColumnSummary, TableSummary
from release.package.page.pictures import columns, diagram, words
from release.package.page.pictures.chart import Chart
from release.package.page.rule_findings import MOST, list_findings
from release.package.page.script_data import ScriptData, read_script
from release.package.zip import zip_name
from release.syntax import versions
from release.syntax.escapes import escape_script
from release.syntax.types.value_type import ValueType
from release.tables.columns import longest_row

NAME = "index.html"

#: So many rows of each table are shown, and so many characters of a value.
ROWS = 5
CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Overview:
    """The summaries of all tables, the pictures that the descriptor declares, the script and what it reads.

    Without summaries the page says nothing of what is in the columns.
    """

    summaries: Sequence[TableSummary] = ()
    pictures: Sequence[Chart] = ()
    embedded: ScriptData | None = None


def pieces(
    manifest: Manifest,
    tables: Mapping[str, pa.Table],
    findings: str | None,
    beside: Collection[str],
    overview: Overview = Overview(),
) -> Iterator[str]:
    """Yield the page of a release in pieces.

    `findings` is the name of the table of findings, `beside` are the names of the files in the page's folder.
    """
    held = {each.name: each for each in overview.summaries}
    shown = [
        _table(manifest.tables[name], manifest.parquet[name], table, held.get(name))
        for name, table in tables.items()
    ]
    first = manifest.tables[shown[0]["name"]]
    data = overview.embedded
    yield from render.template("release.html.j2").generate(
        package=manifest,
        title=facts.title(manifest),
        is_draft=versions.is_draft(manifest.version),
        facts=facts,
        link=lambda path: path if path in beside else facts.url(path),
        described=escape_script(schema_org.schema_org(manifest)),
        tables=_order(shown, data),
        groups=_group(shown, data),
        pictures=overview.pictures,
        diagram=diagram.draw([manifest.tables[name] for name in tables]),
        noticed=list_findings(tables[findings]) if findings else None,
        findings=findings,
        beside=beside,
        archive=zip_name(manifest.name, manifest.version),
        loading=from_parquet(shown[0]["parquet"], _types(first)),
        loading_csv=load_csv(first, tables[first.name]),
        rows=ROWS,
        most=MOST,
        script=read_script() if data else "",
        embedded=data.elements() if data else (),
    )


def _order(
    tables: Sequence[dict[str, Any]], embedded: ScriptData | None
) -> Sequence[dict[str, Any]]:
    """Return the tables in the order of the model, if there is one."""
    shown = {each["name"]: each for each in tables}
    return [shown[each["name"]] for each in embedded.model["tables"]] if embedded else tables


#: The headings of the groups of tables, as the model names them.
_HEADINGS = {"records": "Records", "about": "About the records", "codelists": "Codelists"}


def _group(
    tables: Sequence[dict[str, Any]], embedded: ScriptData | None
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the tables that have rows under the heading of their group, each in the order of the model."""
    if embedded is None:
        return [("", [each for each in tables if each["rows"]])]
    shown = {each["name"]: each for each in tables if each["rows"]}
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in _HEADINGS}
    for table in embedded.model["tables"]:
        if table["name"] in shown:
            groups[table["group"]].append(shown[table["name"]])
    return [(_HEADINGS[name], listed) for name, listed in groups.items() if listed]


def place(paths: Sequence[str]) -> str:
    """Return the path of a table's Parquet: its file, or the folder of its parts."""
    return paths[0] if len(paths) == 1 else paths[0].rpartition("/")[0] + "/"


def _types(canonical: ManifestResource) -> list[ValueType]:
    assert canonical.schema is not None, "a CSV resource has a schema"
    return [field.values for field in canonical.schema.fields]


def load_csv(canonical: ManifestResource, table: pa.Table) -> list[Example]:
    """Return code that loads a table from its CSV file, by tool."""
    assert canonical.schema is not None, "a CSV resource has a schema"
    fields = [(field.name, field.values) for field in canonical.schema.fields]
    _, longest = longest_row(table)
    return from_csv(canonical.name, canonical.paths[0], fields, longest)


def _table(
    canonical: ManifestResource,
    binary: ManifestResource,
    table: pa.Table,
    summary: TableSummary | None,
) -> dict[str, Any]:
    schema = canonical.schema
    assert schema is not None, "a CSV resource has a schema"
    return {
        "name": canonical.name,
        "about": canonical.text("description") or canonical.text("title"),
        "rows": table.num_rows,
        "csv": canonical.paths[0],
        "size": render.size(canonical.bytes),
        "parquet": place(binary.paths),
        "key": schema.primary_key,
        "columns": [_column(field, schema) for field in schema.fields],
        "first": _first(table),
        "summaries": [_summary(each) for each in summary.columns] if summary else [],
    }


def _summary(summary: ColumnSummary) -> dict[str, Any]:
    """Return what the dictionary says of the values of a column."""
    return {
        "name": summary.name,
        "distinct": "not counted" if summary.distinct is None else f"{summary.distinct:,}",
        "missing": summary.missing,
        "picture": columns.draw(summary),
        "words": words.describe_values(summary),
    }


def _column(field: ManifestField, schema: ManifestSchema) -> dict[str, Any]:
    """Return the facts of a column; a reference is the name of a table, empty for its own."""
    references = [key.resource for key in schema.foreign_keys if field.name in key.fields]
    constraints = [
        name if value is True else f"{name} {_written(value)}"
        for name, value in field.constraints.items()
        if value is not False
    ]
    if field.categories:
        constraints.append(f"one of {_written(field.categories)}")
    return {
        "name": field.name,
        "type": field.type,
        "constraints": ", ".join(constraints),
        "references": list(dict.fromkeys(references)),
        "about": field.properties.get("description") or field.properties.get("title", ""),
    }


def _written(value: Any) -> str:
    """Return the value of a constraint as text; of a list, its items."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _first(table: pa.Table) -> list[list[str | None]]:
    """Return the first rows; each value as CSV writes it, cut if it is long, or None if it is missing."""
    columns = [column.slice(0, ROWS).cast(pa.string()).to_pylist() for column in table.columns]
    return [[_cut(text) for text in row] for row in zip(*columns, strict=True)]


def _cut(text: str | None) -> str | None:
    if text is None or len(text) <= CHARACTERS:
        return text
    return text[: CHARACTERS - 1] + "…"
