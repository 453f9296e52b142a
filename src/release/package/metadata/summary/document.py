"""Write the summaries of a release as `summary.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from release.package.metadata.summary.model import TableSummary

#: The name of the file.
SUMMARY = "summary.json"


def write(name: str, version: str, tables: Iterable[TableSummary]) -> bytes:
    """Return the summaries of a release as JSON, with one line for each column."""
    return "".join(_lines({"name": name, "version": version}, tables)).encode()


def _lines(about: Mapping[str, Any], tables: Iterable[TableSummary]) -> Iterator[str]:
    yield _dump(about)[:-1] + ', "tables": ['
    end = "\n"
    for table in tables:
        columns = ",\n    ".join(_dump(column.as_json()) for column in table.columns)
        head = _dump({"name": table.name, "rows": table.rows})[:-1]
        yield f'{end}  {head}, "columns": [\n    {columns}\n  ]}}'
        end = ",\n"
    yield "\n]}\n"


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
