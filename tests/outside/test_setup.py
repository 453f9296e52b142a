"""`make venv` takes the first interpreter that will do, and says of each other one why it will not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.kit import ASCII_PATH

ROOT = Path(__file__).parents[2]
MAKE = shutil.which("make")
#: What the recipe calls before it makes anything.
TOOLS = ("sh", "sed", "rm")
#: A Python that says of itself that it is an older one.
OLD = f"""exec '{sys.executable}' -c 'import sys; sys.version_info = (3, 9, 2); exec(sys.argv[1])' "$2" """
BROKEN = """echo 'Could not find platform libraries <prefix>' >&2
echo "ModuleNotFoundError: No module named 'encodings'" >&2
echo >&2
exit 1"""

pytestmark = pytest.mark.skipif(MAKE is None, reason="make is not installed")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder to be the only one in PATH: the tools of the recipe, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None, tool
        (folder / tool).symlink_to(found)
    return folder


def program(path: Path, name: str, text: str) -> None:
    """Put a shell script into the folder that is in PATH."""
    file = path / name
    file.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    file.chmod(0o755)


def make(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `make venv` beside a copy of the Makefile, with no tools but those in a folder."""
    clone = path.with_name("clone")
    clone.mkdir()
    for name in ("Makefile", "requirements-dev.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, clone / name)
    return subprocess.run(
        [str(MAKE), "--no-print-directory", "venv", *arguments],
        cwd=clone,
        env={"PATH": str(path), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )


@ASCII_PATH
def test_each_refused_interpreter_has_its_reason(path: Path) -> None:
    """One is missing, one too old, one does not start, one fails without a word: each has its line."""
    program(path, "python3", OLD)
    program(path, "python3.13", BROKEN)
    program(path, "python3.12", "exit 7")
    program(path, "python", r"printf '%s\n' 'no \n licence' >&2; exit 69")
    result = make(path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.splitlines()[:-1] == [
        "No Python 3.11 or newer found. Tried:",
        "  python3: too old: 3.9.2",
        "  python3.14: not found",
        "  python3.13: does not start: ModuleNotFoundError: No module named 'encodings'",
        "  python3.12: does not start: it ends with exit code 7 and says nothing",
        "  python3.11: not found",
        r"  python: does not start: no \n licence",
        "Install one, or say where it is: make PYTHON=/path/to/python3.12",
    ]


def test_only_the_named_interpreter_is_tried(path: Path) -> None:
    """PYTHON=NAME tries that one alone."""
    result = make(path, "PYTHON=/nowhere/python3.12")
    assert result.returncode == 2
    assert result.stderr.splitlines()[:-1] == [
        "No Python 3.11 or newer found. Tried:",
        "  /nowhere/python3.12: not found",
        "Install one, or say where it is: make PYTHON=/path/to/python3.12",
    ]


@ASCII_PATH
def test_the_first_interpreter_that_will_do_is_taken(path: Path) -> None:
    """Those before it are passed over without a word; .venv is made with its base interpreter."""
    program(path, "python3", OLD)
    program(path, "python3.13", BROKEN)
    program(path, "python3.12", f"""exec '{sys.executable}' "$@" """)
    program(path, "python3.11", "echo never >&2; exit 1")
    program(path, "uv", 'echo "uv $*"; exit 1')
    result = make(path)
    base = getattr(sys, "_base_executable", sys.executable)
    assert result.stdout.splitlines() == [
        f"Making .venv from requirements-dev.lock with {base}",
        f"uv venv --quiet --python {base} .venv",
    ]
    assert result.returncode == 2
