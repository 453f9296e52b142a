"""`check --changed-since`: the findings that a branch may have brought."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.datasets import BILINGUAL, describe, table, write_dataset
from tests.support.json_schemas import problems
from tests.support.kit import edit, run

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

DESCRIPTOR = describe(
    table(
        "notes",
        'note, from: "{note}"',
        "title",
        "year, type: integer",
        schema="uniqueKeys: [[title]]\n",
    ),
    table("places", "place", of="places.csv", key="place"),
)


def git(folder: Path, *arguments: str) -> str:
    """Run git as nobody in particular."""
    who = [
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@example.org",
        "-c",
        "protocol.file.allow=always",
    ]
    ran = subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return ran.stdout.strip()


def commit(folder: Path) -> None:
    """Commit all files."""
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "-m", "Notes")


def write(folder: Path, name: str, title: str, year: str) -> None:
    """Write a note."""
    text = f"---\ntitle: {title}\nyear: {year}\n---\n"
    (folder / f"notes/{name}.md").write_text(text, "utf-8")


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset in a folder of a repository, on a branch; each note has an error since `main`."""
    root = write_dataset(tmp_path / "data", DESCRIPTOR, {"places.csv": "place\nOslo\n"})
    (root / "notes").mkdir()
    for name in ("a", "b", "c"):
        write(root, name, name.upper(), "soon")
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / ".gitignore").write_text("ignored.md\n")
    commit(tmp_path)
    git(tmp_path, "switch", "-q", "-c", "branch")
    monkeypatch.chdir(root)
    return root


def checked(*arguments: str, since: str = "main") -> tuple[int, list[str]]:
    """Return the exit code of a check, and what it prints on stdout, line by line."""
    code, out, err = run("check", "--changed-since", since, *arguments)
    assert err == ""
    return code, out.splitlines()


def stage(root: Path) -> None:
    """Stage all files."""
    git(root, "add", "--all")


def change(root: Path) -> None:
    write(root, "b", "B", "later")


def change_and_stage(root: Path) -> None:
    change(root)
    stage(root)


def change_and_commit(root: Path) -> None:
    change(root)
    commit(root)


def add(root: Path) -> None:
    write(root, "new", "New", "later")


def add_and_stage(root: Path) -> None:
    add(root)
    stage(root)


def add_ignored(root: Path) -> None:
    write(root, "ignored", "New", "later")


def rename(root: Path) -> None:
    git(root, "mv", "notes/b.md", "notes/moved.md")


def untrack(root: Path) -> None:
    git(root, "rm", "-q", "--cached", "notes/b.md")


def link(root: Path) -> None:
    (root / "notes/b.md").rename(root / "target")
    (root / "notes/b.md").symlink_to("../target")


def stage_and_restore(root: Path) -> None:
    before = (root / "notes/b.md").read_bytes()
    change_and_stage(root)
    (root / "notes/b.md").write_bytes(before)


def touch(root: Path) -> None:
    os.utime(root / "notes/b.md", (0, 0))


def main_goes_on(root: Path) -> None:
    git(root, "switch", "-q", "main")
    change_and_commit(root)
    git(root, "switch", "-q", "branch")


@pytest.mark.parametrize(
    ("act", "shown"),
    [
        (change, "b"),
        (change_and_stage, "b"),
        (change_and_commit, "b"),
        (add, "new"),
        (add_and_stage, "new"),
        (add_ignored, "ignored"),
        (rename, "moved"),
        (untrack, "b"),
        (link, "b"),
        (stage_and_restore, ""),
        (touch, ""),
        (main_goes_on, ""),
    ],
)
def test_findings_about_what_the_branch_changed_are_shown(
    notes: Path, act: Callable[[Path], None], shown: str
) -> None:
    """However it was changed; all others are counted in a line, and do not count for the exit code."""
    act(notes)
    code, lines = checked()
    files = sorted(line.split(":")[0] for line in lines[:-2])
    assert files == ([f"notes/{shown}.md"] if shown else [])
    assert code == len(files)
    others = 2 if shown in ("b", "moved") else 3
    assert lines[-1] == (
        f"not shown, as it stands in what has not changed since main: {others} errors"
    )


def test_a_record_that_is_a_link_has_changed_if_git_does_not_say_so(notes: Path) -> None:
    """What it leads to may have: git keeps the link only."""
    link(notes)
    commit(notes)
    git(notes, "branch", "-q", "-f", "main")
    (notes / "target").write_text("---\ntitle: B\nyear: later\n---\n")
    code, lines = checked()
    assert (code, lines[0].split(":")[0]) == (1, "notes/b.md")


