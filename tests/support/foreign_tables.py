"""Releases that another program might have made: their tables hold what no record of ours gives."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.kit import sha256


def copy_with_texts(release: Path, target: Path, table: str, texts: Sequence[str]) -> Path:
    """Copy the manifest and one table of a release, whose last column holds these texts instead.

    The table has as many rows, with the first values of its other columns. Its Parquet fits the manifest.
    """
    (target / "data").mkdir(parents=True)
    manifest = json.loads((release / "datapackage.json").read_text("utf-8"))
    path = target / f"data/{table}.parquet"
    rows = pq.read_table(release / f"data/{table}.parquet").replace_schema_metadata(None)
    rows = rows.take([0] * len(texts))
    name = rows.column_names[-1]
    column = pa.array(texts, pa.string())
    pq.write_table(rows.set_column(rows.num_columns - 1, name, column), path, store_schema=False)
    for resource in manifest["resources"]:
        if resource["path"] == f"data/{table}.parquet":
            resource["bytes"] = path.stat().st_size
            resource["hash"] = f"sha256:{sha256(path.read_bytes())}"
        elif resource["path"] == f"data/{table}.csv":
            shutil.copy(release / resource["path"], target / resource["path"])
    kept = [each for each in manifest["resources"] if (target / str(each["path"])).is_file()]
    for resource in kept:
        resource["schema"].pop("foreignKeys", None)
    (target / "datapackage.json").write_text(json.dumps({**manifest, "resources": kept}), "utf-8")
    return target
