"""`--baseline`: findings that are known are kept apart from new ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from release.build.reports.baseline import KnownFinding, compare_with_baseline, write_baseline
from release.findings import Finding
from release.findings.fingerprints import split_others
from release.findings.groups import group_findings, name_others
from tests.support.datasets import NOTES, write_dataset
from tests.support.kit import edit, run


def note(year: str, more: str = "") -> str:
    """A note."""
    return f"---\ntitle: A note\nyear: {year}\n{more}---\n"


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset with an error in each of two notes, and a baseline of them."""
    files = {"notes/a.md": note("soon"), "notes/b.md": note("late")}
    monkeypatch.chdir(write_dataset(tmp_path, NOTES, files))
    assert run("check", "--write-baseline", "known.json") == (
        0,
        "2 records, 0 errors, 0 warnings\nwrote known.json: 2 errors\n",
        "",
    )
    return tmp_path


def checked(*arguments: str) -> tuple[int, list[str]]:
    """Return the exit code of a check, and its lines."""
    code, out, err = run("check", "--baseline", "known.json", *arguments)
    assert err == ""
    return code, out.splitlines()


KNOWN = "known from known.json and not shown:"


def test_a_known_finding_is_no_error_wherever_its_line_is(notes: Path) -> None:
    """Lines are added above; the exit code counts new errors only."""
    edit(notes / "notes/a.md", "title: A note", "\n\ntitle: A longer note")
    assert checked() == (0, ["2 records, 0 errors, 0 warnings", f"{KNOWN} 2 errors"])


def test_a_finding_that_names_another_place_is_known_wherever_that_is(notes: Path) -> None:
    """The line of the other record is none of its own, either."""
    edit(
        notes / "datapackage.yaml",
        "primaryKey: [note]",
        "primaryKey: [note]\n      uniqueKeys: [[title]]",
    )
    run("check", "--write-baseline", "known.json")
    assert "stands in notes/a.md:2:8 too" in (notes / "known.json").read_text("utf-8")
    edit(notes / "notes/a.md", "title:", "\n\ntitle:")
    assert checked() == (0, ["2 records, 0 errors, 0 warnings", f"{KNOWN} 3 errors"])


def test_another_value_another_file_and_a_second_one_are_new(notes: Path) -> None:
    """Each is shown, and the exit code is 1."""
    edit(notes / "notes/a.md", "soon", "never")
    (notes / "notes/c.md").write_text(note("late"))
    code, lines = checked()
    assert code == 1
    assert [line.split(" error: ")[0] for line in lines[:2]] == [
        "notes/a.md:3:7:",
        "notes/c.md:3:7:",
    ]
    assert lines[2:] == [
        "3 records, 2 errors, 0 warnings",
        f"{KNOWN} 1 error",
        (
            "1 finding of known.json is gone, the first year-type in notes/a.md: write it again with "
            "--write-baseline known.json"
        ),
    ]


def test_what_is_known_once_is_new_a_second_time(notes: Path) -> None:
    """Two entries of a list that have the same fault."""
    (notes / "notes/a.md").write_text(note("soon", "tags: [{x: 1}]\n"))
    run("check", "--write-baseline", "known.json")
    (notes / "notes/a.md").write_text(note("soon", "tags: [{y: 2}, {x: 1}, {x: 1}]\n"))
    code, lines = checked()
    assert code == 1
    assert [line.split(",")[0] for line in lines[:2]] == [
        "notes/a.md:4:12: error: unmapped-path: tags.0.y is 2",
        "notes/a.md:4:28: error: unmapped-path: tags.2.x is 1",
    ]


def test_a_baseline_is_sorted_and_the_same_for_the_same_findings(notes: Path) -> None:
    """It has no lines, so that it is reviewed like text; a lone surrogate is an escape."""
    before = (notes / "known.json").read_text("utf-8")
    edit(notes / "notes/a.md", "title: A note", "\ntitle: Another note")
    run("check", "--write-baseline", "known.json")
    assert (notes / "known.json").read_text("utf-8") == before
    found = json.loads(before)
    assert [each["path"] for each in found["findings"]] == ["notes/a.md", "notes/b.md"]
    assert found["findings"][0].keys() == {"fingerprint", "rule", "path", "message"}


def test_many_that_are_one_finding_are_known_as_many(notes: Path) -> None:
    """Sixty faults of a file are one finding; one less is known, one more is not."""

    def write(count: int) -> None:
        lines = "".join(f"x{number}: 1\n" for number in range(count))
        (notes / "notes/a.md").write_text(note("2026", lines))

    write(60)
    run("check", "--write-baseline", "known.json")
    assert len(json.loads((notes / "known.json").read_text())["findings"]) == 2
    for count in (60, 59, 50, 3):
        write(count)
        code, lines = checked()
        assert (code, lines[0]) == (0, "2 records, 0 errors, 0 warnings"), count
        assert any("gone" in line for line in lines) == (count < 60)
    write(61)
    code, lines = checked()
    assert code == 1
    assert "; and 60 more like it" in lines[0]


