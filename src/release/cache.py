"""What is kept between builds: chunk files, places of findings, and what whole tables showed.

A chunk's file is named by the digest of all that it was made from, so it is either right or not there; a
damaged one is made again. So a build gives the same bytes with a cache, without, and with a broken one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from release import scratch
from release.chunks import Work

#: Files that no build has used for so long are removed.
_DAYS = 30


@dataclass(frozen=True, slots=True)
class Usage:
    """What a cache holds."""

    folder: Path
    files: int
    bytes: int


def default_folder() -> Path:
    """Where the cache stands unless told otherwise: XDG_CACHE_HOME, or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "release"


def chunk_folder(folder: Path) -> Path:
    """Where the chunks of a cache stand; made where it is missing, old files in it are removed."""
    chunks = folder / "chunks"
    chunks.mkdir(parents=True, exist_ok=True)
    now = chunks / ".now"
    now.touch()
    oldest = now.stat().st_mtime - _DAYS * 86400
    for path in chunks.iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
    return chunks


class Results:
    """What was found in the joined tables of just these chunks; nothing where there is no cache.

    `curated` are the SHA-256 of the curated tables' files, by path.
    """

    def __init__(
        self,
        folder: Path | None,
        work: Work,
        paths: Sequence[str],
        curated: Mapping[str, str],
    ) -> None:
        self._path: Path | None = None
        if folder is not None:
            whole = hashlib.sha256(work.digest())
            for path in paths:
                whole.update(Path(path).name.encode())
            for path, sha256 in sorted(curated.items()):  # findings name lines of these files
                whole.update(f"{path}\0{sha256}\0".encode())
            self._path = chunk_folder(folder) / f"{whole.hexdigest()}.findings"

    def findings(self) -> list[pa.Table] | None:
        """What was found; None where that is not known."""
        if self._path is None or not scratch.is_whole(self._path):
            return None
        return list(scratch.read(self._path))

    def keep(self, findings: Sequence[pa.Table]) -> None:
        """Keep it for the next build."""
        if self._path is not None:
            scratch.write([pa.concat_tables(findings)], self._path)


def usage(folder: Path) -> Usage:
    """What a cache holds."""
    files = [path for path in (folder / "chunks").glob("[!.]*") if path.is_file()]
    return Usage(folder, len(files), sum(path.stat().st_size for path in files))


def clear(folder: Path) -> Usage:
    """Remove all that a cache holds; what that was."""
    held = usage(folder)
    for path in (folder / "chunks").glob("*"):
        path.unlink(missing_ok=True)
    return held
