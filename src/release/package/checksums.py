"""Read SHA256SUMS, the list of a release's files with their hashes; digest files."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from release.findings.finding import Finding, FindingsError
from release.findings.message import shown
from release.package.zip import Target
from release.system import files
from release.system.filenames import path_problem
from release.system.folders import Folder, NoFileError
from release.system.surroundings import ADVICE

SUMS = "SHA256SUMS"

#: A line of `sha256sum`: in text or binary mode, never with an escaped name.
_LINE = re.compile(r"([0-9a-f]{64}) ([ *])(.+)")


@dataclass(frozen=True, slots=True)
class FileDigest:
    """A file by its path, its size and its hash, `sha256:…`."""

    path: str
    bytes: int
    hash: str


def digest(path: Path, name: str) -> FileDigest:
    """Return the digest of a file, under a name.

    Raises:
        OSError: it cannot be read.
    """
    with files.open_regular(path) as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return FileDigest(name, file.tell(), f"sha256:{sha256}")


class SortedSums(Iterable[tuple[str, str]]):
    """The path and SHA-256 of each file of a release, sorted: its own ones around those of a folder.

    Those of the folder are not held in memory; they are iterated as often as these are.
    """

    def __init__(
        self, own: Mapping[str, Digest], of_folder: Iterable[tuple[str, str]], folder: str
    ) -> None:
        sums = [(path, own[path].sha256) for path in sorted(own)]
        self._before = [each for each in sums if each[0] < folder]
        self._after = [each for each in sums if each[0] > folder]
        self._of_folder = of_folder

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return chain(self._before, self._of_folder, self._after)


class Line(NamedTuple):
    """A line of SHA256SUMS: the SHA-256 of a file and its path; both are empty if the line is malformed."""

    number: int
    text: str
    sha256: str
    path: str

    @property
    def problem(self) -> str:
        """The reason why the line cannot be used; empty if it can."""
        return path_problem(self.path) if self.path else "is no line of sha256sum"

    @property
    def shown(self) -> str:
        """The name of the line in messages."""
        return shown(self.path or self.text)


def lines(text: str, modes: str = " ") -> Iterator[Line]:
    """Yield the lines of a SHA256SUMS, numbered from 1, malformed ones too.

    `modes` are the signs before a path that are taken: a space is text mode, `*` binary mode.
    """
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else (), 1):
        match = _LINE.fullmatch(line)
        if match and match[2] in modes:
            yield Line(number, line, match[1], match[3])
        else:
            yield Line(number, line, "", "")


def read(folder: Path) -> Mapping[str, str]:
    """Read the hashes, `sha256:…`, in the SHA256SUMS of a release, by path.

    Raises:
        FindingsError: it is not there, is empty, or a line is none of its kind.
    """
    path = folder / SUMS
    try:
        text = Folder.at(folder).read(SUMS).decode("utf-8")
    except NoFileError as error:
        found = Finding("not-a-file", SUMS, str(error.strerror), file=str(path))
        raise FindingsError([found]) from error
    except OSError as error:
        rule = "file-missing" if isinstance(error, FileNotFoundError) else "file-unreadable"
        message = f"{error.strerror}; every release has it"
        raise FindingsError([Finding(rule, SUMS, message, file=str(path))]) from error
    except UnicodeDecodeError as error:
        raise unusable("is not UTF-8, expected what sha256sum writes", path) from error
    if "\r\n" in text:
        message = f"has other line ends than it was released with; {ADVICE}"
        raise FindingsError([Finding("line-ends-rewritten", SUMS, message, file=str(path))])
    listed: dict[str, str] = {}
    for line in lines(text):
        problem = line.problem or ("stands there twice" if line.path in listed else "")
        if problem:
            raise unusable(f"{line.shown} {problem}", path, line.number)
        listed[line.path] = f"sha256:{line.sha256}"
    if not listed:
        raise unusable("is empty, expected a line for each file of the release", path)
    return listed


def unusable(message: str, file: Path | str, line: int = 0) -> FindingsError:
    """Return the error of a SHA256SUMS, read from a path or URL, that cannot be used."""
    at = 1 if line else 0
    return FindingsError([Finding("checksums-syntax", SUMS, message, line, at, file=str(file))])


#: So many bytes of a file are held at once.
_BLOCK = 1 << 18


class Digest(NamedTuple):
    """The content of a file: its size in bytes, its SHA-256 and its CRC-32."""

    bytes: int
    sha256: str
    crc: int


def of(path: Path) -> Digest:
    """Return the digest of a file, which is read once."""
    size, crc, sha256 = 0, 0, hashlib.sha256()
    block = memoryview(bytearray(_BLOCK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(block):
            size += count
            crc = zlib.crc32(block[:count], crc)
            sha256.update(block[:count])
    return Digest(size, sha256.hexdigest(), crc)


def sha256_of(*paths: Path) -> str:
    """Return the SHA-256 of a file, or of several in sequence."""
    found = hashlib.sha256()
    block = memoryview(bytearray(_BLOCK))
    for path in paths:
        with path.open("rb", buffering=0) as file:
            while count := file.readinto(block):
                found.update(block[:count])
    return found.hexdigest()


class Digesting:
    """A file for writing that digests the bytes on their way."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._sha256 = hashlib.sha256()
        self.bytes = 0

    def write(self, data: Any, /) -> None:
        """Write some bytes, and count them in."""
        self._target.write(data)
        self._sha256.update(data)
        self.bytes += len(data)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes that were written so far."""
        return self._sha256.hexdigest()
