"""Find out how a file is written: its format, what stands between its cells, and where its records begin."""

from __future__ import annotations

import codecs
import csv
import io
import posixpath
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from release.syntax.formats.csv_records import DELIMITERS
from release.syntax.formats.endings import FileFormat, format_of

#: Formats by endings that the build does not map by itself.
FORMATS: Mapping[str, FileFormat] = {
    "geojson": "json",
    "jsonld": "json",
    "topojson": "json",
    "tab": "tsv",
    "psv": "csv",
}

#: What may stand between cells.
_SIGNS = (",", ";", "\t", "|")

#: So many bytes and rows of a file are looked at; one row in so many, or one of several, may have another
#: number of cells.
_START, _SOME, _SELDOM, _SEVERAL = 65_536, 50, 10, 4


def find_format(path: str) -> FileFormat:
    """Return the format of a file by the ending of its name, also where a kind must say it."""
    return FORMATS.get(posixpath.splitext(path)[1][1:].lower()) or format_of(path)


def find_delimiter(path: str, form: FileFormat) -> str:
    """Return what stands between the cells of a file; empty if it is what its format says, or unclear."""
    usual = DELIMITERS.get(form, "")
    data = _read_start(path) if usual else b""
    if not data:
        return ""
    text = data.decode("utf-8-sig", "replace")
    if len(data) == _START:
        text = text[: text.rfind("\n") + 1]
    widths = {sign: _count_columns(text, sign) for sign in dict.fromkeys((usual, *_SIGNS))}
    best = max(widths, key=lambda sign: widths[sign])
    return best if best != usual and widths[best] > 1 else ""


def find_encoding(path: str, form: FileFormat) -> str:
    """Return the encoding of a file of rows if it begins with a byte-order mark; else empty."""
    has_mark = form in DELIMITERS and _read_start(path).startswith(codecs.BOM_UTF8)
    return "utf-8-sig" if has_mark else ""


def _read_start(path: str) -> bytes:
    """Return the first bytes of a file; none if it cannot be read, as its reader says then."""
    try:
        with Path(path).open("rb") as file:
            return file.read(_START)
    except OSError:
        return b""


def _count_columns(text: str, delimiter: str) -> int:
    """Return how many cells the header has, or 0 if the rows below it do not have as many."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [len(row) for row in islice(reader, _SOME) if row]
    except csv.Error:
        return 0
    others = sum(width != rows[0] for width in rows)
    may_differ = max(len(rows) // _SELDOM, len(rows) >= _SEVERAL)  # its reader says which row
    return rows[0] if rows and others <= may_differ else 0


def find_list(values: Any) -> str:
    """Return the key of the list that a file is there for, as GeoJSON and JSON-LD have it; empty if none."""
    if not isinstance(values, dict):
        return ""
    name = "features" if values.get("type") == "FeatureCollection" else "@graph"
    items = values.get(name)
    is_list = isinstance(items, list) and items and all(isinstance(each, dict) for each in items)
    return name if is_list else ""
