"""Count rows, or take the mean of a column, by the values of one or two others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.model import Descriptor, Resource
from release.descriptor.page.model import ColumnPath, Picture
from release.findings.rules import ABOUT_EDITIONS
from release.package.metadata.summary import distribution
from release.package.metadata.summary.counts import Counted, count_values
from release.package.metadata.summary.labels import find_labels
from release.package.metadata.summary.model import Periods
from release.syntax.types.value_type import ValueType
from release.tables.texts import write_texts

#: The digits of a sum of integers: more than rows of 64 bits can need.
_SUM = pa.decimal128(38, 0)


@dataclass(frozen=True, slots=True)
class Tally:
    """The rows of a group, and the mean of their values; None if it is not asked for, or all are missing.

    `keys` are the values that the group has in common, as CSV writes them; None is a missing one.
    """

    keys: tuple[str | None, ...]
    rows: int
    mean: float | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """The column of an axis, with the labels of its values by language."""

    name: str
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def tally(picture: Picture, tables: Mapping[str, pa.Table], descriptor: Descriptor) -> list[Tally]:
    """Return the groups of rows of a picture, the largest first, equal ones by their keys."""
    table = tables[picture.table]
    columns = {
        f"{at}": _write(follow(path, table, tables), _kind(path, descriptor))
        for at, path in enumerate(picture.by)
    }
    wanted: list[tuple[Any, str]] = [([], "count_all")]
    if picture.mean:
        values = table[picture.mean]
        is_whole = pa.types.is_integer(values.type)
        columns["mean"] = values.cast(_SUM if is_whole else pa.float64())
        wanted += [("mean", "sum"), ("mean", "count")]
        if not is_whole:  # the sum of large numbers may be none of 64 bits
            columns["part"] = pc.divide(columns["mean"], float(max(table.num_rows, 1)))
            wanted.append(("part", "sum"))
    if not table.num_rows:
        return []
    # in one thread: else the sum of floating-point numbers would depend on the order in which they are added
    grouped = pa.table(columns).group_by(
        [f"{at}" for at in range(len(picture.by))], use_threads=False
    )
    found = [
        _read(row, len(picture.by), table.num_rows) for row in grouped.aggregate(wanted).to_pylist()
    ]
    return sorted(
        found, key=lambda each: (-each.rows, [(key is None, key or "") for key in each.keys])
    )


def _read(row: Mapping[str, Any], keys: int, rows: int) -> Tally:
    mean = None
    if count := row.get("mean_count"):
        mean = float(row["mean_sum"] / count)
        if not isfinite(mean):
            mean = row["part_sum"] * (rows / count)
    return Tally(tuple(row[f"{at}"] for at in range(keys)), row["count_all"], mean)


def find_axes(
    picture: Picture, tables: Mapping[str, pa.Table], descriptor: Descriptor
) -> list[Axis]:
    """Return the axes of a picture, with the labels of all codes."""
    axes = []
    for path in picture.by:
        codes = descriptor.resource(path.table).field(path.field).codes
        labels: dict[str, Mapping[str, str]] = {}
        if codes is not None:
            codelist: Resource = descriptor.resource(codes)
            key = tables[codes][codelist.primary_key[0]].combine_chunks()
            found = find_labels(key, codelist, tables[codes])
            labels = dict(zip(key.to_pylist(), found, strict=True))
        axes.append(Axis(path.written, labels))
    return axes


def count_over(
    picture: Picture, tables: Mapping[str, pa.Table], descriptor: Descriptor
) -> tuple[Periods | None, int]:
    """Return the rows of each period of the times of a picture, and the rows without a time."""
    (path,) = picture.by
    column = follow(path, tables[picture.table], tables)
    counted = list(count_values(column))
    if not counted:
        return None, len(column)
    number: Any = distribution.months
    kind = _kind(path, descriptor).name
    if kind == "yearmonth":
        number = distribution.months_of_texts
    elif kind == "year":
        number = distribution.months_of_years
    elif pa.types.is_timestamp(column.type):
        counted = [Counted(each.values.cast(pa.timestamp("us")), each.rows) for each in counted]
    months = [month for each in counted for month in number(each.values).tolist()]
    unit = distribution.find_unit(min(months), max(months))
    unit = "year" if kind == "year" and unit == "month" else unit
    return distribution.count_periods(counted, unit, number), column.null_count


def disagreements(findings: pa.Table) -> list[Tally]:
    """Return how often editions disagree, by table and column, rule; the most frequent first."""
    about = findings.filter(pc.is_in(findings["rule"], pa.array(sorted(ABOUT_EDITIONS))))
    grouped = about.group_by(["table", "field", "rule"], use_threads=False)
    found = [
        Tally(
            (f"{row['table'] or ''}.{row['field'] or ''}".strip("."), row["rule"]), row["count_all"]
        )
        for row in grouped.aggregate([([], "count_all")]).to_pylist()
    ]
    return sorted(found, key=lambda each: (-each.rows, each.keys))


def follow(path: ColumnPath, table: pa.Table, tables: Mapping[str, pa.Table]) -> pa.ChunkedArray:
    """Return the values of a column for each row of a table, along foreign keys; null where none leads."""
    here = table
    wanted = [list(step.fields) for step in path.steps[1:]] + [[path.field]]
    for step, names in zip(path.steps, wanted, strict=False):
        other = tables[step.table]
        at = _find_rows(here.select(step.fields), other.select(step.reference_fields))
        here = other.select(names).take(at)
    return here[path.field]


def _find_rows(keys: pa.Table, among: pa.Table) -> Any:
    """Return the position of each key in another table; null where it is not there, or a part is missing."""
    if keys.num_columns == 1:
        return pc.index_in(keys.column(0), value_set=among.column(0), skip_nulls=True)
    names = [f"{at}" for at in range(keys.num_columns)]
    left = keys.rename_columns(names).append_column(
        "row", pa.array(range(keys.num_rows), pa.int64())
    )
    right = among.rename_columns(names).append_column(
        "at", pa.array(range(among.num_rows), pa.int64())
    )
    return left.join(right, names, use_threads=False).sort_by("row")["at"]


def _kind(path: ColumnPath, descriptor: Descriptor) -> ValueType:
    return descriptor.resource(path.table).field(path.field).values


def _write(column: pa.ChunkedArray, kind: ValueType) -> pa.ChunkedArray:
    """Return the texts of a column as CSV has them."""
    chunks: Sequence[pa.Array] = column.chunks
    return pa.chunked_array([write_texts(each, kind) for each in chunks], pa.string())
