"""Build a chunk: from its records to tables and findings, as one file.

A chunk depends on its records, the descriptor, the codelists and the code, and on nothing else: any process
may build it, and it is built once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from release.build.chunks.chunk import FILES, FRONTS, Chunk
from release.build.chunks.fingerprint import (
    BuildContext,
    digest_content,
    make_cache_key,
    most_bytes,
)
from release.build.looks.texts import ABOUT_TEXTS, check_texts
from release.descriptor import load as descriptor_load
from release.descriptor.kinds.patches import Patches
from release.descriptor.model import RecordKind, Resource
from release.findings.finding import Finding
from release.findings.groups import group_findings
from release.findings.rules import family
from release.records import codelists, editions, normalize
from release.records.files import contents as files_contents
from release.records.files import file_reader
from release.records.files.file_reader import FileContent
from release.records.files.selection.choice import choose
from release.records.files.sources import Source
from release.records.reader import Record
from release.records.rows import merged_captures
from release.records.tracer import Tracer, key_of, origin_of
from release.syntax.text import line_and_column
from release.system import files as system_files
from release.tables import findings as tables_findings
from release.tables import spill, validate
from release.tables.columns import is_increasing


@lru_cache(maxsize=2)
def prepare_plan(context: BuildContext) -> normalize.Plan:
    """Prepare the plan of a build; the plans of the last two are kept."""
    descriptor = descriptor_load.parse(context.text, Path("datapackage.yaml"))
    files = dict(context.curated)
    tables, _ = codelists.parse_tables(descriptor, files)
    lookups, _ = codelists.build_lookups(descriptor, tables, files)
    return normalize.make_plan(descriptor, lookups)


def make_chunk(context: BuildContext, folder: str, sources: Sequence[Source]) -> str:
    """Build the chunk of some records into a folder, unless its file is there; return the file's path."""
    contents = []
    keyed = []
    kind = prepare_plan(context).descriptor.kind(sources[0].kind)  # all of a chunk are of one
    read = files_contents.read_all(sources, most_bytes(kind))
    for source, (data, fault) in zip(sources, read, strict=True):
        digest = digest_content(data, fault)
        keyed.append((source.kind, source.name, digest))
        contents.append((data, fault, digest if data is not None else ""))
    patches = context.read_patches()
    path = system_files.join(folder, make_cache_key(context.fingerprint(), keyed, patches))
    if spill.is_whole(path):
        system_files.touch(path)  # the cache removes files that were not used for long
    else:
        plan = prepare_plan(context)
        _build(plan, sources, contents, patches).write(path, plan.descriptor)
    return str(path)


#: The bytes of a file, the finding if there are none, and the SHA-256, empty if there are none.
_Content = tuple[bytes | None, Finding | None, str]


def _build(
    plan: normalize.Plan,
    sources: Sequence[Source],
    contents: Sequence[_Content],
    patches: Patches | None,
) -> Chunk:
    """Read records, make rows of them, and find everything that is wrong within the chunk."""
    records, findings, left_out = _read(plan, sources, contents, patches)
    if normalize.reads_bodies(plan):
        records = [(at, record and _keep_body(record)) for at, record in records]
    read = {at: record for at, (_, record) in enumerate(records) if record is not None}
    fronts = {at: record.front for at, record in read.items()}
    values = {at: record.values for at, record in read.items()}
    tracer = Tracer(plan.finders, fronts.get, values.get)
    tables, faults = normalize.normalize(read, plan, tracer)
    findings += faults
    of_records = editions.EditionIndex({at: record.source for at, record in read.items()})
    for resource in plan.descriptor.resources:
        if resource.rows:
            table, faults = _merge_editions(
                tables[resource.name], resource, plan, of_records, tracer
            )
            if not is_increasing(
                table.select(resource.primary_key)
            ):  # records mostly are in that order
                table = table.sort_by([(name, "ascending") for name in resource.primary_key])
            tables[resource.name] = table
            findings += faults
            uncoded = _list_uncoded(resource, plan)
            findings += _find_violations(tables[resource.name], resource, uncoded, tracer, sources)
    grouped = tables_findings.to_table(group_findings(_drop_shared(findings)))
    files = _list_files(records, [sha256 for _, _, sha256 in contents], left_out)
    return Chunk(tables, grouped, _list_fronts(records), files)


#: A record, None if it cannot be read, and the position of its file.
_Numbered = tuple[int, Record | None]


def _read(
    plan: normalize.Plan,
    sources: Sequence[Source],
    contents: Sequence[_Content],
    patches: Patches | None,
) -> tuple[list[_Numbered], list[Finding], dict[int, Sequence[int]]]:
    """Read the records of files in the order in which they are numbered, and find their faults.

    The last value has the positions of the conditions that left out records, by the position of the file.
    """
    kind = plan.descriptor.kind(sources[0].kind)  # all records of a chunk are of one kind
    records: list[_Numbered] = []
    findings: list[Finding] = []
    left_out: dict[int, Sequence[int]] = {}
    for at, (source, (data, fault, sha256)) in enumerate(zip(sources, contents, strict=True)):
        content = FileContent([], [fault] if fault else [])
        if data is not None:
            content = file_reader.parse_file(source, data, sha256, kind.container)
        chosen = choose(kind, source, content.records, content.findings, patches)
        findings += chosen.findings
        records += [(at, record) for record in chosen.records] or [(at, None)]
        if chosen.left_out:
            left_out[at] = [condition for _, condition in chosen.left_out]
    if kind.prefer and len(records) > len(sources):
        records.sort(key=_make_order(records, kind))
    return records, findings, left_out