def test_what_counts_the_rest_of_a_table_is_known_as_many() -> None:
    """A rule that more than a thousand rows break; fewer are known, more are new."""

    def rest(count: int) -> Finding:
        return Finding(
            "year-minimum", "data/notes.csv", f"{count} more rows of notes break this rule"
        )

    known = write_baseline([rest(1200)])
    assert json.loads(known)["findings"][0]["count"] == 1200
    entries = [KnownFinding(**each) for each in json.loads(known)["findings"]]
    for count, new in ((1200, 0), (5, 0), (1201, 1)):
        assert len(compare_with_baseline([rest(count)], entries).new) == new


@pytest.mark.parametrize(
    ("message", "split"),
    [
        ("is 1; and 99,999 more like it, the next at 3:5, 4:5", ("is 1", 99_999, "like it")),
        ("is 1; and 3 more like it", ("is 1", 3, "like it")),
        ("x, expected y; and 10 more files, the next a.md, b.md", ("x, expected y", 10, "files")),
        ("is 1; and 7 more of this rule, left out", ("is 1", 7, "of this rule")),
        ("is 'a; and 3 more like it'", ("is 'a; and 3 more like it'", 0, "")),
        ("is 1; and 3 more", ("is 1; and 3 more", 0, "")),
    ],
)
def test_the_number_of_others_is_read_from_a_message(
    message: str, split: tuple[str, int, str]
) -> None:
    """As it is written where findings are grouped."""
    assert split_others(message) == split


def test_what_groups_write_is_read_again() -> None:
    """The words of both are the same."""
    findings = [Finding("tag", "a.md", f"is {number}", number) for number in range(1, 61)]
    (grouped,) = group_findings(findings)
    assert split_others(grouped.message) == ("is 1", 59, "like it")
    assert split_others(name_others(findings[0], 7).message) == ("is 1", 7, "of this rule")


def test_an_error_that_is_known_forbids_a_release(notes: Path) -> None:
    """It is shown, as it is the reason; a warning that is known is not."""
    edit(notes / "notes/a.md", "A note", "'A note '")
    run("check", "--write-baseline", "known.json")
    code, out, err = run("build", "--baseline", "known.json")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["notes/a.md", "notes/b.md"]
    assert lines[2:] == [
        "2 records, 2 errors, 0 warnings",
        f"{KNOWN} 1 warning",
        "nothing was built: an error stands",
    ]
    assert not (notes / "dist").exists()


def test_notes_are_no_faults(notes: Path) -> None:
    """A baseline does not have them, and they are shown."""
    exclude = "path: notes/{note}.md\n    exclude: [{path: notes/b.md, reason: not ready}]"
    edit(notes / "datapackage.yaml", "path: notes/{note}.md", exclude)
    run("check", "--write-baseline", "known.json")
    assert len(json.loads((notes / "known.json").read_text())["findings"]) == 1
    code, lines = checked()
    assert code == 0
    assert "note: left-out" in lines[0]


def test_a_baseline_is_held_against_the_one_before_it(notes: Path) -> None:
    """What is added to it does not stay unseen."""
    edit(notes / "notes/a.md", "soon", "never")
    (notes / "notes/b.md").write_text(note("2026"))
    assert checked("--write-baseline", "known.json") == (
        0,
        [
            "2 records, 0 errors, 0 warnings",
            "wrote known.json: 1 error; held against known.json: 1 new, 2 gone",
        ],
    )


def test_json_has_what_is_known_and_what_is_gone(notes: Path) -> None:
    """What is known is no finding of the check, and what is gone is named."""
    (notes / "notes/b.md").unlink()
    found = json.loads(run("check", "--baseline", "known.json", "--format", "json")[1])
    assert (found["errors"], found["findings"]) == (0, [])
    assert found["baseline"]["known"] == {"errors": 1, "warnings": 0, "notes": 0}
    (gone,) = found["baseline"]["gone"]
    assert (gone["rule"], gone["path"], gone["count"]) == ("year-type", "notes/b.md", 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file or directory; `release check --write-baseline other.json` writes one"),
        ("", "is no list of findings as --write-baseline writes it"),
        ("[]", "is no list of findings as --write-baseline writes it"),
        ('{"version": 1}', "is no list of findings as --write-baseline writes it"),
        (
            '{"version": 1, "findings": [{}]}',
            "is no list of findings as --write-baseline writes it",
        ),
        ("[" * 100_000, "is no list of findings as --write-baseline writes it"),
        (
            '{"version": 2, "findings": []}',
            "has the version 2, expected 1: write it again with --write-baseline",
        ),
    ],
)
def test_a_file_that_is_no_baseline_is_refused(
    notes: Path, content: str | None, message: str
) -> None:
    """With exit code 2, before records are read."""
    if content is not None:
        (notes / "other.json").write_text(content)
    found = run("check", "--baseline", "other.json")
    assert found == (2, "", f"release: --baseline other.json: {message}\n")
