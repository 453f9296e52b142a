"""The script of a page reads large tables from a server, in parts; this needs Node.js and its libraries."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from release.build import pipeline
from release.descriptor import load
from release.syntax.types.value_type import of
from release.system.limits import Limits
from release.tables import parquet
from tests.support import every_type, hard_values
from tests.support.kit import ROOT
from tests.support.tables import resource_of

WEB = ROOT / "web"
pytestmark = pytest.mark.skipif(
    not (WEB / "node_modules").is_dir() or shutil.which("node") is None,
    reason="the libraries of web/ are not here: make web-check",
)

ROWS, PART, GROUP = 24_000, 16_384, 8_192
KEYS = [f"k{number:06}" for number in range(ROWS)]
NUMBERS = [None if number % 7 == 0 else (number * 7919) % 1000 for number in range(ROWS)]
TEXTS = [
    f"{hashlib.sha256(key.encode()).hexdigest()} {'碳 Steel' if number % 5000 == 3 else 'iron'}"
    for number, key in enumerate(KEYS)
]


def ask_node(script: str, *arguments: Path) -> str:
    """Run a script of web/tests, and return what it prints."""
    command = ["node", str(WEB / "tests" / script), *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of two files, with three row groups."""
    found = tmp_path_factory.mktemp("large")
    table = pa.table({"id": KEYS, "n": pa.array(NUMBERS, pa.int64()), "text": TEXTS})
    resource = resource_of({"id": of("string"), "n": of("integer"), "text": of("string")})
    targets = [found / "one.parquet", found / "two.parquet"]
    parquet.write_parts([table], resource, targets, GROUP, PART)
    return found


def ask(
    folder: Path, *questions: tuple[str, Mapping[str, Any]], ranges: bool = True
) -> list[dict[str, Any]]:
    """Ask the large table, in one go: each answer has `answer`, `requests` and `bytes`."""
    kinds = {"id": "string", "n": "integer", "text": "string"}
    about = {
        "fields": [{"name": name, "type": kind, "zone": False} for name, kind in kinds.items()],
        "paths": ["one.parquet", "two.parquet"],
        "questions": questions,
        "ranges": ranges,
    }
    (folder / "questions.json").write_text(json.dumps(about), "utf-8")
    found: list[dict[str, Any]] = json.loads(
        ask_node("large.js", folder, folder / "questions.json")
    )
    return found


def select(
    *filters: tuple[str, Mapping[str, str]], sort: Mapping[str, Any] | None = None, most: int = 5
) -> tuple[str, dict[str, Any]]:
    """The question for the rows that filters admit."""
    return "select", {"filters": filters, "sort": sort, "most": most}


def texts(found: Mapping[str, Any], column: str) -> Sequence[str | None]:
    """The texts of a column that an answer has."""
    return next(each["texts"] for each in found["answer"]["columns"] if each["name"] == column)


@pytest.mark.parametrize("write", [hard_values.write, every_type.write], ids=["hard", "types"])
def test_a_table_of_several_files_is_read_as_its_csv(tmp_path: Path, write: Any) -> None:
    """Cell for cell, from a server that knows ranges and from one that sends whole files."""
    options = pipeline.Options(limits=Limits(part_rows=2))
    made = pipeline.build(
        load.load(write(tmp_path / "data") / "datapackage.yaml"), tmp_path / "dist", options
    )
    assert made.path is not None
    lines = ask_node("compare.js", made.path).splitlines()
    assert [line for line in lines if not line.endswith(": equal")] == []
    assert sum("files, by ranges" in line for line in lines) >= 1
    assert sum("files, as wholes" in line for line in lines) >= 1


def test_the_first_rows_are_of_the_first_pages(folder: Path) -> None:
    """The ends of the files are read, and of each column one page."""
    (found,) = ask(folder, select(most=3))
    assert found["answer"]["count"] == ROWS
    assert texts(found, "id") == KEYS[:3]
    assert texts(found, "n") == [None, "919", "838"]
    size = sum(each.stat().st_size for each in folder.glob("*.parquet"))
    assert found["bytes"] < size / 2


def test_a_filter_and_an_order_hold_over_files(folder: Path) -> None:
    """Missing values come last both ways, equal ones in the order of the files."""
    low = ("n", {"kind": "range", "from": "990", "to": ""})
    up, down, missing = ask(
        folder,
        select(low, sort={"column": "n", "down": False}),
        select(sort={"column": "n", "down": True}),
        select(("n", {"kind": "missing"}), ("text", {"kind": "part", "text": "STEEL"})),
    )
    chosen = [row for row in range(ROWS) if (NUMBERS[row] or 0) >= 990]
    assert up["answer"]["count"] == len(chosen)
    assert up["answer"]["rows"] == sorted(chosen, key=lambda row: NUMBERS[row] or 0)[:5]
    present = [row for row in range(ROWS) if NUMBERS[row] is not None]
    assert down["answer"]["rows"] == sorted(present, key=lambda row: -(NUMBERS[row] or 0))[:5]
    assert down["answer"]["count"] == ROWS
    assert missing["answer"]["rows"] == [
        row for row in range(ROWS) if NUMBERS[row] is None and "Steel" in TEXTS[row]
    ]


def test_a_key_is_found_without_reading_the_rest(folder: Path) -> None:
    """Of the column of the key only pages are read in which it may be."""
    key = ("id", {"kind": "text", "text": KEYS[20_001]})
    (found,) = ask(folder, select(key))
    assert found["answer"]["rows"] == [20_001]
    assert texts(found, "text") == [TEXTS[20_001]]
    neighbours, absent = ask(
        folder,
        ("around", {"filters": [], "sort": None, "names": ["id"], "key": [KEYS[0]]}),
        select(("id", {"kind": "text", "text": "\U0001f600"})),
    )
    assert neighbours["answer"] == [None, [KEYS[1]]]
    assert absent["answer"]["count"] == 0


def test_words_are_found_in_any_column(folder: Path) -> None:
    """All words, in any script, in the row; the column is that of the first word."""
    (found,) = ask(
        folder, ("search", {"words": ["碳", "steel", "k015003"], "most": 5, "key": ["id"]})
    )
    assert found["answer"]["hits"] == [{"row": 15_003, "column": "text"}]
    assert texts(found, "id") == ["k015003"]


def test_a_server_without_ranges_is_asked_once_for_each_file(folder: Path) -> None:
    """What it sends is kept; what is asked later asks it for nothing."""
    first, second = ask(
        folder,
        select(sort={"column": "text", "down": True}),
        ("search", {"words": ["iron"], "most": 1, "key": ["id"]}),
        ranges=False,
    )
    assert first["requests"] == 2
    assert second["requests"] == 0
    assert second["answer"]["count"] == sum("iron" in text for text in TEXTS)


def test_what_is_selected_is_saved_in_its_order(folder: Path) -> None:
    """The CSV has all columns of the selected rows, as they are sorted."""
    wanted = {
        "filters": [("text", {"kind": "part", "text": "steel"})],
        "sort": {"column": "id", "down": True},
    }
    (found,) = ask(folder, ("save", wanted))
    rows = [row for row in reversed(range(ROWS)) if "Steel" in TEXTS[row]]
    lines = [
        f'"{KEYS[row]}",{"" if NUMBERS[row] is None else NUMBERS[row]},"{TEXTS[row]}"'
        for row in rows
    ]
    assert found["answer"] == {"file": "\n".join(["id,n,text", *lines, ""]), "formula": False}
