"""Editions: the rows of one record's language versions, merged into one row or compared row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.model import Field, Resource
from release.descriptor.vocabulary import ADDED
from release.findings.finding import Finding
from release.findings.message import named, plain, shown
from release.records.files.sources import Source
from release.records.tracer import Tracer, key_of, origin_of
from release.syntax.looks.contrast import tell_apart
from release.syntax.paths import Capture
from release.tables.columns import differs_from_previous, find_true, value_at

_ONLY_VALID = pc.CountOptions(mode="only_valid")
_FIRST_VALID = pc.ScalarAggregateOptions(skip_nulls=True)


class EditionIndex:
    """The sources of a chunk's records by number, grouped by the record that they are editions of."""

    def __init__(self, sources: Mapping[int, Source]) -> None:
        self.sources = sources
        self._first_editions: dict[tuple[str, ...], dict[int, int]] = {}

    def first_editions(self, names: tuple[str, ...]) -> dict[int, int]:
        """Return, by the number of each record, the number of its first edition.

        The captures `names` tell the editions of a record apart.
        """
        if names not in self._first_editions:
            first: dict[tuple[str, ...], int] = {}
            self._first_editions[names] = {
                at: first.setdefault(source.shared(names), at)
                for at, source in self.sources.items()
            }
        return self._first_editions[names]

    def count_editions(self, names: tuple[str, ...]) -> Counter[int]:
        """Count the editions of each record, by the number of the first."""
        return Counter(self.first_editions(names).values())

    def list_editions(self, at: int, names: tuple[str, ...]) -> list[int]:
        """List the numbers of all editions of the record that has the number `at`."""
        firsts = self.first_editions(names)
        return [other for other, first in firsts.items() if first == firsts[at]]


@dataclass(frozen=True, slots=True)
class Editions:
    """A table whose rows come from several editions, ready to be grouped by the columns `shared`.

    These are `keys`, the primary key without the fields that tell the editions apart, and `$first`, the first
    edition of the row's record: rows of unrelated records with equal keys are not grouped. `names` are the
    captures that tell the editions apart; `records` has the source of each `$record`. In a group, rows are in
    the order of the records, the preferred edition first.
    """

    table: pa.Table
    resource: Resource
    keys: tuple[str, ...]
    shared: tuple[str, ...]
    names: tuple[str, ...]
    records: EditionIndex
    tracer: Tracer

    def edition_name(self, at: int) -> str:
        """Return the name of an edition, such as `zh`, by the number of its record."""
        captures = self.records.sources[at].captures
        # the editions of another kind may be told apart by other captures
        return "/".join(captures[name] for name in self.names if name in captures)

    def find_rows(self, group: Mapping[str, Any]) -> list[int]:
        """Find the positions of a group's rows, by the values of `shared`."""
        matches = pa.chunked_array([pa.repeat(True, self.table.num_rows)])
        for name, value in group.items():
            column = self.table[name]
            matches = pc.and_(
                matches, pc.is_null(column) if value is None else pc.equal(column, value)
            )
        return [int(row) for row in find_true(matches).to_pylist()]


def group_editions(
    table: pa.Table,
    resource: Resource,
    names: tuple[str, ...],
    records: EditionIndex,
    tracer: Tracer,
) -> Editions:
    """Prepare a table to be grouped by its primary key without the fields of the captures `names`.

    The table needs the columns of normalize.ORIGIN.
    """
    apart = {Capture(name) for name in names}
    keys = tuple(name for name in resource.primary_key if resource.field(name).origin not in apart)
    by = [(name, "ascending") for name in (*keys, "$record", "$entry")]
    table = table.sort_by(by)
    firsts = records.first_editions(names)
    encoded = table["$record"].combine_chunks().dictionary_encode()
    first = pa.array([firsts[at] for at in encoded.dictionary.to_pylist()], pa.int32())
    table = table.append_column("$first", first.take(encoded.indices))
    return Editions(table, resource, keys, (*keys, "$first"), names, records, tracer)


def merge(editions: Editions) -> tuple[pa.Table, list[Finding]]:
    """Merge the rows of all editions: one row per key and record, and a finding for each disagreement.

    A cell is the first value that is not missing, in the order of the editions. Rows whose key has a missing
    part stay as they are. Several rows with one key in one edition are not merged with each other: the first
    is merged with the first of the other editions, the second with the second, and so on.
    """
    has_key = pa.chunked_array([pa.repeat(True, editions.table.num_rows)])
    for name in editions.keys:
        has_key = pc.and_(has_key, pc.is_valid(editions.table[name]))
    names = [name for name in editions.table.column_names if name != "$first"]
    keyless = editions.table.filter(pc.invert(has_key)).select(names)
    table = editions.table.filter(has_key)
    table = table.append_column("$nth", _count_repeats(table, editions.keys))
    editions = replace(editions, table=table, shared=(*editions.shared, "$nth"))
    others = [name for name in names if name not in editions.keys]
    values = [name for name in others if name not in ADDED]
    merged = _aggregate(
        editions,
        [(name, "first", _FIRST_VALID) for name in others]
        + [(name, "count_distinct", _ONLY_VALID) for name in values],
    )
    findings = [
        finding
        for name in values
        for finding in _find_disagreements(editions, merged, name, "; {} is used")
    ]
    columns = [
        merged[name if name in editions.keys else _column_of(name, "first")] for name in names
    ]
    whole = pa.table(columns, names=names).cast(keyless.schema)
    return pa.concat_tables([whole, keyless]), findings


