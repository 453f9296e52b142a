"""What differs between two releases: levels, words, hints, files, and how it is shown."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from release import cli
from release.descriptor.vocabulary import TYPES
from release.diff import changes, comparison, release
from release.diff.difference import Files
from release.diff.table_difference import RowCounts
from release.diff.views import html, markdown, text
from release.diff.views import json as json_view
from release.findings.errors import RefusedError, UsageError
from release.system.filenames import path_problem
from release.system.limits import Limits
from tests.support import diffs
from tests.support.datasets import DIGESTED
from tests.support.diffs import Made
from tests.support.kit import edit

FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "string"},
    {"name": "size", "type": "integer", "constraints": {"minimum": 0, "maximum": 9}},
    {"name": "word", "type": "string", "constraints": {"enum": ["a", "b"]}, "title": "Word"},
]
ROWS = [{"id": "one", "size": 1, "word": "a"}, {"id": "two", "size": 2, "word": "b"}]
SCHEMA = {"fields": FIELDS, "uniqueKeys": [["size"]]}


def table(
    fields: Sequence[Mapping[str, Any]] = FIELDS,
    rows: Sequence[Mapping[str, Any]] = ROWS,
    about: Mapping[str, Any] | None = None,
    key: Sequence[str] = ("id",),
    **schema: Any,
) -> Made:
    """A table by the fields of its schema."""
    kinds = [(field["name"], field.get("type", "string")) for field in fields]
    return Made(
        kinds, key, rows, {"fields": list(fields), "primaryKey": list(key), **schema}, about
    )


def field(name: str, **changed: Any) -> list[dict[str, Any]]:
    """The fields with one changed; a constraint of None is left out."""
    fields = [dict(each) for each in FIELDS]
    for each in fields:
        if each["name"] == name:
            constraints = {**each.get("constraints", {}), **changed.pop("constraints", {})}
            constraints = {key: value for key, value in constraints.items() if value is not None}
            each.update(changed | {"constraints": constraints})
    return fields


def limits(named: Mapping[str, Any] | None = None, **constraints: Any) -> dict[str, Any]:
    """What a field with constraints has besides its name."""
    return {"constraints": {**(named or {}), **constraints}}


def told(
    tmp_path: Path,
    old: Mapping[str, Made],
    new: Mapping[str, Made],
    before: Mapping[str, Any] | None = None,
    **about: Any,
) -> list[tuple[str, str]]:
    """What calls for a step between two releases of these tables."""
    one = diffs.released(tmp_path / "old", old, **(before or {}))
    other = diffs.released(tmp_path / "new", new, "2.0.0", **about)
    with comparison.compare(one, other) as difference:
        return [(str(level), text) for level, text in difference.reasons()]


# levels


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (table(), []),
        (
            table([FIELDS[0], FIELDS[2], FIELDS[1]]),
            [("major", "t: fields reordered: id, word, size; were id, size, word")],
        ),
        (
            table(
                field("size", type="string"), [{**row, "size": str(row["size"])} for row in ROWS]
            ),
            [("major", "t.size: type is string, was integer")],
        ),
        (
            table(field("size", constraints={"minimum": 1})),
            [("major", "t.size: minimum is 1, was 0 (tightened)")],
        ),
        (
            table(field("size", constraints={"minimum": -1})),
            [("minor", "t.size: minimum is -1, was 0 (loosened)")],
        ),
        (
            table(field("size", constraints={"minimum": None})),
            [("minor", "t.size: minimum removed, was 0 (loosened)")],
        ),
        (
            table(field("size", constraints={"maximum": 8})),
            [("major", "t.size: maximum is 8, was 9 (tightened)")],
        ),
        (
            table(field("size", constraints={"maximum": 0})),
            [("major", "t.size: maximum is 0, was 9 (tightened)")],
        ),
        (
            table(field("size", constraints={"maximum": 10})),
            [("minor", "t.size: maximum is 10, was 9 (loosened)")],
        ),
        (
            table(field("size", constraints={"required": True})),
            [("major", "t.size: required added: true (tightened)")],
        ),
        (table(field("size", constraints={"required": False})), []),
        (table(field("word", constraints={"enum": ["b", "a"]})), []),
        (
            table(field("word", constraints={"enum": ["a", "b", "c"]})),
            [("minor", "t.word: enum is ['a', 'b', 'c'], was ['a', 'b'] (loosened)")],
        ),
        (
            table(field("word", constraints={"enum": ["a", "c"]})),
            [("major", "t.word: enum is ['a', 'c'], was ['a', 'b'] (tightened)")],
        ),
        (
            table(field("word", constraints={"pattern": "[a-z]"})),
            [("major", "t.word: pattern added: [a-z] (tightened)")],
        ),
        (table(field("word", title="Letter")), [("patch", "t.word: title is Letter, was Word")]),
        (table(about={"title": "Things"}), [("patch", "t: title added: Things")]),
        (table(uniqueKeys=[["size"]]), [("major", "t: uniqueKeys: size added (tightened)")]),
        (
            table(
                foreignKeys=[{"fields": ["word"], "reference": {"resource": "w", "fields": ["id"]}}]
            ),
            [("major", "t: foreignKeys: word in w, id added (tightened)")],
        ),
        (table(missingValues=["", "-"]), [("major", "t: missingValues added: ['', '-']")]),
        (table(rows=ROWS[:1]), [("major", "t: 1 row removed")]),
        (table(rows=[*ROWS, {"id": "three"}]), [("minor", "t: 1 row added")]),
        (
            table(rows=[ROWS[0], {**ROWS[1], "word": "a"}]),
            [("patch", "t: values of 1 row changed")],
        ),
        (table(FIELDS[:2]), [("major", "t.word: removed (string)")]),
        (table([*FIELDS, {"name": "new", "type": "date"}]), [("major", "t.new: added (date)")]),
    ],
)
def test_each_difference_has_its_level(
    tmp_path: Path, new: Made, expected: list[tuple[str, str]]
) -> None:
    """Each line of the table of levels, by what a descriptor or the rows say."""
    assert told(tmp_path, {"t": table()}, {"t": new}) == expected


@pytest.mark.parametrize(
    ("kind", "old", "new", "expected"),
    [
        ("integer", {"minimum": "9"}, {"minimum": "10"}, "minimum is 10, was 9 (tightened)"),
        ("integer", {"minimum": "10"}, {"minimum": "9"}, "minimum is 9, was 10 (loosened)"),
        ("year", {"maximum": "2000"}, {"maximum": 1999}, "maximum is 1999, was 2000 (tightened)"),
        ("number", {"maximum": "9.5"}, {"maximum": "1e3"}, "maximum is 1e3, was 9.5 (loosened)"),
        (
            "date",
            {"minimum": "0999-12-31"},
            {"minimum": "1000-01-01"},
            "minimum is 1000-01-01, was 0999-12-31 (tightened)",
        ),
        ("integer", {"minimum": "9"}, {"minimum": 9}, ""),
        ("number", {"maximum": 9}, {"maximum": "9.0"}, ""),
        ("number", {"enum": [1, 2.5]}, {"enum": ["2.5", "1.0"]}, ""),
        ("integer", {"enum": ["1"]}, {"enum": [1, 2]}, "enum is [1, 2], was ['1'] (loosened)"),
    ],
)
def test_a_constraint_is_compared_as_its_field_reads_it(
    tmp_path: Path, kind: str, old: dict[str, Any], new: dict[str, Any], expected: str
) -> None:
    """A number that is written as text is a number: 10 is more than 9."""
    one, other = (
        table([FIELDS[0], {"name": "at", "type": kind, "constraints": limits}], rows=[])
        for limits in (old, new)
    )
    found = [text for _, text in told(tmp_path, {"t": one}, {"t": other})]
    assert found == ([f"t.at: {expected}"] if expected else [])


def typed(kind: str, value: Any) -> Made:
    """A table without rows in which one property holds a value."""
    constraints = {"enum": [value]} if kind == "enum" else {}
    categories = [{"value": "a", "label": value}] if kind == "label" else ["a"]
    size = {"name": "size", "constraints": constraints, "categories": categories}
    extra = {"extra": [value]} if kind == "field" else {}
    schema: dict[str, Any] = {"missingValues": [value]} if kind == "missingValues" else {}
    if kind == "foreignKeys":
        reference = {"resource": "t", "fields": ["id"], "extra": value}
        schema = {"foreignKeys": [{"fields": ["size"], "reference": reference}]}
    about = {"extra": value} if kind == "table" else {}
    return table([FIELDS[0], {**size, **extra}], [], about, **schema)


@pytest.mark.parametrize(("old", "new"), [(1, True), (True, 1), (0, False), (1, 1.0)])
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("enum", ["major t.size: enum is [{new!r}], was [{old!r}] (tightened)"]),
        ("field", ["patch t.size: extra is [{new!r}], was [{old!r}]"]),
        ("label", ["patch t.size: labels of categories changed"]),
        ("missingValues", ["major t: missingValues is [{new!r}], was [{old!r}]"]),
        (
            "foreignKeys",
            [
                "major t: foreignKeys: size in t, id added (tightened)",
                "minor t: foreignKeys: size in t, id removed (loosened)",
            ],
        ),
        ("table", ["patch t: extra is {told_new}, was {told_old}"]),
    ],
)
def test_a_value_of_another_type_is_another_value(
    tmp_path: Path, kind: str, old: Any, new: Any, expected: list[str]
) -> None:
    """To Python 1 is also True and 1.0; in the descriptor of a release it is neither."""
    found = told(tmp_path, {"t": typed(kind, old)}, {"t": typed(kind, new)})
    say = {"told_old": json.dumps(old), "told_new": json.dumps(new), "old": old, "new": new}
    assert [" ".join(each) for each in found] == [each.format(**say) for each in expected]


def test_another_type_in_the_metadata_of_the_package_is_told(tmp_path: Path) -> None:
    """So it is in lists, and in how records are read."""
    before, after = ({"extra": [{"a": value}]} for value in (1, True))
    found = told(tmp_path / "about", {}, {}, before, **after)
    assert found == [("patch", "package: extra is [{'a': True}], was [{'a': 1}]")]
    one, other = ({"source": f"checks: {value}\n"} for value in ("1", "true"))
    found = told(tmp_path / "source", {}, {}, one, **other)
    assert found == [("patch", "package: records are read or checked otherwise: checks")]


def test_schemas_that_are_written_otherwise_stand_in_json(tmp_path: Path) -> None:
    """A limit of 1.0 is that of 1 and calls for nothing; both are there for who compares the files."""
    number = {"name": "at", "type": "number"}
    releases = [
        diffs.released(
            tmp_path / version,
            {"t": table([FIELDS[0], {**number, "constraints": {"minimum": limit}}], [])},
            version,
        )
        for version, limit in (("1.0.0", 1), ("1.0.1", 1.0))
    ]
    with comparison.compare(*releases) as difference:
        told = json_view.summary(difference)
    limits = {
        side: repr(schema["fields"][1]["constraints"]["minimum"])
        for side, schema in told["tables"]["t"]["schema"].items()
    }
    assert (told["level"], told["changes"], limits) == ("none", [], {"old": "1", "new": "1.0"})


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (["high", "low"], [("patch", "t.size: order of categories changed")]),
        (["low", "mid", "high"], [("minor", "loosened")]),
        (
            ["high", "mid", "low"],
            [("minor", "loosened"), ("patch", "t.size: order of categories changed")],
        ),
    ],
)
def test_the_order_of_ordered_categories_is_told(
    tmp_path: Path, new: list[str], expected: list[tuple[str, str]]
) -> None:
    """It is what a reader sorts them by; where they have no order, it says nothing."""
    is_ordered = {"name": "size", "categoriesOrdered": True}
    one, other = (
        table([FIELDS[0], {**is_ordered, "categories": values}], rows=[])
        for values in (["low", "high"], new)
    )
    found = told(tmp_path, {"t": one}, {"t": other})
    assert len(found) == len(expected)
    for (level, words), (wanted, part) in zip(found, expected, strict=True):
        assert level == wanted
        assert part in words
    one, other = (
        table([FIELDS[0], {"name": "size", "categories": values}], rows=[])
        for values in (["low", "high"], ["high", "low"])
    )
    assert told(tmp_path / "unordered", {"t": one}, {"t": other}) == []


def named(categories: Sequence[Any]) -> dict[str, Any]:
    """What a field with categories has besides its name."""
    return {"categories": categories}


LABELLED = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        *(
            (limits({name: old}), limits({name: new}), f"{level} t.a: {name} is {new}, was {old} ({how})")
            for names, up, down in (
                (("minimum", "exclusiveMinimum", "minLength"), "major", "minor"),
                (("maximum", "exclusiveMaximum", "maxLength"), "minor", "major"),
            )
            for name in names
            for old, new, level in ((1, 2, up), (2, 1, down))
            for how in ("tightened" if level == "major" else "loosened",)
        ),
        (limits(minimum=1), limits(minimum="b"), "major t.a: minimum is b, was 1 (tightened)"),
        (limits(pattern="a"), limits(pattern="b"), "major t.a: pattern is b, was a (tightened)"),
        (limits(unique=True), limits(unique=False), "minor t.a: unique is false, was true (loosened)"),
        (limits(unique=False), limits(unique=True), "major t.a: unique is true, was false (tightened)"),
        (limits(unique=True), {}, "minor t.a: unique removed, was true (loosened)"),
        (limits(unique=False), {}, ""),
        (named(["a", "b"]), named(["b", "a"]), ""),
        (named(["a"]), named(LABELLED), "minor t.a: categories is ['a', 'b'], was ['a'] (loosened)"),
        (named(LABELLED), named(["b"]), "major t.a: categories is ['b'], was ['a', 'b'] (tightened)"),
        (named(LABELLED), named(["a", "b"]), "patch t.a: labels of categories changed"),
        ({}, named(LABELLED), "major t.a: categories added: ['a', 'b'] (tightened)"),
        (named(LABELLED), {}, "minor t.a: categories removed, was ['a', 'b'] (loosened)"),
        ({}, {"type": "string"}, ""),
        ({"format": "uri"}, {"format": "email"}, "major t.a: format is email, was uri"),
        ({}, {"description": "B"}, "patch t.a: description added: B"),
        ({"title": "A"}, {}, "patch t.a: title removed, was A"),
        ({"title": "A"}, {"title": f"{'b ' * 41}\n"}, f"patch t.a: title is {'b ' * 39}b…, was A"),
    ],
)  # fmt: skip
def test_each_property_of_a_field_has_its_level(
    old: dict[str, Any], new: dict[str, Any], expected: str
) -> None:
    """What takes fewer values is major, what takes more minor, what only speaks of them a patch."""
    one, other = (
        release.Table("t", Path(), (), "", {}, ("a",), {"fields": [{"name": "a", **each}]}, {})
        for each in (old, new)
    )
    assert "\n".join(f"{each.level} {each}" for each in changes.of_table(one, other)) == expected


def test_tables_come_and_go(tmp_path: Path) -> None:
    """A table added is minor, one removed major; their rows are not told again."""
    found = told(tmp_path, {"a": table(), "b": table()}, {"b": table(), "c": table()})
    assert found == [("major", "a: removed"), ("minor", "c: added")]


def test_another_key_leaves_no_row_the_same(tmp_path: Path) -> None:
    """With other key fields every row is removed and every row added; other tables are as they are."""
    new = {"t": table(key=("id", "word")), "u": table(rows=ROWS[:1])}
    found = told(tmp_path, {"t": table(), "u": table()}, new)
    assert found == [
        ("major", "t: primaryKey is id, word; was id"),
        ("major", "t: 2 rows removed"),
        ("major", "u: 1 row removed"),
        ("minor", "t: 2 rows added"),
    ]


@pytest.mark.parametrize(
    ("kind", "keys", "expected"),
    [
        ("number", (100.5, 10.5, 9.5), ("9.5", "10.5", "100.5")),
        ("string", ("9", "10"), ("10", "9")),
    ],
)
def test_rows_are_in_the_order_of_their_key_whatever_it_was(
    tmp_path: Path, kind: str, keys: Sequence[Any], expected: Sequence[str]
) -> None:
    """Numbers as numbers, also where they were text before; text by code point."""
    one = diffs.released(tmp_path / "old", {"t": Made([("n", "string")], ["n"], [])})
    new = Made([("n", kind)], ["n"], [{"n": key} for key in keys])
    other = diffs.released(tmp_path / "new", {"t": new})
    with comparison.compare(one, other) as difference:
        found = [row.key for row in difference.rows(difference.tables[0], "added")]
    assert found == [(key,) for key in expected]


def test_metadata_of_the_package(tmp_path: Path) -> None:
    """The name and id say which package it is; all else is a patch."""
    found = told(
        tmp_path,
        {"t": table()},
        {"t": table()},
        {"id": "x", "title": "One", "licenses": [{"name": "MIT"}]},
        id="y",
        title="Two",
        licenses=[{"name": "MIT"}],
    )
    assert found == [
        ("major", "package: id is y, was x"),
        ("patch", "package: title is Two, was One"),
    ]


def test_the_most_telling_come_first(tmp_path: Path) -> None:
    """By level, then changes of the schema, then rows by their number."""
    more = [{"id": f"n{n}"} for n in range(3)]
    old = {"a": table(), "b": table(), "c": table(rows=[*ROWS, *more])}
    new = {
        "a": table(rows=[*ROWS, *more]),
        "b": table(field("size", constraints={"maximum": None}), rows=ROWS[:1]),
        "c": table(rows=ROWS),
    }
    assert [text for _, text in told(tmp_path, old, new)] == [
        "c: 3 rows removed",
        "b: 1 row removed",
        "b.size: maximum removed, was 9 (loosened)",
        "a: 3 rows added",
    ]


SOURCE = """\
resources:
  - {name: codes, path: codes.csv, codelist: {}}
  - name: records
    rows: records
    schema:
      fields:
        - {name: id, from: id}
        - {name: file, from: $path}
        - {name: hash, from: $sha256}
        - {name: text, from: text}
  - {name: findings, rows: $findings}
