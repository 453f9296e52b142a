"""A Parquet file of other bytes is refused; one of another writer is if it says what is not so."""

from __future__ import annotations

import datetime
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from release.descriptor.model import Field, Resource
from release.package.manifest import proof
from release.syntax.types.registry import FieldType
from release.tables import csv, parquet

#: The number of mutants of each table; thousands with RELEASE_FLIPS.
MUTANTS = int(os.environ.get("RELEASE_FLIPS", "300"))

FIELDS: dict[str, FieldType] = {
    "id": "integer",
    "name": "string",
    "weight": "number",
    "good": "boolean",
    "seen": "date",
    "year": "year",
    "none": "string",
}


def rows(count: int) -> pa.Table:
    """A table of every type with missing values, in the order of its key."""
    day = datetime.date(2026, 1, 1)
    columns = {
        "id": [7001000000000000000 + at for at in range(count)],
        "name": [None if at % 7 == 3 else f"name {at * 37 % 101}" for at in range(count)],
        "weight": [None if at % 5 == 2 else (at * 13 % 17 - 8) / 4 for at in range(count)],
        "good": [None if at % 11 == 1 else at % 3 == 0 for at in range(count)],
        "seen": [
            None if at % 13 == 6 else day + datetime.timedelta(at % 400) for at in range(count)
        ],
        "year": [1900 + at % 150 for at in range(count)],
        "none": [None] * count,
    }
    types = {"integer": pa.int64(), "year": pa.int64(), "string": pa.string(), "date": pa.date32()}
    types |= {"number": pa.float64(), "boolean": pa.bool_()}
    schema = pa.schema([(name, types[kind]) for name, kind in FIELDS.items()])
    return pa.table(columns, schema)


@dataclass(frozen=True)
class Original:
    """A table that was written as a release has it, and the bytes of its Parquet."""

    table: proof.ReleasedTable
    path: Path
    data: bytes

    @property
    def footer(self) -> int:
        """The position of the footer."""
        return len(self.data) - 8 - int.from_bytes(self.data[-8:-4], "little")

    @property
    def index(self) -> int:
        """The position of the page index."""
        about = pq.read_metadata(self.path)
        columns = (
            about.row_group(g).column(c) for g in range(about.num_row_groups) for c in range(7)
        )
        ends = [
            (c.dictionary_page_offset or c.data_page_offset) + c.total_compressed_size
            for c in columns
        ]
        return int(max(ends))


def written(folder: Path, count: int, group: int) -> Original:
    """Write a table of so many rows."""
    fields = tuple(
        Field(name, kind, None, None, None, {}, (), f"The {name}.", {})
        for name, kind in FIELDS.items()
    )
    resource = Resource(
        "t", "", (), False, (), fields, ("id",), (), (), None, {"description": "A table."}
    )
    table = rows(count)
    (folder / "t.csv").write_bytes(csv.to_bytes(table))
    parquet.write([table], resource, folder / "t.parquet", group)
    shutil.copyfile(folder / "t.parquet", folder / "own.parquet")
    data = (folder / "t.parquet").read_bytes()
    released = proof.ReleasedTable(folder, resource, "t.csv", ["t.parquet"])
    return Original(released, folder / "t.parquet", data)


def mutants(data: bytes, start: int, end: int, seed: int) -> Iterator[bytes]:
    """Yield files in which some bytes between two positions were changed, put in or left out."""
    chance = random.Random(seed)

    def bit(at: int) -> bytes:
        return bytes([data[at] ^ 1 << chance.randrange(8)])

    def near(at: int) -> bytes:
        return bytes([(data[at] + chance.choice((-2, -1, 1, 2))) % 256])

    def other(_: int) -> bytes:
        return bytes([chance.randrange(256)])

    changes: list[Callable[[int], bytes]] = [bit, near, near, other]
    while True:
        at = chance.randrange(start, end)
        kind = chance.randrange(8)
        if kind < 4:
            yield data[:at] + changes[kind](at) + data[at + 1 :]
        elif kind == 4:
            size, source = chance.choice((1, 4, 8)), chance.randrange(start, end)
            yield data[:at] + data[source : source + size] + data[at + size :]
        elif kind == 5:
            yield data[:at] + other(at) + data[at:]
        elif kind == 6:
            yield data[:at] + data[at + 1 :]
        else:
            size = chance.choice((2, 4, 8))
            yield data[:at] + data[at : at + size][::-1] + data[at + size :]


def fitted(data: bytes, by: int) -> bytes:
    """A file with the length of its footer as it is now, which has grown by so many bytes."""
    length = int.from_bytes(data[-8:-4], "little") + by
    return data[:-8] + max(length, 0).to_bytes(4, "little") + data[-4:]


REGIONS = ("pages", "index", "footer", "end")


