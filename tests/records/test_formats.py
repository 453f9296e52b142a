"""Front matter in each format, between each kind of fence, and files that are front matter as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import kit
from tests.support.kit import run

DESCRIPTOR = """\
name: notes
version: 0.1.0-dev
created: '2026-01-01T00:00:00Z'
records:
  notes:
    path: notes/{note}.ENDING
    mayBeEmpty: true
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [note]
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: title, type: string, from: title}
        - {name: count, type: integer, from: count}
        - {name: format, type: string, from: $format}
        - {name: body, type: string, from: $body}
"""

YAML, JSON = "title: Rain\ncount: 2\n", '{"title": "Rain",\n "count": 2}\n'
TOML = 'title = "Rain"\ncount = 2 # two\n'

#: Texts of a record, with the format that it is read in and the line of `count`.
TEXTS = {
    f"---\n{YAML}---\nText.\n": ("yaml", 3),
    f"---\n{YAML}...\nText.\n": ("yaml", 3),
    f"---\n{YAML}...\n---\nText.\n": ("yaml", 3),
    f"---\n{JSON}---\nText.\n": ("json", 3),
    f"+++\n{TOML}+++\nText.\n": ("toml", 3),
    f";;;\n{JSON};;;\nText.\n": ("json", 3),
    f"{JSON}Text.\n": ("json", 2),
    f"```toml\n{TOML}```\nText.\n": ("toml", 3),
    f"```yaml\n{YAML}```\nText.\n": ("yaml", 3),
    f"```json \n{JSON}```\t\nText.\n": ("json", 3),
}

#: Whole files by the ending of their names, with their format.
WHOLE = {
    "yaml": (YAML, "yaml"),
    "yml": (f"---\n{YAML}...\n", "yaml"),
    "json": (JSON, "json"),
    "toml": (TOML, "toml"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset of notes without any; it is the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    describe(tmp_path, "md")
    return tmp_path


def describe(folder: Path, ending: str) -> None:
    """Write the descriptor of notes with an ending."""
    (folder / "datapackage.yaml").write_text(DESCRIPTOR.replace("ENDING", ending))


def note(folder: Path) -> dict[str, object]:
    """The row of the only note."""
    outcome = kit.check(folder)
    assert list(map(str, outcome.findings)) == []
    return dict(outcome.content.tables["notes"].to_pylist()[0])


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_front_matter_is_read_in_each_format_and_fence(folder: Path, text: str) -> None:
    """Values, format and body are the same ones."""
    (folder / "notes/a.md").write_text(text)
    row = note(folder)
    assert (row["title"], row["count"], row["body"]) == ("Rain", 2, "Text.\n")
    assert row["format"] == TEXTS[text][0]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_wrong_value_has_its_line_in_each_format_and_fence(folder: Path, text: str) -> None:
    """It is that of the value in the file; a wrong body has a line below it."""
    wrong = text.replace("2", '"two"', 1).replace("Text.", "Te\x01xt.")
    (folder / "notes/a.md").write_text(wrong)
    _, out, _ = run("check", "--no-cache")
    line = TEXTS[text][1]
    body = wrong[: wrong.index("\x01")].count("\n") + 1
    lines = out.splitlines()
    assert [each.split(": error")[0].rpartition(":")[0] for each in lines if ": error" in each] == [
        f"notes/a.md:{line}",
        f"notes/a.md:{body}",
    ]


@pytest.mark.parametrize("ending", WHOLE)
def test_a_whole_file_is_front_matter_by_its_ending(folder: Path, ending: str) -> None:
    """It has no body, and its first line is line 1."""
    text, form = WHOLE[ending]
    describe(folder, ending)
    file = folder / f"notes/a.{ending}"
    file.write_text(text)
    row = note(folder)
    assert (row["title"], row["count"], row["format"], row["body"]) == ("Rain", 2, form, None)
    file.write_text(text.replace("2", '"two"', 1))
    line = text[: text.index("2")].count("\n") + 1
    _, out, _ = run("check", "--no-cache")
    assert f"notes/a.{ending}:{line}:" in out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "+++\na = \n+++\n",
            "notes/a.md:2:5: error: front-matter-syntax: not well-formed TOML: invalid value",
        ),
        (
            "+++\na = nan\n+++\n",
            "notes/a.md:2:5: error: not-a-number: found nan, expected a number",
        ),
        (
            "+++\na = 1\n",
            (
                "notes/a.md:1:1: error: fence-not-closed: found no line '+++' that closes the front matter, "
                "expected one"
            ),
        ),
        (
            '{"a": 1} b\n',
            (
                "notes/a.md:1:9: error: front-matter-syntax: found 'b' behind the front matter, expected the "
                "end of the line"
            ),
        ),
        (
            '{"a": 1\nb\n',
            "notes/a.md:2:1: error: front-matter-syntax: not well-formed JSON: expecting ',' delimiter",
        ),
        (
            "# A\n",
            (
                "notes/a.md:1:1: error: fence-missing: found '# A', expected front matter, which begins with "
                "the line '---' (YAML or JSON), '+++' (TOML), ';;;' or '{' (JSON), or a code block such as "
                "'```toml'"
            ),
        ),
    ],
)
def test_what_cannot_be_read_is_told_in_each_format(folder: Path, text: str, told: str) -> None:
    """The finding names the format that was expected, and the line and column of the file."""
    (folder / "notes/a.md").write_text(text)
    assert told in run("check", "--no-cache")[1].splitlines()
