"""`release schema`: JSON Schemas that accept what `release check` accepts, and refuse what it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from release.descriptor.vocabulary import PROPERTIES
from release.findings.rules import family
from release.syntax.formats.endings import format_of
from release.syntax.formats.front_matter import split
from release.syntax.text import SyntaxFault
from release.syntax.yaml import read_yaml
from tests.support import descriptor_faults, kit
from tests.support.datasets import describe, table, write_dataset

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests/cases"

#: The rules that a JSON Schema can say.
SAID = frozenset(
    "type code required minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum pattern enum "
    "categories unmapped-path front-matter-mapping records-path".split()
)

#: The cases without schemas: their codelists cannot be read. One has a pattern that takes years in Python's
#: engine.
SKIPPED = ("curated-missing-codelist", "no-cascade-codelist", "pattern-in-linear-time")

#: The records of cases about which a JSON Schema and the check differ, with the reason.
UNSAID: Mapping[str, str] = {
    "blank-values/records/c.md": "a character of no width, which shows nothing",
    "blank-values/records/d.md": "a character that takes room and shows nothing",
    "capture-in-path/records/en/rain.md": "a key that the path decides",
    "capture-in-path/records/zh/wind.md": "a key that the path decides",
    "code/records/yaml-set.md": "a value of the descriptor",
    "control-character/records/yaml-return.md": "it is read here by a reader of lines",
    "one-or-many/records/empty.md": "a text of empty parts",
    "patch/records/json.md": "a patch mends it",
    "required-merged/records/en/rain.md": "another edition might have it",
    "type-capture/records/one.md": "a value of the path",
    "type-capture/records/two.md": "a value of the path",
    "type-integer/records/json-decimal.md": "the digits of a number",
    "type-integer/records/yaml-decimal.md": "the digits of a number",
    "type-integer/records/yaml-huge.md": "the digits of a text",
    "type-number/records/json-digits.md": "the digits of a number",
    "type-number/records/json-huge.md": "the digits of a text",
    "type-number/records/yaml-digits.md": "the digits of a text",
    "type-number/records/yaml-huge.md": "the digits of a text",
    "type-number/records/yaml-tiny.md": "the digits of a text",
    "type-year/records/yaml-decimal.md": "the digits of a number",
    "unmapped-path-located/records/rain.md": "an orphan value",
    "unmapped-path-located/records/snow.md": "an orphan value",
    "unmapped-path-no-row/records/json.md": "an orphan value",
    "words-of-values/records/float.md": "the digits of a number",
}


def make_schemas(folder: Path, out: Path) -> list[tuple[str, jsonschema.Draft7Validator]]:
    """Make the schemas of a dataset's records, each with the pattern of the files that it is for."""
    code, said, _ = kit.run(
        "schema", "--descriptor", str(folder / "datapackage.yaml"), "--out", str(out)
    )
    assert code == 0
    found = []
    for line in said.splitlines():
        match = re.fullmatch(r"wrote (.*), for (.*)", line)
        assert match is not None
        if match[2] == "datapackage.yaml":
            continue
        schema = json.loads(Path(match[1]).read_text("utf-8"))
        jsonschema.Draft7Validator.check_schema(schema)
        glob = re.escape(match[2]).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        found.append((glob, jsonschema.Draft7Validator(schema)))
    return found


