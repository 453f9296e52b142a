"""The result of a query as a Parquet file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from release.access.query.result import QueryResult, expect_names


def write(result: QueryResult, target: Path, spend: Callable[[int], object]) -> None:
    """Write the rows of a query; instants are in UTC, lists and structs are JSON.

    Args:
        result: The result of the query.
        target: The file.
        spend: Is called with the bytes of rows, some at a time.

    Raises:
        UsageError: Two columns have one name.
    """
    expect_names(result)
    fields = zip(result.names, result.types, strict=True)
    schema = pa.schema([(name, _kind(kind)) for name, kind in fields])
    with pq.ParquetWriter(target, schema, compression="zstd", version="2.6") as writer:
        for batch in result.batches:
            spend(batch.nbytes)
            columns = [
                each.cast(kind) for each, kind in zip(batch.columns, schema.types, strict=True)
            ]
            writer.write_table(pa.table(columns, schema=schema))


def _kind(kind: pa.DataType) -> pa.DataType:
    """Return the type that a file has; a column without any value is text."""
    if pa.types.is_null(kind):
        return pa.string()
    is_instant = pa.types.is_timestamp(kind) and kind.tz is not None
    return pa.timestamp(kind.unit, "UTC") if is_instant else kind
