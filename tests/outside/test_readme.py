"""The README says what is: its examples run, its listing is real, its commands and options exist."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from release import cli
from release.build import pipeline
from release.descriptor import load

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
#: What a Python of its own needs to import what this one imports.
PYTHONPATH = os.pathsep.join(path for path in sys.path if path)
MEANS = {"en": 83.0, "zh": 61.0}


def blocks(language: str, text: str = README) -> Iterator[str]:
    """The fenced blocks in a language."""
    for match in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield match[1]


@pytest.fixture(scope="module")
def place(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the release at dist/0.1.0, as after `make release`."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(built, folder / "dist/0.1.0")
    return folder


def run(code: str, place: Path) -> str:
    """What a piece of Python prints, as a script of its own."""
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=place,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("library", ["pandas", "polars", "duckdb"])
def test_a_table_is_loaded_in_python(library: str, place: Path) -> None:
    """The example for each library runs as it stands and prints both means."""
    (code,) = (block for block in blocks("python") if block.startswith(f"import {library}"))
    assert len(code.strip().splitlines()) <= 5
    out = run(code, place)
    for language, mean in MEANS.items():
        assert re.search(rf"\b{language}\b.*\b{mean}", out), out


def test_a_table_is_loaded_in_sql(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example in SQL runs in DuckDB as it stands."""
    import duckdb

    monkeypatch.chdir(place)
    (code,) = blocks("sql")
    assert len(code.strip().splitlines()) <= 5
    with duckdb.connect(":memory:") as connection:
        assert dict(connection.execute(code).fetchall()) == MEANS


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_a_table_is_loaded_in_r(place: Path) -> None:
    """The example in R runs as it stands."""
    (code,) = blocks("r")
    has_arrow = ["Rscript", "-e", "quit(status = !requireNamespace('arrow', quietly = TRUE))"]
    if subprocess.run(has_arrow, capture_output=True, check=False).returncode:
        pytest.skip("R has no package arrow")
    result = subprocess.run(
        ["Rscript", "-e", code], cwd=place, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "83" in result.stdout


@pytest.mark.skipif(
    shutil.which("java") is None or importlib.util.find_spec("pyspark") is None,
    reason="Spark is not installed",
)
def test_a_table_is_loaded_in_spark(place: Path) -> None:
    """The example for Spark runs as it stands and prints both means."""
    (code,) = (block for block in blocks("python") if block.startswith("from pyspark"))
    out = run(code, place)
    for language, mean in MEANS.items():
        assert re.search(rf"\b{language}\|\s*{mean}\|", out), out


def test_every_library_has_an_example_of_five_lines() -> None:
    """pandas, Polars, DuckDB in Python and SQL, R and Spark each have a block."""
    assert [next(iter(b.split())) + b.split()[1] for b in blocks("python")] == [
        "importpandas",
        "importpolars",
        "importduckdb",
        "frompyspark.sql",
    ]
    assert len(list(blocks("sql"))) == 1
    assert len(list(blocks("r"))) == 1


def test_the_listing_is_the_real_one(built: Path) -> None:
    """What `make release` leaves is what the README shows."""
    listing = README.split("<!-- listing -->", 1)[1].split("```")[1]
    top, tables = listing.split("$ ls dist/0.1.0/data/*.csv\n")
    assert top.split()[3:] == sorted(path.name for path in built.iterdir())
    assert tables.split() == sorted(path.name for path in built.glob("data/*.csv"))
    assert top.split()[:3] == ["$", "ls", "dist/0.1.0"]


def test_the_tables_are_the_real_ones() -> None:
    """The README names every table that is no codelist, and counts the codelists."""
    resources = load.load(ROOT / "datapackage.yaml").resources
    text = README.split("The tables of this dataset: ", 1)[1].split("\n\n")[0]
    named, others = text.split("; the other ", 1)
    expected = [resource.name for resource in resources if resource.codelist is None]
    assert re.findall(r"`(\w+)`", named) == expected
    words = {11: "eleven", 12: "twelve", 13: "thirteen", 14: "fourteen"}
    assert others.startswith(f"{words[len(resources) - len(expected)]} are codelists")


def test_the_findings_are_real(
    seeds: pipeline.Outcome, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines that the README shows are the first that `release check` prints."""
    monkeypatch.chdir(ROOT)
    assert cli.main(["check"]) == 0
    printed = capsys.readouterr().out.splitlines()
    shown = README.split("<!-- findings -->", 1)[1].split("```")[1].strip().splitlines()
    assert shown == printed[: len(shown)]
    assert len(shown) < len(seeds.findings)


def test_every_target_of_make_exists() -> None:
    """`make` knows each target that the README names."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = set(re.findall(r"\bmake ([a-z]+)", README))
    assert {"release", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_option_exists(capsys: pytest.CaptureFixture[str]) -> None:
    """`release` knows each command and option that the README names."""
    options = set()
    for command in ["check", "build", "verify", "sign"]:
        with pytest.raises(SystemExit):
            cli.main([command, "--help"])
        options |= set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    prose = re.sub(r"<!--.*?-->", "", README)
    assert set(re.findall(r"(?<![\w-])--[a-z-]+", prose)) <= options
    named = set(re.findall(r"\brelease (check|build|[a-z]+) --", prose))
    assert named <= {"check", "build", "verify", "sign"}


def test_a_release_is_checked_as_the_readme_says(place: Path) -> None:
    """The commands for checking a release succeed."""
    bin_folder = Path(sys.executable).parent
    checks = [block for block in blocks("sh") if re.search("sha256sum|frictionless|verify", block)]
    assert len(checks) == 3
    for block in checks:
        command = block.replace(".venv/bin/", f"{bin_folder}/")
        if "sha256sum" in command and shutil.which("sha256sum") is None:
            continue
        result = subprocess.run(
            ["bash", "-c", command], cwd=place, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr


def test_the_smallest_descriptor_builds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The descriptor that the README shows builds a release of the records that it speaks of."""
    (text,) = blocks("yaml")
    folder = tmp_path / "my"
    (folder / "notes").mkdir(parents=True)
    (folder / "datapackage.yaml").write_text(text, "utf-8")
    (folder / "notes/first.md").write_text("---\ntitle: The first\n---\nText.\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    match = re.search(r"`release (build --descriptor [^`]+)`", README)
    assert match is not None
    assert cli.main(match[1].split()) == 0
    assert capsys.readouterr().out.endswith("built my/dist/0.1.0\n")
    csv = (tmp_path / "my/dist/0.1.0/data/notes.csv").read_text("utf-8")
    assert csv == 'note,title,text\n"first","The first","Text.\n"\n'


def test_records_elsewhere_are_read_as_the_readme_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--records takes the pattern that the README shows."""
    shutil.copytree(ROOT / "seeds/policies", tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    match = re.search(r"release check (--records) '(.+?)'", README)
    assert match is not None
    arguments: list[Any] = ["check", "--descriptor", str(ROOT / "datapackage.yaml")]
    assert cli.main([*arguments, *match.groups()]) == 0
    assert "elsewhere/en/cn-miit-industrial-plan-2022.md:3:10: " in capsys.readouterr().out
