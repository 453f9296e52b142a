"""What Git, macOS and Windows do to a release that lies in their folders is told from tampering."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from release.verify import verification
from tests.support import kit, tampering
from tests.support.kit import run

ADVICE = (
    "Git does that (core.autocrlf, or `text` in .gitattributes): put the line `* -text` into .gitattributes "
    "of the store and commit that file alone, then remove this folder and check it out again; or unpack the "
    "zip, which Git leaves as it is"
)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one release."""
    return kit.build(tampering.dataset(tmp_path / "records").parent, tmp_path / "dist").parent


def findings(place: Path) -> list[str]:
    """The findings of `verify`, each as a line that begins with the path in the release."""
    report = verification.verify(place, verification.VerifyOptions(referee="none"))
    return [
        f"{each.path}: {each.severity}: {each.rule}: {each.message}" for each in report.findings
    ]


def rewrite(folder: Path, pattern: str, old: bytes = b"\n", new: bytes = b"\r\n") -> int:
    """Rewrite the line ends of the files of a folder whose names match; how many changed."""
    count = 0
    for path in sorted(folder.rglob(pattern)):
        data = path.read_bytes() if path.is_file() else b""
        if b"\0" not in data and old in data:
            path.write_bytes(data.replace(old, new))
            count += 1
    return count


# Git


def git(folder: Path, *arguments: str) -> None:
    """Run a command of Git that knows no settings of this machine."""
    settings = ["user.name=tests", "user.email=tests@example.org", "init.defaultBranch=main"]
    options = [part for each in settings for part in ("-c", each)]
    subprocess.run(
        ["git", "-C", folder, *options, *arguments],
        check=True,
        capture_output=True,
        env={
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_SYSTEM": "/dev/null",
            "PATH": "/usr/bin:/bin",
        },
    )


def checked_out(store: Path, **settings: str) -> None:
    """Commit a store, and check it out again with some settings of Git."""
    above = store.parent
    git(above, "init", "-q")
    for name, value in settings.items():
        git(above, "config", f"core.{name}", value)
    git(above, "add", store.name)
    git(above, "commit", "-q", "-m", "A store")
    shutil.rmtree(store)
    git(above, "checkout", "-q", "--", store.name)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_store_in_git_keeps_its_bytes(store: Path) -> None:
    """Its .gitattributes says so, whatever Git is told to do with line ends."""
    assert (store / ".gitattributes").read_bytes() == b"* -text\n"
    before = kit.tree(store)
    checked_out(store, autocrlf="true")
    assert kit.tree(store) == before
    assert findings(store) == []


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_checkout_with_other_line_ends_is_one_fault_and_can_be_mended(store: Path) -> None:
    """It names the cause and what to do, and doing that is right."""
    before = kit.tree(store)
    (store / ".gitattributes").unlink()
    checked_out(store, autocrlf="true")
    (line,) = findings(store)
    count = int(re.findall(r"as have (\d+) other files", line)[0])
    assert line == (
        "SHA256SUMS: error: line-ends-rewritten: has other line ends than it was released with, as have "
        f"{count} other files, and is the same otherwise; {ADVICE}"
    )
    assert count > 10
    code, out, _ = run("verify", "--no-referee", str(store))
    assert (code, out.splitlines()[-1]) == (1, "not verified")
    (store / ".gitattributes").write_text("* -text\n")
    git(store.parent, "add", "dist/.gitattributes")
    git(store.parent, "commit", "-q", "-m", "Keep the bytes of the store")
    shutil.rmtree(store)
    git(store.parent, "checkout", "-q", "--", "dist")
    assert kit.tree(store) == before


@pytest.mark.parametrize(
    ("pattern", "first"),
    [("*.csv", "changes.csv"), ("*.md", "CHANGELOG.md"), ("SHA256SUMS", "SHA256SUMS")],
)
def test_some_files_with_other_line_ends_are_one_fault(
    store: Path, pattern: str, first: str
) -> None:
    """As .gitattributes may tell Git for some names."""
    count = rewrite(store / "0.1.0", pattern)
    (line,) = findings(store / "0.1.0")
    more = f", as have {count - 1} other files" if count > 1 else ""
    start = f"{first}: error: line-ends-rewritten: has other line ends than it was released with{more}, "
    assert line.startswith(start)


def test_records_that_were_released_with_crlf_and_have_lf_are_the_same_fault(
    tmp_path: Path,
) -> None:
    """Git makes LF of CRLF when it commits."""
    root = tampering.dataset(tmp_path / "records").parent
    assert rewrite(root / "notes", "*.md") > 1
    built = kit.build(root, tmp_path / "dist")
    rewrite(built / "source", "*.md", b"\r\n", b"\n")
    (line,) = findings(built)
    assert line.startswith("source/notes/n1.md: error: line-ends-rewritten: ")


