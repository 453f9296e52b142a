"""Exports, for any text: what is read back is what the release has."""

from __future__ import annotations

import csv
import re
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release.access.export import sheet_names
from tests.support.datasets import NOTES, write_dataset
from tests.support.foreign_tables import copy_with_texts
from tests.support.kit import build, run

#: Texts, among them many that a spreadsheet would run or change, and none that ends as a surrogate.
TEXT = st.one_of(
    st.text(min_size=1),
    st.from_regex(r"[=+\-@'\t ]?[0-9A-Za-z.,:/%\" &_-]{1,300}", fullmatch=True),
    st.from_regex(r"_x[0-9A-F]{4}_+", fullmatch=True),
)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with a table whose last column is text."""
    root = tmp_path_factory.mktemp("any text")
    descriptor = NOTES.replace("        - {name: year, type: integer, from: year}\n", "")
    files = {"notes/a.md": "---\ntitle: A\n---\n"}
    return build(write_dataset(root / "data", descriptor, files), root / "dist")


def read_workbook(path: Path) -> list[str]:
    """The texts of a sheet, none of which is a formula."""
    cells = [cell for (cell,) in openpyxl.load_workbook(path)["notes"].iter_rows(2, None, 2, 2)]
    assert {cell.data_type for cell in cells} == {"s"}
    unescape = re.compile("_x([0-9A-F]{4})_")
    return [unescape.sub(lambda match: chr(int(match[1], 16)), str(cell.value)) for cell in cells]


def read_sqlite(path: Path) -> list[str]:
    """The texts of a table."""
    connection = sqlite3.connect(path)
    found = [text for (text,) in connection.execute("SELECT title FROM notes")]
    connection.close()
    return found


def read_csv(path: Path) -> list[str]:
    """The texts that Excel shows, of formulas which are nothing but a text."""
    with (path / "notes.csv").open(encoding="utf-8-sig", newline="") as file:
        _, *rows = csv.reader(file)
    found = []
    for _, cell in rows:
        if cell.startswith("="):
            assert re.fullmatch(r'=("([^"]|"")*")(&"([^"]|"")*")*', cell)
            parts = re.findall(r'"((?:[^"]|"")*)"', cell)
            found.append("".join(part.replace('""', '"') for part in parts))
        else:
            assert cell[0] not in "+-@'\t\r"
            found.append(cell)
    return found


READERS: dict[str, Callable[[Path], list[str]]] = {
    "xlsx": read_workbook,
    "sqlite": read_sqlite,
    "csv-excel": read_csv,
}


@settings(max_examples=8)
@given(texts=st.lists(TEXT, min_size=20, max_size=40))
@pytest.mark.parametrize("form", READERS)
def test_any_text_is_read_back(form: str, texts: list[str], release: Path) -> None:
    """None is a formula, a number, a date, or another text."""
    with tempfile.TemporaryDirectory() as folder:
        root = copy_with_texts(release, Path(folder) / "copy", "notes", texts)
        target = Path(folder) / "x"
        code, _, err = run("export", str(root), "--format", form, "--out", str(target))
        assert code == 0, err
        if form == "xlsx":
            target = target.rename(target.with_suffix(".xlsx"))
        assert READERS[form](target) == texts


@given(st.lists(st.text(max_size=50), max_size=20, unique=True))
def test_any_names_become_names_of_sheets(tables: list[str]) -> None:
    """Each is one that a spreadsheet takes, and none stands twice, whatever the case of letters."""
    found = sheet_names.make_names(tables)
    assert list(found) == tables
    names = list(found.values())
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert 1 <= len(name.encode("utf-16-le")) // 2 <= 31
        assert not re.search(r"[\[\]:*?/\\]|^'|'$", name)