def _aggregate(
    editions: Editions, aggregates: Sequence[tuple[str, str, pc.FunctionOptions | None]]
) -> pa.Table:
    """Group rows by the columns `shared`, and aggregate others; see `_column_of`.

    Arrow calls the aggregates `title_first`, as a field may be called: so it gets numbers for names.
    """
    table = editions.table
    number = {name: str(at) for at, name in enumerate(table.column_names)}
    groups = table.rename_columns([*number.values()]).group_by(
        [number[name] for name in editions.shared], use_threads=False
    )
    found = groups.aggregate([(number[name], by, options) for name, by, options in aggregates])
    columns = {name: found[number[name]] for name in editions.shared}
    for name, by, _ in aggregates:
        columns[_column_of(name, by)] = found[f"{number[name]}_{by}"]
    return pa.table(columns)


def _column_of(name: str, function: str) -> str:
    """Return the name of an aggregate of a column, which no field has: there is no line end in its name."""
    return f"{name}\n{function}"


def _count_repeats(table: pa.Table, keys: Sequence[str]) -> pa.Array:
    """Count, for each row, the rows before it with the same key and record; those stand side by side."""
    first = np.flatnonzero(differs_from_previous(table, (*keys, "$record")))
    counts = np.diff(first, append=table.num_rows)
    return pa.array(np.arange(table.num_rows) - np.repeat(first, counts))


def compare(editions: Editions, fields: Sequence[str]) -> list[Finding]:
    """Find fields in which editions differ, and rows that some editions lack."""
    groups = _aggregate(
        editions,
        [(name, "count_distinct", _ONLY_VALID) for name in fields]
        + [("$record", "count_distinct", None)],
    )
    # a key that is repeated within one edition is not compared
    counted = _column_of("$record", "count_distinct")
    several = groups.filter(pc.greater(groups[counted], 1))
    findings = [
        finding for name in fields for finding in _find_disagreements(editions, several, name, "")
    ]
    counts = editions.records.count_editions(editions.names)
    expected = np.array([counts[at] for at in groups["$first"].to_pylist()], np.int64)
    lacks = groups[counted].to_numpy() < expected
    incomplete = groups.filter(pa.array(lacks)).select(list(editions.shared)).to_pylist()
    return findings + [_report_lack(editions, editions.find_rows(group)) for group in incomplete]


def _find_disagreements(
    editions: Editions, groups: pa.Table, name: str, used: str
) -> list[Finding]:
    """Find the groups whose rows have several values in a column.

    `used` ends the message; its `{}` stands for the name of the edition whose value is used.
    """
    differs = pc.greater(groups[_column_of(name, "count_distinct")], 1)
    return [
        _report_disagreement(editions, editions.find_rows(group), name, used)
        for group in groups.filter(differs).select(list(editions.shared)).to_pylist()
    ]


def _report_disagreement(editions: Editions, rows: Sequence[int], name: str, used: str) -> Finding:
    """Return the finding that editions differ in a column, at the first value unlike the preferred one."""
    # by value and text: texts are equal if long values are cut, values are equal if they are 0.0 and -0.0
    editions_of: dict[tuple[Any, str], list[str]] = {}
    differing = rows[0]
    for row in rows:
        value = value_at(editions.table[name], row)
        if value is None:
            continue
        key = value, shown(value)
        if len(editions_of) == 1 and key not in editions_of:
            differing = row
        edition = editions.edition_name(editions.table["$record"][row].as_py())
        editions_of.setdefault(key, []).append(edition)
    preferred = next(iter(editions_of.values()))[0]
    values, texts = zip(*editions_of, strict=True)
    if len(values) == 2:
        texts = tell_apart(*values)
    listed = ", ".join(
        f"{text} in {' and '.join(names)}"
        for text, names in zip(texts, editions_of.values(), strict=True)
    )
    entry = _describe_row(editions, differing)
    message = (
        f"{named(name)}{f' of {entry}' if entry else ''} is {listed}, expected the editions to agree"
        f"{used.format(preferred)}"
    )
    finding = Finding("editions-disagree", "", message, severity="warning")
    field = editions.resource.field(name)
    return _locate(editions, differing, field, finding)


def _locate(editions: Editions, row: int, field: Field | None, finding: Finding) -> Finding:
    """Give a finding the location and key of a row, or of a field in it."""
    key = key_of(editions.table, row, editions.resource)
    origin = origin_of(editions.table, row)
    return editions.tracer.at_cell(origin, editions.resource, field, replace(finding, key=key))


def _describe_row(editions: Editions, row: int) -> str:
    """Return the parts of a row's key that are not missing and that the file's path does not give."""
    captures = editions.records.sources[editions.table["$record"][row].as_py()].captures
    fields = [editions.resource.field(name) for name in editions.keys]
    values = [
        value_at(editions.table[field.name], row)
        for field in fields
        if field.name not in captures
        and not (isinstance(field.origin, Capture) and field.origin.name in captures)
    ]
    return ", ".join(plain(value) for value in values if value is not None)


def _report_lack(editions: Editions, rows: Sequence[int]) -> Finding:
    """Return the finding that some editions lack a row, at the first of the group's rows."""
    have = [editions.table["$record"][row].as_py() for row in rows]
    every = editions.records.list_editions(have[0], editions.names)
    lack = [editions.edition_name(at) for at in every if at not in have]
    only = [editions.edition_name(at) for at in dict.fromkeys(have)]
    what = _describe_row(editions, rows[0]) or "a row"
    message = (
        f"{what} of {named(editions.resource.name)} stands in {' and '.join(only)}, "
        f"expected it in {' and '.join(lack)} too"
    )
    finding = Finding("edition-only", "", message, severity="warning")
    return _locate(editions, rows[0], None, finding)
