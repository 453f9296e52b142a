"""Summaries of columns, computed again by DuckDB from their texts in CSV."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import duckdb
import pyarrow as pa

Json = Any

#: The types of the columns that are numbers, each with one that also holds the edges between its bins.
NUMBERS = {"BIGINT": "DECIMAL(38, 2)", "DOUBLE": "DOUBLE", "DECIMAL(12, 9)": "DECIMAL(38, 11)"}

#: How the period of a time is written, by its unit.
PERIODS = {
    "hour": "lpad(CAST(hour(v) AS VARCHAR), 2, '0')",
    "month": "lpad(CAST(year(v) AS VARCHAR), 4, '0') || '-' || lpad(CAST(month(v) AS VARCHAR), 2, '0')",
    "year": "lpad(CAST(year(v) AS VARCHAR), 4, '0')",
    "decade": "lpad(CAST(year(v) // 10 * 10 AS VARCHAR), 4, '0')",
    "century": "lpad(CAST(year(v) // 100 * 100 AS VARCHAR), 4, '0')",
}


def problems(texts: list[str | None], summary: Json, kind: str) -> list[str]:
    """Return what DuckDB finds otherwise in a column than its summary says.

    `texts` are the values as CSV has them, `kind` is their type in DuckDB.
    """
    with duckdb.connect() as connection:
        connection.register("given", pa.table({"t": pa.array(texts, pa.string())}))
        kind = "BIGINT" if summary["kind"] == "lengths" else kind
        value = "length(t)" if summary["kind"] == "lengths" else "t"
        connection.execute(f"CREATE TABLE x AS SELECT t, CAST({value} AS {kind}) AS v FROM given")
        expected = dict(_expected(connection, summary, kind))
    return [
        f"{name} is {summary.get(name)}, by DuckDB {found}"
        for name, found in expected.items()
        if summary.get(name) != found
    ]


def _expected(connection: duckdb.DuckDBPyConnection, summary: Json, kind: str) -> Any:
    def one(query: str) -> Any:
        return connection.execute(query).fetchone()

    def rows(query: str) -> list[Any]:
        return connection.execute(query).fetchall()

    yield "missing", one("SELECT count(*) - count(v) FROM x")[0]
    present, distinct = one("SELECT count(v), count(DISTINCT v) FROM x")
    yield "distinct", None if summary["kind"] == "lengths" else distinct
    if summary["kind"] == "values":
        common = rows(
            "SELECT t, count(*) n FROM x WHERE t IS NOT NULL GROUP BY t ORDER BY n DESC, t LIMIT 6"
        )
        if not common or (distinct == present > 6):
            yield "values", None
            return
        yield "values", [_describe(text, count) for text, count in common]
        return
    if not present:
        yield from ((name, None) for name in ("quartiles", "histogram", "periods"))
        return
    shown = "CAST(v AS VARCHAR)" if summary["kind"] == "lengths" else "t"
    yield (
        "quartiles",
        {
            name: one(
                f"SELECT min({shown}) FROM x WHERE v = (SELECT quantile_disc(v, {share}) FROM x)"
            )[0]
            for name, share in zip(
                ("minimum", "lower", "median", "upper", "maximum"),
                (0, 0.25, 0.5, 0.75, 1),
                strict=True,
            )
        },
    )
    if summary["kind"] == "dates":
        unit = summary["periods"]["unit"]
        bars = rows(
            f"SELECT {PERIODS[unit]} p, count(*) FROM x WHERE v IS NOT NULL GROUP BY p ORDER BY p"
        )
        yield "periods", {"unit": unit, "bars": [{"period": p, "rows": n} for p, n in bars]}
        return
    edges = summary["histogram"]["edges"]
    low, high = one("SELECT min(v), max(v) FROM x")
    bins = []
    for number, (start, end) in enumerate(pairwise(edges), 2):
        wide, less = NUMBERS[kind], "<=" if number == len(edges) else "<"
        inside = f"w >= CAST('{start}' AS {wide}) AND w {less} CAST('{end}' AS {wide})"
        query = f"SELECT count(*) FROM (SELECT CAST(v AS {wide}) AS w FROM x) WHERE {inside}"
        bins.append(one(query)[0])
    yield "histogram", {"edges": find_edges(low, high, edges), "rows": bins}


def _describe(text: str, rows: int) -> Json:
    """Return a common value as a summary has it, without labels."""
    if len(text) <= 200:
        return {"value": text, "rows": rows}
    return {"value": text[:200], "characters": len(text), "rows": rows}


def find_edges(low: Any, high: Any, edges: list[str]) -> list[str]:
    """Return the edges if they are between these numbers as they have to be, else what they have to be."""
    if isinstance(low, int) and high - low < 20:
        return [str(number) for number in range(low, high + 2)]
    steps = 20 if low < high else 1
    exact = [Fraction(low) + (Fraction(high) - Fraction(low)) * n / steps for n in range(steps + 1)]
    if isinstance(low, float):
        is_right = list(map(float, exact)) == list(map(float, edges))
    else:
        is_right = exact == list(map(Fraction, edges))
    return edges if is_right else list(map(str, exact))
