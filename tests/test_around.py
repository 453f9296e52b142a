"""What is around a check while it runs, and what befalls it: its findings are the same, or it says what it was."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from release import descriptor, joined, outcome
from release.inputs import Options
from tests.test_warm import DESCRIPTOR, check, told


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Three notes, one of which is light, a codelist and another curated table."""
    root = tmp_path / "notes"
    (root / "records").mkdir(parents=True)
    (root / "datapackage.yaml").write_text(DESCRIPTOR)
    for number in (4, 5, 6):
        text = f"---\nweight: {number}\ncolour: red\n---\n"
        (root / f"records/n{number}.md").write_text(text)
    (root / "colours.csv").write_text("code\nred\n")
    (root / "shapes.csv").write_text("code\nround\n")
    return root


# the files as they are when a check begins


def test_a_codelist_with_a_fault_is_read_from_any_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place of a text that leads to two codes is found in the file that was read."""
    shutil.copytree(Path(__file__).parent / "records/codelist", tmp_path / "codelist")
    with (tmp_path / "codelist/datapackage.yaml").open("a") as file:
        file.write("# nothing is prepared for this one yet\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    found = outcome.check(descriptor.load(tmp_path / "codelist/datapackage.yaml")).findings
    places = [(finding.path, finding.line, finding.column) for finding in found]
    assert places == [("codelists/colours.csv", *at) for at in ((3, 13), (4, 6), (4, 15))]
    assert {finding.file for finding in found} == {f"{tmp_path}/codelist/codelists/colours.csv"}


def test_a_curated_table_that_changes_meanwhile_is_the_one_that_was_read(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines that were put before its rows while it was judged move no finding, now or from the cache."""
    table = notes / "shapes.csv"
    table.write_text("code\nround\nrectangular\n")
    expected = told(check(notes, None))
    across = joined.across

    def meanwhile(*arguments: Any) -> Any:
        table.write_text("code\n\n\n\nround\nrectangular\n")
        return across(*arguments)

    monkeypatch.setattr(joined, "across", meanwhile)
    assert told(check(notes, tmp_path / "kept")) == expected
    table.write_text("code\nround\nrectangular\n")
    assert told(check(notes, tmp_path / "kept")) == expected
