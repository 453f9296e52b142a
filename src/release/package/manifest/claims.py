"""Hold what a Parquet file says of its rows against them, where the file itself could not be written again.

Counts, sizes, statistics, page index, order and encodings are computed anew from the rows, or compared with
those of the file that this program writes of the same rows. How the values of a page are packed is not looked
at: that the rows could be read shows it.
"""

from __future__ import annotations

import mmap
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from release.package.manifest.statistics import (
    FalseClaimError,
    Page,
    as_numbers,
    check_column_index,
    check_levels,
    check_offset_index,
    check_statistics,
    expect,
)
from release.package.manifest.thrift import Reader, UnknownFieldError

#: Stands at the begin and at the end of a file.
_MAGIC = b"PAR1"

#: The numbers that parquet.thrift gives to pages and encodings.
_DATA_PAGE, _DICTIONARY_PAGE = 0, 2
_PLAIN, _RLE = 0, 3

#: What is the same in every file of the same rows, whoever wrote it.
_OF_FILE = ("version", "schema", "num_rows", "column_orders")
_OF_COLUMN = ("type", "path_in_schema", "codec", "num_values")


def check(file: IO[bytes], own: IO[bytes]) -> None:
    """Hold a Parquet file against one that this program has written of the same rows.

    Raises:
        UnknownFieldError: It says something of which this program does not know what it means.
        FalseClaimError: It says something that is false, or is not written as the format asks for.
    """
    try:
        with _mapped(file) as data, _mapped(own) as other:
            _check(file, data, other)
    except UnknownFieldError:
        raise
    except (ValueError, LookupError, AttributeError, TypeError, OverflowError) as error:
        raise FalseClaimError(str(error)) from error


def _mapped(file: IO[bytes]) -> mmap.mmap:
    file.flush()
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _check(file: IO[bytes], data: mmap.mmap, own: mmap.mmap) -> None:
    footer, end = _read(data)
    wanted, _ = _read(own)
    for name in _OF_FILE:
        expect(name, footer.get(name), wanted.get(name))
    notes, wanted_notes = (
        sorted((each["key"], each.get("value")) for each in about.get("key_value_metadata", []))
        for about in (footer, wanted)
    )
    expect("key_value_metadata", notes, wanted_notes)
    groups = footer["row_groups"]
    expect("the number of row groups", len(groups), len(wanted["row_groups"]))
    used = [(0, 4)]
    with pq.ParquetFile(file) as rows:
        for number, (group, by) in enumerate(zip(groups, wanted["row_groups"], strict=True)):
            where = f"row group {number + 1}"
            for name in ("num_rows", "sorting_columns"):
                expect(f"{name} of {where}", group.get(name), by.get(name))
            expect(f"ordinal of {where}", group.get("ordinal", number), number)
            expect(f"the columns of {where}", len(group["columns"]), len(by["columns"]))
            table = rows.read_row_group(number)
            for at, column in enumerate(by["columns"]):
                used += _check_column(data, group["columns"][at], column, table.column(at), where)
            _check_sizes(group, where)
    _check_tiling(used, end)


def _read(data: mmap.mmap) -> tuple[dict[str, Any], int]:
    """Return the footer of a Parquet file, and where it begins."""
    end = len(data) - 8
    start = end - int.from_bytes(data[end : end + 4], "little")
    if start < len(_MAGIC) or data[:4] != _MAGIC or data[-4:] != _MAGIC:
        raise ValueError("does not begin and end as Parquet")
    reader = Reader(data, start, end)
    footer = reader.struct("FileMetaData")
    expect("the end of the footer", reader.at, end)
    return footer, start


def _check_tiling(used: Sequence[tuple[int, int]], end: int) -> None:
    """Check that each byte before the footer belongs to one page or index."""
    at = 0
    for start, stop in sorted(used):
        expect("the position of a page or index", start, at)
        at = stop
    expect("the position of the footer", end, at)


def _check_sizes(group: Mapping[str, Any], where: str) -> None:
    columns = [column["meta_data"] for column in group["columns"]]
    for name, of in (
        ("total_byte_size", "total_uncompressed_size"),
        ("total_compressed_size", "total_compressed_size"),
    ):
        total = sum(column[of] for column in columns)
        expect(f"{name} of {where}", group.get(name, total), total)
    first = _start(columns[0])
    expect(f"file_offset of {where}", group.get("file_offset", first), first)


def _start(column: Mapping[str, Any]) -> int:
    return int(column.get("dictionary_page_offset", column["data_page_offset"]))