"""
RECORD = [("id", "string"), ("file", "string"), ("hash", "string"), ("text", "string")]


@pytest.mark.parametrize("knowing", ["both", "old", "new"])
def test_a_code_is_called_a_code(tmp_path: Path, knowing: str) -> None:
    """Rows of a codelist are codes, by either descriptor of the records."""
    old = {"codes": Made([("code", "string")], ["code"], [{"code": "a"}, {"code": "b"}])}
    new = {"codes": Made([("code", "string")], ["code"], [{"code": "a"}, {"code": "c"}])}
    one = SOURCE if knowing in ("both", "old") else ""
    other = SOURCE if knowing in ("both", "new") else ""
    found = told(tmp_path, old, new, {"source": one}, source=other)
    assert found == [("major", "codes: 1 code removed"), ("minor", "codes: 1 code added")]


@pytest.mark.parametrize("knowing", ["both", "old", "new", "neither"])
def test_columns_of_files_are_not_data(tmp_path: Path, knowing: str) -> None:
    """They are known by either descriptor of the records; without any they count, for no more than that."""
    old = {"records": Made(RECORD, ["id"], [{"id": "a", "file": "a.md", "hash": "1", "text": "x"}])}
    new = {"records": Made(RECORD, ["id"], [{"id": "a", "file": "b.md", "hash": "2", "text": "x"}])}
    one = SOURCE if knowing in ("both", "old") else ""
    other = SOURCE if knowing in ("both", "new") else ""
    found = told(tmp_path, old, new, {"source": one}, source=other)
    expected = "records rewritten, data unchanged"
    if knowing == "neither":
        expected = "records: values of 1 row changed"
    assert found == [("patch", expected)]


def test_a_row_is_changed_or_rewritten_and_not_both(tmp_path: Path) -> None:
    """Rows of which only the file differs are counted apart from those whose data changed too."""
    rows = [{"id": name, "file": "a.md", "hash": "1", "text": "x"} for name in "abc"]
    after = [{**rows[0], "hash": "2"}, {**rows[1], "hash": "2", "text": "y"}, rows[2]]
    one, other = (
        diffs.released(tmp_path / side, {"records": Made(RECORD, ["id"], made)}, source=SOURCE)
        for side, made in (("old", rows), ("new", after))
    )
    with comparison.compare(one, other) as difference:
        (table,) = difference.tables
        assert table.rows == RowCounts(old=3, new=3, changed=1, rewritten=1)
        assert table.cells == {"text": 1}
        assert [row.key for row in difference.rows(table, "changed")] == [("b",)]
    changes = [(line["change"], line["field"]) for line in diffs.lines(one, other)]
    assert changes == [("rewritten", "hash"), ("rewritten", "hash"), ("changed", "text")]


FINDING = [
    ("rule", "string"),
    ("path", "string"),
    ("line", "integer"),
    ("column", "integer"),
    ("field", "string"),
    ("severity", "string"),
    ("table", "string"),
    ("key", "string"),
    ("message", "string"),
]


def finding(
    rule: str, line: int, message: str = "is odd", field: str = "text", path: str = "a.md"
) -> dict[str, Any]:
    """A finding as a row."""
    return {
        "rule": rule,
        "path": path,
        "line": line,
        "column": 1,
        "field": field,
        "severity": "warning",
        "table": "records",
        "key": "a",
        "message": message,
    }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([finding("r", 1)], [finding("r", 2)], ["records rewritten, data unchanged"]),
        ([finding("r", 1)], [finding("r", 1, path="b.md")], ["records rewritten, data unchanged"]),
        (
            [finding("r", 1, "a"), finding("r", 2, "b")],
            [finding("r", 2, "a"), finding("r", 1, "b")],
            ["records rewritten, data unchanged"],
        ),
        ([], [finding("ends", 1, field="*")], ["records rewritten, data unchanged"]),
        ([finding("r", 1)], [finding("r", 1), finding("r", 9)], ["findings: 1 finding added"]),
        ([finding("r", 1)], [], ["findings: 1 finding removed"]),
        (
            [finding("r", 1, "a")],
            [finding("r", 1, "b")],
            ["findings: 1 finding removed", "findings: 1 finding added"],
        ),
    ],
)
@pytest.mark.parametrize("source", [SOURCE, ""])
def test_findings_are_told_by_what_they_say(
    tmp_path: Path, old: list[Any], new: list[Any], expected: list[str], source: str
) -> None:
    """Not by where they stand; and they never call for more than a patch."""
    key = ["rule", "path", "line", "column", "field"]
    one, other = ({"findings": Made(FINDING, key, rows)} for rows in (old, new))
    found = told(tmp_path, one, other, {"source": source}, source=source)
    assert found == [("patch", text) for text in expected]


def test_what_the_build_noticed_is_told_behind_what_it_noticed_it_of(tmp_path: Path) -> None:
    """However many findings came or went: they follow from the rows."""
    key = ["rule", "path", "line", "column", "field"]
    found = {"findings": Made(FINDING, key, [finding("r", 1), finding("r", 2)])}
    old = {"t": table(), **found}
    new = {"t": table(rows=[{**ROWS[0], "word": "b"}, ROWS[1]]), "findings": Made(FINDING, key, [])}
    assert told(tmp_path, old, new, {"source": SOURCE}, source=SOURCE) == [
        ("patch", "t: values of 1 row changed"),
        ("patch", "findings: 2 findings removed"),
    ]


def test_of_findings_too_the_first_are_shown(tmp_path: Path) -> None:
    """As many as are asked for."""
    key = ["rule", "path", "line", "column", "field"]
    one, other = (
        diffs.released(tmp_path / side, {"findings": Made(FINDING, key, rows)}, source=SOURCE)
        for side, rows in (("old", []), ("new", [finding("r", 1, text) for text in "abc"]))
    )
    with comparison.compare(one, other) as difference:
        (table,) = difference.tables
        found = list(difference.rows(table, "added", 2))
        assert [row.cells[0].new for row in found] == ["a", "b"]
        assert len(list(difference.rows(table, "added"))) == 3


def test_a_row_that_changed_is_shown_without_fields_that_came(tmp_path: Path) -> None:
    """The schema says that they came; what changed is what both releases have."""
    fields = [("id", "string"), ("text", "string")]
    old = Made(fields, ["id"], [{"id": "a", "text": "x"}])
    new = Made([*fields, ("more", "string")], ["id"], [{"id": "a", "text": "y", "more": "z"}])
    one = diffs.released(tmp_path / "old", {"t": old})
    other = diffs.released(tmp_path / "new", {"t": new})
    with comparison.compare(one, other) as difference:
        (row,) = difference.rows(difference.tables[0], "changed")
    assert [tuple(cell) for cell in row.cells] == [("text", "x", "y")]


@pytest.mark.parametrize("name", ["records", "severity", "checks"])
def test_a_table_may_be_named_as_what_a_descriptor_says(tmp_path: Path, name: str) -> None:
    """A change of what the descriptor says under that name is told all the same."""
    made = {name: Made([("id", "string")], ["id"], [{"id": "a"}])}
    resources = f"resources: [{{name: {name}, rows: notes}}]\n"
    found = told(
        tmp_path,
        made,
        made,
        {"source": f"{name}: {{one: 1}}\n{resources}"},
        source=f"{name}: {{one: 2}}\n{resources}",
    )
    assert found == [("patch", f"package: records are read or checked otherwise: {name}")]


def test_records_read_otherwise_are_a_patch(tmp_path: Path) -> None:
    """Where the same rows come of another rule, the rule is told."""
    made = {"records": Made(RECORD, ["id"], [{"id": "a"}])}
    found = told(
        tmp_path, made, made, {"source": SOURCE}, source=SOURCE.replace("from: text", "from: body")
    )
    assert found == [("patch", "package: records are read or checked otherwise: records")]


def test_files_are_told_by_their_digests(tmp_path: Path) -> None:
    """Which records came, went and were rewritten, by SHA256SUMS; the descriptor is no record."""
    made = {"t": table()}
    one = diffs.released(
        tmp_path / "old", made, sums={"a.md": "1", "b.md": "2", "datapackage.yaml": "3"}
    )
    other = diffs.released(
        tmp_path / "new", made, sums={"b.md": "4", "c.md": "5", "datapackage.yaml": "6"}
    )
    with comparison.compare(one, other) as difference:
        assert difference.files == Files(("c.md",), ("a.md",), ("b.md",))
        assert difference.reasons() == [("patch", "records rewritten, data unchanged")]


# hints


def hints(tmp_path: Path, old: Made, new: Made) -> tuple[str, ...]:
    """What looks renamed."""
    one = diffs.released(tmp_path / "old", {"t": old})
    other = diffs.released(tmp_path / "new", {"t": new})
    with comparison.compare(one, other) as difference:
        return difference.tables[0].hints


def test_a_key_with_another_name_is_a_hint(tmp_path: Path) -> None:
    """All rows of a key's value are there under another value: one of a composite key is enough."""
    fields = [("id", "string"), ("n", "integer"), ("text", "string")]
    old = [
        {"id": "a", "n": 1, "text": "x"},
        {"id": "a", "n": 2, "text": "y"},
        {"id": "b", "n": 1, "text": "x"},
    ]
    new = [{**row, "id": "c" if row["id"] == "a" else "b"} for row in old]
    found = hints(tmp_path, Made(fields, ["id", "n"], old), Made(fields, ["id", "n"], new))
    assert found == ("id 'a' looks renamed to 'c': the same in 2 rows",)


