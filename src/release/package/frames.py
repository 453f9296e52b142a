"""A release's tables as pandas frames."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from release.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


def load(release: str | Path, table: str) -> pd.DataFrame:
    """One table of a release, in the order of its primary key.

    `release` is its folder or its zip. A missing value is `pd.NA`, of a date None; integers stay integers,
    dates are `datetime.date`.

    Raises:
        UsageError: there is no release, or one whose files cannot be read, or no such table in it; the
            message lists those there are.
    """
    import pandas as pd

    place = Path(release)
    try:
        if place.is_dir():
            descriptor = (place / "datapackage.json").read_bytes()
            parts = [(place / path).read_bytes() for path in _paths(descriptor, table, place)]
        else:
            with zipfile.ZipFile(place) as archive:
                descriptor = archive.read("datapackage.json")
                parts = [archive.read(path) for path in _paths(descriptor, table, place)]
        frames = [pd.read_parquet(io.BytesIO(p), dtype_backend="numpy_nullable") for p in parts]
    except (OSError, LookupError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise UsageError(f"{place} is no release: {error}; expected its folder or zip") from error
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def _paths(descriptor: bytes, table: str, place: Path) -> list[str]:
    """The Parquet files of a table: one, or its parts in order."""
    resources = json.loads(descriptor)["resources"]
    paths = {each["name"]: each["path"] for each in resources}
    if f"{table}-parquet" not in paths:
        names = ", ".join(name for name in paths if not name.endswith("-parquet"))
        raise UsageError(f"{place} has no table {table!r}; it has {names}")
    path = paths[f"{table}-parquet"]
    return [str(each) for each in path] if isinstance(path, list) else [str(path)]
