"""Mistakes of people who edit records: each is one error, whose message says what to do."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from tests.support.kit import ROOT, run

MISTAKES = tomllib.loads((Path(__file__).with_name("mistakes.toml")).read_text("utf-8"))["mistake"]


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped dataset, in the working folder."""
    for name in ("seeds", "codelists"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("datapackage.yaml", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("mistake", MISTAKES, ids=[each["name"] for each in MISTAKES])
def test_a_mistake_is_one_error_that_says_what_to_do(
    dataset: Path, mistake: dict[str, str]
) -> None:
    """At the line and column of the mistake; nothing that follows from it is an error, too."""
    (path,) = (each for each in dataset.glob("seeds/**/*.md") if mistake["file"] in str(each))
    text = path.read_bytes().decode()
    assert text.count(mistake["found"]) == 1
    path.write_bytes(text.replace(mistake["found"], mistake["wrong"]).encode())
    code, out, _ = run("check")
    errors = [line for line in out.splitlines() if ": error: " in line]
    assert errors == [f"{path.relative_to(dataset)}:{mistake['says']}"]
    assert code == 1