def _check_column(
    data: mmap.mmap,
    chunk: Mapping[str, Any],
    wanted: Mapping[str, Any],
    values: pa.ChunkedArray,
    where: str,
) -> Iterator[tuple[int, int]]:
    """Check one column of a row group; yield where its bytes are."""
    column, by = chunk["meta_data"], wanted["meta_data"]
    where = f"{by['path_in_schema'][0].decode()} in {where}"
    for name in _OF_COLUMN:
        expect(f"{name} of {where}", column.get(name), by[name])
    expect(f"file_offset of {where}", chunk.get("file_offset", 0), 0)
    values = as_numbers(values)
    pages = list(_check_pages(data, column, values, where))
    yield _start(column), _start(column) + column["total_compressed_size"]
    check_statistics(column.get("statistics", {}), values, where)
    check_levels(column.get("size_statistics", {}), values, where)
    if "column_index_offset" in chunk:
        reader = Reader(data, chunk["column_index_offset"], len(data))
        check_column_index(reader.struct("ColumnIndex"), pages, where)
        expect(
            f"column_index_length of {where}",
            chunk.get("column_index_length"),
            reader.at - chunk["column_index_offset"],
        )
        yield chunk["column_index_offset"], reader.at
    if "offset_index_offset" in chunk:
        reader = Reader(data, chunk["offset_index_offset"], len(data))
        check_offset_index(reader.struct("OffsetIndex"), pages, where)
        expect(
            f"offset_index_length of {where}",
            chunk.get("offset_index_length"),
            reader.at - chunk["offset_index_offset"],
        )
        yield chunk["offset_index_offset"], reader.at


@dataclass(frozen=True, slots=True)
class _Header:
    """The header of a page: where it is, where what it heads begins and ends, and its fields."""

    at: int
    body: int
    end: int
    fields: Mapping[str, Any]

    @property
    def is_dictionary(self) -> bool:
        return bool(self.fields["type"] == _DICTIONARY_PAGE)

    @property
    def about(self) -> Mapping[str, Any]:
        """The fields of this kind of page."""
        name = "dictionary_page_header" if self.is_dictionary else "data_page_header"
        found: Mapping[str, Any] = self.fields[name]
        return found


def _read_headers(data: mmap.mmap, column: Mapping[str, Any], where: str) -> Iterator[_Header]:
    """Yield the headers of the pages of a column, which are of the known kinds."""
    at = _start(column)
    stop = at + column["total_compressed_size"]
    while at < stop:
        reader = Reader(data, at, stop)
        fields = reader.struct("PageHeader")
        end = reader.at + max(fields["compressed_page_size"], 0)
        if fields["type"] != _DICTIONARY_PAGE:
            expect(f"the type of a page of {where}", fields["type"], _DATA_PAGE)
        if "crc" in fields:
            crc = zlib.crc32(data[reader.at : end])
            expect(f"crc of a page of {where}", fields["crc"] & 0xFFFFFFFF, crc)
        yield _Header(at, reader.at, end, fields)
        at = end
    expect(f"the end of the pages of {where}", at, stop)


def _check_pages(
    data: mmap.mmap, column: Mapping[str, Any], values: pa.ChunkedArray, where: str
) -> Iterator[Page]:
    """Check the header of each page of a column; yield the pages of rows."""
    headers = list(_read_headers(data, column, where))
    dictionaries = [each for each in headers if each.is_dictionary]
    pages = [each for each in headers if not each.is_dictionary]
    said = [column["dictionary_page_offset"]] if "dictionary_page_offset" in column else []
    expect(f"dictionary_page_offset of {where}", said, [each.at for each in dictionaries])
    for each in dictionaries:
        expect(f"the encoding of the dictionary of {where}", each.about["encoding"], _PLAIN)
        expect(f"is_sorted of {where}", each.about.get("is_sorted", False), False)
    expect(f"data_page_offset of {where}", column["data_page_offset"], pages[0].at)
    first = 0
    for each in pages:
        for levels in ("definition_level_encoding", "repetition_level_encoding"):
            expect(f"{levels} of {where}", each.about[levels], _RLE)
        rows = each.about["num_values"]
        page = Page(each.at, each.end - each.at, first, values.slice(first, rows))
        expect(f"num_values of a page of {where}", rows, len(page.values))
        check_statistics(each.about.get("statistics", {}), page.values, where)
        first += rows
        yield page
    expect(f"the rows in the pages of {where}", first, len(values))
    _check_encodings(headers, column, where)


def _check_encodings(headers: Sequence[_Header], column: Mapping[str, Any], where: str) -> None:
    """Check what a column says of the encodings and sizes of its pages."""
    size = sum(each.body - each.at + each.fields["uncompressed_page_size"] for each in headers)
    expect(f"total_uncompressed_size of {where}", column["total_uncompressed_size"], size)
    counts = Counter((each.fields["type"], each.about["encoding"]) for each in headers)
    encodings = {encoding for _, encoding in counts} | {_RLE}
    expect(f"encodings of {where}", sorted(set(column["encodings"])), sorted(encodings))
    if "encoding_stats" in column:
        listed = column["encoding_stats"]
        said = {(each["page_type"], each["encoding"]): each["count"] for each in listed}
        expect(f"encoding_stats of {where}", said, dict(counts))
