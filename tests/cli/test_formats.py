"""The formats of results: each is valid, says what was found, and goes where it is asked for."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from release import cli
from tests.support.datasets import NOTES, write_dataset
from tests.support.kit import run

SCHEMAS = Path(__file__).parent / "schemas"

RECORDS = {
    "notes/first.md": "---\ntitle: The first\nyear: soon\n---\n",
    "notes/second.md": "---\ntitle: ' The second'\nyear: 2026\n---\n",
    "notes/third.txt": "Text.\n",
}


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset with an error and two warnings, in the working folder."""
    monkeypatch.chdir(write_dataset(tmp_path, NOTES, RECORDS))
    for name in ("GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@cache
def sarif_schema() -> Any:
    """The validator of SARIF 2.1.0."""
    schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text("utf-8"))
    return jsonschema.Draft202012Validator(schema)


def read_sarif(text: str) -> dict[str, Any]:
    """Return the one run of a log, which is valid."""
    log = json.loads(text)
    assert [error.message for error in sarif_schema().iter_errors(log)] == []
    (found,) = log["runs"]
    return dict(found)


@pytest.mark.usefixtures("notes")
def test_annotations_stand_on_the_line_and_the_text_in_a_group() -> None:
    """GitHub gets a command for each finding, its path and place in properties."""
    code, out, err = run("check", "--format", "github")
    assert (code, err) == (1, "")
    assert out == (
        "::error file=notes/first.md,line=3,col=7,title=year-type::notes/first.md:3:7: "
        "year is 'soon', expected an integer\n"
        "::warning file=notes/second.md,line=2,col=8,title=title-blank-ends::notes/second.md:2:8: "
        "title is ' The second', which begins with U+0020 SPACE; expected text without blanks at its "
        "ends\n"
        "::warning file=notes/third.txt,title=file-unmatched::notes/third.txt: the file belongs to no "
        "kind of record, expected notes/{note}.md\n"
        "::group::release check: 2 records, 1 error, 2 warnings\n"
        f"{run('check')[1]}"
        "::endgroup::\n"
    )


@pytest.mark.usefixtures("notes")
def test_a_sarif_log_is_valid_and_has_each_finding_with_its_rule() -> None:
    """Levels, places, rules and fingerprints are there."""
    found = read_sarif(run("check", "--format", "sarif")[1])
    results = found["results"]
    rules = found["tool"]["driver"]["rules"]
    assert [each["level"] for each in results] == ["error", "warning", "warning"]
    assert [rules[each["ruleIndex"]]["id"] for each in results] == [
        "year-type",
        "title-blank-ends",
        "file-unmatched",
    ]
    assert results[0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "notes/first.md", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 7},
    }
    assert "region" not in results[2]["locations"][0]["physicalLocation"]


def test_a_fingerprint_stays_when_lines_are_added_above(notes: Path) -> None:
    """Only the line of the result changes."""

    def of(text: str) -> tuple[int, str]:
        result = read_sarif(text)["results"][0]
        place = result["locations"][0]["physicalLocation"]["region"]
        return place["startLine"], result["partialFingerprints"]["release/v1"]

    line, name = of(run("check", "--format", "sarif")[1])
    (notes / "notes/first.md").write_text("---\n\n\ntitle: The first\n\nyear: soon\n---\n")
    assert of(run("check", "--format", "sarif")[1]) == (line + 3, name)


@pytest.mark.usefixtures("notes")
def test_junit_has_a_case_for_each_rule() -> None:
    """The one that is broken fails; warnings are output; the others pass."""
    root = ElementTree.fromstring(run("check", "--format", "junit")[1])
    (suite,) = root
    assert (suite.get("failures"), suite.get("errors")) == ("1", "0")
    assert int(suite.get("tests", "")) == len(suite)
    told = {case.get("name"): case[0] for case in suite if len(case)}
    assert {name: each.tag for name, each in told.items()} == {
        "file-unmatched": "system-out",
        "type": "failure",
        "blank-ends": "system-out",
    }
    assert told["type"].text == (
        "notes/first.md:3:7: error: year-type: year is 'soon', expected an integer"
    )


