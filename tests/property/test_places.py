"""Places that are found at a glance are those that reading each record again finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import example, given, settings
from hypothesis import strategies as st

from release.build import dataset as build_dataset
from release.build import inputs, merge, validate
from release.build.chunks import location_query
from release.build.chunks.make import prepare_plan
from release.descriptor import load
from release.findings import Finding
from release.records import reader
from release.records.normalize import ORIGIN
from release.records.tracer import Tracer, origin_of
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


#: More than so often nobody asks a record for its values one by one: then all of them are located at once.
OFTEN = 100


def read_again(given: inputs.Inputs) -> Tracer:
    """What locates cells in the records themselves, each of which is searched as a whole."""
    fronts = {}
    for at, source in enumerate(given.sources):
        record, _ = reader.read(source)
        if record is not None:
            fronts[at] = record.front
    tracer = Tracer(prepare_plan(given.context).finders, fronts.get)
    for at in fronts:
        for _ in range(OFTEN):
            tracer.at_key_path(at, (), Finding("type", "", ""))
    return tracer


def answers(folder: Path) -> Iterator[tuple[pa.Table, list[dict[str, Any]]]]:
    """Where the cells of each column stand, and all rows: as the build says, and as reading again does."""
    of = load.load(folder / "datapackage.yaml")
    given = inputs.read(of, inputs.Options())
    made = build_dataset.merge_chunks(
        given, build_dataset.build_chunks(given, given.read_cache_keys())
    )
    workspace = given.workspace.path
    locator = validate.Locator(
        given.context,
        given.curated,
        given.sources,
        given.ranges,
        merge.number_records(made.chunks),
        made.paths,
        workspace,
        1,
    )
    tracer = read_again(given)
    for resource in (resource for resource in of.resources if resource.rows):
        table = made.tables[resource.name]
        for name in ("", *resource.field_names) if table.num_rows else ():
            there = pc.is_valid(table[name]) if name else pa.repeat(True, table.num_rows)
            told = [pa.repeat(text, table.num_rows) for text in (resource.name, name)]
            columns = [*(table[column] for column in ORIGIN.names), there, *told]
            cells = pa.table(columns, schema=location_query.CELLS)
            field = resource.field(name) if name else None
            expected = []
            for row in range(table.num_rows):
                found, shown = tracer.locate_cell(origin_of(table, row), resource, field)
                where = {key: found[key] for key in ("path", "line", "column")}
                expected.append({**where, "field": shown})
            yield locator.locate(cells), expected


@settings(max_examples=60)
@given(DATASETS, st.booleans())
@example({("en", "a"): {"nested": {"title": {"value": 1}}}, ("zh", "a"): {"title": "b"}}, True)
def test_a_place_is_the_same_however_it_is_found(records: Records, as_json: bool) -> None:
    """In either syntax, of values that are there and of those that are missing."""
    with dataset(records, as_json=as_json) as folder:
        (folder / "datapackage.yaml").write_text(DESCRIPTOR.replace("  - name: findings\n", TEXTS))
        for found, expected in answers(folder):
            assert found.to_pylist() == expected
