"""`release verify --rebuild` tells a release that this toolchain cannot build from one that is not right."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from release import __version__, cli
from release.build import pipeline
from release.descriptor import load
from release.system.limits import LIMITS, Limits
from release.verify import verification
from release.verify.report import StepReport
from tests.support import tampering
from tests.support.descriptors import FINDINGS
from tests.support.tampering import ZIP, as_printed, change, refit

#: A check in the SQL of another version, which calls a function that is not here.
NEWER = "  - {name: newer, message: '-', query: SELECT words_of(title) AS a FROM notes}\n"

REFUSED = (
    "checks.0.query calls words_of (line 1, column 8), which is not known to give the same result every "
    "time, expected a query that always gives the same result"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with a table of findings, in which a check found something."""
    path = tampering.dataset(tmp_path_factory.mktemp("toolchain") / "records")
    check = "{name: first, severity: warning, message: 'is {a}', query: SELECT 1.5::DOUBLE AS a}"
    path.write_text(f"{path.read_text()}{FINDINGS}checks:\n  - {check}\n")
    made = pipeline.build(load.load(path), path.parents[1] / "dist")
    assert made.path is not None
    return made.path


@pytest.fixture
def release(built: Path, tmp_path: Path) -> Path:
    """A copy of it, in no store."""
    return tampering.alone(built, tmp_path / "release")


def say_built_with(folder: Path, /, **versions: str) -> None:
    """Let a release say that it was built with other versions."""
    info = json.loads((folder / "buildinfo.json").read_bytes())
    info["toolchain"] |= versions
    tampering.note(folder, info)


def steps(place: Path, limits: Limits = LIMITS) -> dict[str, StepReport]:
    """The steps by name."""
    options = verification.VerifyOptions("none", rebuild=True, limits=limits)
    (report,) = verification.verify(str(place), options).releases
    return {step.name: step for step in report.steps}


def with_newer_check(release: Path) -> Path:
    """The release, as if its descriptor had a check in the SQL of another version."""
    path = release / "source/datapackage.yaml"
    path.write_text(path.read_text().replace("checks:\n", f"checks:\n{NEWER}"))
    refit(release)
    return release


def test_a_query_of_another_duckdb_is_not_possible_here(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, what was refused, and both versions."""
    say_built_with(with_newer_check(release), duckdb="3.0.0")
    assert cli.main(["verify", "--rebuild", "--no-referee", str(release)]) == 2
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("  rebuild   not possible")
    assert lines[at + 1].endswith(f"cannot be built: source/datapackage.yaml:56:40: {REFUSED}")
    assert lines[at + 2] == (
        f"    (this toolchain cannot do it; built with duckdb 3.0.0, here {duckdb.__version__})"
    )
    assert lines[-1] == "cannot be verified here: rebuild is not possible with this toolchain"


def test_a_query_that_the_same_toolchain_refuses_is_a_failure(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It cannot have been built with it: exit code 1."""
    with_newer_check(release)
    assert cli.main(["verify", "--rebuild", "--no-referee", str(release)]) == 1
    assert capsys.readouterr().out.endswith("does not verify: 1 error in rebuild\n")


def test_a_library_that_runs_no_query_excuses_none(release: Path) -> None:
    """A query does not depend on the version of markdown-it-py."""
    say_built_with(with_newer_check(release), **{"markdown-it-py": "9.0"})
    assert steps(release)["rebuild"].status == "failed"


def test_a_zip_alone_leaves_open_who_can_run_its_queries(release: Path, tmp_path: Path) -> None:
    """It does not say with what it was built; the versions here are named."""
    with_newer_check(release)
    alone = shutil.copy(release / ZIP, tmp_path / ZIP)
    told = steps(Path(alone))["rebuild"]
    assert told.status == "not possible"
    assert told.notes[0].startswith(
        "this toolchain cannot do it; there is no buildinfo.json that says with what it was built; "
        f"here release {__version__}, duckdb {duckdb.__version__}, pyarrow "
    )


def test_what_speaks_against_a_release_comes_first(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A step that failed gives exit code 1, whatever is not possible."""
    say_built_with(with_newer_check(release), duckdb="3.0.0")
    tampering.flip(release / "data/notes.csv")
    assert cli.main(["verify", "--rebuild", "--no-referee", str(release)]) == 1
    assert "in integrity" in capsys.readouterr().out.splitlines()[-1]


def test_json_says_not_possible(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And that the release is not verified."""
    say_built_with(with_newer_check(release), duckdb="3.0.0")
    command = ["verify", "--rebuild", "--no-referee", "--format", "json", str(release)]
    assert cli.main(command) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["verified"] is told["releases"][0]["verified"] is False
    by_name = {step["name"]: step["status"] for step in told["releases"][0]["steps"]}
    assert by_name["rebuild"] == "not possible"
    assert by_name["equality"] == "passed"


def test_records_that_another_release_took_are_not_possible_here(release: Path) -> None:
    """Another version of the program may have other rules for records; another DuckDB has not."""
    change(release / "source/notes/n1.md", "title: ", "titel: ")
    refit(release)
    say_built_with(release, duckdb="3.0.0")
    assert steps(release)["rebuild"].status == "failed"
    say_built_with(release, release="9.0.0")
    told = steps(release)["rebuild"]
    assert told.status == "not possible"
    assert told.notes == (
        f"this toolchain cannot do it; built with release 9.0.0, here {__version__}",
    )
    assert "source/notes/n1.md" in as_printed(told.findings)[0]


def test_a_descriptor_of_another_release_is_not_possible_here(release: Path) -> None:
    """Neither to compare with datapackage.json nor to build."""
    path = release / "source/datapackage.yaml"
    path.write_text(f"novelty: true\n{path.read_text()}")
    refit(release)
    assert {name: each.status for name, each in steps(release).items()}["validity"] == "failed"
    say_built_with(release, release="9.0.0")
    told = steps(release)
    assert (told["validity"].status, told["rebuild"].status) == ("not possible", "not possible")
    assert told["equality"].status == "passed"


def test_findings_that_another_duckdb_words_otherwise_are_not_possible_here(release: Path) -> None:
    """The table of findings is not the same with any toolchain, and every other table is."""
    change(release / "source/datapackage.yaml", "1.5::DOUBLE", "1.50")
    refit(release)
    assert steps(release)["rebuild"].status == "failed"
    say_built_with(release, duckdb="3.0.0")
    told = steps(release)["rebuild"]
    assert told.status == "not possible"
    assert [each.path for each in told.findings] == ["data/findings.csv"]
    assert told.notes[0] == (
        f"this toolchain finds other faults; built with duckdb 3.0.0, here {duckdb.__version__}"
    )
    tampering.retable(release, "notes", tampering.with_value("year", 2, 2013))
    assert steps(release)["rebuild"].status == "failed"


def test_a_machine_without_memory_says_nothing_of_a_release(release: Path) -> None:
    """A query that has no room here is not the release's fault."""
    told = steps(release, Limits(query_memory="1KB"))["rebuild"]
    assert told.status == "not possible"
    assert told.notes == ("this machine stopped the build, not the release",)
