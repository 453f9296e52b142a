"""What is too large for memory goes through files, and gives the same."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release.build import pipeline
from release.descriptor import load
from release.package.write import files
from release.system.limits import Limits
from release.tables import spill, sql

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


#: Every table with a byte in it is too large for memory, and nothing that is mapped may stay there.
ALL_IS_LARGE = Limits(held=0, mapped=0, mapped_seconds=0)


@settings(max_examples=60)
@given(ROWS, st.permutations(["a", "b", "c", "d"]), st.integers(1, 4))
def test_a_table_sorted_on_disk_is_the_same(
    rows: list[tuple[object, ...]], by: list[str], keys: int
) -> None:
    """Missing values last, text by code points, equal rows as they were: with SQL as with Arrow."""
    table = pa.Table.from_pylist(
        [dict(zip(SCHEMA.names, row, strict=True)) for row in rows], SCHEMA
    )
    expected = sql.sort_table(table, by[:keys])
    found = sql.sort_table(table, by[:keys], Limits(held=-1))
    assert found.schema == expected.schema
    assert found.to_pylist() == expected.to_pylist()


def test_a_release_whose_tables_wait_in_files_is_the_same(
    built: Path, root: Path, tmp_path: Path
) -> None:
    """Nothing is too large here; treated as if it were, the seeds give the same files."""
    options = pipeline.Options(limits=ALL_IS_LARGE)
    made = pipeline.build(load.load(root / "datapackage.yaml"), tmp_path / "store", options)
    assert made.path is not None
    for path in files(built):
        if path != "buildinfo.json":
            assert (made.path / path).read_bytes() == (built / path).read_bytes(), path


def test_a_spilled_table_needs_no_file_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is gone as soon as it is mapped: nothing is left behind, whatever happens then."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    table = pa.table({"a": ["x", None, "中"]})
    spilled = spill.spill_large(table, Limits(held=0))
    assert list(tmp_path.iterdir()) == []
    assert spilled.equals(table)
    assert spilled is not table


def resident(table: pa.Table) -> int:
    """How many bytes are in memory of the file that a table stands in."""
    address = table.column(0).chunk(0).buffers()[2].address
    is_there = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if match := re.match("([0-9a-f]+)-([0-9a-f]+) ", line):
            is_there = int(match[1], 16) <= address < int(match[2], 16)
        elif is_there and line.startswith("Rss:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("it is not mapped")


def watchers() -> set[threading.Thread]:
    """The threads that drop the memory of mapped files."""
    return {each for each in threading.enumerate() if each.name == spill.WATCHER}


def becomes(true: Callable[[], bool]) -> bool:
    """Whether something is so within some seconds."""
    for _ in range(200):
        if true():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_what_is_mapped_leaves_memory(tmp_path: Path) -> None:
    """It is read from its file again when it is needed; nothing watches over it when all is unmapped."""
    table = pa.table({"a": [f"{number:08}" for number in range(1 << 18)]})
    path = tmp_path / "table"
    spill.write([table], path)
    limits = Limits(mapped=path.stat().st_size, mapped_seconds=0.01)
    others = watchers()  # other tests may hold tables
    for _ in range(2):
        held = list(spill.read(path, limits))
        assert held[0].equals(table)
        assert resident(held[0]) > 1 << 20
        held += spill.read(path, limits)
        assert becomes(lambda: resident(held[0]) == 0)  # noqa: B023 — it is called at once
        assert all(mapped.equals(table) for mapped in held)
        held.clear()
        assert becomes(lambda: watchers() <= others)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_what_nobody_refers_to_is_no_longer_mapped(tmp_path: Path) -> None:
    """A table that was read and let go of leaves nothing behind."""
    path = tmp_path / "table"
    spill.write([pa.table({"a": [1]}), pa.table({"b": [2]})], path)
    one, other = spill.read(path)
    del one
    assert str(path) in Path("/proc/self/maps").read_text()
    assert other.to_pylist() == [{"b": 2}]
    del other
    assert str(path) not in Path("/proc/self/maps").read_text()


@pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64", reason="pyarrow has no jemalloc here"
)
@pytest.mark.parametrize(("asked", "used"), [(None, "jemalloc"), ("system", "system")])
def test_the_memory_of_arrow_comes_from_jemalloc_where_nobody_asked_for_another(
    asked: str | None, used: str
) -> None:
    """In a process that is ours alone; nothing is printed of it."""
    code = (
        "from release.system.processes import arrow_setup; arrow_setup.apply(); import pyarrow; "
        "print(pyarrow.default_memory_pool().backend_name)"
    )
    environment = {k: v for k, v in os.environ.items() if k != "ARROW_DEFAULT_MEMORY_POOL"}
    environment |= {"ARROW_DEFAULT_MEMORY_POOL": asked} if asked else {}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert (ran.stdout, ran.stderr) == (f"{used}\n", "")
