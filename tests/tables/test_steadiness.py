"""Queries of checks: those that are run, as they give the same result every time, and those that are refused.

The two lists are also run with the newest and the lowest versions of all libraries: `make installed`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow as pa
import pytest

from release.descriptor.load import parse
from release.findings.errors import UsageError
from release.tables.queries import checks
from tests.support.queries import BASE, tables

HERE = Path(__file__).parent

#: One query a line; in the second file with the beginning of what is said of it.
STEADY = (HERE / "steady.txt").read_text("utf-8").splitlines()
UNSTEADY = (HERE / "unsteady.txt").read_text("utf-8").splitlines()


def find(queries: list[str], tables: dict[str, pa.Table]) -> list[list[str]]:
    """Run queries as checks, and return the rows that each selects as texts, sorted."""
    text = json.dumps([check(f"q{at}", query) for at, query in enumerate(queries)])
    results = checks.run(tables, parse(f"{BASE}checks: {text}\n", Path("datapackage.yaml")))
    return [sorted(result.messages.to_pylist()) for result in results]


def check(name: str, query: str) -> dict[str, str]:
    """A check that shows all columns of a query."""
    message, columns = "{a}", "SELECT q::VARCHAR AS a FROM"
    return {"name": name, "message": message, "query": f"{columns} (\n{query}\n) AS q"}


def test_steady_queries_select_the_same_whatever_the_order_of_the_rows() -> None:
    """Every one is run, and finds the same in tables whose rows are shuffled."""
    queries = STEADY
    first = find(queries, tables())
    assert sum(map(len, first)) > 300
    for seed in range(1, 6):
        assert dict(zip(queries, find(queries, tables(seed)), strict=True)) == dict(
            zip(queries, first, strict=True)
        )


@pytest.fixture(scope="module")
def refusals() -> dict[str, str]:
    """What is said first of each unsteady query."""
    queries = [line.partition(" | ")[0] for line in UNSTEADY]
    named = [{"name": f"q{at}", "message": "-", "query": query} for at, query in enumerate(queries)]
    descriptor = parse(f"{BASE}checks: {json.dumps(named)}\n", Path("datapackage.yaml"))
    with pytest.raises(UsageError) as refused:
        checks.run(tables(), descriptor)
    said = re.findall(r"^.*?: checks\.(\d+)\.query (.*)$", str(refused.value), re.M)
    return {queries[int(at)]: message for at, message in reversed(said)}


@pytest.mark.parametrize("line", UNSTEADY)
def test_unsteady_queries_are_refused_with_place_and_reason(
    line: str, refusals: dict[str, str]
) -> None:
    """The message says what, where and why."""
    query, _, expected = line.partition(" | ")
    assert refusals.get(query, "is run").startswith(expected), refusals.get(query)