def read_records(folder: Path) -> Iterator[tuple[str, Any]]:
    """Read the files of a dataset that are one record each, by path."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".md", ".yaml", ".json", ".toml") or path.name == "datapackage.yaml":
            continue
        try:
            parts = split(path.read_text("utf-8"), format_of(path.name))
        except UnicodeDecodeError:
            continue
        if isinstance(parts, SyntaxFault):
            continue
        values, _, faults = parts.read()
        if not faults:
            yield str(path.relative_to(folder)), values


def is_valid(
    schemas: list[tuple[str, jsonschema.Draft7Validator]], path: str, value: Any
) -> bool | None:
    """Return whether a record is valid; None if no schema is for its file."""
    for glob, validator in schemas:
        if re.fullmatch(glob, path):
            return bool(validator.is_valid(value))
    return None


def find_differences(tmp_path: Path) -> Iterator[str]:
    """Find the records of tests/cases that the check refuses and the schema does not, or the reverse."""
    for folder in sorted(CASES.iterdir()):
        if folder.name in SKIPPED:
            continue
        refused = {
            match[1]
            for line in (folder / "expected.txt").read_text("utf-8").splitlines()
            if (match := re.match(r"([^:]+):\d+:\d+: error: ([\w-]+): ", line))
            and (family(match[2]) in SAID or "expected a value in every field" in line)
        }
        schemas = make_schemas(folder, tmp_path / folder.name)
        for path, value in read_records(folder):
            valid = is_valid(schemas, path, value)
            if valid is not None and valid == (path in refused):
                yield f"{folder.name}/{path}"


def test_schemas_refuse_the_records_of_the_cases_that_the_check_refuses(tmp_path: Path) -> None:
    """Types, codes, constraints and unmapped paths: where the two differ is listed, with the reason."""
    assert list(find_differences(tmp_path)) == list(UNSAID)


def test_the_schemas_of_the_shipped_records_accept_them(tmp_path: Path) -> None:
    """Each record of this repository's own dataset is valid, labels of other languages among them."""
    schemas = make_schemas(ROOT, tmp_path)
    paths = list((ROOT / "seeds").rglob("*.md"))
    assert len(paths) == 5
    for path in paths:
        parts = split(path.read_text("utf-8"), "markdown")
        assert not isinstance(parts, SyntaxFault)
        values = parts.read()[0]
        assert is_valid(schemas, str(path.relative_to(ROOT)), values) is True


DATASET = describe(
    table(
        "notes",
        "word, constraints: {minLength: 2, maxLength: 4}",
        "slug, constraints: {pattern: '[a-z]+'}",
        "size, constraints: {enum: [small, '7']}",
        "count, type: integer, constraints: {minimum: 0, maximum: 9}",
        "share, type: number, constraints: {exclusiveMinimum: 0}",
        "done, type: boolean",
        "day, type: date",
        "at, type: datetime",
        "since, type: year",
        "month, type: yearmonth",
        "stay, type: duration",
        "mail, format: email",
        "sizes, type: list, itemType: integer",
        "more, type: object, constraints: {minLength: 1}",
        "colour, codes: colours",
        "maybe, type: integer, missingValues: ['n/a', '-1']",
        "either, type: integer, from: mixed, when: integer",
        "other, from: mixed, when: text",
        "need, constraints: {required: true}",
        'n, type: integer, from: "{n}"',
        key="n",
    ),
    table(
        "tags",
        'n, from: "{n}"',
        'm, type: integer, from: "{m}"',
        "tag, from: $value, constraints: {maxLength: 3}",
        of="notes/tags.{m}",
        key="n, m",
    ),
    table(
        "parts",
        'n, from: "{n}"',
        'm, type: integer, from: "{m}"',
        "name, from: $value.name, constraints: {required: true}",
        "mass, type: number, from: $value.mass",
        of="notes/parts.{m}",
        key="n, m",
    ),
    table(
        "colours",
        "code",
        "label_en",
        of="colours.csv",
        key="code",
        more="codelist: {labels: 'label_{language}'}\n",
    ),
    path="notes.json",
    kind="records: '{n}'",
)

KEYS = (
    "word slug size count share done day at since month stay mail sizes more colour maybe mixed need tags "
    "parts odd"
).split()

VALUES = st.sampled_from(
    [
        *(
            None,
            "",
            "abc",
            "abcde",
            "é",
            "small",
            7,
            "7",
            0,
            9,
            10,
            -1,
            "-1",
            "n/a",
            2.5,
            "2.5",
            "1e3",
            True,
        ),
        *(
            "true",
            "no",
            "2024-02-29",
            "2023-02-29",
            "2024-13-01",
            "0000-01-01",
            "2024-01-31T12:00:00Z",
        ),
        *(
            "2024-01-31T12:00:00",
            "2024-01-31T24:00:00Z",
            "0476",
            476,
            2024,
            "2024-01",
            "2024-00",
            "P1Y2M",
            "P",
        ),
        *("a@b.org", "a@b", "red", "Red", "rde", "0x1F", "007", "1,2", "1,x", '{"a": 1}', "{"),
        *(
            [1, 2],
            ["a"],
            ["abcd"],
            [1, "x"],
            [[1]],
            {"a": 1},
            {"a": {"b": 1}},
            [{"name": "a"}],
            [{"mass": 1}],
        ),
        *(
            [{"name": "a", "mass": "x"}],
            [{"name": "", "mass": 2}],
            [{"nmae": "a"}],
            [{"name": None}],
        ),
    ]
)

