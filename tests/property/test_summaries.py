"""Summaries of columns say what DuckDB finds in the CSV, for every type, whatever fits in memory."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date
from typing import Any

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from release.package.metadata.summary.columns import summarize_table
from release.syntax.types.value_type import Decimals, ValueType, of
from release.system.limits import Limits
from release.tables import csv as csv_format
from release.tables.columns import arrow_type
from tests.support.summaries import problems
from tests.support.tables import resource_of

TEXTS = st.one_of(
    st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "碳捕集", "😀", "é", " ", "NA"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9),
)

#: A type, its type in DuckDB, and values of it: many that are the same, and a few from everywhere.
KINDS: list[tuple[ValueType, str, st.SearchStrategy[Any]]] = [
    (of("integer"), "BIGINT", st.one_of(st.integers(-9, 9), st.integers(-(2**63), 2**63 - 1))),
    (of("integer"), "BIGINT", st.integers(0, 60)),
    (
        of("number"),
        "DOUBLE",
        st.one_of(
            st.integers(0, 9).map(float), st.floats(allow_nan=False, allow_infinity=False)
        ).map(lambda number: number + 0.0),
    ),
    (
        ValueType("number", decimals=Decimals(12, 9)),
        "DECIMAL(12, 9)",
        st.decimals(-999, 999, places=9),
    ),
    (of("year"), "BIGINT", st.integers(1900, 2030)),
    (of("boolean"), "BOOLEAN", st.booleans()),
    (of("date"), "DATE", st.one_of(st.dates(date(2024, 1, 1), date(2025, 12, 31)), st.dates())),
    (of("date"), "DATE", st.dates(date(1800, 1, 1), date(2100, 12, 31))),
    (of("datetime"), "TIMESTAMP", st.datetimes(timezones=st.just(UTC))),
    (ValueType("datetime"), "TIMESTAMP", st.datetimes()),
    (of("time"), "TIME", st.times()),
    (of("string"), "VARCHAR", TEXTS),
    (of("string"), "VARCHAR", TEXTS.map(lambda text: text * 60)),
]


@st.composite
def columns(draw: st.DrawFn) -> tuple[ValueType, str, list[Any], int]:
    """A type, its type in DuckDB, values of which some are missing, and the bytes counted at once."""
    kind, sql, values = draw(st.sampled_from(KINDS))
    found = draw(st.lists(st.one_of(st.none(), values, values), max_size=40))
    return kind, sql, found, draw(st.sampled_from([1, 64, 1 << 20]))


@settings(max_examples=60)
@given(made=columns(), cut=st.integers(0, 40))
@example(made=(of("integer"), "BIGINT", [-(2**63), 2**63 - 1, 0], 1), cut=1)
@example(made=(of("date"), "DATE", [date(1, 1, 1), date(9999, 12, 31)], 1), cut=1)
@example(
    made=(
        of("number"),
        "DOUBLE",
        [5e-324, 0.0, 1.7976931348623157e308, -1.7976931348623157e308],
        1,
    ),
    cut=0,
)
@example(made=(of("string"), "VARCHAR", ["x" * 101] * 2 + [None], 1 << 20), cut=1)
@example(made=(of("string"), "VARCHAR", ["x" * 250, "b", "b", "b", "b"], 1 << 20), cut=2)
def test_a_summary_is_what_duckdb_finds(
    made: tuple[ValueType, str, list[Any], int], cut: int
) -> None:
    """Missing, distinct, quartiles, bins, periods and the commonest values; in any ranges and chunks."""
    kind, sql, values, compared = made
    types = {"key": of("integer"), "x": kind}
    cells = pa.array(values, arrow_type(kind))
    table = pa.table(
        {
            "key": pa.array(range(len(values)), pa.int64()),
            "x": pa.chunked_array([cells[:cut], cells[cut:]]),
        }
    )
    resource = resource_of(types)
    found = summarize_table(resource, table, Limits(compared_keys=compared)).column("x").as_json()
    target = io.BytesIO()
    csv_format.write([table], table.schema, target, resource.fields)
    texts = [
        row[1] or None for row in list(csv.reader(io.StringIO(target.getvalue().decode())))[1:]
    ]
    assert problems(texts, found, sql) == []


@given(values=st.lists(TEXTS, min_size=1, max_size=40))
def test_a_sorted_key_is_counted_as_any_column(values: list[str]) -> None:
    """The first column of a key is sorted, and so is counted by comparing neighbours."""
    resource = resource_of({"key": of("string"), "other": of("string")})
    ordered = sorted(values)
    table = pa.table({"key": ordered, "other": ordered})
    first, second = summarize_table(replace(resource, primary_key=("key", "other")), table).columns
    assert first == replace(second, name="key")
