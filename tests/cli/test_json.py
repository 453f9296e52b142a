"""The JSON of every command is as docs/reference/json says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.datasets import BILINGUAL, write_dataset
from tests.support.json_schemas import FOLDER, problems, validator
from tests.support.kit import edit, run

NAMES = sorted(path.name.removesuffix(".schema.json") for path in FOLDER.glob("*.json"))


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset with all that a command may tell of, in the working folder."""
    files = {
        f"records/{language}/n{number}.md": f"---\nweight: {number}0\ntags: [x]\n---\nText.\n"
        for language in ("en", "zh")
        for number in (1, 2, 5)
    }
    monkeypatch.chdir(write_dataset(tmp_path, BILINGUAL, files))
    return tmp_path


def printed(*arguments: str, code: int = 0) -> Any:
    """Return what a command prints as JSON."""
    found, out, _ = run(*arguments, "--format", "json")
    assert found == code
    return json.loads(out)


def test_every_schema_is_one() -> None:
    """Each is valid, and is about a command or a part of it."""
    for name in NAMES:
        Draft202012Validator.check_schema(validator(name).schema)
    assert (
        "baseline build bump check diff error finding list publish summary verify yank".split()
    ) == NAMES


def test_the_json_of_every_command_is_as_its_schema_says(notes: Path) -> None:
    """From the first check to a withdrawal; nothing is there that the schema does not name."""
    found = {"build": printed("build")}
    edit(notes / "records/zh/n1.md", "10", "11")
    (notes / "records/en/n2.md").unlink()
    run("check", "--write-baseline", "known.json")
    baseline = json.loads((notes / "known.json").read_text("utf-8"))
    edit(notes / "records/zh/n1.md", "11", "10")
    found["diff"] = printed("diff", "--no-cache")
    found["check"] = printed("check", "--coverage", "--propose-codes", "--baseline", "known.json")
    assert found["check"]["coverage"]
    assert found["check"]["baseline"]["gone"]
    found["bump"] = printed("bump", "--no-cache", "--created", "2026-02-01")
    found["publish"] = printed("publish", "other")
    found["verify"] = printed("verify", "dist", "--no-referee")
    found["yank"] = printed("yank", "0.1.0", "--reason", "wrong")
    found["list"] = printed("list")
    summary = json.loads((notes / "dist/0.1.0/summary.json").read_text("utf-8"))
    found |= {"baseline": baseline, "summary": summary}
    for name, value in [*found.items(), ("list", printed("reindex"))]:
        assert problems(name, value) == [], name
        assert problems(name, {**value, "more": 1}) != [], name
        for key in value.keys() - {"coverage", "proposals", "baseline", "created"}:
            assert problems(name, {each: value[each] for each in value if each != key}) != []


def test_the_json_of_a_failure_is_as_its_schema_says(notes: Path) -> None:
    """With findings, and without."""
    edit(notes / "records/zh/n1.md", "10", "heavy")
    failed = printed("build", code=1)
    assert problems("build", failed) == []
    assert failed["release"] is None
    (notes / "dist").mkdir()
    for value in (
        printed("diff", "--no-cache", code=2),
        printed("verify", "nowhere", code=2),
        printed("check", "--descriptor", "nowhere.yaml", code=2),
    ):
        name = "verify" if "verified" in value else "error"
        assert problems(name, value) == []


def test_a_finding_has_the_keys_of_its_schema() -> None:
    """A key that is missing or of another type is seen."""
    assert problems("finding", {"rule": 1}) != []
