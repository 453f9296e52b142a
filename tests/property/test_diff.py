"""What is true of the difference between any two releases."""

from __future__ import annotations

import datetime
import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from release.diff import changelog, changelog_check, comparison
from release.diff import release as diff_release
from release.syntax import versions
from tests.support import diffs
from tests.support.diffs import Made

VALUES = {
    "string": st.text(
        st.sampled_from("ab,\"'\n\r;\\[]{}$|é中文😀\u2028\u202e")
        | st.characters(codec="utf-8", exclude_characters="\x00"),
        min_size=1,
        max_size=5,
    ),
    "integer": st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 2),
    "number": st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, -0.0, 1e-5, 1e15]),
    "boolean": st.booleans(),
    "date": st.dates(datetime.date(1, 1, 1)),
}  # fmt: skip
KINDS = st.sampled_from(sorted(VALUES))


@st.composite
def tables(draw: st.DrawFn, names: str = "abcde") -> Made:
    """A table with a key of one to three fields, and nulls in the others."""
    fields = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    kinds = {name: draw(KINDS) for name in fields}
    key = fields[: draw(st.integers(1, min(3, len(fields))))]
    few = {
        name: draw(st.lists(VALUES[kind], min_size=1, max_size=3)) for name, kind in kinds.items()
    }
    row = st.fixed_dictionaries(
        {
            name: st.sampled_from(few[name]) if name in key else st.sampled_from([None, *few[name]])
            for name in fields
        }
    )
    rows = draw(st.lists(row, max_size=6, unique_by=lambda r: tuple(repr(r[name]) for name in key)))
    return Made([(name, kinds[name]) for name in fields], key, rows)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Made, Made]:
    """A table and what may have become of it: other rows and cells, mostly of the same schema."""
    old = draw(tables())
    if draw(st.integers(0, 3)) == 0:
        return old, draw(tables())
    kinds = dict(old.fields)
    values = {
        name: st.sampled_from([*[row[name] for row in old.rows], draw(VALUES[kind])])
        for name, kind in kinds.items()
    }
    kept = [
        {
            name: draw(values[name]) if name not in old.key and draw(st.booleans()) else value
            for name, value in row.items()
        }
        for row in old.rows
        if draw(st.integers(0, 3))
    ]
    more = draw(st.lists(st.fixed_dictionaries(values), max_size=2))
    known: dict[tuple[str, ...], dict[str, object]] = {}
    for row in [*kept, *more]:
        if all(row[name] is not None for name in old.key):
            known.setdefault(tuple(repr(row[name]) for name in old.key), row)
    names = [name for name in old.names if name in old.key or draw(st.integers(0, 5))]
    return old, Made([(n, kinds[n]) for n in names], old.key, list(known.values()))


