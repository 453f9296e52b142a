"""Read the compact protocol of Thrift strictly: what Parquet files say of their rows is written in it.

Source: thrift-compact-protocol.md of Apache Thrift, parquet.thrift of Apache Parquet.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: The type of a field: the name of a basic type or of a struct of STRUCTS, or a list of one.
FieldKind = str | tuple[str]

#: The codes of types in the compact protocol. A boolean has its value in its code.
_CODES = {"bool": (1, 2), "i8": (3,), "i16": (4,), "i32": (5,), "i64": (6,), "binary": (8,)}
_LIST, _STRUCT = 9, 12

#: The deepest nesting of structs and lists in a footer of Parquet, about.
_DEEPEST = 12

#: The structs of parquet.thrift that a file of plain columns has: number, name and type of their fields.
STRUCTS: Mapping[str, Mapping[int, tuple[str, FieldKind]]] = {
    "FileMetaData": {
        1: ("version", "i32"),
        2: ("schema", ("SchemaElement",)),
        3: ("num_rows", "i64"),
        4: ("row_groups", ("RowGroup",)),
        5: ("key_value_metadata", ("KeyValue",)),
        6: ("created_by", "binary"),
        7: ("column_orders", ("ColumnOrder",)),
    },
    "SchemaElement": {
        1: ("type", "i32"),
        2: ("type_length", "i32"),
        3: ("repetition_type", "i32"),
        4: ("name", "binary"),
        5: ("num_children", "i32"),
        6: ("converted_type", "i32"),
        7: ("scale", "i32"),
        8: ("precision", "i32"),
        10: ("logicalType", "LogicalType"),
    },
    "LogicalType": {
        1: ("STRING", "Empty"),
        5: ("DECIMAL", "DecimalType"),
        6: ("DATE", "Empty"),
        7: ("TIME", "TimeType"),
        8: ("TIMESTAMP", "TimeType"),
    },
    "DecimalType": {1: ("scale", "i32"), 2: ("precision", "i32")},
    "TimeType": {1: ("isAdjustedToUTC", "bool"), 2: ("unit", "TimeUnit")},
    "TimeUnit": {1: ("MILLIS", "Empty"), 2: ("MICROS", "Empty"), 3: ("NANOS", "Empty")},
    "Empty": {},
    "KeyValue": {1: ("key", "binary"), 2: ("value", "binary")},
    "ColumnOrder": {1: ("TYPE_ORDER", "Empty")},
    "RowGroup": {
        1: ("columns", ("ColumnChunk",)),
        2: ("total_byte_size", "i64"),
        3: ("num_rows", "i64"),
        4: ("sorting_columns", ("SortingColumn",)),
        5: ("file_offset", "i64"),
        6: ("total_compressed_size", "i64"),
        7: ("ordinal", "i16"),
    },
    "SortingColumn": {
        1: ("column_idx", "i32"),
        2: ("descending", "bool"),
        3: ("nulls_first", "bool"),
    },
    "ColumnChunk": {
        2: ("file_offset", "i64"),
        3: ("meta_data", "ColumnMetaData"),
        4: ("offset_index_offset", "i64"),
        5: ("offset_index_length", "i32"),
        6: ("column_index_offset", "i64"),
        7: ("column_index_length", "i32"),
    },
    "ColumnMetaData": {
        1: ("type", "i32"),
        2: ("encodings", ("i32",)),
        3: ("path_in_schema", ("binary",)),
        4: ("codec", "i32"),
        5: ("num_values", "i64"),
        6: ("total_uncompressed_size", "i64"),
        7: ("total_compressed_size", "i64"),
        9: ("data_page_offset", "i64"),
        11: ("dictionary_page_offset", "i64"),
        12: ("statistics", "Statistics"),
        13: ("encoding_stats", ("PageEncodingStats",)),
        16: ("size_statistics", "SizeStatistics"),
    },
    "Statistics": {
        1: ("max", "binary"),
        2: ("min", "binary"),
        3: ("null_count", "i64"),
        4: ("distinct_count", "i64"),
        5: ("max_value", "binary"),
        6: ("min_value", "binary"),
        7: ("is_max_value_exact", "bool"),
        8: ("is_min_value_exact", "bool"),
    },
    "PageEncodingStats": {1: ("page_type", "i32"), 2: ("encoding", "i32"), 3: ("count", "i32")},
    "SizeStatistics": {
        1: ("unencoded_byte_array_data_bytes", "i64"),
        2: ("repetition_level_histogram", ("i64",)),
        3: ("definition_level_histogram", ("i64",)),
    },
    "PageHeader": {
        1: ("type", "i32"),
        2: ("uncompressed_page_size", "i32"),
        3: ("compressed_page_size", "i32"),
        4: ("crc", "i32"),
        5: ("data_page_header", "DataPageHeader"),
        7: ("dictionary_page_header", "DictionaryPageHeader"),
    },
    "DataPageHeader": {
        1: ("num_values", "i32"),
        2: ("encoding", "i32"),
        3: ("definition_level_encoding", "i32"),
        4: ("repetition_level_encoding", "i32"),
        5: ("statistics", "Statistics"),
    },
    "DictionaryPageHeader": {
        1: ("num_values", "i32"),
        2: ("encoding", "i32"),
        3: ("is_sorted", "bool"),
    },
    "ColumnIndex": {
        1: ("null_pages", ("bool",)),
        2: ("min_values", ("binary",)),
        3: ("max_values", ("binary",)),
        4: ("boundary_order", "i32"),
        5: ("null_counts", ("i64",)),
        6: ("repetition_level_histograms", ("i64",)),
        7: ("definition_level_histograms", ("i64",)),
    },
    "OffsetIndex": {
        1: ("page_locations", ("PageLocation",)),
        2: ("unencoded_byte_array_data_bytes", ("i64",)),
    },
    "PageLocation": {
        1: ("offset", "i64"),
        2: ("compressed_page_size", "i32"),
        3: ("first_row_index", "i64"),
    },
}


class UnknownFieldError(ValueError):
    """A field, or a type of one, that STRUCTS does not know: nothing can be said of it."""


@dataclass(slots=True)
class Reader:
    """A reader of structs in some bytes, from a position on and up to an end.

    It takes only what is written in the one way in which writers write it: numbers without needless bytes,
    and the fields of a struct in ascending order.
    """

    data: bytes | mmap.mmap
    at: int
    end: int

    def struct(self, name: str, depth: int = 0) -> dict[str, Any]:
        """Read a struct; return the values of its fields by name.

        Raises:
            UnknownFieldError: It has a field that is not known.
            ValueError: It is not well-formed; the message says where.
        """
        if depth > _DEEPEST:
            raise ValueError(f"nests too deep at {self.at}")
        found: dict[str, Any] = {}
        last = 0
        while head := self._byte():
            code, step = head & 0x0F, head >> 4
            number = last + step if step else self._integer()
            if number <= last or (not step and number - last <= 15):
                raise ValueError(f"has field {number} behind field {last} at {self.at}")
            if number not in STRUCTS[name]:
                raise UnknownFieldError(f"field {number} of {name}")
            key, kind = STRUCTS[name][number]
            found[key] = self._value(kind, code, f"{name}.{key}", depth)
            last = number
        return found

    def _value(self, kind: FieldKind, code: int, name: str, depth: int) -> Any:
        """Read the value of a field whose type has a code."""
        if isinstance(kind, tuple):
            return self._list(kind[0], code, name, depth)
        if code not in _CODES.get(kind, (_STRUCT,)):
            raise ValueError(f"has type {code} in {name} at {self.at}")
        return code == 1 if kind == "bool" else self._plain(kind, depth)

    def _plain(self, kind: str, depth: int) -> Any:
        if kind == "binary":
            size = self._varint()
            self.at += size
            if self.at > self.end:
                raise ValueError("ends within a text")
            return self.data[self.at - size : self.at]
        return self._integer() if kind in _CODES else self.struct(kind, depth + 1)

    def _list(self, kind: str, code: int, name: str, depth: int) -> list[Any]:
        if code != _LIST:
            raise ValueError(f"has type {code} in {name} at {self.at}")
        head = self._byte()
        size, of = head >> 4, head & 0x0F
        if size == 15:
            size = self._varint()
            if size < 15:
                raise ValueError(f"has a list of {size} that is written as a long one at {self.at}")
        if of not in _CODES.get(kind, (_STRUCT,)):
            raise ValueError(f"has type {of} in {name} at {self.at}")
        if size > self.end - self.at:
            raise ValueError("ends within a list")
        if kind == "bool":
            return [self._boolean() for _ in range(size)]
        return [self._plain(kind, depth + 1) for _ in range(size)]

    def _boolean(self) -> bool:
        if (value := self._byte()) not in _CODES["bool"]:
            raise ValueError(f"has the boolean {value} at {self.at}")
        return value == 1

    def _byte(self) -> int:
        if not 0 <= self.at < self.end:
            raise ValueError("ends within a struct")
        self.at += 1
        return self.data[self.at - 1]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) > 0x7F:
            value |= (byte & 0x7F) << shift
            shift += 7
            if shift > 63:
                raise ValueError(f"has a number that is too long at {self.at}")
        if shift and not byte:
            raise ValueError(f"has a number with needless bytes at {self.at}")
        return value | byte << shift

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