def tries(original: Original, region: str) -> Iterator[bytes]:
    """Yield MUTANTS files with other bytes in a region than the original."""
    places = {
        "pages": (0, original.index),
        "index": (original.index, original.footer),
        "footer": (original.footer, len(original.data) - 8),
        "end": (len(original.data) - 8, len(original.data)),
    }

    def changed() -> Iterator[bytes]:
        for data in mutants(original.data, *places[region], seed=15):
            # else what was put into it makes it no footer at all
            by = len(data) - len(original.data) if region == "footer" else 0
            if (fit := fitted(data, by)) != original.data:
                yield fit

    yield from islice(changed(), MUTANTS)


def held(original: Original, data: bytes) -> proof.HeldTable:
    """A file in the place of the original, held."""
    original.path.write_bytes(data)
    return proof.hold(original.table)


@pytest.mark.parametrize("region", REGIONS)
def test_no_other_byte_is_taken(tmp_path: Path, region: str) -> None:
    """Whatever a reader makes of it: the file is not what its rows make."""
    original = written(tmp_path, 300, 1 << 17)
    for data in tries(original, region):
        found = held(original, data)
        if not (found.unlike or found.untrue or found.unproven):
            assert found.claims or _is_named_otherwise(original, data)


@pytest.mark.parametrize("pages", [{}, {"data_page_size": 200, "write_batch_size": 40}])
@pytest.mark.parametrize("region", REGIONS[1:3])
def test_no_false_claim_of_another_writer_is_taken(
    tmp_path: Path, region: str, pages: dict[str, int]
) -> None:
    """What is taken gives each reader the same rows for each filter, and is not said to be the same bytes."""
    original = elsewhere(tmp_path, 300, pages)
    found = held(original, original.data)
    assert (found.unlike, found.untrue, found.unproven) == ([], [], [])
    assert found.claims == ["t.parquet"]
    answers = filtered(original.path)
    for data in tries(original, region):
        found = held(original, data)
        if not (found.unlike or found.untrue or found.unproven):
            assert found.claims == ["t.parquet"]
            assert filtered(original.path) == answers


def elsewhere(folder: Path, count: int, pages: dict[str, int]) -> Original:
    """Write a table as another version of the writer might: in other pages, packed tighter."""
    original = written(folder, count, 1 << 17)
    table = pq.read_table(original.path)
    sorting = pq.SortingColumn.from_ordering(table.schema, [("id", "ascending")], "at_end")
    with pq.ParquetWriter(
        original.path,
        table.schema.remove_metadata(),
        compression="zstd",
        compression_level=15,
        version="2.6",
        store_schema=False,
        sorting_columns=sorting,
        write_page_index=True,
        **pages,
    ) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(pq.read_metadata(folder / "own.parquet").metadata)
    data = original.path.read_bytes().replace(parquet.WRITER.encode(), OTHER_WRITER)
    original.path.write_bytes(data)
    return Original(original.table, original.path, data)


#: Another writer, whose name is as long.
OTHER_WRITER = parquet.WRITER.encode()[:-1] + b"X"


def filtered(path: Path) -> list[Any]:
    """What pyarrow, DuckDB and Polars find in a file by filters for which they look at its claims."""
    found: list[Any] = []
    values: dict[str, list[Any]] = {
        "id": [7001000000000000000, 7001000000000000299],
        "name": ["name 0", "name 99"],
        "weight": [-2.0, 2.0],
        "year": [1900, 2049],
    }
    for name, some in values.items():
        for value in some:
            found.append(pq.read_table(path, filters=[(name, "==", value)])["id"].to_pylist())
            query = f"SELECT id FROM read_parquet('{path}') WHERE \"{name}\" = $1 ORDER BY id"
            found.append(duckdb.execute(query, [value]).fetchall())
            frame = polars.scan_parquet(path).filter(polars.col(name) == value)
            found.append(frame.select("id").collect().to_dict(as_series=False))
    return found


def _is_named_otherwise(original: Original, data: bytes) -> bool:
    """Whether a file has all bytes of the original but the name of its writer."""
    original.path.write_bytes(data)
    writer = pq.read_metadata(original.path).created_by
    name = parquet.WRITER.encode()
    return fitted(original.data.replace(name, writer.encode()), len(writer) - len(name)) == data


def test_what_was_written_is_taken(tmp_path: Path) -> None:
    """Of one row group or several, and without a row."""
    for count, group in ((300, 1 << 17), (140_000, 1 << 17), (1, 1 << 17), (0, 1 << 17)):
        folder = tmp_path / str(count)
        folder.mkdir()
        found = proof.hold(written(folder, count, group).table)
        assert (found.unlike, found.untrue, found.unproven, found.writers) == ([], [], [], {})
