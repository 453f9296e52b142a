"""Which shapes of values become rows and cells, and what is said of those that do not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from release.descriptor import load
from release.records import coverage, normalize, reader
from release.records.files.sources import Source
from release.records.shapes.tree import build_tree
from release.records.tracer import Tracer

HEAD = """\
name: notes
version: 0.1.0
created: '2026-01-01T00:00:00Z'
records:
  notes: {path: "{note}.md"}
resources:
"""
NOTES = """\
  - name: notes
    rows: notes
    schema:
      primaryKey: [note]
      fields:
        - {name: note, from: "{note}"}
"""

Rows = dict[str, list[dict[str, Any]]]


def read(tables: str, record: str) -> tuple[Rows, list[str]]:
    """The rows that a record in flow style, whose file is a.md, gives, and where and what is said of it."""
    parsed = load.parse(HEAD + tables, Path("datapackage.yaml"))
    front = f"---\n{record}\n---\n"
    found, faults = reader.parse(Source("notes", "a.md", "a.md", {"note": "a"}), front.encode(), "")
    assert found is not None, faults
    plan = normalize.make_plan(parsed, {})
    tracer = Tracer(plan.finders, {0: found.front}.get, {0: found.values}.get)
    made, findings = normalize.normalize({0: found}, plan, tracer)
    rows = {
        each.name: made[each.name].select(each.field_names).to_pylist() for each in parsed.resources
    }
    return rows, [f"{each.line}:{each.column}: {each.message}" for each in findings]


def child(rows: str, *fields: str) -> str:
    """A table of notes' entries with these rows and fields."""
    listed = "".join(f"        - {{name: {field}}}\n" for field in fields)
    return (
        f"{NOTES}  - name: entries\n    parent: notes\n    rows: {rows}\n    schema:\n"
        f"      fields:\n{listed}"
    )


N = 'n, type: integer, from: "{n}"'


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("tags: [a, b]", [(0, "a"), (1, "b")]),
        ("tags: a", [(0, "a")]),
        ("tags: 'a, b ,c'", [(0, "a"), (1, "b"), (2, "c")]),
        ("tags: 'a,, c,'", [(0, "a"), (2, "c")]),
        ("tags: [a, 'b, c']", [(0, "a"), (1, "b, c")]),
        ("tags: 7", [(0, "7")]),
        ("tags: ''", []),
        ("tags: []", []),
        ("note: null", []),
    ],
)
def test_tags_are_a_list_however_they_are_written(
    record: str, expected: Sequence[tuple[int, str]]
) -> None:
    """As a list, as one of them, or as a text with signs between them; empty ones make no row."""
    tables = child('{path: ".tags.{n}", oneOrMany: true, split: ","}', N, "tag, from: $value")
    if record == "note: null":
        record = "tags: null"
    rows, said = read(tables, record)
    assert said == []
    assert [(row["n"], row["tag"]) for row in rows["entries"]] == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("people: {name: Bo}", [(0, "Bo", None)]),
        ("people: [{name: Bo}, {mail: x}]", [(0, "Bo", None), (1, None, "x")]),
    ],
)
def test_a_mapping_alone_is_one_entry(record: str, expected: list[tuple[Any, ...]]) -> None:
    """Its fields are read as those of each in a list."""
    fields = (N, 'who, from: "people.{n}.name"', 'mail, from: "people.{n}.mail"')
    rows, said = read(child('{path: ".people.{n}", oneOrMany: true}', *fields), record)
    assert said == []
    assert [(row["n"], row["who"], row["mail"]) for row in rows["entries"]] == expected


WHEN = NOTES + "".join(
    f"        - {{name: {name}, type: {kind}, from: end, when: {when}}}\n"
    for name, kind, when in [
        ("flag", "boolean", "boolean"),
        ("day", "date", "date"),
        ("size", "number", "number"),
        ("word", "string", "text"),
    ]
)


