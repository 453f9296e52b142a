"""Real collections of other projects, untouched: read, built and verified; their tables row for row."""

from __future__ import annotations

import csv
import json
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.kit import run

#: Collections and the folders of their records.
COLLECTIONS = {
    "rustsec": ["crates", "rust"],
    "choosealicense": ["_licenses", "_data"],
    "2026-08-15-countries": ["en", "zh"],
}

#: What the wanted descriptor of licences leaves out: lists of records in one file each.
DATA_KINDS = """\
  variables: {path: _data/fields.yml, records: "{n}"}
  properties: {path: _data/meta.yml, records: "{n}"}
  meanings: {path: _data/rules.yml, records: "{group}.{n}"}
"""
DATA_TABLES = """\
  - name: variables
    rows: variables
    schema:
      primaryKey: [name]
      fields: [{name: name, from: name}, {name: description, from: description}]
  - name: properties
    rows: properties
    schema:
      primaryKey: [name]
      fields:
        - {name: name, from: name}
        - {name: description, from: description}
        - {name: required, type: boolean, from: required}
  - name: meanings
    rows: meanings
    schema:
      primaryKey: [group, tag]
      fields:
        - {name: group, from: "{group}"}
        - {name: tag, from: tag}
        - {name: label, from: label}
        - {name: description, from: description}
"""

#: What no file beside the collection draws: countries in two languages.
COUNTRIES = """\
name: countries
version: 0.1.0-dev
created: '2026-11-30T00:00:00Z'
records:
  countries:
    path: "{language}/{country}.md"
    prefer: {language: [en, zh]}
    ignore: [{path: lang, reason: repeats the folder}]
resources:
  - name: countries
    rows: countries
    schema:
      primaryKey: [country]
      fields:
        - {name: country, from: "{country}"}
        - {name: name, from: id}
        - {name: region, from: region}
        - {name: maturity_x, type: number, from: maturity.x}
        - {name: maturity_y, type: integer, from: maturity.y}
  - name: texts
    rows: countries
    schema:
      primaryKey: [country, language]
      foreignKeys: [{fields: [country], reference: {resource: countries, fields: [country]}}]
      fields:
        - {name: country, from: "{country}"}
        - {name: language, from: "{language}"}
        - {name: name, from: name}
        - {name: summary, from: summary}
        - {name: author, from: provenance.author}
        - {name: reviewer, from: provenance.reviewer}
        - {name: last_audit, type: date, from: provenance.lastAuditDate}
        - {name: text, from: $body}
  - name: regulatory
    rows: "countries/regulatory.{topic}"
    schema:
      primaryKey: [country, language, topic]
      foreignKeys:
        - {fields: [country, language], reference: {resource: texts, fields: [country, language]}}
      fields:
        - {name: country, from: "{country}"}
        - {name: language, from: "{language}"}
        - {name: topic, from: "{topic}"}
        - {name: text, from: $value}
"""

#: Tables that are wanted, and that no file beside the collection has.
WANTED: dict[str, dict[str, Any]] = {
    "choosealicense": {
        "properties": {
            "rows": 13,
            "primaryKey": ["name"],
            "fields": {"name": "string", "description": "string", "required": "boolean"},
        },
        "meanings": {
            "rows": 17,
            "primaryKey": ["group", "tag"],
            "fields": dict.fromkeys(("group", "tag", "label", "description"), "string"),
        },
    },
    "2026-08-15-countries": {
        "countries": {
            "rows": 66,
            "primaryKey": ["country"],
            "fields": dict.fromkeys(("country", "name", "region"), "string")
            | {"maturity_x": "number", "maturity_y": "integer"},
        },
        "regulatory": {
            "rows": 924,
            "primaryKey": ["country", "language", "topic"],
            "fields": dict.fromkeys(("country", "language", "topic", "text"), "string"),
        },
    },
}

Row = tuple[str, ...]


@pytest.fixture(scope="module", params=COLLECTIONS)
def released(
    request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path, Path]:
    """A collection: its name, a folder with its records, and its release."""
    name = request.param
    folder = tmp_path_factory.mktemp(name)
    for each in COLLECTIONS[name]:
        shutil.copytree(shared / "corpora" / name / each, folder / each)
    (folder / "datapackage.yaml").write_text(descriptor(name, shared), "utf-8")
    how = ("--descriptor", f"{folder}/datapackage.yaml", "--no-cache", "--out", f"{folder}/dist")
    code, out, err = run("build", *how)
    assert (code, err) == (0, ""), out
    return name, folder, next(path.parent for path in folder.glob("dist/*/datapackage.json"))


def descriptor(name: str, shared: Path) -> str:
    """The tables that a careful person draws of a collection."""
    if name == "2026-08-15-countries":
        return COUNTRIES
    text = (shared / "corpora/wanted" / f"{name}.yaml").read_text("utf-8")
    if name != "choosealicense":
        return text
    # The three lists give the tags of licences a meaning, so these refer to them.
    key = "foreignKeys: [{fields: [license], reference: {resource: licenses, fields: [license]}}"
    meant = "{fields: [group, tag], reference: {resource: meanings, fields: [group, tag]}}"
    text = text.replace(key, f"{key}, {meant}", 1)
    return text.replace("records:\n", f"records:\n{DATA_KINDS}") + DATA_TABLES


