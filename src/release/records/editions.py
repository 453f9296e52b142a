"""The editions of a record held against each other: merged into one row, compared row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.load import Field, Resource
from release.findings import Finding, shown
from release.records.locate import Tracer, key_of, origin_of
from release.records.sources import Source
from release.syntax.paths import Capture
from release.tables.columns import differs_from_previous

_ONLY_VALID = pc.CountOptions(mode="only_valid")
_FIRST_VALID = pc.ScalarAggregateOptions(skip_nulls=True)


class EditionIndex:
    """The records of a chunk by number, and which of them are editions of the same."""

    def __init__(self, sources: Mapping[int, Source]) -> None:
        self.sources = sources
        self._firsts: dict[tuple[str, ...], dict[int, int]] = {}

    def firsts(self, names: tuple[str, ...]) -> dict[int, int]:
        """For each record the first of its editions, which `names` tell apart."""
        if names not in self._firsts:
            first: dict[tuple[str, ...], int] = {}
            self._firsts[names] = {
                at: first.setdefault(source.shared(names), at)
                for at, source in self.sources.items()
            }
        return self._firsts[names]

    def siblings(self, names: tuple[str, ...]) -> Counter[int]:
        """How many editions there are, by the first of them."""
        return Counter(self.firsts(names).values())


@dataclass(frozen=True, slots=True)
class Editions:
    """A table whose rows come from several editions, ready to be grouped by the columns `shared`.

    These are `keys` and `$first`, the first edition of a row's record: another record with the same key is no
    edition of it. `names` are the captures that tell the editions apart; `records` says which record a row's
    `$record` is. Within a group rows stand in the order of the records, the preferred edition first.
    """

    table: pa.Table
    resource: Resource
    keys: tuple[str, ...]
    shared: tuple[str, ...]
    names: tuple[str, ...]
    records: EditionIndex
    tracer: Tracer

    def edition(self, at: int) -> str:
        """What an edition is called: `zh`."""
        captures = self.records.sources[at].captures
        # those of another kind may be told apart by other names
        return "/".join(captures[name] for name in self.names if name in captures)

    def rows_of(self, group: Mapping[str, Any]) -> list[int]:
        """The positions of a group's rows."""
        matches = pa.chunked_array([pa.repeat(True, self.table.num_rows)])
        for name, value in group.items():
            column = self.table[name]
            matches = pc.and_(
                matches, pc.is_null(column) if value is None else pc.equal(column, value)
            )
        return [int(row) for row in pc.indices_nonzero(matches).to_pylist()]


def group_editions(
    table: pa.Table,
    resource: Resource,
    names: tuple[str, ...],
    records: EditionIndex,
    tracer: Tracer,
) -> Editions:
    """The editions of a table by its primary key without what stands for `names`."""
    apart = {Capture(name) for name in names}
    keys = tuple(name for name in resource.primary_key if resource.field(name).origin not in apart)
    by = [(name, "ascending") for name in (*keys, "$record", "$entry")]
    table = table.sort_by(by)
    firsts = records.firsts(names)
    encoded = table["$record"].combine_chunks().dictionary_encode()
    first = pa.array([firsts[at] for at in encoded.dictionary.to_pylist()], pa.int32())
    table = table.append_column("$first", first.take(encoded.indices))
    return Editions(table, resource, keys, (*keys, "$first"), names, records, tracer)


def merge(editions: Editions) -> tuple[pa.Table, list[Finding]]:
    """One row per key and record: of each column the first value that is there, preferred edition first.

    Rows without a whole key are left as they are: nothing says that they belong together. Nor do rows of
    one edition: of those with one key each is merged with its like in the other editions.
    """
    has_key = pa.chunked_array([pa.repeat(True, editions.table.num_rows)])
    for name in editions.keys:
        has_key = pc.and_(has_key, pc.is_valid(editions.table[name]))
    names = [name for name in editions.table.column_names if name != "$first"]
    keyless = editions.table.filter(pc.invert(has_key)).select(names)
    table = editions.table.filter(has_key)
    table = table.append_column("$nth", _nth(table, editions.keys))
    editions = replace(editions, table=table, shared=(*editions.shared, "$nth"))
    others = [name for name in names if name not in editions.keys]
    values = [name for name in others if not name.startswith("$")]
    merged = table.group_by(list(editions.shared), use_threads=False).aggregate(
        [(name, "first", _FIRST_VALID) for name in others]
        + [(name, "count_distinct", _ONLY_VALID) for name in values]
    )
    findings = [
        finding
        for name in values
        for finding in _disagreements(editions, merged, name, "; {} is used")
    ]
    columns = [merged[name if name in editions.keys else f"{name}_first"] for name in names]
    whole = pa.table(columns, names=names).cast(keyless.schema)
    return pa.concat_tables([whole, keyless]), findings


