"""The command line: exit codes, what goes where, and how little it imports."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

import release
from release import cli
from release.store import check
from tests.support.datasets import NOTES
from tests.support.kit import ENVIRONMENT, IS_STRESS, run
from tests.support.moments import refusing
from tests.support.terminal import on_terminal

#: What a Python of its own needs to import what this one imports.
PYTHONPATH = os.pathsep.join(path for path in sys.path if path)
#: The same for a shell, whatever its path is.
PYTHON = shlex.quote(sys.executable)
HEAVY = {"pyarrow", "pandas", "duckdb", "frictionless", "rich", "jinja2", "numpy", "yaml"}

TAGS = """\
  - name: tags
    rows: "notes/tags.{n}"
    schema:
      primaryKey: [note, n]
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: n, type: integer, from: "{n}"}
        - {name: tag, type: string, from: $value}
        - {name: about, type: string, from: about}
"""

CURATED = """\
name: kinds
version: 0.1.0
created: '2026-01-31T00:00:00Z'
resources:
  - name: kinds
    path: kinds.csv
    schema: {primaryKey: [id], fields: [{name: id}]}
"""


def separately(
    arguments: Sequence[str], cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `python -m release` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "release", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": PYTHONPATH, **environment},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small dataset without faults, in the working folder."""
    (tmp_path / "datapackage.yaml").write_text(NOTES)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/first.md").write_text("---\ntitle: The first\nyear: 2026\n---\nText.\n")
    (tmp_path / "notes/second.md").write_text("---\ntitle: 第二\n---\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# exit codes


def test_check_without_findings_ends_with_0(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No finding: 0, one line of summary, nothing on stderr, nothing written."""
    before = sorted(notes.rglob("*"))
    assert cli.main(["check"]) == 0
    assert capsys.readouterr() == ("2 records, 0 errors, 0 warnings\n", "")
    assert sorted(notes.rglob("*")) == before


def test_build_says_what_it_built(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A build ends with the place of the release; the next one says that it is there."""
    assert cli.main(["build"]) == 0
    assert capsys.readouterr() == ("2 records, 0 errors, 0 warnings\nbuilt dist/0.1.0\n", "")
    assert cli.main(["build"]) == 0
    assert capsys.readouterr().out == (
        "2 records, 0 errors, 0 warnings\ndist/0.1.0 is there already, with the same content\n"
    )
    assert (notes / "dist/0.1.0/data/notes.csv").read_text("utf-8") == (
        'note,title,year\n"first","The first",2026\n"second","第二",\n'
    )


def test_an_error_ends_with_1(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A finding of severity error: 1, and a build writes nothing."""
    (notes / "notes/third.md").write_text("---\nyear: soon\n---\n")
    line = "notes/third.md:2:7: error: year-type: year is 'soon', expected an integer\n"
    summary = "3 records, 1 error, 0 warnings\n"
    assert cli.main(["check"]) == 1
    assert capsys.readouterr() == (line + summary, "")
    assert cli.main(["build"]) == 1
    assert capsys.readouterr() == (line + summary + "nothing was built: an error stands\n", "")
    assert not (notes / "dist").exists()


def test_a_warning_ends_with_0(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Warnings alone do not fail a check."""
    (notes / "notes/third.md").write_text("---\nyear: soon\n---\n")
    assert cli.main(["check", "--severity", "year-type=warning"]) == 0
    assert capsys.readouterr().out == (
        "notes/third.md:2:7: warning: year-type: year is 'soon', expected an integer\n"
        "3 records, 0 errors, 1 warning\n"
    )


def test_a_version_that_is_taken_ends_with_1(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A release that may not be published: 1, and the reason on stderr."""
    assert cli.main(["build"]) == 0
    (notes / "notes/second.md").unlink()
    capsys.readouterr()
    assert cli.main(["build"]) == 1
    out, err = capsys.readouterr()
    assert err.startswith("release: dist/0.1.0 is there with other content (")
    assert "built" not in out


def test_no_descriptor_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A descriptor that is not there: 2, one line on stderr, no traceback."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["check"]) == 2
    assert capsys.readouterr() == (
        "",
        (
            "release: datapackage.yaml: cannot be read: No such file or directory; "
            "expected a descriptor\n"
        ),
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "--severity", "x"], "--severity x: expected RULE=error or RULE=warning"),
        (
            ["check", "--severity", "type=low"],
            "--severity: type is 'low', expected error or warning",
        ),
        (
            ["check", "--severity", "typ=warning"],
            "--severity: typ is no rule, expected the name of one; did you mean 'type'?",
        ),
        (
            ["check", "--severity", "note-required=warning"],
            (
                "--severity: note-required cannot be a warning, as the release would break its "
                "own schema; change the record or the schema"
            ),
        ),
        (
            ["check", "--records", "letters=x/{note}.md"],
            "--records letters=x/{note}.md: expected KIND=PATTERN with a kind of notes",
        ),
        (
            ["check", "--records", "notes=x/{name}.md"],
            "--records notes=x/{name}.md: expected the captures {note} in the pattern",
        ),
    ],
    ids=["no-equals", "severity", "rule", "not-lowered", "kind", "captures"],
)
@pytest.mark.usefixtures("notes")
def test_an_argument_that_cannot_be_used_ends_with_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """An argument that says nothing sensible: 2, and what was expected."""
    assert cli.main(arguments) == 2
    assert capsys.readouterr() == ("", f"release: {message}\n")


def test_records_of_a_dataset_without_kinds_are_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--records where the descriptor has none: 2, and no list of kinds that is empty."""
    path = tmp_path / "datapackage.yaml"
    path.write_text(CURATED, "utf-8")
    assert cli.main(["check", "--descriptor", str(path), "--records", "notes=x"]) == 2
    message = "--records notes=x: expected KIND=PATTERN and a descriptor with `records`"
    assert capsys.readouterr() == ("", f"release: {message}\n")


@pytest.mark.parametrize(
    "arguments",
    [[], ["publish"], ["check", "--format", "xml"], ["check", "--nothing"]],
    ids=["none", "command", "choice", "option"],
)
def test_an_unknown_argument_ends_with_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """What the parser does not know: 2, and how to learn more, on stderr."""
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("release")
    assert re.search(r"`release( \w+)? --help` (explains its arguments|lists the commands)$", err)


@pytest.mark.parametrize("number", ["0", "-1", "many", "1.5"])
def test_what_is_no_number_of_processes_is_told_in_words(
    capsys: pytest.CaptureFixture[str], number: str
) -> None:
    """`--workers` with another text than a number from 1 on says what was expected."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["check", f"--workers={number}"])
    assert ended.value.code == 2
    message = f"{number} is no number of processes, expected 1 or more"
    assert capsys.readouterr().err.startswith(f"release check: --workers: {message}\n")


@pytest.mark.usefixtures("notes")
def test_an_interruption_ends_with_130() -> None:
    """Ctrl-C: 130, one line on stderr, no traceback, no release."""
    with refusing("open", r"notes/first\.md$", KeyboardInterrupt()):
        assert run("build") == (130, "", "release: interrupted; nothing was published\n")
    assert not Path("dist").exists()


# what is printed


def test_help_names_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """--help ends with 0 and names each command."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert "check" in out
    assert "build" in out


@pytest.mark.parametrize("command", ["check", "build"])
def test_help_of_a_command_names_its_options(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command explains each of its options."""
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    for option in ["--descriptor", "--records", "--severity", "--format"]:
        assert option in out


def test_json_of_check_has_all_that_was_found(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--format json prints one object with counts, tables and findings."""
    (notes / "notes/third.md").write_text("---\nyear: soon\n---\n")
    assert cli.main(["check", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {"version", "errors", "warnings", "tables", "findings"}
    assert (report["version"], report["errors"], report["warnings"]) == ("0.1.0", 1, 0)
    assert report["tables"] == {"notes": 3}
    (finding,) = report["findings"]
    assert finding == {
        "rule": "year-type",
        "path": "notes/third.md",
        "message": "year is 'soon', expected an integer",
        "line": 2,
        "column": 7,
        "field": "year",
        "table": "notes",
        "key": "third",
        "severity": "error",
        "file": finding["file"],
    }
    assert Path(finding["file"]).name == "third.md"


@pytest.mark.usefixtures("notes")
def test_json_of_build_says_where_the_release_is(capsys: pytest.CaptureFixture[str]) -> None:
    """--format json of a build adds the place of the release, and whether it is new."""
    assert cli.main(["build", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["release"], report["new"]) == ("dist/0.1.0", True)
    assert cli.main(["build", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["new"] is False


def test_json_of_a_build_that_failed_has_no_release(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--format json of a build with an error says null."""
    (notes / "notes/third.md").write_text("---\nyear: soon\n---\n")
    assert cli.main(["build", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["release"], report["new"]) == (None, False)


def test_coverage_counts_every_leaf(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--coverage prints each path with its leaves and its column; what is unmapped is named."""
    (notes / "notes/third.md").write_text("---\nyear:\nmood: good\n---\n")
    assert cli.main(["check", "--coverage", "--severity", "unmapped-path=warning"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:] == [
        "path         leaves  missing  column",
        "notes/mood        1        0  UNMAPPED",
        "notes/title       2        0  notes.title",
        "notes/year        2        1  notes.year",
        "3 records, 0 errors, 1 warning",
    ]


def test_coverage_tells_what_no_row_took(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A note on tags of a record that has none went to no column, that of one with tags did."""
    (notes / "datapackage.yaml").write_text(NOTES + TAGS)
    (notes / "notes/second.md").write_text("---\ntags: [a, b]\nabout: both\n---\n")
    (notes / "notes/third.md").write_text("---\nabout: none\n---\n")
    assert cli.main(["check", "--coverage", "--severity", "unmapped-path=warning"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines if line.startswith("notes/about ")] == [
        ["notes/about", "1", "0", "UNMAPPED"],
        ["notes/about", "1", "0", "tags.about"],
    ]


@pytest.mark.parametrize("form", ["text", "json"])
def test_coverage_of_nothing_has_no_lines(
    notes: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """A dataset of curated tables has no paths."""
    (notes / "datapackage.yaml").write_text(CURATED)
    (notes / "kinds.csv").write_text("id\na\n")
    assert cli.main(["check", "--coverage", "--format", form]) == 0
    out = capsys.readouterr().out
    if form == "json":
        assert json.loads(out)["coverage"] == []
    else:
        assert out.splitlines()[0] == "path  leaves  missing  column"


@pytest.mark.usefixtures("notes")
def test_coverage_in_json_has_the_same_counts(capsys: pytest.CaptureFixture[str]) -> None:
    """--coverage --format json adds the ledger to the report."""
    assert cli.main(["check", "--coverage", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["coverage"] == [
        {"kind": "notes", "pattern": "title", "leaves": 2, "missing": 0, "uses": ["notes.title"]},
        {"kind": "notes", "pattern": "year", "leaves": 1, "missing": 0, "uses": ["notes.year"]},
    ]


def test_coverage_of_a_dataset_of_curated_tables_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where there are no kinds of records there is no path to count."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("id\na\n")
    (tmp_path / "datapackage.yaml").write_text("""\
name: d
version: 0.1.0
created: '2026-01-01T00:00:00Z'
resources:
  - {name: t, path: t.csv, schema: {primaryKey: [id], fields: [{name: id, type: string}]}}
""")
    assert cli.main(["check", "--coverage"]) == 0
    table = "path  leaves  missing  column\n"
    assert capsys.readouterr() == (f"{table}0 records, 0 errors, 0 warnings\n", "")
    assert cli.main(["check", "--coverage", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["coverage"] == []


def test_coverage_in_json_is_there_without_records(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report has the same keys where there is nothing to count."""
    for path in (notes / "notes").iterdir():
        path.unlink()
    assert cli.main(["check", "--coverage", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [entry["leaves"] for entry in report["coverage"]] == [0, 0]
    assert [found["rule"] for found in report["findings"]] == ["no-records"]


# a process of its own


def test_version_is_told_by_the_module(tmp_path: Path) -> None:
    """`python -m release --version` prints the name and version."""
    result = separately(["--version"], tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (
        0,
        f"release {release.__version__}\n",
        "",
    )


def test_the_version_is_said_without_loading_any_command(tmp_path: Path) -> None:
    """`release --version` loads the least: what it needs of the program, and nothing else of it."""
    code = (
        "import sys\nfrom release.__main__ import program\nsys.argv = ['release', '--version']\n"
        "assert program() == 0\nprint(*sorted(name for name in sys.modules if name.startswith('release')))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    said, loaded = ran.stdout.splitlines()
    assert said == f"release {release.__version__}"
    assert loaded.split() == [
        *("release", "release.__main__", "release.system"),
        *("release.system.processes", "release.system.processes.garbage"),
    ]


@pytest.mark.parametrize(
    "statement",
    ["import release", "import release.cli", "release.cli.main(['--version'])"],
)
def test_nothing_heavy_is_imported_before_it_is_used(statement: str, tmp_path: Path) -> None:
    """Importing the package, its command line, or asking for the version loads no library."""
    code = (
        "import sys\nimport release\nimport release.cli\n"
        f"try:\n    {statement}\nexcept SystemExit:\n    pass\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not HEAVY & set(result.stdout.split())


def test_output_is_plain_when_not_a_terminal(notes: Path) -> None:
    """Into a pipe there is no colour and no progress."""
    (notes / "notes/third.md").write_text("---\nyear: soon\n---\n")
    result = separately(["check"], notes, TERM="xterm-256color")
    assert "\x1b" not in result.stdout + result.stderr
    assert result.stderr == ""


def test_severities_are_coloured_on_a_terminal(notes: Path) -> None:
    """On a terminal the word error is red."""
    (notes / "notes/third.md").write_text("---\nyear: soon\n---\n")
    assert "\x1b[31merror\x1b[0m" in on_terminal(["check"], notes)


def test_no_color_is_obeyed(notes: Path) -> None:
    """With NO_COLOR nothing on the terminal is coloured, progress included."""
    (notes / "notes/third.md").write_text("---\nyear: soon\n---\n")
    shown = on_terminal(["check"], notes, NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*m", shown)
    assert "notes/third.md:2:7: error: year-type: year is 'soon', expected an integer" in shown


def test_a_reader_that_leaves_is_no_error(notes: Path) -> None:
    """`release check | head -1` shows a line and no traceback."""
    for number in range(3000):  # more than fits into a pipe
        (notes / f"notes/n{number:04}.md").write_text("---\nyear: soon\n---\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "release", "check"],
        cwd=notes,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    assert process.stderr is not None
    first = process.stdout.readline()
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert first.startswith("notes/n0000.md:2:7: error: ")
    assert error == ""
    assert process.returncode == 1


@pytest.mark.usefixtures("notes")
def test_a_reader_that_was_never_there_is_no_error(notes: Path) -> None:
    """Short output into a closed pipe ends without a traceback too."""
    code = f"{PYTHON} -m release check | true"
    result = subprocess.run(
        ["bash", "-c", f"sleep 0.1; {code}"],
        cwd=notes,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stderr == ""


def test_text_that_the_terminal_cannot_show_is_escaped(notes: Path) -> None:
    """Where the output's encoding lacks a character, it is escaped, and the build goes on."""
    (notes / "notes/third.md").write_text("---\nyear: 今年\n---\n")
    result = separately(["build", "--severity", "type=warning"], notes, PYTHONIOENCODING="ascii")
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout.splitlines()[-1] == "built dist/0.1.0"


@pytest.mark.usefixtures("notes")
@pytest.mark.parametrize("change", ["", "year: 2025"], ids=["no-finding", "finding"])
def test_a_reader_that_leaves_does_not_change_the_exit_code(notes: Path, change: str) -> None:
    """`release check | true` ends as `release check` does, which `set -o pipefail` passes on."""
    (notes / "notes/third.md").write_text(f"---\n{change or 'title: x'}\nmood: good\n---\n")
    severity = "error" if change else "warning"
    code = f"{PYTHON} -m release check --severity unmapped-path={severity} | true"
    result = bash(f"set -o pipefail; {code}", notes)
    assert (result.returncode, result.stderr) == (1 if change else 0, "")


def bash(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of shell."""
    return subprocess.run(
        ["bash", "-c", line],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        capture_output=True,
        text=True,
        check=False,
    )


FULL = "release: output could not be written: No space left on device; what was done stands\n"


def test_output_that_cannot_be_written_is_said_and_nothing_else(notes: Path) -> None:
    """A build into a full disk's file is built all the same: the message does not say otherwise; 1."""
    for arguments in ("build", "list", "--version", "--help"):
        result = bash(f"{PYTHON} -m release {arguments} >/dev/full", notes)
        assert (result.returncode, result.stderr) == (1, FULL)
    assert (notes / "dist/0.1.0/SHA256SUMS").exists()
    assert json.loads((notes / "dist/latest.json").read_text("utf-8"))["version"] == "0.1.0"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_one_that_takes_everything(notes: Path, closed: str) -> None:
    """Without stdout or stderr a command does what it does, and no file gets what was meant for them."""
    for arguments in ("build", "list", "--version"):
        result = bash(f"{PYTHON} -m release {arguments} {closed}", notes)
        assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == ("" if ">&- " in closed or closed == ">&-" else "release 0.1.0\n")
    result = bash(f"{PYTHON} -m release verify dist/0.1.0 --no-referee {closed}", notes)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.usefixtures("notes")
def test_what_only_reads_does_not_speak_of_publishing() -> None:
    """A system error or Ctrl-C in a command that publishes nothing anyway says what happened, no more."""
    denied = PermissionError(13, "Permission denied", "notes")
    with refusing("tempfile.mkdtemp", "", denied):
        assert run("check") == (1, "", "release: notes: Permission denied\n")
    with refusing("tempfile.mkdtemp", "", KeyboardInterrupt()):
        assert run("check") == (130, "", "release: interrupted\n")


def test_an_error_after_publishing_does_not_deny_it(notes: Path) -> None:
    """Where the release is in its store when the error comes, nothing says that it is not."""
    full = OSError(28, "No space left on device")
    with refusing("shutil.rmtree", "/release-referee-", full):
        assert run("build") == (1, "", "release: the system: No space left on device\n")
    assert check.check_index(notes / "dist") == []


def test_ctrl_c_at_any_moment_is_one_line(notes: Path) -> None:
    """From the first import to the workers' end: 130 and one line of all processes, or it was done."""
    for number in range(50):
        (notes / f"notes/n{number:02}.md").write_text("---\nyear: 2026\n---\n")
    code = (
        "import sys; from release import cli; from release.system.limits import Limits\n"
        "sys.argv[0] = 'release'\n"
        "if __name__ == '__main__':\n"
        "    print('!', file=sys.stderr, flush=True); sys.exit(cli.program(Limits(chunk=1)))"
    )
    command = ["build", "--no-cache", "--workers", "2"]
    codes = []
    for tenths in range(1, 12, 1 if IS_STRESS else 4):
        process = subprocess.Popen(
            [sys.executable, "-c", code, *command, "--out", f"out{tenths}"],
            cwd=notes,
            env={**os.environ, "PYTHONPATH": PYTHONPATH},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        assert process.stderr is not None
        assert process.stderr.readline() == "!\n"
        time.sleep(tenths * 0.12 - 0.1)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
        codes.append(process.returncode)
        is_built = (notes / f"out{tenths}/latest.json").exists()
        if process.returncode == 0:
            assert (err, is_built) == ("", True)
            assert out.endswith(f"built out{tenths}/0.1.0\n")
        else:
            assert (process.returncode, out) == (130, "")
            assert err in INTERRUPTED
            assert not (is_built and "nothing" in err)
    assert codes[0] == 130


INTERRUPTED = {"release: interrupted\n", "release: interrupted; nothing was published\n"}


@pytest.mark.parametrize("again", [0.001, 0.000001])
def test_an_import_is_not_interrupted(notes: Path, again: float) -> None:
    """A library that swallows every exception while it is imported does not swallow Ctrl-C.

    Nor does it where this comes again before it was put off, as on a machine that is busy.
    """
    (notes / "swallows.py").write_text(
        "import os, signal\n"
        "try:\n    os.kill(os.getpid(), signal.SIGINT)\n    sum(range(100000))\n"
        "except BaseException:\n    pass\n"
    )
    code = (
        "import sys; from release import cli\n"
        "def main(**_):\n    import swallows\n    import time\n    time.sleep(5)\n    return 0\n"
        f"cli.main = main; cli.process._AGAIN = {again}; sys.exit(cli.program())"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=notes,
        env={**os.environ, "PYTHONPATH": f"{PYTHONPATH}{os.pathsep}{notes}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (130, "release: interrupted\n")


#: A command in a process of its own: it begins with these lines, and is then asked to end.
ENDING = """\
import os, signal, sys, tempfile, threading, time
from release import cli
from release.system.processes import parallel
def ask():
    os.kill(os.getpid(), signal.SIGTERM)
def main(**_):
    with tempfile.TemporaryDirectory(dir="."), parallel.side_process(2) as submit:
        {}
    time.sleep(5)
    return 0
cli.main = main
if __name__ == "__main__":
    sys.exit(cli.program())
"""


@pytest.mark.parametrize(
    "does",
    [
        "submit(time.sleep, 1).__call__; threading.Timer(0.5, ask).start()",
        "submit(time.sleep, 0)(); threading.Timer(0.5, ask).start(); submit(time.sleep, 1)",
        "rmdir = os.rmdir; os.rmdir = lambda *on, **how: (ask(), time.sleep(0.1), rmdir(*on, **how))",
    ],
)
def test_an_interruption_while_a_command_cleans_up_comes_after_that(
    tmp_path: Path, does: str
) -> None:
    """A process that is waited for ends, whatever it is at, and a folder that is removed is gone."""
    (tmp_path / "ending.py").write_text(ENDING.format(does))
    (tmp_path / "folder").mkdir()
    result = subprocess.run(
        [sys.executable, tmp_path / "ending.py"],
        cwd=tmp_path / "folder",
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (result.returncode, result.stderr) == (130, "release: interrupted\n")
    assert list((tmp_path / "folder").iterdir()) == []


def test_an_interruption_when_a_command_has_ended_changes_nothing() -> None:
    """It comes while the next ones are put off: the exit code is that of the command, and nothing is said."""
    code = (
        "import os, signal, sys; from release import cli\n"
        "put = signal.signal\n"
        "def late(*on):\n    os.kill(os.getpid(), signal.SIGTERM)\n    return put(*on)\n"
        "def main(**_):\n    signal.signal = late\n    return 1\n"
        "cli.main = main; sys.exit(cli.program())"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (1, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize("limit", [64, 200, 300, 400, 600, 800])
def test_a_limit_on_memory_is_told_before_a_library_ends_the_process(
    tmp_path: Path, limit: int
) -> None:
    """OpenBLAS, jemalloc and DuckDB end it from within, with messages of their own or with none."""
    import resource

    needed = 768 + 128 * min(os.cpu_count() or 1, 16)
    set_limit = partial(resource.setrlimit, resource.RLIMIT_AS, (limit << 20, limit << 20))
    for arguments in (["check"], ["verify", "."], ["list"], ["cache"]):
        done = subprocess.run(
            [sys.executable, "-m", "release", *arguments],
            cwd=tmp_path,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=set_limit,
        )
        told = (
            f"release: the limit on memory is {limit:,} MiB of address space (ulimit -v), "
            f"expected {needed:,} MiB or more\n"
        )
        assert (done.returncode, done.stdout, done.stderr) == (2, "", told)
