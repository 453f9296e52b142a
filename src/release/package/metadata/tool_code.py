"""List the code with which each tool loads a table of a release, as its page and its README.md show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from release.package.manifest.model import Manifest
from release.package.manifest.resources import ManifestResource
from release.package.metadata.csv_examples import Columns, from_csv
from release.package.metadata.examples import Example, from_parquet
from release.tables.columns import longest_row

#: The headings of code: what it reads.
PARQUET, CSV, RELEASE = "Parquet", "CSV", "With release"

#: The order of tools.
_TOOLS = (
    "release",
    *("pandas", "Polars", "DuckDB", "SQLite", "Excel", "R"),
    *("Spark", "DataFusion", "JavaScript", "Python"),
)


class ToolCode(NamedTuple):
    """A tool, and the code that it is given, each with what it reads."""

    tool: str
    codes: list[tuple[str, str]]


def list_tools(manifest: Manifest, name: str, table: pa.Table) -> list[ToolCode]:
    """Return the code that loads a table of a release, by tool."""
    fields = _fields(manifest.tables[name])
    _, longest = longest_row(table)
    found: dict[str, list[tuple[str, str]]] = {tool: [] for tool in _TOOLS}
    for what, examples in (
        (PARQUET, _from_parquet(manifest, name)),
        (CSV, from_csv(name, manifest.tables[name].paths[0], fields, longest)),
        (RELEASE, _by_release(manifest.name, name)),
    ):
        for example in examples:
            found[example.tool].append((what, example.code))
    return [ToolCode(tool, codes) for tool, codes in found.items() if codes]


def list_parquet(manifest: Manifest, name: str) -> list[ToolCode]:
    """Return the code that loads a table from its Parquet files, by tool."""
    return [ToolCode(tool, [(PARQUET, code)]) for tool, code in _from_parquet(manifest, name)]


def _from_parquet(manifest: Manifest, name: str) -> list[Example]:
    types = [kind for _, kind in _fields(manifest.tables[name])]
    return from_parquet(place(manifest.parquet[name].paths), types)


def _fields(canonical: ManifestResource) -> Columns:
    """Return the name and the type of each column of a table."""
    assert canonical.schema is not None, "a CSV resource has a schema"
    return [(field.name, field.values) for field in canonical.schema.fields]


def place(paths: Sequence[str]) -> str:
    """Return the path of a table's Parquet: its file, or the folder of its parts."""
    return paths[0] if len(paths) == 1 else paths[0].rpartition("/")[0] + "/"


def _by_release(dataset: str, table: str) -> list[Example]:
    """Return how this program loads a table and makes files for others, from the folder of a release."""
    return [
        Example(
            "release",
            "# checks the file and gives the right types; also for Polars, Arrow and DuckDB\n"
            f'import release\ntable = release.load(".", "{table}")',
        ),
        Example("SQLite", f"release export . --out {dataset}.sqlite"),
        Example("Excel", f"release export . --out {dataset}.xlsx"),
    ]
