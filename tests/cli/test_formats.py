"""The formats of results: each is valid, says what was found, and goes where it is asked for."""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import shutil
import sys
import urllib.parse
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from release import cli
from release.cli.reports.formats import markdown, sarif
from release.cli.reports.result import CommandResult, ResultPart, ResultSection
from release.cli.reports.targets import OF_FINDINGS
from release.findings import Finding
from release.findings.explanations.explanation import explanations
from tests.support import stores
from tests.support.datasets import NOTES, write_dataset
from tests.support.kit import edit, python, run
from tests.support.machines import obeyed

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


def test_a_link_stays_one_and_its_file_is_written(notes: Path) -> None:
    """A job may keep its reports elsewhere."""
    (notes / "reports").mkdir()
    (notes / "out.csv").symlink_to("reports/out.csv")
    for _ in range(2):
        run("check", "--format", "csv=out.csv")
        assert (notes / "out.csv").is_symlink()
        assert (notes / "reports/out.csv").read_text("utf-8") == run("check", "--format", "csv")[1]


def test_a_comment_is_short_whatever_is_in_it() -> None:
    """Steps of many releases, and findings with long texts."""
    sections = [
        ResultSection(f"dist/{n}", [ResultPart("x" * 50, "passed")] * 9) for n in range(300)
    ]
    findings = [Finding("year-type", "é" * 500, "x" * 2_000)] * 100
    for given in ({"sections": sections}, {"findings": findings}):
        result = CommandResult("verify", lambda: None, dict, summary="all", **given)
        text = "".join(markdown.pieces(result, argparse.Namespace(all=True)))
        assert 30_000 < len(text.encode()) <= 60_000


@pytest.mark.usefixtures("notes")
def test_stdout_has_names_and_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    """A pipe is written to, and a full device is told by its name."""
    log = run("check", "--format", "csv")[1]
    for name in ("-", "/dev/stdout"):
        assert run("check", "--format", f"csv={name}") == (1, log, "")
    if not hasattr(os, "mkfifo"):
        return
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_text, "utf-8")
        assert run("check", "--format", "csv=pipe")[0] == 1
        assert read.result(20) == log
    assert pipe.is_fifo()
    if Path("/dev/full").exists():
        found = run("check", "--format", "csv=/dev/full")
        assert found[2] == "release: /dev/full: No space left on device\n"


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
    assert (notes / "out.markdown").read_text().count("nam is an unknown property") == 1
    assert (notes / "out.csv").read_text().count("\n") == 3


# GitHub


def annotated(out: str) -> list[str]:
    """Return the lines that are commands, without groups."""
    return [line for line in out.splitlines() if re.match("::(error|warning|notice) ", line)]


def test_each_cause_has_an_annotation_before_any_has_two(notes: Path) -> None:
    """GitHub shows ten errors of a step; the first of a cause counts those that have none."""
    for number in range(30):
        (notes / f"notes/n{number:02}.md").write_text(f"---\ntitle: A\nyear: soon{number}\n---\n")
    (notes / "notes/z.md").write_text("no fence\n")
    code, out, _ = run("check", "--format", "github")
    errors = [line for line in annotated(out) if line.startswith("::error ")]
    assert (code, len(errors)) == (1, 10)
    assert "title=year-type::notes/first.md:3:7: year is 'soon'" in errors[0]
    assert errors[0].endswith("; and 22 more like it")
    assert "title=fence-missing" in errors[-1]
    assert [line for line in errors[1:] if "more like it" in line] == []
    many = "".join(f"x{number}: [{{y: 1}}]\n" for number in range(40))
    (notes / "notes/many.md").write_text(f"---\ntitle: A\n{many}---\n")
    out = run("check", "--format", "github")[1]
    assert len([line for line in annotated(out) if line.startswith("::error ")]) == 10
    assert out.endswith(
        "32 more findings have no annotation: GitHub shows 10 errors, 10 warnings and 10 notices of a "
        "step\n"
    )


