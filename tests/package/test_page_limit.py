"""The limit of a page: what it leaves out of a release with much to show, and how it says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from release.build import pipeline
from release.descriptor import load
from release.package.manifest.model import Manifest
from release.package.metadata.summary import columns, document
from release.package.page import document as page
from release.package.page import limit
from release.package.page import model as page_model
from release.package.page.script_data import ScriptData, read_embedded
from tests.support.datasets import NOTE, describe, table, write_dataset
from tests.support.pages import Page
from tests.support.tampering import package_of

LONG = "A long text that stands with many others. "


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with a table of 300 columns, and twenty with long texts."""
    root = tmp_path_factory.mktemp("wide")
    told = f"description: '{LONG * 30}'"
    names = [f"c{number:03}" for number in range(300)]
    first = table("notes", NOTE, *(f"{name}, type: integer, {told}" for name in names))
    others = [
        table(f"texts{number:02}", NOTE, "c000", more=f"description: '{LONG * 20}'\n")
        for number in range(20)
    ]
    more = f"title: '{LONG * 9}'\ndescription: '{LONG * 2000}'\nkeywords: [{'k, ' * 999}k]\n"
    values = "".join(f"{name}: {number}\n" for number, name in enumerate(names))
    notes = {f"notes/{note}.md": f"---\n{values}---\n" for note in "ab"}
    write_dataset(root, describe(first, *others, more=more), notes)
    built = pipeline.build(load.load(root / "datapackage.yaml"), root / "dist")
    assert built.path is not None
    return built.path


@pytest.fixture(scope="module")
def write(wide: Path) -> Callable[[int], str]:
    """A function that writes the page of that release with at most so many bytes."""
    descriptor = load.load(wide / "source/datapackage.yaml")
    manifest, problems = Manifest.of(package_of(wide))
    assert problems == []
    paths = {each.name: wide / f"data/{each.name}.parquet" for each in descriptor.resources}
    tables: dict[str, pa.Table] = {name: pq.read_table(path) for name, path in paths.items()}
    summaries = list(columns.summarize(descriptor, tables))
    summary = document.write(descriptor.name, descriptor.version, summaries)
    data = ScriptData(page_model.describe(descriptor, manifest, tables), summary, wide)
    overview = page.Overview(summaries, (), data)
    return lambda most: "".join(
        page.pieces(manifest, tables, None, (), replace(overview, most=most))
    )


def test_the_page_of_a_wide_release_stays_below_the_limit(wide: Path) -> None:
    """With 300 columns it leaves out nothing."""
    text = (wide / "index.html").read_text("utf-8")
    assert 1_000_000 < len(text.encode()) <= limit.MAX_BYTES
    assert "To stay below 2 MB" not in text
    assert len(dict(read_embedded(text))) == 20


def test_parts_are_left_out_one_after_the_other(write: Callable[[int], str]) -> None:
    """Pictures, first rows, data as far as there is no room, values, long texts, dictionary, all the rest."""
    whole = len(write(limit.MAX_BYTES).encode())
    found: list[str] = []
    size = whole
    for share in (1.0, 1.0, 1.0, 0.6, 0.3):
        room = min(size - 1, int(whole * share))
        text = write(room)
        size = len(text.encode())
        assert size <= room
        (told,) = re.findall("To stay below 2 MB this page leaves out (.*); the tables", text)
        found.append(re.sub("[0-9]+ tables?", "SOME", told))
        (lost,) = re.findall("[0-9]+(?= tables? )", told) or ["0"]
        assert len(dict(read_embedded(text))) == 20 - int(lost)
    pictures, rows = "the pictures of columns", "the first rows of tables"
    assert found == [
        pictures,
        f"{pictures} and {rows}",
        f"{pictures}, {rows} and the data of SOME (the search reads them from a server)",
        f"{pictures}, {rows}, what is in each column and the ends of long texts",
        f"{pictures}, {rows}, what is in each column, the ends of long texts and the dictionary",
    ]


def test_a_short_page_has_only_names(write: Callable[[int], str]) -> None:
    """Every link in it leads somewhere, and it runs nothing."""
    text = write(0)
    shown = Page(text)
    assert len(text.encode()) < 50_000
    assert "leaves out all but the names of tables;" in shown.text
    assert "texts19" in shown.text
    assert "<script" not in text
    assert {each[1:] for each in shown.links if each.startswith("#")} <= {*shown.ids}