def test_a_key_that_is_written_in_another_way_is_a_hint(tmp_path: Path) -> None:
    """Even if its rows differ: with code points where both print alike, and for other case."""
    fields = [("word", "string"), ("text", "string")]
    old = [{"word": "m\u00f4le", "text": "x"}, {"word": "ibm", "text": "y"}]
    new = [{"word": "mo\u0302le", "text": "z"}, {"word": "IBM", "text": "other"}]
    found = hints(tmp_path, Made(fields, ["word"], old), Made(fields, ["word"], new))
    accents = "'m\u00f4le' (U+00F4), which is gone, looks the same as 'mo\u0302le' (U+006F U+0302)"
    assert found == (
        f"word {accents}, which is new",
        "word 'ibm', which is gone, differs only in case from 'IBM', which is new",
    )


def test_a_key_that_moved_to_one_that_looks_the_same_is_told_apart(tmp_path: Path) -> None:
    """Rows that are equal under both keys are one hint."""
    fields = [("word", "string"), ("text", "string")]
    old, new = [{"word": "m\u00f4le", "text": "x"}], [{"word": "mo\u0302le", "text": "x"}]
    found = hints(tmp_path, Made(fields, ["word"], old), Made(fields, ["word"], new))
    assert found == (
        "word 'm\u00f4le' (U+00F4) looks renamed to 'mo\u0302le' (U+006F U+0302): the same in 1 row",
    )


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("m\u00f4le", "mo\u0302le", "'m\u00f4le' (U+00F4) -> 'mo\u0302le' (U+006F U+0302)"),
        ("two words", "two\u00a0words", "'two words' -> 'two\\u00a0words'"),
        ("p\u0430y", "pay", "'p\u0430y' (U+0430) -> 'pay' (U+0061)"),
        ("granite ", "granite", "'granite ' (U+0020) -> 'granite'"),
        ("M", "m", "'M' -> 'm'"),
    ],
)
def test_values_that_print_alike_are_told_apart(
    tmp_path: Path, old: str, new: str, shown: str
) -> None:
    """A terminal, Markdown and a page show the code points in which they differ."""
    fields = [("id", "string"), ("text", "string")]
    made = [Made(fields, ["id"], [{"id": "a", "text": text}]) for text in (old, new)]
    one = diffs.released(tmp_path / "old", {"t": made[0]})
    other = diffs.released(tmp_path / "new", {"t": made[1]}, "1.0.1")
    with comparison.compare(one, other) as difference:
        terminal = "".join(text.pieces(difference))
        section = "".join(markdown.pieces(difference))
        page = "".join(html.pieces(difference))
    assert f"      text  {shown}\n" in terminal
    for point in re.findall(r"U\+[0-9A-F]{4}", shown):
        assert point in section
        assert point in page


