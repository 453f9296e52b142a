"""The Containerfile can be built from this repository; `make installed` runs its commands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from fnmatch import fnmatch

import pytest

from tests.support.container import FILE, instructions
from tests.support.kit import ROOT

TEXT = FILE.read_text("utf-8")
FOUND = list(instructions(TEXT))


def texts(name: str) -> list[str]:
    """What the instructions of a name say."""
    return [each.text for each in FOUND if each.name == name]


def test_every_instruction_is_one() -> None:
    """A comment or a command that a continued line swallowed would be another word."""
    known = {"ARG", "FROM", "COPY", "RUN", "ENV", "USER", "WORKDIR", "ENTRYPOINT", "CMD"}
    assert {each.name for each in FOUND} == known


def test_what_it_copies_is_here_and_not_ignored() -> None:
    """`.dockerignore` lets through what is copied, and nothing else."""
    copied = {name for text in texts("COPY") if "--from" not in text for name in text.split()[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    lines = (ROOT / ".dockerignore").read_text("utf-8").split("\n")
    let_through = {line[1:] for line in lines if line.startswith("!")}
    ignored = [line for line in lines if line and not line.startswith(("#", "!"))]
    assert ignored[0] == "*"
    assert let_through == copied
    assert any(fnmatch("src/release/__pycache__", line) for line in ignored[1:])


def test_packages_come_from_the_lock_with_their_hashes() -> None:
    """pip fetches nothing else, and keeps nothing."""
    installs = [each for text in texts("RUN") for each in re.findall(r"pip install ([^&]*)", text)]
    assert [each.split() for each in installs] == [
        "--no-cache-dir --require-hashes -r /src/requirements.lock".split(),
        "--no-cache-dir --no-deps --no-build-isolation /src".split(),
    ]
    assert all("rm -rf /var/lib/apt/lists/*" in text for text in texts("RUN") if "apt-get" in text)


def test_the_program_runs_as_a_user_in_the_folder_of_the_dataset() -> None:
    """Not as root; and its cache is where any user can write."""
    assert texts("USER") == ["1000"]
    assert texts("WORKDIR") == ["/work"]
    assert [json.loads(text) for text in texts("ENTRYPOINT")] == [["release"]]
    assert "--mode 1777 /work /cache" in " ".join(texts("RUN"))
    assert "XDG_CACHE_HOME=/cache" in " ".join(texts("ENV"))


def test_hadolint_has_nothing_to_say() -> None:
    """Where it is installed."""
    program = shutil.which("hadolint")
    if program is None:
        pytest.skip("hadolint is not installed")
    ran = subprocess.run([program, FILE], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")