def test_a_key_that_a_branch_repeats_is_shown_where_it_stands(notes: Path) -> None:
    """The finding is about the other note, which is as it was."""
    write(notes, "0", "B", "2026")
    code, lines = checked()
    assert code == 1
    assert lines == [
        "notes/b.md:2:8: error: notes-uniqueKeys: title 'B' stands in notes/0.md:2:8 too, expected it once",
        "4 records, 1 error, 0 warnings",
        "not shown, as it stands in what has not changed since main: 3 errors",
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_editions_that_disagree_are_shown_whichever_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """The finding names one edition; an edition of another record stays out."""
    files = {
        f"records/{which}/{note}.md": f"---\nweight: {weight}\ntags: []\n---\nText.\n"
        for note, weight in (("a", 1), ("b", 2))
        for which in ("en", "zh")
    }
    files["records/en/b.md"] = files["records/en/b.md"].replace("2", "3")
    monkeypatch.chdir(write_dataset(tmp_path, BILINGUAL, files))
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path)
    assert "editions-disagree" in run("check")[1]
    edit(tmp_path / f"records/{language}/a.md", "weight: 1", "weight: 4")
    code, lines = checked()
    assert code == 0
    assert {line.split(":")[0].split("/")[-1] for line in lines[:-2]} == {"a.md"}
    assert "not shown" in lines[-1]


def test_a_finding_that_stands_for_other_files_is_shown(notes: Path) -> None:
    """One of them may be new, though the finding is about the first."""
    for number in range(11):
        (notes / f"notes/n{number:02}.md").write_text("no fence\n")
    commit(notes)
    git(notes, "branch", "-q", "-f", "main")
    (notes / "notes/new.md").write_text("no fence\n")
    code, lines = checked()
    assert code == 1
    assert [line.split(":")[0] for line in lines[:-2]] == ["notes/n00.md"]
    assert "; and 11 more files, the next notes/n01.md" in lines[0]


@pytest.mark.parametrize("path", ["datapackage.yaml", "places.csv"])
def test_every_finding_counts_if_all_records_depend_on_what_changed(notes: Path, path: str) -> None:
    """The descriptor, or a curated table."""
    with (notes / path).open("a") as file:
        file.write("Bergen\n" if path == "places.csv" else "\n")
    code, lines = checked()
    assert (code, len(lines)) == (1, 5)
    assert lines[-1] == f"{path} has changed since main, so all findings count"


def test_in_json_stands_what_is_not_shown(notes: Path) -> None:
    """With the commit that the branch began from."""
    change(notes)
    found = json.loads(run("check", "--changed-since", "main", "--format", "json")[1])
    assert problems("check", found) == []
    assert (found["errors"], len(found["findings"])) == (1, 1)
    assert found["changed_since"] == {
        "revision": "main",
        "commit": git(notes, "rev-parse", "main"),
        "cause": None,
        "others": {"errors": 2, "warnings": 0, "notes": 0},
    }


def refused(since: str) -> str:
    """Return the message of a revision that cannot be used."""
    code, out, err = run("check", "--changed-since", since)
    assert (code, out) == (2, "")
    return err.removeprefix(f"release: --changed-since {since}: ").removesuffix("\n")


def test_a_revision_that_is_missing_is_told_in_words(notes: Path) -> None:
    """An option of git is none, and a branch of the remote is found."""
    message = (
        "git knows no such revision here; a clone may lack it: fetch it first (in actions/checkout with "
        "`fetch-depth: 0`)"
    )
    assert refused("nowhere") == message
    code, _, err = run("check", "--changed-since=--all")
    assert (code, err) == (2, f"release: --changed-since --all: {message}\n")
    git(notes, "update-ref", "refs/remotes/origin/trunk", "HEAD")
    assert refused("trunk") == "git knows no such revision here; did you mean origin/trunk?"


def test_a_clone_without_its_history_is_told_in_words(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git would take every file for changed."""
    main_goes_on(notes)
    add(notes)
    commit(notes)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--no-single-branch", "--depth=1", tmp_path.as_uri(), str(clone))
    monkeypatch.chdir(clone / "data")
    assert refused("origin/main") == (
        "the clone has only a part of the history, so git does not know where the branch began; fetch all "
        "of it (`git fetch --unshallow`, in actions/checkout `fetch-depth: 0`)"
    )


def test_a_history_of_its_own_is_told_in_words(notes: Path) -> None:
    """There is nothing to compare with."""
    git(notes, "switch", "-q", "--orphan", "other")
    git(notes, "commit", "-q", "--allow-empty", "-m", "x")
    git(notes, "switch", "-q", "branch")
    assert refused("other") == (
        "it has no commit in common with the branch here, expected the revision that it began from"
    )


def test_a_repository_without_a_commit_and_a_folder_without_one_are_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second in the words of git."""
    monkeypatch.chdir(write_dataset(tmp_path, DESCRIPTOR, {"places.csv": "place\nOslo\n"}))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert refused("main").startswith("git says: fatal: not a git repository")
    git(tmp_path, "init", "-q", "-b", "main")
    assert refused("main") == "the repository has no commit yet"


def test_a_machine_without_git_is_told_in_words(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is taken for changed."""
    monkeypatch.setenv("PATH", str(notes))
    assert refused("main") == "git is not installed, or takes too long"
