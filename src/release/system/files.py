"""Read and write files on this machine, and behind URLs through fsspec."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from release.findings.errors import ReleaseError, UsageError
from release.system import replacement

#: The number of files behind URLs that are read at the same time: an object store takes long for one answer,
#: but gives many at once.
_AT_ONCE = 128

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")

#: Errors that say that a file is missing or may not be read. After any other, a later attempt may succeed.
_ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)


@dataclass(frozen=True, slots=True)
class Url:
    """A file behind a URL, and its size in bytes if a listing gave it."""

    text: str
    size: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return self.text

    def read_bytes(self) -> bytes:
        """Return the bytes of the file; the errors are those of `read_all`."""
        return next(read_all([self]))


#: A file on this machine, or behind a URL.
File = Path | Url


def is_url(text: str) -> bool:
    """Return whether a text is a URL and not a path."""
    return _URL.match(text) is not None


def join(folder: str, name: str) -> File:
    """Return a file in a folder; both are on this machine, or behind a URL."""
    return Url(f"{folder.rstrip('/')}/{name}") if is_url(folder) else Path(folder) / name


def make_absolute(text: str) -> str:
    """Return a URL as it is, or an absolute path for a path or `file://` URL."""
    if text.startswith("file://"):
        text = _resolve(text)[1]
    return text if is_url(text) else str(Path.cwd() / text)


def list_files(folder: str) -> Iterator[tuple[Url, str | None]]:
    """Yield the files below a folder behind a URL, sorted, each with what is wrong with it, or None.

    Hidden files are skipped and links are not followed, as on this machine. A missing folder has no files.

    Raises:
        UsageError: The folder cannot be listed.
    """
    _, _, path = folder.partition("://")
    if not path.strip("/") or "::" in folder:
        raise UsageError(f"{folder}: expected a URL with a folder before the first capture")
    system, root = _resolve(folder)
    found: dict[str, Any] = {}
    with _converting(UsageError, f"{folder}: cannot be listed"), suppress(FileNotFoundError):
        system.invalidate_cache()
        found = system.find(root, detail=True)
    prefix = root.rstrip("/") + "/"
    for name in sorted(found):
        path = name.removeprefix(prefix)
        if name.startswith(prefix) and not any(part.startswith(".") for part in path.split("/")):
            about = found[name]
            yield Url(f"{folder.rstrip('/')}/{path}", about.get("size")), _type_problem(about)


def _type_problem(about: dict[str, Any]) -> str | None:
    """Return why an entry of a listing is no regular file; None if it is one."""
    if about.get("islink"):
        return "is a symbolic link, expected a regular file or folder"
    return None if about.get("type", "file") == "file" else "is no regular file, expected one"


def read_all(urls: Iterable[Url]) -> Iterator[bytes]:
    """Yield the bytes of each file behind a URL, in order; many are read at a time.

    Raises:
        OSError: A file is missing or may not be read.
        ReleaseError: A file cannot be reached.
    """
    for _, answer in read_urls(urls):
        if isinstance(answer, OSError):
            raise answer
        yield answer


#: Flags to open a file without following a link, waiting for a pipe, or (on Windows) translating line ends.
STRICT_FLAGS = sum(
    getattr(os, f"O_{flag}", 0) for flag in ("CLOEXEC", "NOFOLLOW", "NONBLOCK", "BINARY")
)


#: The most bytes of a file that is read as a whole, such as a list of files.
MOST_READ = 1 << 29


def read(path: Path | str, most: int = MOST_READ) -> bytes:
    """Return the bytes of a regular file on this machine; links are followed.

    Raises:
        OSError: There is no such file, it is not a regular one or has more than `most` bytes; a pipe is not
            waited for.
    """
    with open_regular(path) as file:
        return read_open(file, most)


def digest(place: str) -> str:
    """Return the SHA-256 of a file of this machine, or of one behind a URL.

    Raises:
        OSError: It cannot be read.
        ReleaseError: What is behind the URL cannot be reached.
    """
    data = Url(place).read_bytes() if is_url(place) else read(place)
    return hashlib.sha256(data).hexdigest()


def read_open(file: io.FileIO, most: int = MOST_READ) -> bytes:
    """Return the bytes of an open file.

    Raises:
        OSError: It has more than `most` bytes, or cannot be read.
    """
    size = os.fstat(file.fileno()).st_size
    if size > most:
        message = f"it has {size:,} bytes, expected at most {most:,}"
        raise OSError(errno.EOVERFLOW, message, str(file.name))
    return file.readall()


def open_regular(path: Path | str) -> io.FileIO:
    """Open a regular file on this machine for reading; links are followed, and the caller closes it.

    Raises:
        OSError: There is no such file, or it is not a regular one; a pipe is not waited for.
    """
    file = open(path, "rb", buffering=0, opener=_open_nonblocking)  # noqa: SIM115
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return file


def _open_nonblocking(path: str, flags: int) -> int:
    """Open a file without waiting for a pipe; links are followed."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_urls(urls: Iterable[Url]) -> Iterator[tuple[Url, bytes | OSError]]:
    """Yield each URL with its file's bytes, or with the error if the file is missing or may not be read.

    Raises:
        ReleaseError: A file cannot be reached now.
    """
    for _, of_one_host in groupby(urls, key=lambda url: url.text.split("/", 3)[:3]):
        group = list(of_one_host)
        system, _ = _resolve(group[0].text)
        for start in range(0, len(group), _AT_ONCE):
            some = group[start : start + _AT_ONCE]
            paths = [system._strip_protocol(url.text) for url in some]
            nothing = [None] * len(some)
            answers = system.cat_ranges(paths, nothing, nothing, on_error="return")
            for url, answer in zip(some, answers, strict=True):
                if isinstance(answer, BaseException) and not isinstance(answer, _ABSENT):
                    raise ReleaseError(f"{url}: cannot be read: {_reason(answer)}") from answer
                yield url, answer


