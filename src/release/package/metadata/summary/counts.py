"""Count the values of a column exactly, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.system.limits import LIMITS, Limits

#: So many rows are looked at in one piece.
_ROWS = 1 << 17

#: So many values are looked at to cut a column into ranges of about the same size.
_SAMPLE = 1 << 12


@dataclass(frozen=True, slots=True)
class Counted:
    """Some distinct values of a column, none of them missing, and the rows of each."""

    values: pa.Array
    rows: np.ndarray[tuple[int], np.dtype[np.int64]]

    def sorted(self) -> Counted:
        """Return the same with the values in ascending order."""
        order = pc.array_sort_indices(self.values)
        return Counted(self.values.take(order), self.rows[order.to_numpy()])


def count_values(column: pa.ChunkedArray, limits: Limits = LIMITS) -> Iterator[Counted]:
    """Yield the distinct values of a column and their rows: each value once, smaller ranges of values first.

    A column of more than `limits.compared_keys` bytes is counted range by range, as many as that takes, so
    that never much more than that is in memory.
    """
    present = len(column) - column.null_count
    if not present:
        return
    if column.nbytes <= limits.compared_keys:
        yield _of_struct(pc.value_counts(column))
        return
    bounds = _cut(column, -(-column.nbytes // limits.compared_keys))
    for low, high in zip([None, *bounds], [*bounds, None], strict=True):
        if counted := _count_range(column, low, high):
            yield counted


def count_runs(column: pa.ChunkedArray) -> Counted:
    """Count the values of a column without nulls in which equal values stand together, as when sorted."""
    starts = [np.zeros(1, np.int64)]
    for at in range(0, len(column) - 1, _ROWS):
        one = column.slice(at, min(_ROWS, len(column) - 1 - at))
        next_one = column.slice(at + 1, len(one))
        starts.append(np.flatnonzero(pc.not_equal(one, next_one).to_numpy()) + at + 1)
    first = np.concatenate(starts)
    values = column.take(pa.array(first)).combine_chunks()
    return Counted(values, np.diff(np.append(first, len(column))))


def pieces(column: pa.ChunkedArray) -> Iterator[pa.Array]:
    """Yield a column in pieces of bounded length."""
    for chunk in column.chunks:
        for at in range(0, len(chunk), _ROWS):
            yield chunk.slice(at, _ROWS)


def _of_struct(counted: pa.StructArray) -> Counted:
    """Return what Arrow counted, without the missing values."""
    values, rows = counted.flatten()
    if values.null_count:
        kept = pc.is_valid(values)
        values, rows = values.filter(kept), rows.filter(kept)
    return Counted(values, rows.to_numpy())


def _cut(column: pa.ChunkedArray, ranges: int) -> list[pa.Scalar]:
    """Return values that cut a column into about so many ranges of values, in ascending order."""
    step = max(1, len(column) // _SAMPLE)
    sample = pc.unique(column.take(pa.array(np.arange(0, len(column), step)))).drop_null()
    ordered = sample.take(pc.array_sort_indices(sample))
    at = {len(ordered) * number // ranges for number in range(1, ranges)} - {0}
    return [ordered[each] for each in sorted(at) if each < len(ordered)]


def _count_range(column: pa.ChunkedArray, low: Any, high: Any) -> Counted | None:
    """Count the values from `low` on, up to but without `high`; None if there are none."""
    found = []
    for piece in pieces(column):
        kept = pc.is_valid(piece)
        if low is not None:
            kept = pc.and_kleene(kept, pc.greater_equal(piece, low))
        if high is not None:
            kept = pc.and_kleene(kept, pc.less(piece, high))
        values, rows = pc.value_counts(piece.filter(kept)).flatten()
        found.append(pa.table({"value": values, "rows": rows}))
    whole = pa.concat_tables(found).group_by("value").aggregate([("rows", "sum")])
    if not whole.num_rows:
        return None
    whole = whole.combine_chunks()
    return Counted(whole["value"].combine_chunks(), whole["rows_sum"].to_numpy())
