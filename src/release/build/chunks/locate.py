"""The places in records that rows come from: one function for the rows of a chunk, as one file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from release.build.chunks import make as build_make
from release.build.chunks.chunk import load
from release.build.chunks.fingerprint import Work
from release.records.locate import Origin, Tracer, fixed_key_path
from release.records.positions import locate_one
from release.records.reader import Front
from release.records.sources import Sources
from release.syntax.paths import KeyPath
from release.tables import spill

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
    sources: Sources = field(default_factory=Sources.none)


def file(work: Work, folder: str, question: Question) -> Path:
    """Return the file of the answer to a question."""
    key = hashlib.sha256(work.digest())
    key.update(Path(question.chunk).name.encode())
    key.update(spill.serialize(question.asked))
    return Path(folder) / f"{key.hexdigest()}.places"


def make(work: Work, folder: str, question: Question) -> str:
    """Find the places of cells and write them into a folder; the file's path."""
    path = file(work, folder, question)
    spill.write([_places(work, question)], path)
    return str(path)


def _places(work: Work, question: Question) -> pa.Table:
    plan = build_make.prepared(work)
    fronts = _Fronts(load(question.chunk, plan.descriptor, work.limits).fronts, question.sources)
    tracer = Tracer(plan.finders, lru_cache(maxsize=64)(fronts.front))
    paths = question.sources.columns(range(len(question.sources))).paths

    @cache
    def plain(table: str, source: int, name: str) -> KeyPath | None:
        return fixed_key_path(plan.finders[table][source], name)

    found = []
    for number, source, entry, there, table, name in zip(
        *(column.to_pylist() for column in question.asked.columns), strict=True
    ):
        place = plain(table, source, name) if there else None
        mark = locate_one(fronts.text(number), place) if place is not None else None
        if mark is not None:
            found.append((paths[number], mark.line + 1, mark.column + 1, name))
            continue
        resource = plan.descriptor.resource(table)
        cell = resource.field(name) if name else None
        where, told = tracer.locate_cell(Origin(number, source, entry), resource, cell, there=there)
        path = where.get("path", paths[number])
        found.append((path, where.get("line", 0), where.get("column", 0), told))
    columns = zip(*found, strict=True)
    return pa.table([list(column) for column in columns], schema=PLACES)


class _Fronts:
    """The front matter of a chunk's records, as it is asked for."""

    def __init__(self, fronts: pa.Table, sources: Sources) -> None:
        self._sources = sources
        texts, self._forms, self._body_lines = (fronts.column(at).chunk(0) for at in range(3))
        self._starts = np.frombuffer(texts.buffers()[1], np.int32).tolist()
        self._texts = memoryview(texts.buffers()[2] or b"")

    def text(self, number: int) -> bytes:
        """Return the front matter of a record that has one, as bytes."""
        return self._texts[self._starts[number] : self._starts[number + 1]].tobytes()

    def front(self, number: int) -> Front | None:
        """Return the front matter of a record; None where it has none."""
        form = self._forms[number].as_py() if number < len(self._sources) else None
        if form is None:
            return None
        body_line = self._body_lines[number].as_py()
        return Front(self._sources[number], self.text(number).decode(), form, body_line)
