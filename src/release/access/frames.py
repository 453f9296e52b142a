"""`release.load` and `release.open`: the tables of a release for pandas, Polars, Arrow and DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from release.access.engines import Engine
from release.access.reader import Loading, ReleaseReader, TableMapping, open_release

if TYPE_CHECKING:
    import pandas as pd


@overload
def load(
    source: str | Path,
    table: str,
    *,
    version: str = ...,
    labels: str | None = ...,
    engine: Literal["pandas"] = ...,
    checksums: bool = ...,
    compare_csv: bool = ...,
) -> pd.DataFrame: ...
@overload
def load(
    source: str | Path,
    table: None = ...,
    *,
    version: str = ...,
    labels: str | None = ...,
    engine: Engine = ...,
    checksums: bool = ...,
    compare_csv: bool = ...,
) -> TableMapping: ...
@overload
def load(
    source: str | Path,
    table: str,
    *,
    version: str = ...,
    labels: str | None = ...,
    engine: Engine,
    checksums: bool = ...,
    compare_csv: bool = ...,
) -> Any: ...
def load(  # noqa: PLR0913 — each has a default, and its own meaning
    source: str | Path,
    table: str | None = None,
    *,
    version: str = "latest",
    labels: str | None = None,
    engine: Engine = "pandas",
    checksums: bool = True,
    compare_csv: bool = False,
) -> Any:
    """Return one table of a release, its rows in the order of its primary key; or all, as a mapping.

    No value becomes another one: integers stay integers, decimals are exact. For pandas a missing value is
    `pd.NA`, of a date None, and dates are `datetime.date`. The Parquet is held against the manifest of the
    release: its size and hash, its columns, and its number of rows.

    Args:
        source: The folder or the zip of a release, or a store: on this machine, behind http(s), or at an
            address that fsspec reads, such as s3://bucket/folder.
        table: The name of the table; None for all, each of which is loaded when it is first asked for.
        version: The version of a store; the newest final one by default.
        labels: A language, such as `zh`: behind each column of codes comes one of their labels in it.
        engine: The library whose tables are wanted.
        checksums: Whether to hold the size and hash of files against the manifest.
        compare_csv: Whether to hold the Parquet against the CSV too, as `release verify` does. It takes
            two to three times as long. Without it nothing says that the two hold the same.

    Raises:
        UsageError: there is no release, no such version, table or language, or the engine is not installed.
        FindingsError: the release cannot be trusted: its manifest, its zip, or a file of the table.
        ReleaseError: a URL cannot be reached.
    """
    loading = Loading(engine, labels, checksums, compare_csv)
    found = open_release(str(source), version, loading)
    return found.tables if table is None else found.load(table)


def open_reader(
    source: str | Path,
    *,
    version: str = "latest",
    labels: str | None = None,
    engine: Engine = "pandas",
    checksums: bool = True,
) -> ReleaseReader:
    """Open a release: its manifest, tables, relations, findings and citation.

    The arguments and errors are those of `release.load`.
    """
    return open_release(str(source), version, Loading(engine, labels, checksums))
