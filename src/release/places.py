"""The places in records that rows come from: one function for the rows of a chunk, as one file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from release import chunks, scratch
from release.naming import Work
from release.records import Front
from release.sources import Source
from release.trace import Origin, Tracer

#: Cells that are asked for: the origin of the row, as in trace.Origin, whether the cell has a value, and the
#: field; none for the whole row.
ASKED = pa.schema(
    [
        ("$record", pa.int32()),
        ("$source", pa.int32()),
        ("$entry", pa.int32()),
        ("there", pa.bool_()),
        ("table", pa.string()),
        ("field", pa.string()),
    ]
)

#: Where they stand; where no field was asked for, `field` is the place of the row in the record.
PLACES = pa.schema(
    [("path", pa.string()), ("line", pa.int32()), ("column", pa.int32()), ("field", pa.string())]
)


@dataclass(frozen=True, slots=True)
class Question:
    """Cells of rows that a chunk's records gave; `$record` counts from the first of them.

    `chunk` is the path of the chunk's file; `sources` are needed to answer, not to ask.
    """

    chunk: str
    asked: pa.Table
    sources: Sequence[Source] = ()


def file(work: Work, folder: str, question: Question) -> Path:
    """The file of the answer to a question."""
    key = hashlib.sha256(work.digest())
    key.update(Path(question.chunk).name.encode())
    key.update(scratch.stream(question.asked))
    return Path(folder) / f"{key.hexdigest()}.places"


def make(work: Work, folder: str, question: Question) -> str:
    """Find the places of cells and write them into a folder; the file's path."""
    path = file(work, folder, question)
    scratch.write([_places(work, question)], path)
    return str(path)


def _places(work: Work, question: Question) -> pa.Table:
    plan = chunks.prepared(work)
    made = chunks.load(question.chunk, plan.descriptor)
    sources = question.sources

    @lru_cache(maxsize=64)
    def front_at(number: int) -> Front | None:
        return chunks.front(made, number, sources[number]) if number < len(sources) else None

    tracer = Tracer(plan.finders, front_at)
    found = []
    for *origin, there, table, field in zip(
        *(c.to_pylist() for c in question.asked.columns), strict=True
    ):
        resource = plan.descriptor.resource(table)
        cell = resource.field(field) if field else None
        where, name = tracer.cell(Origin(*origin), resource, cell, there=there)
        path = sources[origin[0]].path
        found.append((where.get("path", path), where.get("line", 0), where.get("column", 0), name))
    columns = zip(*found, strict=True)
    return pa.table([list(column) for column in columns], schema=PLACES)
