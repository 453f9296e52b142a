"""Several records in a file: lines, rows, documents, and the entries at a path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from release.build import outcome
from release.build.inputs import Options
from release.build.reports import coverage_report
from release.system.limits import Limits
from tests.support import kit

DESCRIPTOR = """\
name: notes
version: 0.1.0
created: '2026-01-01T00:00:00Z'
records:
  notes: {KIND}
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [KEY]
      fields:
        - {name: KEY, type: TYPE, from: "{KEY}"}
        - {name: title, type: string, from: title}
        - {name: count, type: integer, from: count}
"""

#: Files of two records, each with the kind that reads them.
POSITIONS = {
    "a.yaml": ('records: "{n}"', "- title: Rain\n  count: 1\n- {title: Sun, count: 20}\n"),
    "b.yaml": (
        'records: "notes.{n}"',
        "notes:\n- title: Rain\n  count: 1\n- {title: Sun, count: 20}\n",
    ),
    "a.json": (
        'records: "{n}"',
        '[{"title": "Rain", "count": 1},\n {"title": "Sun", "count": 20}]\n',
    ),
    "a.toml": (
        'records: "notes.{n}"',
        '[[notes]]\ntitle = "Rain"\ncount = 1\n[[notes]]\ntitle = "Sun"\ncount = 20\n',
    ),
    "a.jsonl": (
        'records: "{n}"',
        '{"title": "Rain", "count": 1}\n\n{"title": "Sun", "count": 20}\n',
    ),
    "a.csv": ('records: "{n}"', 'title,count\r\n"Rain",1\r\nSun,20\r\n'),
    "a.tsv": ('records: "{n}"', "title\tcount\nRain\t1\nSun\t20"),
    "c.yaml": (
        'records: "{n}"',
        "---\ntitle: Rain\ncount: 1\n...\n---\n# nothing\n--- {title: Sun, count: 20}\n---\n",
    ),
    "list": (
        'format: jsonl, records: "{n}"',
        '{"title": "Rain", "count": 1}\n{"title": "Sun", "count": 20}',
    ),
}
KEYS = {
    "k.yaml": (
        'records: "{note}"',
        "rain: {title: Rain, count: 1}\nsun:\n  title: Sun\n  count: 20\n",
    ),
    "k.json": (
        'records: "{note}"',
        '{"rain": {"title": "Rain", "count": 1}, "sun": {"title": "Sun", "count": 20}}',
    ),
    "k.toml": (
        'records: "notes.{note}"',
        '[notes.rain]\ntitle = "Rain"\ncount = 1\n[notes]\nsun = {title = "Sun", count = 20}\n',
    ),
}


def write(folder: Path, files: Mapping[str, str], kind: str, key: str = "n") -> None:
    """Write a dataset of notes."""
    described = DESCRIPTOR.replace("KIND", kind).replace("KEY", key)
    type_ = "integer" if key == "n" else "string"
    (folder / "datapackage.yaml").write_text(described.replace("TYPE", type_))
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())


def rows(folder: Path) -> list[dict[str, object]]:
    """The rows of the notes, which have no findings."""
    checked = kit.check(folder)
    assert list(map(str, checked.findings)) == []
    return list(checked.content.tables["notes"].to_pylist())


@pytest.mark.parametrize("name", [*POSITIONS, *KEYS])
def test_each_entry_of_a_file_is_a_record(tmp_path: Path, name: str) -> None:
    """Two records in a file of each format make the same two rows, and a wrong value has its location."""
    (kind, text), key = {**POSITIONS, **KEYS}[name], "n" if name in POSITIONS else "note"
    write(tmp_path, {name: text}, f"path: {name}, {kind}", key)
    keys = (0, 1) if key == "n" else ("rain", "sun")
    wanted = [
        {key: keys[0], "title": "Rain", "count": 1},
        {key: keys[1], "title": "Sun", "count": 20},
    ]
    assert rows(tmp_path) == wanted
    write(
        tmp_path,
        {name: text.replace("20", "x" if name[-3:] in ("csv", "tsv") else '"x"')},
        f"path: {name}, {kind}",
        key,
    )
    (finding,) = kit.check(tmp_path).findings
    before = text[: text.index("20")].replace("\r\n", "\n")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert (finding.line, finding.column, finding.rule) == (line, column, "count-type")
    assert finding.key == str(keys[1])


def test_a_broken_line_has_its_own_finding(tmp_path: Path) -> None:
    """The other lines of JSON Lines are read, and keep their positions."""
    write(
        tmp_path,
        {"a.jsonl": '{"title": "Rain"}\n{"title": \n{"title": "Sun"}\n'},
        'path: a.jsonl, records: "{n}"',
    )
    checked = kit.check(tmp_path)
    assert list(map(str, checked.findings)) == [
        (
            f"{tmp_path}/a.jsonl:2:11: error: front-matter-syntax: not well-formed JSON: found the end of "
            "the text behind ':', expected a value; a missing one is null"
        )
    ]
    assert checked.content.tables["notes"]["n"].to_pylist() == [0, 2]


def test_editions_may_be_entries_of_a_file(tmp_path: Path) -> None:
    """A capture of `records` tells editions apart: the preferred one's value is used, wherever it stands."""
    files = {
        "words.json": json.dumps(
            {
                "rain": {"zh": {"title": "yu", "count": 1}, "en": {"title": "rain"}},
                "sun": {"de": {"count": 2}},
            }
        )
    }
    kind = 'path: words.json, records: "{note}.{language}", prefer: {language: [en, zh]}'
    write(tmp_path, files, kind, "note")
    checked = kit.check(tmp_path)
    assert checked.content.tables["notes"].to_pylist() == [
        {"note": "rain", "title": "rain", "count": 1},
        {"note": "sun", "title": None, "count": 2},
    ]
    (finding,) = checked.findings
    assert (
        finding.message
        == "title is 'rain' in en, 'yu' in zh, expected the editions to agree; en is used"
    )
    assert (finding.line, finding.column) == (1, 27)