def test_paths_begin_at_the_root_of_the_repository(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the folder with .git within that of the job; what is outside has no path."""

    def first(*arguments: str) -> str:
        return annotated(run("check", "--format", "github", *arguments)[1])[0]

    root = notes.parent
    monkeypatch.setenv("GITHUB_WORKSPACE", str(root))
    assert first().startswith(f"::error file={notes.name}/notes/first.md,line=3,col=7,")
    (notes / ".git").mkdir()
    assert first().startswith("::error file=notes/first.md,line=3,col=7,")
    shutil.copytree(notes / "notes", notes / "elsewhere")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(notes / "notes"))
    out = first("--records", "notes=elsewhere/{note}.md")
    assert out.startswith("::error title=year-type::elsewhere/first.md:3:7: ")
    monkeypatch.delenv("GITHUB_WORKSPACE")
    assert first().startswith("::error file=notes/first.md,line=3,col=7,")


def test_the_summary_of_a_step_gets_the_findings(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is appended to what is there, as far as GitHub takes it: of a longer one it shows nothing."""
    summary = notes / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    summary.write_text("before\n")
    run("check", "--format", "github")
    text = summary.read_text("utf-8")
    assert text.startswith("before\n### release check: `2 records, 1 error, 2 warnings`\n")
    assert text.count("| error |") == 1
    for room, rows in ((20_000, range(20, 100)), (5_000, range(1))):
        summary.write_text("x" * (2**20 - room))
        for number in range(200):
            (notes / f"notes/n{number}.md").write_text(f"---\ntitle: A\nyear: {'é' * 60}\n---\n")
        run("check", "--format", "github")
        assert summary.stat().st_size <= 2**20
        assert summary.read_text("utf-8").count("| error |") in rows
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(notes / "no/summary.md"))
    code, out, err = run("check", "--format", "github")
    assert (code, out[:7]) == (1, "::error")
    assert err == (
        "release: warning: the summary of this step is not written: No such file or directory\n"
    )


# limits


def test_sarif_has_what_code_scanning_takes() -> None:
    """The gravest of more findings than it takes, and a notification of how many are left out."""
    warnings = [Finding("title-blank-ends", "notes/a.md", "x", severity="warning")] * 300
    errors = [Finding("year-type", "notes/a.md", "x")] * 10
    result = CommandResult("check", lambda: None, dict, findings=[*warnings, *errors])
    found = read_sarif("".join(sarif.write_log(result, 300, 10**9)))
    assert len(found["results"]) == 300
    assert [each["level"] for each in found["results"][-10:]] == ["error"] * 10
    told = found["invocations"][0]["toolExecutionNotifications"]
    assert [each["message"]["text"] for each in told] == [
        (
            "10 findings are left out: code scanning takes at most 25,000 results, and 10 MB when they are "
            "packed."
        )
    ]
    names = {each["partialFingerprints"]["release/v1"] for each in found["results"]}
    assert len(names) == 300


def test_a_log_that_is_too_large_when_packed_is_cut() -> None:
    """Texts that do not repeat themselves take as much room packed."""
    chance = random.Random(1)
    findings = [
        Finding("year-type", "notes/a.md", chance.randbytes(1000).hex()) for _ in range(1000)
    ]
    result = CommandResult("check", lambda: None, dict, findings=findings)
    log = "".join(sarif.write_log(result, 25_000, 1_000_000))
    assert 400_000 < len(zlib.compress(log.encode())) < 1_000_000
    assert 300 < len(json.loads(log)["runs"][0]["results"]) < 1_000


def test_the_texts_of_rules_are_as_long_as_code_scanning_takes() -> None:
    """A description has at most 1,024 characters there."""
    for explained in explanations().values():
        assert len(f"{explained.meaning} {explained.why}") < 1_024


# validity


def test_junit_is_as_its_schema_says(notes: Path, tmp_path: Path) -> None:
    """Of check, list and verify, and of a command that ended with an error."""
    elements = read_xsd()
    arguments = (
        ["check"],
        ["check", "--descriptor", "nowhere"],
        ["list", "dist"],
        ["verify", "dist", "--no-referee"],
    )
    stores.place(tmp_path / "dist", "0.1.0")
    (notes / "dist/0.1.0/README.md").unlink()
    for each in arguments:
        root = ElementTree.fromstring(run(*each, "--format", "junit")[1])
        assert list(differences(root, elements)) == [], each
        suites = list(root.iter("testsuite"))
        for suite in suites:
            told = {
                name: int(suite.get(name, ""))
                for name in ("tests", "failures", "errors", "skipped")
            }
            assert told == {
                "tests": len(suite.findall("testcase")),
                "failures": len(suite.findall("testcase/failure")),
                "errors": len(suite.findall("testcase/error")),
                "skipped": len(suite.findall("testcase/skipped")),
            }
    wrong = ElementTree.fromstring(
        "<testsuites><testsuite x='1'><testcase/><x/></testsuite></testsuites>"
    )
    assert len(list(differences(wrong, elements))) == 7