@pytest.mark.parametrize(
    ("value", "name", "cell"),
    [
        ("false", "flag", False),
        ("'true'", "flag", True),
        ("2024-05-01", "day", "2024-05-01"),
        ("3", "size", 3.0),
        ("1.50", "size", 1.5),
        ("2024-13-01", "word", "2024-13-01"),
        ("soon", "word", "soon"),
    ],
)
def test_each_field_takes_the_values_of_its_type(value: str, name: str, cell: Any) -> None:
    """What a text writes counts, as it does where one field takes all."""
    rows, said = read(WHEN, f"end: {value}")
    (row,) = rows["notes"]
    assert said == []
    taken = {key: each for key, each in row.items() if each is not None and key != "note"}
    assert {key: str(each) if key == "day" else each for key, each in taken.items()} == {name: cell}


def test_text_takes_what_no_other_field_takes() -> None:
    """So that no value is lost where one of two fields is for anything."""
    both = NOTES + (
        "        - {name: day, type: date, from: end, when: date}\n"
        "        - {name: word, from: end, when: text}\n"
    )
    for value in ("true", "5", "1.50", "soon"):
        rows, said = read(both, f"end: {value}")
        assert (said, rows["notes"]) == ([], [{"note": "a", "day": None, "word": value}])


def test_a_value_that_no_field_takes_is_reported_where_it_stands() -> None:
    """With the types that would be taken there; a list is none of them."""
    tables = WHEN.rpartition("        - ")[0]
    _, (said,) = read(tables, "end: soon")
    assert said == (
        "2:6: end is 'soon', which nothing maps; it is text, and the fields from there take only true "
        "or false or an integer or a number or a date; mend it, or map it with `from`, or ignore it "
        "with a reason"
    )
    _, listed = read(tables, "end: [false]")
    assert listed == [
        "2:7: end.0 is false, which nothing maps; map it with `from`, or ignore it with a reason"
    ]


def test_coverage_counts_each_value_for_the_field_that_takes_it() -> None:
    """A missing one for all of them."""
    parsed = load.parse(HEAD + WHEN, Path("datapackage.yaml"))
    tree = build_tree(parsed, parsed.kinds[0])
    records = [({"end": value}, {"note": "a"}) for value in (False, "soon", "x", None)]
    lines = coverage.count_leaves("notes", tree, records)
    assert [(line.leaves, line.uses) for line in lines if line.leaves] == [
        (1, ("notes.flag",)),
        (1, ("notes.flag", "notes.day", "notes.size", "notes.word")),
        (2, ("notes.word",)),
    ]


def test_a_position_is_a_key_too() -> None:
    """In a list it is an entry, in a mapping a key; one that is not there is missing."""
    tables = NOTES + (
        "        - {name: lon, type: number, from: at.0}\n"
        "        - {name: lat, type: number, from: at.1}\n"
    )
    for record, cells in [
        ("at: [12.5, 41.9]", (12.5, 41.9)),
        ("at: [12.5]", (12.5, None)),
        ("at: {'1': 41.9}", (None, 41.9)),
    ]:
        rows, said = read(tables, record)
        assert (said, (rows["notes"][0]["lon"], rows["notes"][0]["lat"])) == ([], cells)
    (beyond,) = read(tables, "at: [12.5, 41.9, 3]")[1]
    assert beyond == (
        "2:18: at.2 is 3, which nothing maps; 2 is a position in a list, which needs its number or a "
        "{capture} in the path; map it with `from`, or ignore it with a reason"
    )


def test_a_position_from_the_end_is_told() -> None:
    """It is a key of a mapping, which a list does not have."""
    tables = NOTES + "        - {name: last, type: number, from: at.-1}\n"
    (said,) = read(tables, "at: [1]")[1]
    assert said == (
        "2:6: at.0 is 1, which nothing maps; positions of a list are counted from its beginning, from 0; "
        "map it with `from`, or ignore it with a reason"
    )
    assert read(tables, "at: {'-1': 2}")[0]["notes"] == [{"note": "a", "last": 2.0}]