RECORDS = st.lists(
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4), min_size=40, max_size=40
)


def is_unsaid(record: Mapping[str, Any]) -> bool:
    """Return whether a record has what docs/how-to/editors.md lists as what a schema cannot say."""
    return (
        any(type(record.get(key)) in (int, float) for key in ("word", "slug"))
        or any(isinstance(record.get(key), str) for key in ("count", "share"))
        or any(record.get(key) == "" for key in ("tags", "parts"))
    )


@settings(max_examples=6)
@given(RECORDS)
def test_the_schema_refuses_just_the_records_that_the_check_refuses(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]]
) -> None:
    """For types, codes, constraints and keys, of all records that can be made of these values."""
    records = [{"need": "x", **record} if at % 3 else record for at, record in enumerate(records)]
    root = tmp_path_factory.mktemp("notes")
    lines = ",\n".join(json.dumps(record) for record in records)
    files = {"notes.json": f"[\n{lines}\n]\n", "colours.csv": "code,label_en\nred,Red\n"}
    file = str(write_dataset(root, DATASET, files) / "datapackage.yaml")
    refused = {
        int(match[1]) - 2
        for line in kit.run("check", "--descriptor", file)[1].splitlines()
        if (match := re.match(r".*notes\.json:(\d+):\d+: error: ([\w-]+): ", line))
        and (family(match[2]) in SAID or match[2].endswith("-primaryKey"))
    }
    schema = json.loads(kit.run("schema", "notes", "--stdout", "--descriptor", file)[1])
    validator = jsonschema.Draft7Validator(schema)
    found = {
        error.absolute_path[0] for error in validator.iter_errors(records) if error.absolute_path
    }
    differ = [
        (at in refused, records[int(at)])
        for at in found ^ refused
        if not is_unsaid(records[int(at)])
    ]
    assert differ == []


@cache
def descriptor_validator() -> jsonschema.Draft7Validator:
    """Make the validator of descriptors, for which there need be none."""
    code, out, _ = kit.run("schema", "datapackage.yaml", "--stdout", "--descriptor", "none.yaml")
    assert code == 0
    schema = json.loads(out)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def find_descriptors() -> Iterator[tuple[str, str]]:
    """Find the descriptors of this repository, its tests and its documentation, each with its place."""
    for path in (ROOT / "datapackage.yaml", *sorted(CASES.glob("*/datapackage.yaml"))):
        yield str(path), path.read_text("utf-8")
    for path in sorted((ROOT / "docs").rglob("*.md")):
        for match in re.finditer(r"```yaml[^\n]*\n(.*?)```", path.read_text("utf-8"), re.DOTALL):
            yield str(path), match[1]


def test_the_schema_of_descriptors_accepts_every_descriptor_that_can_be_used() -> None:
    """Those of this repository, of tests/cases and of the pages are valid."""
    count = 0
    for place, text in find_descriptors():
        value, faults = read_yaml(text)
        if faults or not isinstance(value, dict) or not {"name", "resources"} <= value.keys():
            continue
        found = [
            f"{each.json_path}: {each.message}"
            for each in descriptor_validator().iter_errors(value)
        ]
        assert not found, place
        count += 1
    assert count > 130


#: What is said of properties that a schema knows: those that are unknown, or of another type.
KNOWN = re.compile(
    r" is an unknown property|, expected (a mapping|a list|true or false|lower-case letters|one of [a-z]+, )"
)


def test_the_schema_of_descriptors_refuses_unknown_and_mistyped_properties() -> None:
    """Of the descriptors that the check refuses, the schema refuses these, and more than half of all."""
    refused, known = [], []
    for name in descriptor_faults.CASES:
        value, faults = read_yaml(descriptor_faults.changed(name))
        if faults:
            continue
        if not descriptor_validator().is_valid(value):
            refused.append(name)
        if KNOWN.search(descriptor_faults.golden().get(name, "")):
            known.append(name)
    assert [name for name in known if name not in refused] == []
    assert len(known) > 30
    assert len(refused) > len(descriptor_faults.CASES) // 2


