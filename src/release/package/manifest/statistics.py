"""Hold statistics and page index of a column in a Parquet file against its values."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

#: The numbers that parquet.thrift gives to the orders of pages.
_UNORDERED, _ASCENDING, _DESCENDING = 0, 1, 2

#: The form of a number in statistics, by the type of its column in Arrow; text is in UTF-8.
_NUMBERS: Mapping[pa.DataType, struct.Struct] = {
    pa.int64(): struct.Struct("<q"),
    pa.float64(): struct.Struct("<d"),
    pa.bool_(): struct.Struct("<?"),
    pa.int32(): struct.Struct("<i"),
}

#: Keeps all digits of a decimal.
_EXACT = Context(prec=100)


def as_numbers(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return dates and times as the numbers that a file has of them; other values as they are."""
    if values.type == pa.date32():
        return values.cast(pa.int32())
    if pa.types.is_timestamp(values.type) or pa.types.is_time64(values.type):
        return values.cast(pa.int64())
    return values


class FalseClaimError(ValueError):
    """A claim of a Parquet file that is not true; the message says which."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a column: where it is, its size with its header, its first row and its values."""

    at: int
    size: int
    first: int
    values: pa.ChunkedArray


def expect(
    name: str, found: object, wanted: object, show: Callable[[Any], object] = lambda value: value
) -> None:
    """Raise an error if something that a file says is not what its rows make.

    Raises:
        FalseClaimError: It is not.
    """
    if found != wanted:
        texts = (str(show(value))[:80] for value in (found, wanted))
        raise FalseClaimError("{} is {}, its rows make {}".format(name, *texts))


def _bounds(values: pa.ChunkedArray) -> tuple[bytes, bytes] | None:
    """Return the least and the greatest value as statistics have them; None if there is no value."""
    found = pc.min_max(values).as_py()
    if found["min"] is None:
        return None
    least, greatest = found["min"], found["max"]
    if values.type == pa.float64():  # a zero is -0.0 below and 0.0 above, by parquet.thrift
        least = -0.0 if least == 0 else least
        greatest = 0.0 if greatest == 0 else greatest
    if values.type == pa.string():
        return least.encode(), greatest.encode()
    if pa.types.is_decimal(values.type):
        return _pack_decimal(least, values.type), _pack_decimal(greatest, values.type)
    form = _NUMBERS[values.type]
    return form.pack(least), form.pack(greatest)


def _pack_decimal(value: Decimal, kind: pa.DataType) -> bytes:
    """Return a decimal as statistics have it: its digits, in as few bytes as those of its column need."""
    digits = int(value.scaleb(kind.scale, _EXACT))
    size = (int("9" * kind.precision).bit_length() + 8) // 8
    return digits.to_bytes(size, "big", signed=True)


def _shown_as(kind: pa.DataType) -> Callable[[Any], object]:
    """Return a function that reads a value of statistics, or a list of them, for messages."""

    def show(value: bytes | list[bytes] | None) -> object:
        if not value or isinstance(value, list):
            return [show(each) for each in value] if value else "nothing"
        if pa.types.is_decimal(kind):
            digits = int.from_bytes(value, "big", signed=True)
            return format(Decimal(digits).scaleb(-kind.scale, _EXACT), "f")
        if kind not in _NUMBERS:
            return value.decode("utf-8", "replace")
        form = _NUMBERS[kind]
        return form.unpack(value)[0] if len(value) == form.size else value

    return show


def check_statistics(said: Mapping[str, Any], values: pa.ChunkedArray, where: str) -> None:
    """Check the statistics of a column or page; those that are missing are no lie."""
    bounds = _bounds(values) or (None, None)
    for at, name in enumerate(("min_value", "max_value")):
        is_cut = said.get(f"is_{name}_exact") is False
        if name in said and not (is_cut and _is_cut(said[name], bounds[at], at)):
            expect(f"{name} of {where}", said[name], bounds[at], _shown_as(values.type))
    for at, name in enumerate(("min", "max")):
        if name in said and values.type == pa.string():
            raise FalseClaimError(
                f"{where} has {name}, which is in another order than that of text"
            )
        if name in said:
            expect(f"{name} of {where}", said[name], bounds[at], _shown_as(values.type))
    nulls = values.null_count
    expect(f"null_count of {where}", said.get("null_count", nulls), nulls)
    if "distinct_count" in said:
        distinct = pc.count_distinct(values).as_py()
        expect(f"distinct_count of {where}", said["distinct_count"], distinct)


