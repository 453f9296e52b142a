"""The git revision that records come from, where there is one; it is no input to a release."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from release.limits import LIMITS

#: What a repository may not make git run here.
_HARDENED = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.devnull)


def read_revision(
    root: Path, paths: Iterable[str], seconds: float = LIMITS.git_seconds
) -> dict[str, Any] | None:
    """The revision that a folder is checked out from, and whether it is clean; None where git knows of none.

    Clean: no file that git keeps differs from the revision, and it keeps all of `paths` below the folder.
    """
    revision = _git(root, seconds, "rev-parse", "--verify", "HEAD^{commit}")
    options = "--porcelain", "--untracked-files=no", "--ignore-submodules=none"
    status = _git(root, seconds, "status", *options)
    kept = _git(root, seconds, "ls-files", "-z")
    if revision is None or status is None or kept is None:
        return None
    known = set(kept.decode("utf-8", "surrogateescape").split("\0"))
    clean = not status.strip() and all(path in known for path in paths)
    return {"revision": revision.decode().strip(), "clean": clean}


def _git(root: Path, seconds: float, *arguments: str) -> bytes | None:
    """What git says; None where it says nothing of use."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        ran = subprocess.run(  # noqa: S603 — the arguments are ours
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
    return ran.stdout if ran.returncode == 0 else None
