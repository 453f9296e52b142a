"""Report the records that are left out, kinds of which none is left, and what refers to such records."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from release.build.chunks import make as build_make
from release.build.chunks.chunk import Chunk
from release.build.inputs import Inputs
from release.descriptor.model import ForeignKey, RecordKind, Resource
from release.findings.finding import Finding
from release.findings.message import count_left_out, printable
from release.records import normalize
from release.records.files import file_reader
from release.records.files.selection.choice import choose
from release.records.files.sources import Source
from release.records.reader import Front, Record
from release.records.tracer import Tracer
from release.tables.validate import Violation


def report(inputs: Inputs, chunks: Sequence[Chunk]) -> Iterator[Finding]:
    """Return a note for each condition that left out records, and an error where no record is left."""
    for kind in inputs.descriptor.kinds:
        if kind.where:
            yield from _report_kind(kind, inputs, chunks)


def _report_kind(kind: RecordKind, inputs: Inputs, chunks: Sequence[Chunk]) -> Iterator[Finding]:
    counts: Counter[int] = Counter()
    first: dict[int, str] = {}
    kept = 0
    for (where, _), chunk in zip(inputs.ranges, chunks, strict=True):
        if inputs.sources[where.start].kind != kind.name:
            continue
        kept += int(pc.sum(chunk.files["is_kept"]).as_py() or 0)
        for at, listed in enumerate(chunk.files["left_out"].to_pylist()):
            for condition in json.loads(listed) if listed is not None else ():
                counts[condition] += 1
                if condition not in first:
                    first[condition] = inputs.sources[where.start + at].path
    for at, condition in enumerate(kind.where):
        if count := counts[at]:
            what = f"{count:,} record{'' if count == 1 else 's'} of {kind.name}"
            message = count_left_out(what, count, condition.reason, first[at])
            key_path = ("records", kind.name, "where", at)
            yield inputs.descriptor.finding("left-out", key_path, message, "note")
    if counts and not kept and not kind.may_be_empty:
        message = (
            f"the kind {kind.name} has no records: each of the {counts.total():,} is left out; expected one "
            "that is not, or `mayBeEmpty: true` if there may be none"
        )
        at_path = ("records", kind.name, "path")
        yield inputs.descriptor.finding("no-records", at_path, message, "error")


def explain(
    inputs: Inputs, tables: Mapping[str, pa.Table], violations: Sequence[Violation]
) -> list[Violation]:
    """Complete the messages on foreign keys that refer to a record which is left out: its path, the reason.

    Such records are read again, which only happens if a foreign key refers to nothing.
    """
    descriptor = inputs.descriptor
    found: dict[str, tuple[pa.Table, Sequence[tuple[Record, str]]]] = {}
    completed = []
    for violation in violations:
        about = ""
        if violation.rule.endswith("-foreignKeys") and violation.row >= 0:
            resource = descriptor.resource(violation.table)
            for key in resource.foreign_keys:
                if key.fields[-1] != violation.field:
                    continue
                target = descriptor.resource(key.resource)
                if target.name not in found:
                    found[target.name] = _make_rows(inputs, target)
                row = tables[violation.table].select(key.fields).slice(violation.row, 1)
                about = about or _find_row(row.to_pylist()[0], key, *found[target.name])
        message = f"{violation.message}; {about}" if about else violation.message
        completed.append(replace(violation, message=message))
    return completed


def _find_row(
    values: Mapping[str, object],
    key: ForeignKey,
    rows: pa.Table,
    records: Sequence[tuple[Record, str]],
) -> str:
    """Return in words which record that is left out has the values of a key; empty if none has."""
    names = zip(key.fields, key.reference_fields, strict=True)
    wanted = {other: values[own] for own, other in names}
    for row in rows.to_pylist():
        if all(row[name] == value for name, value in wanted.items()):
            record, reason = records[row["$record"]]
            return f"{printable(record.source.path)} has it, and is left out: {printable(reason)}"
    return ""


def _make_rows(inputs: Inputs, resource: Resource) -> tuple[pa.Table, Sequence[tuple[Record, str]]]:
    """Make the rows that records would have in a table if they were not left out.

    `$record` is the position in the second value: the records, each with the reason.
    """
    kinds = {rows.kind for rows in resource.rows}
    records = [
        each
        for kind in inputs.descriptor.kinds
        if kind.name in kinds
        for each in _read_left_out(inputs, kind)
    ]
    if not records:
        return pa.table({}), records
    plan = build_make.prepare_plan(inputs.context)
    numbered = {at: record for at, (record, _) in enumerate(records)}
    fronts = {at: record.front for at, record in numbered.items()}
    values = {at: record.values for at, record in numbered.items()}
    tables, _ = normalize.normalize(numbered, plan, Tracer(plan.finders, fronts.get, values.get))
    return tables[resource.name], records


def _read_left_out(inputs: Inputs, kind: RecordKind) -> Iterator[tuple[Record, str]]:
    """Read the records of a kind that are left out, each with the reason."""
    patches = inputs.context.read_patches()
    if kind.where:
        for source in (source for source in inputs.sources if source.kind == kind.name):
            read = file_reader.read_file(source, kind.container)
            for record, condition in choose(kind, source, read.records, (), patches).left_out:
                yield record, kind.where[condition].reason
    match = kind.pattern.matcher()
    for each in patches.withdrawals if patches is not None else ():
        if (found := match(each.path)) is None:
            continue
        root = "" if str(inputs.descriptor.root) == "." else str(inputs.descriptor.root)
        file = f"{root}/{each.path}" if root else each.path
        captures = dict(zip(kind.pattern.names, found, strict=True))
        source = Source(kind.name, each.path, file, captures, root=root)
        found_records = file_reader.read_file(source, kind.container).records
        # of one that cannot be read the path is known, and so are the captures in it
        nothing = Record(Front(source, "", "yaml", 0, 0), {}, "", "", 0)
        for record in found_records or [nothing]:
            yield record, each.reason
