"""Which rows a path finds in a record, and what they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from release.descriptor import load
from release.records import codelists, coverage, normalize, reader
from release.records.files.sources import Source
from release.records.shapes.tree import build_tree
from release.records.tracer import Tracer
from release.syntax.paths import Capture, KeyPath

DESCRIPTOR = """\
name: notes
version: 0.1.0
created: '2026-01-01T00:00:00Z'
records:
  notes: {{path: "{{note_id}}.md"}}
resources:
  - name: places
    rows: {rows}
    schema:
      primaryKey: [note_id]
      fields:
        - {{name: note_id, type: string, from: "{{note_id}}"}}
        - {{name: place, type: string, from: "{origin}"}}
"""

TEXT = b"---\nplace: {name: Oslo, a: Bergen, list: [{a: x, name: y}], empty: ['', ''], none: null}\n---\n"


def normalized(text: str, record: bytes, **curated: bytes) -> tuple[dict[str, pa.Table], list[str]]:
    """The tables that one record gives, whose file is called a.md, and the rules of what was found.

    `curated` are the files of the descriptor's codelists.
    """
    parsed = load.parse(text, Path("datapackage.yaml"))
    read, faults = reader.parse(Source("notes", "a.md", "a.md", {"note_id": "a"}), record, "")
    assert read is not None
    assert faults == []
    lookups, _ = codelists.build_lookups(
        parsed, codelists.parse_tables(parsed, curated)[0], curated
    )
    plan = normalize.make_plan(parsed, lookups)
    tracer = Tracer(plan.finders, {0: read.front}.get, {0: read.values}.get)
    tables, findings = normalize.normalize({0: read}, plan, tracer)
    return tables, [finding.rule for finding in findings]


def rows(of: str, origin: str) -> list[dict[str, Any]]:
    """The rows that TEXT gives."""
    tables, _ = normalized(DESCRIPTOR.format(rows=of, origin=origin), TEXT)
    found: list[dict[str, Any]] = tables["places"].select(["note_id", "place"]).to_pylist()
    return found


@pytest.mark.parametrize(
    ("of", "origin", "place"),
    [
        ("notes", "place.name", "Oslo"),
        ("notes/place", "place.name", "Oslo"),
        ("notes/place.name", "place.name", "Oslo"),
        ("notes/place", "place.{note_id}", "Bergen"),
        ("notes/place.list.{n}", "place.list.{n}.name", "y"),
        ("notes/place.list.{n}", "place.list.{n}.{note_id}", "x"),
        ("{path: notes/place, set: {of: name}}", "place.{of}", "Oslo"),
        ("{path: notes, set: {of: name}}", "place.{of}", "Oslo"),
    ],
)
def test_a_row_has_what_its_field_s_path_leads_to(of: str, origin: str, place: str) -> None:
    """From the record or from the entry, with captures of either, of the file or of `set` in it."""
    assert rows(of, origin) == [{"note_id": "a", "place": place}]


@pytest.mark.parametrize(
    ("of", "origin"),
    [
        ("notes/none", "none.name"),
        ("notes/place.list.{n}", "place.list.{n}.b"),
        ("notes/place.empty.{n}", "$value"),
        ("notes/place.none", "place.{note_id}"),
    ],
)
def test_an_entry_that_holds_nothing_makes_no_row(of: str, origin: str) -> None:
    """Where it is not there, has none of what the fields take, is empty, or has values beside it only."""
    assert rows(of, origin) == []


@pytest.mark.parametrize(
    ("field", "made", "rules"),
    [
        ('"towns.{t}.name"', [("0", "1")], ["unmapped-path"]),  # that of the town without streets
        ('"beside.{t}.{n}"', [("0", "0"), ("0", "1")], []),
    ],
)
def test_what_stands_around_entries_makes_none_of_them_a_row(
    field: str, made: list[tuple[str, str]], rules: list[str]
) -> None:
    """What they have in common makes none of them a row; what stands beside each for it alone does."""
    text = DESCRIPTOR.format(rows='"notes/towns.{t}.streets.{n}"', origin="$value").replace(
        "primaryKey: [note_id]", "primaryKey: [note_id, t, n]"
    )
    for name, origin in (("t", '"{t}"'), ("n", '"{n}"'), ("more", field)):
        text += f"        - {{name: {name}, type: string, from: {origin}}}\n"
    if "beside" in field:
        record = "towns: [{streets: [null, High]}]\nbeside: [[left, right]]\n"
    else:
        record = "towns: [{name: Oslo, streets: [null, High]}, {name: Bergen, streets: [null]}]\n"
    tables, found = normalized(text, f"---\n{record}---\n".encode())
    rows = tables["places"].select(["t", "n"]).to_pylist()
    assert [(row["t"], row["n"]) for row in rows] == made
    assert found == rules


def test_what_stands_beside_entries_may_be_shorter() -> None:
    """An entry whose position is not there in the list beside has no value of it."""
    text = DESCRIPTOR.format(rows='"notes/list.{n}"', origin="$value") + (
        '        - {name: n, type: integer, from: "{n}"}\n'
        '        - {name: more, type: string, from: "beside.{n}"}\n'
    )
    text = text.replace("[note_id]", "[note_id, n]")
    tables, rules = normalized(text, b"---\nlist: [a, b]\nbeside: [x]\n---\n")
    assert rules == []
    assert tables["places"].select(["n", "place", "more"]).to_pylist() == [
        {"n": 0, "place": "a", "more": "x"},
        {"n": 1, "place": "b", "more": None},
    ]


def test_an_entry_that_holds_one_value_makes_a_row() -> None:
    """Where each field lacks one somewhere."""
    text = DESCRIPTOR.format(rows="notes/list.{n}", origin="list.{n}.a") + (
        '        - {name: b, type: string, from: "list.{n}.b"}\n'
        '        - {name: n, type: integer, from: "{n}"}\n'
    )
    text = text.replace("[note_id]", "[note_id, n]")
    tables, rules = normalized(text, b"---\nlist: [{a: x}, {b: y}, {a: '', b: null}]\n---\n")
    assert rules == []
    assert tables["places"].select(["n", "place", "b"]).to_pylist() == [
        {"n": 0, "place": "x", "b": None},
        {"n": 1, "place": None, "b": "y"},
    ]


def test_a_key_that_is_named_is_one_of_any_too() -> None:
    """What rows of any key take is covered where another field names the key, and what lies below it."""
    both = DESCRIPTOR.format(rows="notes/place.{n}", origin="$value") + (
        '        - {name: deep, type: string, from: "place.name.deep"}\n'
    )
    parsed = load.parse(
        both.replace("[note_id]", "[note_id, n]").replace(
            "      fields:\n", '      fields:\n        - {name: n, type: string, from: "{n}"}\n'
        ),
        Path("datapackage.yaml"),
    )
    tree = build_tree(parsed, parsed.kinds[0])
    values = {"place": {"name": "Oslo", "other": "Bergen"}, "none": 1}
    assert coverage.find_uncovered(values, tree, {"note_id": "a"}) == [("none",)]
    entries = coverage.count_leaves("notes", tree, [(values, {"note_id": "a"})])
    assert [(entry.pattern, entry.leaves) for entry in entries if entry.leaves] == [
        ("none", 1),
        ("place.{n}", 2),
    ]


def test_a_key_that_the_file_names_may_be_named_in_another_path() -> None:
    """It is covered in the records whose file names it, though only what lies below it is in the other."""
    text = DESCRIPTOR.format(rows="notes", origin="place.{note_id}") + (
        '        - {name: deep, type: string, from: "place.a.deep"}\n'
    )
    parsed = load.parse(text, Path("datapackage.yaml"))
    tree = build_tree(parsed, parsed.kinds[0])
    values = {"place": {"a": "Oslo"}}
    assert coverage.find_uncovered(values, tree, {"note_id": "a"}) == []
    assert coverage.find_uncovered(values, tree, {"note_id": "b"}) == [("place", "a")]


def test_a_constant_in_a_path_names_one_key() -> None:
    """What stands beside it is not covered; two sources of rows that take the same are told once."""
    of = "[{path: notes, set: {of: name, to: x}}, {path: notes, set: {of: name, to: y}}]"
    text = DESCRIPTOR.format(rows=of, origin="place.{of}") + (
        '        - {name: to, type: string, from: "{to}"}\n'
    )
    parsed = load.parse(text.replace("[note_id]", "[note_id, to]"), Path("datapackage.yaml"))
    tree = build_tree(parsed, parsed.kinds[0])
    values = {"place": {"name": "Oslo", "other": "Bergen"}}
    assert coverage.find_uncovered(values, tree, {"note_id": "a"}) == [("place", "other")]
    entries = coverage.count_leaves("notes", tree, [(values, {"note_id": "a"})])
    assert [(entry.pattern, entry.leaves, entry.uses) for entry in entries] == [
        ("place.other", 1, ()),
        ("place.{of}", 1, ("places.place",)),
    ]


@pytest.mark.parametrize(
    ("values", "lost"),
    [
        ({"here": {"a": 1}, "there": {"a": 1, "b": 2}}, ("there", "b")),
        ({"here": None, "there": {"a": 1, "b": 2}}, ("there", "b")),
        ({"list": [{"a": 1}, {"a": 1, "b": 2}]}, ("list", 1, "b")),
        ({"list": [{"a": 1, "b": 2}, None]}, ("list", 0, "b")),
    ],
)
def test_what_is_covered_hides_no_leaf_beside_it(values: dict[str, Any], lost: KeyPath) -> None:
    """Neither in another mapping nor in another item of a list."""
    text = DESCRIPTOR.format(rows="notes", origin="here.a") + (
        '        - {name: there, type: string, from: "there.a"}\n'
        "  - name: items\n"
        '    rows: "notes/list.{n}"\n'
        "    schema:\n"
        "      primaryKey: [n]\n"
        "      fields:\n"
        '        - {name: n, type: integer, from: "{n}"}\n'
        '        - {name: item, type: string, from: "list.{n}.a"}\n'
    )
    parsed = load.parse(text, Path("datapackage.yaml"))
    tree = build_tree(parsed, parsed.kinds[0])
    assert coverage.find_uncovered(values, tree, {"note_id": "a"}) == [lost]


@pytest.mark.parametrize(("others", "rules"), [("{}", []), ("{y: 1}", ["place-type"])])
def test_a_value_that_a_row_uses_is_no_orphan_value(others: str, rules: list[str]) -> None:
    """Part of a mapping that one table's rows use is no orphan value of another that would use it all."""
    text = DESCRIPTOR.format(rows="notes/others.{n}", origin="names").replace(
        "      primaryKey: [note_id]", "      primaryKey: [note_id, n]"
    )
    number = '        - {name: n, type: string, from: "{n}"}\n'
    value = "        - {name: value, type: string, from: $value}\n"
    name = '        - {name: name, type: string, from: "names.{n}"}\n'
    tags = text.partition("resources:\n")[2].replace("places", "tags").replace("others", "tags")
    tags = tags.rpartition("        - ")[0]
    text += number + value + tags + number + value + name
    record = f"---\ntags: {{x: 1}}\nothers: {others}\nnames: {{x: Oslo}}\n---\n"
    assert normalized(text, record.encode())[1] == rules


