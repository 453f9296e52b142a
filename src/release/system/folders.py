"""Files in a folder from elsewhere: no link is followed, no pipe waited for, nothing outside is read."""

from __future__ import annotations

import errno
import io
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from release.findings.message import shown
from release.system.files import MOST_READ, STRICT_FLAGS, read_open


class NoFileError(OSError):
    """A link, a pipe, a device or a folder stands where a regular file is expected."""


def no_file(mode: int) -> str:
    """Return why something is not a regular file, by its mode; an empty text where it is one."""
    if stat.S_ISLNK(mode):
        return "is a symbolic link, expected a regular file or folder"
    return "" if stat.S_ISREG(mode) else "is no regular file, expected one"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder whose files are read by paths below it, which have `/` between their parts and no `..`."""

    root: str
    _folders: set[str] = field(default_factory=set, compare=False, repr=False)

    @classmethod
    def at(cls, path: Path) -> Folder:
        """Return the folder at a path, which may itself be a link."""
        return cls(str(path))

    def stat(self, path: str) -> os.stat_result:
        """Return what the system says of a regular file.

        Raises:
            NoFileError: something else stands there, or the path leads through a link.
            OSError: nothing stands there, or it cannot be reached.
        """
        self._refuse_links(path.rpartition("/")[0])
        about = os.lstat(f"{self.root}/{path}")
        if problem := no_file(about.st_mode):
            raise NoFileError(errno.EINVAL, problem, f"{self.root}/{path}")
        return about

    def _refuse_links(self, folder: str) -> None:
        """Refuse a path through a link; each folder is looked at once."""
        if not folder or folder in self._folders:
            return
        self._refuse_links(folder.rpartition("/")[0])
        if stat.S_ISLNK(os.lstat(f"{self.root}/{folder}").st_mode):
            problem = no_file(stat.S_IFLNK)
            raise NoFileError(errno.EINVAL, problem, f"{self.root}/{folder}")
        self._folders.add(folder)

    def open(self, path: str) -> io.FileIO:
        """Open a regular file for reading; a pipe that took its place meanwhile is not waited for.

        Raises:
            NoFileError, OSError: as `stat`.
        """
        self.stat(path)
        name = f"{self.root}/{path}"
        file = open(name, "rb", buffering=0, opener=_opened)  # noqa: SIM115 — the caller closes it
        if problem := no_file(os.fstat(file.fileno()).st_mode):
            file.close()
            raise NoFileError(errno.EINVAL, problem, name)
        return file

    def read(self, path: str, most: int = MOST_READ) -> bytes:
        """Return the content of a regular file.

        Raises:
            NoFileError, OSError: as `stat`; or the file has more than `most` bytes.
        """
        with self.open(path) as file:
            return read_open(file, most)


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | STRICT_FLAGS)


def explain_emptiness(root: Path, folder: str) -> str:
    """Explain why there are no files below a folder, by the first part of its path that is missing."""
    whole = Path(folder)
    for path in (*reversed(whole.parents), whole):
        if os.path.isdir(root / path):  # noqa: PTH112 — no error where it cannot be reached
            continue
        if os.path.lexists(root / path):
            return f"{shown(str(path))} is no folder"
        near = _find_similar(root / path.parent, path.name)
        return f"there is no folder {shown(str(path))}" + (
            f", but {shown(near)} is there" if near else ""
        )
    hidden = _find_hidden(root / folder)
    if hidden:
        return f"its folder has hidden files only, such as {shown(hidden)}"
    return f"the folder {shown(folder)} has no files" if folder else "its folder has no other files"


def _find_similar(folder: Path, name: str) -> str:
    """Return the name in a folder that is most like another name, upper and lower case taken as one."""
    try:
        names = {entry.casefold(): entry for entry in sorted(os.listdir(folder))}  # noqa: PTH208
    except OSError:
        return ""
    from difflib import get_close_matches  # only a fault needs it

    near = get_close_matches(name.casefold(), names, 1, 0.75)
    return names[near[0]] if near else ""


def _find_hidden(folder: Path) -> str:
    """Return the name of a hidden file or folder in a folder; empty if there is none."""
    try:
        return min((name for name in os.listdir(folder) if name.startswith(".")), default="")  # noqa: PTH208
    except OSError:
        return ""


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(
        os.lstat(f"{parent}/{name}").st_size
        for parent, _, names in os.walk(folder)
        for name in names
    )
