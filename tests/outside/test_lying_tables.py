"""A release whose tables lie, with digests that fit, is told by each command that takes tables from it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import release as program
from release import cli
from release.findings import FindingsError
from tests.support import tampering
from tests.support.tampering import ZIP, change, refit, retable, swapped, with_value

TABLE = "data/notes.parquet"


@pytest.fixture(scope="module")
def true(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of which the others are copies."""
    return tampering.built(tmp_path_factory.mktemp("true"))


@pytest.fixture
def lying(true: Path, tmp_path: Path) -> Path:
    """A copy in a store without an index, in which something will be changed."""
    folder = tmp_path / "store/0.1.0"
    shutil.copytree(true, folder)
    return folder


# what lies


def other_value(folder: Path) -> None:
    """Another number in a cell of the Parquet."""
    retable(folder, "notes", with_value("year", 1, 1999), both=False)


def value_for_none(folder: Path) -> None:
    """A text where the CSV has none."""
    retable(folder, "notes", with_value("colour", 3, "red"), both=False)


def row_left_out(folder: Path) -> None:
    """A row less than the CSV."""
    retable(folder, "notes", lambda table: table.slice(1), both=False)


def row_added(folder: Path) -> None:
    """A row more than the CSV."""

    def added(table: pa.Table) -> pa.Table:
        return pa.concat_tables([table, table.slice(table.num_rows - 1)])

    retable(folder, "notes", added, both=False)


def no_rows(folder: Path) -> None:
    """No row at all."""
    retable(folder, "notes", lambda table: table.slice(0, 0), both=False)


def rows_swapped(folder: Path) -> None:
    """Two rows in each other's place."""
    retable(folder, "notes", swapped, both=False)


def csv_changed(folder: Path) -> None:
    """Another number in the CSV."""
    change(folder / "data/notes.csv", "2003", "2004")
    refit(folder)


def not_a_number(folder: Path) -> None:
    """NaN in both forms, of which there are many in Parquet and one in CSV."""
    retable(folder, "notes", with_value("weight", 1, float("nan")))


def written(**how: Any) -> Callable[[Path], None]:
    """Write the same rows with other options than a build."""

    def lie(folder: Path) -> None:
        table = pq.read_table(folder / TABLE).replace_schema_metadata(None)
        options: dict[str, Any] = {"compression": "zstd", "store_schema": False}
        pq.write_table(table, folder / TABLE, **options | how)
        refit(folder)

    return lie


def recast(names: Mapping[str, pa.DataType]) -> Callable[[Path], None]:
    """Write the same values as other types."""

    def lie(folder: Path) -> None:
        table = pq.read_table(folder / TABLE).replace_schema_metadata(None)
        for name, kind in names.items():
            at = table.schema.get_field_index(name)
            table = table.set_column(at, name, table[name].cast(kind))
        pq.write_table(table, folder / TABLE)
        refit(folder)

    return lie


def renamed(folder: Path) -> None:
    """A column under another name."""
    table = pq.read_table(folder / TABLE)
    pq.write_table(table.rename_columns([*table.column_names[:-1], "texte"]), folder / TABLE)
    refit(folder)


def reordered(folder: Path) -> None:
    """The columns in another order."""
    table = pq.read_table(folder / TABLE)
    pq.write_table(table.select(table.column_names[::-1]), folder / TABLE)
    refit(folder)


def column_left_out(folder: Path) -> None:
    """A column less than the schema has."""
    table = pq.read_table(folder / TABLE)
    pq.write_table(table.select(table.column_names[:-1]), folder / TABLE)
    refit(folder)


def told_to_pandas(folder: Path) -> None:
    """What makes a column the index of a pandas frame."""
    frame = pq.read_table(folder / TABLE).to_pandas().set_index("note")
    frame.to_parquet(folder / TABLE)
    refit(folder)


def no_parquet(folder: Path) -> None:
    """What is no Parquet at all."""
    (folder / TABLE).write_bytes(b"PAR1 and no more PAR1")
    refit(folder)


