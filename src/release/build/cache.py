"""Keep chunk files, locations of findings, and all findings between builds.

A file is named by the digest of all that it was made from, so it is either right or not there; a damaged
one, or one under the name of another, is made again. So a build gives the same bytes with a cache, without,
and with a broken one.
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

from release import findings
from release.build.chunks.fingerprint import Work
from release.errors import UsageError
from release.findings import Finding
from release.system import files as system_files

#: Files that no build has used for so long are removed.
_DAYS = 30

#: What such a file ends with.
DIGEST_BYTES = 32

#: A file that every build touches.
_NOW = ".now"

#: The names of what is kept, and of what is being written.
_OWN = re.compile(r"[0-9a-f]{64}\.(chunk|places|answer)|\.(writing|shared)-.*")


@dataclass(frozen=True, slots=True)
class Usage:
    """The number and size of a cache's files."""

    folder: Path
    files: int
    bytes: int


def default_folder() -> Path:
    """Return the folder of the cache unless another is given: XDG_CACHE_HOME, or ~/.cache.

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


def chunk_folder(folder: Path) -> Path:
    """Return the folder of a cache's chunks; make it if it is missing.

    Raises:
        OSError: it cannot be made, or not be written to.
    """
    chunks = folder / "chunks"
    chunks.mkdir(parents=True, exist_ok=True)
    (chunks / _NOW).touch()
    return chunks


def remove_old(chunks: Path) -> None:
    """Remove the files that no build has used for long, by the clock of the folder that they stand in."""
    oldest = (chunks / _NOW).stat().st_mtime - _DAYS * 86400
    with os.scandir(chunks) as files:
        for file in files:
            with suppress(OSError):  # another build may have removed it, or another user own it
                if _OWN.fullmatch(file.name) and file.stat().st_mtime < oldest:
                    os.unlink(file)  # noqa: PTH108 — many files, few of which are old


class CachedFindings(Sequence[Finding]):
    """All findings of just these chunks, in order; they stay in a file and are made as they are asked for.

    The file has how many there are and how many of them are errors, then some findings in each line, by
    column, then the SHA-256 of its name and it all. `file_of` tells where the file of a path in the release
    was read.
    """

    def __init__(self, data: mmap.mmap, file_of: Callable[[str], str]) -> None:
        self._data = data
        self._file_of = file_of
        self._length, self.errors = json.loads(data.readline())
        self._start = data.tell()

    def __len__(self) -> int:
        return int(self._length)

    def __iter__(self) -> Iterator[Finding]:
        for columns in self._parts():
            for values in zip(*columns, strict=True):
                yield Finding(*values, file=self._file_of(values[1]))  # type: ignore[misc]

    def lines(self, words: Mapping[str, str]) -> Iterator[str]:
        """Yield each finding as a line, with words for its severity."""
        for columns in self._parts():
            yield from findings.lines(columns, self._file_of, words)

    def _parts(self) -> Iterator[Sequence[list[Any]]]:
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


class Answers:
    """The stored findings of a run of chunks; nothing is stored without a cache.

    `curated` are the SHA-256 of the curated tables' files, by path: findings name lines of these. `noticed`
    is what was wrong with files before any was read as a record.
    """

    def __init__(
        self,
        folder: Path | None,
        work: Work,
        curated: Mapping[str, str],
        noticed: Iterable[Finding],
    ) -> None:
        self._folder = folder
        self._before = hashlib.sha256(work.digest())
        told = [sorted(curated.items()), [replace(finding, file="") for finding in noticed]]
        self._before.update(repr(told).encode("utf-8", "backslashreplace"))

    def _path(self, names: Sequence[str]) -> Path | None:
        if self._folder is None:
            return None
        whole = self._before.copy()
        whole.update("\n".join(names).encode())
        return self._folder / "chunks" / f"{whole.hexdigest()}.answer"

    def find(
        self, names: Sequence[str | None], file_of: Callable[[str], str]
    ) -> CachedFindings | None:
        """Find the stored findings of chunks, by their cache keys; None on a cache miss."""
        known = [name for name in names if name is not None]
        path = self._path(known) if len(known) == len(names) else None
        data = kept(path) if path is not None else None
        if path is None or data is None:
            return None
        for used in (path, *(path.with_name(name) for name in known)):
            system_files.touch(used)  # the cache removes what has not been used for long
        return CachedFindings(data, file_of)

    def keep(
        self,
        names: Sequence[str],
        count: int,
        errors: int,
        found: Iterable[Sequence[list[Any]]],
    ) -> None:
        """Keep what was found, so many findings in parts by column, for the next build."""
        if (path := self._path(names)) is not None:
            keep(path, chain([[count, errors]], found))


def keep(path: Path, values: Iterable[Any]) -> None:
    """Keep values in a file, as lines of JSON; where that cannot be, they will be looked for again."""
    with suppress(OSError), system_files.replacing(path) as file:
        file.writelines(_lines(path.name, values))


def kept(path: Path) -> mmap.mmap | None:
    """Return a file of values, mapped into memory; None if it is missing or not as it was written."""
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
    """Yield the lines of a file of values, with a digest of them and of its name at the end."""
    import orjson

    digest = hashlib.sha256(name.encode())
    for value in values:
        line = orjson.dumps(value) + b"\n"
        digest.update(line)
        yield line
    yield digest.digest()


def usage(folder: Path) -> Usage:
    """Count the files of a cache, and their bytes."""
    sizes = []
    for path in _own(folder):
        with suppress(FileNotFoundError):  # another command may have removed it
            sizes += [path.stat().st_size] if not path.name.startswith(".") else []
    return Usage(folder, len(sizes), sum(sizes))


def clear(folder: Path) -> Usage:
    """Remove all that a cache holds; what that was."""
    held = usage(folder)
    for path in _own(folder):
        path.unlink(missing_ok=True)
    return held


def _own(folder: Path) -> list[Path]:
    """Return the files of a cache; other files in its folder belong to somebody else."""
    return [path for path in (folder / "chunks").glob("*") if _OWN.fullmatch(path.name)]
