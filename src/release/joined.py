"""Chunks -> whole tables, and what only a look at whole tables shows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release import checks, chunks, validate
from release.columns import arrow_schema
from release.database import connect
from release.descriptor import Descriptor, Resource
from release.findings import Finding
from release.formats import csv
from release.normalize import ORIGIN
from release.records import Front, Source
from release.trace import Origin, Tracer

#: Findings of an earlier build that stand in a record, by the SHA-256 of the record's file and what they
#: say; as long as the file is the same their places are.
Known = Mapping[tuple[str, Finding], Finding]


class Fronts:
    """The front matter and the digests of records by their number, out of the files of their chunks."""

    def __init__(
        self, sources: Sequence[Source], ranges: Sequence[range], made: Sequence[chunks.Made]
    ) -> None:
        self._sources = sources
        self._starts = [where.start for where in ranges]
        self._made = made
        self.at = lru_cache(maxsize=64)(self._at)

    def _at(self, number: int) -> Front | None:
        if number >= len(self._sources):
            return None
        chunk, at = self._chunk_of(number)
        return chunks.front(chunk, at, self._sources[number])

    def digest(self, number: int) -> tuple[str, str]:
        """The path of a record and the SHA-256 of its file."""
        chunk, at = self._chunk_of(number)
        return self._sources[number].path, chunk.fronts["sha256"][at].as_py()

    def _chunk_of(self, number: int) -> tuple[chunks.Made, int]:
        chunk = bisect_right(self._starts, number) - 1
        return self._made[chunk], number - self._starts[chunk]


def join(
    descriptor: Descriptor,
    ranges: Sequence[range],
    made: Sequence[chunks.Made],
    curated: Mapping[str, pa.Table],
) -> dict[str, pa.Table]:
    """The tables of all chunks as one each, sorted by their keys, and the curated ones.

    All have the columns of ORIGIN.
    """
    tables = {name: _with_origin(table) for name, table in curated.items()}
    for resource in (resource for resource in descriptor.resources if resource.rows):
        parts = [
            _numbered(chunk.tables[resource.name], where.start)
            for where, chunk in zip(ranges, made, strict=True)
            if chunk.tables[resource.name].num_rows
        ]
        tables[resource.name] = _sorted(resource, parts)
    return tables


def _numbered(table: pa.Table, first: int) -> pa.Table:
    """The table of a chunk with the numbers of its records in the list of all."""
    if first == 0:
        return table
    at = table.schema.get_field_index("$record")
    numbers = pc.add(table["$record"], pa.scalar(first, pa.int32()))
    return table.set_column(at, "$record", numbers)


def _sorted(resource: Resource, parts: Sequence[pa.Table]) -> pa.Table:
    """The parts of a table as one, sorted by its key; chunks mostly come in that order."""
    schema = pa.schema([*arrow_schema(resource.fields), *ORIGIN])
    table = pa.concat_tables([schema.empty_table(), *parts])
    if _is_ordered(resource, parts):
        return table
    return table.sort_by([(name, "ascending") for name in resource.primary_key])


def _is_ordered(resource: Resource, parts: Sequence[pa.Table]) -> bool:
    """Whether every key of a part is less than every key of the next; then none stands in two."""
    ends = []
    for part in parts:
        keys = part.select(resource.primary_key)
        first, last = keys.slice(0, 1).to_pylist()[0], keys.slice(keys.num_rows - 1).to_pylist()[0]
        ends.append((tuple(first.values()), tuple(last.values())))
    if any(None in key for pair in ends for key in pair):
        return False
    return all(one[1] < other[0] for one, other in pairwise(ends))


def _with_origin(table: pa.Table) -> pa.Table:
    """A curated table with columns of ORIGIN that name no record, only the row in its file."""
    count = table.num_rows
    columns = [np.full(count, -1), np.zeros(count), np.arange(count)]
    for column, values in zip(ORIGIN, columns, strict=True):
        table = table.append_column(column, pa.array(values.astype(np.int32)))
    return table


def across(
    descriptor: Descriptor,
    tables: Mapping[str, pa.Table],
    fronts: Fronts,
    tracer: Tracer,
    known: Known,
) -> tuple[list[Finding], Known]:
    """What only a look at whole tables shows: keys, and the dataset's own checks.

    `known` are places that an earlier build found; those that hold are given back with the new ones.
    """
    curated = [r for r in descriptor.resources if r.is_curated and r.name in tables]
    made = [resource.name for resource in descriptor.resources if resource.rows]
    violations = [
        v for resource in curated for v in validate.cells(tables[resource.name], resource)
    ]
    with connect(tables) as connection:
        violations += validate.keys(connection, tables, descriptor, coded=made)
        wrongs = []
        if all(r.name in tables or r.is_findings for r in descriptor.resources):
            wrongs = checks.run(connection, descriptor)
    places = _Places(descriptor, tables, fronts, tracer, known, {})
    found = [(_of_violation(v, places), v.row) for v in violations]
    found += [(_of_check(wrong, descriptor), wrong.row) for wrong in wrongs]
    return places.traced(found), places.found


def _of_violation(violation: validate.Violation, places: _Places) -> Finding:
    finding = Finding(
        violation.rule, "", violation.message, field=violation.field, table=violation.table
    )
    if violation.other < 0:
        return finding
    there = places.traced([(finding, violation.other)])[0]
    message = violation.text(f"{there.path}:{there.line}:{there.column}")
    return replace(finding, message=message)


def _of_check(wrong: checks.Wrong, descriptor: Descriptor) -> Finding:
    check = wrong.check
    finding = Finding(check.name, "", wrong.message, severity=check.severity)
    if wrong.row < 0:
        mark = descriptor.marks[check.place]
        line, column = mark.line + 1, mark.column + 1
        return replace(finding, path="datapackage.yaml", line=line, column=column)
    return replace(finding, field=check.field, table=check.resource)


@dataclass(frozen=True, slots=True)
class _Places:
    """Finds the places in records and curated tables that rows come from."""

    descriptor: Descriptor
    tables: Mapping[str, pa.Table]
    fronts: Fronts
    tracer: Tracer
    known: Known
    found: dict[tuple[str, Finding], Finding]

    def traced(self, found: Sequence[tuple[Finding, int]]) -> list[Finding]:
        """The findings, each with the place and key of its row; row -1 is the whole table."""
        whole = [finding for finding, row in found if row < 0]
        traced = [
            finding if finding.path else replace(finding, path=f"data/{finding.table}.csv")
            for finding in whole
        ]
        for name in dict.fromkeys(finding.table for finding, row in found if row >= 0):
            of_table = [(f, row) for f, row in found if row >= 0 and f.table == name]
            resource = self.descriptor.resource(name)
            columns = list(dict.fromkeys([*resource.primary_key, *ORIGIN.names]))
            rows = self.tables[name].select(columns).take([row for _, row in of_table])
            for (finding, _), row in zip(of_table, rows.to_pylist(), strict=True):
                traced.append(self._at(finding, resource, row))
        return traced

    def _at(self, finding: Finding, resource: Resource, row: Mapping[str, Any]) -> Finding:
        key = ", ".join(str(row[name]) for name in resource.primary_key)
        finding = replace(finding, key=key)
        if resource.is_curated:
            file = self.descriptor.root / resource.path
            number = resource.names.index(finding.field) if finding.field else 0
            line, column = csv.place_of(file, row["$entry"], number)
            return replace(finding, path=resource.path, file=str(file), line=line, column=column)
        field = resource.field(finding.field) if finding.field else None
        origin = Origin(*(row[name] for name in ORIGIN.names))
        path, digest = self.fronts.digest(origin.record)
        traced = self.known.get((digest, finding))
        if traced is None or traced.path != path:
            traced = self.tracer.at_cell(origin, resource, field, finding)
        if traced.path == path:
            self.found[digest, finding] = replace(traced, file="")
        return traced
