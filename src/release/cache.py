"""What is kept between builds: chunk files, and the places of findings.

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
from release.findings import Finding

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
    """What a cache keeps of the joined tables of a build's chunks; nothing where there is no cache.

    `curated` are the SHA-256 of the curated tables' files, by path.

    What was found is kept for just these chunks, and for those to come the places of what was found: by the
    SHA-256 of the record's file and the finding without its place.
    """

    def __init__(
        self,
        folder: Path | None,
        work: Work,
        paths: Sequence[str],
        curated: Mapping[str, str],
    ) -> None:
        self._findings: Path | None = None
        if folder is not None:
            chunks, digest = chunk_folder(folder), work.digest()
            whole = hashlib.sha256(digest)
            for path in paths:
                whole.update(Path(path).name.encode())
            for path, sha256 in sorted(curated.items()):  # findings name lines of these files
                whole.update(f"{path}\0{sha256}\0".encode())
            self._findings = chunks / f"{whole.hexdigest()}.findings"
            self._places = chunks / f"{digest.hex()}.places"

    def findings(self) -> list[Finding] | None:
        """What was found in the joined tables of the same chunks; None where that is not known."""
        if self._findings is None or not scratch.is_whole(self._findings):
            return None
        (table,) = scratch.read(self._findings)
        return scratch.to_findings(table)

    def places(self) -> dict[tuple[str, Finding], Finding]:
        """The places that the last build found."""
        if self._findings is None or not scratch.is_whole(self._places):
            return {}
        digests, asked, found = scratch.read(self._places)
        keys = zip(digests["sha256"].to_pylist(), scratch.to_findings(asked), strict=True)
        return dict(zip(keys, scratch.to_findings(found), strict=True))

    def keep(
        self, findings: Sequence[Finding], places: Mapping[tuple[str, Finding], Finding]
    ) -> None:
        """Keep both for the next build."""
        if self._findings is None:
            return
        scratch.write([scratch.from_findings(findings)], self._findings)
        digests = pa.table({"sha256": pa.array([digest for digest, _ in places], pa.string())})
        asked = scratch.from_findings([finding for _, finding in places])
        scratch.write([digests, asked, scratch.from_findings(list(places.values()))], self._places)


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
