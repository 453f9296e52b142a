"""Several records in a file: lines, rows, documents, and the entries at a path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

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
    outcome = kit.check(folder)
    assert list(map(str, outcome.findings)) == []
    return list(outcome.content.tables["notes"].to_pylist())


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
    outcome = kit.check(tmp_path)
    assert list(map(str, outcome.findings)) == [
        f"{tmp_path}/a.jsonl:2:11: error: front-matter-syntax: not well-formed JSON: expecting value"
    ]
    assert outcome.content.tables["notes"]["n"].to_pylist() == [0, 2]


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
    outcome = kit.check(tmp_path)
    assert outcome.content.tables["notes"].to_pylist() == [
        {"note": "rain", "title": "rain", "count": 1},
        {"note": "sun", "title": None, "count": 2},
    ]
    (finding,) = outcome.findings
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
