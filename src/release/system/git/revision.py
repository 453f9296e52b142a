"""Read the git revision that records come from; it is recorded, and is no input to a release."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from release.system.git.command import ask_git
from release.system.limits import LIMITS


def read_revision(
    root: Path, paths: Iterable[str], seconds: float = LIMITS.git_seconds
) -> dict[str, Any] | None:
    """Return `revision`, the commit that a folder is checked out from, and `clean`, a boolean.

    A folder is clean if no file that git tracks differs from the commit, and git tracks all of `paths`, which
    are relative to the folder. None if git is missing, too slow, or knows of no commit.
    """
    revision = ask_git(root, seconds, "rev-parse", "--verify", "HEAD^{commit}")
    options = "--porcelain", "--untracked-files=no", "--ignore-submodules=none"
    status = ask_git(root, seconds, "status", *options)
    tracked = ask_git(root, seconds, "ls-files", "-z")
    if revision is None or status is None or tracked is None:
        return None
    known = set(tracked.decode("utf-8", "surrogateescape").split("\0"))
    clean = not status.strip() and all(path in known for path in paths)
    return {"revision": revision.decode().strip(), "clean": clean}
