"""Records + descriptor -> tables: every leaf a cell, or a finding that says why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release import coverage
from release.codelists import Lookup
from release.columns import ARROW_TYPES, expected, from_values
from release.descriptor import Descriptor, Field, Resource
from release.findings import NAMED_AFTER, RULES, Finding, shown
from release.paths import Place, show_path
from release.records import Record, Source, read
from release.rows import Column, Finder, finder
from release.trace import Tracer

#: Columns of a table in the making that say where a row comes from: the position of its record in the
#: list of sources, of its source of rows in the resource, and of its entry among that source's rows.
ORIGIN = pa.schema(
    [("$record", pa.int32()), ("$source", pa.int32()), ("$entry", pa.int32())]
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What reading records needs to know, worked out once from the descriptor and codelists."""

    descriptor: Descriptor
    lookups: Mapping[str, Lookup]
    finders: Mapping[str, tuple[Finder, ...]]
    trees: Mapping[str, coverage.Node]


@dataclass(frozen=True, slots=True)
class Misfit:
    """A cell that does not fit its field; it is left empty."""

    row: int
    rule: str
    message: str


def plan(descriptor: Descriptor, lookups: Mapping[str, Lookup]) -> Plan:
    """The plan for a descriptor with its codelists."""
    finders = {
        resource.name: tuple(finder(resource, rows) for rows in resource.rows)
        for resource in descriptor.resources
        if resource.rows
    }
    trees = {kind.name: coverage.tree(descriptor, kind) for kind in descriptor.kinds}
    return Plan(descriptor, lookups, finders, trees)


def normalize(
    sources: Sequence[Source], first: int, plan: Plan
) -> tuple[dict[str, pa.Table], list[Finding]]:
    """The rows of some records, in the order of the records, and what was found on the way.

    `first` is the position of the first source in the list of all. The tables have the columns of
    ORIGIN behind their own.
    """
    records: list[tuple[int, Record]] = []
    findings: list[Finding] = []
    for at, source in enumerate(sources, first):
        record, faults = read(source)
        findings += faults
        if record is not None:
            records.append((at, record))
    tracer = Tracer(plan.finders, dict(records).get)
    findings += _unmapped(records, plan, tracer)
    tables = {}
    for resource in plan.descriptor.resources:
        if resource.rows:
            tables[resource.name], faults = _table(resource, records, plan, tracer)
            findings += faults
    return tables, _once(findings)


def _once(findings: list[Finding]) -> list[Finding]:
    """A fault of a value that several tables use is told once, of the first of them."""
    seen = set()
    once = []
    for finding in findings:
        what = (finding.path, finding.line, finding.column, finding.rule, finding.message)
        if what not in seen:
            seen.add(what)
            once.append(finding)
    return once


def _unmapped(
    records: Sequence[tuple[int, Record]], plan: Plan, tracer: Tracer
) -> list[Finding]:
    findings = []
    for at, record in records:
        for place in coverage.uncovered(record.values, plan.trees[record.source.kind]):
            message = (
                f"{show_path(place)} is {shown(_at(record.values, place))}, which nothing maps; "
                "map it with `from`, or ignore it with a reason"
            )
            finding = Finding("unmapped-path", record.source.path, message)
            findings.append(tracer.at_place(at, place, finding, key=False))
    return findings


def _at(value: Any, place: Place) -> Any:
    for segment in place:
        value = value[segment]
    return value


def _table(
    resource: Resource,
    records: Sequence[tuple[int, Record]],
    plan: Plan,
    tracer: Tracer,
) -> tuple[pa.Table, list[Finding]]:
    parts, findings = [], []
    for number, find in enumerate(plan.finders[resource.name]):
        mine = [(at, record) for at, record in records if record.source.kind == find.rows.kind]
        part, faults = _part(find, number, mine, plan, tracer)
        parts.append(part)
        findings += faults
    return pa.concat_tables(parts), findings


def _part(
    find: Finder,
    number: int,
    records: Sequence[tuple[int, Record]],
    plan: Plan,
    tracer: Tracer,
) -> tuple[pa.Table, list[Finding]]:
    """The rows of one source of a table's rows."""
    by_row: list[list[Any]] = [[] for _ in find.by_row]
    counts = np.zeros(len(records), np.int32)
    for at, (_, record) in enumerate(records):
        rows = [values for _, values in find.find(record)]
        counts[at] = len(rows)
        for column, values in zip(by_row, zip(*rows, strict=True), strict=False):
            column.extend(values)
    local = np.repeat(np.arange(len(records), dtype=np.int32), counts)
    globally = np.array([at for at, _ in records], np.int32)
    entry = np.arange(len(local), dtype=np.int32) - np.repeat(np.cumsum(counts) - counts, counts)
    table = pa.table(
        [globally[local], np.full(len(local), number, np.int32), entry.astype(np.int32)],
        schema=ORIGIN,
    )
    first_rows = np.cumsum(counts) - counts
    values_of = dict(zip((column.field.name for column in find.by_row), by_row, strict=True))
    arrays, misfits = [], []
    dropped = np.zeros(len(local), bool)
    for column in find.columns:
        in_key = column.field.name in find.resource.primary_key
        if column.per == "row":
            array, faults = _typed(column, values_of[column.field.name], records, local, plan)
            misfits += [(column.field, fault) for fault in faults]
            if in_key:
                dropped[[fault.row for fault in faults if fault.rule in _EMPTIED]] = True
        else:
            values = [column.record_value(record) for _, record in records]
            everyone = np.arange(len(records))
            array, faults = _typed(column, values, records, everyone, plan)
            array = array.take(pa.array(local))
            misfits += [
                (column.field, replace(fault, row=int(first_rows[fault.row])))
                for fault in faults
                if counts[fault.row]
            ]
            if in_key:
                without = [fault.row for fault in faults if fault.rule in _EMPTIED]
                dropped |= np.isin(local, without)
        arrays.append(array)
    names = [column.field.name for column in find.columns]
    whole = pa.table([*arrays, *table.columns], names=[*names, *ORIGIN.names])
    findings = [_finding(whole, find.resource, field, fault, tracer) for field, fault in misfits]
    return whole.filter(pa.array(~dropped)) if dropped.any() else whole, findings


