"""Front matter in each format, between each kind of fence, and files that are front matter as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import kit
from tests.support.datasets import NOTE, describe, table
from tests.support.kit import run

FIELDS = (NOTE, "title", "count, type: integer", "format, from: $format", "body, from: $body")

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
    write_descriptor(tmp_path)
    return tmp_path


def write_descriptor(folder: Path, ending: str = "md", kind: str = "mayBeEmpty: true") -> None:
    """Write the descriptor of notes with an ending."""
    notes = describe(table("notes", *FIELDS), path=f"notes/{{note}}.{ending}", kind=kind)
    (folder / "datapackage.yaml").write_text(notes)


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
    write_descriptor(folder, ending)
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
            (
                "notes/a.md:2:5: error: front-matter-syntax: not well-formed TOML: no value stands behind "
                "'='; write one, or delete the line"
            ),
        ),
        (
            "+++\na = nan\n+++\n",
            "notes/a.md:2:5: error: not-a-number: found nan, expected a number",
        ),
        (
            "+++\na = 1\n",
            (
                "notes/a.md:2:1: error: fence-not-closed: found no line '+++' that closes the front matter, "
                "expected one; add a line '+++' below the last value"
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
            (
                "notes/a.md:2:1: error: front-matter-syntax: not well-formed JSON: found 'b' behind a value, "
                "expected ',' or a closing bracket"
            ),
        ),
        (
            "# A\n",
            (
                "notes/a.md:1:1: error: fence-missing: found '# A', expected front matter, which begins with "
                "the line '---' (YAML or JSON), '+++' (TOML), ';;;' or '{' (JSON), or a code block such as "
                "'```toml'; if a text may have none, give the kind `frontMatter: optional`"
            ),
        ),
    ],
)
def test_what_cannot_be_read_is_told_in_each_format(folder: Path, text: str, told: str) -> None:
    """The finding names the format that was expected, and the line and column of the file."""
    (folder / "notes/a.md").write_text(text)
    assert told in run("check", "--no-cache")[1].splitlines()


@pytest.mark.parametrize("front", ["", "\n", "# nothing yet\n", "{}\n", "---\n---\n"])
def test_empty_front_matter_is_an_empty_mapping(folder: Path, front: str) -> None:
    """Values that it lacks are missing, as in any record."""
    (folder / "notes/a.md").write_text(
        f"---\n{front}---\nText.\n".replace("---\n---\n---\n", "---\n---\n")
    )
    row = note(folder)
    assert (row["title"], row["count"]) == (None, None)


@pytest.mark.parametrize("front", ["~\n", "null # none\n", "a\n"])
def test_front_matter_with_another_value_is_refused(folder: Path, front: str) -> None:
    """A value that is no mapping was meant as something."""
    (folder / "notes/a.md").write_text(f"---\n{front}---\nText.\n")
    assert "error: front-matter-mapping: found" in run("check", "--no-cache")[1]


# files that are no records


EXCLUDE = (
    "exclude: [{path: notes/README.md, reason: for people},"
    ' {path: "notes/_{draft}.md", reason: not ready}]'
)


def test_excluded_files_are_no_records(folder: Path) -> None:
    """Neither findings nor rows come from them; --coverage counts them, with the reason."""
    (folder / "notes/a.md").write_text("---\ntitle: A\n---\n")
    for name in ("README", "_one", "_two"):
        (folder / f"notes/{name}.md").write_text("# no record\n")
    assert run("check", "--no-cache")[0] == 1
    write_descriptor(folder, kind=EXCLUDE)
    code, out, _ = run("check", "--no-cache", "--coverage")
    assert (code, out.splitlines()[:2], out.splitlines()[-1]) == (
        0,
        [
            (
                "datapackage.yaml:5:46: note: left-out: 1 file of notes is left out: for people; it is "
                "notes/README.md"
            ),
            (
                "datapackage.yaml:5:91: note: left-out: 2 files of notes are left out: not ready; the "
                "first is notes/_one.md"
            ),
        ],
        "1 record, 0 errors, 0 warnings, 2 notes",
    )
    assert [line.split() for line in out.splitlines() if "excluded" in line] == [
        ["notes/notes/README.md", "1", "0", "excluded:", "for", "people"],
        ["notes/notes/_{draft}.md", "2", "0", "excluded:", "not", "ready"],
    ]


def test_a_release_is_rebuilt_without_the_files_that_it_excludes(folder: Path) -> None:
    """They are not in its archive, and nothing of it depends on them."""
    (folder / "notes/a.md").write_text("---\ntitle: A\n---\n")
    (folder / "notes/README.md").write_text("# no record\n")
    write_descriptor(folder, kind=EXCLUDE)
    assert run("build", "--no-cache")[0] == 0
    code, out, _ = run("verify", "--rebuild", "dist/0.1.0")
    assert (code, out.splitlines()[-1]) == (0, "verifies")


def test_records_elsewhere_are_excluded_by_their_path_in_a_release(folder: Path) -> None:
    """The pattern speaks of the paths that the kind's own pattern gives."""
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere/a.md").write_text("---\ntitle: A\n---\n")
    (folder / "elsewhere/_one.md").write_text("# no record\n")
    write_descriptor(folder, kind=EXCLUDE)
    code, out, _ = run("check", "--no-cache", "--records", "notes=elsewhere/{note}.md")
    assert (code, out.splitlines()[-1]) == (0, "1 record, 0 errors, 0 warnings, 1 note")


def test_what_is_excluded_needs_a_pattern_and_a_reason(folder: Path) -> None:
    """Each fault of the descriptor is told at its place."""
    write_descriptor(folder, kind='exclude: [{path: "notes/{a", why: x}]')
    code, _, err = run("check", "--no-cache")
    assert code == 2
    assert "expected a {capture} of letters, digits and _ at character 7" in err
    assert "reason is missing, expected text that says why it is left out" in err