@contextmanager
def both(old: Made, new: Made, *, with_parquet: bool = True) -> Iterator[tuple[Path, Path]]:
    """Both tables as releases."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        yield (
            diffs.released(place / "old", {"t": same(old)}, with_parquet=with_parquet),
            diffs.released(place / "new", {"t": same(new)}, "1.0.1", with_parquet=with_parquet),
        )


def same(made: Made) -> Made:
    """The table without rows whose keys are the same number: 0.0 and -0.0 are told apart as text only."""
    numbers = [name for name, kind in made.fields if kind == "number" and name in made.key]
    rows = [
        row
        for row in made.rows
        if not any(row[n] == 0 and math.copysign(1, row[n]) < 0 for n in numbers)
    ]
    return Made(made.fields, made.key, rows)


@settings(max_examples=15)
@given(tables(), st.booleans())
def test_nothing_differs_from_itself(made: Made, with_parquet: bool) -> None:
    """diff(x, x) is empty, also where the digests are not believed."""
    with both(made, made, with_parquet=with_parquet) as (old, new):
        with comparison.compare(old, new) as difference:
            assert difference.level == "none"
            assert difference.reasons() == []
        read = diff_release.read(new)
        others = {name: replace(table, hash="") for name, table in read.tables.items()}
        with comparison.compare(old, replace(read, tables=others)) as difference:
            assert difference.tables[0].pairs != ()
            assert difference.level == "none"
            assert list(difference.lines()) == []


@settings(max_examples=60)
@given(pairs(), st.booleans())
@example(
    pair=(
        Made([("a", "boolean"), ("b", "integer")], ["a", "b"], [{"a": False, "b": 1}]),
        Made([("b", "integer"), ("a", "boolean")], ["b", "a"], []),
    ),
    with_parquet=False,
)
def test_changes_lead_from_the_old_tables_to_the_new_and_back(
    pair: tuple[Made, Made], with_parquet: bool
) -> None:
    """apply(old, diff(old, new)) is new, and the inverse is old: each cell, whatever is in it."""
    with both(*pair, with_parquet=with_parquet) as (old, new):
        changes = diffs.lines(old, new)
        before, after = diffs.texts(old, as_in=new), diffs.texts(new)
        assert diffs.apply(before, changes) == after
        assert diffs.apply(after, diffs.inverse(changes)) == before


@settings(max_examples=20)
@given(pairs(), st.data())
def test_more_changes_never_call_for_less(pair: tuple[Made, Made], data: st.DataObject) -> None:
    """Of a release with some of the changes and one with all of them, the second calls for no less."""
    old, new = pair
    part = [row for row in new.rows if data.draw(st.booleans())]
    keys = (
        {tuple(repr(row[name]) for name in old.key) for row in part}
        if old.key == new.key
        else set()
    )
    rest = [row for row in old.rows if tuple(repr(row[name]) for name in old.key) not in keys]
    fields = old.fields == new.fields
    some = Made(old.fields, old.key, [*rest, *part] if fields and old.key == new.key else old.rows)
    with both(old, some) as (one, other), both(old, new) as (_, another):
        levels = []
        for folder in (other, another):
            with comparison.compare(one, folder) as difference:
                levels.append(versions.LEVELS.index(difference.level))
        removed = {k for k in keys_of(same(old)) if k not in keys_of(same(new))}
        assert levels[0] <= levels[1]
        assert levels[1] == 3 or not removed or old.key != new.key


def keys_of(made: Made) -> set[tuple[str, ...]]:
    """The keys of a table's rows."""
    return {tuple(repr(row[name]) for name in made.key) for row in made.rows}


@pytest.mark.parametrize("with_parquet", [True, False])
def test_the_lines_of_a_known_difference(tmp_path: Path, with_parquet: bool) -> None:
    """A composite key, missing values, CJK and line breaks, line by line."""
    fields = [("id", "string"), ("n", "integer"), ("text", "string"), ("share", "number")]
    rows = [
        {"id": "a,b", "n": 1, "text": "一\n二", "share": 0.1},
        {"id": "a,b", "n": 2, "text": None, "share": 1e-5},
        {"id": "c", "n": 1, "text": None, "share": None},
        {"id": "d", "n": 1, "text": "same", "share": 1.0},
    ]
    after = [
        {"id": "a,b", "n": 1, "text": "一\n三", "share": 0.1},
        {"id": "a,b", "n": 2, "text": "new", "share": None},
        {"id": "b", "n": 10, "text": "x", "share": 2.5},
        {"id": "d", "n": 1, "text": "same", "share": 1.0},
    ]
    old = diffs.released(
        tmp_path / "old", {"t": Made(fields, ["id", "n"], rows)}, with_parquet=with_parquet
    )
    new = diffs.released(
        tmp_path / "new", {"t": Made(fields, ["id", "n"], after)}, with_parquet=with_parquet
    )
    found = [tuple(line.values()) for line in diffs.lines(old, new)]
    assert found == [
        ("t", '["a,b","1"]', "changed", "text", "一\n二", "一\n三"),
        ("t", '["a,b","2"]', "changed", "text", "", "new"),
        ("t", '["a,b","2"]', "changed", "share", "0.00001", ""),
        ("t", '["b","10"]', "added", "text", "", "x"),
        ("t", '["b","10"]', "added", "share", "", "2.5"),
        ("t", '["c","1"]', "removed", "", "", ""),
    ]


@settings(max_examples=20)
@given(pairs(), st.booleans())
def test_what_a_release_carries_agrees_with_its_tables(
    pair: tuple[Made, Made], with_parquet: bool
) -> None:
    """The files of its history are consistent, and the same when they are made again."""
    with both(*pair, with_parquet=with_parquet) as (old, new):
        changelog.record(new, old, new)
        assert changelog_check.faults(new) == []
        assert changelog.recomputed(new, old) == []
