"""Pages of the documentation: their fenced blocks, and the commands in them, which are run."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.kit import ENVIRONMENT, ROOT

DOCS = ROOT / "docs"

REGENERATE = "the page shows something else; what came out is above: paste it into the page"


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """The fenced blocks of a page: what stands behind the fence, and the block."""
    for match in re.finditer(r"^```([^\n]+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield match[1], match[2]


def commands(block: str) -> Iterator[tuple[str, str]]:
    """The commands of a console and what each printed."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def shell(command: str, cwd: Path) -> str:
    """What a command of a page prints, with `release` as it is here."""
    return subprocess.run(
        ["bash", "-c", f'release() {{ "$PYTHON" -m release "$@"; }}; {command}'],
        cwd=cwd,
        env={**ENVIRONMENT, "PYTHON": sys.executable, "LC_ALL": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    ).stdout
