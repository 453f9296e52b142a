"""No value is lost, whatever shape it has, and each cell is located at the value that it is made of."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from release.descriptor import load
from release.findings import Finding
from release.records import coverage, normalize, reader
from release.records.files.sources import Source
from release.records.locations import locate_all
from release.records.tracer import Tracer, origin_of
from release.syntax.paths import KeyPath
from tests.support.descriptors import TAGS_AND_MAILS

PLAN = normalize.make_plan(
    load.parse(
        """\
name: notes
version: 0.1.0
created: '2026-01-01T00:00:00Z'
records:
  notes: {path: "{note}.md"}
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [note]
      fields:
        - {name: note, from: "{note}"}
        - {name: lon, from: at.0}
        - {name: lat, from: at.1}
        - {name: flag, from: end, when: boolean}
        - {name: day, from: end, when: date}
        - {name: size, from: end, when: number}
        - {name: title, from: [title, name]}
        - {name: code, from: "{series}-{doc.no}"}
  - name: people
    parent: notes
    rows: {path: ".people.{n}", oneOrMany: true}
    schema:
      fields:
        - {name: n, from: "{n}"}
        - {name: who, from: "people.{n}.name"}
        - {name: born, from: $value.born, when: number}
        - {name: birth, from: $value.born, when: text}
  - name: others
    parent: notes
    rows: ".extra.{rest}"
    schema:
      fields: [{name: key, from: "{rest}"}, {name: value, from: $value}]
  - name: known
    parent: notes
    rows: ".extra.list.{k}"
    schema:
      fields: [{name: k, from: "{k}"}, {name: of, from: "extra.list.{k}.0"}]
"""
        + TAGS_AND_MAILS,
        Path("datapackage.yaml"),
    ),
    {},
)
#: The fields that come from the paths of files and of entries.
KEYS = frozenset(("note", "n", "m", "key", "k"))

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 9),
    st.sampled_from(["", "a", "b, c", "b,,é", '"', "2024-05-01", ", ,", "x y", "1.50"]),
)
NAMES = st.sampled_from("name born mails list a 0 1".split())
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)
PERSON = st.one_of(
    st.fixed_dictionaries({}, optional={"name": SCALARS, "born": SCALARS, "mails": TREES}), TREES
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "at": st.one_of(st.lists(SCALARS, max_size=3), TREES),
        "end": st.one_of(SCALARS, TREES),
        "title": st.one_of(SCALARS, TREES),
        "name": SCALARS,
        "series": SCALARS,
        "doc": st.one_of(st.fixed_dictionaries({}, optional={"no": SCALARS}), TREES),
        "tags": st.one_of(st.lists(SCALARS, max_size=3), SCALARS, TREES),
        "people": st.one_of(st.lists(PERSON, max_size=2), PERSON),
        "extra": st.one_of(st.dictionaries(NAMES, st.one_of(SCALARS, TREES), max_size=3), TREES),
        "other": SCALARS,
    },
)


@dataclass(frozen=True)
class Reading:
    """What was read of a record: its tables, the findings, where its leaves and its cells stand."""

    tables: dict[str, pa.Table]
    findings: list[Finding]
    leaves: dict[tuple[int, int], KeyPath]
    around: dict[tuple[int, int], KeyPath]
    cells: dict[tuple[str, int, str], tuple[int, int]]


def read(values: dict[str, Any]) -> Reading:
    """Read a record in JSON, and locate each of its leaves and cells."""
    text = f"---\n{json.dumps(values, indent=1, ensure_ascii=False)}\n---\n"
    record, _ = reader.parse(Source("notes", "a.md", "a.md", {"note": "a"}), text.encode(), "")
    assert record is not None
    tracer = Tracer(PLAN.finders, {0: record.front}.get, {0: record.values}.get)
    tables, findings = normalize.normalize({0: record}, PLAN, tracer)
    locations = locate_all(record.front)
    around = {(at.line + 1, at.column + 1): key_path for key_path, at in locations.items()}
    leaves = {
        where: key_path
        for where, key_path in around.items()
        if coverage.get_value(values, key_path) not in (None, "", [], {})
        and not isinstance(coverage.get_value(values, key_path), dict | list)
    }
    cells = {}
    for resource in PLAN.descriptor.resources:
        table = tables[resource.name]
        for name in (name for name in resource.field_names if name not in KEYS):
            for row in (row for row in range(table.num_rows) if table[name][row].is_valid):
                origin = origin_of(table, row)
                found, _ = tracer.locate_cell(origin, resource, resource.field(name))
                cells[resource.name, row, name] = found["line"], found["column"]
    return Reading(tables, findings, leaves, around, cells)


def leaf_at(reading: Reading, line: int, column: int) -> KeyPath:
    """The leaf that stands at a location, or in which a part of a text does."""
    starts = [at for at in reading.leaves if at[0] == line and at[1] <= column]
    return reading.leaves[max(starts)]


def is_reported(reading: Reading, key_path: KeyPath) -> bool:
    """Whether a finding is about a leaf, or a list or mapping around it."""
    reported = {reading.around.get((each.line, each.column)) for each in reading.findings}
    return any(key_path[:end] in reported for end in range(1, len(key_path) + 1))


def joined(values: dict[str, Any]) -> Iterator[KeyPath]:
    """The leaves that need no cell of their own, as another one has their text too."""
    yield ("doc", "no")
    if str(values.get("title")) == str(values.get("name")):
        yield ("name",)


def changed(value: Any) -> Any:
    """Another value of the same type; of a text with parts each part is another one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value == "2024-05-01":
        return "2024-05-02"
    return "2.25" if value == "1.50" else ",".join(f"{part}z" for part in value.split(","))


def with_change(value: Any, key_path: KeyPath) -> Any:
    """The value with its leaf at a key path changed."""
    if not key_path:
        return changed(value)
    key, rest = key_path[0], key_path[1:]
    below = with_change(value[key], rest)
    if isinstance(value, dict):
        return {**value, key: below}
    return [below if at == key else item for at, item in enumerate(value)]


@settings(max_examples=80)
@given(RECORDS)
@example({"title": True, "name": 1})
@example({"tags": "b,,é", "people": {"name": "a", "mails": "x y"}, "end": False})
@example({"series": "a", "doc": {"no": 1}, "title": "a", "name": "b, c", "extra": {"a": 1}})
def test_each_leaf_is_in_one_cell_or_reported_and_located(values: dict[str, Any]) -> None:
    """A leaf is in one cell, or as many as it has parts, or a finding names it; what is changed where a cell
    is located changes that cell.
    """
    reading = read(values)
    held = Counter(leaf_at(reading, *where) for where in reading.cells.values())
    for key_path in reading.leaves.values():
        if held[key_path] == 0:
            assert is_reported(reading, key_path) or key_path in joined(values), key_path
        elif key_path != ("tags",):
            assert held[key_path] == 1, key_path
    for (table, row, name), where in reading.cells.items():
        key_path = leaf_at(reading, *where)
        again = read(with_change(values, key_path))
        before, after = reading.tables[table], again.tables[table]
        keys = [each for each in before.column_names if each in KEYS]
        own = before.select(keys).slice(row, 1).to_pylist()[0]
        rows = [each for each in after.to_pylist() if all(each[key] == own[key] for key in keys)]
        assert [each[name] for each in rows] != [before[name][row].as_py()], (table, name)