def test_rows_may_stand_at_a_position() -> None:
    """Its mappings have fields, and other positions stay unmapped."""
    tables = child('".at.0.{n}"', 'n, from: "{n}"', "value, from: $value")
    rows, said = read(tables, "at: [{x: 1}, {y: 2}]")
    assert rows["entries"] == [{"note": "a", "n": "x", "value": "1"}]
    assert [line.partition(" is ")[0] for line in said] == ["2:18: at.1.y"]


def test_a_child_has_the_key_of_its_parent() -> None:
    """Also where it is declared before it, and of a parent that has one itself."""
    parents = child('".a.{n}"', N, 'x, from: "a.{n}.x"').removeprefix(NOTES)
    leaves = (
        "  - name: leaves\n    parent: entries\n    rows: .leaves.{leaf}\n    schema:\n      fields:\n"
        '        - {name: leaf, from: "{leaf}"}\n        - {name: colour, from: $value}\n'
    )
    rows, said = read(leaves + parents + NOTES, "a: [{x: 1, leaves: {big: red}}]")
    assert said == []
    assert rows["leaves"] == [{"note": "a", "n": 0, "leaf": "big", "colour": "red"}]
    parsed = load.parse(HEAD + leaves + parents + NOTES, Path("datapackage.yaml"))
    table = parsed.resource("leaves")
    assert table.primary_key == ("note", "n", "leaf")
    (key,) = table.foreign_keys
    assert (key.fields, key.resource, key.reference_fields) == (
        ("note", "n"),
        "entries",
        ("note", "n"),
    )


KEYS = (
    child(".releases.{cycle}", 'cycle, from: "{cycle}"').replace("entries", "releases")
    + """\
  - name: notices
    parent: releases
    rows: {path: ".notes.{n}", oneOrMany: true}
    schema:
      fields: [{name: n, type: integer, from: "{n}"}, {name: text, from: $value}]
"""
)


def test_a_table_of_keys_has_a_row_for_each() -> None:
    """Whatever a key has, also nothing: the key is what the table holds."""
    rows, said = read(KEYS, "releases: {a: {notes: [x]}, b: {notes: []}, c: , d: {}}")
    assert said == []
    assert [row["cycle"] for row in rows["releases"]] == ["a", "b", "c", "d"]


def test_what_makes_rows_of_a_child_makes_one_of_its_parent() -> None:
    """So that the child refers to a row that is there; an entry without anything is none."""
    more = KEYS.replace(
        'cycle, from: "{cycle}"}',
        'cycle, from: "{cycle}"}\n        - {name: end, from: $value.end}',
    )
    rows, said = read(
        more, "releases: {a: {notes: [x, y]}, b: {notes: z}, c: {notes: []}, d: {end: 1}, e: }"
    )
    assert said == []
    assert [(row["cycle"], row["end"]) for row in rows["releases"]] == [
        ("a", None),
        ("b", None),
        ("d", "1"),
    ]
    assert {row["cycle"] for row in rows["notices"]} == {"a", "b"}


def test_constants_of_a_parent_need_no_field_in_its_child() -> None:
    """They are used in the parent's own fields."""
    text = KEYS.replace("rows: notes", "rows: {path: notes, set: {of: x}}").replace(
        'from: "{note}"}', 'from: "{note}"}\n        - {name: of, from: "{of}"}'
    )
    assert read(text, "releases: {a: }")[0]["notes"] == [{"note": "a", "of": "x"}]


def test_a_child_may_say_more_than_its_parent() -> None:
    """A field of its own for the key, another primary key, the same foreign key written out."""
    tables = child('".tags.{n}"', "tag, from: $value", 'note, from: "{note}", title: The note')
    tables = tables.replace(
        "    schema:\n      fields:\n        - {name: tag",
        "    schema:\n      primaryKey: [tag, note]\n      foreignKeys:\n"
        "        - {fields: [note], reference: {resource: notes, fields: [note]}}\n"
        "      fields:\n        - {name: tag",
    )
    parsed = load.parse(HEAD + tables, Path("datapackage.yaml"))
    table = parsed.resource("entries")
    assert table.field_names == ("tag", "note")
    assert table.primary_key == ("tag", "note")
    assert len(table.foreign_keys) == 1


