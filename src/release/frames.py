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

    `release` is its folder or its zip. A missing value is `pd.NA`; integers stay integers, dates are
    `datetime.date`.

    Raises:
        UsageError: there is no release, or no such table in it; the message lists those there are.
    """
    import pandas as pd

    place = Path(release)
    try:
        if place.is_dir():
            descriptor = (place / "datapackage.json").read_bytes()
            data = (place / _path(descriptor, table, place)).read_bytes()
        else:
            with zipfile.ZipFile(place) as archive:
                descriptor = archive.read("datapackage.json")
                data = archive.read(_path(descriptor, table, place))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise UsageError(f"{place} is no release: {error}; expected its folder or zip") from error
    return pd.read_parquet(io.BytesIO(data), dtype_backend="numpy_nullable")


def _path(descriptor: bytes, table: str, place: Path) -> str:
    resources = json.loads(descriptor)["resources"]
    paths = {each["name"]: str(each["path"]) for each in resources}
    if f"{table}-parquet" not in paths:
        names = ", ".join(name for name in paths if not name.endswith("-parquet"))
        raise UsageError(f"{place} has no table {table!r}; it has {names}")
    return paths[f"{table}-parquet"]
