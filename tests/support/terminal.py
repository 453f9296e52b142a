"""What a command shows on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.support.kit import ENVIRONMENT

#: What says that no person's terminal is at the other end: this one is, also where a job runs the tests.
_BETWEEN = ("CI", "NO_COLOR", "STY", "TMUX")


def on_terminal(arguments: list[str], cwd: Path, typed: str = "", **environment: str) -> str:
    """Return what `release` shows on a terminal, stdout and stderr as they come, with plain line ends.

    `typed` is what is typed there as soon as it starts.
    """
    ours, theirs = pty.openpty()
    plain = {name: value for name, value in ENVIRONMENT.items() if name not in _BETWEEN}
    process = subprocess.Popen(
        [sys.executable, "-m", "release", *arguments],
        cwd=cwd,
        env={**plain, "TERM": "xterm-256color", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = b""
    try:
        while data := os.read(ours, 1 << 16):
            shown += data
    except OSError:  # how Linux says that the other side is closed
        pass
    os.close(ours)
    process.wait()
    return shown.decode("utf-8").replace("\r\n", "\n")