@pytest.mark.parametrize(
    ("origin", "names"),
    [("names.{n}", "Oslo"), ("names.{note_id}", "{a: Oslo, y: Rome}")],
)
def test_what_nothing_maps_is_not_left_over_by_rows_too(origin: str, names: str) -> None:
    """Text where rows would take what a mapping has, and a key that is the name of another file."""
    text = DESCRIPTOR.format(rows="notes/tags.{n}", origin=origin).replace(
        "      primaryKey: [note_id]", "      primaryKey: [note_id, n]"
    )
    text += '        - {name: n, type: string, from: "{n}"}\n'
    text += "        - {name: tag, type: string, from: $value}\n"
    record = f"---\ntags: {{x: 1}}\nnames: {names}\n---\n"
    assert normalized(text, record.encode())[1] == ["unmapped-path"]


def test_what_nothing_maps_beside_what_rows_take_is_told_once() -> None:
    """A key of a mapping that one field would take as a whole, and another field a part of."""
    text = DESCRIPTOR.format(rows="notes/tags", origin="names") + (
        '        - {name: part, type: string, from: "names.x"}\n'
        "        - {name: tag, type: string, from: $value}\n"
    )
    rules = normalized(text, b"---\nnames: {x: Oslo, y: Rome}\n---\n")[1]
    assert rules == ["unmapped-path", "unmapped-path"]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Rain", []),
        ("''", []),
        ("[]", []),
        ("[Rain, Hail]", ["unmapped-path", "unmapped-path"]),
        ("{a: Rain}", ["unmapped-path"]),
        ("{a: [null]}", ["unmapped-path"]),
    ],
)
@pytest.mark.parametrize("read", [False, True])
def test_what_is_located_is_a_text(text: str, rules: list[str], read: bool) -> None:
    """What a list or mapping holds in its place goes nowhere; a field that reads it too says what it is."""
    described = DESCRIPTOR.format(rows="notes", origin="title") + (
        "        - {name: start, type: integer, locate: quote}\n"
    )
    if read:
        described += "        - {name: quote, type: string, from: quote}\n"
        rules = ["quote-type"] if text[0] in "[{" else []
    assert normalized(described, f"---\nquote: {text}\n---\nRain\n".encode())[1] == rules