def test_editions_may_be_files_of_entries(tmp_path: Path) -> None:
    """A capture of the file's path tells the editions of its entries apart."""
    files = {
        "notes.en.jsonl": '{"title": "rain"}\n{"title": "sun"}\n',
        "notes.zh.jsonl": '{"title": "rain", "count": 1}\n{"title": "sun", "count": 2}\n',
    }
    kind = 'path: "notes.{language}.jsonl", records: "{n}", prefer: {language: [zh, en]}'
    write(tmp_path, files, kind)
    assert rows(tmp_path) == [
        {"n": 0, "title": "rain", "count": 1},
        {"n": 1, "title": "sun", "count": 2},
    ]


def test_text_without_front_matter_may_be_all_body(tmp_path: Path) -> None:
    """With `frontMatter: optional` a text that begins with none is a record without values."""
    (tmp_path / "notes").mkdir()
    write(
        tmp_path,
        {"notes/a.md": "# Rain\n\nText.\n", "notes/b.md": "---\ntitle: Sun\n---\nText.\n"},
        'path: "notes/{note}.md", frontMatter: optional',
        "note",
    )
    assert [row["title"] for row in rows(tmp_path)] == [None, "Sun"]


def many(folder: Path) -> Limits:
    """Write lists of notes in several formats, some with faults; return limits that cut them into pieces."""
    items = [{"title": f"Rain {n}", "count": n % 7} for n in range(40)]
    items[21]["count"] = "x"
    items[33]["title"] = ""
    files = {
        "a.json": json.dumps({"by": "Ada", "notes": items}, indent=1),
        "a.yaml": "by: Ada\nnotes:\n"
        + "".join(f"- title: '{i['title']}'\n  count: {i['count']}\n" for i in items),
        "a.jsonl": "".join(f"{json.dumps(item)}\n" for item in items) + "{\n",
        "a.csv": "title,count\n" + "".join(f"{i['title']},{i['count']}\n" for i in items) + "x\n",
    }
    kinds = {"json": "notes.{n}", "yaml": "notes.{n}", "jsonl": "{n}", "csv": "{n}"}
    text = "name: a\nversion: 0.1.0\ncreated: '2026-01-01T00:00:00Z'\nrecords:\n"
    tables = ""
    for form, path in kinds.items():
        text += f'  {form}: {{path: a.{form}, records: "{path}"}}\n'
        tables += f"""\
  - name: t_{form}
    rows: {form}
    checks:
      - name: six-{form}
        field: count
        severity: warning
        message: count is six
        query: SELECT n, count FROM t_{form} WHERE count = 6
    schema:
      primaryKey: [n]
      fields:
        - {{name: n, type: integer, from: "{{n}}"}}
        - {{name: title, type: string, from: title, constraints: {{required: true}}}}
        - {{name: count, type: integer, from: count}}
        - {{name: sha256, from: $sha256}}
"""
    (folder / "datapackage.yaml").write_text(f"{text}resources:\n{tables}")
    for name, content in files.items():
        (folder / name).write_text(content)
    return Limits(piece=300)