@pytest.mark.parametrize(
    "new",
    [
        [{"id": "c", "n": 1, "text": "z"}, {"id": "c", "n": 2, "text": "y"}],  # a cell differs
        [{"id": "c", "n": 1, "text": "x"}],  # a row is missing
        [
            {"id": "c", "n": 1, "text": "x"},
            {"id": "c", "n": 2, "text": "y"},
            {"id": "d", "n": 1, "text": "x"},
            {"id": "d", "n": 2, "text": "y"},
        ],
    ],
)
def test_what_is_not_all_equal_is_no_hint(tmp_path: Path, new: list[Any]) -> None:
    """Another cell, a missing row or a second candidate: no hint."""
    fields = [("id", "string"), ("n", "integer"), ("text", "string")]
    old = [{"id": "a", "n": 1, "text": "x"}, {"id": "a", "n": 2, "text": "y"}]
    assert hints(tmp_path, Made(fields, ["id", "n"], old), Made(fields, ["id", "n"], new)) == ()


def test_a_key_that_is_still_there_is_not_renamed(tmp_path: Path) -> None:
    """Where some of its rows stay, they are other rows and no other name."""
    fields = [("id", "string"), ("n", "integer"), ("text", "string")]
    old = [{"id": "a", "n": n, "text": f"t{n}"} for n in range(3)]
    new = [{**row, "id": "c"} if row["n"] else row for row in old]
    assert hints(tmp_path, Made(fields, ["id", "n"], old), Made(fields, ["id", "n"], new)) == ()