def test_a_child_takes_the_lists_of_its_parent_as_the_parent_does() -> None:
    """What the parent takes for a list of one is one for rows below it, too, written in full or not."""
    people = child(
        '{path: ".people.{n}", oneOrMany: true}', N, 'who, from: "people.{n}.name"'
    ).replace("entries", "people")
    for path in (".mails.{m}", "notes/people.{n}.mails.{m}"):
        mails = (
            f'  - name: mails\n    parent: people\n    rows: {{path: "{path}", oneOrMany: true}}\n'
            "    schema:\n      fields:\n"
            '        - {name: m, type: integer, from: "{m}"}\n        - {name: mail, from: $value}\n'
        )
        rows, said = read(people + mails, "people: {name: Bo, mails: x}")
        assert said == []
        assert rows["mails"] == [{"note": "a", "n": 0, "m": 0, "mail": "x"}]


def fields(*listed: str) -> str:
    """The table of notes with more fields."""
    return NOTES + "".join(f"        - {{name: {field}}}\n" for field in listed)


TITLE = fields("title, from: [title, name]")
DAY = fields('day, type: date, from: "{y}-{m}-{d}"')
CODE = fields('code, from: ["{series}-{no}", code]')


@pytest.mark.parametrize(
    ("tables", "record", "cell"),
    [
        (TITLE, "title: a", "a"),
        (TITLE, "name: b", "b"),
        (TITLE, "{title: '', name: b}", "b"),
        (TITLE, "{title: a, name: a}", "a"),
        (TITLE, "{title: 1, name: '1'}", "1"),
        (fields('title, from: [title, "{note}"]'), "title: null", "a"),
        (DAY, "{y: 2024, m: '05', d: '01'}", "2024-05-01"),
        (DAY, "{y: null}", "None"),
        (fields('code, from: "{note}{doc.no}"'), "doc: {no: 5}", "a5"),
        (CODE, "{series: A, no: 1}", "A-1"),
        (CODE, "{series: A, no: 1, code: A-1}", "A-1"),
        (CODE, "code: z", "z"),
    ],
)
def test_a_cell_may_be_made_of_several_values(tables: str, record: str, cell: str) -> None:
    """The first that is there, or all in a template; one that says the same again is not lost."""
    rows, said = read(tables, record)
    assert said == []
    assert str([*rows["notes"][0].values()][-1]) == cell


OR = "; map it elsewhere too, or ignore it with a reason"


@pytest.mark.parametrize(
    ("tables", "record", "expected"),
    [
        (
            TITLE,
            "{title: a, name: b}",
            ["2:18: name is 'b', while the column title is taken from title" + OR],
        ),
        (
            TITLE,
            "{title: a, name: [b]}",
            ["2:19: name.0 is 'b', while the column title is taken from title" + OR],
        ),
        (
            DAY,
            "{m: '05', d: '01'}",
            [
                "2:5: m is '05', which the column day takes only together with y, which is missing"
                + OR,
                "2:14: d is '01', which the column day takes only together with y, which is missing"
                + OR,
            ],
        ),
        (
            DAY,
            "{y: [2024], m: null, d: null}",
            [
                "2:6: y.0 is 2024, which nothing maps; map it with `from`, or ignore it with a reason",
            ],
        ),
        (
            CODE,
            "{series: A, code: z}",
            [
                "2:10: series is 'A', which the column code takes only together with no, which is missing"
                + OR
            ],
        ),
        (
            CODE,
            "{series: A, no: 1, code: z}",
            ["2:26: code is 'z', while the column code is taken from series and no" + OR],
        ),
        (
            DAY,
            "{y: 2024, m: May, d: '01'}",
            ["2:5: day is '2024-May-01', expected a date such as 2026-01-31"],
        ),
    ],
)
def test_a_value_that_a_cell_leaves_out_is_reported(
    tables: str, record: str, expected: list[str]
) -> None:
    """With what is used instead, or what would have to be there too."""
    assert sorted(read(tables, record)[1], key=len) == sorted(expected, key=len)


