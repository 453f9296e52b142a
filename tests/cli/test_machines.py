"""Names and texts that a CI job or a terminal would obey are shown by every command, and obeyed in none."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.support import kit
from tests.support.datasets import NOTES
from tests.support.machines import TRICKS, obeyed

NAMES = [
    "::error title=x::y##[error]z",
    "a\n::error title=x::y\x1b[2J\u202e",
    "\u3000::warning::x\r::add-mask::z##vso[a]b\x9b31m",
]
TITLE = "a\n::error::b ##[error]c"


def write_dataset(folder: Path, title: str = "a") -> Path:
    """A dataset of one note; return its descriptor."""
    (folder / "notes").mkdir(parents=True, exist_ok=True)
    (folder / "datapackage.yaml").write_text(NOTES, "utf-8")
    note = json.dumps({"title": title, "year": 1})
    (folder / "notes/first.md").write_text(f"---\n{note}\n---\n", "utf-8")
    return folder / "datapackage.yaml"


def ran(*arguments: str | Path) -> tuple[int, str]:
    """The exit code and all output of a command."""
    code, out, err = kit.run(*map(str, arguments))
    return code, f"{out}\n{err}"


def unobeyed(code: int, *arguments: str | Path) -> str:
    """The output of a command that ends with this code, which nothing obeys."""
    found, output = ran(*arguments)
    assert found == code, output
    assert obeyed(output) == []
    return output


@pytest.mark.parametrize("name", NAMES, ids=["command", "lines", "blanks"])
def test_a_folder_of_any_name_is_shown(tmp_path: Path, name: str) -> None:
    """Every command takes a folder whose name is a trick, and shows the name."""
    root = tmp_path / name
    descriptor = write_dataset(root)
    store, other = root / "dist", root / "other"
    of = ("--descriptor", descriptor)
    unobeyed(0, "check", *of)
    unobeyed(0, "build", *of, "--out", store)
    unobeyed(0, "build", *of, "--out", store)
    unobeyed(0, "list", store)
    unobeyed(0, "verify", "--no-referee", store)
    unobeyed(0, "publish", other, "--store", store)
    unobeyed(0, "publish", other, "--store", store)
    unobeyed(0, "reindex", store)
    (store / "0.1.0/LICENSE").write_text("x")
    unobeyed(1, "verify", "--no-referee", store / "0.1.0")
    unobeyed(1, "sign", store / "0.1.0", "--key", root / "key")
    (store / "0.1.0/LICENSE").unlink()
    unobeyed(0, "yank", "0.1.0", "--store", store, "--reason", f"b ::error::b##[error]{name[:5]!r}")
    write_dataset(root, TITLE)
    unobeyed(0, "diff", store / "0.1.0", descriptor)
    unobeyed(0, "diff", store / "0.1.0", descriptor, "--format", "json")
    unobeyed(0, "bump", *of, "--store", store)
    (root / "notes/second.md").write_text("no fence")
    unobeyed(1, "check", *of)
    unobeyed(1, "check", *of, "--format", "json")
    (root / "cache").mkdir()
    unobeyed(0, "cache", "--cache", root / "cache")


@pytest.mark.parametrize("name", NAMES, ids=["command", "lines", "blanks"])
def test_an_argument_of_any_name_is_shown(tmp_path: Path, name: str) -> None:
    """What cannot be used is told by its name."""
    for arguments in (
        ("verify", name),
        ("list", name),
        ("diff", name, name),
        ("yank", name, "--store", name, "--reason", name),
        ("publish", name, name, "--store", tmp_path / name),
        ("reindex", name),
        ("check", "--descriptor", name),
        ("check", "--descriptor", write_dataset(tmp_path), "--severity", name),
        ("check", "--descriptor", write_dataset(tmp_path), "--records", name),
        ("cache", "--cache", name),
        ("sign", name, "--key", name),
    ):
        unobeyed(2, *arguments)
    done = kit.command(name, cwd=tmp_path)
    assert done.returncode == 2
    assert obeyed(done.stdout + done.stderr) == []


@pytest.mark.parametrize("trick", TRICKS)
def test_a_record_with_any_text_is_shown(tmp_path: Path, trick: str) -> None:
    """Keys, values and the names of files are shown by check and coverage, as text and as JSON."""
    descriptor = write_dataset(tmp_path, trick)
    keys = json.dumps({"title": {trick: trick}, trick: [trick], "year": trick})
    (tmp_path / "notes/second.md").write_text(f"---\n{keys}\n---\n", "utf-8")
    (tmp_path / "notes/third.md").write_text(f"---\n{trick}: [\n---\n", "utf-8")
    if "\0" not in trick:
        (tmp_path / f"notes/{trick.replace('/', '-')}.md").write_text(f"{trick}\n", "utf-8")
    for more in ((), ("--format", "json"), ("--coverage",), ("--coverage", "--format", "json")):
        unobeyed(1, "check", "--descriptor", descriptor, *more)


@pytest.mark.parametrize("kind", ["text", "json", "md", "html"])
def test_a_difference_is_shown(tmp_path: Path, kind: str) -> None:
    """Values that are tricks are shown in every format but CSV, cut or whole."""
    descriptor = write_dataset(tmp_path)
    assert ran("build", "--descriptor", descriptor, "--out", tmp_path / "dist")[0] == 0
    write_dataset(tmp_path, "a\n::error::b\n\t::warning::c ##[error]d ##vso[a]b\n")
    for more in ((), ("--all",)):
        release = tmp_path / "dist/0.1.0"
        unobeyed(0, "diff", release, descriptor, "--format", kind, *more)


def test_csv_is_not_written_into_the_log_of_a_job(tmp_path: Path) -> None:
    """CSV has no escapes: in a job it is refused if it would be obeyed; elsewhere it is whole."""
    title = "a\n::error::b"
    descriptor = write_dataset(tmp_path)
    assert ran("build", "--descriptor", descriptor, "--out", tmp_path / "dist")[0] == 0
    write_dataset(tmp_path, title)
    arguments = ("diff", "dist/0.1.0", "datapackage.yaml", "--format", "csv")
    in_a_job = kit.command(*arguments, cwd=tmp_path, GITHUB_ACTIONS="true")
    assert (in_a_job.returncode, in_a_job.stdout) == (1, "table,key,change,field,old,new\n")
    assert in_a_job.stderr == (
        "release: a value of this CSV is a workflow command, which the log of this job would obey; "
        "write it to a file instead, such as by --format csv=changes.csv\n"
    )
    elsewhere = kit.command(*arguments, cwd=tmp_path, GITHUB_ACTIONS="")
    assert [row[-1] for row in csv.reader(io.StringIO(elsewhere.stdout, newline=""))][1] == title
