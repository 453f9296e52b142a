"""Tables as files: what was written is read back, value by value, null by null."""

from __future__ import annotations

import csv
import io
import math
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from release.descriptor.model import Field, Resource
from release.descriptor.vocabulary import TYPES
from release.syntax.types.registry import PLAIN_TEXTS, FieldType
from release.syntax.types.structures import write_json
from release.syntax.types.value_type import Decimals, ValueType, of
from release.syntax.types.values import parse_value
from release.tables import csv as csv_format
from release.tables import parquet as parquet_format
from release.tables.columns import arrow_schema
from release.tables.parse import from_text, from_values

#: Any text but the empty one, which means missing; and control characters, which no record can hold.
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
    st.sampled_from(
        ['"', '""', ",", "\n", "\r", "\r\n", " ", "NULL", "NA", "\ufeff", "碳捕集", "#", "a\rb"]
    ),
)
#: Durations in the one way in which a release writes them.
WRITTEN_DURATIONS = st.from_regex(
    r"-?P[0-9]{1,3}Y[0-9]{1,3}M[0-9]{1,3}DT[0-9]{1,4}H[0-9]{1,4}M[0-9]{1,4}(\.[0-9]{1,9})?S",
    fullmatch=True,
).map(lambda text: parse_value(text, "duration"))

#: What JSON can hold.
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        TEXTS,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(TEXTS, inner, max_size=2)),
    max_leaves=5,
)

#: So few rows in a row group that a small table has several.
ROWS = 3

VALUES: dict[ValueType, st.SearchStrategy[Any]] = {
    of("string"): TEXTS,
    of("integer"): st.integers(-(2**63), 2**63 - 1),
    of("number"): st.floats(allow_nan=False, allow_infinity=False),
    ValueType("number", decimals=Decimals(12, 9)): st.decimals(-999, 999, places=9),
    ValueType("number", decimals=Decimals(38, 0)): st.integers(-(10**38) + 1, 10**38 - 1).map(
        Decimal
    ),
    ValueType("number", decimals=Decimals(76, 38)): st.decimals(-(10**37), 10**37, places=38),
    of("boolean"): st.booleans(),
    of("date"): st.dates(date(1, 1, 1), date(9999, 12, 31)),
    of("datetime"): st.datetimes(timezones=st.just(UTC)),
    ValueType("datetime"): st.datetimes(),
    of("time"): st.times(),
    ValueType("time", zone=True): st.times(),
    of("year"): st.integers(-(10**18) + 1, 10**18 - 1),
    of("yearmonth"): st.dates().map(lambda day: f"{day.year:04}-{day.month:02}"),
    of("duration"): WRITTEN_DURATIONS,
    of("geopoint"): st.sampled_from(["12.5, 41.9", "-180, 0", "0.000001, -90"]),
    of("object"): st.dictionaries(TEXTS, JSON, max_size=3).map(write_json),
    of("array"): st.lists(JSON, max_size=3).map(write_json),
    of("geojson"): st.just('{"coordinates":[12.5,41.9],"type":"Point"}'),
    of("any"): TEXTS,
}


#: Texts that write values, that nearly do, and others.
WRITTEN = st.one_of(
    TEXTS,
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.from_regex(r"[-+]?[0-9]{0,3}[.]?[0-9]{0,3}([eE][-+]?[0-9]{1,3})?\n?"),
    st.from_regex(r"[0-9]{4}(-[0-9]{2}){0,2}\n?", fullmatch=True),
    st.sampled_from(
        ["true", "True", "TRUE", "tRUE", "false\n", "False", "-0", "00", "-0.0", "1e999"]
    ),
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Resource, pa.Table]:
    """A resource with some fields of any type, and a table of it; its key is never missing."""
    kinds = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=5))
    names = [f"f{at}" for at in range(len(kinds))]
    fields = tuple(
        Field(name, kind.name, None, None, None, {}, (), "What it is.", {}, reading=kind)
        for name, kind in zip(names, kinds, strict=True)
    )
    rows = draw(
        st.lists(
            st.tuples(
                VALUES[kinds[0]], *(st.one_of(st.none(), VALUES[kind]) for kind in kinds[1:])
            ),
            max_size=8,
        )
    )
    columns = [
        pa.array([row[at] for row in rows], type.type)
        for at, type in enumerate(arrow_schema(fields))
    ]
    resource = Resource("t", "data/t.csv", (), False, (), fields, (names[0],), (), (), None, {})
    return resource, pa.table(columns, names=names)


def is_same(one: pa.Table, other: pa.Table) -> bool:
    """Equal in schema and values; zero has a sign."""
    if one.schema != other.schema or one.num_rows != other.num_rows:
        return False
    return all(
        a == b and (not isinstance(a, float) or math.copysign(1, a) == math.copysign(1, b))
        for name in one.column_names
        for a, b in zip(one[name].to_pylist(), other[name].to_pylist(), strict=True)
    )


