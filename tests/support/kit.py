"""The program as tests use it: check, build and load a dataset's folder, run commands, look at files."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from release import cli
from release.build import outcome, pipeline
from release.build.inputs import Options
from release.descriptor import load
from release.findings import Finding
from release.system.limits import LIMITS, Limits

ROOT = Path(__file__).parents[2]

#: What a Python of its own needs to import what this one imports.
PYTHONPATH = os.pathsep.join(dict.fromkeys([str(ROOT), *(path for path in sys.path if path)]))
ENVIRONMENT = {**os.environ, "PYTHONPATH": PYTHONPATH, "PYTHONDONTWRITEBYTECODE": "1"}


#: For what starts Python in the locale C: that does not start from a virtual environment in such a path.
ASCII_PATH = pytest.mark.skipif(
    not str(ROOT).isascii(), reason="in the locale C no Python starts from a path that is not ASCII"
)

#: Whether every step is taken (`make stress`) where else some are.
IS_STRESS = os.environ.get("RELEASE_STRESS") == "all"


# commands


def run(*arguments: str, limits: Limits = LIMITS, is_grouped: bool = False) -> tuple[int, str, str]:
    """Run a command in this process: its exit code, stdout and stderr.

    Nothing is cached between runs, unless the command says where. Each finding is shown, unless those that
    are alike are to be grouped.
    """
    if arguments[0] in ("check", "build") and not is_grouped:
        arguments = (*arguments, "--all")
    if arguments[0] in ("check", "build") and "--cache" not in arguments:
        arguments = (*arguments, "--no-cache")
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        code = cli.main(arguments, limits)
    return code, out.getvalue(), err.getvalue()


def python(
    *arguments: str | Path, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


def command(
    *arguments: str | Path, cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `python -m release` in a process of its own."""
    return python("-m", "release", *arguments, cwd=cwd, **environment)


# a dataset


def check(root: Path, options: Options | None = None) -> outcome.Outcome:
    """Check the dataset of a folder."""
    return outcome.check(load.load(root / "datapackage.yaml"), options or Options())


def build(root: Path, store: Path, options: Options | None = None) -> Path:
    """Build the dataset of a folder, which has no errors, into a store; return the release's folder."""
    built = pipeline.build(load.load(root / "datapackage.yaml"), store, options or Options())
    assert built.path is not None, [str(finding) for finding in built.outcome.findings]
    return built.path


def told(found: outcome.Outcome) -> tuple[list[Finding], int, list[str]]:
    """Return the findings, how many are errors, and the lines that are printed."""
    words = {"error": "error", "warning": "warning"}
    return list(found.findings), found.errors, list(found.findings.lines(words))


# files


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that stands in a file."""
    content = path.read_text("utf-8")
    assert old in content
    path.write_text(content.replace(old, new), "utf-8")


def tree(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder, by path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def snapshot(folder: Path) -> Mapping[str, bytes | None]:
    """Return everything below a folder: the bytes of each file, None for a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


@contextlib.contextmanager
def unwaited(seconds: int = 20) -> Iterator[None]:
    """Fail where something waits for a file that nobody writes, and do not hold up all tests."""

    def fail(*_: object) -> None:
        raise AssertionError("it was waited for")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