def test_what_is_located_takes_nothing_of_what_stands_in_it() -> None:
    """A row that looks for a text where a mapping stands takes no value that another row would take."""
    text = DESCRIPTOR.format(rows="notes/tags.{n}", origin="names.{n}").replace(
        "      primaryKey: [note_id]", "      primaryKey: [note_id, n]"
    )
    text += '        - {name: n, type: string, from: "{n}"}\n'
    text += "        - {name: tag, type: string, from: $value}\n"
    text += "        - {name: start, type: integer, locate: names}\n"
    record = b"---\ntags: {x: 1}\nnames: {x: Oslo, y: Rome}\n---\n"
    assert normalized(text, record)[1] == ["unmapped-path"]


def test_all_conditional_uses_of_one_finder_are_one() -> None:
    """Rows are searched once, however many fields use values that create no row."""
    text = DESCRIPTOR.format(rows="notes/tags.{n}", origin="names.{n}").replace(
        "      primaryKey: [note_id]", "      primaryKey: [note_id, n]"
    )
    text += '        - {name: n, type: string, from: "{n}"}\n'
    text += "        - {name: by, type: string, from: by}\n"
    plan = normalize.make_plan(load.parse(text, Path("datapackage.yaml")), {})
    (use,) = plan.conditional_uses["notes"]
    assert use.paths == (("names", Capture("n")), ("by",))


