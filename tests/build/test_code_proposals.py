"""Texts that codelists lack: the lines to paste, and keys that are made of such texts."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.support.kit import edit, run

NOTES = """\
name: notes
version: 0.1.0-dev
created: '2026-01-01T00:00:00Z'
severity: {code: warning}
records:
  notes:
    path: notes/{language}/{note}.md
    prefer: {language: [en, zh]}
resources:
  - name: uses
    rows: "notes/uses.{n}"
    schema:
      primaryKey: [note, use]
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: use, type: string, from: "uses.{n}.use", codes: uses}
        - {name: weight, type: integer, from: "uses.{n}.weight"}
  - name: weights
    rows: "notes/weights.{n}"
    schema:
      primaryKey: [note, use]
      foreignKeys:
        - {fields: [note, use], reference: {resource: uses, fields: [note, use]}}
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: use, type: string, from: "weights.{n}.use", codes: uses}
        - {name: by, type: string, from: "weights.{n}.by", codes: people}
  - name: uses_list
    path: uses.csv
    codelist: {labels: "label_{language}", aliases: aliases}
    schema:
      primaryKey: [code]
      fields:
        - {name: code, type: string}
        - {name: label_en, type: string}
        - {name: label_zh, type: string}
        - {name: aliases, type: string}
  - name: people
    path: people.csv
    codelist: {}
    schema: {primaryKey: [name], fields: [{name: name, type: string}]}
""".replace("codes: uses}", "codes: uses_list}")

EN = """\
uses: [{use: Heat, weight: 1}, {use: Light rail, weight: 2}, {use: Cold, weight: 3}]
weights: [{use: Light rail, by: Ann}]
"""
ZH = "uses: [{use: 热}, {use: 轻轨}, {use: 冷}]\nweights: [{use: 轻轨, by: Ann}]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A note in two languages whose uses a codelist lacks but for one; it is the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "datapackage.yaml").write_text(NOTES)
    for language, text in (("en", EN), ("zh", ZH)):
        (tmp_path / "notes" / language).mkdir(parents=True)
        (tmp_path / f"notes/{language}/a.md").write_text(f"---\n{text}---\n", "utf-8")
    (tmp_path / "uses.csv").write_text("code,label_en,label_zh,aliases\nheat,Heat,热,\n", "utf-8")
    (tmp_path / "people.csv").write_text("name\nBob\n")
    return tmp_path


PROPOSED = [
    "uses.csv lacks 2 lines (code, label_en, label_zh, aliases):",
    "light-rail,Light rail,轻轨,",
    "cold,Cold,冷,",
    "people.csv lacks 1 line (name):",
    "Ann",
]


def test_the_lines_that_codelists_lack_are_proposed(folder: Path) -> None:
    """Editions in several languages make one line; the most frequent ones come first."""
    code, out, _ = run("check", "--propose-codes")
    assert code == 0
    assert out.splitlines()[-6:-1] == PROPOSED
    found = json.loads(run("check", "--propose-codes", "--format", "json")[1])["proposals"]
    assert [each["codelist"] for each in found] == ["uses_list", "people"]
    assert found[0]["counts"] == [2, 1]
    for name, lines in (("uses.csv", PROPOSED[1:3]), ("people.csv", PROPOSED[4:])):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
    assert run("check", "--propose-codes")[1] == "2 records, 0 errors, 0 warnings\n"


def test_a_text_without_latin_letters_gets_no_code(folder: Path) -> None:
    """A person has to choose one."""
    (folder / "notes/en/a.md").unlink()
    assert PROPOSED[2].replace("cold,Cold", ",") in run("check", "--propose-codes")[1].splitlines()


def test_a_key_that_is_made_of_unknown_codes_stays_a_key(folder: Path) -> None:
    """No row is dropped, what refers to it finds it, and the release is rebuilt."""
    (folder / "notes/zh/a.md").unlink()
    assert run("build")[0] == 0
    release = folder / "dist/0.1.0-dev"
    tables = {
        name: list(csv.reader(io.StringIO((release / f"data/{name}.csv").read_text("utf-8"))))
        for name in ("uses", "weights")
    }
    assert tables["uses"][1:] == [["a", "Cold", "3"], ["a", "Light rail", "2"], ["a", "heat", "1"]]
    assert tables["weights"][1:] == [["a", "Light rail", "Ann"]]
    schemas = {
        each["name"]: each["schema"]
        for each in json.loads((release / "datapackage.json").read_text("utf-8"))["resources"]
    }
    assert schemas["uses"].get("foreignKeys", []) == []
    assert [key["reference"]["resource"] for key in schemas["weights"]["foreignKeys"]] == ["uses"]
    code, out, _ = run("verify", "--rebuild", "--no-referee", str(release))
    assert (code, out.splitlines()[-1]) == (0, "verifies")


def test_a_foreign_key_of_unknown_codes_that_refers_to_nothing_is_an_error(folder: Path) -> None:
    """It is held as any other."""
    (folder / "notes/zh/a.md").unlink()
    edit(folder / "notes/en/a.md", "weights: [{use: Light rail", "weights: [{use: Warm")
    assert any("weights-foreignKeys" in line for line in run("check")[1].splitlines())
