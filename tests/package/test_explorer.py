"""The script of a release's page is what web/ makes; none of this needs Node.js."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import every_type, hard_values, kit
from tests.support.kit import ROOT

WEB, BUILT = ROOT / "web", ROOT / "src/release/package/templates/explorer.js"
SOURCES = sorted((WEB / "src").glob("*.js"))


def test_the_built_script_is_of_the_sources_that_are_here() -> None:
    """Its first lines have their digest; if they do not fit: `make web`, and commit what it makes."""
    paths = ["build.js", "package-lock.json", "package.json"]
    paths += [f"src/{path.name}" for path in SOURCES]
    lines = [
        f"{hashlib.sha256((WEB / path).read_bytes()).hexdigest()}  {path}\n"
        for path in sorted(paths)
    ]
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert f"Sources: {digest}\n" in BUILT.read_text("utf-8")


def test_the_built_script_can_stand_in_a_page() -> None:
    """Nothing in it ends the element, or begins a comment of HTML in it."""
    text = BUILT.read_text("utf-8").lower()
    assert "</script" not in text
    assert "<!--" not in text


#: What makes markup or programs of text.
_MAKES_MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|srcdoc"
    r"|setAttribute\(\s*[\"'`]on|createContextualFragment"
)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_source_makes_nodes_and_text_only(source: Path) -> None:
    """What stands in records is never taken for markup or a program."""
    assert _MAKES_MARKUP.findall(source.read_text("utf-8")) == []


def test_the_lock_names_no_address() -> None:
    """Where packages come from is the matter of who installs them; their hashes are there."""
    lock = (WEB / "package-lock.json").read_text("utf-8")
    assert "resolved" not in lock
    assert '"integrity": "sha512-' in lock


@pytest.mark.skipif(
    not (WEB / "node_modules").is_dir() or shutil.which("node") is None,
    reason="the libraries of web/ are not here: make web-check",
)
@pytest.mark.parametrize("write", [hard_values.write, every_type.write], ids=["hard", "types"])
def test_the_script_writes_each_table_as_its_csv(
    tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    """It reads the Parquet in the page, and saves the bytes of the CSV file."""
    release = kit.build(write(tmp_path / "data"), tmp_path / "dist")
    ran = subprocess.run(
        ["node", WEB / "tests/compare.js", release],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    lines = ran.stdout.splitlines()
    assert len(lines) > 0, ran.stderr
    assert [line for line in lines if not line.endswith(": equal")] == []