def test_each_source_of_rows_has_its_own_constants() -> None:
    """Also where both take the rows of one record, for a field that has one value for all of them."""
    of = "[{path: notes/old, set: {how: was}}, {path: notes/new, set: {how: will be}}]"
    text = DESCRIPTOR.format(rows=of, origin="{how}").replace("[note_id]", "[note_id, place]")
    text += "        - {name: name, type: string, from: $value}\n"
    tables, rules = normalized(text, b"---\nold: Rome\nnew: Oslo\n---\n")
    assert rules == []
    assert tables["places"].select(["place", "name"]).to_pylist() == [
        {"place": "was", "name": "Rome"},
        {"place": "will be", "name": "Oslo"},
    ]


CODELIST = """\
  - name: {name}
    path: {name}.csv
    codelist: {{labels: "label_{{note_id}}"}}
    schema:
      primaryKey: [code]
      fields:
        - {{name: code, type: string}}
        - {{name: label_a, type: string}}
        - {{name: label_b, type: string}}
"""


def test_two_tables_may_have_other_codes_for_one_value() -> None:
    """Fields of one name that take one value are looked up each in its own codelist."""
    text = DESCRIPTOR.format(rows="notes", origin="status").replace(
        '"status"', "status, codes: one"
    )
    text += text.partition("resources:\n")[2].replace("places", "others").replace("one", "two")
    text += CODELIST.format(name="one") + CODELIST.format(name="two")
    head = b"code,label_a,label_b\n"
    lists = {"one": head + b"O,open,\n", "two": head + b"P,open,\n"}
    tables, rules = normalized(text, b"---\nstatus: open\n---\n", **lists)
    assert rules == []
    assert [tables[name]["place"].to_pylist() for name in ("places", "others")] == [["O"], ["P"]]