def test_a_changed_value_is_told_beside_rewritten_line_ends(store: Path) -> None:
    """Whoever changes more than line ends is found out."""
    tampering.change(store / "0.1.0/data/notes.csv", "n1", "n9")
    rewrite(store / "0.1.0", "*")
    rules = [line.split(": ")[:3] for line in findings(store / "0.1.0")]
    assert rules == [
        ["data/notes.csv", "error", "file-changed"],
        ["SHA256SUMS", "error", "line-ends-rewritten"],
    ]


def test_an_index_with_other_line_ends_is_one_fault(store: Path) -> None:
    """The release itself is as it was."""
    for path in (store / name for name in ("versions.json", "index.html", "latest.json")):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    message = (
        "has line ends that were rewritten, by Git for example, as have index.html and latest.json; "
        f"`release reindex {store}` makes it from the versions that are there"
    )
    assert findings(store) == [f"versions.json: error: line-ends-rewritten: {message}"]


def test_other_commands_name_the_cause_too(store: Path) -> None:
    """`publish` refuses such a release."""
    rewrite(store / "0.1.0", "SHA256SUMS")
    code, _, err = run("publish", "--store", str(store), str(store.parent / "other"))
    assert code == 1
    assert f"has other line ends than it was released with; {ADVICE}" in err


def test_a_file_for_git_that_is_there_is_left_alone(tmp_path: Path) -> None:
    """Whoever has one wants it."""
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/.gitattributes").write_text("*.csv -diff\n")
    kit.build(tampering.dataset(tmp_path / "records").parent, tmp_path / "dist")
    assert (tmp_path / "dist/.gitattributes").read_text() == "*.csv -diff\n"


# desktops


def put(path: str, data: bytes = b"x") -> Callable[[Path], None]:
    """Return what puts a file into a release."""

    def act(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)

    return act


DOUBLE = b"\0\5\x16\7\0\2\0\0Mac OS X"


@pytest.mark.parametrize(
    ("path", "data", "maker"),
    [
        (".DS_Store", b"\0\0\0\1Bud1", "macOS"),
        ("data/.DS_Store", b"\0\0\0\1Bud1", "macOS"),
        ("data/._notes.csv", DOUBLE, "macOS"),
        ("__MACOSX/data/._notes.csv", DOUBLE, "macOS"),
        ("Thumbs.db", b"\xd0\xcf\x11\xe0", "Windows"),
        ("source/notes/desktop.ini", b"[.ShellClassInfo]\r\n", "Windows"),
        ("Desktop.ini", b"[.ShellClassInfo]\r\n", "Windows"),
        ("data/.directory", b"[Desktop Entry]\n", "KDE"),
    ],
)
def test_a_file_of_a_desktop_is_a_warning(store: Path, path: str, data: bytes, maker: str) -> None:
    """The release verifies, is rebuilt, and is the same when it is built again."""
    release = store / "0.1.0"
    put(path, data)(release)
    message = (
        f"is no part of the release: {maker} makes it in folders that it shows; it was left out"
    )
    assert findings(release) == [f"{path}: warning: desktop-file: {message}"]
    code, out, _ = run("verify", "--no-referee", "--rebuild", str(release))
    assert (code, out.splitlines()[-1]) == (0, "verifies, with 1 warning")
    descriptor = str(store.parent / "records/datapackage.yaml")
    code, out, _ = run("build", "--descriptor", descriptor, "--out", str(store))
    assert (code, "is there already, with the same content" in out) == (0, True)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("data/._notes.parquet", b"PAR1"),
        ("._x", b""),
        ("DS_Store", b"x"),
        ("data/Thumbs.db.csv", b"x"),
        ("notes.txt", b"x"),
        (".hidden", b"x"),
    ],
)
def test_any_other_extra_file_is_an_error(store: Path, path: str, data: bytes) -> None:
    """Also one that is only named like those of a desktop."""
    put(path, data)(store / "0.1.0")
    rules = {line.split(": ")[2] for line in findings(store / "0.1.0")}
    assert rules == {"file-extra"}


def test_a_listed_file_is_part_of_the_release_whatever_its_name(store: Path) -> None:
    """One that SHA256SUMS lists is compared with its checksum."""
    release = store / "0.1.0"
    put("source/notes/desktop.ini", b"one")(release)
    sums = (release / "SHA256SUMS").read_text().splitlines()
    sums.append(f"{kit.sha256(b'two')}  source/notes/desktop.ini")
    sums.sort(key=lambda line: line[66:])
    (release / "SHA256SUMS").write_text("".join(f"{line}\n" for line in sums))
    assert any(
        line.startswith("source/notes/desktop.ini: error: file-changed: ")
        for line in findings(release)
    )


def test_a_zip_with_a_file_of_a_desktop_is_another_zip(store: Path) -> None:
    """No desktop puts files into a zip that it did not make."""
    import zipfile

    (archive,) = (store / "0.1.0").glob("*.zip")
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(".DS_Store", b"x")
    lines = findings(archive)
    assert ".DS_Store: error: file-extra: is extra: SHA256SUMS does not list it" in lines
