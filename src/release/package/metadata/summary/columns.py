"""Summarize the columns of tables: their values counted, in order, or by their lengths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.model import Descriptor, Field, Resource
from release.package.metadata.summary import distribution
from release.package.metadata.summary.counts import Counted, count_runs, count_values, pieces
from release.package.metadata.summary.labels import with_labels
from release.package.metadata.summary.model import ColumnSummary, CommonValue, TableSummary
from release.system.limits import LIMITS, Limits
from release.tables.texts import write_texts

#: So many of the commonest values are listed, each with so many characters at most.
COMMONEST, CHARACTERS = 6, 200

#: Distinct values of text that is longer than this on average are not counted.
LONG = 100

_NUMBERS = frozenset(("integer", "number", "year"))
_TIMES = frozenset(("date", "datetime", "time"))

#: A month in a year that is neither before the year 0 nor after 9999, so that texts sort as months do.
_MONTH = r"^[0-9]{4}-[0-9]{2}$"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column with its field, and how often it may be counted.

    `is_key` is True if the table's key is this column alone, `is_sorted` if its equal values stand together.
    """

    field: Field
    data: pa.ChunkedArray
    limits: Limits
    is_key: bool = False
    is_sorted: bool = False

    @property
    def present(self) -> int:
        """The number of rows that have a value."""
        return int(len(self.data) - self.data.null_count)

    def count(self) -> Iterator[Counted]:
        """Count its values."""
        if self.is_sorted and self.present == len(self.data) > 0:
            yield count_runs(self.data)
        else:
            yield from count_values(self.data, self.limits)

    def in_order(self) -> Iterator[Counted]:
        """Count its values, in ascending order."""
        return (each.sorted() for each in count_values(self.data, self.limits))

    def write(self, values: pa.Array) -> pa.Array:
        """Write values as CSV does, without quotes."""
        return write_texts(values, self.field.values)

    def summary(self, kind: Any, distinct: int | None) -> ColumnSummary:
        """Return a summary of the column with nothing but its numbers of values."""
        field = self.field
        return ColumnSummary(field.name, field.type, kind, self.data.null_count, distinct)


def summarize(
    descriptor: Descriptor, tables: Mapping[str, pa.Table], limits: Limits = LIMITS
) -> Iterator[TableSummary]:
    """Yield the summary of each table of a release, in order, from all rows; codes with their labels."""
    codelists = {each.name: each for each in descriptor.resources if each.codelist}
    for resource in descriptor.resources:
        found = summarize_table(resource, tables[resource.name], limits)
        columns = [
            with_labels(column, codelists[field.codes], tables[field.codes])
            if field.codes in codelists and column.values
            else column
            for field, column in zip(resource.fields, found.columns, strict=True)
        ]
        yield replace(found, columns=tuple(columns))


def summarize_table(resource: Resource, table: pa.Table, limits: Limits = LIMITS) -> TableSummary:
    """Return the summary of a table that is sorted by its key, from all rows; its codes have no labels."""
    key = resource.primary_key
    columns = [
        _Column(field, table[field.name], limits, key == (field.name,), key[0] == field.name)
        for field in resource.fields
    ]
    return TableSummary(resource.name, table.num_rows, tuple(map(_summarize, columns)))


def _summarize(column: _Column) -> ColumnSummary:
    """Summarize a column as its type asks for."""
    field, data = column.field, column.data
    if field.type == "boolean":
        return _of_values(replace(column, data=data.cast(pa.string())))
    if field.codes or field.categories or "enum" in field.constraints:
        return _of_values(column)
    if field.type in _NUMBERS:
        return _of_numbers(column)
    if field.type in _TIMES or (field.type == "yearmonth" and _are_plain_months(data)):
        return _of_times(column)
    lengths = [pc.utf8_length(piece) for piece in pieces(data)]
    total = sum(pc.sum(each).as_py() or 0 for each in lengths)
    if total > LONG * column.present:
        return _of_lengths(column, pa.chunked_array(lengths, pa.int32()).cast(pa.int64()))
    return _of_values(column)


