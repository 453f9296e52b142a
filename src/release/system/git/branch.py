"""Read from git which files of a working tree are as they were where a branch began."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from release.findings.errors import UsageError
from release.system.git.command import ask_git, run_git
from release.system.limits import LIMITS

#: Options of `git diff` for the names of files that differ, without programs that a configuration names.
_PLAIN = (
    "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none"
)  # fmt: skip

#: The types of the files that count: what a link leads to may have changed, though it has not.
_REGULAR = (b"100644", b"100755")


@dataclass(frozen=True, slots=True)
class BranchPoint:
    """The commit where a branch began, and the files that are as they were there.

    Attributes:
        revision: What the branch is compared with, as it was given.
        commit: The commit that the branch and the revision have in common.
        unchanged: The real paths of the regular files that the commit has and the working tree has too, with
            the same content.
        changed: The real paths of all other files of the commit, and of those of the working tree that git
            neither tracks nor ignores.
    """

    revision: str
    commit: str
    unchanged: frozenset[str]
    changed: frozenset[str]

    def has_changed(self, file: str) -> bool:
        """Return True unless a file is known to be as it was; of what git does not track nothing is known."""
        folder, name = os.path.split(os.path.abspath(file))  # noqa: PTH100
        return os.path.join(os.path.realpath(folder), name) not in self.unchanged  # noqa: PTH118


def find_branch_point(
    folder: Path, revision: str, seconds: float = LIMITS.git_seconds
) -> BranchPoint:
    """Compare the working tree that a folder is in with the commit where its branch began.

    Staged changes count as those that are not staged, and files that git does not track are not among the
    unchanged ones. Nothing is renamed: a file has another path, so it has changed.

    Raises:
        UsageError: There is no git, no repository or no such revision, or it has nothing in common with the
            branch, as in a clone without its history.
    """
    top = _ask(folder, seconds, revision, "rev-parse", "--show-toplevel").removesuffix(b"\n")
    root = Path(os.fsdecode(top))
    _check_revision(folder, seconds, revision)
    base = ask_git(folder, seconds, "merge-base", revision, "HEAD")
    if not base:
        raise UsageError(f"--changed-since {revision}: {_nothing_in_common(folder, seconds)}")
    commit = base.decode().strip()
    files = _ask(root, seconds, revision, "ls-tree", "-r", "-z", "--full-tree", commit)
    others = _ask(root, seconds, revision, "ls-files", "--others", "--exclude-standard", "-z")
    changes = _ask(root, seconds, revision, "diff", *_PLAIN, commit, "--")
    known = {
        name
        for about, _, name in (entry.partition(b"\t") for entry in files.split(b"\0"))
        if about.split(b" ")[0] in _REGULAR
    }
    changed = {*changes.split(b"\0"), *others.split(b"\0")} - {b""}
    real = os.path.realpath(root)  # with the separators of the system, which git writes otherwise
    return BranchPoint(revision, commit, _paths(real, known - changed), _paths(real, changed))


def _paths(root: str, names: Iterable[bytes]) -> frozenset[str]:
    """Return the paths of files that git names relative to a root."""
    texts = (os.fsdecode(name).replace("/", os.sep) for name in names)
    return frozenset(os.path.join(root, text) for text in texts)  # noqa: PTH118


def _check_revision(folder: Path, seconds: float, revision: str) -> None:
    """Check that a revision is known here.

    Raises:
        UsageError: It is not, or there is no commit yet.
    """
    if not ask_git(folder, seconds, "rev-parse", "--quiet", "--verify", "HEAD^{commit}"):
        raise UsageError(f"--changed-since {revision}: the repository has no commit yet")
    # one that begins with a hyphen would be an option of git
    is_known = not revision.startswith("-") and ask_git(
        folder, seconds, "rev-parse", "--quiet", "--verify", f"{revision}^{{commit}}"
    )
    if is_known:
        return
    other = f"origin/{revision}"
    if ask_git(folder, seconds, "rev-parse", "--quiet", "--verify", f"{other}^{{commit}}"):
        hint = f"did you mean {other}?"
    else:
        hint = "a clone may lack it: fetch it first (in actions/checkout with `fetch-depth: 0`)"
    raise UsageError(f"--changed-since {revision}: git knows no such revision here; {hint}")


def _nothing_in_common(folder: Path, seconds: float) -> str:
    """Return why a revision and the branch have no commit in common."""
    shallow = ask_git(folder, seconds, "rev-parse", "--is-shallow-repository")
    if shallow is not None and shallow.strip() == b"true":
        return (
            "the clone has only a part of the history, so git does not know where the branch began; fetch "
            "all of it (`git fetch --unshallow`, in actions/checkout `fetch-depth: 0`)"
        )
    return (
        "it has no commit in common with the branch here, expected the revision that it began from"
    )


def _ask(folder: Path, seconds: float, revision: str, *arguments: str) -> bytes:
    """Return what git prints.

    Raises:
        UsageError: It fails; the message has its own words.
    """
    ran = run_git(folder, seconds, *arguments)
    if ran is None:
        raise UsageError(f"--changed-since {revision}: git is not installed, or takes too long")
    if ran.returncode:
        said = ran.stderr.decode("utf-8", "backslashreplace").strip().split("\n")[0]
        raise UsageError(f"--changed-since {revision}: git says: {said}")
    return ran.stdout
