"""Files of a folder that nobody vouches for: no link is followed that leads out of it.

Folders are opened part by part (`openat`), so a link that takes the place of one meanwhile is not followed.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from operator import attrgetter
from pathlib import Path

from release.system.files import STRICT_FLAGS, read
from release.system.folders import NoFileError, no_file

#: The most links on one path, as Linux has it.
_MOST_LINKS = 40

#: The most folders that are kept open.
_MOST_OPEN = 64

_FOLDER = os.O_RDONLY | STRICT_FLAGS | os.O_DIRECTORY
_FILE = os.O_RDONLY | STRICT_FLAGS | os.O_NOCTTY


class Confinement(AbstractContextManager["Confinement"]):
    """A folder whose files are opened by paths below it, which have `/` between their parts.

    A link in such a path is followed if it leads to something that is below the folder and not hidden. One by
    an absolute path never is. The path of the folder itself may have any links. Without one it is the working
    folder.
    """

    def __init__(self, root: str) -> None:
        self._root = root or "."
        self._open: dict[str, int] = {}

    def __exit__(self, *_: object) -> None:
        while self._open:
            os.close(self._open.popitem()[1])

    def folder(self, path: str) -> int:
        """Return the handle of a folder below, open for a while.

        Raises:
            NoFileError: A link in the path leads out of the root, or to something hidden.
            OSError: It is no folder, or cannot be opened.
        """
        if (handle := self._open.get(path)) is not None:
            return handle
        if len(self._open) >= _MOST_OPEN:
            os.close(self._open.pop(next(iter(self._open))))
        handle = self._open[path] = _Walk(self._root).open(path)
        return handle

    def lstat(self, path: str) -> os.stat_result:
        """Return what the system says of a file below; a link at its end is not followed.

        Raises:
            NoFileError, OSError: As `folder`.
        """
        above, _, name = path.rpartition("/")
        return os.lstat(name, dir_fd=self.folder(above))

    def open(self, path: str) -> int:
        """Open a file below for reading; return its handle.

        A link at the end of its path is not followed, and a pipe not waited for.

        Raises:
            NoFileError, OSError: As `folder`; or the file is a link.
        """
        above, _, name = path.rpartition("/")
        handle = self._open.get(above)  # without a call, as files are many
        return os.open(name, _FILE, dir_fd=self.folder(above) if handle is None else handle)


def read_below(root: str, path: str, *, follow_links: bool = False) -> bytes:
    """Return the bytes of a regular file below a root; links on its path are followed as Confinement does.

    With `follow_links` they may lead anywhere. A pipe is not waited for.

    Raises:
        NoFileError: It is no regular file, or a link leads out of the root.
        OSError: It cannot be read.
    """
    if follow_links:
        file = f"{root or '.'}/{path}"
        if problem := no_file(Path(file).stat().st_mode):
            raise NoFileError(errno.EINVAL, problem, file)
        return read(file)
    handle = _Walk(root or ".").open(path, is_file=True)
    try:
        return b"".join(iter(partial(os.read, handle, 1 << 20), b""))
    finally:
        os.close(handle)


class _Walk:
    """A walk along one path from a root, which never leaves it."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._names: list[str] = []
        self._links = 0

    def open(self, path: str, *, is_file: bool = False) -> int:
        """Open the folder at a path, or the regular file; return its handle."""
        pending = [(part, path) for part in reversed(path.split("/"))]
        here = os.open(self._root, _FOLDER & ~os.O_NOFOLLOW)
        try:
            while pending:
                part, link = pending.pop()
                is_last = is_file and not pending
                if part in ("", "."):
                    continue
                if part == "..":
                    if not self._names:
                        raise _refuse(f"{self._root}/{link}", "leads out of the dataset's folder")
                    self._names.pop()
                    above = self._reopen()
                else:
                    about = os.lstat(part, dir_fd=here)
                    if stat.S_ISLNK(about.st_mode):
                        pending += self._follow(part, here)
                        continue
                    if is_last and (problem := no_file(about.st_mode)):
                        raise NoFileError(errno.EINVAL, problem, f"{self._root}/{path}")
                    above = os.open(part, _FILE if is_last else _FOLDER, dir_fd=here)
                    self._names.append(part)
                os.close(here)
                here = above
            if is_file and (problem := no_file(os.fstat(here).st_mode)):
                raise NoFileError(errno.EINVAL, problem, f"{self._root}/{path}")
        except BaseException:
            os.close(here)
            raise
        return here

    def _reopen(self) -> int:
        """Open the folder at the names that are left."""
        here = os.open(self._root, _FOLDER & ~os.O_NOFOLLOW)
        for name in self._names:
            try:
                below = os.open(name, _FOLDER, dir_fd=here)
            finally:
                os.close(here)
            here = below
        return here

    def _follow(self, part: str, here: int) -> list[tuple[str, str]]:
        """Return the parts of a link's target, the last one first, each with the path of the link."""
        link = "/".join([*self._names, part])
        target = os.readlink(part, dir_fd=here)
        self._links += 1
        if self._links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), f"{self._root}/{link}")
        parts = target.split("/")
        if target.startswith("/"):
            raise _refuse(f"{self._root}/{link}", "leads out of the dataset's folder")
        if any(each.startswith(".") and each not in (".", "..") for each in parts):
            raise _refuse(f"{self._root}/{link}", "leads to something hidden")
        return [(each, link) for each in reversed(parts)]


def _refuse(path: str, why: str) -> NoFileError:
    """Return the error of a link that is not followed. Its target is not named: others read the message."""
    problem = (
        f"is a symbolic link that {why}, expected a file or folder in it; --follow-links follows it"
    )
    return NoFileError(errno.EINVAL, problem, path)


#: The names of files by which a folder is known to be a store, or a release: it holds no records of its own.
_SKIPPED = (
    frozenset({"versions.json", "index.html"}),
    frozenset({"SHA256SUMS", "datapackage.json"}),
)


def walk(root: str, folder: str) -> Iterator[tuple[str, str | None]]:
    """List the files below a folder, which is below a root: path from the root, and problem or None.

    A folder is listed only if it has a problem. Hidden files and folders are skipped, and so are folders
    below that are a store or a release. A link to the folder is followed as Confinement does; links in it are
    listed as problems.
    """
    top = folder
    with Confinement(root) as below:
        pending = [folder]  # no recursion: folders may nest deeper than Python's stack
        while pending:
            folder = pending.pop()
            try:
                listing = _list(below.folder(folder))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except NoFileError as error:
                yield str(error.filename).removeprefix(f"{root or '.'}/"), str(error.strerror)
                continue
            except OSError as error:
                yield folder, f"cannot be listed: {error.strerror}, expected a folder of records"
                continue
            if folder != top and any(
                marks <= {entry.name for entry in listing} for marks in _SKIPPED
            ):
                continue
            start = f"{folder}/" if folder else ""
            for entry in listing:
                if entry.is_symlink():
                    yield start + entry.name, no_file(stat.S_IFLNK)
                elif entry.is_dir():  # of no link
                    pending.append(start + entry.name)
                else:
                    yield start + entry.name, None


def _list(folder: int) -> list[os.DirEntry[str]]:
    """List what is not hidden in a folder, sorted by name."""
    with os.scandir(folder) as entries:
        shown = [entry for entry in entries if not entry.name.startswith(".")]
    return sorted(shown, key=attrgetter("name"))
