"""Findings as a table: sorted, merged and counted in little memory, however many there are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.findings.echoes import drop_echoes
from release.findings.finding import NAMES, Finding, lines
from release.findings.groups import LONGEST_TEXT, ONE_BY_ONE, Groups, cut_text, name_others
from release.findings.rules import OUTSIDE, Severity, family
from release.system.limits import LIMITS, Limits
from release.tables.columns import differs_from_previous, find_true
from release.tables.parse import nullify_empty
from release.tables.sql import sort_table

_VALUES = attrgetter(*NAMES)
SCHEMA = pa.schema([(n, pa.int32() if n in ("line", "column") else pa.string()) for n in NAMES])

#: The order of findings: that of someone who reads the files from the first line to the last.
_ORDER = ("path", "line", "column", "rule", "field", "key", "message", "table", "severity")

#: The number of findings that are turned into values at once.
_BATCH = 10_000


def to_table(findings: Iterable[Finding]) -> pa.Table:
    """Return findings as a table with the columns of SCHEMA: without `file`."""
    columns = list(zip(*map(_VALUES, findings), strict=True)) or [()] * len(SCHEMA)
    arrays = [pa.array(c, t.type) for c, t in zip(columns, SCHEMA, strict=True)]
    return pa.table(arrays, schema=SCHEMA)


def iterate_columns(table: pa.Table) -> Iterator[list[list[Any]]]:
    """Return the findings of a table as lists by column, some rows at a time."""
    for batch in table.select(NAMES).to_batches(max_chunksize=_BATCH):
        yield [column.to_pylist() for column in batch.columns]


class FindingList(Sequence[Finding]):
    """A sequence of findings, sorted and distinct, that stay in a table until they are asked for.

    `file_of` returns the file that was read for a path in the release.
    """

    def __init__(self, table: pa.Table, file_of: Callable[[str], str]) -> None:
        self.table = table
        self._file_of = file_of

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[Finding]:
        return self._values(self.table)

    @overload
    def __getitem__(self, at: int) -> Finding: ...
    @overload
    def __getitem__(self, at: slice) -> list[Finding]: ...
    def __getitem__(self, at: int | slice) -> Finding | list[Finding]:
        """Return one finding, or a list of several."""
        if isinstance(at, slice):
            where = range(len(self))[at]
            return list(self._values(self.table.take(pa.array(where, pa.int64()))))
        return next(self._values(self.table.slice(range(len(self))[at], 1)))

    def lines(self, words: Mapping[str, str]) -> Iterator[str]:
        """Return each finding as a line; `words` has the text for each severity."""
        for columns in iterate_columns(self.table):
            yield from lines(columns, self._file_of, words)

    def _values(self, table: pa.Table) -> Iterator[Finding]:
        for columns in iterate_columns(table):
            for values in zip(*columns, strict=True):
                yield Finding(*values, file=self._file_of(values[1]))  # type: ignore[misc]

    @property
    def errors(self) -> int:
        """The number of findings that forbid a release."""
        return self._count("error")

    @property
    def notes(self) -> int:
        """The number of findings that only say what was asked for."""
        return self._count("note")

    def _count(self, severity: str) -> int:
        return int(pc.sum(pc.equal(self.table["severity"], severity)).as_py() or 0)


def sort_findings(
    tables: Sequence[pa.Table], severities: Mapping[str, Severity], limits: Limits = LIMITS
) -> pa.Table:
    """Merge tables of findings: sorted by path and location, each finding once, with the given severities."""
    table = _set_severities(pa.concat_tables([SCHEMA.empty_table(), *tables]), severities)
    table = sort_table(drop_echoes(table), _ORDER, limits)
    first = differs_from_previous(table, NAMES)
    table = table if first.all() else table.filter(pa.array(first))
    return _limit(_group_files(_group(_shorten(table), limits)), limits.findings)


def _shorten(table: pa.Table) -> pa.Table:
    """Cut the texts of findings that are very long."""
    for at, name in enumerate(NAMES):
        column = table.column(at)
        if not pa.types.is_string(column.type):
            continue
        if (pc.max(pc.binary_length(column)).as_py() or 0) > LONGEST_TEXT:
            texts = [cut_text(text) for text in column.to_pylist()]
            table = table.set_column(at, name, pa.array(texts, pa.string()))
    return table


def _group(table: pa.Table, limits: Limits) -> pa.Table:
    """Group sorted findings by file and rule, as `group_findings` does."""
    subject = ["path", "rule", "severity"]
    counts = table.group_by(subject).aggregate([([], "count_all")])
    many = counts.filter(pc.greater(counts["count_all"], ONE_BY_ONE)).select(subject)
    if not many.num_rows:
        return table
    few = table.join(many, subject, join_type="left anti").select(NAMES)
    rows = table.join(many, subject, join_type="left semi").select(NAMES)
    groups: Groups[Finding] = Groups()
    for columns in iterate_columns(sort_table(rows, _ORDER, limits)):
        for values in zip(*columns, strict=True):
            groups.add((values[0], values[1], values[-1]), partial(Finding, *values))
    grouped = to_table(groups.faults())
    return sort_table(pa.concat_tables([few, grouped]), _ORDER, limits)


#: Rules about a file as a whole, by which many files may be refused for one cause.
_OF_FILES = (
    "fence-missing fence-not-closed front-matter-mapping not-utf-8 byte-order-mark file-empty "
    "file-too-large records-path"
).split()

#: The number of a line in a message does not make another cause.
_NUMBER = re.compile(r"\d+")

#: So many files of one cause have a finding each.
_FEW_FILES = 10


def _group_files(table: pa.Table) -> pa.Table:
    """Group sorted findings about files that cannot be read, by their cause: many are one, the first.

    The cause is the rule, and what a message says behind `expected`: what was found differs.
    """
    rows = find_true(pc.is_in(table["rule"], pa.array(_OF_FILES))).to_pylist()
    if len(rows) <= _FEW_FILES:
        return table
    groups: dict[tuple[str, ...], list[int]] = {}
    some = table.select(["rule", "severity", "message"]).take(pa.array(rows, pa.int64()))
    for at, rule, severity, message in zip(
        rows, *(column.to_pylist() for column in some.columns), strict=True
    ):
        cause = _NUMBER.sub("", message.partition(", expected ")[2])
        groups.setdefault((rule, severity, cause), []).append(at)
    kept, messages = np.ones(table.num_rows, bool), table["message"].to_pylist()
    for first, *others in groups.values():
        if len(others) >= _FEW_FILES:
            kept[others] = False
            named = table["path"].take(pa.array(others[:3], pa.int64())).to_pylist()
            messages[first] += f"; and {len(others):,} more files, the next {', '.join(named)}"
    if kept.all():
        return table
    column = pa.array(messages, pa.string())
    table = table.set_column(table.schema.get_field_index("message"), "message", column)
    return table.filter(pa.array(kept))


def _limit(table: pa.Table, most: int) -> pa.Table:
    """Keep so many findings of each rule; the last one that is kept has the number of the others."""
    counts = table.group_by(["rule"]).aggregate([([], "count_all")])
    for rule, count in zip(*(column.to_pylist() for column in counts.columns), strict=True):
        if count <= most:
            continue
        rows = find_true(pc.equal(table["rule"], rule)).to_numpy()
        at = int(rows[most - 1])
        last = name_others(FindingList(table, str)[at], count - most)
        is_kept = np.ones(table.num_rows, bool)
        is_kept[rows[most:]] = False
        behind = table.slice(at + 1).filter(pa.array(is_kept[at + 1 :]))
        table = pa.concat_tables([table.slice(0, at), to_table([last]), behind])
    return table


def _set_severities(table: pa.Table, severities: Mapping[str, Severity]) -> pa.Table:
    """Set the severities of findings by rule or family; the one of the rule itself wins."""
    if not severities or not table.num_rows:
        return table
    rules = table["rule"].combine_chunks().dictionary_encode()
    named = rules.dictionary.to_pylist()
    wanted = [severities.get(rule, severities.get(family(rule))) for rule in named]
    column = pc.coalesce(pa.array(wanted, pa.string()).take(rules.indices), table["severity"])
    return table.set_column(table.schema.get_field_index("severity"), "severity", column)


def select_released(table: pa.Table) -> pa.Table:
    """Return the findings about files that are part of a release."""
    return table.filter(pc.invert(pc.is_in(table["rule"], pa.array(sorted(OUTSIDE)))))


def merge_by_key(table: pa.Table, key: Sequence[str], limits: Limits = LIMITS) -> pa.Table:
    """Merge sorted findings into one row per key, in the order of the key.

    A row has the values of its first finding and the messages of all, with "; " between them. The field of a
    finding about a whole file is `*`; empty text is missing.
    """
    at = table.schema.get_field_index("field")
    field = pc.if_else(pc.equal(table["field"], ""), "*", table["field"])
    table = table.set_column(at, "field", field)
    table = sort_table(table, key, limits)
    first = differs_from_previous(table, key)
    if not first.all():
        starts = np.append(np.flatnonzero(first), table.num_rows).astype(np.int32)
        texts = table["message"].combine_chunks()
        messages = pa.ListArray.from_arrays(pa.array(starts), texts)
        table = table.filter(pa.array(first))
        at = table.schema.get_field_index("message")
        table = table.set_column(at, "message", pc.binary_join(messages, "; "))
    columns = [
        nullify_empty(column) if pa.types.is_string(column.type) else column
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)
