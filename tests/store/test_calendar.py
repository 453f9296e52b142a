"""Versions that are dates: what bump writes, what a build takes, how a store lists them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.datasets import describe, write_dataset
from tests.support.kit import edit, run

CALENDAR = describe(version="2026.01.31", more="versioning: calendar\n")


def record(name: str, title: str) -> None:
    """Write a record into the working folder."""
    Path(f"notes/{name}.md").write_text(f"---\ntitle: {title}\n---\n")


def last_line(*command: str) -> str:
    """The last line of what a command says that is right."""
    code, out, err = run(*command)
    assert code == 0, err
    return out.splitlines()[-1]


def test_a_store_of_dates_from_the_first_to_a_second_one_of_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The level is told as ever; any later date is enough for it."""
    monkeypatch.chdir(tmp_path)
    write_dataset(tmp_path, CALENDAR, {"notes/a.md": "---\ntitle: a\n---\n"})
    assert last_line("build") == "built dist/2026.01.31"
    record("b", "b")
    _, out, _ = run("diff", "latest", ".")
    assert out.splitlines()[-2:] == [
        "level: minor (notes: 1 row added)",
        "next version: 2026.01.31.2 or a later day",
    ]
    code, _, err = run("build")
    assert code == 1
    assert "give this one a new version in datapackage.yaml: 2026.01.31.2, for notes: 1 row" in err
    bumped = "datapackage.yaml: version 2026.01.31.2, created 2026-01-31T00:00:00Z (minor after 2026.01.31: "
    found = last_line("bump", "--created", "2026-01-31")
    assert found == f"{bumped}notes: 1 row added)"
    assert last_line("build") == "built dist/2026.01.31.2 (minor after 2026.01.31)"
    record("b", "c")
    bumped = "datapackage.yaml: version 2026.02.01, created 2026-02-01T00:00:00Z (patch after 2026.01.31.2: "
    assert last_line("bump", "--created", "2026-02-01").startswith(bumped)
    assert last_line("build") == "built dist/2026.02.01 (patch after 2026.01.31.2)"
    _, out, _ = run("list")
    assert [line.split()[0] for line in out.splitlines()] == [
        *("version", "2026.02.01", "2026.01.31.2", "2026.01.31")
    ]
    assert '"version": "2026.02.01"' in Path("dist/latest.json").read_text()
    assert last_line("verify", "dist") == "verifies"
    assert last_line("verify", "--rebuild", "dist/2026.01.31.2") == "verifies"
    heading = "## 2026.01.31.2 (2026-01-31)\n\nLevel: **minor** (notes: 1 row added)"
    assert heading in Path("dist/2026.02.01/CHANGELOG.md").read_text()


def test_a_store_of_numbers_goes_on_with_dates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dates come after numbers; a draft of a date is built until it is final."""
    monkeypatch.chdir(tmp_path)
    write_dataset(tmp_path, describe(), {"notes/a.md": "---\ntitle: a\n---\n"})
    assert run("build")[0] == 0
    edit(Path("datapackage.yaml"), "version: 0.1.0\n", "version: 0.1.0\nversioning: calendar\n")
    code, _, err = run("check")
    assert code == 2
    assert err == (
        "release: datapackage.yaml:2:10: version is '0.1.0', expected a day such as '2026.11.30', "
        "'2026.11.30.2' for a second version of that day, or '2026.11.30-dev' for a draft\n"
    )
    edit(Path("datapackage.yaml"), "version: 0.1.0\n", "version: 2026.01.31-dev\n")
    assert last_line("build") == "built dist/2026.01.31-dev (patch after 0.1.0)"
    edit(Path("datapackage.yaml"), "-dev", "")
    assert last_line("build") == "built dist/2026.01.31 (patch after 0.1.0)"


def test_a_date_needs_its_scheme(tmp_path: Path) -> None:
    """What is no number says so, with what to write; a word that is no scheme is refused."""
    expected = "a version such as '1.2.0', or '1.3.0-dev' for a draft"
    write_dataset(tmp_path, CALENDAR.replace("versioning: calendar\n", ""), {})
    code, _, err = run("check", "--descriptor", str(tmp_path / "datapackage.yaml"))
    assert code == 2
    assert (
        f"2:10: version is '2026.01.31', expected {expected}; with `versioning: calendar` it is a date\n"
        in err
    )
    write_dataset(tmp_path, CALENDAR.replace("calendar", "calver"), {})
    _, _, err = run("check", "--descriptor", str(tmp_path / "datapackage.yaml"))
    assert "4:13: versioning is 'calver', expected semver or calendar" in err