def _nth(table: pa.Table, keys: Sequence[str]) -> pa.Array:
    """Which of its record's rows with the same key each row is, from 0; these stand side by side."""
    first = np.flatnonzero(differs_from_previous(table, (*keys, "$record")))
    counts = np.diff(first, append=table.num_rows)
    return pa.array(np.arange(table.num_rows) - np.repeat(first, counts))


def compare(editions: Editions, fields: Sequence[str]) -> list[Finding]:
    """Where editions differ in a field, and rows that stand only in some editions."""
    groups = editions.table.group_by(list(editions.shared), use_threads=False).aggregate(
        [(name, "count_distinct", _ONLY_VALID) for name in fields] + [("$record", "count_distinct")]
    )
    # a key that stands twice in one edition is no matter of others
    several = groups.filter(pc.greater(groups["$record_count_distinct"], 1))
    findings = [
        finding for name in fields for finding in _disagreements(editions, several, name, "")
    ]
    siblings = editions.records.siblings(editions.names)
    wanted = np.array([siblings[at] for at in groups["$first"].to_pylist()], np.int64)
    alone = groups["$record_count_distinct"].to_numpy() < wanted
    lonely = groups.filter(pa.array(alone)).select(list(editions.shared)).to_pylist()
    return findings + [_alone(editions, editions.rows_of(group)) for group in lonely]


def _disagreements(editions: Editions, groups: pa.Table, name: str, used: str) -> list[Finding]:
    differs = pc.greater(groups[f"{name}_count_distinct"], 1)
    return [
        _disagreement(editions, editions.rows_of(group), name, used)
        for group in groups.filter(differs).select(list(editions.shared)).to_pylist()
    ]


def _disagreement(editions: Editions, rows: Sequence[int], name: str, used: str) -> Finding:
    """The finding that editions differ in a column, at the first that differs from the preferred."""
    said: dict[tuple[Any, str], list[str]] = {}  # long text is cut when shown, and zero has a sign
    where = rows[0]
    for row in rows:
        value = editions.table[name][row].as_py()
        if value is None:
            continue
        what = value, shown(value)
        if len(said) == 1 and what not in said:
            where = row
        edition = editions.edition(editions.table["$record"][row].as_py())
        said.setdefault(what, []).append(edition)
    preferred = next(iter(said.values()))[0]
    listed = ", ".join(f"{told} in {' and '.join(found)}" for (_, told), found in said.items())
    entry = _entry(editions, where)
    message = (
        f"{name}{f' of {entry}' if entry else ''} is {listed}, expected the editions to agree"
        f"{used.format(preferred)}"
    )
    finding = Finding("editions-disagree", "", message, severity="warning")
    field = editions.resource.field(name)
    return _at(editions, where, field, finding)


def _at(editions: Editions, row: int, field: Field | None, finding: Finding) -> Finding:
    key = key_of(editions.table, row, editions.resource)
    origin = origin_of(editions.table, row)
    return editions.tracer.at_cell(origin, editions.resource, field, replace(finding, key=key))


def _entry(editions: Editions, row: int) -> str:
    """What a row is about within its record: its key without what is missing or the file's path says."""
    captures = editions.records.sources[editions.table["$record"][row].as_py()].captures
    fields = [editions.resource.field(name) for name in editions.keys]
    values = [
        editions.table[field.name][row].as_py()
        for field in fields
        if field.name not in captures
        and not (isinstance(field.origin, Capture) and field.origin.name in captures)
    ]
    return ", ".join(str(value) for value in values if value is not None)


def _alone(editions: Editions, rows: Sequence[int]) -> Finding:
    have = [editions.table["$record"][row].as_py() for row in rows]
    which = editions.records.sources[have[0]].shared(editions.names)
    every = [
        at
        for at, source in editions.records.sources.items()
        if source.shared(editions.names) == which
    ]
    lack = [editions.edition(at) for at in every if at not in have]
    only = [editions.edition(at) for at in dict.fromkeys(have)]
    what = _entry(editions, rows[0]) or "a row"
    message = (
        f"{what} of {editions.resource.name} stands in {' and '.join(only)}, "
        f"expected it in {' and '.join(lack)} too"
    )
    finding = Finding("edition-only", "", message, severity="warning")
    return _at(editions, rows[0], None, finding)
