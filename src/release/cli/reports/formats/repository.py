"""Paths of files as the pages of a repository know them: relative to its root."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import PurePath

from release.findings.finding import Finding

#: Variables that name the folder into which a CI system cloned a repository: GitHub, GitLab, Azure.
_WORKSPACES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY")


def make_locator() -> Callable[[Finding], str | None]:
    """Return a function that gives the path of a finding's file, relative to the root of the repository.

    It gives None if the file is outside of it, or behind a URL. It remembers paths, as findings of one file
    follow each other.
    """

    @cache
    def path_of(file: str) -> str | None:
        return _relative_path(file, find_root)

    find_root = cache(_find_root)
    return lambda finding: path_of(finding.place)


def _relative_path(file: str, find_root: Callable[[str], str]) -> str | None:
    if "://" in file or not file:
        return None
    path = os.path.abspath(file)  # noqa: PTH100 - a link in the repository is a file of it
    root = find_root(os.path.dirname(path))  # noqa: PTH120
    try:
        real = os.path.realpath(path), os.path.realpath(root)
    except ValueError:  # no file has such a name
        return None
    for one, other in ((path, root), real):
        if _is_below(one, other):
            return PurePath(one).relative_to(other).as_posix()
    return None


def _find_root(folder: str) -> str:
    """Return the root of the repository that a folder is in.

    It is the outermost folder with `.git` within the folder that CI cloned into, as a submodule is no root of
    its own there. Elsewhere it is the nearest one above, and without any, the folder of CI or the working
    folder.
    """
    workspace = next((os.environ[name] for name in _WORKSPACES if os.environ.get(name)), "")
    workspace = os.path.abspath(workspace) if workspace else ""  # noqa: PTH100
    above = [folder, *map(str, PurePath(folder).parents)]
    if workspace:
        above = [each for each in above if each == workspace or _is_below(each, workspace)]
    roots = [each for each in above if os.path.lexists(os.path.join(each, ".git"))]  # noqa: PTH118
    if not roots:
        return workspace or os.getcwd()  # noqa: PTH109
    return roots[-1] if workspace else roots[0]


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)
