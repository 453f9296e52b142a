"""A README.md may stand in a store: git keeps `dist/` by it, and no command minds or touches it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from release import cli
from tests.support import kit
from tests.support.datasets import NOTE, describe, table, write_dataset

ROOT = Path(__file__).parents[2]
TEXT = "# Built releases\n"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder as a fresh clone has it: records, and a store that holds its README.md alone."""
    monkeypatch.chdir(tmp_path)
    fields = table("notes", NOTE, "title", "text, from: $body")
    write_dataset(tmp_path, describe(fields), {"notes/first.md": "---\ntitle: The first\n---\n"})
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/README.md").write_text(TEXT, "utf-8")
    return tmp_path


def digests(folder: Path) -> dict[str, str]:
    """The digest of each file below a folder, but for README.md in it."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    found = {str(path.relative_to(folder)): kit.sha256(path.read_bytes()) for path in files}
    return {name: digest for name, digest in found.items() if name not in ("README.md", ".lock")}


@pytest.mark.usefixtures("clone")
def test_a_fresh_clone_has_a_store_without_versions(capsys: pytest.CaptureFixture[str]) -> None:
    """Before the first build `release list` says that the store holds no version."""
    assert cli.main(["list"]) == 0
    assert capsys.readouterr() == ("dist holds no version\n", "")


def test_a_store_with_a_readme_is_used_as_any_other(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`build`, `list`, `reindex`, `verify`, `publish` and `yank` take it; none minds the page."""
    for command in (
        ["build"],
        ["list"],
        ["reindex"],
        ["verify", "dist"],
        ["publish", "other"],
        ["yank", "0.1.0", "--reason", "a test"],
        ["verify", "--no-referee", "dist"],
    ):
        assert cli.main(command) == 0, command
    printed = capsys.readouterr()
    assert "README" not in printed.out
    assert "README" not in printed.err
    assert (clone / "dist/README.md").read_text("utf-8") == TEXT
    assert not (clone / "other/README.md").exists()


def test_a_readme_in_the_store_changes_no_byte_of_a_release(clone: Path) -> None:
    """The release and the index are the same with it and without."""
    assert cli.main(["build"]) == 0
    assert cli.main(["build", "--out", "plain"]) == 0
    assert digests(clone / "dist") == digests(clone / "plain")


def test_git_keeps_the_page_and_no_release() -> None:
    """.gitignore names all of `dist/` but its README.md."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone")
    paths = ["dist/README.md", "dist/0.1.0/README.md", "dist/versions.json", "dist/.lock"]
    ignored = subprocess.run(
        ["git", "check-ignore", "--no-index", *paths],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ignored.stdout.splitlines() == paths[1:]
