"""Records + descriptor -> tables: every leaf becomes a cell, or a finding says why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from release.descriptor.checks import is_lowered
from release.descriptor.model import Descriptor, Field, Resource
from release.descriptor.schema.record_names import name_as_in_records
from release.findings.finding import Finding
from release.findings.groups import Groups
from release.findings.message import shown
from release.findings.rules import NAMED_AFTER, RULES, Severity
from release.records import coverage, orphans
from release.records.codelists import Lookup
from release.records.misfits import EMPTYING, Misfit, RawValues, convert
from release.records.reader import Record
from release.records.rows import RowFinder, build_finders
from release.records.shapes.advice import MisspelledKey, advise, find_misspelled
from release.records.shapes.columns import RawColumn
from release.records.shapes.tree import Node, build_tree
from release.records.tracer import Tracer, key_of, origin_of
from release.syntax.paths import KeyPath, brief_path, is_in_body

#: The columns, behind a table's own, that say where a row comes from: the fields of tracer.Origin.
ORIGIN = pa.schema([("$record", pa.int32()), ("$source", pa.int32()), ("$entry", pa.int32())])


@dataclass(frozen=True, slots=True)
class Plan:
    """The descriptor and codelists, prepared for many records.

    `finders` has one finder for each item of a table's `rows`, by table; `trees` the known paths and
    `conditional_uses` the paths that may leave orphan values, by kind of record.
    """

    descriptor: Descriptor
    lookups: Mapping[str, Lookup]
    finders: Mapping[str, tuple[RowFinder, ...]]
    trees: Mapping[str, Node]
    conditional_uses: Mapping[str, Sequence[orphans.ConditionalUse]]


def make_plan(descriptor: Descriptor, lookups: Mapping[str, Lookup]) -> Plan:
    """Prepare a descriptor and its codelists, by the name of their tables."""
    trees = {kind.name: build_tree(descriptor, kind) for kind in descriptor.kinds}
    finders = build_finders(descriptor)
    uses = {
        kind: orphans.find_conditional_uses(finders, kind, tree) for kind, tree in trees.items()
    }
    return Plan(descriptor, lookups, finders, trees, uses)


def reads_bodies(plan: Plan) -> bool:
    """Return whether a field or the rows of a table come from parts of bodies."""
    return any(
        is_in_body(path)
        for finders in plan.finders.values()
        for finder in finders
        for path in (finder.rows.path, *(column.path or () for column in finder.all_columns()))
    )


def normalize(
    records: Mapping[int, Record], plan: Plan, tracer: Tracer
) -> tuple[dict[str, pa.Table], list[Finding]]:
    """Turn numbered records into tables, by name, and report every value that does not reach them.

    Rows are in the order of `rows` in the descriptor, then of the records, then of the entries in a record.
    The columns of ORIGIN follow each table's own.
    """
    findings = _report_unmapped(records, plan, tracer)
    kinds = {
        kind.name: _KindRecords(
            {n: r for n, r in records.items() if r.source.kind == kind.name}, plan
        )
        for kind in plan.descriptor.kinds
    }
    for kind, of_kind in kinds.items():
        findings += _report_orphans(of_kind, kind, plan, tracer)
    tables = {}
    for resource in plan.descriptor.resources:
        if resource.rows:
            parts = []
            for number, finder in enumerate(plan.finders[resource.name]):
                part, faults = _build_rows(finder, number, kinds[finder.rows.kind], tracer)
                parts.append(part)
                findings += faults
            tables[resource.name] = pa.concat_tables(parts)
    return tables, _drop_repeats(findings)


class _KindRecords:
    """The records of one kind, and the converted columns that several tables share."""

    def __init__(self, records: Mapping[int, Record], plan: Plan) -> None:
        self.records = list(records.values())
        self.numbers = np.fromiter(records, np.int32, len(records))
        self.plan = plan
        self._converted: dict[object, tuple[pa.Array, list[Misfit]]] = {}

    def convert_per_record(
        self, column: RawColumn, finder: RowFinder
    ) -> tuple[pa.Array, list[Misfit]]:
        """Convert a column with one value for each record, once for all tables that have the same."""
        field = column.field
        constants = tuple(sorted(finder.rows.constants.items()))
        what = (field.name, field.values, field.codes, field.origin, field.when, constants)
        if what not in self._converted:
            values = column.of_records(self.records)
            raw = RawValues(column, values, self.records, np.arange(len(self.records)))
            self._converted[what] = convert(raw, self.plan.lookups)
        return self._converted[what]


class _FoundRows:
    """The rows that one finder finds in the records of a kind.

    `record_of` has the position of each row's record, `entry` the row's position within that record;
    `counts` and `first` have the number of rows and the first row of each record.
    """

    def __init__(self, finder: RowFinder, kind: _KindRecords) -> None:
        found, self.values = finder.find(kind.records)
        self.record_of = found.records
        self.counts = np.bincount(found.records, minlength=len(kind.records))
        self.first = np.cumsum(self.counts) - self.counts
        self.entry = (np.arange(len(self.record_of)) - self.first[self.record_of]).astype(np.int32)

    def convert(
        self, column: RawColumn, finder: RowFinder, kind: _KindRecords
    ) -> tuple[pa.Array, list[Misfit]]:
        """Return a column, one value per row, and its misfits.

        A misfit of a value that all rows of a record share is reported once, at the first of them.
        """
        if column.per == "row":
            values = self.values[column.field.name]
            raw = RawValues(column, values, kind.records, self.record_of)
            return convert(raw, kind.plan.lookups)
        array, misfits = kind.convert_per_record(column, finder)
        at_rows = [
            replace(misfit, at=int(self.first[misfit.at]))
            for misfit in misfits
            if self.counts[misfit.at]
        ]
        if not finder.rows.path:  # a row for each record
            return array, at_rows
        return array.take(pa.array(self.record_of)), at_rows

    def find_unfit(
        self, column: RawColumn, misfits: Sequence[Misfit], severities: Mapping[str, Severity]
    ) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Return for each row whether its value does not fit its type or codelist, and that is an error."""
        name = column.field.name
        errors = [r for r in EMPTYING if not is_lowered(f"{name}-{r}", severities)]
        at = np.array([each.at for each in misfits if each.rule in errors], np.int64)
        if column.per == "row":
            return np.isin(np.arange(len(self.record_of)), at)
        return np.isin(self.record_of, self.record_of[at])


