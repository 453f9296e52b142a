"""Typed columns as the texts that the canonical CSV has of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.model import Field
from release.syntax.types.numbers import write_year
from release.syntax.types.value_type import ValueType

#: The types of which Arrow writes texts in another form than CSV has here; years only before the year 1000.
_OWN = frozenset(("datetime", "time", "year"))

#: A fraction of a second without a digit, and the zeros at the end of one.
_EMPTY_FRACTION, _LAST_ZEROS = r"\.0*$", r"(\.[0-9]*[1-9])0+$"

#: The first year that has four digits.
_FOUR_DIGITS = 1000


def find_own(fields: Sequence[Field]) -> Mapping[str, ValueType]:
    """Return the fields whose texts `write_rows` may write in another way than pyarrow, by name."""
    return {
        field.name: field.values
        for field in fields
        if field.type in _OWN or field.values.decimals is not None
    }


def needs_own(batch: pa.RecordBatch, own: Mapping[str, ValueType]) -> bool:
    """Return whether rows have to be written here: pyarrow would write a value in another way."""
    return any(
        kind.name != "year" or pc.any(pc.less(batch[name], _FOUR_DIGITS)).as_py()
        for name, kind in own.items()
    )


def write_rows(batch: pa.RecordBatch, own: Mapping[str, ValueType]) -> Iterator[pa.Buffer]:
    """Yield rows as the bytes of CSV without a header, as pyarrow writes them but for the columns `own`."""
    cells = [
        _write_column(column, own.get(name))
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    lines = pc.binary_join_element_wise(
        *cells, _large(","), null_handling="replace", null_replacement=""
    )
    ended = pc.binary_join_element_wise(lines, _large(""), _large("\n"))
    _, offsets, data = ended.buffers()
    ends = memoryview(offsets).cast("q")
    yield data.slice(ends[ended.offset], ends[ended.offset + len(ended)] - ends[ended.offset])


def _large(text: str) -> pa.Scalar:
    """Return a text as a scalar of the type of the cells, which together may have more than 2 GB."""
    return pa.scalar(text, pa.large_string())


def _write_column(column: pa.Array, own: ValueType | None) -> pa.Array:
    """Return a column as text; of a column of text, in quotes."""
    if own is not None:
        return write_texts(column, own).cast(pa.large_string())
    if pa.types.is_string(column.type):
        doubled = pc.replace_substring(column.cast(pa.large_string()), '"', '""')
        quote = _large('"')
        return pc.binary_join_element_wise(quote, doubled, quote, _large(""))
    return column.cast(pa.large_string())


def write_texts(column: pa.Array, kind: ValueType) -> pa.Array:
    """Return a column of a type as the texts of its values in CSV, without quotes."""
    if kind.name == "year":
        return _write_each(column, write_year)
    if kind.name in ("datetime", "time"):
        return _write_times(column, kind)
    texts = column.cast(pa.string())
    if kind.decimals is not None and pc.any(pc.match_substring(texts, "E")).as_py():
        return _write_each(column, lambda value: format(value, "f"))  # Arrow writes 1E-8
    return texts


def _write_each(column: pa.Array, write: object) -> pa.Array:
    """Write each value of a column by a function."""
    assert callable(write)
    return pa.array(
        [None if value is None else write(value) for value in column.to_pylist()], pa.string()
    )


def _write_times(column: pa.Array, kind: ValueType) -> pa.Array:
    """Write instants and times of day as ISO 8601 does, with no more digits of a fraction than they need."""
    if kind.name == "datetime":
        column = column.cast(pa.timestamp("us"))  # of an instant, its time in UTC
    texts = pc.replace_substring(column.cast(pa.string()), " ", "T", max_replacements=1)
    texts = pc.replace_substring_regex(texts, _EMPTY_FRACTION, "")
    texts = pc.replace_substring_regex(texts, _LAST_ZEROS, r"\1")
    if not kind.zone:
        return texts
    return pc.binary_join_element_wise(texts, "Z", "")
