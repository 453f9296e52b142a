"""A chunk most of whose records were in chunks before: what was made of these is taken over.

What is made of a record depends on it and its other editions alone, so that it is the same in any chunk. Only
how much is told of what is wrong with many rows, and the order of rows with one key, are a chunk's own: where
either may count, nothing is taken over.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.build import cache
from release.build.chunks.chunk import FRONTS, Made
from release.build.chunks.fingerprint import Work
from release.descriptor.load import Descriptor, Resource
from release.records.sources import Sources
from release.system import files
from release.tables.columns import increases
from release.tables.validate import MOST

#: Which record: its kind, path and SHA-256.
Known = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """Some records of what was made of a chunk, and the numbers that they have in another one."""

    made: Made
    numbers: Mapping[int, int]

    def table(self, name: str) -> pa.Table:
        """The rows of these records."""
        table = self.made.tables[name]
        new = np.full(self.made.fronts.num_rows, -1, np.int32)
        new[list(self.numbers)] = list(self.numbers.values())
        numbers = new[table["$record"].to_numpy()]
        at = table.schema.get_field_index("$record")
        table = table.set_column(at, "$record", pa.array(numbers))
        return table if (numbers >= 0).all() else table.filter(pa.array(numbers >= 0))

    def fronts(self, *names: str) -> pa.Table:
        """What is known of these records, by column."""
        return self.made.fronts.select(names).take(pa.array(self.numbers, pa.int64()))

    @property
    def findings(self) -> pa.Table:
        """What was found in these records."""
        findings = self.made.findings
        own = self.fronts("path")["path"].combine_chunks()
        return findings.filter(pc.is_in(findings["path"], own))


def parts(records: Sequence[Known], begins: Sequence[int], before: Sequence[Made]) -> list[Part]:
    """What can be taken over from chunks that were made before, each record from the first that has it.

    `begins` are the positions of the first editions. A record without a SHA-256 is in no chunk.
    """
    positions = {record: at for at, record in enumerate(records) if record[-1]}
    found = []
    for made in before:
        if not _is_of_its_records(made):
            continue
        numbers: dict[int, int] = {}
        for old, new in _runs(_known(made), records, positions, [*begins, len(records)]):
            numbers |= zip(old, new, strict=True)
        for at in numbers.values():
            del positions[records[at]]
        if numbers:
            found.append(Part(made, numbers))
    return found


def _known(made: Made) -> list[Known]:
    columns = (made.fronts[name].to_pylist() for name in ("kind", "path", "sha256"))
    return list(zip(*columns, strict=True))


def _is_of_its_records(made: Made) -> bool:
    """Whether all that was found is about one record each, and not how many more there are."""
    own = pc.is_in(made.findings["path"], made.fronts["path"].combine_chunks())
    return bool(pc.all(own, min_count=0).as_py())


def _runs(
    before: Sequence[Known],
    records: Sequence[Known],
    positions: Mapping[Known, int],
    begins: Sequence[int],
) -> Iterator[tuple[range, range]]:
    """Records that follow each other before and now, with all their editions: where then, and where now.

    `begins` are the positions of first editions, and the end.
    """
    now = [positions.get(record, -1) for record in before]
    start = 0
    for end in range(1, len(now) + 1):
        if end < len(now) and now[end - 1] >= 0 and now[end] == now[end - 1] + 1:
            continue
        if now[start] >= 0:
            first, stop = now[start], now[end - 1] + 1
            # beside other neighbours than now, an edition may have come or gone
            alike = start == 0 or (first > 0 and before[start - 1][:2] == records[first - 1][:2])
            inner = (bisect_left if alike else bisect_right)(begins, first)
            alike = end == len(now) or (
                stop < len(records) and before[end][:2] == records[stop][:2]
            )
            outer = (bisect_right if alike else bisect_left)(begins, stop) - 1
            if inner < outer:
                new = range(begins[inner], begins[outer])
                yield range(new.start - first + start, new.stop - first + start), new
        start = end


def together(parts: Sequence[Part], of: Descriptor) -> Made | None:
    """What parts make that have all records of a chunk; None where the whole may make something else."""
    findings = pa.concat_tables([part.findings for part in parts])
    if findings.num_rows > MOST:
        return None
    tables = {}
    for resource in (resource for resource in of.resources if resource.rows):
        table = _sorted(pa.concat_tables([part.table(resource.name) for part in parts]), resource)
        if table is None:
            return None
        tables[resource.name] = table
    numbers = np.concatenate([list(part.numbers.values()) for part in parts])
    fronts = pa.concat_tables([part.fronts(*FRONTS.names) for part in parts])
    return Made(tables, findings, fronts.take(pa.array(np.argsort(numbers))))


def _sorted(table: pa.Table, resource: Resource) -> pa.Table | None:
    """Rows sorted by their key; None where two have one, or one has none."""
    order = np.argsort(table["$record"].to_numpy(), kind="stable")
    table = table.take(pa.array(order))
    if increases(table.select(resource.primary_key)):  # mostly records tell the order
        return table
    table = table.sort_by([(name, "ascending") for name in resource.primary_key])
    return table if increases(table.select(resource.primary_key)) else None


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
    files.touch(file)  # the cache removes what has not been used for long
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
