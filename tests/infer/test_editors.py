"""`release schema`: JSON Schemas that accept what `release check` accepts, and refuse what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from release.cli import main
from tests.support.datasets import describe, table, write_dataset

ROOT = Path(__file__).parents[2]


def test_schemas_of_the_shipped_dataset_are_written_for_each_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each kind has a schema, and one with codelists in several languages has one for each."""
    arguments = ["schema", "--descriptor", str(ROOT / "datapackage.yaml"), "--out", str(tmp_path)]
    assert main(arguments) == 0
    written = capsys.readouterr().out.splitlines()
    assert written == [
        f"wrote {tmp_path}/policies.en.schema.json, for seeds/policies/en/*.md",
        f"wrote {tmp_path}/policies.zh.schema.json, for seeds/policies/zh/*.md",
        f"wrote {tmp_path}/documents.schema.json, for seeds/documents/*.md",
    ]
    for path in tmp_path.iterdir():
        jsonschema.Draft7Validator.check_schema(json.loads(path.read_text()))


def test_a_value_of_another_type_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The schema of a kind takes values of the types of its fields, and no unknown key."""
    root = write_dataset(
        tmp_path, describe(table("notes", "note, from: '{note}'", "year, type: integer")), {}
    )
    file = str(root / "datapackage.yaml")
    assert main(["schema", "notes", "--stdout", "--descriptor", file]) == 0
    validator = jsonschema.Draft7Validator(json.loads(capsys.readouterr().out))
    assert validator.is_valid({"year": 2026})
    assert not validator.is_valid({"year": "soon"})
    assert not validator.is_valid({"yaer": 2026})
