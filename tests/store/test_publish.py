"""A version is copied into another store whole, once, and as it is."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from release.findings.errors import RefusedError, UsageError
from release.store import check, contents, index, lock
from release.store import entry as store_entry
from release.store import transfer as store_transfer
from tests.support import kit, stores
from tests.support.kit import run
from tests.support.moments import at


def times(folder: Path) -> dict[Path, int]:
    """When each file below a folder was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are copied from now on."""
    names: list[str] = []
    real = shutil.copyfile

    def copyfile(source: Any, target: Any, **options: Any) -> Any:
        names.append(Path(target).name)
        return real(source, target, **options)

    monkeypatch.setattr(shutil, "copyfile", copyfile)
    return names


def test_the_latest_version_is_copied_with_all_its_files(dist: Path) -> None:
    """Every file, those beside the zip too, has the same bytes; the index there names the version."""
    done = store_transfer.copy(dist, "other")
    files = kit.tree(dist / "0.2.0")
    assert kit.tree(Path("other/0.2.0")) == files
    size = sum(len(data) for data in files.values())
    assert done == store_transfer.Copy("0.2.0", Path("other/0.2.0"), tuple(files), size, True, None)
    assert contents.versions(Path("other")) == [contents.versions(dist)[1]]
    assert contents.latest(Path("other")) == "0.2.0"
    assert check.check_index(Path("other")) == []


def test_a_version_that_is_there_is_not_copied_again(dist: Path, copied: list[str]) -> None:
    """The same command again copies nothing and writes nothing."""
    store_transfer.copy(dist, "other")
    before = times(Path("other"))
    copied.clear()
    done = store_transfer.copy(dist, "other")
    assert done == store_transfer.Copy("0.2.0", Path("other/0.2.0"), (), 0, False, None)
    assert copied == []
    assert times(Path("other")) == before


def test_all_versions_make_the_same_store(dist: Path) -> None:
    """Each version copied: the other store has the same files, the index included."""
    for version in ["0.2.0", "0.1.0", "0.3.0-dev"]:
        store_transfer.copy(dist, "other", version)
    assert kit.tree(Path("other")) == kit.tree(dist)


def test_an_interrupted_copy_goes_on_where_it_was(
    dist: Path, copied: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was copied before Ctrl-C is not copied again; half a file is."""
    real = shutil.copyfile

    def interrupted(source: Any, target: Any, **options: Any) -> Any:
        if len(copied) == 3:
            Path(target).write_bytes(Path(source).read_bytes()[:5])
            raise KeyboardInterrupt
        return real(source, target, **options)

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store_transfer.copy(dist, "other")
    assert contents.versions(Path("other")) == []
    before = list(copied)
    copied.clear()
    store_transfer.copy(dist, "other")
    assert sorted([*before, *copied]) == sorted(Path(p).name for p in kit.tree(dist / "0.2.0"))
    assert stores.hidden(Path("other")) == []


def test_what_another_draft_left_behind_is_not_published(dist: Path) -> None:
    """A copy that was interrupted and is of another content by now is not mixed with the new one."""
    staged = Path("other") / f"{lock.COPYING}0.3.0-dev"
    stores.release(staged, "0.3.0-dev", "old", {"more/old.md": "old"})
    store_transfer.copy(dist, "other", "0.3.0-dev")
    assert kit.tree(Path("other/0.3.0-dev")) == kit.tree(dist / "0.3.0-dev")


def test_a_draft_in_the_other_store_is_replaced(dist: Path) -> None:
    """A draft that was built again is published again."""
    store_transfer.copy(dist, "other", "0.3.0-dev")
    stores.place(dist, "0.3.0-dev", "new")
    assert store_transfer.copy(dist, "other", "0.3.0-dev").is_new
    assert kit.tree(Path("other/0.3.0-dev")) == kit.tree(dist / "0.3.0-dev")
    assert check.check_index(Path("other")) == []


def test_a_file_beside_the_release_is_added_later(dist: Path) -> None:
    """A signature that was made after publishing is copied; one that is there is left as it is."""
    store_transfer.copy(dist, "other")
    (dist / "0.2.0/SHA256SUMS.sig").write_text("signed\n")
    (dist / "0.2.0/buildinfo.json").write_text('{"built": "again"}\n')
    done = store_transfer.copy(dist, "other")
    assert (done.files, done.bytes, done.is_new) == (("SHA256SUMS.sig",), 7, False)
    assert Path("other/0.2.0/SHA256SUMS.sig").read_text() == "signed\n"
    assert Path("other/0.2.0/buildinfo.json").read_text() == "{}\n"


