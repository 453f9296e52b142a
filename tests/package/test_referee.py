"""Our rules held against frictionless: the same CSV, the same schema, the same row refused by both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import frictionless
import pyarrow as pa
import pytest
import yaml

from release.descriptor.load import parse
from release.descriptor.model import Descriptor
from release.findings import family
from release.package import checksums, write
from release.package.referee import judgement
from release.tables import csv, keys, validate
from release.tables.validate import Violation


@dataclass(frozen=True)
class Table:
    """A table: its fields and schema as in datapackage.yaml, and the text of its CSV."""

    name: str
    fields: list[dict[str, Any]]
    text: str
    schema: dict[str, Any]


def table(text: str, *fields: dict[str, Any], name: str = "t", **schema: Any) -> Table:
    """A table with the primary key `id`, an integer, before its fields."""
    schema = {"primaryKey": ["id"], **schema}
    return Table(name, [{"name": "id", "type": "integer"}, *fields], text, schema)


def described(tables: list[Table], folder: Path) -> Descriptor:
    """The descriptor of the tables, as curated ones, with their CSVs written below the folder."""
    resources = []
    for one in tables:
        path = f"{one.name}.csv"
        for copy in (folder / path, folder / "data" / path):  # what we read, what is published
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(one.text.encode("utf-8", "surrogateescape"))
        schema = {**one.schema, "fields": one.fields}
        resource: dict[str, Any] = {"name": one.name, "path": path, "schema": schema}
        if one.name == "codes":
            resource["codelist"] = {"aliases": "aliases"}
        resources.append(resource)
    head = {"name": "d", "version": "0.1.0", "created": "2026-01-01T00:00:00Z"}
    text = json.dumps({**head, "resources": resources})
    return parse(yaml.safe_dump(json.loads(text)), folder / "datapackage.yaml")


def violations(tables: Mapping[str, pa.Table], descriptor: Descriptor) -> list[Violation]:
    """The cells and the rows of tables that break a rule of their schemas."""
    broken = [
        violation
        for resource in descriptor.resources
        for violation in validate.check_cells(tables[resource.name], resource)
    ]
    return broken + keys.find_violations(tables, descriptor)


def ours(descriptor: Descriptor) -> set[tuple[str, int, str]]:
    """What our reader and our validator refuse: table, line and rule; line 0 means the whole table."""
    refused = set()
    tables: dict[str, pa.Table] = {}
    for resource in descriptor.resources:
        path = descriptor.root / resource.path
        read, findings = csv.parse(path.read_bytes(), resource, path)
        refused |= {(resource.name, finding.line, family(finding.rule)) for finding in findings}
        if read is None:
            return refused
        tables[resource.name] = read
    return refused | {
        (violation.table, violation.row + 2, family(violation.rule))
        for violation in violations(tables, descriptor)
    }


def published_of(descriptor: Descriptor) -> dict[str, Any]:
    """The descriptor that we would publish of the files in a folder."""
    root = descriptor.root
    known = {path: checksums.of(root / path) for path in write.files(root)}
    return write.published(descriptor, root, {}, known)


def theirs(descriptor: Descriptor) -> set[tuple[str, int, str]]:
    """What frictionless refuses of the package that we would publish: table, line and type of
    error.
    """
    for resource in descriptor.resources:
        (descriptor.root / f"data/{resource.name}.parquet").write_bytes(b"")
    published = published_of(descriptor)
    published["resources"] = [r for r in published["resources"] if "parquet" not in r["name"]]
    path = descriptor.root / "datapackage.json"
    path.write_text(json.dumps(published), encoding="utf-8")
    report = frictionless.Package(str(path)).validate()
    assert report.errors == []
    refused = {
        (task.name, getattr(error, "row_number", 0), error.type)
        for task in report.tasks
        for error in task.errors
    }
    assert bool(judgement.judge(descriptor.root)) == bool(refused)
    return refused


def of(type_: str, **constraints: Any) -> dict[str, Any]:
    """A field `v` of a type with its constraints."""
    return {"name": "v", "type": type_, **({"constraints": constraints} if constraints else {})}


def column(good: str, bad: str) -> str:
    """A CSV with a good value, none, and a bad value in the lines 2, 3 and 4."""
    return f"id,v\n1,{good}\n2,\n3,{bad}\n"


def required(good: str) -> str:
    """A CSV whose lines 2 and 3 have a value and whose line 4 has none."""
    return f"id,v\n1,{good}\n2,{good}\n3,\n"


PLACES = table("id,v\n1,Oslo\n2,Rome\n", of("string"), name="places")
CODES = Table(
    "codes",
    [{"name": "code", "type": "string"}, {"name": "aliases", "type": "string"}],
    "code,aliases\nno,\nit,\n",
    {"primaryKey": ["code"]},
)
PAIRS = Table(
    "pairs",
    [{"name": "a", "type": "string"}, {"name": "b", "type": "integer"}],
    "a,b\nx,1\ny,2\n",
    {"primaryKey": ["a", "b"]},
)
AB = ({"name": "a", "type": "string"}, {"name": "b", "type": "integer"})

#: Per rule: the tables, the line of `t` that is bad, our rule, and what frictionless calls the
#: fault.
AGREED: dict[str, tuple[list[Table], int, str, str]] = {
    "type-integer": ([table(column("3", "three"), of("integer"))], 4, "type", "type-error"),
    "type-integer-decimal": ([table(column("3", "1.5"), of("integer"))], 4, "type", "type-error"),
    "type-number": ([table(column("1.5", '"1,5"'), of("number"))], 4, "type", "type-error"),
    "type-boolean": ([table(column("true", "yes"), of("boolean"))], 4, "type", "type-error"),
    "type-date": ([table(column("2024-02-29", "2022-02-30"), of("date"))], 4, "type", "type-error"),
    "type-date-form": (
        [table(column("2024-02-29", "1.2.24"), of("date"))],
        4,
        "type",
        "type-error",
    ),
    "type-year": ([table(column("2022", "22nd"), of("year"))], 4, "type", "type-error"),
    "type-year-short": ([table(column("2022", "22"), of("year"))], 4, "type", "type-error"),
    "required": (
        [table(required("a"), of("string", required=True))],
        4,
        "required",
        "constraint-error",
    ),
    "required-integer": (
        [table(required("1"), of("integer", required=True))],
        4,
        "required",
        "constraint-error",
    ),
    "unique": (
        [table("id,v\n1,a\n2,\n3,\n4,a\n", of("string", unique=True))],
        5,
        "unique",
        "unique-error",
    ),
    "unique-integer": (
        [table("id,v\n1,7\n2,8\n3,7\n", of("integer", unique=True))],
        4,
        "unique",
        "unique-error",
    ),
    "minLength": (
        [table(column("早上好", "早上"), of("string", minLength=3))],
        4,
        "minLength",
        "constraint-error",
    ),
    "maxLength": (
        [table(column("🌧🌧🌧", "rain"), of("string", maxLength=3))],
        4,
        "maxLength",
        "constraint-error",
    ),
    "minimum": (
        [table(column("0", "-1"), of("integer", minimum=0))],
        4,
        "minimum",
        "constraint-error",
    ),
    "minimum-date": (
        [table(column("2000-01-01", "1999-12-31"), of("date", minimum="2000-01-01"))],
        4,
        "minimum",
        "constraint-error",
    ),
    "maximum": (
        [table(column("10", "11"), of("integer", maximum=10))],
        4,
        "maximum",
        "constraint-error",
    ),
    "maximum-number": (
        [table(column("0.5", "0.50001"), of("number", maximum=0.5))],
        4,
        "maximum",
        "constraint-error",
    ),
    "maximum-year": (
        [table(column("2100", "2101"), of("year", maximum=2100))],
        4,
        "maximum",
        "constraint-error",
    ),
    "exclusiveMinimum": (
        [table(column("1", "0"), of("integer", exclusiveMinimum=0))],
        4,
        "exclusiveMinimum",
        "constraint-error",
    ),
    "exclusiveMaximum": (
        [table(column("0.5", "1"), of("number", exclusiveMaximum=1))],
        4,
        "exclusiveMaximum",
        "constraint-error",
    ),
    "pattern": (
        [table(column("abc", "abc1"), of("string", pattern="[a-z]+"))],
        4,
        "pattern",
        "constraint-error",
    ),
    "enum": (
        [table(column("low", "LOW"), of("string", enum=["low", "high"]))],
        4,
        "enum",
        "constraint-error",
    ),
    "enum-integer": (
        [table(column("1", "3"), of("integer", enum=[1, 2]))],
        4,
        "enum",
        "constraint-error",
    ),
    "primaryKey-repeated": (
        [table("id,v\n1,a\n2,b\n1,c\n", of("string"))],
        4,
        "primaryKey",
        "primary-key",
    ),
    "primaryKey-composite": (
        [table("id,v\n1,a\n1,b\n1,a\n", of("string"), primaryKey=["id", "v"])],
        4,
        "primaryKey",
        "primary-key",
    ),
    "primaryKey-missing": (
        [table("id,v\n1,a\n2,b\n,c\n", of("string"))],
        4,
        "primaryKey",
        "constraint-error primary-key",
    ),
    "foreignKeys": (
        [
            table(
                "id,v\n1,Oslo\n2,\n3,Olso\n",
                of("string"),
                foreignKeys=[
                    {"fields": ["v"], "reference": {"resource": "places", "fields": ["v"]}}
                ],
            ),
            PLACES,
        ],
        4,
        "foreignKeys",
        "foreign-key",
    ),
    "foreignKeys-composite": (
        [
            table(
                "id,a,b\n1,x,1\n2,,\n3,x,2\n",
                *AB,
                foreignKeys=[
                    {"fields": ["a", "b"], "reference": {"resource": "pairs", "fields": ["a", "b"]}}
                ],
            ),
            PAIRS,
        ],
        4,
        "foreignKeys",
        "foreign-key",
    ),
    "foreignKeys-self": (
        [
            table(
                "id,v\n1,\n2,1\n3,4\n",
                of("integer"),
                foreignKeys=[{"fields": ["v"], "reference": {"fields": ["id"]}}],
            )
        ],
        4,
        "foreignKeys",
        "foreign-key",
    ),
    "foreignKeys-codelist": (
        [table("id,v\n1,no\n2,\n3,se\n", {**of("string"), "codes": "codes"}), CODES],
        4,
        "foreignKeys",
        "foreign-key",
    ),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in AGREED.items()])
def test_both_refuse_the_same_row(case: tuple[list[Table], int, str, str], tmp_path: Path) -> None:
    """Our reader and validator, and frictionless, refuse the bad row, that row only, and accept the
    others.
    """
    tables, line, rule, error = case
    descriptor = described(tables, tmp_path)
    assert ours(descriptor) == {("t", line, rule)}
    assert theirs(descriptor) == {("t", line, word) for word in error.split()}


def test_every_constraint_is_held_against_the_referee() -> None:
    """Each rule of a field or a table has a case here, or stands below with the reason why it
    cannot.
    """
    held = {rule for _, _, rule, _ in AGREED.values()}
    assert held | {"uniqueKeys", "categories"} == set(validate_rules())


def validate_rules() -> list[str]:
    """The rules that speak of a table's values alone and are those of Data Package v2; `code` and `codelist`
    are of records and codelists, and the rules with a hyphen of how texts look.
    """
    from release.findings import NAMED_AFTER

    names = NAMED_AFTER - {"code", "codelist", "fields", "mojibake"}
    return sorted(name for name in names if "-" not in name)


# where the two differ


def test_the_referee_ignores_unique_keys(tmp_path: Path) -> None:
    """frictionless 5.21 does not read `uniqueKeys`: only we refuse a repeated one."""
    text = "id,a,b\n1,x,1\n2,x,2\n3,x,1\n4,x,\n5,x,\n"
    descriptor = described([table(text, *AB, uniqueKeys=[["a", "b"]])], tmp_path)
    assert ours(descriptor) == {("t", 4, "uniqueKeys")}
    assert theirs(descriptor) == set()


@pytest.mark.parametrize("categories", [["low", "high"], [{"value": "low"}, {"value": "high"}]])
def test_the_referee_ignores_categories(categories: list[Any], tmp_path: Path) -> None:
    """frictionless 5.21 does not read `categories`: only we refuse a value that is none of them."""
    field = {**of("string"), "categories": categories}
    descriptor = described([table(column("low", "middle"), field)], tmp_path)
    assert ours(descriptor) == {("t", 4, "categories")}
    assert theirs(descriptor) == set()


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("integer", "010"),
        ("integer", str(2**63)),
        ("number", "NaN"),
        ("number", "INF"),
        ("number", "010.5"),
        ("number", "1e999"),
        ("boolean", "1"),
        ("boolean", "0"),
    ],
)
def test_we_refuse_what_the_referee_takes(type_: str, text: str, tmp_path: Path) -> None:
    """The standard allows several ways to write a value; a release has one, so that its bytes are
    its values.
    """
    descriptor = described([table(f"id,v\n1,\n2,{text}\n", of(type_))], tmp_path)
    assert ours(descriptor) == {("t", 3, "type")}
    assert theirs(descriptor) == set()


@pytest.mark.parametrize(("pattern", "text"), [("a|ab", "abc"), ("[a-z]+", '"ab\n"')])
def test_the_referee_does_not_hold_a_pattern_against_the_whole_text(
    pattern: str, text: str, tmp_path: Path
) -> None:
    """frictionless matches ^a|ab$, where the ends bind to one alternative each and $ lets a line
    end pass.
    """
    descriptor = described([table(column("ab", text), of("string", pattern=pattern))], tmp_path)
    assert ours(descriptor) == {("t", 4, "pattern")}
    assert theirs(descriptor) == set()


def test_a_foreign_key_with_some_parts_is_refused_by_both(tmp_path: Path) -> None:
    """SQL would let it be; frictionless looks for the part that is there beside a null, and so do we."""
    key = {"fields": ["a", "b"], "reference": {"resource": "pairs", "fields": ["a", "b"]}}
    text = "id,a,b\n1,x,1\n2,x,\n3,,\n"
    descriptor = described([table(text, *AB, foreignKeys=[key]), PAIRS], tmp_path)
    assert ours(descriptor) == {("t", 3, "foreignKeys")}
    assert theirs(descriptor) == {("t", 3, "foreign-key")}


# what is wrong with a file as a whole


@pytest.mark.parametrize(
    ("text", "rule", "errors"),
    [
        ("id,w\n1,a\n", "fields", {"incorrect-label"}),
        ("v,id\na,1\n", "fields", {"incorrect-label"}),
        ("id\n1\n", "fields", {"missing-label"}),
        ("id,v,w\n1,a,b\n", "fields", {"extra-label"}),
        ("id,v\n1,a\n2\n", "fields", {"missing-cell"}),
        ("id,v\n1,a\n2,b,c\n", "fields", {"extra-cell"}),
        ("id,v\n1,caf\udce9\n", "not-utf-8", {"encoding-error"}),
        ("", "fields", {"source-error"}),
    ],
    ids=[
        "other-name",
        "other-order",
        "column-missing",
        "column-more",
        "cell-missing",
        "cell-more",
        "not-utf-8",
        "empty",
    ],
)
def test_both_refuse_a_file_that_is_no_such_table(
    text: str, rule: str, errors: set[str], tmp_path: Path
) -> None:
    """A CSV whose columns, cells or bytes are not those of its schema is refused by both."""
    descriptor = described([table(text, of("string"))], tmp_path)
    assert {found for _, _, found in ours(descriptor)} == {rule}
    assert errors <= {found for _, _, found in theirs(descriptor)}


def test_the_referee_finds_changed_bytes(tmp_path: Path) -> None:
    """judge() checks the size and the hash of every CSV; it is not shown the Parquet."""
    descriptor = described([table("id,v\n1,a\n", of("string"))], tmp_path)
    (tmp_path / "data/t.parquet").write_bytes(b"PAR1")
    published = published_of(descriptor)
    (tmp_path / "datapackage.json").write_text(json.dumps(published), encoding="utf-8")
    assert judgement.judge(tmp_path) == []
    (tmp_path / "data/t.csv").write_bytes(b"id,v\n1,b\n")
    (problem,) = judgement.judge(tmp_path)
    assert "hash-count" in problem
    (tmp_path / "data/t.csv").write_bytes(b"id,v\n1,bc\n")
    assert any("byte-count" in problem for problem in judgement.judge(tmp_path))


def test_no_referee_knows_the_datasets_own_checks() -> None:
    """SQL checks are ours alone (they are left out of datapackage.json), so tests/cases/check*
    prove them.
    """
    assert "checks" not in json.dumps(sorted(frictionless.Schema.metadata_profile["properties"]))
    records = Path(__file__).parents[1] / "cases"
    for name in ("check", "check-package"):
        assert ": error: " in (records / name / "expected.txt").read_text(encoding="utf-8")