def replaced(old: bytes, new: bytes, *, last: bool = True) -> Callable[[Path], None]:
    """Put bytes of the same length in the place of others, at the last or first place where they are."""
    assert len(old) == len(new)

    def lie(folder: Path) -> None:
        data = (folder / TABLE).read_bytes()
        at = data.rindex(old) if last else data.index(old)
        (folder / TABLE).write_bytes(data[:at] + new + data[at + len(old) :])
        refit(folder)

    return lie


def number(value: int) -> bytes:
    """A number as Parquet has it in statistics."""
    return value.to_bytes(8, "little")


#: What lies about columns or rows in the footer, which every command reads.
SHAPES: Mapping[str, Callable[[Path], None]] = {
    "renamed": renamed,
    "reordered": reordered,
    "column-left-out": column_left_out,
    "told-to-pandas": told_to_pandas,
    "no-parquet": no_parquet,
    "narrow-integer": recast({"year": pa.int32()}),
    "narrow-number": recast({"weight": pa.float32()}),
    "time-for-date": recast({"seen": pa.timestamp("ms")}),
    "text-for-integer": recast({"year": pa.string()}),
    "bytes-for-text": recast({"text": pa.binary()}),
}

#: What lies about values, or of them.
OTHERS: Mapping[str, Callable[[Path], None]] = {
    "other-value": other_value,
    "value-for-none": value_for_none,
    "row-left-out": row_left_out,
    "row-added": row_added,
    "no-rows": no_rows,
    "rows-swapped": rows_swapped,
    "csv-changed": csv_changed,
    "not-a-number": not_a_number,
    "other-groups": written(row_group_size=2),
    "other-compression": written(compression="gzip"),
    "no-statistics": written(write_statistics=False),
    "no-page-index": written(),
    "no-dictionary": written(use_dictionary=False),
    "other-pages": written(data_page_version="2.0"),
    "greatest-year": replaced(number(2006), number(2003)),
    "least-year": replaced(number(2001), number(2004)),
    "greatest-year-of-a-page": replaced(number(2006), number(2003), last=False),
    "greatest-key": replaced(b"n6", b"n4"),
    "other-version": written(version="1.0"),
}


def diff(folder: Path, true: Path) -> int:
    """The exit code of a comparison with the true release."""
    return cli.main(["diff", str(true), str(folder), "--exit-code"])


