"""What a release carries of its history: made from two releases, and provably right."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from release import cli
from release.diff import changelog, changelog_check, comparison
from release.diff.views import html
from tests.support import diffs
from tests.support.diffs import Made
from tests.support.kit import edit, unwaited


@pytest.fixture
def notes(built_notes: Path) -> Path:
    """A small dataset, built as 0.1.0, in the working folder."""
    return built_notes


def built(notes: Path, version: str) -> Path:
    """The release of the records as they are, under a version."""
    text = (notes / "datapackage.yaml").read_text("utf-8")
    lines = [
        f"version: {version}" if line.startswith("version:") else line for line in text.split("\n")
    ]
    (notes / "datapackage.yaml").write_text("\n".join(lines), "utf-8")
    assert cli.main(["build"]) == 0
    return notes / "dist" / version


@pytest.fixture(scope="module")
def three(_first_notes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Notes of which three versions were built; the second corrects and adds, the third removes."""
    notes = shutil.copytree(_first_notes, tmp_path_factory.mktemp("three") / "notes")
    with contextlib.chdir(notes):
        edit(notes / "notes/first.md", "year: 2026", "year: 2027")
        (notes / "notes/third.md").write_text("---\ntitle: 三\n---\n")
        built(notes, "0.1.1")
        (notes / "notes/second.md").unlink()
        built(notes, "0.2.0")
    return notes


@pytest.fixture
def history(three: Path, notes: Path) -> Path:
    """A store with three versions, beside its dataset, which is the working folder."""
    for folder in ("dist", "notes"):
        shutil.rmtree(notes / folder)
    shutil.copytree(three, notes, dirs_exist_ok=True)
    return notes / "dist"


def changes(release: Path) -> dict[str, Any]:
    """What changes.json says."""
    value: dict[str, Any] = json.loads((release / "changes.json").read_text("utf-8"))
    return value


