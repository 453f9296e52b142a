"""Records + descriptor -> tables: every leaf a cell, or a finding that says why not."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.load import Descriptor, Field, Resource
from release.descriptor.types import describe_expected
from release.findings import NAMED_AFTER, RULES, Finding, shown
from release.records import coverage, orphans
from release.records.codelists import Lookup
from release.records.locate import Origin, Tracer, key_of, origin_of
from release.records.reader import Record
from release.records.rows import Column, Finder, Unfound, finders
from release.syntax.paths import KeyPath, brief_path, show_path
from release.tables.columns import ARROW_TYPES, from_values

#: Columns of a table in the making that say where a row comes from, as in trace.Origin.
ORIGIN = pa.schema([("$record", pa.int32()), ("$source", pa.int32()), ("$entry", pa.int32())])

#: Misfits that leave a cell empty; where it is in the key, its row cannot stand in the table.
_EMPTIED = ("type", "code")


@dataclass(frozen=True, slots=True)
class Plan:
    """What reading records needs to know, worked out once from the descriptor and codelists."""

    descriptor: Descriptor
    lookups: Mapping[str, Lookup]
    finders: Mapping[str, tuple[Finder, ...]]
    trees: Mapping[str, coverage.Node]
    takers: Mapping[str, Sequence[orphans.Taker]]


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that does not fit its field, by its position among the column's values."""

    at: int
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of a column and, for each, the position of its record in `records`."""

    column: Column
    values: Sequence[Any]
    records: Sequence[Record]
    record_of: np.ndarray[Any, Any]


def plan(descriptor: Descriptor, lookups: Mapping[str, Lookup]) -> Plan:
    """The plan for a descriptor with its codelists."""
    trees = {kind.name: coverage.tree(descriptor, kind) for kind in descriptor.kinds}
    found = finders(descriptor)
    takers = {kind: orphans.takers(found, kind, tree) for kind, tree in trees.items()}
    return Plan(descriptor, lookups, found, trees, takers)


def normalize(
    records: Mapping[int, Record], plan: Plan, tracer: Tracer
) -> tuple[dict[str, pa.Table], list[Finding]]:
    """The rows of numbered records, in the order of the records, and what was found on the way.

    The tables have the columns of ORIGIN behind their own.
    """
    findings = list(_unmapped(records, plan, tracer))
    kinds = {
        kind.name: _Kind({n: r for n, r in records.items() if r.source.kind == kind.name}, plan)
        for kind in plan.descriptor.kinds
    }
    for kind, these in kinds.items():
        findings += _left_over(these, kind, plan, tracer)
    tables = {}
    for resource in plan.descriptor.resources:
        if resource.rows:
            parts = []
            for number, find in enumerate(plan.finders[resource.name]):
                part, faults = _part(find, number, kinds[find.rows.kind], tracer)
                parts.append(part)
                findings += faults
            tables[resource.name] = pa.concat_tables(parts)
    return tables, _once(findings)


class _Kind:
    """The records of one kind; what several tables take from a record is worked out once."""

    def __init__(self, records: Mapping[int, Record], plan: Plan) -> None:
        self.records = list(records.values())
        self.numbers = np.fromiter(records, np.int32, len(records))
        self.plan = plan
        self._shared: dict[object, tuple[pa.Array, list[Misfit]]] = {}

    def of_records(self, column: Column, find: Finder) -> tuple[pa.Array, list[Misfit]]:
        """A column with one value for each record, and what does not fit it."""
        field = column.field
        constants = tuple(sorted(find.rows.constants.items()))
        what = (field.name, field.type, field.codes, field.origin, constants)
        if what not in self._shared:
            values = column.of_records(self.records)
            everyone = np.arange(len(self.records))
            typed = _typed(_Values(column, values, self.records, everyone), self.plan)
            self._shared[what] = typed
        return self._shared[what]


class _Rows:
    """The rows that one source of rows finds in records: how many in each, and their own values."""

    def __init__(self, find: Finder, kind: _Kind) -> None:
        found, self.values = find.find(kind.records)
        self.record_of = found.records
        self.counts = np.bincount(found.records, minlength=len(kind.records))
        self.first = np.cumsum(self.counts) - self.counts
        self.entry = (np.arange(len(self.record_of)) - self.first[self.record_of]).astype(np.int32)

    def column(
        self, column: Column, find: Finder, kind: _Kind
    ) -> tuple[pa.Array, list[Misfit], list[int]]:
        """A column, its misfits at the first row of each, and what misfits left empty.

        That are rows, or for a column with one value for each record all rows of a record.
        """
        if column.per == "row":
            values = self.values[column.field.name]
            typed = _Values(column, values, kind.records, self.record_of)
            array, misfits = _typed(typed, kind.plan)
            return array, misfits, [misfit.at for misfit in misfits if misfit.rule in _EMPTIED]
        array, misfits = kind.of_records(column, find)
        lost = [misfit.at for misfit in misfits if misfit.rule in _EMPTIED]
        at_rows = [
            replace(misfit, at=int(self.first[misfit.at]))
            for misfit in misfits
            if self.counts[misfit.at]
        ]
        emptied = np.flatnonzero(np.isin(self.record_of, lost)).tolist() if lost else []
        if not find.rows.path:  # a row for each record
            return array, at_rows, emptied
        return array.take(pa.array(self.record_of)), at_rows, emptied


def _once(findings: list[Finding]) -> list[Finding]:
    """A fault of a value that several tables use is told once, of the first of them."""
    return list({(f.path, f.line, f.column, f.rule, f.message): f for f in findings[::-1]}.values())


def _unmapped(records: Mapping[int, Record], plan: Plan, tracer: Tracer) -> Iterator[Finding]:
    for at, record in records.items():
        tree = plan.trees[record.source.kind]
        for place in coverage.uncovered(record.values, tree, record.source.captures):
            advice = _advice(*coverage.known_beside(place, tree))
            message = (
                f"{brief_path(place)} is {_as_written(record.values, place)}, which nothing maps; "
                f"{advice}map it with `from`, or ignore it with a reason"
            )
            finding = Finding("unmapped-path", record.source.path, message)
            yield tracer.at_place(at, place, finding)


def _advice(unknown: str | int, known: Sequence[str]) -> str:
    """What to do about a key or position that the descriptor does not know, where it knows others."""
    if isinstance(unknown, int):
        only = f"{unknown} is a position of a list, which only a {{capture}} takes; "
        return only if known else ""
    near = difflib.get_close_matches(unknown, known, 1, 0.8)
    return f"did you mean {near[0]}? If not, " if near else ""


def _left_over(kind: _Kind, name: str, plan: Plan, tracer: Tracer) -> Iterator[Finding]:
    for left in orphans.leftovers(kind.records, plan.trees[name], plan.takers[name]):
        record = kind.records[left.at]
        message = (
            f"{brief_path(left.place)} is {_as_written(record.values, left.place)}, which only rows of "
            f"{' and '.join(left.tables)} take, and there is none for it; map it elsewhere too, or ignore "
            "it with a reason"
        )
        finding = Finding("unmapped-path", record.source.path, message)
        yield tracer.at_place(int(kind.numbers[left.at]), left.place, finding)


def _as_written(value: Any, place: KeyPath) -> str:
    value = coverage.value_at(value, place)
    if value is None:
        return "null"
    if value == "":
        return "empty text"
    return f"an empty {shown(value).split()[-1]}" if value in ([], {}) else shown(value)


def _part(find: Finder, number: int, kind: _Kind, tracer: Tracer) -> tuple[pa.Table, list[Finding]]:
    """The rows of one source of a table's rows; those whose key could not be read are left out."""
    rows = _Rows(find, kind)
    numbers = kind.numbers[rows.record_of]
    arrays, found = [], []
    dropped = np.zeros(len(numbers), bool)
    for column in find.columns:
        array, misfits, emptied = rows.column(column, find, kind)
        arrays.append(array)
        found += [(column.field, misfit) for misfit in misfits]
        if column.field.name in find.resource.primary_key:
            dropped[emptied] = True
    origin = [numbers, np.full(len(numbers), number, np.int32), rows.entry]
    names = [*find.resource.names, *ORIGIN.names]
    table = pa.table([*arrays, *map(pa.array, origin)], names)
    findings = []
    for field, misfit in found:
        finding = _finding(origin_of(table, misfit.at), find.resource, field, misfit, tracer)
        findings.append(replace(finding, key=key_of(table, misfit.at, find.resource)))
    return table.filter(pa.array(~dropped)) if dropped.any() else table, findings


