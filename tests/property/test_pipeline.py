"""The whole pipeline on random records: no leaf is lost, no order matters."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from release.build import pipeline
from release.descriptor import load
from release.records import coverage
from release.records.shapes.tree import build_tree
from release.syntax.file_patterns import FilePattern
from release.syntax.json import read_json
from release.syntax.text import Locations
from tests.support.random_records import DATASETS, RECORDS, Records, dataset, written


def checked(folder: Path, **elsewhere: FilePattern) -> pipeline.Outcome:
    """What is made of a folder's records."""
    return pipeline.check(load.load(folder / "datapackage.yaml"), pipeline.Options(elsewhere))


def told(outcome: pipeline.Outcome) -> list[tuple[Any, ...]]:
    """The findings without where the files were read."""
    return [
        (f.rule, f.path, f.line, f.column, f.field, f.table, f.key, f.severity, f.message)
        for f in outcome.findings
    ]


def is_same(one: pipeline.Outcome, other: pipeline.Outcome) -> bool:
    """The same tables and the same findings."""
    ours, theirs = one.content.tables, other.content.tables
    return told(one) == told(other) and all(ours[name].equals(theirs[name]) for name in theirs)


@settings(max_examples=25)
@given(DATASETS, st.integers(1, 99))
def test_the_order_of_files_does_not_matter(records: Records, seed: int) -> None:
    """ "The bytes of a release are a function of … nothing else: not of … order of files.\""""
    with dataset(records) as one, dataset(records, seed=seed) as other:
        assert is_same(checked(one), checked(other))


@settings(max_examples=25)
@given(DATASETS)
def test_the_folder_of_records_does_not_matter(records: Records) -> None:
    """Records that are read elsewhere give the same tables and findings, in the same places."""
    with dataset(records) as one, dataset(records) as other:
        shutil.move(other / "things", other / "moved")
        pattern = FilePattern(f"{other}/moved/{{language}}/{{thing}}.md")
        assert is_same(checked(one), checked(other, things=pattern))


def count_leaves(value: Any) -> int:
    """How many scalars, empty mappings and empty lists a value holds."""
    if isinstance(value, dict) and value:
        return sum(map(count_leaves, value.values()))
    if isinstance(value, list) and value:
        return sum(map(count_leaves, value))
    return 1


@settings(max_examples=60)
@given(st.lists(RECORDS, min_size=1, max_size=4))
def test_the_ledger_counts_every_leaf_once(records: list[dict[str, Any]]) -> None:
    """Each leaf of each record is on one line of the ledger, and none is on two."""
    with dataset({}) as folder:
        described = load.load(folder / "datapackage.yaml")
    (kind,) = described.kinds
    entries = coverage.count_leaves(
        kind.name, build_tree(described, kind), [(r, {}) for r in records]
    )
    expected = sum(count_leaves(record) for record in records if record)
    assert sum(entry.leaves for entry in entries) == expected + sum(not r for r in records)
    assert all(entry.missing <= entry.leaves for entry in entries)


def scalars(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The scalars of a record that hold something, each with its place."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from scalars(item, (*place, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from scalars(item, (*place, at))
    elif value is not None and value != "":
        yield (*place, value)


def is_ignored(place: tuple[str | int, ...]) -> bool:
    """Whether the descriptor above leaves a place out."""
    if place[0] == "draft":
        return True
    return place[0] == "nested" and len(place) > 2 and place[2] == "note"


def is_mapped(place: tuple[str | int, ...]) -> bool:
    """Whether the descriptor above has a column for a scalar at a place."""
    if len(place) == 1:
        return place[0] in ("title", "year")
    if place[0] == "tags":
        return len(place) == 2
    return place[0] == "nested" and len(place) == 3 and place[2] == "value"


def places(text: str) -> dict[tuple[int, int], tuple[str, ...]]:
    """What stands at a line and column, from 1, of a record whose front matter is JSON."""
    marks: Locations = {}
    read_json(text.removeprefix("---\n").removesuffix("---\n"), marks)
    found = {}
    for place, mark in marks.items():
        shown = tuple(str(part) for part in place)
        found[mark.line + 2, mark.column + 1] = shown
        found[mark.key_line + 2, mark.key_column + 1] = shown
    return found


def kept(outcome: pipeline.Outcome) -> set[tuple[str, ...]]:
    """The places whose values stand in a table."""
    tables = {name: table.to_pylist() for name, table in outcome.content.tables.items()}
    return {
        *(
            (name,)
            for row in tables["things"]
            for name in ("title", "year")
            if row[name] is not None
        ),
        *(("nested", r["entry"], "value") for r in tables["entries"] if r["value"] is not None),
        *(("tags", str(row["position"])) for row in tables["tags"] if row["tag"] is not None),
    }


@settings(max_examples=60)
@given(RECORDS)
def test_no_leaf_is_lost(record: dict[str, Any]) -> None:
    """ "Nothing is lost silently": a leaf is in a table, is ignored, or has a finding at its place.

    Which leaves are mapped is worked out here from the descriptor's paths, not by the program.
    """
    with dataset({("en", "a"): record}) as folder:
        outcome = checked(folder)
    where = places(written(record, as_json=True))
    told_of: dict[tuple[str, ...], set[str]] = {}
    for finding in outcome.findings:
        place = where.get((finding.line, finding.column), ())
        told_of.setdefault(place, set()).add(finding.rule)
    in_tables = kept(outcome)
    for *parts, _ in scalars(record):
        if is_ignored(tuple(parts)):
            continue
        place = tuple(str(part) for part in parts)
        is_told = any(place[:length] in told_of for length in range(1, len(place) + 1))
        if is_mapped(tuple(parts)):
            assert is_told or place in in_tables, place
            assert "unmapped-path" not in told_of.get(place, set()), place
        else:
            assert is_told, place


@settings(max_examples=25)
@given(DATASETS)
def test_yaml_and_json_give_the_same_release(records: Records) -> None:
    """What front matter is written in changes places and nothing else."""
    with dataset(records) as one, dataset(records, as_json=False) as other:
        from_json, from_yaml = checked(one), checked(other)
    for name, table in from_json.content.tables.items():
        assert name == "findings" or table.equals(from_yaml.content.tables[name])
    assert sorted(without_places(from_json)) == sorted(without_places(from_yaml))


def without_places(outcome: pipeline.Outcome) -> list[tuple[str, ...]]:
    """The findings without line and column."""
    return [(f.rule, f.path, f.field, f.table, f.key, f.message) for f in outcome.findings]
