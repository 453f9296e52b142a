"""Paths of files as the pages of a repository know them: relative to its root."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import PurePath

from release.findings.finding import Finding

#: Variables that name the folder into which a CI system cloned a repository: GitHub, GitLab, Azure.
_WORKSPACES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY")


def path_of(finding: Finding) -> str | None:
    """Return the path of a finding's file, relative to the root of the repository.

    None if the file is outside of it, or behind a URL.
    """
    file = finding.file or finding.path
    if "://" in file or not file:
        return None
    path = os.path.abspath(file)  # noqa: PTH100 - a link in the repository is a file of it
    root = find_root(os.path.dirname(path))  # noqa: PTH120
    try:
        real = os.path.realpath(path), os.path.realpath(root)
    except ValueError:  # no file has such a name
        return None
    for one, other in ((path, root), real):
        if one.startswith(other.rstrip(os.sep) + os.sep):
            return PurePath(one).relative_to(other).as_posix()
    return None


@lru_cache(maxsize=256)
def find_root(folder: str) -> str:
    """Return the root of the repository that a folder is in.

    It is the outermost folder with `.git` within the folder that CI cloned into, as a submodule is no root of
    its own there. Elsewhere it is the nearest one above, and without any, the folder of CI or the working
    folder.
    """
    workspace = next((os.environ[name] for name in _WORKSPACES if os.environ.get(name)), "")
    workspace = os.path.abspath(workspace) if workspace else ""  # noqa: PTH100
    above = [folder, *map(str, PurePath(folder).parents)]
    inside = [each for each in above if each == workspace or _is_below(each, workspace)]
    roots = [each for each in inside or above if os.path.lexists(os.path.join(each, ".git"))]  # noqa: PTH118
    if roots:
        return roots[-1] if inside else roots[0]
    return workspace if inside else os.getcwd()  # noqa: PTH109


def _is_below(folder: str, other: str) -> bool:
    return bool(other) and folder.startswith(other.rstrip(os.sep) + os.sep)
