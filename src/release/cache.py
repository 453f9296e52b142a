"""What is kept between builds: chunk files, and the places of findings.

A chunk's file is named by the digest of all that it was made from, so it is either right or not there; a
damaged one is made again. So a build gives the same bytes with a cache, without, and with a broken one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
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


def places(folder: Path | None, work: Work) -> dict[tuple[str, Finding], Finding]:
    """The places that the last build with this work found, as `keep_places` was given them."""
    path = _places_file(folder, work)
    if path is None or not scratch.is_whole(path):
        return {}
    digests, asked, found = scratch.read(path)
    keys = zip(digests["sha256"].to_pylist(), scratch.to_findings(asked), strict=True)
    return dict(zip(keys, scratch.to_findings(found), strict=True))


def keep_places(
    folder: Path | None, work: Work, found: Mapping[tuple[str, Finding], Finding]
) -> None:
    """Keep where findings stand: by the SHA-256 of the record's file and the finding without a place."""
    path = _places_file(folder, work)
    if path is not None and found:
        digests = pa.table({"sha256": [digest for digest, _ in found]})
        asked = scratch.from_findings([finding for _, finding in found])
        scratch.write([digests, asked, scratch.from_findings(list(found.values()))], path)


def _places_file(folder: Path | None, work: Work) -> Path | None:
    if folder is None:
        return None
    return chunk_folder(folder) / f"{work.digest().hex()}.places"


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
