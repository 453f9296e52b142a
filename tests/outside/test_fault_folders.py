"""Small inputs that were refused once: what each gives as it stands, or with what the descriptor can say."""

from __future__ import annotations

from pathlib import Path

import pytest

from release.build import check
from release.findings.errors import UsageError
from release.tables import csv

#: Texts of the descriptor and what stands in their place; then each table as CSV.
TABLES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "02-darwin-core-names": (
        {},
        {"things": 'occurrenceID,scientificName,decimalLatitude\n"a","Larus fuscus",51.25\n'},
    ),
    "03-readme-in-folder": (
        {
            "path: things/{id}.md": "path: things/{id}.md\n"
            "    exclude:\n"
            "      - {path: things/README.md, reason: It explains the folder.}\n"
            "      - {path: things/_index.md, reason: It is the page of the folder.}"
        },
        {"things": 'id,title\n"a","A"\n'},
    ),
    "08-tags-scalar-or-list": (
        {'rows: "things/tags.{n}"': 'rows: {path: "things/tags.{n}", oneOrMany: true, split: ","}'},
        {
            "things": 'id\n"a"\n"b"\n"c"\n"d"\n',
            "tags": 'id,tag\n"a","harbour"\n"a","night"\n"b","harbour"\n"c","harbour"\n"c","night"\n',
        },
    ),
    "10-lon-lat-list": ({}, {"things": 'id,lon,lat\n"a",12.5,41.9\n'}),
    "11-datetime": ({}, {"things": 'id,updated\n"a",2024-03-09T23:30:00Z\n'}),
    "12-decimal-money": (
        {
            "type: number, from: price": "type: number, decimal: 2, from: price",
            "type: number, from: total": "type: number, decimal: 2, from: total",
        },
        {"things": 'id,price,total\n"a",1.50,12345678901234567.89\n"b",0.10,0.10\n'},
    ),
    "16-pure-yaml-records": ({}, {"things": 'id,title\n"a","A"\n"b","B"\n"c","C"\n'}),
    "26a-csv-semicolon": (
        {"path: c.csv": "path: c.csv\n    dialect: {delimiter: ';', commentChar: '#'}"},
        {"c": 'code,label,n\n"A","x",1\n', "things": 'id,title\n"a","A"\n'},
    ),
    "26b-csv-column-order": (
        {"primaryKey: [code]": "fieldsMatch: superset\n      primaryKey: [code]"},
        {"c": 'code,label,n\n"A","x",1\n', "things": 'id,title\n"a","A"\n'},
    ),
    "47-calver": (
        {"version: 0.1.0": "version: 2024.02.08\nversioning: calendar"},
        {"things": 'id,t\n"a","x"\n'},
    ),
    "60-empty-front-matter": (
        {"path: things/{id}.md": "path: things/{id}.md\n    frontMatter: optional"},
        {
            "things": 'id,title,body\n"a",,"only text\n"\n"b",,"text\n"\n"c",,"text\n"\n'
            '"d",,"text\n"\n"e",,"just text\n"\n'
        },
    ),
    "64-page-bundle-assets": (
        {
            "path: things/{id}/index.md": "path: things/{id}/index.md\n"
            "    companions: [{path: 'things/{id}/*.jpg'}, {path: 'things/{id}/notes.txt'}]"
        },
        {"things": 'id,t\n"a","x"\n"b","x"\n'},
    ),
}

#: Texts of the descriptor and what stands in their place; then the findings that stay, as they are right.
FINDINGS: dict[str, tuple[dict[str, str], list[str]]] = {
    "05-decimal-comma": (
        {
            "type: number, from: price": "type: number, from: price, decimalChar: ',', groupChar: '.', "
            "bareNumber: false",
            "type: integer, from: people": "type: integer, from: people, groupChar: ','",
        },
        [
            "things/b.md:3:9: people-type: people is '1 200', expected an integer such as 1,234",
            "things/c.md:3:9: people-type: people is '1_200', expected an integer such as 1,234",
        ],
    ),
    "06-missing-placeholder": (
        {"type: integer, from: code": "type: integer, from: code, missingValues: [N.A., '-', Nil]"},
        ["things/b.md:2:7: code-type: code is 'n/a', expected an integer"],
    ),
    "29-float-17g": (
        {},
        [
            (
                "things/g.md:2:4: x-type: x is '3.14159265358979323846', expected a number, which has 64 "
                "bits: the nearest is 3.141592653589793"
            )
        ],
    ),
}


def amended(shared: Path, name: str, changes: dict[str, str], into: Path) -> Path:
    """Copy an input, and change its descriptor."""
    given = shared / "faults" / name
    for file in (path for path in given.rglob("*") if path.is_file()):
        copy = into / name / file.relative_to(given)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())  # with modes of our own: those may be read-only
    path = into / name / "datapackage.yaml"
    text = path.read_text("utf-8")
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("name", TABLES)
def test_an_input_gives_the_tables_that_are_right(name: str, shared: Path, tmp_path: Path) -> None:
    """Nothing is found wrong, and each cell is what its author meant."""
    changes, tables = TABLES[name]
    outcome = check(amended(shared, name, changes, tmp_path))
    assert [str(each) for each in outcome.findings if each.severity != "note"] == []
    content = outcome.content
    found = {
        each.name: csv.to_bytes(content.tables[each.name], each.fields).decode()
        for each in content.descriptor.resources
    }
    assert found == tables


@pytest.mark.parametrize("name", FINDINGS)
def test_an_input_has_only_the_findings_that_are_right(
    name: str, shared: Path, tmp_path: Path
) -> None:
    """The values that the notation of the field does not cover are refused in place."""
    changes, findings = FINDINGS[name]
    outcome = check(amended(shared, name, changes, tmp_path))
    found = [f"{f.path}:{f.line}:{f.column}: {f.rule}: {f.message}" for f in outcome.findings]
    assert found == findings


def test_properties_of_other_versions_are_refused_by_name(shared: Path, tmp_path: Path) -> None:
    """Each with what is written in its place; what changes nothing is taken."""
    path = amended(shared, "38b-v1-props", {}, tmp_path)
    with pytest.raises(UsageError) as caught:
        check(path)
    assert str(caught.value).replace(f"{path}:", "").splitlines() == [
        "3:1: profile is of Data Package v1; the build writes `$schema` in its place; leave it out",
        "6:22: contributors.0.role is of Data Package v1, expected `roles`, a list of texts",
        "8:23: licenses.0.url is of a Data Package before v1, expected `path`",
        (
            "14:5: resources.0.profile is of Data Package v1; the build writes `$schema` in its place; "
            "leave it out"
        ),
        (
            "19:7: resources.0.schema.fieldsMatch has no meaning here: the table is made from `rows`; "
            "leave it out"
        ),
    ]
