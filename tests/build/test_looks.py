"""Texts that look alike, in whole datasets: over chunks, in curated tables, with other severities."""

from __future__ import annotations

from pathlib import Path

import pytest

from release.system.limits import LIMITS, Limits
from tests.support.kit import edit, run

DESCRIPTOR = """\
name: notes
version: 0.1.0
created: '2026-01-01T00:00:00Z'
records:
  notes:
    path: records/{note_id}.md
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [note_id]
      fields:
        - {name: note_id, type: string, from: "{note_id}"}
        - {name: word, type: string, from: word, constraints: {unique: true}}
        - {name: text, type: string, from: text}
  - name: tags
    rows: notes/tags.{n}
    schema:
      primaryKey: [note_id, n]
      foreignKeys: [{fields: [note_id], reference: {resource: notes, fields: [note_id]}}]
      fields:
        - {name: note_id, type: string, from: "{note_id}"}
        - {name: n, type: integer, from: "{n}"}
        - {name: word, type: string, from: word}
        - {name: tag, type: string, from: $value}
  - name: places
    path: places.csv
    schema:
      primaryKey: [place]
      fields:
        - {name: place, type: string}
        - {name: note, type: string}
"""


SAME, DIFFERENT = (
    "looks the same as",
    "expected the same text in both, or texts that look different",
)
ENDS = "expected text without blanks at its ends"


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three records and a curated table, in the working folder; nothing is wrong with them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "datapackage.yaml").write_text(DESCRIPTOR)
    (tmp_path / "records").mkdir()
    for name, word in (("a", "m\u00f4le"), ("b", "zoo"), ("c", "quay")):
        text = f"---\nword: '{word}'\ntext: x\ntags: [one, two]\n---\n"
        (tmp_path / f"records/{name}.md").write_text(text, "utf-8")
    (tmp_path / "places.csv").write_text("place,note\nOslo,x\nRome,y\n")
    return tmp_path


def found(limits: Limits = LIMITS) -> list[str]:
    """The findings of the dataset in the working folder, as lines."""
    return run("check", limits=limits)[1].splitlines()[:-1]


@pytest.mark.usefixtures("notes")
def test_what_looks_as_it_is_has_no_finding() -> None:
    """Letters of several scripts, accents, and blanks between words are no fault."""
    assert found() == []


@pytest.mark.parametrize("chunk", [1, 512])
def test_keys_that_look_alike_are_found_over_chunks(notes: Path, chunk: int) -> None:
    """Wherever their records are processed; in a table that only repeats the word they are no key."""
    edit(notes / "records/c.md", "quay", "mo\u0302le")
    line = f"word 'mo\u0302le' (U+006F U+0302) {SAME} 'm\u00f4le' (U+00F4) in records/a.md:2:7"
    assert found(Limits(chunk=chunk)) == [
        f"records/c.md:2:7: error: word-look-alike: {line}; {DIFFERENT}"
    ]


def test_a_text_that_several_rows_share_is_found_once(notes: Path) -> None:
    """Not for each row of each table that takes it."""
    edit(notes / "records/c.md", "quay", "quay ")
    line = (
        "records/c.md:2:7: warning: word-blank-ends: word is 'quay ', which ends with U+0020 SPACE"
    )
    assert found() == [f"{line}; {ENDS}"]


def test_curated_tables_are_looked_at(notes: Path) -> None:
    """At the cell of the file."""
    text = "place,note\nOslo,\ufffd\nOslo\u00a0,y\nROME,y \nRome,y\n"
    (notes / "places.csv").write_text(text, "utf-8")
    lost = "where a character was lost; expected the text as it was before it was converted"
    space = "which ends with U+00A0 NO-BREAK SPACE"
    near = "differs from 'ROME'"
    case = "only in upper and lower case; expected one way of writing it"
    assert found() == [
        f"places.csv:2:6: error: note-replacement-character: note has U+FFFD in '\ufffd', {lost}",
        f"places.csv:3:1: warning: place-blank-ends: place is 'Oslo\\u00a0', {space}; {ENDS}",
        f"places.csv:3:1: error: places-look-alike: place 'Oslo\\u00a0' {SAME} 'Oslo' in places.csv:2:1; "
        + DIFFERENT,
        f"places.csv:4:6: warning: note-blank-ends: note is 'y ', which ends with U+0020 SPACE; {ENDS}",
        f"places.csv:5:1: warning: places-near-alike: place 'Rome' {near} in places.csv:4:1 {case}",
    ]


def test_a_rule_about_looks_is_raised_for_one_field(notes: Path) -> None:
    """By its full name; the others stay warnings."""
    edit(notes / "records/a.md", "text: x", "text: 'x '")
    edit(notes / "places.csv", "Oslo,x", "Oslo,x ")
    code, out, _ = run("check", "--severity", "text-blank-ends=error")
    assert code == 1
    assert "records/a.md:3:7: error: text-blank-ends" in out
    assert "places.csv:2:6: warning: note-blank-ends" in out


def test_a_release_with_look_alikes_is_valid(notes: Path) -> None:
    """Lowered, they are published as they are; Data Package v2, to which `verify` holds them, allows it."""
    edit(notes / "records/c.md", "quay", "mo\u0302le")
    edit(notes / "records/b.md", "text: x", "text: ' '")
    assert run("build", "--severity", "look-alike=warning")[0] == 0
    assert run("verify", "dist/0.1.0")[0] == 0
    table = (notes / "dist/0.1.0/data/notes.csv").read_text("utf-8")
    assert '"c","mo\u0302le"' in table or "c,mo\u0302le" in table