def test_a_record_with_another_name_is_a_hint(tmp_path: Path) -> None:
    """What is said of its file is another, and a field that came says nothing of it."""
    old = {"id": "a", "file": "a.md", "hash": "1", "text": "x"}
    new = {"id": "b", "file": "b.md", "hash": "2", "text": "x", "more": "y"}
    one = diffs.released(tmp_path / "old", {"records": Made(RECORD, ["id"], [old])}, source=SOURCE)
    with_more = Made([*RECORD, ("more", "string")], ["id"], [new])
    other = diffs.released(tmp_path / "new", {"records": with_more})
    with comparison.compare(one, other) as difference:
        assert difference.tables[0].hints == ("id 'a' looks renamed to 'b': the same in 1 row",)


def test_keys_that_are_ambiguous_or_hold_nothing_are_no_hint(tmp_path: Path) -> None:
    """Of two that are gone with the same rows neither is renamed, nor is one without values."""
    fields = [("id", "string"), ("text", "string")]
    old = [{"id": "a", "text": "x"}, {"id": "b", "text": "x"}, {"id": "c"}]
    new = [{"id": "d", "text": "x"}, {"id": "e"}]
    assert hints(tmp_path, Made(fields, ["id"], old), Made(fields, ["id"], new)) == ()


def test_the_first_hints_of_a_table_are_told(tmp_path: Path) -> None:
    """By the old key, and by the old field: some of each."""
    names = [f"f{n}" for n in range(6)]
    fields = [(name, "integer") for name in names]
    key = ("id", "string")
    rows = [{"id": f"{n}"} | dict.fromkeys(names, n) for n in range(9)]
    old = Made([key, *fields], ["id"], rows)
    renamed = [{**row, "id": f"new {row['id']}"} for row in reversed(rows)]
    assert hints(tmp_path, old, Made([key, *fields], ["id"], renamed)) == tuple(
        f"id '{n}' looks renamed to 'new {n}': the same in 1 row" for n in range(5)
    )
    others = [(f"g{name}", kind) for name, kind in fields[:2]]
    new = [{"id": row["id"], "gf0": row["f0"], "gf1": row["f1"]} for row in rows]
    assert hints(tmp_path / "fields", old, Made([key, *others], ["id"], new)) == tuple(
        f"f{n // 2} looks renamed to gf{n % 2}: the same values in every row that both tables have"
        for n in range(5)
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"text": "x"}, {"text": "x", "words": "x"}),  # the field is still there
        ({"text": "x", "words": "x"}, {"words": "x"}),  # the other was there before
        ({"text": "1"}, {"words": 1}),  # another type
        ({"text": None, "n": 1}, {"words": None, "n": 2}),  # no value in either
    ],
)
def test_a_field_that_only_looks_alike_is_no_hint(
    tmp_path: Path, old: dict[str, Any], new: dict[str, Any]
) -> None:
    """One that stays or was there, has another type, or holds nothing, has no new name."""
    one, other = (
        Made(
            [("id", "string")]
            + [
                (name, "integer" if isinstance(value, int) else "string")
                for name, value in row.items()
            ],
            ["id"],
            [{"id": "a", **row}],
        )
        for row in (old, new)
    )
    assert hints(tmp_path, one, other) == ()


def test_a_field_with_another_name_is_a_hint(tmp_path: Path) -> None:
    """The same type and the same values in every row; the level stays that of removed and added."""
    old = Made(
        [("id", "string"), ("text", "string")], ["id"], [{"id": "a", "text": "x"}, {"id": "b"}]
    )
    new = Made(
        [("id", "string"), ("words", "string")], ["id"], [{"id": "a", "words": "x"}, {"id": "b"}]
    )
    found = hints(tmp_path, old, new)
    assert found == (
        "text looks renamed to words: the same values in every row that both tables have",
    )
    other = Made(new.fields, ["id"], [{"id": "a", "words": "x"}, {"id": "b", "words": "y"}])
    assert hints(tmp_path / "other", old, other) == ()


