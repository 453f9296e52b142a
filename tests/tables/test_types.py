"""Types: what docs/reference/types.md says of each is what a table of it has."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from release.descriptor.model import Resource
from release.package.manifest import claims
from release.package.manifest.statistics import FalseClaimError
from release.syntax.types.registry import FORMS
from release.syntax.types.value_type import Decimals, ValueType, of
from release.system.limits import LIMITS
from release.tables import parquet
from release.tables.columns import arrow_schema, arrow_type, is_increasing
from release.tables.csv import to_bytes
from release.tables.parse import from_values
from release.tables.sql import sort_table
from tests.support.tables import resource_of

PAGE = Path(__file__).parents[2] / "docs/reference/types.md"

#: Each form of a type, with a value of a record, in the order of the page.
EXAMPLES: dict[ValueType, Any] = {
    of("string"): "text",
    ValueType("string", content="email"): "someone@example.org",
    ValueType("string", content="uri"): "https://example.org/",
    ValueType("string", content="uuid"): "123e4567-e89b-12d3-a456-426614174000",
    ValueType("string", content="binary"): "aGVsbG8=",
    of("number"): "1.50",
    ValueType("number", decimals=Decimals(38, 2)): "1.5",
    ValueType("number", decimals=Decimals(60, 2)): "1.5",
    of("integer"): "0x1F",
    of("boolean"): True,
    of("object"): {"b": [1, 2], "a": "x"},
    of("array"): ["a", 1, None],
    of("list"): "a, b",
    of("datetime"): "2026-01-31T12:00:00.50+01:00",
    ValueType("datetime"): "2026-01-31T12:00:00.50",
    of("date"): "2026-01-31",
    of("time"): "15:30:00.250",
    ValueType("time", zone=True): "15:30:00+01:00",
    of("year"): "0476",
    of("yearmonth"): "2026-01",
    of("duration"): "PT36H",
    of("geopoint"): [12.50, 41.9],
    of("geojson"): {"type": "Point", "coordinates": [12.5, 41.9]},
    of("any"): {"a": 1},
}


def line(kind: ValueType, value: Any) -> str:
    """The line of a form in the table of the page, with the value as it stands in CSV."""
    column, bad = from_values([value], kind)
    assert bad == []
    resource = resource_of({"value": kind})
    written = to_bytes(pa.table([column], ["value"]), resource.fields).decode().splitlines()[1]
    facts = kind.facts
    physical = " ".join(word for word in facts.parquet if word != "NONE")
    digits = "p, s"
    cells = [
        f"`{kind.form}`",
        f"`{facts.published or kind.name}`",
        f"`{written}`",
        f"`{facts.arrow.format(digits)}`",
        f"`{physical}`",
        f"`{facts.sql.format(digits)}`",
        " ".join(f"`{name}`" for name in facts.croissant.split()),
        _constraints(facts.constraints),
    ]
    return f"| {' | '.join(cells)} |"


def _constraints(names: tuple[str, ...]) -> str:
    """Name constraints in fewer words: `minLength` and `maxLength` are lengths, the other limits bounds."""
    words = {"minLength": "lengths", "maxLength": "lengths", "pattern": "pattern"}
    return ", ".join(dict.fromkeys(words.get(name, "bounds") for name in names)) or "—"


def test_the_page_says_what_each_type_is_in_a_release() -> None:
    """One line for each form, as the program has it."""
    found = re.findall(r"^\| `.* \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [each for each in found if each.count("|") == 9] == [
        line(*pair) for pair in EXAMPLES.items()
    ]
    assert [kind.form for kind in EXAMPLES] == list(FORMS)


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.form)
def test_parquet_has_the_types_that_the_page_names(kind: ValueType, tmp_path: Path) -> None:
    """Arrow reads a column of the type that was written, and Parquet says which it is."""
    column, _ = from_values([EXAMPLES[kind], None], kind)
    resource = resource_of({"value": kind})
    path = tmp_path / "t.parquet"
    parquet.write([pa.table([column], ["value"])], resource, path, 8)
    read = parquet.read(path)
    assert read["value"].type == arrow_type(kind) == column.type
    assert str(column.type) == kind.arrow
    assert read["value"].to_pylist() == column.to_pylist()


def numbered(count: int) -> tuple[Resource, pa.Table]:
    """A table with columns of exact decimals and times, in no order."""
    start = datetime(2020, 1, 1, tzinfo=UTC)
    kinds = {
        "long": ValueType("number", decimals=Decimals(60, 2)),
        "price": ValueType("number", decimals=Decimals(20, 3)),
        "at": of("datetime"),
        "opens": of("time"),
        "local": ValueType("datetime"),
        "year": of("year"),
    }
    rows = [
        (
            *(Decimal(n * 7919 % 1000 - 500) / 4, Decimal(n * 31 % 100) / 8),
            *(start + timedelta(milliseconds=n * 7919 % 1000), time(n % 24)),
            *(datetime(1, 1, 1) + timedelta(days=n * 31 % 100), n % 7 - 3),
        )
        for n in range(count)
    ]
    resource = resource_of(kinds)
    schema = arrow_schema(resource.fields)
    columns = [
        pa.array(values, kind)
        for values, kind in zip(zip(*rows, strict=True), schema.types, strict=True)
    ]
    return resource, pa.table(columns, schema=schema)


@pytest.mark.parametrize("key", [["long"], ["price", "opens"], ["at"], ["local"], ["year", "at"]])
def test_a_key_of_any_type_sorts_alike_in_memory_and_on_disk(key: list[str]) -> None:
    """Times by time, decimals by number, however large the table is."""
    resource, table = numbered(100)
    by = [*key, *(name for name in resource.field_names if name not in key)]
    ordered = sort_table(table, by, replace(LIMITS, held=0))
    assert ordered.equals(sort_table(table, by))
    assert is_increasing(ordered.select(by))


def test_what_another_writer_says_of_decimals_and_times_is_held(tmp_path: Path) -> None:
    """Statistics and page index of other pages of the same rows are true, and one changed bit is not."""
    resource, table = numbered(200)
    own, other = tmp_path / "own.parquet", tmp_path / "other.parquet"
    parquet.write([table], resource, own, 1 << 10)
    ordering = pq.SortingColumn.from_ordering(
        table.schema, [("long", "ascending")], null_placement="at_end"
    )
    with (
        pq.ParquetFile(own) as file,
        pq.ParquetWriter(
            other,
            table.schema,
            compression="zstd",
            store_schema=False,
            sorting_columns=ordering,
            write_page_index=True,
            data_page_size=64,
        ) as writer,
    ):
        writer.write_table(table)
        writer.add_key_value_metadata(file.metadata.metadata)
    with own.open("rb") as one, other.open("rb") as file:
        claims.check(file, one)
    data = other.read_bytes()
    least = (-500 * 25).to_bytes(26, "big", signed=True)
    at = data.rindex(least)
    other.write_bytes(data[:at] + (-499 * 25).to_bytes(26, "big", signed=True) + data[at + 26 :])
    with own.open("rb") as one, other.open("rb") as file, pytest.raises(FalseClaimError) as refused:
        claims.check(file, one)
    assert "-124.75, its rows make -125.00" in str(refused.value)
