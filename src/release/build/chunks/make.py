"""Records in chunks: one function takes a chunk and gives its tables and findings, as one file.

Records are sorted and cut by count, never by workers, and never between the editions of one record. What
is made of a chunk depends on its records, the descriptor, the codelists and the code, and on nothing else: so
it may be made anywhere, and made once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from release.build.chunks.chunk import FRONTS, Made
from release.build.chunks.fingerprint import Work, held, name_of
from release.descriptor import load as descriptor_load
from release.descriptor.load import Resource
from release.findings import Finding, family
from release.records import codelists, editions, normalize, reader
from release.records.locate import Tracer, key_of, origin_of
from release.records.reader import Record
from release.records.rows import merged_captures
from release.records.sources import Source
from release.system import files as system_files
from release.tables import findings as tables_findings
from release.tables import spill, validate
from release.tables.columns import is_increasing


@lru_cache(maxsize=2)
def prepared(work: Work) -> normalize.Plan:
    """Return the plan of a work; it is kept, as several chunks need it."""
    of = descriptor_load.parse(work.text, Path("datapackage.yaml"))
    files = dict(work.curated)
    lookups, _ = codelists.build_lookups(of, codelists.parse_tables(of, files)[0], files)
    return normalize.make_plan(of, lookups)


def make(work: Work, folder: str, sources: Sequence[Source]) -> str:
    """Make the chunk of some records and write it into a folder, unless it is there; return its path."""
    contents = []
    named = []
    for source, (data, fault) in zip(sources, reader.read_all(sources), strict=True):
        sha256 = held(data, fault)
        named.append((source.kind, source.path, sha256))
        contents.append((data, fault, sha256 if data is not None else ""))
    path = system_files.join(folder, name_of(work.digest(), named))
    if spill.is_whole(path):
        system_files.touch(path)  # the cache removes what has not been used for long
    else:
        plan = prepared(work)
        _made(plan, sources, contents).write(path, plan.descriptor)
    return str(path)


#: What is in a file, what is wrong with it, and its SHA-256, empty where there is nothing.
_Content = tuple[bytes | None, Finding | None, str]


def _made(
    plan: normalize.Plan,
    sources: Sequence[Source],
    contents: Sequence[_Content],
) -> Made:
    read: dict[int, Record] = {}
    findings: list[Finding] = []
    for at, (source, (data, fault, sha256)) in enumerate(zip(sources, contents, strict=True)):
        record, faults = (
            reader.parse(source, data, sha256)
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
    of_records = editions.EditionIndex({at: record.source for at, record in read.items()})
    for resource in plan.descriptor.resources:
        if resource.rows:
            table, faults = _held_together(
                tables[resource.name], resource, plan, of_records, tracer
            )
            if not is_increasing(
                table.select(resource.primary_key)
            ):  # mostly records tell the order
                table = table.sort_by([(name, "ascending") for name in resource.primary_key])
            tables[resource.name] = table
            findings += faults
            uncoded = _uncoded(resource, plan)
            findings += _violations(tables[resource.name], resource, uncoded, tracer, sources)
    listed = [fronts.get(at) for at in range(len(sources))]
    columns = [[getattr(front, name, None) for front in listed] for name in FRONTS.names[:3]]
    columns.append([sha256 for _, _, sha256 in contents])
    return Made(tables, tables_findings.to_table(findings), pa.table(columns, schema=FRONTS))


def _held_together(
    table: pa.Table,
    resource: Resource,
    plan: normalize.Plan,
    of_records: editions.EditionIndex,
    tracer: Tracer,
) -> tuple[pa.Table, list[Finding]]:
    """Merge the editions in a table, and find where they differ."""
    findings: list[Finding] = []
    uncoded = _uncoded(resource, plan)
    for comparison in resource.compare:
        if uncoded.isdisjoint(resource.primary_key):
            held = editions.group_editions(
                table, resource, (comparison.across,), of_records, tracer
            )
            fields = [name for name in comparison.fields if name not in uncoded]
            findings += editions.compare(held, fields)
    if names := merged_captures(resource, plan.descriptor):
        table, faults = editions.merge(
            editions.group_editions(table, resource, names, of_records, tracer)
        )
        findings += [fault for fault in faults if fault.field not in uncoded]
    return table, findings


def _uncoded(resource: Resource, plan: normalize.Plan) -> frozenset[str]:
    """Return the fields that hold texts instead of codes, as their codelist cannot be read."""
    return frozenset(
        field.name
        for field in resource.fields
        if field.codes is not None and field.codes not in plan.lookups
    )


def _violations(
    table: pa.Table,
    resource: Resource,
    uncoded: frozenset[str],
    tracer: Tracer,
    sources: Sequence[Source],
) -> Iterator[Finding]:
    """Find the cells that break the schema; in a field without its codelist, only missing values."""
    for violation in validate.check_cells(table, resource):
        if violation.field in uncoded and family(violation.rule) not in ("required", "primaryKey"):
            continue
        finding = Finding(violation.rule, "", violation.message, table=resource.name)
        if violation.row < 0:  # it counts rows, and other chunks may have as many
            these = f"{sources[0].path} to {sources[-1].path}"
            message = f"{violation.message}, in the records {these}"
            yield replace(finding, path=f"data/{resource.name}.csv", message=message)
            continue
        finding = replace(finding, key=key_of(table, violation.row, resource))
        field = resource.field(violation.field)
        yield tracer.at_cell(origin_of(table, violation.row), resource, field, finding)