def test_a_hint_is_shown_where_no_row_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under the name of its table, which is counted with the others."""
    rows = [{"id": "a", "text": "x"}]
    old = Made([("id", "string"), ("text", "string")], ["id"], rows)
    new = Made([("id", "string"), ("words", "string")], ["id"], [{"id": "a", "words": "x"}])
    one = diffs.released(tmp_path / "old", {"t": old})
    other = diffs.released(tmp_path / "new", {"t": new})
    cli.main(["diff", str(one), str(other)])
    hint = "text looks renamed to words: the same values in every row that both tables have"
    assert (
        "rows          old        new      added    removed    changed\n"
        "  t             1          1          -          -          -\n"
        f"\nt\n  ? {hint}\n"
    ) in capsys.readouterr().out
    with comparison.compare(one, other) as difference:
        assert hint in "".join(html.pieces(difference))


# what may not be


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"name": "things"', '"name": 3', "name is 3, expected text"),
        ('"version": "1.0.0"', '"version": "1"', "version is '1', expected one such as 1.2.0"),
        (
            "data/t.csv",
            "../t.csv",
            f"resources.0.path is '../t.csv', which {path_problem('../t.csv')}",
        ),
        (
            '"type": "integer"',
            '"type": "geo"',
            f"type of t.size is 'geo', expected one of {', '.join(TYPES)}",
        ),
        (
            '"primaryKey": ["id"]',
            '"primaryKey": ["ix"]',
            "primaryKey of t is a list, expected fields of the table",
        ),
        (
            '"type": "integer"',
            '"type": []',
            f"type of t.size is a list, expected one of {', '.join(TYPES)}",
        ),
        (
            '"primaryKey": ["id"]',
            '"primaryKey": [["id"]]',
            "primaryKey of t is a list, expected fields of the table",
        ),
        (
            '"constraints": {"minimum": 0, "maximum": 9}',
            '"constraints": 3',
            "constraints of t.size is 3, expected a mapping",
        ),
        (
            '"title": "Word"',
            '"categories": [{"value": ["a"]}]',
            "categories of t.word have a list, expected text or a number",
        ),
        ('"name": "word"', '"name": "size"', "fields of t have a name twice, expected each once"),
        ('"resources": [', '"resources": 3, "x": [', "resources is 3, expected a list of mappings"),
    ],
)
def test_a_descriptor_that_is_not_ours_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """What a comparison rests on is checked, and each fault says where and what was expected."""
    place = diffs.released(tmp_path / "old", {"t": table()})
    path = place / "datapackage.json"
    content = path.read_text("utf-8")
    assert old in content
    path.write_text(content.replace(old, new), "utf-8")
    with pytest.raises(RefusedError) as refused, comparison.compare(place, place):
        pass
    assert str(refused.value).split("\n")[0] == f"{path}:1: {message}"


def test_a_descriptor_that_nests_too_deep_is_refused(tmp_path: Path) -> None:
    """What is deep enough to be read and too deep to be told is not compared."""
    place = diffs.released(tmp_path / "old", {"t": table()})
    path = place / "datapackage.json"
    deep = f'{{"x": {"[" * 500}{"]" * 500}, '
    path.write_text(path.read_text("utf-8").replace("{", deep, 1), "utf-8")
    with pytest.raises(RefusedError) as refused, comparison.compare(place, place):
        pass
    assert str(refused.value) == f"{path}:1: found a level below 64, expected no more"


def test_a_table_with_other_columns_than_it_says_is_refused(tmp_path: Path) -> None:
    """The columns of a file are those of the schema, whichever file it is."""
    for with_parquet in (True, False):
        place = tmp_path / str(with_parquet)
        one = diffs.released(place / "old", {"t": table()}, with_parquet=with_parquet)
        other = diffs.released(
            place / "new", {"t": table(rows=ROWS[:1])}, with_parquet=with_parquet
        )
        path = other / "datapackage.json"
        path.write_text(path.read_text("utf-8").replace('"name": "word"', '"name": "mot"'), "utf-8")
        file = other / f"data/t.{'parquet' if with_parquet else 'csv'}"
        with pytest.raises(RefusedError) as refused, comparison.compare(one, other):
            pass
        assert (
            str(refused.value) == f"{file}: has the columns id, size, word, expected id, size, mot"
        )


def test_a_damaged_table_is_refused(tmp_path: Path) -> None:
    """A file that cannot be read is named."""
    one = diffs.released(tmp_path / "old", {"t": table()})
    other = diffs.released(tmp_path / "new", {"t": table(rows=ROWS[:1])})
    (other / "data/t.parquet").write_bytes(b"PAR1 no")
    with (
        pytest.raises(RefusedError, match=r"data/t\.parquet: has 7 bytes, datapackage.json says "),
        comparison.compare(one, other),
    ):
        pass
    path = other / "datapackage.json"
    package = json.loads(path.read_text("utf-8"))
    package["resources"][1] |= diffs.measured(b"PAR1 no")
    path.write_text(json.dumps(package), "utf-8")
    with (
        pytest.raises(RefusedError, match=r"data/t\.parquet: cannot be read as Parquet: "),
        comparison.compare(one, other),
    ):
        pass
    with (
        pytest.raises(UsageError, match=r"has no datapackage\.json, expected a release"),
        comparison.compare(one, tmp_path),
    ):
        pass


@pytest.mark.parametrize("line", range(66, 72))
def test_a_line_end_in_a_value_is_kept_wherever_a_piece_of_the_file_ends(
    tmp_path: Path, line: int
) -> None:
    """A table with numbers is read from its CSV, where a CR and the LF behind it may be far apart."""
    ends = ["\r\n", "\r\r\n", "\n\r", "\r", '"\r\n"', "\r\n,\r\n"]
    rows = [{"id": f"{at:02}", "size": 1.5, "word": ends[at % 6] * (at % 3)} for at in range(60)]
    made = Made([("id", "string"), ("size", "number"), ("word", "string")], ["id"], rows)
    longer = Made(made.fields, made.key, [{"id": "-", "size": 0.5, "word": "\r\n"}, *rows])
    old = diffs.released(tmp_path / "old", {"things": made})
    new = diffs.released(tmp_path / "new", {"things": longer})
    cells = diffs.lines(old, new, limits=Limits(csv_line=line))
    assert [(cell["change"], cell["field"], cell["new"]) for cell in cells] == [
        ("added", "size", "0.5"),
        ("added", "word", "\r\n"),
    ]


def test_names_that_mean_something_elsewhere_are_names(tmp_path: Path) -> None:
    """Quotes, markup and glob characters in names and folders are nothing but characters."""
    name, folder = 't\'; DROP "x" <b>|*', tmp_path / "a*[b]?'c"
    fields = [("i'd", "string"), ('v"\\|<i>', "string")]
    old = Made(fields, ["i'd"], [{"i'd": "<b>", 'v"\\|<i>': "1"}])
    new = Made(fields, ["i'd"], [{"i'd": "<b>", 'v"\\|<i>': "<script>"}])
    made = []
    for side, each in (("old", old), ("new", new)):
        place = diffs.released(folder / side, {"x": each})
        path = place / "datapackage.json"
        package = json.loads(path.read_text("utf-8"))
        package["resources"][0]["name"] = name
        package["resources"][1]["name"] = f"{name}-parquet"
        path.write_text(json.dumps(package), "utf-8")
        made.append(place)
    with comparison.compare(*made) as difference:
        assert [row.key for row in difference.rows(difference.tables[0], "changed")] == [("<b>",)]
        page = "".join(html.pieces(difference))
        assert "<script>" not in page
        assert "&lt;script&gt;" in page
        assert "\\<script\\>" in "".join(markdown.pieces(difference))
    (line,) = diffs.lines(*made)
    assert list(line.values()) == [name, '["<b>"]', "changed", 'v"\\|<i>', "1", "<script>"]


# how it is shown

MANY = [{"id": f"{n:04}", "size": n % 9, "word": "a"} for n in range(300)]


@pytest.fixture
def large(tmp_path: Path) -> tuple[Path, Path]:
    """Two releases of which every row of a table differs."""
    changed = [{**row, "word": "b"} for row in MANY]
    return (
        diffs.released(tmp_path / "old", {"t": table(rows=MANY)}),
        diffs.released(tmp_path / "new", {"t": table(rows=changed)}, "1.0.1"),
    )


def test_a_long_difference_is_summarised(
    large: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Five rows of each sort, how many more there are, and how to see them."""
    assert cli.main(["diff", *map(str, large)]) == 0
    out = capsys.readouterr().out
    assert out == (
        "things: 1.0.0 -> 1.0.1\n\n"
        "rows          old        new      added    removed    changed\n"
        "  t           300        300          -          -        300  word 300\n\n"
        "t\n"
        + "".join(f"  ~ 000{n}\n      word  'a' -> 'b'\n" for n in range(5))
        + "    … and 295 more changed; --all shows them\n\n"
        "level: patch (t: values of 300 rows changed)\n"
        "next version: 1.0.1\n"
    )
    assert cli.main(["diff", *map(str, large), "--all"]) == 0
    assert capsys.readouterr().out.count("'a' -> 'b'") == 300