@pytest.mark.parametrize(("code", "rules"), [("open", []), ("o", ["label-language"])])
def test_a_label_that_is_a_code_is_right_in_every_language(code: str, rules: list[str]) -> None:
    """Only what is a label and nothing else is one of a language."""
    text = DESCRIPTOR.format(rows="notes", origin="status").replace(
        '"status"', "status, codes: one"
    ) + CODELIST.format(name="one")
    curated = f"code,label_a,label_b\n{code},offen,open\n".encode()
    assert normalized(text, b"---\nstatus: open\n---\n", one=curated)[1] == rules


@pytest.mark.parametrize(
    ("of", "origin", "record"),
    [("notes", "status", "status: open"), ("notes/all.{n}", "$value", "all: [open]")],
)
def test_a_row_whose_key_is_a_foreign_label_is_there(of: str, origin: str, record: str) -> None:
    """It is only doubted, and its code is known: from the record or from the entry."""
    text = DESCRIPTOR.format(rows=of, origin=origin).replace(
        f'"{origin}"', f"{origin}, codes: one"
    ).replace("[note_id]", "[note_id, place]") + CODELIST.format(name="one")
    curated = b"code,label_a,label_b\no,offen,open\n"
    tables, rules = normalized(text, f"---\n{record}\n---\n".encode(), one=curated)
    assert rules == ["label-language"]
    assert tables["places"]["place"].to_pylist() == ["o"]


def test_every_path_of_the_descriptor_is_in_the_ledger() -> None:
    """Also one with a key that the file's path names, which no record has."""
    text = DESCRIPTOR.format(rows="notes", origin="names.{note_id}")
    parsed = load.parse(text, Path("datapackage.yaml"))
    tree = build_tree(parsed, parsed.kinds[0])
    entries = coverage.count_leaves("notes", tree, [({"title": "Rain"}, {"note_id": "a"})])
    assert [(entry.pattern, entry.leaves, entry.uses) for entry in entries] == [
        ("names.{note_id}", 0, ("places.place",)),
        ("title", 1, ()),
    ]


def test_a_leaf_that_holds_nothing_is_counted_as_missing() -> None:
    """Null, empty text, and a list or mapping without entries."""
    text = DESCRIPTOR.format(rows="notes", origin="place.name")
    parsed = load.parse(text, Path("datapackage.yaml"))
    tree = build_tree(parsed, parsed.kinds[0])
    held: list[Any] = ["Oslo", None, "", [], {}, 0, False]
    records = [({"place": {"name": value}}, {"note_id": "a"}) for value in held]
    (entry,) = coverage.count_leaves("notes", tree, records)
    assert (entry.leaves, entry.missing) == (7, 4)


def test_an_unknown_key_is_found_with_the_keys_known_beside_it() -> None:
    """The keys beside it are those of its own depth."""
    text = DESCRIPTOR.format(rows="notes", origin="place.name")
    parsed = load.parse(text, Path("datapackage.yaml"))
    tree = build_tree(parsed, parsed.kinds[0])
    assert coverage.find_unknown_key(("place", "nam"), tree) == ("nam", ["name"])
    assert coverage.find_unknown_key(("plac", "name"), tree) == ("plac", ["place"])
    assert coverage.find_unknown_key(("place", "name"), tree) == ("", [])
