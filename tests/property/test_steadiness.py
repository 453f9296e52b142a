"""A query that is run as a check selects the same rows, whatever the order of the rows in its tables."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import event, given, settings
from hypothesis import strategies as st

from release.descriptor.load import parse
from release.findings.errors import UsageError
from release.tables.queries import checks
from tests.support.queries import BASE, tables

COLUMNS = ["note", "language", "title", "seen", "stars", "score", "hot"]
columns = st.sampled_from(COLUMNS)
lists = st.lists(columns, min_size=1, max_size=3, unique=True).map(", ".join)
perhaps_order = st.one_of(st.just(""), lists.map(" ORDER BY {}".format))
SOURCES = [
    "notes",
    "(SELECT n.* FROM notes n JOIN tags t USING (note, language)) x",
    "(SELECT n.* FROM tags t LEFT JOIN notes n ON n.note = t.note AND n.language = t.language) x",
    "(SELECT n.* FROM notes n, tags t WHERE n.note = t.note) x",
    "(SELECT DISTINCT * EXCLUDE (language), 'de' AS language FROM notes) x",
    "(SELECT * FROM notes UNION ALL SELECT * FROM notes) x",
    "(SELECT * FROM notes WHERE language = 'en') x",
    (
        "(SELECT note, max(language) AS language, min(title) AS title, max(seen) AS seen, "
        "max(stars) AS stars, min(score) AS score, bool_or(hot) AS hot FROM notes GROUP BY note) x"
    ),
]
sources = st.sampled_from(SOURCES)


@st.composite
def aggregates(draw: st.DrawFn) -> str:
    """An aggregate over some groups, with or without an order."""
    name = draw(st.sampled_from(["first", "last", "list", "any_value", "max", "count", "sum"]))
    value = "stars" if name == "sum" else draw(columns)
    call = f"{name}({value}{draw(perhaps_order)})"
    if draw(st.booleans()):
        call = f"{draw(st.sampled_from(['arg_max', 'arg_min']))}({draw(columns)}, {draw(columns)})"
    groups = draw(lists)
    return f"SELECT {groups}, {call} AS a FROM {draw(sources)} GROUP BY {groups}"


@st.composite
def windows(draw: st.DrawFn) -> str:
    """A window function over some rows, with or without partitions, orders and a frame."""
    call = draw(
        st.sampled_from(
            "row_number() rank() ntile(2) lag(title) lead(stars) first_value(title) last_value(title) "
            "sum(stars) count(*) list(title) max(score)".split()
        )
    )
    parts = draw(st.one_of(st.just(""), lists.map("PARTITION BY {}".format)))
    frame = draw(st.sampled_from(["", " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW"]))
    order = draw(perhaps_order)
    over = f"{parts}{order}{frame if order else ''}"
    return f"SELECT {draw(lists)}, {call} OVER ({over}) AS a FROM {draw(sources)}"


@st.composite
def parts(draw: st.DrawFn) -> str:
    """Some rows of a table, in an order or in none."""
    shown, order = draw(lists), draw(perhaps_order)
    if draw(st.booleans()):
        return f"SELECT DISTINCT ON ({draw(lists)}) {shown} FROM {draw(sources)}{order}"
    of = draw(st.sampled_from(["LIMIT 1", "LIMIT 2 OFFSET 1", "LIMIT 40%"]))
    return f"SELECT {shown} FROM {draw(sources)}{order} {of}"


def found(query: str, seed: int) -> list[str] | str:
    """The rows that a query selects, as texts, in tables whose rows are shuffled; or why it is refused."""
    shown = f"SELECT q::VARCHAR AS a FROM ({query}) AS q"
    text = json.dumps([{"name": "q", "message": "{a}", "query": shown}])
    descriptor = parse(f"{BASE}checks: {text}\n", Path("datapackage.yaml"))
    try:
        (result,) = checks.run(tables(seed), descriptor)
    except UsageError as refused:
        return str(refused)
    return sorted(result.messages.to_pylist())


@settings(max_examples=40)
@given(st.one_of(aggregates(), windows(), parts()))
def test_what_is_run_does_not_depend_on_the_order_of_rows(query: str) -> None:
    """And so on no number of threads; what might is refused."""
    first = found(query, 0)
    event("run" if isinstance(first, list) else "refused")
    assert "cannot be judged" not in first
    if isinstance(first, list):
        assert all(found(query, seed) == first for seed in (1, 2, 3))