def test_formats_for_programs_have_every_row(
    large: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """CSV and JSON say the same of every cell."""
    assert cli.main(["diff", *map(str, large), "--format", "csv"]) == 0
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(lines) == 300
    assert cli.main(["diff", *map(str, large), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    rows = [
        (json.dumps(row["key"]), name, cell["old"], cell["new"])
        for row in found["lines"]["t"]
        for name, cell in row["cells"].items()
    ]
    assert rows == [(line["key"], line["field"], line["old"], line["new"]) for line in lines]
    assert (found["level"], found["next"], found["from"]) == ("patch", "1.0.1", "1.0.0")
    assert found["tables"]["t"]["rows"] == {
        "old": 300,
        "new": 300,
        "added": 0,
        "removed": 0,
        "changed": 300,
        "rewritten": 0,
    }


def test_json_is_json_where_there_is_little_to_say(
    large: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Also without any difference it is one object."""
    assert cli.main(["diff", str(large[0]), str(large[0]), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["level"], found["lines"], found["reasons"]) == ("none", {}, [])


def test_markdown_is_cut_too(large: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """It shows 5 rows and says how many more there are; --all shows them."""
    assert cli.main(["diff", *map(str, large), "--format", "md"]) == 0
    out = capsys.readouterr().out
    assert (out.count("“b”"), "… and 295 more changed" in out) == (5, True)
    assert cli.main(["diff", *map(str, large), "--format", "md", "--all"]) == 0
    out = capsys.readouterr().out
    assert (out.count("“b”"), "more changed" in out) == (300, False)


def test_all_of_markdown_has_whole_values_and_every_cell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --all nothing is cut: no value, and no row of many fields."""
    fields = [{"name": name, "type": "string"} for name in ("id", *"abcdef")]
    rows = [{"id": "one", **dict.fromkeys("abcdef", letter * 90)} for letter in "xy"]
    tables = [{"t": table(fields, [row])} for row in rows]
    places = [str(diffs.released(tmp_path / str(at), made)) for at, made in enumerate(tables)]
    assert cli.main(["diff", *places, "--format", "md"]) == 0
    cut = capsys.readouterr().out
    assert (cut.count("“"), cut.count("y" * 90), cut.count("…\n")) == (8, 0, 1)
    assert cli.main(["diff", *places, "--format", "md", "--all"]) == 0
    whole = capsys.readouterr().out
    assert (whole.count("“"), whole.count("y" * 90), whole.count("…")) == (12, 6, 0)


def test_colours_are_for_terminals(large: tuple[Path, Path]) -> None:
    """Colours change nothing but colours."""
    with comparison.compare(*large) as difference:
        plain = "".join(text.pieces(difference))
        coloured = "".join(text.pieces(difference, text.Style(is_colourful=True)))
    assert "\033" not in plain
    assert "\033[31m'a'\033[0m -> \033[32m'b'\033[0m" in coloured
    assert re.sub(r"\033\[\d+m", "", coloured) == plain


def test_a_value_cannot_drive_the_terminal(tmp_path: Path) -> None:
    """What a terminal would obey is shown as an escape."""
    old, new = (
        {"t": table(rows=[{"id": "a\033[2J", "word": word}])} for word in ("x", "\033[31m\u202ey\n")
    )
    with comparison.compare(
        diffs.released(tmp_path / "o", old), diffs.released(tmp_path / "n", new)
    ) as difference:
        out = "".join(text.pieces(difference))
    assert "\033" not in out
    assert "  ~ a\\u001b[2J\n      word  'x' -> '\\u001b[31m\\u202ey\\n'\n" in out


def test_long_values_are_shown_where_they_differ(tmp_path: Path) -> None:
    """The part that is the same is left out, but for what stands right before the difference."""
    same = "0123456789" * 30
    old, new = ({"t": table(rows=[{"id": "a", "word": same + end}])} for end in ("old", "new"))
    with comparison.compare(
        diffs.released(tmp_path / "o", old), diffs.released(tmp_path / "n", new)
    ) as difference:
        out = "".join(text.pieces(difference))
        whole = "".join(text.pieces(difference, text.Style(is_whole=True)))
    assert "      word  '…4567890123456789old' -> '…4567890123456789new'\n" in out
    assert f"'{same}old' -> '{same}new'" in whole


# the command line


@pytest.fixture
def notes(built_notes: Path) -> Path:
    """A small dataset, built as 0.1.0, in the working folder."""
    return built_notes


SAME = "notes: 0.1.0 -> 0.1.0\n\nno difference\n"


def test_releases_and_records_are_named_in_many_ways(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Folders, zips, versions, `latest`, descriptors and folders of records all are sides of a difference."""
    shutil.copytree(notes / "dist/0.1.0", notes / "copy")
    sides = [
        "dist/0.1.0",
        "copy/notes-0.1.0.zip",
        "0.1.0",
        "latest",
        "datapackage.yaml",
        "notes",
        ".",
    ]
    for side in sides:
        assert cli.main(["diff", "latest", side]) == 0
        assert capsys.readouterr() == (SAME, ""), side
        assert cli.main(["diff", side, "copy"]) == 0
        assert capsys.readouterr() == (SAME, ""), side
    assert cli.main(["diff"]) == 0
    assert capsys.readouterr() == (SAME, "")
    assert sorted(path.name for path in notes.iterdir()) == [
        "copy",
        "datapackage.yaml",
        "dist",
        "notes",
    ]


def test_a_folder_with_both_descriptors_is_the_release(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A datapackage.json makes it one; the records of its datapackage.yaml are meant by that file's name."""
    both = Path(shutil.copytree(notes / "dist/0.1.0", notes / "both"))
    shutil.copy(notes / "datapackage.yaml", both)
    (both / "notes").mkdir()
    (both / "notes/third.md").write_text("---\ntitle: Third\n---\n")
    assert cli.main(["diff", "latest", "both"]) == 0
    assert capsys.readouterr() == (SAME, "")
    assert cli.main(["diff", "both", "latest"]) == 0
    assert capsys.readouterr() == (SAME, "")
    assert cli.main(["diff", "latest", "both/datapackage.yaml"]) == 0
    out = capsys.readouterr().out
    assert "  + third\n" in out
    assert "  - first\n" in out
    (both / "datapackage.json").unlink()
    assert cli.main(["diff", "latest", "both"]) == 0
    assert capsys.readouterr().out == out


def test_records_elsewhere_are_compared(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--records and --descriptor say what NEW is made of, as for a build."""
    shutil.copytree(notes / "notes", notes / "else/notes")
    (notes / "else/notes/third.md").write_text("---\ntitle: Third\n---\n")
    assert cli.main(["diff", "--records", "notes=else/notes/{note}.md"]) == 0
    out = capsys.readouterr().out
    assert "  + third\n      title  Third\n" in out
    assert out.endswith("level: minor (notes: 1 row added)\nnext version: 0.1.1\n")


def test_a_reformatted_record_is_rewritten_and_nothing_else(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another order of keys, other line ends, JSON: no change of data, the file is named."""
    (notes / "notes/first.md").write_bytes(
        b'---\r\n{"year": 2026, "title": "The first"}\r\n---\r\nText.\r\n'
    )
    assert cli.main(["diff", "latest", "notes"]) == 0
    assert capsys.readouterr().out == (
        "notes: 0.1.0 -> 0.1.0\n\n"
        "records rewritten, data unchanged\n"
        "  ~ notes/first.md\n\n"
        "level: patch (records rewritten, data unchanged)\n"
        "next version: 0.1.1\n"
    )


def test_the_exit_code_tells_of_differences_only_when_asked(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 either way; with --exit-code 1 where something differs."""
    assert cli.main(["diff", "--exit-code"]) == 0
    (notes / "notes/second.md").unlink()
    assert cli.main(["diff"]) == 0
    assert cli.main(["diff", "--exit-code"]) == 1
    assert capsys.readouterr().err == ""


def test_records_with_errors_are_not_compared(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no release to compare: 1, and where to look."""
    (notes / "notes/second.md").write_text("---\nyear: soon\n---\n")
    assert cli.main(["diff"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "release: datapackage.yaml: its records have 1 error, so there is nothing to compare: "
        "`release check` shows what is wrong\n"
    )


def test_what_is_not_there_ends_with_2(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A version or folder that is none: 2, and what was expected."""
    for place in ("0.9.0", "nothing", "dist"):
        assert cli.main(["diff", place]) == 2, place
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"release: {place}: "), err
        assert "Traceback" not in err
    assert notes.is_dir()


@pytest.fixture
def other(notes: Path) -> Path:
    """Another dataset beside the one in the working folder: one record fewer, another name."""
    place = notes / "far/other"
    shutil.copytree(notes / "notes", place / "notes")
    (place / "notes/second.md").unlink()
    (place / "datapackage.yaml").write_text(DIGESTED.replace("name: notes", "name: others", 1))
    return place


@pytest.mark.parametrize("side", ["far/other", "far/other/datapackage.yaml"])
def test_another_dataset_is_compared_with_this_one(
    notes: Path, other: Path, capsys: pytest.CaptureFixture[str], side: str
) -> None:
    """Without NEW it is the records here, whatever OLD is."""
    assert (notes / side).exists()
    assert cli.main(["diff", side]) == 0
    forth = capsys.readouterr().out
    assert forth.startswith("others, notes: 0.1.0 -> 0.1.0\n")
    assert "  + second\n" in forth
    assert cli.main(["diff", "datapackage.yaml", side]) == 0
    assert "  - second\n" in capsys.readouterr().out
    assert other.is_dir()


@pytest.mark.parametrize("side", ["..", "/", "far"])
def test_a_folder_above_the_dataset_is_no_folder_of_records(
    notes: Path, other: Path, capsys: pytest.CaptureFixture[str], side: str
) -> None:
    """Nor is one that has other things; the records' own folder is one wherever it is."""
    assert cli.main(["diff", "latest", side]) == 2
    assert f"release: {side}: has no datapackage.json" in capsys.readouterr().err
    shutil.copytree(other / "notes", notes.parent / "outside")
    records = ["--records", "notes=../outside/{note}.md"]
    assert cli.main(["diff", "latest", "../outside", *records]) == 0
    assert "  - second\n" in capsys.readouterr().out
    shutil.rmtree(notes.parent / "outside")


def test_without_a_final_version_there_is_no_latest(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No store, and a store of drafts: 2, and what there is not."""
    edit(notes / "datapackage.yaml", "0.1.0", "0.1.0-dev")
    assert cli.main(["build", "--out", "drafts"]) == 0
    capsys.readouterr()
    for place in ("nowhere", "drafts"):
        assert cli.main(["diff", "--store", place]) == 2
        expected = f"release: latest: {place} has no final version yet, expected a release\n"
        assert capsys.readouterr().err == expected


def test_a_version_that_is_too_small_is_told_in_every_format(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text, Markdown and HTML end alike."""
    edit(notes / "notes/first.md", "The first", "The very first")
    edit(notes / "datapackage.yaml", "0.1.0", "0.1.1")
    assert cli.main(["build"]) == 0
    capsys.readouterr()
    for form in ("text", "md", "html"):
        assert cli.main(["diff", "0.1.1", "0.1.0", "--format", form]) == 0
        told = "0.1.0 is too small for this difference to 0.1.1"
        assert told in capsys.readouterr().out, form


@pytest.mark.parametrize(
    ("came", "went", "told"),
    [
        (["c"], [], "records added, data unchanged"),
        ([], ["b"], "records removed, data unchanged"),
        (["c"], ["b"], "records added and removed, data unchanged"),
    ],
)
def test_records_without_rows_come_and_go(
    tmp_path: Path, came: list[str], went: list[str], told: str
) -> None:
    """They are not called rewritten; it is a patch, for the release has other files."""
    now = {"a", "b", *came} - {*went}
    one = diffs.released(tmp_path / "o", {}, sums=dict.fromkeys(["a", "b"], "1"))
    other = diffs.released(tmp_path / "n", {}, sums=dict.fromkeys(sorted(now), "1"))
    with comparison.compare(one, other) as difference:
        assert difference.reasons() == [("patch", told)]
        assert f"\n{told}\n" in "".join(text.pieces(difference))


def test_the_store_of_a_refused_build_is_named(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the message says can be typed as it stands."""
    store = "my store"
    assert cli.main(["build", "--out", store]) == 0
    (notes / "notes/second.md").unlink()
    edit(notes / "datapackage.yaml", "0.1.0", "0.1.1")
    capsys.readouterr()
    assert cli.main(["build", "--out", store]) == 1
    assert capsys.readouterr().err.endswith(
        "`release bump --store 'my store'` writes 0.2.0 into the descriptor, "
        "`release diff 0.1.0 --store 'my store'` shows the whole difference\n"
    )


# the build


def test_a_version_that_is_too_small_is_refused(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The build says which version it should be and why, and leaves the store as it was."""
    (notes / "notes/second.md").unlink()
    edit(notes / "datapackage.yaml", "0.1.0", "0.1.1")
    before = sorted((notes / "dist").rglob("*"))
    assert cli.main(["build"]) == 1
    assert capsys.readouterr().err == (
        "release: 0.1.1 is too small: the difference to 0.1.0 is major, which calls for 0.2.0:\n"
        "  notes: 1 row removed\n"
        "`release bump` writes 0.2.0 into the descriptor, `release diff 0.1.0` shows the whole difference\n"
    )
    assert sorted((notes / "dist").rglob("*")) == before
    edit(notes / "datapackage.yaml", "0.1.1", "0.2.0")
    assert cli.main(["build"]) == 0
    assert capsys.readouterr().out.endswith(
        "built dist/0.2.0 (major after 0.1.0, which calls for 0.2.0)\n"
    )


@pytest.mark.parametrize(
    ("between", "kept", "expected"),
    [
        (
            "0.2.0",
            ["first", "second", "third"],
            (
                "0.2.1 (0.2.0 is in dist)",
                "0.2.0 stands between: write 0.3.0 into the descriptor, for notes: 1 row removed",
            ),
        ),
        (
            "0.2.0",
            ["first"],
            (
                "0.2.1 (0.2.0 is in dist)",
                "0.2.0 has this content: there is nothing to build",
            ),
        ),
        ("1.0.0", ["first", "second", "third"], ("0.2.0", "write 0.2.0 into the descriptor")),
    ],
)
def test_what_is_advised_on_an_older_line_would_be_taken(
    notes: Path,
    capsys: pytest.CaptureFixture[str],
    between: str,
    kept: list[str],
    expected: tuple[str, str],
) -> None:
    """`release bump`, which steps from the latest version, is named where that is the one before only."""
    calls, advice = expected
    path = notes / "datapackage.yaml"
    second = (notes / "notes/second.md").read_text()
    if "second" not in kept:
        (notes / "notes/second.md").unlink()
    if "third" in kept:
        (notes / "notes/third.md").write_text(second)
    edit(path, "0.1.0", between)
    assert cli.main(["build"]) == 0
    (notes / "notes/second.md").unlink(missing_ok=True)
    edit(path, between, "0.1.1")
    capsys.readouterr()
    assert cli.main(["build"]) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[0] == (
        f"release: 0.1.1 is too small: the difference to 0.1.0 is major, which calls for {calls}:"
    )
    assert told[-1] == f"{advice}; `release diff 0.1.0` shows the whole difference"
    if found := re.search(r"write (\S+) into", advice):
        edit(path, "0.1.1", found[1])
        assert cli.main(["build"]) == 0


def test_a_draft_is_told_its_level_and_not_refused(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A draft may hold anything."""
    (notes / "notes/second.md").unlink()
    edit(notes / "datapackage.yaml", "0.1.0", "0.1.1-dev")
    assert cli.main(["build"]) == 0
    expected = "built dist/0.1.1-dev (major after 0.1.0, which calls for 0.2.0)\n"
    assert capsys.readouterr().out.endswith(expected)
    assert cli.main(["build", "--format", "json"]) == 0
    step = json.loads(capsys.readouterr().out)["step"]
    assert step == {"version": "0.1.0", "level": "major", "next": "0.2.0"}


def test_another_content_of_a_version_is_told_its_own(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A final version is written once, and the refusal names the version that the difference calls for."""
    edit(notes / "notes/first.md", "The first", "The very first")
    assert cli.main(["build"]) == 1
    assert capsys.readouterr().err.endswith(
        "give this one a new version in datapackage.yaml: 0.1.1, for notes: values of 1 row changed\n"
    )
