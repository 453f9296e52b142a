"""Queries of checks: those that are run, as they give the same result every time, and those that are refused.

The two lists are also run with the newest and the lowest versions of all libraries: `make newest lowest`.
"""

from __future__ import annotations

import json
import random
import re
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from release.descriptor.load import parse
from release.errors import UsageError
from release.tables.queries import checks
from tests.support.descriptors import FINDINGS

HERE = Path(__file__).parent

#: One query a line; in the second file with the beginning of what is said of it.
BASE = """\
name: notes
version: 0.1.0
created: '2026-01-01T00:00:00Z'
records:
  notes: {path: "records/{language}/{note}.md"}
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [note, language]
      fields:
        - {name: note, from: "{note}"}
        - {name: language, from: "{language}"}
        - {name: title, from: title}
        - {name: seen, type: date, from: seen}
        - {name: stars, type: integer, from: stars}
        - {name: score, type: number, from: score}
        - {name: hot, type: boolean, from: hot}
  - name: tags
    rows: "notes/tags.{n}"
    schema:
      primaryKey: [note, language, n]
      fields:
        - {name: note, from: "{note}"}
        - {name: language, from: "{language}"}
        - {name: n, type: integer, from: "{n}"}
        - {name: tag, from: "notes/tags.{n}"}
"""

NOTES = {
    "note": ["a", "a", "b", "c", "d"],
    "language": ["de", "en", "en", "en", "en"],
    "title": ["Regen", "Rain", "Rain", None, "Sun, wind"],
    "seen": [date(2026, 1, 2), date(2026, 1, 2), date(2025, 6, 30), None, date(2026, 1, 2)],
    "stars": [3, 3, 5, 5, None],
    "score": [0.5, 0.25, 0.5, None, 8.0],
    "hot": [True, True, False, None, False],
}
TAGS = {
    "note": ["a", "a", "a", "b", "d"],
    "language": ["de", "en", "en", "en", "en"],
    "n": [1, 1, 2, 1, 1],
    "tag": ["nass", "wet", "cold", "wet", "dry"],
}

STEADY = (HERE / "steady.txt").read_text("utf-8").splitlines()
UNSTEADY = (HERE / "unsteady.txt").read_text("utf-8").splitlines()


def find(queries: list[str], tables: dict[str, pa.Table]) -> list[list[str]]:
    """Run queries as checks, and return the rows that each selects as texts, sorted."""
    text = json.dumps([check(f"q{at}", query) for at, query in enumerate(queries)])
    results = checks.run(
        tables, parse(f"{BASE}{FINDINGS}checks: {text}\n", Path("datapackage.yaml"))
    )
    return [sorted(result.messages.to_pylist()) for result in results]


def check(name: str, query: str) -> dict[str, str]:
    """A check that shows all columns of a query."""
    message, columns = "{a}", "SELECT q::VARCHAR AS a FROM"
    return {"name": name, "message": message, "query": f"{columns} (\n{query}\n) AS q"}


def tables(seed: int = 0) -> dict[str, pa.Table]:
    """The tables, with their rows in an order by a seed."""
    shuffled = random.Random(seed).sample
    return {
        name: (table := pa.table(columns)).take(shuffled(range(table.num_rows), table.num_rows))
        for name, columns in (("notes", NOTES), ("tags", TAGS))
    }


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
    descriptor = parse(f"{BASE}{FINDINGS}checks: {json.dumps(named)}\n", Path("datapackage.yaml"))
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
