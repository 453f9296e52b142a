"""Read the form of a curated table's file: `dialect` (Table Dialect v2), `encoding` and `fieldsMatch`."""

from __future__ import annotations

import codecs
from typing import Any

from release.descriptor.properties import TAB, Properties, suggest
from release.descriptor.vocabulary import FIELDS_MATCH, PROPERTIES
from release.syntax.formats.csv_dialect import CsvLayout, Dialect

#: The properties of Table Dialect v2 that say how files of other kinds are read.
_OF_OTHERS = {
    **dict.fromkeys(("property", "itemType", "itemKeys"), "JSON"),
    **dict.fromkeys(("sheetNumber", "sheetName"), "spreadsheets"),
    "table": "databases",
}

_PROFILE = "https://datapackage.org/profiles/2.0/tabledialect.json"

#: Encodings of Python that are none of texts in files: of host names, of escapes, of no use, or unsafe.
_NO_ENCODINGS = frozenset("idna punycode raw_unicode_escape unicode_escape undefined utf_7".split())

#: The most rows above the data that may be named.
_MOST_ROWS = 1_000


def read(item: Properties, schema: Properties) -> CsvLayout | None:
    """Read the form of the file of a curated table; None if it is that of a release's CSV."""
    dialect = read_dialect(
        item.read_mapping("dialect", "a mapping; one in a file of its own is not supported")
    )
    encoding = read_encoding(item) if "encoding" in item else "utf-8"
    match = schema.value.get("fieldsMatch", "exact")
    if match not in FIELDS_MATCH:
        near = suggest(match, FIELDS_MATCH) if isinstance(match, str) else ""
        schema.note_unexpected("fieldsMatch", f"one of {', '.join(FIELDS_MATCH)}{near}")
        match = "exact"
    elif match != "exact" and dialect.header_rows == ():
        schema.note("has no meaning for a file without a header; leave it out", "fieldsMatch")
    layout = CsvLayout(encoding, dialect, match)
    return None if layout == CsvLayout("utf-8", Dialect(), "exact") else layout


def read_encoding(item: Properties) -> str:
    """Return the name of an encoding as Python has it."""
    expected = "the name of an encoding such as 'utf-8' or 'windows-1252'"
    name = item.read_text("encoding", expected)
    try:
        found = codecs.lookup(name).name
        "".encode(found)  # fails for what is no encoding of text, such as base64
    except (LookupError, ValueError):
        found = ""
    if name.strip() and (not found or found.replace("-", "_") in _NO_ENCODINGS):
        item.note_unexpected("encoding", expected)
    return found or "utf-8"


def read_dialect(dialect: Properties) -> Dialect:
    """Read a dialect of CSV."""
    for key, kind in _OF_OTHERS.items():
        if key in dialect:
            why = f"it is about {kind}, and this is CSV"
            dialect.note(f"is not supported: {why}; leave it out", key, at_key=True)
    dialect.note_unknown(*PROPERTIES["dialect"], *_OF_OTHERS)
    if dialect.value.get("$schema", _PROFILE) != _PROFILE:
        dialect.note_unexpected("$schema", f"'{_PROFILE}', or no $schema")
    _check_line_terminator(dialect)
    header = _read_flag(dialect, "header", default=True)
    header_rows = _read_rows(dialect, "headerRows") if "headerRows" in dialect else None
    if not header:
        dialect.note_unwanted("headerRows headerJoin", "the file has no header")
    found = Dialect(
        _read_sign(dialect, "delimiter", ","),
        _read_sign(dialect, "quoteChar", '"', is_one=True),
        _read_flag(dialect, "doubleQuote", default=True),
        _read_sign(dialect, "escapeChar", "", is_one=True),
        _read_flag(dialect, "skipInitialSpace", default=False),
        _read_any(dialect, "nullSequence", None),
        _read_sign(dialect, "commentChar", ""),
        frozenset(_read_rows(dialect, "commentRows")),
        header_rows if header else (),
        _read_any(dialect, "headerJoin", " ") or "",
    )
    _check_signs(dialect, found)
    return found


def _check_line_terminator(dialect: Properties) -> None:
    """Note a line end that is none of text; LF, CRLF and CR are recognized whatever is said."""
    if dialect.value.get("lineTerminator", "\n") not in ("\n", "\r\n", "\r"):
        dialect.note_unexpected("lineTerminator", "LF, CRLF or CR; each of them is recognized")


def _check_signs(dialect: Properties, found: Dialect) -> None:
    """Note signs that mean two things."""
    signs = {
        "delimiter": found.delimiter,
        "quoteChar": found.quote,
        "escapeChar": found.escape,
        "commentChar": found.comment,
    }
    for at, (key, sign) in enumerate(signs.items()):
        for other in list(signs)[:at]:
            if sign and (sign in signs[other] or signs[other] in sign) and signs[other]:
                dialect.note(f"is among the signs of {other}, expected another one", key)
    if found.skips_space and found.delimiter.startswith(" "):
        dialect.note("has no meaning where blanks part the cells; leave it out", "skipInitialSpace")


def _read_sign(dialect: Properties, key: str, default: str, *, is_one: bool = False) -> str:
    """Return a sign of a dialect, or some if it is not to be one."""
    if key not in dialect:
        return default
    value, expected = dialect.value[key], "one character" if is_one else "one character or more"
    if not isinstance(value, str) or not value or (is_one and len(value) > 1):
        dialect.note_unexpected(key, expected)
    elif value == "\\t":
        dialect.note_unexpected(key, TAB)
    elif set(value) & set("\r\n\0"):
        dialect.note_unexpected(key, f"{expected}, no line end")
    else:
        return value
    return default


def _read_any(dialect: Properties, key: str, default: str | None) -> str | None:
    value = dialect.value.get(key, default)
    if value is not None and not isinstance(value, str):
        dialect.note_unexpected(key, "text")
        return default
    return value


def _read_flag(dialect: Properties, key: str, *, default: bool) -> bool:
    value = dialect.value.get(key, default)
    if not isinstance(value, bool):
        dialect.note_unexpected(key, "true or false")
    return value is True


def _read_rows(dialect: Properties, key: str) -> tuple[int, ...]:
    """Return the numbers of rows, from 1, sorted."""
    items: list[Any] = dialect.read_list(key, "a list of numbers of rows, from 1")
    sound = all(type(each) is int and 0 < each <= _MOST_ROWS for each in items)
    if not sound or len(set(items)) < len(items) or (key == "headerRows" and items == []):
        expected = f"different numbers of rows, from 1 to {_MOST_ROWS}"
        dialect.note(f"is {items}, expected {expected}", key)
        return (1,) if key == "headerRows" else ()
    return tuple(sorted(items))
