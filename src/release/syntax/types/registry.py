"""The one description of every type: what it is in Arrow, Parquet, SQL, CSV and for catalogues.

All other parts of the program ask here. A form is a type with the properties that change what a column holds:
a `number` with `decimal` is another form than one without. docs/reference/types.md shows this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

#: The types of Table Schema v2, in the order of the standard.
FieldType = Literal[
    "string",
    "number",
    "integer",
    "boolean",
    "object",
    "array",
    "list",
    "datetime",
    "date",
    "time",
    "year",
    "yearmonth",
    "duration",
    "geopoint",
    "geojson",
    "any",
]

#: How values are compared in a difference: by their text in CSV, or by their number.
Comparison = Literal["text", "number"]

_TEXT = ("minLength", "maxLength", "pattern")
_LENGTH = ("minLength", "maxLength")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """The facts of one form of a type.

    Attributes:
        words: A value of it in messages.
        arrow: Its type in Arrow, as Arrow prints it; `{}` stands for precision and scale of a decimal.
        parquet: Its physical and logical type in Parquet, as pyarrow names them.
        pandas: The name of its logical type for pandas, and the dtype.
        sql: Its type in the queries of checks, in DuckDB.
        sqlite: Its type in SQLite.
        croissant: The names of Croissant and schema.org for it; readers take the first that they know.
        constraints: The constraints that suit it, besides required, unique and enum.
        written: The types of JSON in which the profile of Table Schema lets a constraint have its values.
        order: The type in DuckDB by which its texts in CSV are sorted; empty if they sort as texts.
        is_json: True if its values may be mappings or lists of a record, which are written as JSON.
        is_quoted: True if its values are texts, which have quotes in CSV.
        published: The type that a release names.
    """

    words: str
    arrow: str
    parquet: tuple[str, str]
    pandas: tuple[str, str]
    sql: str
    sqlite: str
    croissant: str
    constraints: tuple[str, ...] = ()
    written: tuple[type, ...] = (str,)
    order: str = ""
    is_json: bool = False
    is_quoted: bool = False
    published: str = ""


def _text(
    words: str,
    croissant: str = "sc:Text",
    constraints: tuple[str, ...] = (),
    *,
    is_json: bool = False,
    published: str = "",
) -> TypeFacts:
    """Return the facts of a type whose values are texts in Arrow and Parquet."""
    return TypeFacts(
        words,
        "string",
        ("BYTE_ARRAY", "STRING"),
        ("unicode", "object"),
        "VARCHAR",
        "TEXT",
        croissant,
        constraints,
        is_json=is_json,
        is_quoted=True,
        published=published,
    )


_INTEGER = TypeFacts(
    "an integer",
    "int64",
    ("INT64", "NONE"),
    ("int64", "Int64"),
    "BIGINT",
    "INTEGER",
    "sc:Integer",
    _BOUNDS,
    (int, str),
    "BIGINT",
)

#: The facts of each form. A form is named as its type, or as that and what makes it another form.
FORMS: Mapping[str, TypeFacts] = {
    "string": _text("text", constraints=_TEXT),
    "string email": _text("an e-mail address", constraints=_TEXT),
    "string uri": _text("a URI such as https://example.org/", "sc:URL", _TEXT),
    "string uuid": _text("a UUID such as 123e4567-e89b-12d3-a456-426614174000", constraints=_TEXT),
    "string binary": _text("base64", constraints=_TEXT),
    "number": TypeFacts(
        "a number",
        "double",
        ("DOUBLE", "NONE"),
        ("float64", "float64"),
        "DOUBLE",
        "REAL",
        "sc:Float",
        _BOUNDS,
        (int, float, str),
        "DOUBLE",
    ),
    "number decimal": TypeFacts(
        "a decimal number",
        "decimal128({})",
        ("FIXED_LEN_BYTE_ARRAY", "DECIMAL"),
        ("decimal", "object"),
        "DECIMAL({})",
        "TEXT",
        "sc:Number sc:Float",
        _BOUNDS,
        (int, float, str),
        "DECIMAL({})",
    ),
    "number long decimal": TypeFacts(
        "a decimal number",
        "decimal256({})",
        ("FIXED_LEN_BYTE_ARRAY", "DECIMAL"),
        ("decimal", "object"),
        "VARCHAR",
        "TEXT",
        "sc:Number sc:Float",
        _BOUNDS,
        (int, float, str),
        "DOUBLE",
    ),
    "integer": _INTEGER,
    "boolean": TypeFacts(
        "true or false",
        "bool",
        ("BOOLEAN", "NONE"),
        ("bool", "boolean"),
        "BOOLEAN",
        "TEXT",
        "sc:Boolean",
        (),
        (bool,),
    ),
    "object": _text("a mapping, or a JSON object", constraints=_LENGTH, is_json=True),
    "array": _text("a list, or a JSON array", constraints=_LENGTH, is_json=True),
    "list": _text("a list", constraints=_LENGTH, is_json=True, published="array"),
    "datetime": TypeFacts(
        "a time with its zone such as 2026-01-31T12:00:00Z",
        "timestamp[us, tz=UTC]",
        ("INT64", "TIMESTAMP"),
        ("datetimetz", "datetime64[us, UTC]"),
        "TIMESTAMP WITH TIME ZONE",
        "TEXT",
        "sc:DateTime sc:Date",
        _BOUNDS,
        order="TIMESTAMP",
    ),
    "datetime local": TypeFacts(
        "a time without a zone such as 2026-01-31T12:00:00",
        "timestamp[us]",
        ("INT64", "TIMESTAMP"),
        ("datetime", "datetime64[us]"),
        "TIMESTAMP",
        "TEXT",
        "sc:DateTime sc:Date",
        _BOUNDS,
        order="TIMESTAMP",
    ),
    "date": TypeFacts(
        "a date such as 2026-01-31",
        "date32[day]",
        ("INT32", "DATE"),
        ("date", "datetime64[ns]"),
        "DATE",
        "TEXT",
        "sc:Date",
        _BOUNDS,
        order="DATE",
    ),
    "time": TypeFacts(
        "a time of day such as 15:30:00",
        "time64[us]",
        ("INT64", "TIME"),
        ("time", "object"),
        "TIME",
        "TEXT",
        "sc:Time",
        _BOUNDS,
        order="TIME",
    ),
    "time utc": TypeFacts(
        "a time of day with its zone such as 15:30:00Z",
        "time64[us]",
        ("INT64", "TIME"),
        ("time", "object"),
        "TIME",
        "TEXT",
        "sc:Time",
        _BOUNDS,
        order="TIME",
    ),
    "year": replace(_INTEGER, words="a year such as 2026"),
    "yearmonth": _text("a month such as 2026-01", constraints=_BOUNDS),
    "duration": _text("a duration such as P1Y2M or PT30M", "sc:Duration sc:Text"),
    "geopoint": _text(
        "a longitude and a latitude such as 12.5, 41.9", "sc:GeoCoordinates sc:Text", is_json=True
    ),
    "geojson": _text("a GeoJSON object", "sc:GeoShape sc:Text", is_json=True),
    "any": _text("any value", is_json=True),
}

#: The texts of types that Arrow reads by itself, in the ways in which nearly all are written. A number has
#: 64 bits. A date has no year 0, which neither Python nor the referee knows.
PLAIN_TEXTS: Mapping[str, str] = {
    "integer": r"^-?(0|[1-9][0-9]*)$",
    "number": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$",
    "boolean": r"^(true|True|TRUE|false|False|FALSE)$",
    "date": r"^([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)-[0-9]{2}-[0-9]{2}$",
    "year": r"^[1-9][0-9]{3}$",
}
