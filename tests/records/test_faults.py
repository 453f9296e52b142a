"""One folder of records per fault: what is said of it, word for word, and that nothing is written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from release.findings import RULES, family, shown
from tests.support import faults, stores
from tests.support.faults import ACCEPT, LINE, SUMMARY, expected, folders
from tests.support.kit import run, snapshot

#: Rules whose faults git cannot hold: the tests that make them.
MADE = {
    "cell-size": "test_a_text_that_readers_of_csv_do_not_take_is_a_warning",
    "file-too-large": "test_a_file_of_17_mib_is_too_large",
    "file-unreadable": "test_an_unreadable_file_is_a_finding",
    "not-a-file": "test_a_symbolic_link_is_refused",
    "path-capture": "test_a_name_that_a_path_cannot_carry_is_refused",
    "path-portable": "test_a_name_that_windows_cannot_keep_is_refused",
}

FOLDERS = [pytest.param(folder, id=folder.name) for folder in folders()]


def _errors(text: str) -> int:
    return sum(match["severity"] == "error" for match in LINE.finditer(text))


@pytest.mark.parametrize("folder", FOLDERS)
def test_findings_are_those_expected_word_for_word(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`release check` prints exactly the lines of expected.txt, changes nothing, and exits with 1
    for errors.
    """
    before = snapshot(folder)
    monkeypatch.chdir(folder)
    code, out, err = run("check")
    found = faults.findings(out, SUMMARY)
    assert found == expected(folder), f"read it, then: {ACCEPT} {folder.name}"
    assert code == (1 if _errors(found) else 0)
    assert err == ""
    assert snapshot(folder) == before


@pytest.mark.parametrize("folder", FOLDERS)
def test_findings_are_the_same_from_the_cache(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second check takes what the first has kept, and says the same."""
    monkeypatch.chdir(folder)
    first = run("check", "--cache", str(tmp_path / "cache"))
    assert run("check", "--cache", str(tmp_path / "cache")) == first
    assert faults.findings(first[1], SUMMARY) == expected(folder)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_build_with_errors_writes_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`release build` says the same as `check`; with an error no store is made, with warnings a
    release is.
    """
    before = snapshot(folder)
    monkeypatch.chdir(folder)
    code, out, err = run("build", "--out", str(tmp_path / "store"))
    assert faults.findings(out, SUMMARY) == expected(folder)
    assert err == ""
    if _errors(expected(folder)):
        assert code == 1
        assert out.splitlines()[-1] == "nothing was built: an error stands"
        assert snapshot(tmp_path) == {}
    else:
        assert code == 0
        assert out.splitlines()[-1] == f"built {tmp_path}/store/0.1.0"
        assert stores.hidden(tmp_path / "store") == []
    assert snapshot(folder) == before


@pytest.mark.parametrize("folder", FOLDERS)
def test_expected_lines_have_the_form_of_a_finding(folder: Path) -> None:
    """A finding is one line `path:line:column: severity: rule: message`, and its place is in the
    folder.
    """
    lines = expected(folder).splitlines()
    assert lines
    for line in lines:
        match = LINE.fullmatch(line)
        assert match is not None, line
        if match["line"] is None:
            continue
        text = (folder / match["file"]).read_bytes().decode("utf-8", "replace")
        rows = text.replace("\r\n", "\n").split("\n")
        assert 1 <= int(match["line"]) <= len(rows)
        assert 1 <= int(match["column"]) <= len(rows[int(match["line"]) - 1]) + 1


def test_every_rule_has_a_fault() -> None:
    """A rule is trusted only when a test has made it fail: a new one needs a folder, or a test in
    MADE.
    """
    found = {
        family(match["rule"])
        for folder in folders()
        for match in LINE.finditer(expected(folder))
        if match["severity"] == RULES.get(family(match["rule"]), ("", ""))[0]
    }
    assert set(RULES) - found <= set(MADE)
    source = Path(__file__).with_name("test_hostile_records.py").read_text(encoding="utf-8")
    assert [name for name in MADE.values() if f"def {name}(" not in source] == []


def test_there_are_at_least_thirty_faults() -> None:
    """They are many, and every folder has what it takes to be read on its own."""
    assert len(folders()) >= 30
    for folder in folders():
        assert (folder / "datapackage.yaml").is_file()
        assert (folder / faults.EXPECTED).is_file()


def test_faults_stand_in_yaml_and_in_json() -> None:
    """Each fault has a record in YAML and one in JSON, but for those that say nothing of front
    matter.
    """
    json_begins = re.compile(rb'(?:\xef\xbb\xbf)?(?:---\r?\n)?\s*(?:{\s*["}\[]|\["|"|null)')
    for folder in folders():
        if folder.name == "file-empty":
            continue
        records = [path.read_bytes() for path in folder.rglob("*.md")]
        if not records:  # the fault is one of a file of records
            continue
        in_json = [json_begins.match(record) is not None for record in records]
        assert any(in_json), folder.name
        assert not all(in_json), folder.name


def test_no_lowered_rule_leaves_out_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a character hides all that a record says, its fault is one that cannot be lowered."""
    monkeypatch.chdir(faults.RECORDS / "control-character")
    code, out, _ = run("check", "--severity", "control-character=warning", "--format", "json")
    told = json.loads(out)
    unread = {found["path"] for found in told["findings"] if found["severity"] == "error"}
    raw = {"json-raw", "yaml-line-separator", "yaml-raw", "yaml-return"}
    assert {Path(path).stem for path in unread} == raw
    assert code == 1
    assert told["tables"]["notes"] + len(unread) == len(list(Path("records").iterdir()))


@pytest.mark.parametrize(
    ("character", "written"),
    [
        ("\x00", "\\u0000"),
        ("\x1b", "\\u001b"),
        ("\x7f", "\\u007f"),
        ("\x9b", "\\u009b"),
        ("\u2028", "\\u2028"),
        ("\ud83d", "\\ud83d"),
    ],
)
def test_a_shown_value_cannot_steer_the_terminal(character: str, written: str) -> None:
    """A message holds no control characters of the data: a value is shown with them written as
    escapes.
    """
    assert shown(f"a{character}b") == f"'a{written}b'"
