"""Keys that are seen to be right without a query are right, and no others."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from release.descriptor.load import parse
from release.system.limits import Limits
from release.tables import keys
from release.tables.columns import arrow_schema

DESCRIPTOR = """\
name: things
version: 0.1.0
created: '2026-01-31T00:00:00Z'
resources:
  - name: things
    path: things.csv
    schema:
      primaryKey: [a, b]
      uniqueKeys: [[b, c, d]]
      foreignKeys:
        - {fields: [c, b], reference: {resource: others, fields: [x, y]}}
        - {fields: [d], reference: {resource: others, fields: [z]}}
        - {fields: [n], reference: {resource: others, fields: [m]}}
      fields:
        - {name: a, type: string}
        - {name: b, type: integer}
        - {name: c, type: string}
        - {name: d, type: date}
        - {name: n, type: number, constraints: {unique: true}}
  - name: others
    path: others.csv
    schema:
      primaryKey: [x, y]
      fields:
        - {name: x, type: string}
        - {name: y, type: integer}
        - {name: z, type: date}
        - {name: m, type: number}
"""
OF = parse(DESCRIPTOR, Path("datapackage.yaml"))

#: The keys of that, table by table: those that are unique, and those that refer to another table.
UNIQUE = (
    ("things-primaryKey", "things", ["a", "b"]),
    ("things-uniqueKeys", "things", ["b", "c", "d"]),
    ("n-unique", "things", ["n"]),
    ("others-primaryKey", "others", ["x", "y"]),
)
REFERENCES = ((["c", "b"], ["x", "y"]), (["d"], ["z"]), (["n"], ["m"]))

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.sampled_from(["a", "b", "\uffff", "\U0001f600"]),
    "integer": st.sampled_from([0, 1, -(2**63)]),
    "date": st.sampled_from([date(1, 1, 1), date(2026, 1, 31)]),
    "number": st.sampled_from([0.0, -0.0, 1.5]),
}
_ARROW = {"string": pa.string(), "date": pa.date32(), "number": pa.float64()}


@st.composite
def tables(draw: st.DrawFn) -> dict[str, pa.Table]:
    """Both tables, with values that repeat; each in one chunk or in two, sorted or not."""
    made = {}
    for resource in OF.resources:
        of_row = st.tuples(*(st.none() | VALUES[field.type] for field in resource.fields))
        rows = draw(st.lists(of_row, max_size=6))
        schema = arrow_schema(resource.fields)
        table = pa.Table.from_pylist(
            [dict(zip(schema.names, row, strict=True)) for row in rows], schema
        )
        if draw(st.booleans()):
            table = table.sort_by([(name, "ascending") for name in resource.primary_key])
        cut = draw(st.integers(0, table.num_rows))
        made[resource.name] = pa.concat_tables([table.slice(0, cut), table.slice(cut)])
    return made


@st.composite
def two_tables(draw: st.DrawFn) -> tuple[pa.Table, pa.Table]:
    """Two tables of the same few columns, with few values."""
    kinds = draw(st.lists(st.sampled_from(["string", "date", "number"]), min_size=1, max_size=2))
    schema = pa.schema([(f"c{at}", _ARROW[kind]) for at, kind in enumerate(kinds)])
    of_row = st.tuples(*(st.none() | VALUES[kind] for kind in kinds))
    own = draw(st.lists(of_row, max_size=6))
    others = draw(st.lists(of_row, max_size=3)) + own[: draw(st.integers(0, 6))]
    one, other = (
        pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)
        for rows in (own, others)
    )
    cut = draw(st.integers(0, one.num_rows))
    return pa.concat_tables([one.slice(0, cut), one.slice(cut)]), other


def rows_of(table: pa.Table) -> list[tuple[Any, ...]]:
    """The rows of a table as Python has them: zero is zero, whatever its sign."""
    return [tuple(row.values()) for row in table.to_pylist()]


def broken(made: dict[str, pa.Table]) -> list[tuple[str, str, int, str, int]]:
    """The rule, table, row, field and earlier row of all that breaks a key of `OF`, row by row."""
    found = []
    for rule, name, fields in UNIQUE:
        first: dict[tuple[Any, ...], int] = {}
        for at, row in enumerate(rows_of(made[name].select(fields))):
            if None not in row and first.setdefault(row, at) < at:
                found.append((rule, name, at, fields[-1], first[row]))
    others = made["others"]
    for fields, referred in REFERENCES:
        there = rows_of(others.select(referred))
        for at, row in enumerate(rows_of(made["things"].select(fields))):
            if set(row) != {None} and (None in row or row not in there):
                missing = [name for name, value in zip(fields, row, strict=True) if value is None]
                field = (missing or fields[-1:])[0]
                found.append(("things-foreignKeys", "things", at, field, -1))
    return sorted(found, key=lambda each: each[1] == "others")


ONE_ROW = pa.table({"c0": ["a"], "c1": ["x"]})
LACKS_A_PART = pa.table({"c0": ["b"], "c1": pa.array([None], pa.string())})


@settings(max_examples=500)
@given(two_tables(), st.integers(1, 6))
@example((pa.table({"c0": ["a", "b", None, "a"]}), pa.table({})), 6)
def test_nothing_repeats_where_that_is_said(made: tuple[pa.Table, pa.Table], at_once: int) -> None:
    """It is said of every table without repeats, unless its numbers are only alike; and of no other."""
    table, _ = made
    said = keys.has_no_repeats(table, Limits(compared_rows=at_once))
    whole = [row for row in rows_of(table) if None not in row]
    differ = len(set(whole)) == len(whole)
    assert said <= differ
    if pa.float64() not in table.schema.types:
        assert said == differ


@settings(max_examples=500)
@given(two_tables(), st.integers(1, 6))
@example((pa.table({"c0": ["a"], "c1": ["x"]}), LACKS_A_PART), 6)
@example((pa.table({"c0": ["a", "a"], "c1": ["x", "y"]}), ONE_ROW), 6)
def test_all_rows_refer_to_something_where_that_is_said(
    made: tuple[pa.Table, pa.Table], at_once: int
) -> None:
    """A row with no part refers to nothing and may; one with some of its parts may not."""
    own, target = made
    said = keys.is_contained(own, target, Limits(compared_rows=at_once))
    there = {row for row in rows_of(target) if None not in row}
    right = all(row in there or set(row) == {None} for row in rows_of(own))
    assert said <= right
    if pa.float64() not in own.schema.types:
        assert said == right


@settings(max_examples=50)
@given(tables(), st.integers(1, 3))
def test_the_rows_that_break_a_key_are_those_that_a_look_at_each_row_finds(
    made: dict[str, pa.Table], rows: int
) -> None:
    """However many rows are looked at together, and whatever is missing or stands twice."""
    limits = Limits(compared_rows=rows, small_tables=rows)
    found = keys.find_violations(made, OF, limits=limits)
    assert [(each.rule, each.table, each.row, each.field, each.other) for each in found] == broken(
        made
    )


@settings(max_examples=50)
@given(tables())
def test_tables_that_are_too_large_for_memory_are_asked_by_query(
    made: dict[str, pa.Table],
) -> None:
    """Then only an order that is seen row by row shows that nothing repeats; the findings are the same."""
    found = keys.find_violations(made, OF)
    assert found == keys.find_violations(made, OF, limits=Limits(compared_keys=-1))


def test_right_keys_need_no_query() -> None:
    """Neither sorted ones nor others, neither where parts are missing nor where no row is."""
    made = {
        "things": pa.table(
            {
                "a": ["b", "a", "a"],
                "b": [1, 1, 0],
                "c": ["x", None, None],
                "d": pa.array([None, date(2026, 1, 31), None], pa.date32()),
            }
        ),
        "others": pa.table(
            {
                "x": ["x", "y"],
                "y": [1, 2],
                "z": pa.array([date(2026, 1, 31), None], pa.date32()),
            }
        ),
    }
    things, others = made["things"], made["others"]
    assert keys.has_no_repeats(things.select(["a", "b"]))
    assert keys.has_no_repeats(things.select(["b", "c", "d"]))
    assert keys.has_no_repeats(things.slice(0, 0))
    assert keys.is_contained(things.select(["d"]), others.select(["z"]))
    assert keys.is_contained(things.select(["c"]), others.select(["x"]))
    assert keys.is_contained(things.slice(0, 0).select(["c"]), others.slice(0, 0).select(["x"]))
    assert not keys.is_contained(things.select(["c", "b"]), others.select(["x", "y"]))
    assert not keys.is_contained(things.select(["a"]), others.select(["x"]))


def test_keys_of_more_values_than_there_are_numbers_are_not_taken_for_others() -> None:
    """Thirteen columns of 31 values each, which are 5 bits of a number of 64."""
    target = pa.table({f"c{at}": range(31) for at in range(13)})
    own = target.slice(15, 1).set_column(0, "c0", [[16]])
    assert not keys.is_contained(own, target)


def test_the_first_rows_that_break_a_key_are_told_in_their_order_and_the_others_counted() -> None:
    """A thousand of each key; the count stands at the last field of the key."""
    rows = [{"a": "a", "b": at % 3} for at in range(1005)]
    things, others = (arrow_schema(resource.fields) for resource in OF.resources)
    made = {
        "things": pa.Table.from_pylist(rows, things),
        "others": pa.Table.from_pylist([{"x": "x", "y": 0}], others),
    }
    found = keys.find_violations(made, OF)
    repeated = [each for each in found if each.rule == "things-primaryKey"]
    dangling = [each for each in found if each.rule == "things-foreignKeys"]
    assert found == repeated + dangling
    assert [(each.row, each.other, each.field) for each in repeated] == [
        *((at, at % 3, "b") for at in range(3, 1003)),
        (-1, -1, "b"),
    ]
    assert [(each.row, each.field) for each in dangling] == [
        *((at, "c") for at in range(1000)),
        (-1, "b"),
    ]
    assert {each.message for each in (repeated[0], repeated[-1], dangling[1], dangling[-1])} == {
        "a 'a', b 0",
        "2 more rows of things break this rule",
        "c is missing beside b 1, expected all fields that refer to others, or none of them",
        "5 more rows of things break this rule",
    }
