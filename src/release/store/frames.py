"""The tables of a release as pandas frames."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from release.findings.errors import UsageError
from release.findings.finding import Finding, FindingsError
from release.package.manifest import folder as manifest_folder
from release.package.manifest import tables
from release.package.manifest.model import NAME
from release.package.manifest.resources import ManifestResource
from release.store import fetch

if TYPE_CHECKING:
    import pandas as pd


def load(release: str | Path, table: str, *, compare_csv: bool = False) -> pd.DataFrame:
    """Return one table of a release, its rows in the order of its primary key.

    A missing value is `pd.NA`, of a date None; integers stay integers, dates are `datetime.date`. The Parquet
    is held against the manifest of the release: its size and hash, its columns, and its number of rows.

    Args:
        release: The folder or the zip of a release, on this machine or behind a URL.
        table: The name of the table.
        compare_csv: Whether to hold the Parquet against the CSV too, as `release verify` does. It takes
            two to three times as long. Without it nothing says that the two hold the same.

    Raises:
        UsageError: there is no release, no such table in it, or no pandas.
        FindingsError: the release cannot be trusted: its manifest, its zip, or a file of the table.
        ReleaseError: a URL cannot be reached.
    """
    _expect_pandas()
    import pandas as pd

    with fetch.release(str(release), wanted=_wanted(table)) as opened:
        manifest = manifest_folder.read(opened.folder, is_whole=opened.is_whole)
        known = tables.find(opened.folder, manifest)
        if table not in known:
            names = ", ".join(known)
            raise UsageError(f"{release} has no table {table!r}; it has {names}")
        if compare_csv:
            tables.hold_table(opened.folder, manifest, table)
        resource = manifest.parquet[table]
        try:
            parts = manifest_folder.read_resource(opened.folder, resource)
            rows = tables.check_contents(known[table], parts)
            frames = [pd.read_parquet(io.BytesIO(p), dtype_backend="numpy_nullable") for p in parts]
        except (OSError, ValueError) as error:
            message = f"cannot be read as Parquet: {' '.join(str(error).split())[:300]}"
            raise _unusable(opened.folder, resource, "parquet-unreadable", message) from error
        if (found := sum(map(len, frames))) != rows:
            message = f"says that it has {rows} rows, and has {found}"
            raise _unusable(opened.folder, resource, "parquet-rows", message)
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def _expect_pandas() -> None:
    """Raise an error that says what to do if pandas is missing, which no command needs.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        import pandas  # noqa: F401 — only whether it can be
    except ImportError as error:
        message = "release.load needs pandas, which is not installed: pip install pandas"
        raise UsageError(message) from error


def _unusable(folder: Path, resource: ManifestResource, rule: str, message: str) -> FindingsError:
    """Return the error of a table whose Parquet cannot be used."""
    path = resource.paths[0]
    return FindingsError([Finding(rule, path, message, file=f"{folder}/{path}")])


def _wanted(table: str) -> Callable[[str], bool]:
    """Return a test for the files of a release that loading a table needs."""
    return lambda path: path == NAME or path.startswith((f"data/{table}.", f"data/{table}/"))
