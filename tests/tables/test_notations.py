"""Notations: what a field says of its texts is how they are read; what is released has one form."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from release.descriptor.schema.expectations import describe_expected, describe_misfit
from release.syntax.types.value_type import Decimals, Notation, ValueType, of
from release.tables.columns import to_values
from release.tables.parse import from_values
from tests.support.tables import resource_of

COMMA = ValueType("number", notation=Notation(decimal_char=",", group_char="."))
LOOSE = ValueType("number", notation=Notation(decimal_char=",", bare=False))
ENGLISH = ValueType("number", notation=Notation(group_char=",", bare=False))
GROUPED = ValueType("integer", notation=Notation(group_char=","))
MONEY = ValueType("number", decimals=Decimals(19, 2))
ABSENT = ValueType("integer", notation=Notation(missing=frozenset({"n/a", "-", "Nil", "-999"})))
GERMAN = ValueType("boolean", notation=Notation(true=("ja",), false=("nein",)))
DAYS = ValueType("date", notation=Notation(format="%d.%m.%Y"))
LOCAL = ValueType("datetime")
ANY = ValueType("datetime", zone=True, notation=Notation(format="any"))
ZONED = ValueType("time", zone=True)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        # numbers as YAML has them, and with all digits of %.17g
        (of("number"), ".5", 0.5),
        (of("number"), "5.", 5.0),
        (of("number"), "+5", 5.0),
        (of("integer"), "+5", 5),
        (of("integer"), "0x1F", 31),
        (of("number"), "0o17", 15.0),
        (of("number"), "0.10000000000000001", 0.1),
        (of("number"), "3.1415926535897931", 3.141592653589793),
        # the notation of a field
        (COMMA, "1.234,50", 1234.5),
        (COMMA, "-1.234.567", -1234567.0),
        (COMMA, ",5", 0.5),
        (COMMA, 1234.5, 1234.5),
        (LOOSE, "12,5%", 12.5),
        (LOOSE, "-€5", -5.0),
        (ENGLISH, "USD 1,234.50", 1234.5),
        (ENGLISH, "Rs 12,34,567", 1234567.0),
        (GROUPED, "12,400", 12400),
        (GROUPED, 7, 7),
        (GERMAN, "ja", True),
        (GERMAN, False, False),
        # exact decimals
        (MONEY, "1.5", Decimal("1.50")),
        (MONEY, "12345678901234567.89", Decimal("12345678901234567.89")),
        (MONEY, 3, Decimal("3.00")),
        (MONEY, "1e2", Decimal("100.00")),
        # days and times
        (DAYS, "31.01.2026", date(2026, 1, 31)),
        (of("datetime"), "2024-03-10T01:30:00+02:00", datetime(2024, 3, 9, 23, 30, tzinfo=UTC)),
        (LOCAL, "2024-03-10T01:30:00.5", datetime(2024, 3, 10, 1, 30, 0, 500000)),
        (ANY, "2001-12-14 21:59:43.10 -5", datetime(2001, 12, 15, 2, 59, 43, 100000, tzinfo=UTC)),
        (ANY, "20240310T013000Z", datetime(2024, 3, 10, 1, 30, tzinfo=UTC)),
        (of("time"), "15:30:00.2500000", time(15, 30, 0, 250000)),
        (ZONED, "00:30:00+01:00", time(23, 30)),
        (of("year"), "0476", 476),
        (of("year"), "-0500", -500),
        (of("yearmonth"), "2026-01", "2026-01"),
        (of("duration"), "P2W", "P14D"),
        (of("duration"), "PT86400.50S", "P1DT0.5S"),
        # mappings and lists
        (of("object"), '{"b": 1.50, "a": [1, 2.0]}', '{"a":[1,2.0],"b":1.5}'),
        (of("object"), {"n": 12345678901234567890}, '{"n":12345678901234567890}'),
        (of("array"), '[12345678901234567.89]', "[12345678901234567.89]"),
        (of("list"), "a, b", '["a","b"]'),
        (of("list"), [1, True, None], '["1","true",null]'),
        (ValueType("list", item="number"), "1, 2.50", "[1.0,2.5]"),
        (ValueType("list", item="date"), ["2026-01-31"], '["2026-01-31"]'),
        (of("geopoint"), "12.50,41.90", "12.5, 41.9"),
        (ValueType("geopoint", notation=Notation(format="array")), "[1e1, -0.0]", "10, 0"),
        (of("any"), 1.5, "1.5"),
    ],
)  # fmt: skip
def test_a_value_is_what_its_field_says(kind: ValueType, value: object, expected: object) -> None:
    """However it is written, it is the one value that is meant."""
    column, bad = from_values([value], kind)
    assert bad == []
    assert to_values(column) == [expected]


URI = ValueType("string", content="uri")
INSTANT, CLOCK, DAY, POINT = (
    of(name).facts.words for name in ("datetime", "time", "date", "geopoint")
)


@pytest.mark.parametrize("value", ["n/a", "-", "Nil", -999, "", None])
def test_a_text_that_means_nothing_is_no_value(value: object) -> None:
    """Those that the field names, empty text, and null."""
    column, bad = from_values([value, 978], ABSENT)
    assert bad == []
    assert column.to_pylist() == [None, 978]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (
            of("integer"),
            "007",
            "an integer; write 7, or give the field the type string if it is a code",
        ),
        (COMMA, "12.34", "a number such as 1.234,5"),
        (
            COMMA,
            1.234,
            "a number such as 1.234,5, in quotes, as it says something else without them",
        ),
        (LOOSE, "(5)", "a number such as 1234,5, also with other text beside it"),
        (LOOSE, "12 of 15", "a number such as 1234,5, also with other text beside it"),
        (GROUPED, "12,40", "an integer such as 1,234"),
        (MONEY, "1.505", "a decimal number, of at most 17 digits before the point and 2 behind it"),
        (
            of("number"),
            "3.14159265358979323846",
            "a number, which has 64 bits: the nearest is 3.141592653589793",
        ),
        (GERMAN, "true", "ja or nein"),
        (DAYS, "2026-01-31", "a date as %d.%m.%Y writes it"),
        (of("datetime"), "2024-03-10T01:30:00", f"{INSTANT}; it has no zone"),
        (of("datetime"), "2024-03-10T24:00:00Z", f"{INSTANT}; there is no such time"),
        (of("datetime"), "0001-01-01T00:00:00+01:00", f"{INSTANT}; there is no such time"),
        (LOCAL, "2024-03-10T01:30:00Z", f"{LOCAL.facts.words}; it has a zone"),
        (of("time"), "15:30:00.1234567", f"{CLOCK}; a time has microseconds and nothing finer"),
        (of("year"), "476", "a year such as 2026"),
        (of("yearmonth"), "2026-13", "a month such as 2026-01"),
        (of("duration"), "P", "a duration such as P1Y2M or PT30M"),
        (of("object"), '{"a": 1, "a": 2}', "a mapping, or a JSON object"),
        (of("object"), ["a"], "a mapping, or a JSON object"),
        (of("list"), [["a"]], 'a list; its item 0 is ["a"], which a list cannot hold'),
        (ValueType("list", item="integer"), "1, x", "a list of integers; its item 1 is 'x'"),
        (of("geopoint"), [181, 0], "a longitude and a latitude such as 12.5, 41.9"),
        (of("geojson"), {"type": "Point", "coordinates": [1]}, "a GeoJSON object"),
        (ValueType("string", content="email"), "root@localhost", "an e-mail address"),
        (URI, "example.org", f"{URI.facts.words}; it has no scheme such as https:"),
        (
            URI,
            "urn:ä",
            f"{URI.facts.words}; a URI is of ASCII, and other signs are written as % and two digits",
        ),
        (of("date"), "2026-02-29", f"{DAY}; February 2026 has 28 days"),
        (
            of("date"),
            "2026-1-31",
            f"{DAY}; write 2026-01-31 (in datapackage.yaml: `format: any` reads such dates)",
        ),
        (
            of("date"),
            20260131,
            f"{DAY}; write 2026-01-31 (in datapackage.yaml: `format: any` reads such dates)",
        ),
        (of("date"), "31 May 2026", DAY),
        (of("time"), 1530, CLOCK),
        (
            of("datetime"),
            "2026-01-31 9:05 +01",
            (
                f"{INSTANT}; write 2026-01-31T08:05:00Z (in datapackage.yaml: `format: any` reads such "
                "datetimes)"
            ),
        ),
        (of("integer"), "5 ", "an integer; blanks stand at its ends"),
        (
            of("geopoint"),
            {"lat": 1, "lng": 2},
            f"{POINT}; the keys of a mapping are `lon` and `lat`",
        ),
        (
            of("geopoint"),
            "41.9, 120",
            POINT + "; the longitude, of 180 degrees at most, comes first; a latitude has 90",
        ),
        (of("list"), "a,,b", "a list; its item 1 is empty"),
        (ValueType("string", content="binary"), "a b", "base64"),
    ],
)
def test_a_value_that_is_none_is_refused(kind: ValueType, value: Any, expected: str) -> None:
    """It is null, its position is told, and the message says what the field takes."""
    column, bad = from_values([value], kind)
    assert bad == [0]
    assert column.to_pylist() == [None]
    (field,) = resource_of({"value": kind}).fields
    assert describe_expected(value, field) == expected


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        (of("integer"), "\u22125", "'\u22125' (U+2212)"),
        (of("number"), "1\u00a0234", "'1\\u00a0234'"),
        (of("date"), "2026\u201301\u201131", "'2026\u201301\u201131' (U+2013 U+2011)"),
        (
            of("integer"),
            "f\u00fcnf M\u00e4nner tr\u00e4umen \u2013 oft",
            "'f\u00fcnf M\u00e4nner tr\u00e4umen \u2013 oft' (U+00FC U+00E4 U+2013)",
        ),
        (of("integer"), "\u4e00\u4e8c\u4e09\u56db", "'\u4e00\u4e8c\u4e09\u56db'"),
        (of("boolean"), "n\u00f6", "'n\u00f6'"),
        (of("string"), ["a"], "a list"),
        (of("list"), {"a": [1, "\u00e9"]}, '{"a":[1,"\u00e9"]}'),
        (of("geojson"), {"type": "x" * 80}, '{"type":"' + "x" * 50 + "\u2026"),
    ],
)
def test_a_message_shows_what_was_found(kind: ValueType, value: Any, found: str) -> None:
    """A list or mapping as JSON, and signs that look like others by their code points."""
    (field,) = resource_of({"value": kind}).fields
    assert describe_misfit(value, field).partition(", expected ")[0] == f"value is {found}"