def _are_plain_months(data: pa.ChunkedArray) -> bool:
    return all(pc.all(pc.match_substring_regex(each, _MONTH)).as_py() for each in pieces(data))


def _of_numbers(column: _Column) -> ColumnSummary:
    empty = column.summary("numbers", 0)
    if not column.present:
        return empty
    if pa.types.is_floating(column.data.type):  # -0 and 0 are one number
        column = replace(column, data=pc.add(column.data, 0.0))
    return _distributed(empty, column.data, column.in_order(), column.write)


def _of_lengths(column: _Column, lengths: pa.ChunkedArray) -> ColumnSummary:
    counted = (each.sorted() for each in count_values(lengths, column.limits))
    empty = column.summary("lengths", None)
    found = _distributed(empty, lengths, counted, lambda values: values.cast(pa.string()))
    return replace(found, distinct=None)


def _distributed(
    empty: ColumnSummary,
    data: pa.ChunkedArray,
    counted: Iterable[Counted],
    write: distribution.Write,
) -> ColumnSummary:
    """Add quartiles and a histogram of numbers, and how many are distinct, to a summary."""
    ends = pc.min_max(data).as_py()
    edges, texts = distribution.find_edges(ends["min"], ends["max"])
    present = len(data) - data.null_count
    found = distribution.distribute(counted, present, write, edges)
    histogram = distribution.fill(texts, found.below, present)
    return replace(empty, distinct=found.distinct, quartiles=found.quartiles, histogram=histogram)


def _of_times(column: _Column) -> ColumnSummary:
    empty = column.summary("dates", 0)
    if not column.present:
        return empty
    if pa.types.is_timestamp(column.data.type):
        column = replace(column, data=column.data.cast(pa.timestamp("us")))  # its time in UTC
    found = distribution.distribute(column.in_order(), column.present, column.write)
    number, unit = distribution.hours, distribution.HOUR
    if column.field.type != "time":
        is_text = column.field.type == "yearmonth"
        number = distribution.months_of_texts if is_text else distribution.months
        ends = pc.min_max(column.data).as_py()
        first, last = number(pa.array([ends["min"], ends["max"]], column.data.type)).tolist()
        unit = distribution.find_unit(first, last)
    periods = distribution.count_periods(column.count(), unit, number)
    return replace(empty, distinct=found.distinct, quartiles=found.quartiles, periods=periods)


def _of_values(column: _Column) -> ColumnSummary:
    """List the commonest values, unless each value stands there once."""
    if column.is_key and column.present > COMMONEST:
        return column.summary("values", column.present)
    distinct = 0
    found: list[tuple[int, Any, str]] = []
    for part in column.count():
        distinct += len(part.values)
        found += _commonest(part, column.write)
    found.sort()
    empty = column.summary("values", distinct)
    if distinct == column.present > COMMONEST:
        return empty
    return replace(empty, values=tuple(_cut(text, -rows) for rows, _, text in found[:COMMONEST]))


def _commonest(part: Counted, write: distribution.Write) -> Iterator[tuple[int, Any, str]]:
    """Yield the commonest values of a part: the rows as a negative number, the value, and its text."""
    counted = pa.table({"value": part.values, "rows": part.rows})
    order = [("rows", "descending"), ("value", "ascending")]
    chosen = counted.take(pc.select_k_unstable(counted, COMMONEST, order)).combine_chunks()
    values = chosen["value"].combine_chunks()
    texts = write(values).to_pylist()
    rows = pc.negate(chosen["rows"]).to_pylist()
    yield from zip(rows, values.to_pylist(), texts, strict=True)


def _cut(text: str, rows: int) -> CommonValue:
    if len(text) <= CHARACTERS:
        return CommonValue(text, rows)
    return CommonValue(text[:CHARACTERS], rows, characters=len(text))
