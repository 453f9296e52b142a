"""summary.json: what it says of the seeds' release, and of values that are hard to count."""

from __future__ import annotations

import csv
import json
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from release.package.manifest import folder as manifest_folder
from release.package.metadata.summary.columns import summarize_table
from release.syntax.types.value_type import Decimals, ValueType, of
from release.tables.columns import arrow_type
from tests.support.json_schemas import problems as schema_problems
from tests.support.summaries import problems
from tests.support.tables import resource_of


def summary_of(kind: ValueType, values: list[Any]) -> dict[str, Any]:
    """Return the summary of a column."""
    resource = resource_of({"key": of("integer"), "x": kind})
    keys = pa.array(range(len(values)), pa.int64())
    table = pa.table({"key": keys, "x": pa.array(values, arrow_type(kind))})
    return summarize_table(resource, table).column("x").as_json()


def test_the_summary_of_a_release_is_what_duckdb_finds_in_its_csv(built: Path) -> None:
    """Of every column of the seeds' release; labels are those of the codelists."""
    summary = json.loads((built / "summary.json").read_text("utf-8"))
    assert schema_problems("summary", summary) == []
    manifest, _ = manifest_folder.find(built)
    assert manifest is not None
    assert [table["name"] for table in summary["tables"]] == list(manifest.tables)
    for table in summary["tables"]:
        resource = manifest.tables[table["name"]]
        with (built / resource.paths[0]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert table["rows"] == len(rows)
        assert resource.schema is not None
        for field, column in zip(resource.schema.fields, table["columns"], strict=True):
            texts = [row[field.name] or None for row in rows]
            labels = [each.pop("labels", None) for each in column.get("values", [])]
            assert problems(texts, column, field.values.order or "VARCHAR") == [], column
            if field.name == "language" and rows:
                assert {"en": "English", "zh": "英语"} in labels


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        (of("number"), [-0.0, 0.0, None], {"missing": 1, "distinct": 1}),
        (of("integer"), [], {"distinct": 0}),
        (of("boolean"), [True, None, True], {"values": [{"value": "true", "rows": 2}]}),
        (of("integer"), [2, 4], {"histogram": {"edges": ["2", "3", "4", "5"], "rows": [1, 0, 1]}}),
        (of("number"), [2.5] * 3, {"histogram": {"edges": ["2.5", "2.5"], "rows": [3]}}),
        (of("time"), [time(23, 59), time(0, 5)], {"periods": {
            "unit": "hour", "bars": [{"period": "00", "rows": 1}, {"period": "23", "rows": 1}]}}),
        (of("date"), [date(1, 1, 1), date(9999, 12, 31)], {"periods": {
            "unit": "century", "bars": [{"period": "0000", "rows": 1}, {"period": "9900", "rows": 1}]}}),
        (of("yearmonth"), ["2026-01", "2025-12", "2026-01"], {"kind": "dates", "periods": {
            "unit": "month", "bars": [{"period": "2025-12", "rows": 1}, {"period": "2026-01", "rows": 2}]}}),
        (of("yearmonth"), ["-0044-03", "2026-01"], {"kind": "values", "distinct": 2}),
        (of("year"), [-44, 2026], {"quartiles": {"minimum": "-0044", "lower": "-0044", "median": "-0044",
            "upper": "2026", "maximum": "2026"}}),
        (of("string"), list("abcdefg"), {"distinct": 7, "values": None}),
        (of("string"), ["x" * 100], {"kind": "values", "distinct": 1}),
        (of("string"), ["x" * 101], {"kind": "lengths", "distinct": None}),
    ],
)  # fmt: skip
def test_a_summary_shows(kind: ValueType, values: list[Any], expected: dict[str, Any]) -> None:
    """One zero, whole bins, hours, centuries, months as texts, and text that is too long to be counted."""
    found = summary_of(kind, values)
    assert {name: found.get(name) for name in expected} == expected


def test_decimals_of_76_digits_are_summed_up_exactly() -> None:
    """Longer than any number of DuckDB; the edges have two more digits."""
    kind = ValueType("number", decimals=Decimals(76, 38))
    big = Decimal("1" * 38 + "." + "9" * 37 + "1")
    found = summary_of(kind, [big, None, Decimal(-1), Decimal(-1)])
    assert found["quartiles"] == {
        "minimum": f"-1.{'0' * 38}",
        "lower": f"-1.{'0' * 38}",
        "median": f"-1.{'0' * 38}",
        "upper": str(big),
        "maximum": str(big),
    }
    assert found["histogram"]["rows"] == [2, *[0] * 18, 1]
    assert found["histogram"]["edges"][0] == "-1"
    assert found["histogram"]["edges"][20] == str(big)
