"""Keep results between builds: chunks, locations of cells, and all findings.

The name of a file is the cache key: a fingerprint of all that the result depends on. A file that is damaged,
or that has the name of another one, is a cache miss. So a build gives the same bytes with a cache, without
one, and with a broken one.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, overload

from release.build.chunks.fingerprint import BuildContext
from release.findings import finding
from release.findings.errors import UsageError
from release.findings.finding import Finding
from release.system import files as system_files
from release.system import replacement

#: Files that no build has used for so many days are removed.
_DAYS = 30

#: The bytes of the SHA-256 that a file of values ends with.
DIGEST_BYTES = 32

#: A file that every build touches: its time is now, by the clock of the folder.
_NOW = ".now"

#: The names of the files of a cache, and of those that are being written.
_OWN = re.compile(r"[0-9a-f]{64}\.(chunk|locations|findings)|\.(writing|shared)-.*")


@dataclass(frozen=True, slots=True)
class CacheUsage:
    """The number of files in a cache, and their bytes."""

    folder: Path
    files: int
    bytes: int


def default_folder() -> Path:
    """Return the folder of the cache that no option names: XDG_CACHE_HOME/release, or ~/.cache/release.

    Raises:
        UsageError: the user has no home.
    """
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "release"
    try:
        return Path.home() / ".cache/release"
    except RuntimeError as error:
        message = "the user has no home for a cache: set XDG_CACHE_HOME, or give --cache"
        raise UsageError(message) from error


def make_chunk_folder(folder: Path) -> Path:
    """Make the folder of a cache's files, if it is missing, and return it.

    Raises:
        OSError: it cannot be made or written to.
    """
    chunks = folder / "chunks"
    chunks.mkdir(parents=True, exist_ok=True)
    (chunks / _NOW).touch()
    return chunks


def remove_old(chunks: Path) -> None:
    """Remove the files that no build has used for some weeks, by the clock of their folder."""
    oldest = (chunks / _NOW).stat().st_mtime - _DAYS * 86400
    with os.scandir(chunks) as files:
        for file in files:
            with suppress(OSError):  # another build may have removed it, or another user own it
                if _OWN.fullmatch(file.name) and file.stat().st_mtime < oldest:
                    os.unlink(file)  # noqa: PTH108 — many files, few of which are old


class CachedFindings(Sequence[Finding]):
    """The findings of a build that was a cache hit, in order; they stay in their file until they are used.

    The first line of the file has the number of findings, of errors, of notes and of records. Each other has
    some findings, by column. The SHA-256 of the file's name and all lines ends it. `file_of` returns the file
    that was read for a path in the release.
    """

    def __init__(self, data: mmap.mmap, file_of: Callable[[str], str]) -> None:
        self._data = data
        self._file_of = file_of
        self._length, self.errors, self.notes, self.records = json.loads(data.readline())
        self._start = data.tell()

    def __len__(self) -> int:
        return int(self._length)

    def __iter__(self) -> Iterator[Finding]:
        for columns in self._parts():
            for values in zip(*columns, strict=True):
                yield Finding(*values, file=self._file_of(values[1]))  # type: ignore[misc]

    def lines(self, words: Mapping[str, str]) -> Iterator[str]:
        """Return each finding as a line, with words for its severity."""
        for columns in self._parts():
            yield from finding.lines(columns, self._file_of, words)

    def _parts(self) -> Iterator[Sequence[list[Any]]]:
        """Read some findings at a time, by column."""
        end, at = len(self._data) - DIGEST_BYTES, self._start
        while at < end:
            self._data.seek(at)
            line = self._data.readline()
            at = self._data.tell()
            yield json.loads(line)

    @overload
    def __getitem__(self, at: int) -> Finding: ...
    @overload
    def __getitem__(self, at: slice) -> list[Finding]: ...
    def __getitem__(self, at: int | slice) -> Finding | list[Finding]:
        """Return one finding, or several."""
        if isinstance(at, slice):
            return list(self)[at]
        number = range(len(self))[at]
        return next(islice(self, number, None))


class FindingsCache:
    """The findings of builds by the cache keys of their chunks; without a cache folder it is always empty.

    `curated` are the SHA-256 of the files of curated tables, by path: findings name lines of these. `noticed`
    are the findings about files, from before any was read as a record.
    """

    def __init__(
        self,
        folder: Path | None,
        context: BuildContext,
        curated: Mapping[str, str],
        noticed: Iterable[Finding],
    ) -> None:
        self._folder = folder
        self._fingerprint = hashlib.sha256(context.fingerprint())
        others = [sorted(curated.items()), [replace(finding, file="") for finding in noticed]]
        self._fingerprint.update(repr(others).encode("utf-8", "backslashreplace"))

    def _path(self, keys: Sequence[str]) -> Path | None:
        """Return the file for the chunks of some cache keys, None without a cache."""
        if self._folder is None:
            return None
        key = self._fingerprint.copy()
        key.update("\n".join(keys).encode())
        return self._folder / "chunks" / f"{key.hexdigest()}.findings"

    def find(
        self, keys: Sequence[str | None], file_of: Callable[[str], str]
    ) -> CachedFindings | None:
        """Find the findings of chunks by their cache keys; None if one of these, or the file, is missing."""
        known = [key for key in keys if key is not None]
        path = self._path(known) if len(known) == len(keys) else None
        data = read_values(path) if path is not None else None
        if path is None or data is None:
            return None
        for used in (path, *(path.with_name(key) for key in known)):
            system_files.touch(used)  # the cache removes files that were not used for long
        return CachedFindings(data, file_of)

    def store(
        self,
        keys: Sequence[str],
        counts: Sequence[int],
        columns: Iterable[Sequence[list[Any]]],
    ) -> None:
        """Store the findings of chunks, by column, in parts; `counts`: all, errors, notes, records."""
        if (path := self._path(keys)) is not None:
            write_values(path, chain([list(counts)], columns))


def write_values(path: Path, values: Iterable[Any]) -> None:
    """Write values to a file as lines of JSON; if that fails, the next build finds none."""
    with suppress(OSError), replacement.replacing(path) as file:
        file.writelines(_lines(path.name, values))


def read_values(path: Path) -> mmap.mmap | None:
    """Map the file of values into memory; None if it is missing or damaged."""
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
    with memoryview(data) as view:
        digest = hashlib.sha256(path.name.encode())
        digest.update(view[:-DIGEST_BYTES])
        return data if digest.digest() == view[-DIGEST_BYTES:] else None


def _lines(name: str, values: Iterable[Any]) -> Iterator[bytes]:
    """Serialize values line by line. The SHA-256 at the end covers the name: the file fits no other."""
    import orjson

    digest = hashlib.sha256(name.encode())
    for value in values:
        line = orjson.dumps(value) + b"\n"
        digest.update(line)
        yield line
    yield digest.digest()


def usage(folder: Path) -> CacheUsage:
    """Count the files of a cache and their bytes."""
    sizes = []
    for path in _own(folder):
        with suppress(FileNotFoundError):  # another command may have removed it
            sizes += [path.stat().st_size] if not path.name.startswith(".") else []
    return CacheUsage(folder, len(sizes), sum(sizes))


def clear(folder: Path) -> CacheUsage:
    """Remove all files of a cache; return what they were."""
    found = usage(folder)
    for path in _own(folder):
        path.unlink(missing_ok=True)
    return found


def _own(folder: Path) -> list[Path]:
    """List the files of a cache; other files in its folder are somebody else's."""
    return [path for path in (folder / "chunks").glob("*") if _OWN.fullmatch(path.name)]
