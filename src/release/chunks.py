"""Records in chunks: one function takes a chunk and gives its tables and findings, as one file.

Records are sorted and cut by count, never by workers, and never between the editions of one record. What
is made of a chunk depends on its records, the descriptor, the codelists and the code, and on nothing else: so
it may be made anywhere, and made once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from release import (
    codelists,
    descriptor,
    editions,
    found,
    normalize,
    records,
    scratch,
    storage,
    validate,
)
from release.columns import increases
from release.descriptor import Descriptor, Resource
from release.findings import Finding
from release.naming import Work, held, name_of
from release.records import Record
from release.rows import left_out
from release.sources import Source
from release.trace import Tracer, key_of, origin_of


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a chunk: the tables, with the columns of ORIGIN, and the findings.

    Tables are sorted by their primary key; `$record` counts from the chunk's first record. `findings` are
    as in found. `fronts` has a row per record, by which later stages find the places of what they notice:
    `text`, `format`, `body_line`; all missing where the file could not be read as a record. Its `sha256`
    is the file's.
    """

    tables: Mapping[str, pa.Table]
    findings: pa.Table
    fronts: pa.Table


@lru_cache(maxsize=2)
def prepared(work: Work) -> normalize.Plan:
    """The plan of a work; what is asked for again is not made again."""
    of = descriptor.parse(work.text, Path("datapackage.yaml"))
    files = dict(work.curated)
    lookups, _ = codelists.lookups(of, codelists.tables(of, files)[0], files)
    return normalize.plan(of, lookups)


def make(work: Work, folder: str, sources: Sequence[Source]) -> str:
    """Make a chunk and write it into a folder, unless it is there already; the path of its file."""
    contents = []
    named = []
    for source, (data, fault) in zip(sources, records.read_all(sources), strict=True):
        sha256 = held(data, fault)
        named.append((source.kind, source.path, sha256))
        contents.append((data, fault, sha256 if data is not None else ""))
    path = storage.inside(folder, name_of(work.digest(), named))
    if scratch.is_whole(path):
        storage.touch(path)  # the cache removes what has not been used for long
    else:
        plan = prepared(work)
        scratch.write(_tables(_made(plan, sources, contents), plan.descriptor), path)
    return str(path)


def _made(
    plan: normalize.Plan,
    sources: Sequence[Source],
    contents: Sequence[tuple[bytes | None, Finding | None, str]],
) -> Made:
    read: dict[int, Record] = {}
    findings: list[Finding] = []
    for at, (source, (data, fault, sha256)) in enumerate(zip(sources, contents, strict=True)):
        record, faults = (
            records.parse(source, data, sha256)
            if data is not None
            else (None, [fault] if fault else [])
        )
        findings += faults
        if record is not None:
            read[at] = record
    fronts = {at: record.front for at, record in read.items()}
    values = {at: record.values for at, record in read.items()}
    tracer = Tracer(plan.finders, fronts.get, values.get)
    tables, faults = normalize.normalize(read, plan, tracer)
    findings += faults
    of_records = editions.Records({at: record.source for at, record in read.items()})
    for resource in plan.descriptor.resources:
        if resource.rows:
            table, faults = _held_together(
                tables[resource.name], resource, plan.descriptor, of_records, tracer
            )
            if not increases(table.select(resource.primary_key)):  # mostly records tell the order
                table = table.sort_by([(name, "ascending") for name in resource.primary_key])
            tables[resource.name] = table
            findings += faults
            findings += _violations(tables[resource.name], resource, tracer, sources)
    listed = [fronts.get(at) for at in range(len(sources))]
    columns = [[getattr(front, name, None) for front in listed] for name in _FRONT_FIELDS]
    columns.append([sha256 for _, _, sha256 in contents])
    return Made(tables, found.to_table(findings), pa.table(columns, schema=_FRONTS))


def _held_together(
    table: pa.Table,
    resource: Resource,
    of: Descriptor,
    of_records: editions.Records,
    tracer: Tracer,
) -> tuple[pa.Table, list[Finding]]:
    """A table with its editions merged, and where they differ."""
    findings: list[Finding] = []
    for comparison in resource.compare:
        held = editions.grouped(table, resource, (comparison.across,), of_records, tracer)
        findings += editions.compare(held, comparison.fields)
    if names := left_out(resource, of):
        table, faults = editions.merge(editions.grouped(table, resource, names, of_records, tracer))
        findings += faults
    return table, findings


def _violations(
    table: pa.Table, resource: Resource, tracer: Tracer, sources: Sequence[Source]
) -> Iterator[Finding]:
    for violation in validate.cells(table, resource):
        finding = Finding(violation.rule, "", violation.message, table=resource.name)
        if violation.row < 0:  # it counts rows, and other chunks may have as many
            these = f"{sources[0].path} to {sources[-1].path}"
            message = f"{violation.message}, in the records {these}"
            yield replace(finding, path=f"data/{resource.name}.csv", message=message)
            continue
        finding = replace(finding, key=key_of(table, violation.row, resource))
        field = resource.field(violation.field)
        yield tracer.at_cell(origin_of(table, violation.row), resource, field, finding)


_FRONT_FIELDS = ("text", "format", "body_line")
_FRONTS = pa.schema(
    [
        ("text", pa.string()),
        ("format", pa.string()),
        ("body_line", pa.int32()),
        ("sha256", pa.string()),
    ]
)


def _tables(made: Made, of: Descriptor) -> list[pa.Table]:
    """What a chunk's file holds: each table made from records, the findings, the fronts."""
    tables = [made.tables[resource.name] for resource in of.resources if resource.rows]
    return [*tables, made.findings, made.fronts]


def load(path: str, of: Descriptor) -> Made:
    """What was made of a chunk; the tables stay in the file, which is mapped into memory."""
    *tables, findings, fronts = scratch.read(Path(path))
    names = [resource.name for resource in of.resources if resource.rows]
    return Made(dict(zip(names, tables, strict=True)), findings, fronts)