def _drop_repeats(findings: list[Finding]) -> list[Finding]:
    """Keep one finding where several tables use the same faulty value: that of the first table."""
    return list({(f.path, f.line, f.column, f.rule, f.message): f for f in findings[::-1]}.values())


def _report_unmapped(records: Mapping[int, Record], plan: Plan, tracer: Tracer) -> list[Finding]:
    """Report each leaf of a record that no path of the descriptor covers."""
    found: Groups[Finding] = Groups()
    for at, record in records.items():
        tree = plan.trees[record.source.kind]
        wrong: set[KeyPath] = set()
        for key_path in coverage.find_uncovered(record.values, tree, record.source.captures):
            if (key := find_misspelled(key_path, tree)) is None:
                found.add(at, partial(_unmapped, at, record, key_path, tree, tracer))
            elif key.key_path not in wrong:  # else one finding stands for all below the key
                wrong.add(key.key_path)
                found.add(at, partial(_misspelled, at, record, key, tracer))
    return found.faults()


def _misspelled(at: int, record: Record, key: MisspelledKey, tracer: Tracer) -> Finding:
    """Return the finding of a key that no path covers, and that looks like one that is."""
    finding = Finding("unmapped-path", record.source.path, key.describe())
    return tracer.at_key_path(at, key.key_path, finding, key=True)


def _unmapped(at: int, record: Record, key_path: KeyPath, tree: Node, tracer: Tracer) -> Finding:
    """Return the finding of a leaf that no path covers."""
    advice = advise(record.values, key_path, tree)
    # a record among several in a file may be a text or a number
    what, how = (brief_path(key_path), "from") if key_path else ("the record", "from: $value")
    message = (
        f"{what} is {_show_leaf(record.values, key_path)}, which nothing maps; "
        f"{advice}map it with `{how}`, or ignore it with a reason"
    )
    if not key_path and _may_be_document(record):
        message += "; if the document is the record, give the kind `format: yaml-documents`"
    return tracer.at_key_path(at, key_path, Finding("unmapped-path", record.source.path, message))


