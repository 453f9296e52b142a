"""Show a release as one HTML page, which needs no script, no font and no other file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from markupsafe import Markup

from release.package import render
from release.package.manifest.model import Manifest
from release.package.manifest.resources import ManifestField, ManifestResource, ManifestSchema
from release.package.metadata import facts, schema_org, tool_code
from release.package.metadata.bibtex import write_bibtex
from release.package.metadata.summary.model import ColumnSummary, TableSummary
from release.package.page import limit
from release.package.page.limit import Part
from release.package.page.pictures import columns, diagram, words
from release.package.page.pictures.chart import Chart
from release.package.page.rule_findings import MOST, list_findings
from release.package.page.script_data import ScriptData, read_script
from release.package.zip import zip_name
from release.syntax import versions
from release.syntax.escapes import escape_script

NAME = "index.html"

#: So many rows of each table are shown, and so many characters of a value.
ROWS = 5
CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Overview:
    """The summaries of all tables, the pictures that the descriptor declares, the script and what it reads.

    Without summaries the page says nothing of what is in the columns. It has at most `most` bytes.
    """

    summaries: Sequence[TableSummary] = ()
    pictures: Sequence[Chart] = ()
    embedded: ScriptData | None = None
    most: int = limit.MAX_BYTES


def pieces(
    manifest: Manifest,
    tables: Mapping[str, pa.Table],
    findings: str | None,
    beside: Collection[str],
    overview: Overview = Overview(),
) -> Iterator[str]:
    """Yield the page of a release in pieces; it leaves out what would make it too large.

    `findings` is the name of the table of findings, `beside` are the names of the files in the page's folder.
    """
    of = _Release(manifest, tables, findings, beside, overview)
    yield from limit.fit(of.write, overview.most)


@dataclass(frozen=True, slots=True)
class _Release:
    """The release of a page; see `pieces`."""

    manifest: Manifest
    tables: Mapping[str, pa.Table]
    findings: str | None
    beside: Collection[str]
    overview: Overview

    def write(self, left_out: Sequence[Part], room: int | None) -> Iterator[str]:
        """Yield the page without some parts, with at most so many characters of data."""
        shown = self._show_tables(left_out)
        data, noticed = self.overview.embedded, None
        if self.findings:
            noticed = list_findings(self.tables[self.findings])
        is_short, has_dictionary = "search" in left_out, "dictionary" not in left_out
        yield from render.template("release.html.j2").generate(
            package=self.manifest,
            shorten=limit.cut if "texts" in left_out else _keep,
            most_listed=limit.MOST_LISTED if "texts" in left_out else None,
            title=facts.title(self.manifest),
            is_draft=versions.is_draft(self.manifest.version),
            facts=facts,
            link=lambda path: path if path in self.beside else facts.url(path),
            described=escape_script(schema_org.schema_org(self.manifest))
            if has_dictionary
            else None,
            tables=_order(shown, data),
            groups=_group(shown, data),
            most_tables=limit.MOST_TABLES if is_short else None,
            pictures=self.overview.pictures,
            diagram=self._draw() if has_dictionary else None,
            noticed=noticed,
            findings=self.findings,
            beside=self.beside,
            archive=zip_name(self.manifest.name, self.manifest.version),
            **self._write_code() if not is_short else {},
            rows=ROWS,
            most=MOST,
            is_short=is_short,
            has_dictionary=has_dictionary,
            left_out=self._explain(left_out, room),
            script=read_script() if data and not is_short else "",
            embedded=data.elements(left_out, room) if data and not is_short else (),
        )

    def _show_tables(self, left_out: Sequence[Part]) -> list[dict[str, Any]]:
        """Return what the page shows of each table."""
        held = {each.name: each for each in self.overview.summaries}
        found = [
            _table(self.manifest.tables[name], self.manifest.parquet[name], table)
            | {"first": _first(table) if "rows" not in left_out else []}
            | {"summaries": _list_summaries(held.get(name), left_out)}
            for name, table in self.tables.items()
        ]
        sources = _list_sources(self.overview.embedded)
        for table in found:
            for column in table["columns"]:
                column["sources"] = sources.get((table["name"], column["name"]), [])
        return found

    def _draw(self) -> Markup | None:
        """Return the diagram of the tables; None without one."""
        return diagram.draw([self.manifest.tables[name] for name in self.tables])

    def _write_code(self) -> dict[str, Any]:
        """Return the code that loads the first table, by tool, and the entry for BibTeX."""
        first = next(iter(self.tables))
        return {
            "loaded": first,
            "loading": tool_code.list_tools(self.manifest, first, self.tables[first]),
            "bibtex": write_bibtex(self.manifest),
        }

    def _explain(self, left_out: Sequence[Part], room: int | None) -> str:
        """Return what the page leaves out, in a sentence."""
        data = self.overview.embedded
        lost = {*data.choose()} - {*data.choose(room)} if data else ()
        return limit.explain(left_out, len(lost))


def _keep(text: str, most: int = 0) -> str:  # noqa: ARG001 — as `limit.cut`
    """Return a text as it is."""
    return text


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


def _table(
    canonical: ManifestResource,
    binary: ManifestResource,
    table: pa.Table,
) -> dict[str, Any]:
    schema = canonical.schema
    assert schema is not None, "a CSV resource has a schema"
    return {
        "name": canonical.name,
        "about": canonical.text("description") or canonical.text("title"),
        "rows": table.num_rows,
        "csv": canonical.paths[0],
        "size": render.size(canonical.bytes),
        "parquet": tool_code.place(binary.paths),
        "key": schema.primary_key,
        "columns": [_column(field, schema) for field in schema.fields],
    }


#: What a column holds that is read from no place in a record.
_OF_RECORDS = {
    "$body": "the record's text",
    "$path": "the record's path",
    "$sha256": "the record's SHA-256",
    "$bytes": "the record's size",
    "$format": "the record's format",
}


def _list_sources(
    embedded: ScriptData | None,
) -> dict[tuple[str, str], list[tuple[str, bool]]]:
    """Return where each column is read from, by table and name: paths as code, and words; these are False."""
    return {
        (table["name"], column["name"]): [
            (_OF_RECORDS.get(each, each), each not in _OF_RECORDS) for each in column["source"]
        ]
        for table in (embedded.model["tables"] if embedded else ())
        for column in table["columns"]
    }


def _list_summaries(summary: TableSummary | None, left_out: Sequence[Part]) -> list[dict[str, Any]]:
    """Return what the dictionary says of the values of each column."""
    if summary is None or "summaries" in left_out:
        return []
    return [_summary(each, left_out) for each in summary.columns]


def _summary(summary: ColumnSummary, left_out: Sequence[Part]) -> dict[str, Any]:
    """Return what the dictionary says of the values of a column."""
    return {
        "name": summary.name,
        "distinct": "not counted" if summary.distinct is None else f"{summary.distinct:,}",
        "missing": summary.missing,
        "picture": columns.draw(summary) if "pictures" not in left_out else None,
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