def test_a_withdrawal_is_passed_on(dist: Path) -> None:
    """A version that was withdrawn after it was published is withdrawn there by publishing it again."""
    store_transfer.copy(dist, "other")
    contents.yank(dist, "0.2.0", "wrong")
    done = store_transfer.copy(dist, "other", "0.2.0")
    assert (done.files, done.reason) == ((), "wrong")
    assert index.withdrawn(Path("other"), "0.2.0") == "wrong"
    assert contents.latest(Path("other")) is None
    assert check.check_index(Path("other")) == []
    assert store_transfer.copy(dist, "other", "0.2.0").reason is None


def test_a_withdrawal_there_is_not_taken_back(dist: Path) -> None:
    """Publishing a version again does not make it good again."""
    store_transfer.copy(dist, "other")
    contents.yank(Path("other"), "0.2.0", "wrong there")
    assert store_transfer.copy(dist, "other").reason is None
    assert index.withdrawn(Path("other"), "0.2.0") == "wrong there"


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0"])
def test_a_dry_run_writes_nothing_and_says_what_would_be_done(dist: Path, version: str) -> None:
    """What is said is what is done then, in a store that is there and in one that is not."""
    store_transfer.copy(dist, "other", "0.1.0")
    contents.yank(dist, "0.1.0", "wrong")
    before = kit.tree(Path())
    planned = store_transfer.copy(dist, "other", version, dry_run=True)
    store_transfer.copy(dist, "nowhere", version, dry_run=True)
    assert kit.tree(Path()) == before
    assert not Path("nowhere").exists()
    assert store_transfer.copy(dist, "other", version) == planned


# refusals


def test_other_content_under_a_version_is_refused(dist: Path) -> None:
    """A final version is not overwritten in another store either, and a dry run says so too."""
    stores.place(Path("other"), "0.2.0", "mine")
    before = kit.tree(Path("other"))
    for dry_run in (True, False):
        with pytest.raises(RefusedError) as refused:
            store_transfer.copy(dist, "other", dry_run=dry_run)
        assert str(refused.value) == (
            "other/0.2.0: data/notes.csv, notes-0.2.0.zip, SHA256SUMS are not as in dist/0.2.0; a final "
            "version is written once: give dist/0.2.0 a new version, or publish it elsewhere"
        )
    assert kit.tree(Path("other")) == before


def test_other_content_that_the_index_remembers_is_refused(dist: Path) -> None:
    """A version whose folder was removed there is not taken by another one."""
    stores.place(Path("other"), "0.2.0", "mine")
    shutil.rmtree("other/0.2.0")
    before = kit.tree(Path("other"))
    with pytest.raises(
        RefusedError, match=r"^other/versions\.json lists 0\.2\.0 with other content"
    ):
        store_transfer.copy(dist, "other")
    assert kit.tree(Path("other")) == before


@pytest.mark.parametrize("path", ["README.md", "notes-0.2.0.zip"])
def test_a_version_that_is_damaged_there_is_told(dist: Path, path: str) -> None:
    """A damaged copy is neither called right nor overwritten."""
    store_transfer.copy(dist, "other")
    target = Path("other/0.2.0") / path
    target.write_bytes(target.read_bytes()[:-1] + b"?")
    before = kit.tree(Path("other"))
    message = (
        f"other/0.2.0: {path} is not as in dist/0.2.0; it is damaged there: remove that folder and "
        "publish again"
    )
    with pytest.raises(RefusedError, match=f"^{re.escape(message)}$"):
        store_transfer.copy(dist, "other")
    assert kit.tree(Path("other")) == before


def damaged(where: Path) -> None:
    """One byte of a table is another."""
    (where / "0.2.0/data/notes.csv").write_text("note\ntwO\n")


def incomplete(where: Path) -> None:
    """A file is gone."""
    (where / "0.2.0/data/notes.csv").unlink()


