"""Typed columns of tables: their Arrow types, and each row compared with the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.model import Field
from release.syntax.types.value_type import SHORT_DIGITS, ValueType
from release.system.limits import LIMITS, Limits

#: The Arrow types that the registry names; those of decimals have their digits in their names.
_ARROW_TYPES: Mapping[str, pa.DataType] = {
    str(kind): kind
    for kind in (
        *(pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.date32()),
        *(pa.time64("us"), pa.timestamp("us"), pa.timestamp("us", "UTC")),
    )
}


def arrow_type(value_type: ValueType) -> pa.DataType:
    """Return the Arrow type of a type of values; Parquet's physical types follow from it."""
    if (digits := value_type.decimals) is not None:
        make = pa.decimal128 if digits.precision <= SHORT_DIGITS else pa.decimal256
        return make(digits.precision, digits.scale)
    return _ARROW_TYPES[value_type.arrow]


def arrow_schema(fields: Sequence[Field]) -> pa.Schema:
    """Return the Arrow schema of a table's fields, in their order."""
    return pa.schema([pa.field(field.name, arrow_type(field.values)) for field in fields])


def to_values(column: pa.Array | pa.ChunkedArray) -> list[Any]:
    """Return the values of a column; instants with UTC, for which Arrow would need a database of zones."""
    if not pa.types.is_timestamp(column.type) or column.type.tz is None:
        found: list[Any] = column.to_pylist()
        return found
    times = column.cast(pa.timestamp("us")).to_pylist()
    return [None if each is None else each.replace(tzinfo=UTC) for each in times]


def value_at(column: pa.Array | pa.ChunkedArray, row: int) -> Any:
    """Return one value of a column, as `to_values` does."""
    return to_values(column.slice(row, 1))[0]


def find_true(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the positions of the true values. pyarrow 26.0.0 crashes by itself if there are no chunks."""
    return pc.indices_nonzero(values) if len(values) else pa.array([], pa.uint64())


#: A row of fewer bytes as CSV is short.
_SHORT = 1 << 20
#: At most so many bytes of CSV has a value that is no text, such as -1.7976931348623157e+308.
_WIDEST = 24


def longest_row(table: pa.Table) -> tuple[int, int]:
    """Return the position of the longest row of a table, and about its bytes as CSV; 0 if all are short."""
    texts = [column for column in table.columns if pa.types.is_string(column.type)]
    sizes = [pc.binary_length(column) for column in texts]
    most = (pc.max(size).as_py() or 0 for size in sizes)
    if 2 * sum(most) < _SHORT:  # a quote stands there twice
        return 0, 0
    total = pa.chunked_array([pa.repeat(0, table.num_rows)])
    for column, size in zip(texts, sizes, strict=True):
        written = pc.add(size, pc.count_substring(column, '"'))
        total = pc.add(total, pc.fill_null(written, 0).cast(pa.int64()))
    longest = pc.max(total)
    others = _WIDEST * (table.num_columns - len(texts))
    return pc.index(total, longest).as_py(), longest.as_py() + 3 * table.num_columns + others


def is_increasing(keys: pa.Table, limits: Limits = LIMITS) -> bool:
    """Return whether each row's key is greater than the one before; False if a part of a key is missing."""
    for one, next_one in pair_with_next(keys, limits):
        columns = list(zip(one.columns, next_one.columns, strict=True))
        less = pc.less(*columns[-1])
        for pair in reversed(columns[:-1]):
            less = pc.or_(pc.less(*pair), pc.and_(pc.equal(*pair), less))
        if not pc.all(less, skip_nulls=False).as_py():
            return False
    return True


def differs_from_previous(
    table: pa.Table, names: Sequence[str]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Compare each row of a table without nulls with the one before; true where some column differs."""
    differs = np.zeros(table.num_rows, bool)
    differs[:1] = True
    for name in names:
        column = table[name]
        unequal = pc.not_equal(column.slice(1), column.slice(0, max(len(column) - 1, 0)))
        differs[1:] |= unequal.to_numpy()
    return differs


def pair_with_next(table: pa.Table, limits: Limits = LIMITS) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Pair each row of a table with the next one: two tables of equal length, some rows at a time."""
    for start in range(0, table.num_rows - 1, limits.compared_rows):
        rows = min(limits.compared_rows, table.num_rows - 1 - start)
        yield table.slice(start, rows), table.slice(start + 1, rows)