def make_folder(folder: str) -> None:
    """Make a folder, on this machine or behind a URL, if there is none.

    Raises:
        UsageError: The folder cannot be made.
    """
    with _converting(UsageError, f"{folder}: cannot be made"):
        if is_url(folder):
            system, path = _resolve(folder)
            system.makedirs(path, exist_ok=True)
        else:
            Path(folder).mkdir(parents=True, exist_ok=True)


def write(target: File, *parts: Any, mode: int = 0o600) -> None:
    """Write one file of these parts; it is complete or does not exist.

    `mode` are the permissions of a file on this machine.

    Raises:
        OSError: The file cannot be written on this machine.
        ReleaseError: The file cannot be written behind its URL.
    """
    if isinstance(target, Url):
        system, path = _resolve(target.text)
        with _converting(ReleaseError, f"{target}: cannot be written"):
            system.pipe_file(path, b"".join(parts))
        return
    with replacement.replacing(target, mode) as file:
        file.writelines(parts)


def remove(file: File) -> None:
    """Remove a file; do nothing if it is missing or may not be removed."""
    with suppress(Exception):  # each file system has errors of its own, and nothing depends on this
        if isinstance(file, Url):
            system, path = _resolve(file.text)
            system.rm_file(path)
        else:
            file.unlink()


def touch(file: File) -> None:
    """Set the time of a file on this machine to now, to show that it is still used."""
    if isinstance(file, Path):
        with suppress(OSError):  # another user's, or gone: whoever needs it will see
            os.utime(file)


#: The extra that installs what URLs of a scheme need, and the library that fsspec reads them with.
_EXTRAS = {
    "s3": ("s3", "s3fs"),
    "s3a": ("s3", "s3fs"),
    "gs": ("gcs", "gcsfs"),
    "gcs": ("gcs", "gcsfs"),
    "az": ("azure", "adlfs"),
    "abfs": ("azure", "adlfs"),
    "abfss": ("azure", "adlfs"),
    "http": ("http", "aiohttp"),
    "https": ("http", "aiohttp"),
}


def _resolve(url: str) -> tuple[Any, str]:
    """Return the fsspec file system of a URL, and the path in it.

    Raises:
        UsageError: fsspec or what it reads such URLs with is not installed, or it does not know them.
    """
    scheme = url.partition(":")[0]
    extra, library = _EXTRAS.get(scheme, ("", ""))
    install = f"pip install 'records-release[{extra}]'" if extra else "pip install fsspec"
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        message = f"URLs need fsspec, which is not installed: {install}"
        raise UsageError(f"{url}: {message}") from error
    with _converting(UsageError, url):
        try:
            system, path = url_to_fs(url)
        except ImportError as error:
            if not extra:
                raise  # fsspec says what is missing
            message = f"{scheme}:// needs {library}, which is not installed: {install}"
            raise UsageError(f"{url}: {message}") from error
        return system, path


@contextmanager
def _converting(kind: type[ReleaseError], message: str) -> Iterator[None]:
    """Turn any error into one of the type `kind`: each file system has error types of its own."""
    try:
        yield
    except ReleaseError:
        raise
    except Exception as error:
        raise kind(f"{message}: {_reason(error)}") from error


def _reason(error: BaseException) -> str:
    """Return the message of an error in one line; its type if it has none."""
    return " ".join(str(error).split()) or type(error).__name__