def test_the_schema_of_descriptors_describes_every_property() -> None:
    """Each property of each level is there, with what it means."""
    schema = descriptor_validator().schema
    assert isinstance(schema, dict)
    table_ = schema["definitions"]["table"]["properties"]
    field = table_["schema"]["properties"]["fields"]["items"]["properties"]
    levels = {
        "package": schema["properties"],
        "kind": schema["definitions"]["kind"]["properties"],
        "resource": table_,
        "schema": table_["schema"]["properties"],
        "dialect": table_["dialect"]["properties"],
        "check": schema["definitions"]["check"]["properties"],
        "field": field,
        "constraints": field["constraints"]["properties"],
    }
    for level, properties in levels.items():
        assert set(properties) == set(PROPERTIES[level]), level
        assert all(each["description"] for each in properties.values()), level


def test_forms_have_a_collection_for_each_kind_with_both_languages() -> None:
    """The shipped dataset has two kinds, of which one has editions in two folders."""
    code, out, _ = kit.run(
        "schema", "--cms", "--stdout", "--descriptor", str(ROOT / "datapackage.yaml")
    )
    assert code == 0
    policies, documents = yaml.safe_load(out)["collections"]
    assert policies["folder"] == "seeds/policies"
    assert policies["i18n"] == {
        "structure": "multiple_folders",
        "locales": ["en", "zh"],
        "default_locale": "en",
    }
    assert (documents["folder"], "i18n" in documents) == ("seeds/documents", False)
    fields = {each["name"]: each for each in policies["fields"]}
    assert fields["id"]["i18n"] == "duplicate"
    assert fields["title"]["required"] is True
    assert fields["pubDate"]["widget"] == "datetime"
    assert fields["tags"]["widget"] == "list"
    assert {"label": "中国", "value": "中国"} in fields["country"]["options"]
    assert {"label": "China (CN)", "value": "CN"} in fields["country"]["options"]
    assert fields["analysis"]["fields"][0]["fields"][0]["max"] == 100
    assert "lang" not in fields
    assert "# lang is left out of the form, as of the release: repeats the folder's name" in out


@pytest.mark.parametrize(
    ("path", "structure", "folder"),
    [
        ("notes/{language}/{note}.md", "multiple_folders", "notes"),
        ("notes/{note}.{language}.md", "multiple_files", "notes"),
        ("{language}/notes/{note}.md", "multiple_root_folders", "notes"),
    ],
)
def test_languages_of_forms_have_the_structure_of_the_paths(
    path: str, structure: str, folder: str, tmp_path: Path
) -> None:
    """A language is a folder behind others or before them, or the end of a file's name."""
    fields = ('note, from: "{note}"', 'language, from: "{language}"', "title")
    text = describe(
        table("notes", *fields, key="note, language"),
        path=path,
        kind="prefer: {language: [en, de]}",
    )
    file = str(write_dataset(tmp_path, text, {}) / "datapackage.yaml")
    (collection,) = yaml.safe_load(kit.run("schema", "--cms", "--stdout", "--descriptor", file)[1])[
        "collections"
    ]
    assert (collection["i18n"]["structure"], collection["folder"]) == (structure, folder)


def test_what_no_form_can_express_is_said(tmp_path: Path) -> None:
    """A kind whose files hold several records has no form, and a comment says why."""
    file = str(
        write_dataset(tmp_path, DATASET, {"colours.csv": "code,label_en\n"}) / "datapackage.yaml"
    )
    code, out, _ = kit.run("schema", "--cms", "--stdout", "--descriptor", file)
    assert code == 0
    assert "  # notes has no form: its files hold several records, and a form edits one\n" in out
    assert yaml.safe_load(out)["collections"] in ([], None)


def test_an_unknown_name_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    """A schema is asked for by the name of a kind."""
    file = str(write_dataset(tmp_path, describe(), {}) / "datapackage.yaml")
    code, _, err = kit.run("schema", "note", "--descriptor", file)
    expected = "expected one of datapackage.yaml, notes; did you mean 'notes'?"
    assert (code, err) == (2, f"release: 'note' has no schema, {expected}\n")


def test_more_than_one_schema_is_not_printed(tmp_path: Path) -> None:
    """`--stdout` prints one."""
    file = str(write_dataset(tmp_path, describe(), {}) / "datapackage.yaml")
    code, _, err = kit.run("schema", "--stdout", "--descriptor", file)
    message = "--stdout prints one schema, expected the name of one of datapackage.yaml, notes"
    assert (code, err) == (2, f"release: {message}\n")