def _finding(
    origin: Origin, resource: Resource, field: Field, misfit: Misfit, tracer: Tracer
) -> Finding:
    rule = f"{field.name}-{misfit.rule}" if misfit.rule in NAMED_AFTER else misfit.rule
    finding = Finding(rule, "", misfit.message, severity=RULES[misfit.rule][0])
    return tracer.at_cell(origin, resource, field, finding)


def _typed(values: _Values, plan: Plan) -> tuple[pa.Array, list[Misfit]]:
    """The values of a column in the field's type, and those that do not fit it."""
    column = values.column
    field = column.field
    if field.locate is not None:
        return _located(values)
    array, bad = from_values(values.values, field.type)
    misfits = []
    for at in bad:
        value = values.values[at]
        message = f"{field.name} is {shown(value)}, expected {describe_expected(value, field)}"
        misfits.append(Misfit(at, "type", message))
    if field.codes is not None and field.codes in plan.lookups:
        array, faults = _coded(values, array, plan.lookups[field.codes])
        misfits += faults
    if values.records and column.per == "record":
        misfits += _disagreeing(values, array)
    return array, misfits


def _located(values: _Values) -> tuple[pa.Array, list[Misfit]]:
    offsets = [None if isinstance(value, Unfound) else value for value in values.values]
    misfits = [
        Misfit(
            at,
            "quote-not-found",
            f"{shown(value.text)} does not stand in the record's body, expected it word for word",
        )
        for at, value in enumerate(values.values)
        if isinstance(value, Unfound)
    ]
    return pa.array(offsets, ARROW_TYPES[values.column.field.type]), misfits