def test_a_release_of_it_is_rebuilt_from_its_archive(released: tuple[str, Path, Path]) -> None:
    """The records in the archive are as they were, and give the same release again."""
    code, out, _ = run("verify", "--rebuild", str(released[2]))
    assert (code, out.splitlines()[-1]) == (0, "verifies")


def test_tables_have_the_wanted_rows_keys_and_types(
    released: tuple[str, Path, Path], shared: Path
) -> None:
    """As a careful person drew them."""
    name, _, release = released
    truth = json.loads((shared / "corpora/wanted/truth.json").read_text())
    wanted = (truth[name]["tables"] if name in truth else {}) | WANTED.get(name, {})
    assert wanted
    package = json.loads((release / "datapackage.json").read_text())
    schemas = {each["name"]: each["schema"] for each in package["resources"]}
    for table, truth in wanted.items():
        fields = {field["name"]: field["type"] for field in schemas[table]["fields"]}
        assert fields == truth["fields"]
        assert schemas[table]["primaryKey"] == truth["primaryKey"]
        assert len(rows(release, table)) == truth["rows"]


def test_rows_are_those_of_another_reader(released: tuple[str, Path, Path]) -> None:
    """A few lines that know the collection, and nothing of this program, find the same rows."""
    name, folder, release = released
    readers = {"rustsec": rustsec, "choosealicense": choosealicense}
    expected = readers.get(name, countries)(folder)
    for table, wanted in expected.items():
        assert sorted(rows(release, table)) == sorted(wanted)


def rows(release: Path, table: str) -> list[Row]:
    """The rows of a table of a release, without its header."""
    with next(release.glob(f"**/{table}.csv")).open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def rustsec(folder: Path) -> dict[str, list[Row]]:
    """The advisories and what they say of versions."""
    advisories: list[Row] = []
    versions: list[Row] = []
    for path in (*folder.glob("crates/*/*.md"), *folder.glob("rust/*/*.md")):
        block, body = path.read_text(encoding="utf-8").removeprefix("```toml\n").split("```\n", 1)
        data = tomllib.loads(block)
        of = data["advisory"]
        names = ("date", "withdrawn", "url", "informational", "cvss", "license")
        cells = (str(of.get(name, "")) for name in names)
        advisories.append((of["id"], path.parts[-3], of["package"], *cells, body))
        versions += [
            (of["id"], kind, str(at), text)
            for kind, texts in data["versions"].items()
            for at, text in enumerate(texts)
        ]
    return {"advisories": advisories, "versions": versions}


def choosealicense(folder: Path) -> dict[str, list[Row]]:
    """The rules of the licences, who uses them, and what is said of them in three lists."""
    fields, meta, rules = (
        yaml.safe_load((folder / f"_data/{name}.yml").read_text("utf-8"))
        for name in ("fields", "meta", "rules")
    )
    found: dict[str, list[Row]] = {
        "rules": [],
        "using": [],
        "variables": [(each["name"], each["description"]) for each in fields],
        "properties": [
            (each["name"], each["description"], str(each["required"]).lower()) for each in meta
        ],
        "meanings": [
            (group, each["tag"], each["label"], each["description"])
            for group, entries in rules.items()
            for each in entries
        ],
    }
    for path, front, _ in fronts(folder, "_licenses/*.txt"):
        found["using"] += [(path.stem, *pair) for pair in (front.get("using") or {}).items()]
        for group in ("permissions", "conditions", "limitations"):
            found["rules"] += [(path.stem, group, tag) for tag in front[group]]
    return found


def countries(folder: Path) -> dict[str, list[Row]]:
    """The countries, what is said of them in each language, and how they regulate."""
    found: dict[str, list[Row]] = {"countries": [], "texts": [], "regulatory": []}
    for path, front, body in fronts(folder, "*/*.md"):
        key, of = (path.stem, path.parent.name), front["provenance"]
        if key[1] == "en":
            numbers = (str(front["maturity"][axis]) for axis in "xy")
            found["countries"].append((key[0], front["id"], front["region"], *numbers))
        whose = (of["author"], of["reviewer"], of["lastAuditDate"])
        found["texts"].append((*key, front["name"], front.get("summary", ""), *whose, body))
        found["regulatory"] += [(*key, *each) for each in front["regulatory"].items()]
    return found


def fronts(folder: Path, pattern: str) -> Iterator[tuple[Path, dict[str, Any], str]]:
    """Each file with its front matter, as PyYAML reads it, and its body."""
    for path in folder.glob(pattern):
        front, _, body = path.read_text(encoding="utf-8").partition("\n---\n")
        yield path, yaml.safe_load(front), body
