"""From a row of a table back to the line and column of the record that it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import islice

import pyarrow as pa

from release.descriptor import Field, Resource
from release.findings import Finding
from release.paths import Path, Place, captures_of, show_path
from release.records import Record, locate, place_of
from release.rows import Finder, fill
from release.syntax import Marks


class Tracer:
    """Finds the places that findings name; a record is looked through only when one is asked for.

    `record_at` gives the record at a position in the list of sources.
    """

    def __init__(
        self,
        finders: Mapping[str, tuple[Finder, ...]],
        record_at: Callable[[int], Record | None],
    ) -> None:
        self._finders = finders
        self._record_at = record_at
        self._marks = lru_cache(maxsize=64)(self._marks_of)

    def _marks_of(self, at: int) -> Marks:
        record = self._record_at(at)
        return locate(record) if record is not None else {}

    def at_place(self, at: int, place: Place, finding: Finding, *, key: bool) -> Finding:
        """The finding at a place of the record at `at`: the value there, or its key."""
        record = self._record_at(at)
        if record is None:
            return finding
        line, column = place_of(self._marks(at), place, key=key)
        return replace(
            finding,
            path=record.source.path,
            file=str(record.source.file),
            line=line,
            column=column,
            field=finding.field or show_path(place),
        )

    def at_cell(
        self, table: pa.Table, row: int, resource: Resource, field: Field | None, finding: Finding
    ) -> Finding:
        """The finding at a cell of a table with the columns of ORIGIN, or at its whole row."""
        key = ", ".join(str(table[name][row].as_py()) for name in resource.primary_key)
        finding = replace(
            finding,
            table=resource.name,
            key=finding.key or key,
            field=finding.field or (field.name if field else ""),
        )
        at, source, entry = (
            table[name][row].as_py() for name in ("$record", "$source", "$entry")
        )
        record = self._record_at(at)
        if record is None:
            return finding
        find = self._finders[resource.name][source]
        at, record = self._holder(at, record, find, field)
        captures = next(islice((found for found, _ in find.find(record)), entry, None), None)
        if captures is None:
            return self.at_place(at, (), finding, key=False)
        return self._at(at, record, find, captures, field, finding)

    def _holder(
        self, at: int, record: Record, find: Finder, field: Field | None
    ) -> tuple[int, Record]:
        """The record that gives a merged row its value: the first edition that has one.

        Editions of one record stand side by side in the list of sources.
        """
        if field is None or not isinstance(field.origin, tuple) or find.rows.path:
            return at, record
        key = {name for name in record.source.captures if name in find.resource.primary_key}
        other, there = at, record
        while there is not None and all(
            there.source.captures.get(name) == record.source.captures[name] for name in key
        ):
            if field.origin in self._marks(other):
                return other, there
            other, there = other + 1, self._record_at(other + 1)
        return at, record

    def _at(
        self,
        at: int,
        record: Record,
        find: Finder,
        captures: tuple[str | int, ...],
        field: Field | None,
        finding: Finding,
    ) -> Finding:
        bound = dict(zip(captures_of(find.rows.path), captures, strict=True))
        if field is None:
            return self.at_place(at, fill(find.rows.path, bound, record, find.rows), finding, key=True)
        column = next(column for column in find.columns if column.field.name == field.name)
        if field.origin == "$body":
            here = replace(finding, line=record.body_line + 1, column=1)
            return replace(here, path=record.source.path, file=str(record.source.file))
        if column.path is None:
            here = replace(finding, line=1, column=1)
            return replace(here, path=record.source.path, file=str(record.source.file))
        path: Path = column.path
        if column.capture is not None:
            path = _through(path, column.capture)
        place = fill(path, bound, record, find.rows)
        return self.at_place(at, place, finding, key=column.capture is not None)


def _through(path: Path, capture: int) -> Path:
    """The path up to and with its capture of that number."""
    ends = [at + 1 for at, segment in enumerate(path) if not isinstance(segment, str)]
    return path[: ends[capture]]
