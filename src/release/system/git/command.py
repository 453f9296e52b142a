"""Run git, in English and without asking."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

#: Settings that keep git from running programs that a repository names.
_HARDENED = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.devnull)


def ask_git(root: Path, seconds: float, *arguments: str) -> bytes | None:
    """Run git in a folder and return what it prints; None if it fails."""
    ran = run_git(root, seconds, *arguments)
    return ran.stdout if ran is not None and ran.returncode == 0 else None


def run_git(
    root: Path, seconds: float, *arguments: str
) -> subprocess.CompletedProcess[bytes] | None:
    """Run git in a folder, in English and without asking; None if it is missing or too slow."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        return subprocess.run(  # noqa: S603 — the arguments are ours
            ["git", *_HARDENED, *arguments],  # noqa: S607 — the git of this machine
            cwd=root,
            env=kept | quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