def fitted(where: Path) -> None:
    """A table is another, and SHA256SUMS was made to fit."""
    stores.release(where / "0.2.0", "0.2.0", "twO")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            damaged,
            (
                "dist/0.2.0: data/notes.csv is not as SHA256SUMS says; nothing was published: the version is "
                "damaged here"
            ),
        ),
        (
            incomplete,
            "dist/0.2.0/data/notes.csv: is missing, expected a file of the release",
        ),
        (fitted, "dist/versions.json: archive of 0.2.0 is 0.2.0/notes-0.2.0.zip of "),
    ],
    ids=["damaged", "incomplete", "fitted"],
)
def test_a_version_that_is_damaged_here_is_not_published(
    dist: Path, change: Callable[[Path], None], message: str
) -> None:
    """The version is held against SHA256SUMS, and that against the index, before anything is copied."""
    change(dist)
    with pytest.raises(RefusedError) as refused:
        store_transfer.copy(dist, "other")
    assert str(refused.value).startswith(message)
    assert not Path("other").exists()


def test_a_file_that_does_not_arrive_is_found(dist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is read back: one that has other bytes there is not published."""
    real = shutil.copyfile

    def broken(source: Any, target: Any, **options: Any) -> Any:
        made = real(source, target, **options)
        if Path(target).name == "README.md":
            Path(target).write_text("# nOtes\n")
        return made

    monkeypatch.setattr(shutil, "copyfile", broken)
    with pytest.raises(RefusedError) as refused:
        store_transfer.copy(dist, "other")
    assert str(refused.value) == (
        "other/.publishing-0.2.0/README.md: has other bytes than dist/0.2.0/README.md when it is read "
        "back: try again, and if it fails again look at the disks"
    )
    assert not Path("other").exists()


def test_a_version_that_changes_while_it_is_copied_is_not_published(dist: Path) -> None:
    """A draft that is built again meanwhile does not become half of one and half of the other."""
    with (
        at("shutil.copyfile", "", lambda: stores.place(dist, "0.3.0-dev", "new")),
        pytest.raises(RefusedError, match="has other bytes than"),
    ):
        store_transfer.copy(dist, "other", "0.3.0-dev")
    assert not Path("other").exists()


@pytest.mark.parametrize(
    ("target", "version", "message"),
    [
        ("other", "0.9.0", "dist has no version '0.9.0', expected one of 0.3.0-dev, 0.2.0, 0.1.0"),
        (
            "other",
            "../0.1.0",
            "dist has no version '../0.1.0', expected one of 0.3.0-dev, 0.2.0, 0.1.0",
        ),
        (
            "dist",
            None,
            "dist: is the store itself or in one of its versions, expected another store",
        ),
        (
            "dist/0.1.0/data",
            None,
            "dist/0.1.0/data: is the store itself or in one of its versions, expected another store",
        ),
        (
            "s3://bucket/notes",
            None,
            "s3://bucket/notes: expected a folder; other places cannot be published to yet",
        ),
    ],
    ids=["version", "path", "itself", "inside", "url"],
)
def test_what_cannot_be_published_is_told(
    dist: Path, target: str, version: str | None, message: str
) -> None:
    """An unknown version and a place that can be no other store are refused."""
    before = kit.tree(Path())
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        store_transfer.copy(dist, target, version)
    assert kit.tree(Path()) == before


def test_without_a_final_version_one_must_be_named(dist: Path) -> None:
    """A draft is not published unless it is asked for."""
    contents.yank(dist, "0.1.0", "x")
    contents.yank(dist, "0.2.0", "x")
    with pytest.raises(UsageError) as refused:
        store_transfer.copy(dist, "other")
    assert str(refused.value) == "dist has no final version that is not withdrawn: name a version"
    assert store_transfer.copy(dist, "other", "0.3.0-dev").is_new


def test_a_folder_may_be_named_by_a_url(dist: Path, tmp_path: Path) -> None:
    """`file://` is a folder of this machine."""
    store_transfer.copy(dist, f"file://{tmp_path}/other")
    assert contents.latest(tmp_path / "other") == "0.2.0"


# the command line


def test_list_prints_a_table(dist: Path) -> None:
    """A line per version, newest first, and the reason below one that was withdrawn."""
    contents.yank(dist, "0.1.0", "the years \x1b are wrong")
    sizes = [f"{entry.archive.bytes} bytes" for entry in contents.versions(dist)]
    assert run("list")[1].splitlines() == [
        "version    date             size  status     what changed",
        f"0.3.0-dev  2026-01-31  {sizes[0]}  draft",
        f"0.2.0      2026-01-31  {sizes[1]}  final",
        f"0.1.0      2026-01-31  {sizes[2]}  withdrawn",
        "  withdrawn: the years \\u001b are wrong",
    ]


def test_list_in_json_is_the_index(dist: Path) -> None:
    """--format json prints what versions.json holds."""
    code, out, err = run("list", "--format", "json")
    assert (code, err) == (0, "")
    listed = json.loads((dist / "versions.json").read_bytes())
    assert json.loads(out) == {**listed, "findings": []}


@pytest.mark.usefixtures("dist")
def test_list_of_another_store() -> None:
    """The store may be named; an empty one holds no version, and what is none is told."""
    Path("empty").mkdir()
    assert run("list", "empty") == (0, "empty holds no version\n", "")
    assert run("list", "nowhere") == (
        *(2, ""),
        "release: nowhere: is no folder, expected a store of releases\n",
    )


@pytest.mark.usefixtures("dist")
def test_yank_says_which_version_is_the_latest() -> None:
    """One line: what was withdrawn, and what a downloader gets now."""
    arguments = ("yank", "0.2.0", "--reason", "wrong")
    assert run(*arguments) == (0, "0.2.0 withdrawn; the latest version is 0.1.0\n", "")
    assert run(*arguments) == (
        *(0, "0.2.0 was withdrawn already, for this reason; the latest version is 0.1.0\n"),
        "",
    )
    assert run("yank", "0.1.0", "--reason", "wrong")[1] == (
        "0.1.0 withdrawn; there is no latest version now\n"
    )
    code, out, _ = run(*arguments, "--format", "json")
    assert code == 0
    assert json.loads(out) == {"version": "0.2.0", "reason": "wrong", "new": False, "latest": None}


def test_reindex_says_what_it_found(dist: Path) -> None:
    """One line, or the versions in JSON."""
    (dist / "versions.json").unlink()
    assert run("reindex") == (0, "dist holds 3 versions; the latest version is 0.2.0\n", "")
    out = run("reindex", "dist", "--format", "json")[1]
    listed = json.loads((dist / "versions.json").read_bytes())
    assert json.loads(out) == {**listed, "findings": []}


def test_publish_says_what_it_did(dist: Path) -> None:
    """What would be copied, what was, that all is there, what was added, and what is withdrawn."""
    size = sum(len(data) for data in kit.tree(dist / "0.2.0").values())
    about = f"(6 files, {size / 1000:.3g} kB)"
    assert run("publish", "other", "--dry-run") == (0, f"would copy other/0.2.0 {about}\n", "")
    assert run("publish", "other") == (0, f"published other/0.2.0 {about}\n", "")
    there = "other/0.2.0 is there already, with the same content\n"
    assert run("publish", "other") == (0, there, "")
    (dist / "0.2.0/SHA256SUMS.sig").write_text("signed\n")
    added = "other/0.2.0 is there already; added: SHA256SUMS.sig\n"
    assert run("publish", "other", "--dry-run")[1] == added.replace("added", "would be added")
    assert run("publish", "other") == (0, added, "")
    contents.yank(dist, "0.2.0", "wrong")
    marked = f"{there}0.2.0 is marked there as withdrawn: wrong\n"
    assert run("publish", "other", "0.2.0", "--dry-run")[1] == marked.replace(
        "is marked", "would be marked"
    )
    assert run("publish", "other", "0.2.0", "--store", "dist") == (0, marked, "")


def test_publish_in_json_has_all_that_was_copied(dist: Path) -> None:
    """--format json prints one object."""
    files = kit.tree(dist / "0.1.0")
    out = run("publish", "other", "0.1.0", "--format", "json")[1]
    assert json.loads(out) == {
        "version": "0.1.0",
        "path": "other/0.1.0",
        "files": list(files),
        "bytes": sum(map(len, files.values())),
        "is_new": True,
        "reason": None,
        "dry_run": False,
        "findings": [],
    }


def test_an_index_names_each_document_that_there_is(dist: Path) -> None:
    """An entry is the same in both stores, whatever stands beside the release."""
    (dist / "0.2.0/SHA256SUMS.sig").write_text("signed\n")
    store_transfer.copy(dist, "other")
    assert store_entry.derived(Path("other/0.2.0")) == store_entry.derived(dist / "0.2.0")