def test_a_value_outside_entries_makes_none_of_them_a_row_in_a_choice() -> None:
    """Only a value of the entry does, from whatever part of the choice."""
    tables = child('".a.{n}"', N, 'x, from: ["a.{n}.x", title]')
    rows, said = read(tables, "{a: [{x: 1}, {x: null}], title: 1}")
    assert said == []
    assert [row["x"] for row in rows["entries"]] == ["1"]


def test_a_field_may_read_below_the_entry_of_each_item_of_rows() -> None:
    """Whatever path the rows have, and in a template."""
    tables = child('[".a.{n}", ".b.{n}"]', "x, from: $value.x", 'n, from: "{$value.x}/{n}"')
    entries = "      fields:\n        - {name: x"
    tables = tables.replace(entries, f"      primaryKey: [note, x]\n{entries}")
    rows, said = read(tables, "{a: [{x: 1}], b: [{x: 2}, {z: 1}]}")
    assert [(row["x"], row["n"]) for row in rows["entries"]] == [("1", "1/0"), ("2", "2/0")]
    assert [line.partition(" is ")[0] for line in said] == ["2:31: b.1.z"]


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ("t: a, bb ,x", "2:11"),
        ("t: 'it''s, bb ,x'", "2:16"),
        ('t: "é\\u00e9, bb, x"', "2:18"),
        ("t: |\n  a,\n  bb,\n  x", "5:3"),
        ("t: >-\n  a, bb,\n  x", "4:3"),
        ("t:\n  a, bb,\n  x", "4:3"),
        ('{"t": "a,bb,x"}', "2:13"),
    ],
)
def test_a_part_of_a_text_is_located_where_it_stands(record: str, place: str) -> None:
    """In every way of writing a text; `x` is the third part, and no number."""
    tables = child('{path: ".t.{n}", split: ","}', N, "t, type: integer, from: $value")
    said = read(tables, record)[1]
    assert [line for line in said if " is 'x'" in line] == [
        f"{place}: t is 'x', expected an integer"
    ]


def rest(path: str, *others: str) -> str:
    """Notes with other fields, and a table of the rest of a mapping."""
    entries = child(path, 'key, from: "{rest}"', "value, from: $value").removeprefix(NOTES)
    return fields(*others) + entries


@pytest.mark.parametrize(
    ("tables", "record", "expected", "lost"),
    [
        (
            rest('".{rest}"', "t, from: title"),
            "{title: x, a: 1, b: y}",
            [("a", "1"), ("b", "y")],
            [],
        ),
        (rest('".x.{rest}"', "t, from: x.a.b"), "x: {a: {b: 1}, c: 2}", [("c", "2")], []),
        (rest('".x.{rest}"', "t, from: x.a.b"), "x: {a: {c: 1}}", [], ["2:12: x.a.c"]),
        (rest('".x.{rest}"', "t, from: x.0"), "x: [a, b, c]", [("1", "b"), ("2", "c")], []),
        (rest('".x.{rest}"', 't, from: "x.{note}"'), "x: {a: 1, b: 2}", [("b", "2")], []),
        (rest('".x.{rest}"'), "x: {a: [1]}", [("a", None)], ["2:8: value"]),
        (rest('".x.{rest}"'), "x: 5", [], ["2:4: x"]),
    ],
)
def test_the_rest_of_a_mapping_is_rows_of_key_and_value(
    tables: str, record: str, expected: list[tuple[str, str | None]], lost: list[str]
) -> None:
    """Keys that another path names are left to it, with all that is below them."""
    rows, said = read(tables, record)
    assert [(row["key"], row["value"]) for row in rows["entries"]] == expected
    assert [line.partition(" is ")[0] for line in said] == lost