#: The names of an element's attributes, those that it must have, and those of its children.
Element = tuple[set[str], set[str], set[str]]


def read_xsd() -> dict[str, Element]:
    """Read the elements of the schema, which lets the children of one stand in any order."""
    xs = "{http://www.w3.org/2001/XMLSchema}"
    found = {}
    for element in ElementTree.parse(SCHEMAS / "junit-10.xsd").getroot().findall(f"{xs}element"):
        attributes = list(element.iter(f"{xs}attribute"))
        found[element.get("name", "")] = (
            {each.get("name", "") for each in attributes},
            {each.get("name", "") for each in attributes if each.get("use") == "required"},
            {each.get("ref", "") for each in element.iter(f"{xs}element")} - {""},
        )
    return found


def differences(
    element: ElementTree.Element, elements: Mapping[str, Element]
) -> Iterator[tuple[str, str]]:
    """Yield what an element has that the schema does not name, or lacks that it must have."""
    attributes, required, children = elements.get(element.tag, (set(), set(), set()))
    yield from ((element.tag, name) for name in set(element.keys()) - attributes)
    yield from ((element.tag, name) for name in required - set(element.keys()))
    for child in element:
        if child.tag not in children:
            yield element.tag, child.tag
        yield from differences(child, elements)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names of files")
def test_files_of_any_name_come_out_of_every_format(notes: Path) -> None:
    """Bytes that are no text, commands and markup; in SARIF each other name leads to its file."""
    names = [b"caf\xe9.md", b"::error::x.md", b"a](b) `|`.md", "\u2028\u202e.md".encode()]
    for name in names:
        (notes / "notes" / os.fsdecode(name)).write_text("no fence\n")
    forms = [f"--format={name}=out.{name}" for name in OF_FINDINGS]
    code, out, _ = run("check", "--format", "github", *forms)
    assert code == 1
    assert [
        line for line in obeyed(out) if not re.match("::(error|warning|group|endgroup)", line)
    ] == []
    for form in OF_FINDINGS:
        text = (notes / f"out.{form}").read_text("utf-8")
        assert form == "github" or obeyed(text) == []
    results = read_sarif((notes / "out.sarif").read_text("utf-8"))["results"]
    addresses = {
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results
    }
    assert {f"notes/{urllib.parse.quote(name)}" for name in names[1:]} <= addresses


@pytest.mark.usefixtures("notes")
def test_a_check_as_text_loads_no_other_format() -> None:
    """Nor what is behind options that are not given."""
    program = (
        "import sys; from release import cli; cli.main(['check', '--no-cache']); "
        "print(*(name for name in sys.modules if name.startswith('release.')))"
    )
    loaded = python("-c", program, cwd=Path.cwd()).stdout.split("\n")[-2].split()
    assert "release.cli.reports.output" in loaded
    behind = (
        "cli.reports.formats build.reports build.watch system.git findings.fingerprints fix editors"
    )
    for name in behind.split():
        assert [each for each in loaded if each.startswith(f"release.{name}")] == []


# lists


def test_a_list_is_the_table_of_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CSV and Markdown have the versions; JUnit has a case for each."""
    monkeypatch.chdir(tmp_path)
    stores.place(tmp_path / "dist", "0.1.0")
    (row,) = csv.DictReader(run("list", "--format", "csv")[1].splitlines())
    assert (row["version"], row["status"]) == ("0.1.0", "final")
    assert "| `0.1.0` |" in run("list", "--format", "markdown")[1]
    (suite,) = ElementTree.fromstring(run("list", "--format", "junit")[1])
    assert [case.get("name") for case in suite] == ["0.1.0"]


def test_a_difference_is_a_notice(notes: Path) -> None:
    """It says which version it calls for; the summary of the step has the whole."""
    for path in ("first.md", "third.txt"):
        (notes / "notes" / path).unlink()
    assert run("build")[0] == 0
    edit(notes / "notes/second.md", "2026", "2027")
    out = run("diff", "--no-cache", "--format", "github", "--format", "md=out.md")[1]
    assert out.splitlines()[:2] == [
        (
            "::notice title=release diff::0.1.0 to 0.1.0: patch (notes: values of 1 row changed; records "
            "rewritten); next version: 0.1.1"
        ),
        (
            "::group::release diff: 0.1.0 to 0.1.0: patch (notes: values of 1 row changed; records "
            "rewritten); next version: 0.1.1"
        ),
    ]
    assert (notes / "out.md").read_text("utf-8").startswith("## notes: 0.1.0 to 0.1.0\n")
