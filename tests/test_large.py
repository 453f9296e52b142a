"""What is too large for memory goes through files, and gives the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release import build, database, descriptor, scratch
from release.package import files

TEXTS = st.none() | st.sampled_from(["", "a", "B", "é", "中", "\U0001f600", "\uffff", "a\nb", "\0"])
ROWS = st.lists(
    st.tuples(
        TEXTS,
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.dates(date(1, 1, 1)),
        st.none() | st.floats(allow_nan=False) | st.just(-0.0),
        TEXTS,
    ),
    max_size=40,
)
SCHEMA = pa.schema(
    [
        ("a", pa.string()),
        ("b", pa.int64()),
        ("c", pa.date32()),
        ("d", pa.float64()),
        ("rest", pa.string()),
    ]
)


@pytest.fixture
def _all_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table with a byte in it is too large for memory."""
    monkeypatch.setattr(scratch, "LARGE", 0)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.permutations(["a", "b", "c", "d"]), st.integers(1, 4))
def test_a_table_sorted_on_disk_is_the_same(
    rows: list[tuple[object, ...]], by: list[str], keys: int
) -> None:
    """Missing values last, text by code points, equal rows as they were: with SQL as with Arrow."""
    table = pa.Table.from_pylist(
        [dict(zip(SCHEMA.names, row, strict=True)) for row in rows], SCHEMA
    )
    expected = database.ordered(table, by[:keys])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scratch, "LARGE", -1)
        found = database.ordered(table, by[:keys])
    assert found.schema == expected.schema
    assert found.to_pylist() == expected.to_pylist()


@pytest.mark.usefixtures("_all_is_large")
def test_a_release_whose_tables_wait_in_files_is_the_same(
    built: Path, root: Path, tmp_path: Path
) -> None:
    """Nothing is too large here; treated as if it were, the seeds give the same files."""
    made = build.build(descriptor.load(root / "datapackage.yaml"), tmp_path / "store")
    assert made.path is not None
    for path in files(built):
        if path != "buildinfo.json":
            assert (made.path / path).read_bytes() == (built / path).read_bytes(), path


def test_a_spilled_table_needs_no_file_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is gone as soon as it is mapped: nothing is left behind, whatever happens then."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "LARGE", 0)
    table = pa.table({"a": ["x", None, "中"]})
    spilled = scratch.spilled(table)
    assert list(tmp_path.iterdir()) == []
    assert spilled.equals(table)
    assert spilled is not table