TEMPORARY = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@given(made=tables())
def test_csv_is_read_back_as_it_was_written(made: tuple[Resource, pa.Table]) -> None:
    """table -> CSV -> table gives the same table, nulls and types included."""
    resource, table = made
    read, faults = csv_format.parse(
        csv_format.to_bytes(table, resource.fields), resource, Path("t.csv")
    )
    assert faults == []
    assert read is not None
    assert is_same(read, table)


@TEMPORARY
@given(made=tables())
def test_parquet_is_read_back_as_it_was_written(
    tmp_path: Path, made: tuple[Resource, pa.Table]
) -> None:
    """table -> Parquet -> table gives the same table, and the same CSV."""
    resource, table = made
    path = tmp_path / "t.parquet"
    parquet_format.write([table], resource, path, ROWS)
    read = parquet_format.read(path)
    assert is_same(read, table)
    assert csv_format.to_bytes(read, resource.fields) == csv_format.to_bytes(table, resource.fields)


@TEMPORARY
@given(made=tables())
def test_csv_has_a_row_for_each_row_by_rfc_4180(made: tuple[Resource, pa.Table]) -> None:
    """A reader that is not ours finds the same texts, whatever quotes and line ends they hold."""
    resource, table = made
    text = csv_format.to_bytes(table, resource.fields).decode("utf-8")
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert header == table.column_names
    for row, expected in zip(rows, table.to_pylist(), strict=True):
        for found, value in zip(row, expected.values(), strict=True):
            if value is None or isinstance(value, str):
                assert found == (value or "")


@TEMPORARY
@given(made=tables(), cut=st.integers(0, 8))
def test_how_rows_were_chunked_does_not_show(
    tmp_path: Path, made: tuple[Resource, pa.Table], cut: int
) -> None:
    """A table in one piece or in two gives the same bytes, in both formats."""
    resource, table = made
    parts = [table.slice(0, cut), table.slice(cut)]
    parquet_format.write([table], resource, tmp_path / "one.parquet", ROWS)
    parquet_format.write(parts, resource, tmp_path / "two.parquet", ROWS)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    one, two = io.BytesIO(), io.BytesIO()
    csv_format.write([table], table.schema, one, resource.fields)
    csv_format.write(parts, table.schema, two, resource.fields)
    assert one.getvalue() == two.getvalue()


@settings(max_examples=300)
@given(st.sampled_from(TYPES), WRITTEN)
@example("date", "0000-01-01")
def test_a_text_is_the_value_that_a_column_has_of_it(kind: FieldType, text: str) -> None:
    """What a descriptor says in text means what it would mean in a table; what is no value is none."""
    column, bad = from_text(pa.array([text], pa.string()), of(kind))
    assert parse_value(text, kind) == (None if bad else column[0].as_py())


#: What front matter may say, as the readers give it.
READ = st.one_of(
    WRITTEN,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.just([]),
    st.just({"a": 1}),
)


@settings(max_examples=500)
@given(st.sampled_from(TYPES), st.lists(READ, max_size=4))
@example("number", [1.5, True, False])
@example("date", ["0000-01-01", "2023-02-30"])
def test_a_value_is_read_the_same_whatever_stands_beside_it(
    kind: FieldType, values: list[Any]
) -> None:
    """A column of several values holds, and refuses, what a column of each alone does."""
    column, bad = from_values(values, of(kind))
    alone = [from_values([value], of(kind)) for value in values]
    assert column.to_pylist() == [one[0].as_py() for one, _ in alone]
    assert bad == [at for at, (_, wrong) in enumerate(alone) if wrong]


NUMBERS = st.one_of(
    st.from_regex(PLAIN_TEXTS["number"], fullmatch=True).filter(
        lambda text: len(text.lower().partition("e")[2]) < 18  # what Decimal can hold
    ),
    st.decimals(allow_nan=False, allow_infinity=False, places=19).map(str),
    st.integers(-(2**60), 2**60).map(str),
)


@settings(max_examples=500)
@given(st.lists(NUMBERS, max_size=5))
@example(
    ["9007199254740992", "9007199254740993", "1e-400", "1e400", "1.50", "-0", "1e999999999999"]
)
def test_a_number_has_all_its_digits_or_is_refused(texts: list[str]) -> None:
    """What is taken says the same as what was written; what is refused no number of 64 bits says."""
    column, bad = from_text(pa.array(texts, pa.string()), of("number"))
    for at, (text, number) in enumerate(zip(texts, column.to_pylist(), strict=True)):
        if number is None:
            assert at in bad
            assert (
                Decimal(repr(float(text))) != Decimal(text) != Decimal(format(float(text), ".17g"))
            )
        else:
            assert at not in bad
            assert Decimal(text) in (Decimal(repr(number)), Decimal(format(number, ".17g")))


def test_an_exponent_beyond_all_measure_is_refused() -> None:
    """However long it is."""
    for text in (f"1e{'9' * 40}", f"1e-{'9' * 40}"):
        assert parse_value(text, "number") is None
