"""Findings: one registry of rules, one form as text and in JSON, whichever command finds them."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from release.findings import RELEASE_RULES, RULES, Finding, FindingsError
from tests.support import stores, tampering
from tests.support.kit import ROOT, edit, run


def rules_named() -> Iterator[tuple[str, str]]:
    """The rules that the program names where it makes a finding, and where."""
    for path in sorted((ROOT / "src/release").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = ast.unparse(node.func).rpartition(".")[2]
                first = node.args[0]
                if name in ("Finding", "finding") and isinstance(first, ast.Constant):
                    yield str(first.value), f"{path.name}:{node.lineno}"


def texts() -> set[str]:
    """The texts in the program but for its registry of rules."""
    return {
        node.value
        for path in (ROOT / "src/release").rglob("*.py")
        if path != ROOT / "src/release/findings/rules.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_rule_that_is_named_is_registered() -> None:
    """A finding has a rule of the registry, so that the reference explains it."""
    assert [(rule, at) for rule, at in rules_named() if rule not in {*RULES, *RELEASE_RULES}] == []


def test_every_rule_of_a_release_can_be_found() -> None:
    """The registry and the reference list no rule that nothing breaks."""
    assert sorted(RELEASE_RULES.keys() - texts()) == []


def test_no_rule_is_registered_twice() -> None:
    """A name means one thing, whatever is looked at."""
    assert RULES.keys() & RELEASE_RULES.keys() == set()


# what stops a command


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The store `dist` in the working folder, whose version lacks a file."""
    monkeypatch.chdir(tmp_path)
    stores.place(tmp_path / "dist", "0.1.0")
    (tmp_path / "dist/0.1.0/README.md").unlink()
    return Path("dist")


GONE = Finding(
    "file-missing",
    "0.1.0/README.md",
    "is missing, expected a file of the release",
    file="dist/0.1.0/README.md",
)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("publish", "dist/0.1.0/README.md: is missing, expected a file of the release"),
        ("reindex", f"dist: the index stays as it is:\n  {GONE}"),
    ],
)
@pytest.mark.usefixtures("dist")
def test_a_command_that_stops_for_findings_has_them_in_json(command: str, said: str) -> None:
    """`findings` in the form of `check`, on stdout; the message is on stderr either way."""
    arguments = [command, "other"] if command == "publish" else [command]
    assert run(*arguments) == (1, "", f"release: {said}\n")
    code, out, err = run(*arguments, "--format", "json")
    assert (code, err) == (1, f"release: {said}\n")
    assert json.loads(out) == {"findings": [asdict(GONE)], "error": said}


def test_an_index_that_cannot_be_read_is_a_finding_in_json(dist: Path) -> None:
    """`list` stops for it: what it would show is not known."""
    (dist / "versions.json").write_text("[]")
    code, out, _ = run("list", "--format", "json")
    (finding,) = json.loads(out)["findings"]
    assert code == 1
    assert (finding["rule"], finding["path"], finding["file"]) == (
        "index-syntax",
        "versions.json",
        "dist/versions.json",
    )


def test_every_door_gives_findings_of_one_shape(dist: Path) -> None:
    """The keys of a finding in JSON are the same from `verify`, `list` and `check`."""
    shutil.rmtree(dist / "0.1.0")
    shutil.copy(ROOT / "tests/cases/file-empty/datapackage.yaml", ".")
    shutil.copytree(ROOT / "tests/cases/file-empty/records", "records")
    keys = {field.name for field in fields(Finding)}
    for command in (["check"], ["list"], ["verify", "dist"]):
        found = json.loads(run(*command, "--format", "json")[1])["findings"]
        assert found, command
        assert all(each.keys() == keys for each in found), command


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small dataset in the working folder, built as 0.1.0."""
    monkeypatch.chdir(tmp_path)
    tampering.dataset(tmp_path / "notes")
    monkeypatch.chdir(tmp_path / "notes")
    assert run("build")[0] == 0
    return tmp_path / "notes"


def test_a_difference_in_json_has_findings_like_every_report(notes: Path) -> None:
    """None, where two releases were compared."""
    code, out, err = run("diff", "--format", "json", "--no-cache")
    assert (code, err) == (0, "")
    assert json.loads(out)["findings"] == []
    assert notes.is_dir()


def test_records_that_cannot_be_compared_are_findings_in_json(notes: Path) -> None:
    """The findings of `check`; the message on stderr only counts them."""
    edit(notes / "notes/n2.md", "year: 2002", "year: soon")
    said = "its records have 1 error, so there is nothing to compare: `release check` shows what is wrong"
    code, out, err = run("diff", "--format", "json", "--no-cache")
    assert (code, err) == (1, f"release: datapackage.yaml: {said}\n")
    checked = json.loads(run("check", "--format", "json")[1])["findings"]
    assert json.loads(out) == {"findings": checked, "error": f"datapackage.yaml: {said}"}
    assert [each["rule"] for each in checked] == ["year-type"]


def test_a_release_that_cannot_be_read_is_a_finding_of_diff(notes: Path) -> None:
    """With its rule and the file that was read."""
    path = notes / "dist/0.1.0/datapackage.json"
    path.write_text("{")
    code, out, _ = run("diff", "dist/0.1.0", "--format", "json", "--no-cache")
    found = json.loads(out)["findings"]
    assert code == 1
    assert [(each["rule"], each["file"]) for each in found] == [
        ("json-syntax", "dist/0.1.0/datapackage.json")
    ]


def test_an_error_of_findings_is_readable_without_and_with_a_heading() -> None:
    """Without one it is file, line and message; with one the findings as they are printed."""
    bad = Finding(
        "checksums-syntax", "SHA256SUMS", "'x' is no line of sha256sum", 3, 1, file="d/SUMS"
    )
    assert str(FindingsError([bad])) == "d/SUMS:3: 'x' is no line of sha256sum"
    assert str(FindingsError([bad, GONE], "the store is damaged")) == (
        "the store is damaged:\n"
        "  d/SUMS:3:1: error: checksums-syntax: 'x' is no line of sha256sum\n"
        f"  {GONE}"
    )