#: Misfits that leave a cell empty; where it is in the key, its row cannot stand in the table.
_EMPTIED = ("type", "code")


def _finding(
    table: pa.Table, resource: Resource, field: Field, misfit: Misfit, tracer: Tracer
) -> Finding:
    rule = f"{field.name}-{misfit.rule}" if misfit.rule in NAMED_AFTER else misfit.rule
    severity = RULES[misfit.rule][0]
    finding = Finding(rule, "", misfit.message, severity=severity)
    return tracer.at_cell(table, misfit.row, resource, field, finding)


def _typed(
    column: Column,
    values: list[Any],
    records: Sequence[tuple[int, Record]],
    record_of: np.ndarray[Any, Any],
    plan: Plan,
) -> tuple[pa.Array, list[Misfit]]:
    """The values of a column in the field's type, and those that do not fit it.

    `record_of` gives the position in `records` that each value belongs to.
    """
    field = column.field
    array, bad = from_values(values, field.type)
    misfits = [_misfit(column, at, values[at]) for at in bad]
    if field.codes is not None:
        array, faults = _coded(column, array, records, record_of, plan.lookups[field.codes])
        misfits += faults
    if len(records) and column.per == "record":
        misfits += _disagreeing(column, array, records)
    return array, misfits


def _misfit(column: Column, at: int, value: Any) -> Misfit:
    field = column.field
    if field.locate is not None:
        message = f"{shown(value)} does not stand in the record's body, expected it word for word"
        return Misfit(at, "quote-not-found", message)
    return Misfit(at, "type", f"{field.name} is {shown(value)}, expected {expected(field)}")


def _coded(
    column: Column,
    array: pa.Array,
    records: Sequence[tuple[int, Record]],
    record_of: np.ndarray[Any, Any],
    lookup: Lookup,
) -> tuple[pa.Array, list[Misfit]]:
    """The codes of a column of codes, labels and aliases."""
    encoded = array.dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    codes = [lookup.codes.get(text) for text in texts]
    coded = pa.array(codes, pa.string()).take(encoded.indices)
    misfits = []
    for number, text in enumerate(texts):
        if codes[number] is None:
            message = (
                f"{column.field.name} is {shown(text)}, expected a code, label or alias "
                f"of {lookup.resource}; {lookup.advice(text)}"
            )
            where = np.flatnonzero(_equal(encoded.indices, number))
            misfits += [Misfit(int(at), "code", message) for at in where]
        elif text in lookup.languages:
            where = np.flatnonzero(_equal(encoded.indices, number))
            misfits += _foreign_labels(column, text, where, records, record_of, lookup)
    return coded, misfits


def _equal(indices: pa.Array, number: int) -> np.ndarray[Any, Any]:
    equal: np.ndarray[Any, Any] = pc.fill_null(pc.equal(indices, number), False).to_numpy(
        zero_copy_only=False
    )
    return equal


def _foreign_labels(
    column: Column,
    text: str,
    where: np.ndarray[Any, Any],
    records: Sequence[tuple[int, Record]],
    record_of: np.ndarray[Any, Any],
    lookup: Lookup,
) -> list[Misfit]:
    """Labels of one language in records of another."""
    misfits = []
    languages = lookup.languages[text]
    for at in where:
        language = records[record_of[at]][1].source.captures.get(lookup.capture)
        if language is None or language in languages:
            continue
        own = lookup.labels.get((lookup.codes[text], language))
        wanted = f"the {language} label {shown(own)}" if own else f"its code {lookup.codes[text]}"
        message = (
            f"{column.field.name} is {shown(text)}, a label in {' and '.join(sorted(languages))}, "
            f"expected {wanted} in a record in {language}"
        )
        misfits.append(Misfit(int(at), "label-language", message))
    return misfits


def _disagreeing(
    column: Column, array: pa.Array, records: Sequence[tuple[int, Record]]
) -> list[Misfit]:
    """Names that are captured from the file's path and read from the record, and differ."""
    name = column.field.name
    if not isinstance(column.field.origin, tuple) or name not in records[0][1].source.captures:
        return []
    captured = pa.array([record.source.captures[name] for _, record in records], pa.string())
    differs = pc.fill_null(pc.not_equal(array.cast(pa.string()), captured), False)
    return [
        Misfit(
            at,
            "capture-disagrees",
            f"{show_path(column.field.origin)} is {shown(array[at].as_py())}, expected "
            f"{shown(captured[at].as_py())} as in the file's path",
        )
        for at in pc.indices_nonzero(differs).to_pylist()
    ]


def empty(resource: Resource) -> pa.Table:
    """A resource's table without rows, with the columns of ORIGIN."""
    schema = pa.schema([(field.name, ARROW_TYPES[field.type]) for field in resource.fields])
    return pa.schema([*schema, *ORIGIN]).empty_table()
