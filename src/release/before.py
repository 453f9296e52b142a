"""Which chunks there were the time before, and which of them may have records of others."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from release import cache, storage
from release.naming import Work
from release.sources import Sources

#: So many are looked into for one: cut by count, chunks have records of two others when some came or went.
_MOST = 4


class Chunk(NamedTuple):
    """A chunk by the name of its file and the path of its first record."""

    name: str
    path: str


def keep(folder: str, work: Work, chunks: Sequence[Chunk]) -> None:
    """Keep which chunks there are, in their order."""
    cache.keep(_file(folder, work), map(list, chunks))


def read(folder: str, work: Work) -> list[Chunk]:
    """Which there were; none where that is not known."""
    file = _file(folder, work)
    data = cache.kept(file)
    if data is None:
        return []
    storage.touch(file)  # the cache removes what has not been used for long
    return [Chunk(*json.loads(line)) for line in data[: -cache.DIGEST_BYTES].splitlines()]


def _file(folder: str, work: Work) -> Path:
    key = hashlib.sha256(b"order\n" + work.digest())
    return Path(folder) / f"{key.hexdigest()}.order"


def names(chunks: Sequence[Chunk], sources: Sources, wanted: Sequence[range]) -> list[list[str]]:
    """For each range of records the names of the chunks that may have some of them.

    A chunk goes from its first record, where that is still there, to the first of the next.
    """
    if not chunks:
        return [[] for _ in wanted]
    paths = {chunk.path for chunk in chunks}
    found: dict[str, int] = {}
    at = 0
    for some in sources.batches():
        found |= {path: at + n for n, path in enumerate(some.paths) if path in paths}
        at += len(some.paths)
    starts = list(accumulate((found.get(chunk.path, 0) for chunk in chunks), max))
    nexts = [found.get(chunk.path, len(sources)) for chunk in chunks[1:]] + [len(sources)]
    stops = list(accumulate(reversed(nexts), min))[::-1]
    return [
        [
            chunk.name
            for chunk in chunks[bisect_right(stops, where.start) : bisect_left(starts, where.stop)][
                :_MOST
            ]
        ]
        for where in wanted
    ]
