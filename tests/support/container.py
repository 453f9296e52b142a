"""The Containerfile: its instructions, and its commands in a plain folder where no image can be built."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support.golden_release import ROOT
from tests.support.toolchains import run

FILE = ROOT / "Containerfile"

#: Folders of the image, which are below a plain folder instead.
_FOLDERS = re.compile(r"(?<![\w.$}/])/(?=(?:opt|src|work|cache|var|home)\b)")

#: What changes the system: it is written down instead of run.
_SYSTEM = ("apt-get", "useradd", "git")


class Instruction(NamedTuple):
    """A line of a Containerfile, continued lines joined: its name, and what it says."""

    name: str
    text: str


def instructions(text: str) -> Iterator[Instruction]:
    """Read a Containerfile, without comments."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for line in re.sub(r"\\\n\s*", " ", lines).splitlines():
        if line.strip():
            name, _, rest = line.partition(" ")
            yield Instruction(name, rest.strip())


def tried(folder: Path, release: Path) -> list[str]:
    """What is wrong when all commands run in a folder, and what they installed verifies a release.

    It downloads what requirements.lock names.
    """
    folder.mkdir()
    tools = _tools(folder)
    environment = {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    for name, text in instructions(FILE.read_text("utf-8")):
        if name == "RUN":
            run("sh", "-ec", _moved(text, folder), **environment)
        elif name == "COPY" and not text.startswith("--from"):
            _copy(*text.split(), folder=folder)
        elif name == "ENV":
            for key, value in re.findall(r"(\w+)=(\S+)", text):
                moved = _moved(value, folder).replace("$PATH", environment["PATH"])
                environment[key] = moved
    (command,) = re.findall(r'^ENTRYPOINT \["(\w+)"\]$', FILE.read_text("utf-8"), re.M)
    found = shutil.which(command, path=environment["PATH"])
    assert found is not None
    run(found, "--version", **environment)
    run(found, "check", "--descriptor", ROOT / "datapackage.yaml", **environment)
    run(found, "verify", "--rebuild", release, **environment)
    called = (tools / "called").read_text("utf-8")
    expected = ("apt-get install", "useradd", "git config")
    missing = [each for each in expected if each not in called]
    return [f"the Containerfile does not call {each}" for each in missing]


def _moved(text: str, folder: Path) -> str:
    return _FOLDERS.sub(f"{folder}/", text)


def _copy(*names: str, folder: Path) -> None:
    *sources, target = names
    to = Path(_moved(target, folder))
    for source in sources:
        path = ROOT / source
        if path.is_dir():
            shutil.copytree(path, to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            to.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to / path.name)


def _tools(folder: Path) -> Path:
    """A folder for PATH: the `python` of the image, and what only writes down that it was called."""
    tools = folder / "tools"
    tools.mkdir()
    (tools / "python").symlink_to(getattr(sys, "_base_executable", sys.executable))
    for name in _SYSTEM:
        path = tools / name
        path.write_text(f'#!/bin/sh\necho {name} "$@" >> "{tools}/called"\n', "utf-8")
        path.chmod(0o755)
    return tools
