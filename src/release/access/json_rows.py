"""Rows as objects of JSON, in which no value is rounded.

Integers have all of their digits. A decimal is text, because most readers of JSON would round it, and so is a
number that JSON has not, such as NaN.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pyarrow as pa

from release.access import cells
from release.syntax.types.value_type import ValueType

_NO_JSON = {"nan": '"NaN"', "-nan": '"NaN"', "inf": '"Infinity"', "-inf": '"-Infinity"'}


def write_column(
    column: pa.Array, value_type: ValueType | None = None, *, is_json: bool = False
) -> list[str]:
    """Return the values of a column as JSON.

    Args:
        column: The column.
        value_type: Its type, if it is a column of a release.
        is_json: Whether its texts are JSON already.
    """
    if pa.types.is_integer(column.type):
        value_type = None  # JSON has no number such as the year 0476
    valid = column.is_valid().to_pylist()
    texts = [
        "null" if each is None else each for each in cells.write(column, value_type).to_pylist()
    ]
    if is_json or pa.types.is_boolean(column.type) or pa.types.is_integer(column.type):
        return texts
    if pa.types.is_floating(column.type):
        return [_NO_JSON.get(text, text) for text in texts]
    if pa.types.is_decimal(column.type) and not column.type.scale:
        return texts
    return [
        json.dumps(text, ensure_ascii=False) if is_there else text
        for text, is_there in zip(texts, valid, strict=True)
    ]


def join(names: Sequence[str], columns: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows as objects; each name is JSON, with the colon behind it."""
    for row in zip(*columns, strict=True):
        yield "{" + ", ".join(map("".join, zip(names, row, strict=True))) + "}"