def test_pieces_of_a_file_give_what_the_file_gives(tmp_path: Path) -> None:
    """Tables, findings and their locations are the same, in one process and in several, cached or not."""
    (tmp_path / "data").mkdir()
    limits = many(tmp_path / "data")
    whole = kit.check(tmp_path / "data")
    told = list(map(str, whole.findings))
    assert len(told) == 4 * 2 + 2 + 2 + 4 * 5
    cache = tmp_path / "cache"
    options = Options(limits=limits, cache=cache)
    for some in (options, options, replace(options, workers=2, cache=None)):
        found = outcome.check(tmp_path / "data/datapackage.yaml", some)
        assert list(map(str, found.findings)) == told
        assert found.records == whole.records == 4 * 40
        for name, table in whole.content.tables.items():
            assert found.content.tables[name].equals(table)
    assert len(list((cache / "chunks").glob("*.chunk"))) > 4 * 3


def test_another_path_to_the_records_makes_other_records(tmp_path: Path) -> None:
    """What the cache has of a file is not used when the descriptor says something else of it."""
    write(tmp_path, {"a.yaml": "notes: [{title: Rain}]\n"}, 'path: a.yaml, records: "notes.{n}"')
    options = Options(cache=tmp_path / "cache")
    assert outcome.check(tmp_path / "datapackage.yaml", options).errors == 0
    write(tmp_path, {}, 'path: a.yaml, records: "note.{n}"')
    assert outcome.check(tmp_path / "datapackage.yaml", options).errors == 1


def test_what_stands_beside_records_is_covered(tmp_path: Path) -> None:
    """The coverage counts it, as left out with a reason or as mapped by nothing."""
    kind = 'path: a.json, records: "notes.{n}", beside: [{path: by, reason: known}]'
    files = {"a.json": '{"by": {"name": "Ada"}, "on": [1, null], "notes": [{"title": "Rain"}]}'}
    write(tmp_path, files, kind)
    lines = coverage_report.report_coverage(tmp_path / "datapackage.yaml")
    assert [(each.pattern, each.leaves, each.uses) for each in lines] == [
        ("count", 0, ("notes.count",)),
        ("title", 1, ("notes.title",)),
        ("by", 1, ("beside: known",)),
        ("on.*", 2, ()),
    ]


def test_a_record_may_be_a_text(tmp_path: Path) -> None:
    """It is `$value`; a wrong one has its location, and one that no field takes is not lost."""
    write(
        tmp_path, {"a.json": '{"rain": "1", "sun": 2}'}, 'path: a.json, records: "{note}"', "note"
    )
    assert [each.message for each in kit.check(tmp_path).findings] == [
        "the record is '1', which nothing maps; map it with `from: $value`, or ignore it with a reason",
        "the record is 2, which nothing maps; map it with `from: $value`, or ignore it with a reason",
    ]
    text = (tmp_path / "datapackage.yaml").read_text()
    (tmp_path / "datapackage.yaml").write_text(
        text.replace("from: count", "from: $value").replace(
            "        - {name: title, type: string, from: title}\n", ""
        )
    )
    assert rows(tmp_path) == [{"note": "rain", "count": 1}, {"note": "sun", "count": 2}]


def test_a_release_of_containers_is_built_again_from_its_source(tmp_path: Path) -> None:
    """The release has the file of its records once, and can be built again from it."""
    limits = many(tmp_path)
    for name in ("a.json", "a.yaml", "a.jsonl", "a.csv"):
        text = (tmp_path / name).read_text()
        text = text.replace('"count": "x"', '"count": 1').replace("count: x", "count: 1")
        text = (
            text.replace(",x\n", ",1\n")
            .replace("\nx\n", "\n")
            .replace("{\n", "", name == "a.jsonl")
        )
        text = text.replace("''", "'Sun'").replace('""', '"Sun"').replace("\n,", "\nSun,")
        text = text.replace("by: Ada\n", "").replace(' "by": "Ada",\n', "")
        (tmp_path / name).write_text(text)
    code, out, err = kit.run(
        "build",
        "--descriptor",
        f"{tmp_path}/datapackage.yaml",
        "--out",
        f"{tmp_path}/dist",
        limits=limits,
    )
    assert code == 0, out + err
    code, out, err = kit.run("verify", "--rebuild", f"{tmp_path}/dist/0.1.0")
    assert code == 0, out + err


