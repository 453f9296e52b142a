"""The tables of a release as pandas frames."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from release.errors import UsageError
from release.findings import Finding, FindingsError
from release.package.manifest import folder as manifest_folder
from release.package.manifest.model import NAME
from release.store import fetch

if TYPE_CHECKING:
    import pandas as pd


def load(release: str | Path, table: str) -> pd.DataFrame:
    """Return one table of a release, its rows in the order of its primary key.

    `release` is the folder or the zip of a release, on this machine or behind a URL. A missing value is
    `pd.NA`, of a date None; integers stay integers, dates are `datetime.date`. What is read is held against
    the checksums in the manifest of the release.

    Raises:
        UsageError: there is no release, or no such table in it; the message lists those there are.
        FindingsError: the release cannot be trusted: its manifest, its zip, or a file of the table.
        ReleaseError: a URL cannot be reached.
    """
    import pandas as pd

    with fetch.release(str(release), wanted=_wanted(table)) as opened:
        manifest = manifest_folder.read(opened.folder, is_whole=opened.is_whole)
        if table not in manifest.parquet:
            names = ", ".join(manifest.parquet)
            raise UsageError(f"{release} has no table {table!r}; it has {names}")
        resource = manifest.parquet[table]
        try:
            parts = manifest_folder.read_resource(opened.folder, resource)
            frames = [pd.read_parquet(io.BytesIO(p), dtype_backend="numpy_nullable") for p in parts]
        except (OSError, ValueError) as error:
            message = f"cannot be read as Parquet: {' '.join(str(error).split())[:300]}"
            path = resource.paths[0]
            file = str(opened.folder / path)
            raise FindingsError(
                [Finding("parquet-unreadable", path, message, file=file)]
            ) from error
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def _wanted(table: str) -> Callable[[str], bool]:
    """Return a test for the files of a release that loading a table needs."""
    return lambda path: path == NAME or path.startswith((f"data/{table}.", f"data/{table}/"))
