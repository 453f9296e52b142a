"""Find the locations of cells in the records of a chunk, and keep them in a file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from release.build.chunks import make as build_make
from release.build.chunks.chunk import FRONTS, read_chunk
from release.build.chunks.fingerprint import BuildContext
from release.descriptor.kinds.patches import Patches
from release.records.files.selection.amendments import find_amendments
from release.records.files.sources import Sources
from release.records.locations import locate_one
from release.records.reader import Front
from release.records.shapes.row_values import fixed_key_path
from release.records.tracer import Origin, Tracer
from release.syntax.paths import KeyPath
from release.syntax.text import Location
from release.tables import spill

#: Cells to locate: the origin of the row, as in Origin; whether the cell has a value; the table; the field,
#: which is empty for the row as a whole.
CELLS = pa.schema(
    [
        ("$record", pa.int32()),
        ("$source", pa.int32()),
        ("$entry", pa.int32()),
        ("there", pa.bool_()),
        ("table", pa.string()),
        ("field", pa.string()),
    ]
)

#: Their locations, in the same order. For a row as a whole, `field` is the key path of the row in the record.
LOCATIONS = pa.schema(
    [("path", pa.string()), ("line", pa.int32()), ("column", pa.int32()), ("field", pa.string())]
)


@dataclass(frozen=True, slots=True)
class LocationQuery:
    """Cells of rows of one chunk; `$record` counts from the chunk's first record.

    `chunk` is the path of the chunk's file. `sources` are the chunk's records; the cache key does not need
    them.
    """

    chunk: str
    cells: pa.Table
    sources: Sources = field(default_factory=Sources.none)


def answer_path(context: BuildContext, folder: str, query: LocationQuery) -> Path:
    """Return the path of the file with the answer to a query, which is its cache key."""
    key = hashlib.sha256(context.fingerprint())
    key.update(Path(query.chunk).name.encode())
    key.update(spill.serialize(query.cells))
    return Path(folder) / f"{key.hexdigest()}.locations"


def locate_cells(context: BuildContext, folder: str, query: LocationQuery) -> str:
    """Find the locations of cells and write them to a file in a folder; return its path."""
    path = answer_path(context, folder, query)
    spill.write([_locate(context, query)], path)
    return str(path)


def _locate(context: BuildContext, query: LocationQuery) -> pa.Table:
    """Find the locations of cells: a table of LOCATIONS."""
    plan = build_make.prepare_plan(context)
    chunk = read_chunk(query.chunk, plan.descriptor, context.limits)
    fronts = _FrontMatter(chunk.fronts, query.sources, context.read_patches())
    tracer = Tracer(plan.finders, lru_cache(maxsize=64)(fronts.front))
    paths = fronts.paths()

    @cache
    def find_fixed(table: str, source: int, name: str) -> KeyPath | None:
        return fixed_key_path(plan.finders[table][source], name)

    found = []
    for number, source, entry, there, table, name in zip(
        *(column.to_pylist() for column in query.cells.columns), strict=True
    ):
        key_path = find_fixed(table, source, name) if there else None
        mark = fronts.locate(number, key_path) if key_path is not None else None
        if mark is not None:
            found.append((paths[number], mark.line + 1, mark.column + 1, name))
            continue
        resource = plan.descriptor.resource(table)
        cell = resource.field(name) if name else None
        location, field_name = tracer.locate_cell(
            Origin(number, source, entry), resource, cell, there=there
        )
        path = location.get("path", paths[number])
        found.append((path, location.get("line", 0), location.get("column", 0), field_name))
    columns = zip(*found, strict=True)
    return pa.table([list(column) for column in columns], schema=LOCATIONS)


class _FrontMatter:
    """The front matter of a chunk's records, read when it is asked for."""

    def __init__(self, fronts: pa.Table, sources: Sources, patches: Patches | None) -> None:
        self._sources = sources
        self._patches = patches
        columns = {name: fronts[name].combine_chunks() for name in FRONTS.names}
        self._columns = columns
        self._file_of = columns["file"].to_numpy()
        self._text_at = columns["text_at"].to_numpy()
        texts = columns["text"]
        self._starts = np.frombuffer(texts.buffers()[1], np.int32).tolist()
        self._texts = memoryview(texts.buffers()[2] or b"")
        self._last = (-1, "")  # of several records with one text

    def paths(self) -> list[str]:
        """Return the path of each record's file in the release."""
        paths = self._sources.columns(range(len(self._sources))).paths
        return [paths[at] for at in self._file_of]

    def text(self, number: int) -> bytes:
        """Return the text that a record is read from as bytes; the record must have one."""
        at = self._text_at[number]
        return self._texts[self._starts[at] : self._starts[at + 1]].tobytes()

    def locate(self, number: int, key_path: KeyPath) -> Location | None:
        """Locate one value that the record has, if that is certain without reading all of it."""
        if self._columns["prefix"][number].is_valid or self._is_patched(number):
            return None
        names = ("format", "line", "column")
        form, line, column = (self._columns[name][number].as_py() for name in names)
        return locate_one(self.text(number), form, line, key_path, column)

    def _is_patched(self, number: int) -> bool:
        if self._patches is None:
            return False
        return self._sources[int(self._file_of[number])].path in self._patches.changes

    def front(self, number: int) -> Front | None:
        """Return the front matter of a record, None if the file cannot be read as a record."""
        if number >= len(self._file_of):
            return None
        row = {
            name: column[number].as_py() for name, column in self._columns.items() if name != "text"
        }
        if row["format"] is None:
            return None
        source = self._sources[int(row["file"])]
        if row["captures"] is not None:
            within = json.loads(row["captures"])
            captures = {**source.captures, **within}
            source = replace(source, captures=captures, within=tuple(within))
        prefix = tuple(json.loads(row["prefix"])) if row["prefix"] is not None else ()
        if self._last[0] != row["text_at"]:
            self._last = row["text_at"], self.text(number).decode()
        of_text = self._last[1], row["format"], row["line"], row["body_line"], row["column"], prefix
        changed = find_amendments(self._patches, source) if self._patches is not None else None
        return Front(source, *of_text, changed, row["body"])