def test_rows_may_be_in_another_dialect_and_encoding(tmp_path: Path) -> None:
    """A kind has `dialect` and `encoding` as a curated table has; a wrong value has its location."""
    text = "# by hand\nTitle;Count\n;\nrain;\nÉté, \"le\";2\n'it''s';x\n"
    kind = (
        'path: a.csv, records: "{n}", encoding: windows-1252, dialect: '
        "{delimiter: ;, quoteChar: \"'\", commentChar: '#', headerRows: [2, 3], headerJoin: ' '}"
    )
    write(tmp_path, {}, kind)
    described = (tmp_path / "datapackage.yaml").read_text()
    described = described.replace("from: title", "from: Title").replace(
        "from: count", "from: Count"
    )
    (tmp_path / "datapackage.yaml").write_text(described)
    (tmp_path / "a.csv").write_bytes(text.encode("windows-1252"))
    checked = kit.check(tmp_path)
    assert [(f.line, f.column, f.message) for f in checked.findings] == [
        (6, 9, "Count is 'x', expected an integer")
    ]
    assert checked.content.tables["notes"].to_pylist() == [
        {"n": 0, "title": "rain", "count": None},
        {"n": 1, "title": 'Été, "le"', "count": 2},
        {"n": 2, "title": "it's", "count": None},
    ]
    (tmp_path / "a.csv").write_bytes(b"\x81")
    (found,) = (each for each in kit.check(tmp_path).findings if each.rule == "not-utf-8")
    assert found.message == (
        "found the byte 0x81, expected text in cp1252, or the right `encoding` of the kind"
    )


def test_one_document_is_a_document_where_the_format_says_so(tmp_path: Path) -> None:
    """As some files of a kind have one and others several; the message for the other reading says so."""
    files = {
        "a.yaml": "title: Rain\ncount: 1\n---\ntitle: Sun\n",
        "b.yaml": "---\ntitle: Fog\n---\n",
    }
    kind = 'path: "{file}.yaml", records: "{n}", exclude: [{path: datapackage.yaml, reason: own}]'
    write(tmp_path, files, kind)
    keyed = (
        (tmp_path / "datapackage.yaml")
        .read_text()
        .replace("primaryKey: [n]", "primaryKey: [file, n]")
    )
    keyed = keyed.replace(
        "      fields:\n", '      fields:\n        - {name: file, from: "{file}"}\n'
    )
    (tmp_path / "datapackage.yaml").write_text(keyed)
    (said,) = (each for each in kit.check(tmp_path).findings if each.rule == "unmapped-path")
    assert (said.path, said.line, said.message) == (
        "b.yaml",
        2,
        (
            "the record is 'Fog', which nothing maps; map it with `from: $value`, or ignore it with a "
            "reason; if the document is the record, give the kind `format: yaml-documents`"
        ),
    )
    (tmp_path / "datapackage.yaml").write_text(
        keyed.replace("{path: ", "{format: yaml-documents, path: ", 1)
    )
    checked = kit.check(tmp_path)
    assert [each.rule for each in checked.findings if each.severity == "error"] == []
    found = checked.content.tables["notes"].select(["file", "n", "title", "count"]).to_pylist()
    assert [tuple(each.values()) for each in found] == [
        ("a", 0, "Rain", 1),
        ("a", 1, "Sun", None),
        ("b", 0, "Fog", None),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: Rain\n---\n",
        "---\n---\ntitle: Rain\n",
        "---\ntitle: Rain\n---\n# more\n...\n",
        "%YAML 1.2\n---\ntitle: Rain\n",
        "%YAML 1.2\n# a\n---\ntitle: Rain\n---\n",
    ],
)
def test_marks_of_blank_documents_are_no_fault(tmp_path: Path, text: str) -> None:
    """A file with them is the one document that holds something; its lines are counted in the file."""
    (tmp_path / "a").mkdir()
    write(tmp_path, {"a/b.yaml": text + "# end\n"}, 'path: "a/{note}.yaml"', "note")
    assert [row["title"] for row in rows(tmp_path)] == ["Rain"]
    broken = text.replace("title: Rain", "title: Rain\ncount: x")
    (tmp_path / "a/b.yaml").write_text(broken)
    (found,) = kit.check(tmp_path).findings
    assert (found.line, found.column) == (text.split("\n").index("title: Rain") + 2, 8)
