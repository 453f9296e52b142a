"""README.md and the page on loading tables say what is: numbers, names, commands and options are real."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from release import cli
from release.descriptor import load
from tests.support import documentation, readers

ROOT = documentation.ROOT
README = (ROOT / "README.md").read_text("utf-8")
LOAD = "docs/how-to/load.md"
MEANS = {"en": 83.0, "zh": 61.0}
SCORES = [60, 80, 85, 100, 90, 65, 60, 75, 75, 30]


@pytest.fixture(scope="module")
def clone(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the release at dist/0.1.0, as after `make release`."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(built, folder / "dist/0.1.0")
    return folder


def code(language: str, begins: str = "") -> str:
    """The one block of the page in a language that begins so."""
    (found,) = (
        block.text
        for block in documentation.blocks(LOAD)
        if block.language == language and block.text.startswith(begins)
    )
    return found


def run(code: str, folder: Path, python: str = sys.executable) -> str:
    """Run a piece of Python as a script of its own; what it prints."""
    result = subprocess.run(
        [python, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_a_table_is_loaded_in_r(clone: Path) -> None:
    """The example in R runs as it stands."""
    has_arrow = ["Rscript", "-e", "quit(status = !requireNamespace('arrow', quietly = TRUE))"]
    if subprocess.run(has_arrow, capture_output=True, check=False).returncode:
        pytest.skip("R has no package arrow")
    result = subprocess.run(
        ["Rscript", "-e", code("r")], cwd=clone, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "83" in result.stdout


@pytest.mark.skipif(shutil.which("java") is None, reason="Java is not here")
def test_a_table_is_loaded_in_spark(clone: Path) -> None:
    """The example for Spark runs as it stands and prints both means."""
    out = run(code("python", "from pyspark"), clone, readers.find_python("Spark"))
    for language, mean in MEANS.items():
        assert re.search(rf"\b{language}\|\s*{mean}\|", out), out


def test_a_table_is_loaded_in_datafusion(clone: Path) -> None:
    """The example for DataFusion runs as it stands."""
    out = run(code("python", "from datafusion"), clone, readers.find_python("DataFusion"))
    assert json.loads(out) == SCORES


def test_a_table_is_loaded_in_javascript(clone: Path, tmp_path: Path) -> None:
    """The example for hyparquet runs as it stands."""
    (folder,) = (clone / "dist").iterdir()
    script = code("js").replace("dist/0.1.0/", "")
    given = (folder, f"{script}const table = scores\n")
    (found,) = readers.load("JavaScript", [given], tmp_path)
    assert not isinstance(found, str), found
    assert [int(each[1]) for each in found["score"] if each] == SCORES


def test_every_library_has_an_example_of_five_lines() -> None:
    """Each tool that reads Parquet has a block of at most five lines."""
    examples = [
        *(code("python", f"import {name}") for name in ("pandas", "polars", "duckdb")),
        code("python", "from pyspark"),
        code("python", "from datafusion"),
        code("js"),
        code("sql", "SELECT language"),
        code("r"),
    ]
    for example in examples:
        assert len(example.strip().splitlines()) <= 5, example


def test_the_tables_are_the_real_ones() -> None:
    """The page names every table that is no codelist, and counts the codelists."""
    resources = load.load(ROOT / "datapackage.yaml").resources
    page = (ROOT / LOAD).read_text("utf-8")
    text = " ".join(page.split("The tables of this dataset: ", 1)[1].split("\n\n")[0].split())
    named, others = text.split("; the other ", 1)
    expected = [resource.name for resource in resources if resource.codelist is None]
    assert re.findall(r"`(\w+)`", named) == expected
    words = {11: "eleven", 12: "twelve", 13: "thirteen", 14: "fourteen"}
    assert others.startswith(f"{words[len(resources) - len(expected)]} are [codelists]")


def test_the_warnings_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """As many warnings are there, and as many of each sort, as README.md says."""
    assert cli.main(["check", "--descriptor", str(ROOT / "datapackage.yaml")]) == 0
    rules = re.findall(r": warning: ([\w-]+): ", capsys.readouterr().out)
    sorts = {
        "editions-disagree": "editions",
        "edition-only": "editions",
        "label-language": "language",
        "verified-while-pending": "verified",
    }
    assert Counter(sorts[rule] for rule in rules) == {"editions": 7, "language": 1, "verified": 1}
    text = " ".join(README.split())
    assert "The nine warnings are" in text
    assert "Seven say where the two editions of the policy disagree." in text
    assert (
        "One is about a name in the wrong language, and one about a record that counts as" in text
    )


def test_the_readme_is_short() -> None:
    """It has at most 130 lines of 120 characters; the rest is for the pages that it names."""
    assert len(README.splitlines()) <= 130


def test_every_target_of_make_exists() -> None:
    """`make` knows each target that a page names, in a block or within a line."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set()
    for page in documentation.pages():
        text = (ROOT / page).read_text("utf-8")
        named |= {(page, target) for target in re.findall(r"`make\s+([a-z-]+)", text)}
        for block in documentation.blocks(page):
            lines = re.findall(r"^(?:\$ )?make ([a-z-]+)", block.text, re.MULTILINE)
            named |= {(page, target) for target in lines}
    assert {"release", "test", "lint", "reproduce"} <= {target for _, target in named}
    assert [each for each in sorted(named) if each[1] not in targets] == []


def test_every_path_of_the_page_for_contributors_exists() -> None:
    """Folders and modules that are moved are named anew."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = set(re.findall(r"(?<![\w./])(?:docs|tests|website)/[\w./-]*\w", text))
    assert len(named) > 20
    assert [each for each in sorted(named) if not (ROOT / each).exists()] == []


def test_every_option_exists(capsys: pytest.CaptureFixture[str]) -> None:
    """The program knows every command and option that a page names in `release COMMAND --option`."""
    helps: dict[str, str] = {}
    for page in documentation.pages():
        text = (ROOT / page).read_text("utf-8")
        text = re.sub(r"helm\s+install\s+release\s+dask", "", text)
        for command, rest in re.findall(r"\brelease ([a-z]+)((?: [^`\n|]*)?)", text):
            options = re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest)
            if options and command not in helps:
                with pytest.raises(SystemExit):
                    cli.main([command, "--help"])
                helps[command] = capsys.readouterr().out
            for option in options:
                assert option in helps[command], f"{page}: release {command} {option}"
