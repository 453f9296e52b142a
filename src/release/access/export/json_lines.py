"""A table of a release as lines of JSON: one object a row."""

from __future__ import annotations

import json
from pathlib import Path

from release.access import json_rows
from release.access.export.tables import ExportTable


def write(table: ExportTable, target: Path) -> None:
    """Write the rows of a table, in their order; every column is in every object, a missing value as null."""
    names = [f"{json.dumps(each.name, ensure_ascii=False)}: " for each in table.fields]
    types = [each.values for each in table.fields]
    with target.open("w", encoding="utf-8", newline="") as file:
        for batch in table.batches():
            columns = [
                json_rows.write_column(column, kind)
                for column, kind in zip(batch.columns, types, strict=True)
            ]
            file.writelines(f"{row}\n" for row in json_rows.join(names, columns))
