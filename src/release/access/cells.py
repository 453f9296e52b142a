"""Values as the texts that a release's CSV has of them."""

from __future__ import annotations

import pyarrow as pa

from release.syntax.types.value_type import Decimals, ValueType
from release.tables import texts


def write(column: pa.Array, value_type: ValueType | None = None) -> pa.Array:
    """Return a column as text: numbers and times as the CSV of a release has them, text as it is.

    `value_type` is that of the column, if it is one of a release.
    """
    if value_type is not None:
        return texts.write_texts(column, value_type)
    kind = column.type
    if pa.types.is_decimal(kind):
        return texts.write_texts(
            column, ValueType("number", decimals=Decimals(kind.precision, kind.scale))
        )
    if pa.types.is_timestamp(kind):
        return texts.write_texts(column, ValueType("datetime", zone=kind.tz is not None))
    if pa.types.is_time(kind):
        return texts.write_texts(column, ValueType("time"))
    return column.cast(pa.string())