def _is_cut(said: bytes, bound: bytes | None, at: int) -> bool:
    """Return whether a bound is one of a value of text that was cut: below it if `at` is 0, else above it."""
    if bound is None or not 0 < len(said) < len(bound):
        return False
    before, last = bound[: len(said) - 1], bound[len(said) - 1]
    return said == before + bytes([last]) if at == 0 else said[:-1] == before and said[-1] > last


def _text_bytes(values: pa.ChunkedArray) -> int:
    return int(pc.sum(pc.binary_length(values)).as_py() or 0)


def _levels(values: pa.ChunkedArray) -> list[int]:
    """Return how many values are missing, and how many are there."""
    return [values.null_count, len(values) - values.null_count]


def check_levels(said: Mapping[str, Any], values: pa.ChunkedArray, where: str) -> None:
    """Check the size statistics of a column."""
    if "unencoded_byte_array_data_bytes" in said:
        wanted = _text_bytes(values) if values.type == pa.string() else None
        expect(
            f"unencoded_byte_array_data_bytes of {where}",
            said["unencoded_byte_array_data_bytes"],
            wanted,
        )
    expect(f"repetition_level_histogram of {where}", said.get("repetition_level_histogram", []), [])
    if histogram := said.get("definition_level_histogram"):
        expect(f"definition_level_histogram of {where}", histogram, _levels(values))


def check_column_index(said: Mapping[str, Any], pages: Sequence[Page], where: str) -> None:
    """Check the part of the page index that says what values pages have."""
    bounds = [_bounds(page.values) for page in pages]
    expect(f"null_pages of {where}", said.get("null_pages"), [each is None for each in bounds])
    show = _shown_as(pages[0].values.type) if pages else str
    for at, name in enumerate(("min_values", "max_values")):
        wanted = [each[at] if each else b"" for each in bounds]
        found = said[name]
        if len(found) == len(wanted) and pages[0].values.type == pa.string():
            pairs = zip(found, wanted, strict=True)
            found = [bound if _is_cut(one, bound, at) else one for one, bound in pairs]
        expect(f"{name} of {where}", found, wanted, show)
    nulls = [page.values.null_count for page in pages]
    expect(f"null_counts of {where}", said.get("null_counts", nulls), nulls)
    known = [pc.min_max(page.values).as_py() for page in pages]
    for order, name in ((_ASCENDING, "ascending"), (_DESCENDING, "descending")):
        for bound in ("min", "max"):
            values = [each[bound] for each in known if each[bound] is not None]
            if said["boundary_order"] == order and values != sorted(
                values, reverse=order == _DESCENDING
            ):
                raise FalseClaimError(f"boundary_order of {where} is {name}, its pages are not")
    if said["boundary_order"] not in (_UNORDERED, _ASCENDING, _DESCENDING):
        raise FalseClaimError(f"boundary_order of {where} is {said['boundary_order']}")
    expect(
        f"repetition_level_histograms of {where}", said.get("repetition_level_histograms", []), []
    )
    if histograms := said.get("definition_level_histograms"):
        levels = [number for page in pages for number in _levels(page.values)]
        expect(f"definition_level_histograms of {where}", histograms, levels)


def check_offset_index(said: Mapping[str, Any], pages: Sequence[Page], where: str) -> None:
    """Check the part of the page index that says where pages are."""
    wanted = [
        {"offset": page.at, "compressed_page_size": page.size, "first_row_index": page.first}
        for page in pages
    ]
    expect(f"page_locations of {where}", said.get("page_locations"), wanted)
    if "unencoded_byte_array_data_bytes" in said:
        sizes = (
            [_text_bytes(p.values) for p in pages]
            if pages and pages[0].values.type == pa.string()
            else None
        )
        expect(
            f"unencoded_byte_array_data_bytes of {where}",
            said["unencoded_byte_array_data_bytes"],
            sizes,
        )
