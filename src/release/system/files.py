"""Files on this machine, and files behind a URL, which fsspec reaches."""

from __future__ import annotations

import errno
import io
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import IO, Any

from release.errors import FORBIDDEN, NO_ROOM, ReleaseError, UsageError

#: So many files behind URLs are read at once: an object store answers late, and many at a time.
_AT_ONCE = 128

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")

#: What says that there is no such file, or none that may be read. Any other error may pass.
_ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)


@dataclass(frozen=True, slots=True)
class Url:
    """A file behind a URL; its size in bytes where a listing told it."""

    text: str
    size: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return self.text

    def read_bytes(self) -> bytes:
        """What is in the file.

        Raises:
            OSError: there is no such file.
            ReleaseError: it cannot be reached.
        """
        return next(read_all([self]))


#: A file: a path where it is on this machine.
File = Path | Url


def is_url(text: str) -> bool:
    """Whether a text is a URL and no path."""
    return _URL.match(text) is not None


def join(folder: str, name: str) -> File:
    """A file in a folder."""
    return Url(f"{folder.rstrip('/')}/{name}") if is_url(folder) else Path(folder) / name


def make_absolute(text: str) -> str:
    """A folder or file as every working folder knows it; `file://` is left out."""
    if text.startswith("file://"):
        text = _resolve(text)[1]
    return text if is_url(text) else str(Path.cwd() / text)


def list_files(folder: str) -> Iterator[tuple[Url, str | None]]:
    """The files below a folder behind a URL, by URL, and what is wrong with one.

    Hidden files are none of ours, and links are not followed, as on this machine.

    Raises:
        UsageError: the folder cannot be listed.
    """
    _, _, path = folder.partition("://")
    if not path.strip("/") or "::" in folder:
        raise UsageError(f"{folder}: expected a URL with a folder before the first capture")
    system, root = _resolve(folder)
    try:
        system.invalidate_cache()
        found = system.find(root, detail=True)
    except FileNotFoundError:
        return
    except Exception as error:  # each system has errors of its own
        raise UsageError(f"{folder}: cannot be listed: {_reason(error)}") from error
    prefix = root.rstrip("/") + "/"
    for name in sorted(found):
        path = name.removeprefix(prefix)
        if name.startswith(prefix) and not any(part.startswith(".") for part in path.split("/")):
            about = found[name]
            yield Url(f"{folder.rstrip('/')}/{path}", about.get("size")), _type_problem(about)


def _type_problem(about: dict[str, Any]) -> str | None:
    if about.get("islink"):
        return "is a symbolic link, expected a regular file or folder"
    return None if about.get("type", "file") == "file" else "is no regular file, expected one"


def read_all(files: Iterable[File]) -> Iterator[bytes]:
    """What is in each file, in order; those behind URLs are read many at a time.

    Raises:
        OSError: there is no such file.
        ReleaseError: it cannot be reached.
    """
    rest = iter(files)
    while some := list(islice(rest, _AT_ONCE)):
        behind = read_urls([file for file in some if isinstance(file, Url)])
        for one in some:
            data = behind[one] if isinstance(one, Url) else read(one)
            if isinstance(data, OSError):
                raise data
            yield data


#: How a file is opened: a link is not followed, a pipe not waited for; on Windows nothing is translated.
STRICT_FLAGS = sum(
    getattr(os, f"O_{flag}", 0) for flag in ("CLOEXEC", "NOFOLLOW", "NONBLOCK", "BINARY")
)


def read(path: Path | str) -> bytes:
    """What is in a regular file of this machine, or one that a link leads to; no other is waited for.

    Raises:
        OSError: there is no such file, or it is none.
    """
    with open_regular(path) as file:
        return file.readall()


def open_regular(path: Path | str) -> io.FileIO:
    """A regular file of this machine, or one that a link leads to, to read from.

    Raises:
        OSError: there is no such file, or it is none.
    """
    file = open(path, "rb", buffering=0, opener=_open_nonblocking)  # noqa: SIM115 — the caller closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return file


