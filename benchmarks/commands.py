"""Compose the commands to be measured: those of `release`, and the scripts beside this module."""

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

#: The code that the console script `release` runs.
_ENTRY = "import sys; from release.cli import main; sys.exit(main())"

Command = list[str | Path]


def make_environment() -> dict[str, str]:
    """Return the environment variables of every command: `release` can be imported, output has no colours.

    Compiled modules are kept, as in an installed package.
    """
    variables = dict(os.environ) | {"NO_COLOR": "1"}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    if importlib.util.find_spec("release") is None:
        paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
        variables["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    return variables


def release_command(*arguments: str | Path) -> Command:
    """Return a command line of `release`, which uses the console script if it is installed."""
    script = Path(sys.executable).parent / "release"
    return [script, *arguments] if script.is_file() else [sys.executable, "-c", _ENTRY, *arguments]


def script_command(name: str, *arguments: str | Path) -> Command:
    """Return the command line that runs a module of the benchmark."""
    return [sys.executable, "-m", f"benchmarks.{name}", *arguments]


@dataclass(frozen=True)
class Abilities:
    """The commands and options that `release` offers, read from its help."""

    environment: Mapping[str, str]

    @cached_property
    def commands(self) -> frozenset[str]:
        """The names of the commands of `release`."""
        return frozenset(re.findall(r"^ {2}([a-z][a-z-]*)(?: |$)", self._read_help(), re.MULTILINE))

    def has_option(self, command: str, option: str) -> bool:
        """Return True if `release` has the command and the command takes the option."""
        if command not in self.commands:
            return False
        return (
            re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", self._help_texts[command])
            is not None
        )

    @cached_property
    def _help_texts(self) -> dict[str, str]:
        return {command: self._read_help(command) for command in self.commands}

    def _read_help(self, *command: str) -> str:
        done = subprocess.run(
            [str(part) for part in release_command(*command, "--help")],
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def build_command(
        self, root: Path, out: Path, cache: Path, workers: int, *more: str
    ) -> Command:
        """Return the command that builds a dataset; options that it does not have are left out."""
        return release_command(
            "build", *self._input_options("build", root, cache, workers), "--out", out, *more
        )

    def check_command(self, root: Path, cache: Path, workers: int = 2) -> Command:
        """Return the command that checks a dataset."""
        return release_command("check", *self._input_options("check", root, cache, workers))

    def verify_command(self, built: Path) -> Command:
        """Return the command that verifies a release, without the referee."""
        options = ["--no-referee"] if self.has_option("verify", "--no-referee") else []
        if not options and self.has_option("verify", "--referee"):
            options = ["--referee", "none"]
        return release_command("verify", *options, built)

    def diff_command(self, one: Path, other: Path) -> Command:
        """Return the command that compares two releases."""
        return release_command("diff", one, other)

    def _input_options(self, command: str, root: Path, cache: Path, workers: int) -> Command:
        options: Command = ["--descriptor", root / "datapackage.yaml"]
        if self.has_option(command, "--workers"):
            options += ["--workers", str(workers)]
        if self.has_option(command, "--cache"):
            options += ["--cache", cache]
        return options