def lines(release: Path) -> list[diffs.Line]:
    """The lines of changes.csv."""
    with (release / "changes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# what is in them


def test_the_first_release_says_so(history: Path) -> None:
    """Its changelog counts rows, and nothing differs from nothing."""
    first = history / "0.1.0"
    assert (
        (first / "CHANGELOG.md")
        .read_text("utf-8")
        .endswith(
            "## 0.1.0 (2026-01-31)\n\nThe first release.\n\n"
            "| table | rows |\n|---|---:|\n| notes | 2 |\n| findings | 0 |\n"
        )
    )
    assert (first / "changes.csv").read_bytes() == b"table,key,change,field,old,new\n"
    said = changes(first)
    assert (said["from"], said["level"], said["next"]) == (None, "none", None)
    assert said["rows"] == {"added": 0, "removed": 0, "changed": 0}
    assert said["tables"]["notes"]["rows"]["new"] == 2


def test_a_changelog_tells_every_version_newest_first(history: Path) -> None:
    """A version's section stands above the changelog of the version before, which stays as it is."""
    older, newer = (
        (history / version / "CHANGELOG.md").read_text("utf-8") for version in ("0.1.1", "0.2.0")
    )
    assert [line for line in newer.split("\n") if line.startswith("## ")] == [
        "## 0.2.0 (2026-01-31)",
        "## 0.1.1 (2026-01-31)",
        "## 0.1.0 (2026-01-31)",
    ]
    head, heading, rest = older.partition("## ")
    assert newer.startswith(head)
    assert newer.endswith(heading + rest)
    assert rest.startswith(
        "0.1.1 (2026-01-31)\n\n"
        "Level: **minor** (notes: 1 row added; notes: values of 1 row changed; records rewritten)\n\n"
        "### Rows\n\n"
        "| table | before | now | added | removed | changed |\n|---|---:|---:|---:|---:|---:|\n"
        "| notes | 2 | 3 | 1 | 0 | 1 |\n\n"
        "#### notes\n\n"
        "- cells changed: year 1\n"
        "- changed **first**: year: “2026” → “2027”\n"
        "- added **third**: title: “三”\n\n"
        "### Records\n\n"
        "- rewritten: 1 (notes/first.md)\n- added: 1 (notes/third.md)\n"
    )


def test_the_counts_are_those_of_the_difference(history: Path) -> None:
    """changes.json has level, rows by table, cells by field, files and the digests of both tables."""
    said, before = changes(history / "0.1.1"), changes(history / "0.1.0")
    assert (said["name"], said["version"], said["from"]) == ("notes", "0.1.1", "0.1.0")
    assert (said["level"], said["next"], said["schema"]) == ("minor", "0.1.1", 0)
    assert said["rows"] == {"added": 1, "removed": 0, "changed": 1}
    told = said["tables"]["notes"]
    digest = hashlib.sha256((history / "0.1.1/data/notes.csv").read_bytes()).hexdigest()
    assert (told["old"], told["new"]) == (before["tables"]["notes"]["new"], f"sha256:{digest}")
    assert told["cells"] == {"year": 1}
    assert said["files"] == {
        "added": ["notes/third.md"],
        "removed": [],
        "rewritten": ["notes/first.md"],
    }


def test_the_lines_lead_from_each_version_to_the_next(history: Path) -> None:
    """Applied to the tables of the version before, changes.csv gives those of the release; and back."""
    for one, other in (("0.1.0", "0.1.1"), ("0.1.1", "0.2.0")):
        old, new = diffs.texts(history / one), diffs.texts(history / other)
        found = lines(history / other)
        assert found != []
        assert diffs.apply(old, found) == new
        assert diffs.apply(new, diffs.inverse(found)) == old
        rewritten = [line["field"] for line in found if line["change"] == "rewritten"]
        assert set(rewritten) <= {"digest"}


def test_the_files_are_part_of_the_release(history: Path) -> None:
    """SHA256SUMS covers them."""
    sums = (history / "0.2.0/SHA256SUMS").read_text()
    assert all(f"  {name}\n" in sums for name in changelog.NAMES)


@pytest.mark.usefixtures("history")
def test_a_draft_is_compared_with_the_last_final_version(notes: Path) -> None:
    """Drafts before it do not count."""
    built(notes, "0.3.0-dev.1")
    assert changes(built(notes, "0.3.0-dev.2"))["from"] == "0.2.0"


def test_a_withdrawn_version_is_passed_over(history: Path, notes: Path) -> None:
    """The version before is the greatest that was not withdrawn."""
    assert cli.main(["yank", "0.2.0", "--reason", "wrong", "--store", str(history)]) == 0
    assert changes(built(notes, "0.3.0"))["from"] == "0.1.1"


@pytest.mark.usefixtures("history")
def test_an_older_line_is_compared_with_its_own(notes: Path) -> None:
    """What is built between two versions follows the smaller one."""
    (notes / "notes/second.md").write_text("---\ntitle: 第二\n---\n")
    assert changes(built(notes, "0.1.2"))["from"] == "0.1.1"


# the same bytes


def bytes_of(folder: Path) -> dict[str, bytes]:
    """The files that depend on the version before."""
    return {name: (folder / name).read_bytes() for name in changelog.NAMES}


def test_what_is_built_again_has_the_same_history(
    history: Path, notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever came or was withdrawn meanwhile: a version names what it was compared with."""
    known = bytes_of(history / "0.2.0")
    assert cli.main(["yank", "0.1.1", "--reason", "wrong", "--store", str(history)]) == 0
    capsys.readouterr()
    assert built(notes, "0.2.0").is_dir()
    assert "is there already, with the same content" in capsys.readouterr().out
    shutil.rmtree(history / "0.1.1")
    (history / "0.1.1.withdrawn.json").unlink()
    for name in ("versions.json", "latest.json", "index.html"):
        (history / name).unlink()
    assert built(notes, "0.2.0").is_dir()
    assert "is there already, with the same content" in capsys.readouterr().out
    assert bytes_of(history / "0.2.0") == known


def test_the_same_history_gives_the_same_bytes(history: Path, tmp_path: Path) -> None:
    """Made again from the two folders, wherever they are."""
    copy = tmp_path / "elsewhere"
    shutil.copytree(history / "0.1.1", copy / "a")
    shutil.copytree(history / "0.2.0", copy / "b")
    made = tmp_path / "made"
    made.mkdir()
    changelog.record(made, copy / "a", copy / "b")
    assert bytes_of(made) == bytes_of(history / "0.2.0")


@pytest.mark.parametrize("what", ["nothing", "pipe"])
def test_a_version_before_without_a_changelog_is_named(
    history: Path, tmp_path: Path, what: str
) -> None:
    """What was built before there were changelogs has a heading; a pipe is none, and not waited for."""
    (history / "0.1.1/CHANGELOG.md").unlink()
    if what == "pipe":
        os.mkfifo(history / "0.1.1/CHANGELOG.md")
    with unwaited():
        changelog.record(tmp_path, history / "0.1.1", history / "0.2.0")
    text = (tmp_path / "CHANGELOG.md").read_text("utf-8")
    assert text.endswith("\n## 0.1.1 (2026-01-31)\n\nThis version has no changelog.\n")


def test_the_page_of_a_release_is_that_of_its_difference(history: Path) -> None:
    """A first release has none; another leads from it to its cells."""
    assert not (history / "0.1.0/changes.html").exists()
    with comparison.compare(history / "0.1.0", history / "0.1.1") as difference:
        whole = html.WholeChanges(CSV, CSV)
        page = "".join(html.pieces(difference, whole, is_history=True))
    assert "ext version" not in page
    assert (history / "0.1.1/changes.html").read_text("utf-8") == page
    assert '<a href="changes.csv">changes.csv</a> has every cell that differs.' in page


# right or wrong


def test_a_built_release_is_consistent(history: Path) -> None:
    """Each version agrees with its own tables, and with what is made anew."""
    before = None
    for version in ("0.1.0", "0.1.1", "0.2.0"):
        assert changelog_check.faults(history / version) == []
        assert changelog.recomputed(history / version, before) == []
        assert changelog.version_before(history / version) == (before.name if before else None)
        before = history / version


THIRD = '"notes","[""third""]","added"'


CSV, JSON = "changes.csv", "changes.json"
HEADER = "table, key, change, field, old, new"


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (
            CSV,
            '"2026","2027"',
            '"2026","2028"',
            """notes ["first"] year is '2028', the table has '2027'""",
        ),
        (CSV, '"三"', '"四"', """notes ["third"] title is '四', the table has '三'"""),
        (
            CSV,
            f'{THIRD},"title",,"三"\n',
            "",
            """notes ["third"] title is None, the table has '三'""",
        ),
        (
            CSV,
            '"[""first""]","changed"',
            '"[""fifth""]","changed"',
            """notes ["fifth"] (the row) is 'it', the table has None""",
        ),
        (
            CSV,
            f'{THIRD},"title",,"三"',
            '"notes","[""second""]","removed","title","第二",',
            """notes ["second"] (the row) is None, the table has 'it'""",
        ),
        (
            CSV,
            THIRD,
            '"other","[""third""]","added"',
            "has lines of other, which is no table of either version",
        ),
        (
            CSV,
            "table,key",
            "key,table",
            f"cannot be read: has the columns key, table, change, field, old, new, expected {HEADER}",
        ),
        (CSV, HEADER.replace(" ", ""), "", "cannot be read: "),
        (JSON, '"new": 3', '"new": 4', "notes has 4 rows now, the table has 3"),
        (
            JSON,
            '"old": 2',
            '"old": 1',
            "says that notes had 1 rows and has 3, while changes.csv adds 1 and removes 0",
        ),
        (
            JSON,
            '"added": 1',
            '"added": 2',
            "2 rows of notes were added and 0 removed, changes.csv has 1 and 0",
        ),
        (JSON, '"version": "0.1.1"', '"version": "0.1.2"', "version is '0.1.2', expected 0.1.1"),
        (
            JSON,
            '"from": "0.1.0"',
            '"from": null',
            "is of a first release, while changes.csv has 4 lines",
        ),
        (JSON, '{\n  "name"', '[{\n  "name"', "cannot be read: "),
        (JSON, '"new": "sha256:', '"new": "sha256:0', "new of findings is 'sha256:0"),
    ],
)
def test_what_does_not_agree_is_found(
    history: Path, name: str, old: str, new: str, expected: str
) -> None:
    """A value, line, row or count that the tables do not have is told with its file."""
    release = history / "0.1.1"
    text = (release / name).read_text("utf-8")
    assert old in text
    at = text.rindex(old)
    (release / name).write_text(text[:at] + new + text[at + len(old) :], "utf-8")
    found = changelog_check.faults(release)
    assert any(fault.startswith(f"{name}: {expected}") for fault in found), found
    told = changelog.recomputed(release, history / "0.1.0")
    assert told == [f"{name}: is not what the difference to 0.1.0 gives"]


def test_files_that_are_not_there_are_found(history: Path) -> None:
    """Neither file may be missing; a page need not be there, for it was not always made."""
    (history / "0.1.1/changes.html").unlink()
    assert changelog.recomputed(history / "0.1.1", history / "0.1.0") == []
    for name in (CSV, JSON):
        (history / "0.1.1" / name).unlink()
        (fault,) = changelog_check.faults(history / "0.1.1")
        assert fault.startswith(f"{name}: cannot be read: ")


def test_names_and_values_do_not_break_the_markdown(tmp_path: Path) -> None:
    """Markup and line breaks in data are text in the changelog."""
    fields = [("id", "string"), ("text", "string")]
    old = diffs.released(tmp_path / "old", {"t": Made(fields, ["id"], [])})
    rows = [{"id": "a|b*", "text": "# x\n## 9.9.9\n<b>[y](z)"}]
    new = diffs.released(tmp_path / "new", {"t": Made(fields, ["id"], rows)}, "1.1.0")
    changelog.record(new, old, new)
    text = (new / "CHANGELOG.md").read_text("utf-8")
    expected = "- added **a\\|b\\***: text: “\\# x\\\\n\\#\\# 9.9.9\\\\n\\<b\\>\\[y\\](z)”\n"
    assert expected in text
    assert [line for line in text.split("\n") if line.startswith("## ")] == [
        "## 1.1.0 (2026-01-31)",
        "## 1.0.0 (2026-01-31)",
    ]