def _coded(values: _Values, array: pa.Array, lookup: Lookup) -> tuple[pa.Array, list[Misfit]]:
    """The codes of a column of codes, labels and aliases."""
    name = values.column.field.name
    encoded = array.dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    codes = [lookup.codes.get(text) for text in texts]
    misfits = []
    for number, text in enumerate(texts):
        if codes[number] is None:
            message = (
                f"{name} is {shown(text)}, expected a code, label or alias of {lookup.resource}; "
                f"{lookup.advice(text)}"
            )
            misfits += [Misfit(at, "code", message) for at in _where(encoded.indices, number)]
        elif text in lookup.languages:
            where = _where(encoded.indices, number)
            misfits += _foreign_labels(values, text, where, lookup)
    return pa.array(codes, pa.string()).take(encoded.indices), misfits


def _where(indices: pa.Array, number: int) -> list[int]:
    equal = pc.fill_null(pc.equal(indices, number), False)
    return [int(at) for at in pc.indices_nonzero(equal).to_pylist()]


def _foreign_labels(
    values: _Values, text: str, where: Sequence[int], lookup: Lookup
) -> Iterator[Misfit]:
    """Labels of one language in records of another."""
    languages = lookup.languages[text]
    for at in where:
        captures = values.records[values.record_of[at]].source.captures
        language = captures.get(lookup.capture)
        if language is None or language in languages:
            continue
        own = lookup.labels.get((lookup.codes[text], language))
        wanted = f"the {language} label {shown(own)}" if own else f"its code {lookup.codes[text]}"
        message = (
            f"{values.column.field.name} is {shown(text)}, a label in "
            f"{' and '.join(sorted(languages))}, expected {wanted} in a record in {language}"
        )
        yield Misfit(at, "label-language", message)


def _disagreeing(values: _Values, array: pa.Array) -> list[Misfit]:
    """Names that are captured from the file's path and read from the record, and differ."""
    field = values.column.field
    if not isinstance(field.origin, tuple) or field.name not in values.records[0].source.captures:
        return []
    captured = pa.array([record.source.captures[field.name] for record in values.records])
    differs = pc.fill_null(pc.not_equal(array.cast(pa.string()), captured), False)
    return [
        Misfit(
            at,
            "capture-disagrees",
            f"{show_path(field.origin)} is {shown(array[at].as_py())}, expected "
            f"{shown(captured[at].as_py())} as in the file's path",
        )
        for at in pc.indices_nonzero(differs).to_pylist()
    ]