def test_what_another_table_takes_whole_leaves_no_rest() -> None:
    """Rows of any key, or of entries that count as a list, take every key."""
    for other in ('".x.{n}"', '{path: ".x.{n}", oneOrMany: true}'):
        tables = rest('".x.{rest}"') + child(other, 'n, from: "{n}"', "v, from: $value").replace(
            "name: entries", "name: all"
        ).removeprefix(NOTES)
        rows, _ = read(tables, "x: {a: 1}")
        assert rows["entries"] == []
        assert len(rows["all"]) == 1


@pytest.mark.parametrize(
    ("record", "cells", "said"),
    [
        (
            "{title: N.A., name: x, size: -999, old: 3, a: 1, b: '-', c: z}",
            ("x", 3, None, "z"),
            ["a"],
        ),
        ("{title: N.A., name: '-', size: -999, old: -999, c: z}", (None, None, None, "z"), []),
        (
            "{title: x, name: N.A., size: 1, old: -999, a: 1, b: 2, c: '-'}",
            ("x", 1, "1/2", "1/2"),
            [],
        ),
        ("{a: '-', b: '-', c: '-'}", (None, None, None, None), []),
    ],
)
def test_a_text_that_means_a_missing_value_is_none_of_several(
    record: str, cells: Sequence[Any], said: Sequence[str]
) -> None:
    """A choice goes on to the next, a template has no text; nothing is lost with it."""
    tables = NOTES.replace("primaryKey", 'missingValues: ["N.A.", "-"]\n      primaryKey') + (
        "        - {name: title, from: [title, name]}\n"
        '        - {name: size, type: integer, from: [size, old], missingValues: ["-999"]}\n'
        '        - {name: code, from: "{a}/{b}"}\n'
        '        - {name: best, from: ["{a}/{b}", c]}\n'
    )
    rows, found = read(tables, record)
    assert tuple(rows["notes"][0].values())[1:] == tuple(cells)
    assert [each.split(": ")[1].split(" is ")[0] for each in found] == list(said)


def test_a_text_that_means_a_missing_value_makes_no_row() -> None:
    """As empty text makes none."""
    tables = child(".tags.{n}", N, "tag, from: $value").replace(
        "schema:\n      fields:\n        - {name: n",
        "schema:\n      missingValues: ['-']\n      fields:\n        - {name: n",
    )
    rows, said = read(tables, "tags: [a, '-', b]")
    assert (said, [row["n"] for row in rows["entries"]]) == ([], [0, 2])


def test_a_text_that_means_a_missing_value_is_taken_by_its_field() -> None:
    """It is of no type, and yet no value that nobody takes."""
    day = 'day, type: date, from: end, when: date, missingValues: ["N.A."]'
    tables = fields(day, "flag, type: boolean, from: end, when: boolean")
    rows, said = read(tables, "end: N.A.")
    assert (said, rows["notes"]) == ([], [{"note": "a", "day": None, "flag": None}])
    assert len(read(tables, "end: soon")[1]) == 1


@pytest.mark.parametrize(
    ("path", "record", "advice"),
    [
        ("v[0]", "v: [a]", "v[0] is one key, as only dots part keys: write v.0; else "),
        ("v/w", "v: {w: a}", "v/w is one key, as only dots part keys: write v.w; else "),
        (
            "v.*.w",
            "v: [{w: a}]",
            "0 is a position in a list, which needs its number or a {capture} in the path; ",
        ),
    ],
)
def test_a_path_of_another_language_is_explained(path: str, record: str, advice: str) -> None:
    """Where the value stands that it was to take."""
    _, said = read(f'{NOTES}        - {{name: v, from: "{path}"}}\n', record)
    (one,) = said
    assert f"is 'a', which nothing maps; {advice}map it with `from`" in one