def _list_files(
    records: Sequence[_Numbered], digests: Sequence[str], left_out: Mapping[int, Sequence[int]]
) -> pa.Table:
    """Return the files of a chunk as a table of FILES."""
    there = {at for at, record in records if record is not None} if left_out else ()
    kept = [at in there or at not in left_out for at in range(len(digests))]
    listed = [json.dumps(left_out[at]) if at in left_out else None for at in range(len(digests))]
    return pa.table([digests, kept, listed], schema=FILES)


def _make_order(
    records: Sequence[_Numbered], kind: RecordKind
) -> Callable[[_Numbered], tuple[Any, ...]]:
    """Make a key that sorts records as they are met first, the editions of each side by side.

    The preferred edition comes first, as among files.
    """
    names = tuple(kind.prefer)
    ranks = {name: {value: at for at, value in enumerate(kind.prefer[name])} for name in names}
    first: dict[tuple[str, ...], int] = {}
    for _, record in records:
        if record is not None:
            first.setdefault(record.source.shared(names), len(first))

    def order(numbered: _Numbered) -> tuple[Any, ...]:
        at, record = numbered
        if record is None:
            return len(first), at
        values = [record.source.captures.get(name, "") for name in names]
        edition = [
            (ranks[name].get(value, len(ranks[name])), value)
            for name, value in zip(names, values, strict=True)
        ]
        return first[record.source.shared(names)], 0, *edition

    return order


def _keep_body(record: Record) -> Record:
    """Return a record whose body is kept with its front matter, so that its parts can be located."""
    return replace(record, front=replace(record.front, body=record.body))


def _list_fronts(records: Sequence[_Numbered]) -> pa.Table:
    """Return the front matter of records as a table of FRONTS."""
    fronts = [record.front if record is not None else None for _, record in records]
    columns = {name: [getattr(front, name, None) for front in fronts] for name in FRONTS.names[:5]}
    columns["file"] = [at for at, _ in records]
    columns["body"] = [front.body if front is not None else None for front in fronts]
    columns["text_at"] = list(range(len(fronts)))
    columns["captures"], columns["prefix"] = [None] * len(fronts), [None] * len(fronts)
    met: dict[int, int] = {}
    for at, front in enumerate(fronts):
        if front is None or not front.source.within:
            continue
        captures = front.source.captures
        columns["captures"][at] = json.dumps({name: captures[name] for name in front.source.within})
        if front.prefix:
            columns["prefix"][at] = json.dumps(front.prefix)
            columns["text_at"][at] = met.setdefault(id(front.text), at)
            if columns["text_at"][at] != at:
                columns["text"][at] = None
    return pa.table(columns, schema=FRONTS)


def _drop_shared(findings: Sequence[Finding]) -> list[Finding]:
    """Keep one finding about a text that several rows or tables take: that of the first table."""
    kept = []
    located: set[tuple[str, str, int, int]] = set()
    for each in findings:
        if family(each.rule) in ABOUT_TEXTS:
            where = each.rule, each.path, each.line, each.column
            if where in located:
                continue
            located.add(where)
        kept.append(each)
    return kept


def _merge_editions(
    table: pa.Table,
    resource: Resource,
    plan: normalize.Plan,
    of_records: editions.EditionIndex,
    tracer: Tracer,
) -> tuple[pa.Table, list[Finding]]:
    """Merge the editions of a table's rows; return the table, and findings about editions that differ."""
    findings: list[Finding] = []
    uncoded = _list_uncoded(resource, plan)
    for comparison in resource.compare:
        if uncoded.isdisjoint(resource.primary_key):
            grouped = editions.group_editions(
                table, resource, (comparison.across,), of_records, tracer
            )
            fields = [name for name in comparison.fields if name not in uncoded]
            findings += editions.compare(grouped, fields)
    if names := merged_captures(resource, plan.descriptor):
        table, faults = editions.merge(
            editions.group_editions(table, resource, names, of_records, tracer)
        )
        findings += [fault for fault in faults if fault.field not in uncoded]
    return table, findings


def _list_uncoded(resource: Resource, plan: normalize.Plan) -> frozenset[str]:
    """Return the fields that hold texts and no codes: their codelist cannot be read, which is one finding."""
    return frozenset(
        field.name
        for field in resource.fields
        if field.codes is not None and field.codes not in plan.lookups
    )


def _find_violations(
    table: pa.Table,
    resource: Resource,
    uncoded: frozenset[str],
    tracer: Tracer,
    sources: Sequence[Source],
) -> Iterator[Finding]:
    """Find the cells that break the schema; in a field without its codelist, only missing values."""
    for violation in (
        *validate.check_cells(table, resource),
        *check_texts(table, resource),
    ):
        if violation.field in uncoded and family(violation.rule) not in ("required", "primaryKey"):
            continue
        finding = Finding(
            violation.rule,
            "",
            validate.message_of_records(violation, resource),
            table=resource.name,
            severity=violation.severity,
        )
        if violation.row < 0:  # a count of rows, which other chunks may have too
            these = f"{sources[0].path} to {sources[-1].path}"
            message = f"{finding.message}, in the records {these}"
            yield replace(finding, path=f"data/{resource.name}.csv", message=message)
            continue
        finding = replace(finding, key=key_of(table, violation.row, resource))
        field = resource.field(violation.field)
        finding = tracer.at_cell(origin_of(table, violation.row), resource, field, finding)
        if field.origin == "$body" and violation.offset > 0:
            body = table[field.name][violation.row].as_py()
            line, column = line_and_column(body, violation.offset)
            finding = replace(finding, line=finding.line + line, column=column + 1)
        yield finding
