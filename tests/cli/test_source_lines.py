"""The line that a finding is about is shown below it, its value marked, on a terminal or if asked for."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.cli.reports.console import list_findings
from release.cli.reports.excerpts import show_excerpt
from release.cli.reports.links import opens_links
from release.findings import Finding
from tests.support.kit import ROOT, run
from tests.support.terminal import on_terminal

CASES = ROOT / "tests/cases"


def excerpt(
    line: str, column: int, *, message: str = "", path: str = "a.md", columns: int = 80
) -> list[str]:
    """The excerpt of a line of a file, without the empty line above it."""
    finding = Finding("title-type", path, message, 3, column)
    first, *lines = show_excerpt(finding, line, columns, str, str)
    assert first == "   |"
    return lines


@pytest.mark.parametrize(
    ("line", "column", "mark"),
    [
        ("year: soon", 7, "soon"),
        ("year: soon # not yet", 7, "soon"),
        ("colour: C#", 9, "C#"),
        ('title: "Rain: \\"wet\\"", # x', 8, '"Rain: \\"wet\\""'),
        ("title: 'it''s'  ", 8, "'it''s'"),
        ("tags: [wet and cold, dry]", 8, "wet and cold"),
        ("tags: [wet, dry]", 7, "["),
        ("titel: Rain", 1, "titel"),
        ('  "place": "Oslo",', 3, '"place"'),
        ("place = 1", 1, "place"),
        ("- name: x", 1, "-"),
        ("title: Rain: wet", 12, ":"),
        ('title: "Rain', 8, '"Rain'),
        ("see https://example.org/a b", 5, "https://example.org/a b"),
        ("", 1, "^"),
    ],
)
def test_the_value_is_marked(line: str, column: int, mark: str) -> None:
    """From its first character to its last: a text in quotes with these, a key without its colon."""
    shown, marked = excerpt(line, column)
    assert shown == f" 3 | {line}".rstrip()
    assert marked == "   | " + " " * (column - 1) + "^" * len(mark)


def test_a_cell_of_csv_is_marked() -> None:
    """Up to the next delimiter."""
    assert excerpt("a,no date,c", 3, path="t.csv")[1] == "   |   ^^^^^^^"


def test_a_value_that_the_message_shows_is_marked() -> None:
    """Also where it ends within a line of text."""
    marked = excerpt("The rain fell.", 5, message="found 'rain', expected none")[1]
    assert marked == "   |     ^^^^"


def test_wide_characters_and_tabs_keep_the_mark_below_the_value() -> None:
    """A Chinese character takes two cells, a tab four, a combining accent none."""
    assert excerpt("\t标题: 碳, e\u0301: x", 6) == [
        " 3 | →   标题: 碳, e\u0301: x",
        "   |           ^^^^^^^^",
    ]


def test_what_a_terminal_obeys_is_an_escape() -> None:
    """So is what nobody sees, and a command of a CI job."""
    shown, marked = excerpt("a\x1b[31m\u200b\u202e##[error]: ok", 18)
    assert shown == " 3 | a\\u001b[31m\\u200b\\u202e#\\u0023[error]: ok"
    assert marked.index("^") == shown.index(":")


def test_a_long_line_is_cut_around_the_value() -> None:
    """The beginning of the value is shown, with some of what precedes it."""
    line = "words " * 40 + "HERE" + " and more" * 40
    shown, marked = excerpt(line, line.index("HERE") + 1, message="'HERE'")
    assert len(shown) <= 80
    assert shown.startswith(" 3 | …")
    assert shown.endswith("…")
    assert shown[marked.index("^") : marked.rindex("^") + 1] == "HERE"


@given(
    st.text("ab 碳\t\u0301\x1b\u200b:#,\"'[]{}\\", max_size=300),
    st.integers(1, 320),
    st.integers(1, 200),
)
def test_any_line_has_an_excerpt_that_fits(line: str, column: int, columns: int) -> None:
    """It has two lines, holds nothing that a terminal obeys, and the mark is within the line shown."""
    shown, marked = excerpt(line, column, columns=columns)
    assert "\x1b" not in shown
    assert "\t" not in shown
    assert re.fullmatch(r"   \| *\^+", marked)


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Records with years that are none, in the working folder."""
    folder = tmp_path / "notes"
    shutil.copytree(CASES / "type-date", folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    return folder


def test_source_lines_are_shown_if_asked_for(notes: Path) -> None:
    """Then also how many findings each rule and file has, and how to read more of a rule."""
    for name in ("json-number", "yaml-true", "yaml-zero"):
        (notes / f"records/{name}.md").unlink()
    code, out, err = run("check", "--source")
    assert (code, err) == (1, "")
    assert out.startswith(
        "records/json-day.md:3:10: error: day-type: day is '2023-02-29', expected a date such as 2026-01-31; "
        "February 2023 has 28 days\n"
        "   |\n"
        ' 3 |   "day": "2023-02-29"\n'
        "   |          ^^^^^^^^^^^^\n"
        "\n"
        "records/yaml-day.md:2:6: error"
    )
    assert (
        "\nby rule\n  error    day-type       9 in 9 files\nby file\n  records/json-day.md: 1 error\n"
        in out
    )
    assert out.endswith(
        "\n(`release explain day-type` says why, and what to do; so for each rule)\n"
        "11 records, 9 errors, 0 warnings\n"
    )


def test_source_lines_of_a_group_are_those_of_its_first(notes: Path) -> None:
    """The others are counted below it."""
    assert notes.is_dir()
    out = run("check", "--source", is_grouped=True)[1]
    assert out.count("^^^") == 4  # of one mark of twelve
    assert "    and 11 more like it, in 12 files: records/json-number.md:3:10, " in out
    assert "(findings that are alike are shown once; --all shows each)\n" in out


def test_a_finding_about_a_whole_file_has_no_excerpt(notes: Path) -> None:
    """An empty line follows it, as it does where a file is gone meanwhile."""
    (notes / "records/empty.md").write_text("")
    out = run("check", "--source")[1]
    assert out.startswith("records/empty.md: error: file-empty: is empty, expected a record\n\n")
    gone = Finding("title-type", "records/gone.md", "is gone", 1, 1)
    assert list(list_findings([gone], each=True))[:2] == [str(gone), ""]


def test_a_terminal_shows_source_lines_in_colour_with_links(notes: Path) -> None:
    """The name of the file leads to it where terminals open links; `--no-source` leaves one line each."""
    shown = on_terminal(["check", "--no-cache"], notes, VTE_VERSION="7200")
    line = "records/json-day.md:3:10\x1b]8;;\x1b\\: \x1b[31merror\x1b[0m: day-type: day is '2023-02-29'"
    assert f"{quote(str(notes))}/records/json-day.md\x1b\\{line}" in shown
    assert "\x1b[34m   |\x1b[0m          \x1b[31m^^^^^^^^^^^^\x1b[0m\n" in shown
    shown = on_terminal(["check", "--no-cache", "--no-source"], notes, NO_COLOR="1")
    assert "^^^" not in shown
    assert "records/json-day.md:3:10: error: day-type: " in shown


@pytest.mark.parametrize(
    ("environment", "opens"),
    [
        ({"TERM": "xterm-256color", "VTE_VERSION": "7200"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "4999"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-kitty", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm-kitty", "CI": "true"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, False),
        ({"TERM": "screen-256color", "KITTY_WINDOW_ID": "1"}, False),
        ({"TERM": "dumb", "WT_SESSION": "1"}, False),
        ({"TERM": "xterm-256color", "WT_SESSION": "1"}, True),
        ({"TERM": "dumb", "FORCE_HYPERLINK": "1"}, True),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
        ({}, False),
    ],
)
def test_links_are_for_terminals_that_open_them(environment: dict[str, str], opens: bool) -> None:
    """Others would show them as they are, or nothing."""
    assert opens_links(environment) == opens


def test_errors_come_first_and_what_a_file_hides_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One error among many warnings is seen; without it there may be more of them."""
    folder = tmp_path / "notes"
    shutil.copytree(CASES / "no-rows", folder)
    monkeypatch.chdir(folder)
    (folder / "records/wind.md").write_text("---\ntitle: 'x\n---\n", "utf-8")
    out = run("check", "--source")[1]
    found = [line for line in out.splitlines() if line.startswith("records/")]
    assert [": error: " in line for line in found] == [True] + [False] * (len(found) - 1)
    assert found[0].startswith("records/wind.md:2:8: error: front-matter-syntax")
    assert "\n(1 file cannot be read: what needs it was not checked)\n(`release explain" in out
