"""What the referee is shown of a large release."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from release.build import pipeline
from release.descriptor import load
from release.package import write
from release.package.referee import judgement
from release.system.limits import Limits
from release.tables import keys
from release.tables.sample import join_columns, sample_tables
from tests.support.datasets import write_notes


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A dataset of sixty notes in two languages."""
    return write_notes(tmp_path / "notes", 60)


def test_a_sample_keeps_what_its_rows_refer_to(
    notes: Path,
) -> None:
    """Keys and foreign keys hold in the sample, and it is a part of each table."""
    outcome = pipeline.check(load.load(notes / "datapackage.yaml"))
    of, tables = outcome.content.descriptor, outcome.content.tables
    part = sample_tables(tables, of, 40)
    assert 0 < part["texts"].num_rows < tables["texts"].num_rows
    assert set(part["texts"]["note_id"].to_pylist()) <= set(part["notes"]["note_id"].to_pylist())
    assert keys.find_violations(part, of) == []


def test_a_sample_is_chosen_by_key(notes: Path) -> None:
    """The same keys are chosen whatever else a release holds, in every table alike."""
    of = load.load(notes / "datapackage.yaml")
    tables = pipeline.check(of).content.tables
    chosen = sample_tables(tables, of, 40)["notes"]["note_id"]
    fewer = {
        name: table.filter(pc.is_in(table["note_id"], chosen))
        if "note_id" in table.column_names
        else table
        for name, table in tables.items()
    }
    assert sample_tables(fewer, of, 10**9)["notes"]["note_id"].equals(chosen)


def test_a_table_without_chosen_keys_keeps_one(
    notes: Path,
) -> None:
    """The referee sees a row of every table that has one."""
    of = load.load(notes / "datapackage.yaml")
    tables = pipeline.check(of).content.tables
    part = sample_tables(tables, of, 0)
    assert [name for name in tables if tables[name].num_rows and not part[name].num_rows] == []


def test_a_sample_is_judged_by_its_csv(notes: Path, tmp_path: Path) -> None:
    """Of Parquet the referee would see no more than bytes and a hash, and those not of the release."""
    content = pipeline.check(load.load(notes / "datapackage.yaml")).content
    write.write_canonical(content, tmp_path / "sample")
    made = {path.suffix for path in (tmp_path / "sample/data").iterdir()}
    told = json.loads((tmp_path / "sample/datapackage.json").read_text())
    assert made == {".csv"}
    assert [each["name"] for each in told["resources"]] == list(content.tables)
    assert judgement.judge(tmp_path / "sample") == []
    notes_csv = tmp_path / "sample/data/notes.csv"
    notes_csv.write_bytes(notes_csv.read_bytes().replace(b"n001", b"n002"))
    assert any("primary-key" in problem for problem in judgement.judge(tmp_path / "sample"))


@pytest.mark.parametrize("full", [False, True])
def test_buildinfo_says_what_was_judged(notes: Path, tmp_path: Path, full: bool) -> None:
    """A sample above a size, unless the whole is asked for."""
    options = pipeline.Options(full_referee=full, limits=Limits(judged_whole=10))
    of = load.load(notes / "datapackage.yaml")
    built = pipeline.build(of, tmp_path / "dist", options)
    assert built.path is not None
    judged = json.loads((built.path / "buildinfo.json").read_text())["referee"]
    assert judged["judged"] == ("the whole" if full else "a sample chosen by key")


def test_a_row_with_a_missing_part_of_a_key_refers_to_nothing() -> None:
    """Null equals nothing when keys are joined."""
    table = pa.table({"a": ["x", None], "b": ["y", "z"]})
    assert join_columns(table, ("a", "b")).to_pylist() == ["x\0y", None]