def _open_nonblocking(path: str, flags: int) -> int:
    """Open a file, or what a link leads to; a pipe that took its place is not waited for."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_urls(urls: Sequence[Url]) -> dict[Url, bytes | OSError]:
    """What is in files behind URLs, or why there is nothing.

    Raises:
        ReleaseError: one cannot be reached, which may pass.
    """
    found: dict[Url, bytes | OSError] = {}
    for _, same in groupby(urls, key=lambda url: url.text.split("/", 3)[:3]):
        group = list(same)
        system, _ = _resolve(group[0].text)
        paths = [system._strip_protocol(url.text) for url in group]
        for start in range(0, len(group), _AT_ONCE):
            some = paths[start : start + _AT_ONCE]
            nothing = [None] * len(some)
            answers = system.cat_ranges(some, nothing, nothing, on_error="return")
            for url, answer in zip(group[start:], answers, strict=False):
                if isinstance(answer, BaseException) and not isinstance(answer, _ABSENT):
                    raise ReleaseError(f"{url}: cannot be read: {_reason(answer)}") from answer
                found[url] = answer
    return found


def make_folder(folder: str) -> None:
    """Make a folder, if it is not there.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        if is_url(folder):
            system, path = _resolve(folder)
            system.makedirs(path, exist_ok=True)
        else:
            Path(folder).mkdir(parents=True, exist_ok=True)
    except UsageError:
        raise
    except Exception as error:  # each system has errors of its own
        raise UsageError(f"{folder}: cannot be made: {_reason(error)}") from error


def write(place: File, *parts: Any, mode: int = 0o600) -> None:
    """Write bytes, one after the other, as a file, whole or not at all.

    `mode` are the permissions of a file on this machine.

    Raises:
        ReleaseError: it is behind a URL and cannot be written.
    """
    if isinstance(place, Url):
        system, path = _resolve(place.text)
        try:
            system.pipe_file(path, b"".join(parts))
        except Exception as error:  # each system has errors of its own
            raise ReleaseError(f"{place}: cannot be written: {_reason(error)}") from error
        return
    with replacing(place, mode) as target:
        target.writelines(parts)


#: What is being written has a name of this kind until it is whole.
TEMPORARY_PREFIX = ".writing-"


@contextmanager
def replacing(place: Path, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """A file to write to, which comes to its place on this machine when that is done: whole or not at all.

    Raises:
        OSError: it cannot be written; the error says where.
    """
    import tempfile

    handle, name = tempfile.mkstemp(dir=place.parent, prefix=TEMPORARY_PREFIX)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            temporary.chmod(mode)
            yield target
        temporary.replace(place)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        # writing does not tell where, and moving to its place tells of what nobody knows
        if isinstance(error, OSError) and error.filename in (None, name):
            raise OSError(error.errno, error.strerror, str(place)) from error
        raise


@contextmanager
def naming_full_disk(place: Path | str) -> Iterator[None]:
    """Let an error of a disk that is full say which, where it tells no file.

    Raises:
        OSError: as it came, with a place.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM or error.filename is not None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(place)) from error


@contextmanager
def naming_forbidden(place: Path) -> Iterator[None]:
    """Let an error tell that a place which was named may not be written, and not what is made on the way.

    Raises:
        UsageError: it may not.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FORBIDDEN:
            raise
        raise UsageError(f"{place}: cannot be written: {error.strerror}") from error


def remove(place: File) -> None:
    """Remove a file, if it is there and may be removed."""
    try:
        if isinstance(place, Url):
            system, path = _resolve(place.text)
            system.rm_file(path)
        else:
            place.unlink()
    except Exception:  # noqa: BLE001, S110 — each system has errors of its own; nothing rests on it
        pass


def touch(place: File) -> None:
    """Note that a file is still used, where its system notes that, if it is there."""
    if isinstance(place, Path):
        with suppress(OSError):  # another build's, or gone: who needs it will see
            os.utime(place)


def _resolve(url: str) -> tuple[Any, str]:
    """The system that a URL is of, and the path there."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        message = "URLs need fsspec, which is not installed: pip install 'release[dask]'"
        raise UsageError(f"{url}: {message}") from error
    try:
        system, path = url_to_fs(url)
    except Exception as error:  # each system has errors of its own
        raise UsageError(f"{url}: {_reason(error)}") from error
    return system, path


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
