"""The commands that are measured: ours as far as they exist yet, and the scripts beside this one."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.inputs import ROOT

#: What the console script `release` runs.
_ENTRY = "import sys; from release.cli import main; sys.exit(main())"

Command = list[str | Path]


def environment() -> dict[str, str]:
    """The environment of every command: the package can be imported, and nothing is coloured.

    Modules are kept compiled, as they are where it is installed.
    """
    found = dict(os.environ) | {"NO_COLOR": "1"}
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    if importlib.util.find_spec("release") is None:
        paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
        found["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    return found


def release(*arguments: str | Path) -> Command:
    """A command of ours: by its console script, where it is installed."""
    script = Path(sys.executable).parent / "release"
    return [script, *arguments] if script.is_file() else [sys.executable, "-c", _ENTRY, *arguments]


def script(name: str, *arguments: str | Path) -> Command:
    """One of the scripts of the benchmark, as a module of it."""
    return [sys.executable, "-m", f"benchmarks.{name}", *arguments]


@dataclass(frozen=True)
class Abilities:
    """The commands and options that `release` has, as its help tells."""

    environment: Mapping[str, str]

    @cached_property
    def commands(self) -> frozenset[str]:
        """The names of its commands."""
        return frozenset(re.findall(r"^ {4}([a-z][a-z-]*)(?: |$)", self._help(), re.MULTILINE))

    def has(self, command: str, option: str) -> bool:
        """Whether a command takes an option."""
        if command not in self.commands:
            return False
        return (
            re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", self._texts[command]) is not None
        )

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {command: self._help(command) for command in self.commands}

    def _help(self, *command: str) -> str:
        done = subprocess.run(
            [str(part) for part in release(*command, "--help")],
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    # ours

    def build(self, root: Path, out: Path, cache: Path, workers: int, *more: str) -> Command:
        """Build a dataset; `cache` and `workers` count where the command takes them."""
        return release("build", *self._input("build", root, cache, workers), "--out", out, *more)

    def check(self, root: Path, cache: Path, workers: int = 2) -> Command:
        """Check a dataset."""
        return release("check", *self._input("check", root, cache, workers))

    def verify(self, built: Path) -> Command:
        """Verify a release without the referee."""
        options = ["--no-referee"] if self.has("verify", "--no-referee") else []
        if not options and self.has("verify", "--referee"):
            options = ["--referee", "none"]
        return release("verify", *options, built)

    def diff(self, one: Path, other: Path) -> Command:
        """Compare two releases."""
        return release("diff", one, other)

    def _input(self, command: str, root: Path, cache: Path, workers: int) -> Command:
        options: Command = ["--descriptor", root / "datapackage.yaml"]
        if self.has(command, "--workers"):
            options += ["--workers", str(workers)]
        if self.has(command, "--cache"):
            options += ["--cache", cache]
        return options
