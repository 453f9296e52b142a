"""Which rows a path finds in a record, and what they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from release import descriptor, normalize, records
from release.sources import Source
from release.trace import Tracer

DESCRIPTOR = """\
name: notes
version: 0.1.0
created: '2026-01-01T00:00:00Z'
records:
  notes: {{path: "{{note_id}}.md"}}
resources:
  - name: places
    rows: {rows}
    schema:
      primaryKey: [note_id]
      fields:
        - {{name: note_id, type: string, from: "{{note_id}}"}}
        - {{name: place, type: string, from: "{origin}"}}
"""

TEXT = b"---\nplace: {name: Oslo, a: Bergen, list: [{a: x, name: y}]}\n---\n"


def rows(of: str, origin: str) -> list[dict[str, Any]]:
    """The rows that one record gives, whose file is called a.md."""
    parsed = descriptor.parse(DESCRIPTOR.format(rows=of, origin=origin), Path("datapackage.yaml"))
    record, faults = records.parse(Source("notes", "a.md", "a.md", {"note_id": "a"}), TEXT, "")
    assert record is not None
    assert faults == []
    plan = normalize.plan(parsed, {})
    tracer = Tracer(plan.finders, {0: record.front}.get, {0: record.values}.get)
    tables, _ = normalize.normalize({0: record}, plan, tracer)
    found: list[dict[str, Any]] = tables["places"].select(["note_id", "place"]).to_pylist()
    return found


@pytest.mark.parametrize(
    ("of", "origin", "place"),
    [
        ("notes", "place.name", "Oslo"),
        ("notes/place", "place.name", "Oslo"),
        ("notes/place.name", "place.name", "Oslo"),
        ("notes/place", "place.{note_id}", "Bergen"),
        ("notes/place.list.{n}", "place.list.{n}.name", "y"),
        ("notes/place.list.{n}", "place.list.{n}.{note_id}", "x"),
        ("{path: notes/place, set: {of: name}}", "place.{of}", "Oslo"),
    ],
)
def test_a_row_has_what_its_field_s_path_leads_to(of: str, origin: str, place: str) -> None:
    """From the record or from the entry, with captures of either, of the file or of `set` in it."""
    assert rows(of, origin) == [{"note_id": "a", "place": place}]


@pytest.mark.parametrize(
    ("of", "origin"), [("notes/none", "none.name"), ("notes/place.list.{n}", "place.list.{n}.b")]
)
def test_an_entry_that_holds_nothing_makes_no_row(of: str, origin: str) -> None:
    """Where it is not there, or has none of what the fields take."""
    assert rows(of, origin) == []