def _may_be_document(record: Record) -> bool:
    """Return whether a record is one value of a mapping in YAML: other files may have several documents."""
    source = record.source
    keys = [source.captures[name] for name in source.within]
    return record.front.format == "yaml" and len(keys) == 1 and not keys[0].isdecimal()


def _report_orphans(kind: _KindRecords, name: str, plan: Plan, tracer: Tracer) -> list[Finding]:
    """Report each orphan value in the records of a kind."""
    uses = plan.conditional_uses[name]
    found: Groups[Finding] = Groups()
    for orphan in orphans.find_orphans(kind.records, plan.trees[name], uses):
        make = partial(_orphan, orphan, kind, tracer)
        found.add(orphan.at, make)
    return found.faults()


def _orphan(orphan: orphans.OrphanValue, kind: _KindRecords, tracer: Tracer) -> Finding:
    """Return the finding of an orphan value."""
    record = kind.records[orphan.at]
    reason = orphan.reason or (
        f"which only a row of {' or '.join(orphan.tables)} would use, and there is no such row"
    )
    message = (
        f"{brief_path(orphan.key_path)} is {_show_leaf(record.values, orphan.key_path)}, {reason}; "
        "map it elsewhere too, or ignore it with a reason"
    )
    finding = Finding("unmapped-path", record.source.path, message)
    return tracer.at_key_path(int(kind.numbers[orphan.at]), orphan.key_path, finding)


def _show_leaf(value: Any, key_path: KeyPath) -> str:
    """Return a leaf as a message shows it, telling apart the ways of being empty."""
    value = coverage.get_value(value, key_path)
    if value is None:
        return "null"
    if value == "":
        return "empty text"
    return f"an empty {shown(value).split()[-1]}" if value in ([], {}) else shown(value)


def _build_rows(
    finder: RowFinder, number: int, kind: _KindRecords, tracer: Tracer
) -> tuple[pa.Table, list[Finding]]:
    """Build the rows that one finder finds.

    Rows whose key has a value that does not fit are left out, unless that is lowered: the key would be found
    to be missing, too. `number` is the position of the finder in its table's `rows`.
    """
    rows = _FoundRows(finder, kind)
    numbers = kind.numbers[rows.record_of]
    arrays, found = [], []
    dropped = np.zeros(len(numbers), bool)
    severities = kind.plan.descriptor.severities
    for column in finder.columns:
        array, misfits = rows.convert(column, finder, kind)
        arrays.append(array)
        if misfits and column.field.name in finder.resource.primary_key:
            dropped |= rows.find_unfit(column, misfits, severities)
        found += [(column.field, misfit) for misfit in misfits]
    origin = [numbers, np.full(len(numbers), number, np.int32), rows.entry]
    names = [*finder.resource.field_names, *ORIGIN.names]
    table = pa.table([*arrays, *map(pa.array, origin)], names)
    findings: Groups[Finding] = Groups()
    for field, misfit in found:
        make = partial(_report_misfit, table, finder.resource, field, misfit, tracer)
        findings.add((int(numbers[misfit.at]), field.name, misfit.rule), make)
    return table.filter(pa.array(~dropped)) if dropped.any() else table, findings.faults()


def _report_misfit(
    table: pa.Table, resource: Resource, field: Field, misfit: Misfit, tracer: Tracer
) -> Finding:
    """Return the finding of a misfit, at the location of its value."""
    rule = f"{field.name}-{misfit.rule}" if misfit.rule in NAMED_AFTER else misfit.rule
    severity, message = RULES[misfit.rule][0], misfit.message
    if rule != misfit.rule and severity == "error":
        message = name_as_in_records(message, field)
    finding = Finding(rule, "", message, severity=severity)
    finding = tracer.at_cell(origin_of(table, misfit.at), resource, field, finding)
    return replace(finding, key=key_of(table, misfit.at, resource))