@pytest.mark.usefixtures("notes")
def test_csv_has_the_columns_of_a_finding_in_json() -> None:
    """Each finding is a line."""
    rows = list(csv.DictReader(run("check", "--format", "csv")[1].splitlines()))
    findings = json.loads(run("check", "--format", "json")[1])["findings"]
    assert rows == [{name: str(value) for name, value in each.items()} for each in findings]


@pytest.mark.usefixtures("notes")
def test_markdown_is_a_table_of_findings() -> None:
    """Texts are code, in which nothing is markup."""
    assert run("check", "--format", "md")[1].splitlines()[:5] == [
        "### release check: `2 records, 1 error, 2 warnings`",
        "",
        "| severity | rule | where | finding |",
        "|---|---|---|---|",
        "| error | `year-type` | `notes/first.md:3:7` | `year is 'soon', expected an integer` |",
    ]


def test_one_run_serves_several_readers(notes: Path) -> None:
    """Files are written beside what is printed; without a format for stdout that is the text."""
    text, log = run("check")[1], run("check", "--format", "sarif")[1]
    for more, printed in (((), text), (("--format", "csv"), run("check", "--format", "csv")[1])):
        found = run("check", *more, "--format", "sarif=a.sarif", "--format", "text=a.txt")
        assert found == (1, printed, "")
        assert (notes / "a.sarif").read_text("utf-8") == log
        assert (notes / "a.txt").read_text("utf-8") == text


@pytest.mark.parametrize(
    ("formats", "message"),
    [
        (
            ["xml"],
            (
                "'xml' is no format of this command, expected text, json, github, sarif, junit, markdown "
                "or csv"
            ),
        ),
        (
            ["json", "csv"],
            "json and csv both go to stdout: give one of them a file, such as csv=FILE",
        ),
        (
            ["json=a", "csv=a"],
            "json and csv both go to a: give one of them a file, such as csv=FILE",
        ),
        (["json="], "'json=' names no file to write, expected json=FILE"),
        (["json=notes"], "'json=notes' names no file to write, expected json=FILE"),
        (["json=no/a.json"], "'json=no/a.json': there is no folder no"),
    ],
)
@pytest.mark.usefixtures("notes")
def test_a_format_that_cannot_be_written_is_refused(
    formats: Sequence[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is read, with exit code 2."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["check", *(f"--format={each}" for each in formats)])
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"release check: --format: {message}\n")


def test_a_difference_has_no_sarif(capsys: pytest.CaptureFixture[str]) -> None:
    """The message says why, and which formats there are."""
    with pytest.raises(SystemExit):
        cli.main(["diff", "--format", "sarif"])
    assert capsys.readouterr().err.startswith(
        "release diff: --format: sarif is not supported here: it is for findings, and a difference is "
        "none; expected text, json, github, markdown, csv or html\n"
    )


def test_a_descriptor_that_cannot_be_used_is_told_in_each_format(notes: Path) -> None:
    """Its line is annotated; files of an earlier run do not stay."""
    (notes / "datapackage.yaml").write_text(NOTES.replace("name: notes", "nam: notes", 1))
    formats = [
        f"--format={name}=out.{name}" for name in ("json", "sarif", "junit", "markdown", "csv")
    ]
    code, out, err = run("check", "--format", "github", *formats)
    assert code == 2
    assert out.startswith("::error file=datapackage.yaml,line=1,col=1,title=descriptor::")
    message = err.removeprefix("release: ").removesuffix("\n")
    assert json.loads((notes / "out.json").read_text())["error"] == message
    found = read_sarif((notes / "out.sarif").read_text())
    assert found["invocations"][0]["executionSuccessful"] is False
    (suite,) = ElementTree.parse(notes / "out.junit").getroot()
    assert suite.get("errors") == "1"
    assert "nam" in (notes / "out.markdown").read_text()
    assert (notes / "out.csv").read_text().count("\n") == 3
