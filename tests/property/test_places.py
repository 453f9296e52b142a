"""Places that are found at a glance are those that reading each record again finds."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from release.build import dataset as build_dataset
from release.build import inputs, validate
from release.build.chunks import location_query
from release.descriptor import load
from release.records import tracer
from release.records.normalize import ORIGIN
from tests.support.random_records import DATASETS, DESCRIPTOR, Records, dataset

#: A row for each record, whose fields stand at one place in all.
TEXTS = """\
  - name: texts
    rows: things
    schema:
      primaryKey: [thing, language]
      fields:
        - {name: thing, type: string, from: "{thing}"}
        - {name: language, type: string, from: "{language}"}
        - {name: title, type: string, from: title}
        - {name: year, type: string, from: year}
        - {name: note, type: string, from: nested.note.value}
  - name: findings
"""


def answers(folder: Path) -> list[pa.Table]:
    """Where all cells of all tables stand, and all rows."""
    of = load.load(folder / "datapackage.yaml")
    given = inputs.read(of, inputs.Options())
    made = build_dataset.merge_chunks(
        given, build_dataset.build_chunks(given, given.read_cache_keys())
    )
    workspace = given.workspace.path
    locator = validate.Locator(
        given.context, given.curated, given.sources, given.ranges, made.paths, workspace, 1
    )
    asked = []
    for resource in (resource for resource in of.resources if resource.rows):
        table = made.tables[resource.name]
        for name in ("", *resource.field_names):
            there = pc.is_valid(table[name]) if name else pa.repeat(True, table.num_rows)
            told = [pa.repeat(text, table.num_rows) for text in (resource.name, name)]
            columns = [*(table[column] for column in ORIGIN.names), there, *told]
            asked.append(pa.table(columns, schema=location_query.CELLS))
    return [locator.locate(one) for one in asked if one.num_rows]


@settings(deadline=None, max_examples=60)
@given(DATASETS, st.booleans())
@example({("en", "a"): {"nested": {"title": {"value": 1}}}, ("zh", "a"): {"title": "b"}}, True)
def test_a_place_is_the_same_however_it_is_found(records: Records, as_json: bool) -> None:
    """In either syntax, of values that are there and of those that are missing."""
    with dataset(records, as_json=as_json) as folder, pytest.MonkeyPatch.context() as patch:
        (folder / "datapackage.yaml").write_text(DESCRIPTOR.replace("  - name: findings\n", TEXTS))
        found = answers(folder)
        for module in (location_query, tracer):
            patch.setattr(module, "locate_one", lambda *_: None)
        assert answers(folder) == found