@pytest.mark.parametrize("lie", [*SHAPES, *OTHERS])
def test_no_command_takes_a_table_that_lies(
    true: Path, lying: Path, lie: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Verify and publish refuse it, diff does not compare it, and load does not if it is asked to look."""
    ({**SHAPES, **OTHERS})[lie](lying)
    store, target = lying.parent, lying.parent.parent / "target"
    assert cli.main(["verify", str(lying), "--no-referee"]) == 1
    steps = capsys.readouterr().out
    assert "equality  failed" in steps or "parquet   failed" in steps
    for old, new in ((true, lying), (lying, true)):
        assert cli.main(["diff", str(old), str(new)]) == 1
        told = capsys.readouterr()
        assert told.out == ""
        assert "data/notes." in told.err
    assert cli.main(["publish", str(target), "0.1.0", "--store", str(store)]) == 1
    assert "data/notes." in capsys.readouterr().err
    assert not (target / "0.1.0").exists()
    with pytest.raises(FindingsError, match=r"data/notes\."):
        program.load(lying, "notes", compare_csv=True)


@pytest.mark.parametrize("lie", SHAPES)
def test_what_a_footer_shows_is_told_by_all(
    lying: Path, lie: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Load refuses columns and types that are not those of the schema, list and reindex do too."""
    SHAPES[lie](lying)
    with pytest.raises(FindingsError, match=r"data/notes\.parquet: "):
        program.load(lying, "notes")
    for command in ("list", "reindex"):
        assert cli.main([command, str(lying.parent), "--format", "json"]) == 1
        findings = json.loads(capsys.readouterr().out)["findings"]
        assert {each["path"] for each in findings} == {f"0.1.0/{TABLE}"}
        assert {each["rule"] for each in findings} < {"parquet-schema", "parquet-unreadable"}
    assert not (lying.parent / "versions.json").exists()


@pytest.mark.parametrize("place", [".", ZIP])
def test_a_true_table_is_taken_by_all(
    true: Path, lying: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a folder and from a zip."""
    assert cli.main(["diff", str(true), str(lying / place), "--exit-code"]) == 0
    assert capsys.readouterr().out.endswith("no difference\n")
    held = program.load(lying / place, "notes", compare_csv=True)
    assert held.equals(program.load(lying / place, "notes"))
    assert cli.main(["reindex", str(lying.parent)]) == 0


def footed(data: bytes, footer: bytes) -> bytes:
    """A Parquet file with another footer."""
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    return data[:start] + footer + len(footer).to_bytes(4, "little") + data[-4:]


def by_another(folder: Path, writer: str, change: Callable[[bytes], bytes]) -> None:
    """Let the Parquet name another writer, and change its bytes."""
    data = (folder / TABLE).read_bytes()
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    name = f"parquet-cpp-arrow version {pa.cpp_version}".encode()
    footer = data[start:-8].replace(
        bytes([len(name)]) + name, bytes([len(writer)]) + writer.encode()
    )
    (folder / TABLE).write_bytes(change(footed(data, footer)))
    refit(folder)


def test_another_writer_of_the_same_bytes_is_named(
    lying: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All but its name was made again, so that nothing in the file can be false."""
    by_another(lying, "parquet-cpp-arrow version 26.0.77", lambda data: data)
    cli.main(["verify", str(lying), "--no-referee"])
    assert (
        "  parquet   passed: the Parquet of each table is byte for byte what its rows make, so no statistic "
        "or index in it is false; these name another writer, and have the same bytes but for that: "
        f"{TABLE} (parquet-cpp-arrow version 26.0.77)\n"
    ) in capsys.readouterr().out


def test_what_another_writer_says_is_held(lying: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its bytes cannot be made again here, but what it says of its rows can be held against them."""
    notes = pq.read_metadata(lying / TABLE).metadata
    table = pq.read_table(lying / TABLE).replace_schema_metadata(None)
    options: dict[str, Any] = {
        "compression": "zstd",
        "compression_level": 15,
        "store_schema": False,
    }
    options |= {"write_page_index": True, "sorting_columns": SORTED, "version": "2.6"}
    with pq.ParquetWriter(lying / TABLE, table.schema, **options) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(notes)
    by_another(lying, "parquet-cpp-arrow version 26.0.77", lambda data: data)
    cli.main(["verify", str(lying), "--no-referee"])
    assert (
        "is false; but of these, by another writer, only what they say of their rows was held: "
        f"{TABLE} (parquet-cpp-arrow version 26.0.77)\n"
    ) in capsys.readouterr().out


#: The order of the rows, as a build notes it.
SORTED = [pq.SortingColumn(0, descending=False, nulls_first=False)]


def test_a_lie_of_another_writer_is_told(lying: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A greatest value that is too small."""
    by_another(
        lying,
        "parquet-cpp-arrow version 26.0.77",
        lambda data: data[::-1].replace(number(2006)[::-1], number(2003)[::-1], 1)[::-1],
    )
    assert cli.main(["verify", str(lying), "--no-referee"]) == 1
    assert (
        f"{TABLE}: error: parquet-claims: says what is not so: max_value of year in row group 1 is "
        "2003, its rows make 2006\n"
    ) in capsys.readouterr().out


def test_what_is_not_known_here_is_not_proven(
    lying: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A field of a later version of Parquet is neither right nor wrong: 2."""
    data = (lying / TABLE).read_bytes()
    footer = data[len(data) - 8 - int.from_bytes(data[-8:-4], "little") : -8]
    (lying / TABLE).write_bytes(footed(data, footer[:-1] + b"\x55\x02\x00"))
    by_another(lying, "parquet-cpp-arrow version 99.0.0", lambda data: data)
    shutil.rmtree(lying.parent / "target", ignore_errors=True)
    assert cli.main(["verify", str(lying), "--no-referee"]) == 2
    out = capsys.readouterr().out
    assert "  parquet   not possible\n" in out
    assert "says something that is not known here: field 12 of FileMetaData\n" in out
    assert out.endswith("cannot be verified here: parquet is not possible with this toolchain\n")
