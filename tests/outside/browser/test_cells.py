"""Every cell that the page shows and every file that it saves, held against the CSV of the release."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from release.build import pipeline
from release.descriptor import load
from release.system.limits import Limits
from tests.support import every_type, hard_values
from tests.support.browser import View
from tests.support.datasets import describe, table, write_dataset
from tests.support.web_server import serve

#: In the page: the text of a cell, the whole of a long one; null where it says that the value is missing.
_READ = """const read = cell => {
  if (cell.classList.contains('missing')) return null
  const whole = cell.querySelector('details > :not(summary)')
  return (whole ?? cell.querySelector('a > code, a > bdi, bdi') ?? cell).textContent
}"""

#: In the page: the texts of a table's rows.
_CELLS = f"""() => {{
  {_READ}
  return [...document.querySelectorAll('table.rows tbody tr')].map(row => [...row.cells].map(read))
}}"""

#: In the page: the texts of a record's own columns.
_VALUES = f"""() => {{
  {_READ}
  return [...document.querySelectorAll('dl.own > dd')].map(read)
}}"""

#: A sign that is not seen, as the page shows it.
_UNSEEN = re.compile(
    "[\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff]"
)

#: Texts that a CSV file has to quote, that readers of CSV stumble over, or that end a JSON array.
AWKWARD = (
    'say "yes"',
    "a\nb\n\nc",
    "a,b;c\td",
    "C:\\temp\\n",
    '"],["',
    "],[",
    '""',
    '"',
    "\\",
    '\\"',
    "=1+1",
    " a ",
    "null",
    'ends with a quote"',
    "碳,捕集",
    "x\r\ny",
)


def of_awkward(root: Path) -> Path:
    """A dataset of notes with these texts in two columns, and two that refer to notes."""
    fields = (
        'note, from: "{note}"',
        "text",
        "other",
        "weight, type: integer",
    )
    keys = "foreignKeys: [{fields: [parent], reference: {resource: notes, fields: [note]}}]"
    notes = table("notes", *fields, "parent", schema=keys)
    parts = table(
        "parts",
        fields[0],
        'n, type: integer, from: "{n}"',
        "part, from: $value",
        of="notes/parts.{n}",
        key="note, n",
    )
    files = {}
    for number, text in enumerate(AWKWARD):
        held = {
            "text": text,
            "other": AWKWARD[-1 - number] if number % 3 else None,
            "weight": number % 5,
            "parent": f"n{number // 2:02}" if number else None,
            "parts": [text, text * 60][: number % 3],
        }
        files[f"notes/n{number:02}.md"] = f"---\n{json.dumps(held)}\n---\n"
    return write_dataset(root, describe(notes, parts), files)


WRITERS = {"hard": hard_values.write, "types": every_type.write, "awkward": of_awkward}


@dataclass(frozen=True)
class Served:
    """Releases by name, and where the page of each is: a file, or an address."""

    releases: Mapping[str, Path]
    address: Callable[[str], Path | str]


@pytest.fixture(scope="module", params=["page", "ranges", "wholes"])
def served(
    request: pytest.FixtureRequest, chromium: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Each release with its tables in the page, and with parts of two rows at a server."""
    assert chromium.is_connected()
    folder = tmp_path_factory.mktemp("cells")
    limits = Limits() if request.param == "page" else Limits(part_rows=2)
    made = {}
    for name, write in WRITERS.items():
        described = load.load(write(folder / f"{name}-records") / "datapackage.yaml")
        built = pipeline.build(described, folder / name, pipeline.Options(limits=limits))
        assert built.path is not None
        made[name] = built.path
    if request.param == "page":
        yield Served(made, lambda name: made[name] / "index.html")
        return
    with serve(folder, ranges=request.param == "ranges") as server:
        yield Served(made, lambda name: f"{server.address}/{name}/{made[name].name}/index.html")


def read_tables(release: Path) -> Iterator[tuple[str, list[str], list[list[str | None]]]]:
    """Yield each table: its name, its columns, and the texts of its cells; None is a missing value."""
    for path in sorted((release / "data").glob("*.csv")):
        text = path.read_bytes().decode()
        rows = [*split(text)]
        names, *cells = (
            [
                None if not cell else next(csv.reader(io.StringIO(cell, newline="")))[0]
                for cell in _cells(row)
            ]
            for row in rows
        )
        yield path.stem, [name or "" for name in names], cells


def split(text: str) -> Iterator[str]:
    """Yield the records of a CSV file as they stand, without their ends."""
    for match in re.finditer(r'((?:"(?:[^"]|"")*"|[^"\n])*)\n', text):
        yield match[1]


def _cells(record: str) -> list[str]:
    return [
        match[0] or match[1]
        for match in re.findall(r'(?:^|,)(?:("(?:[^"]|"")*")|([^",]*))', record)
    ]


def show_text(text: str | None) -> str | None:
    """Return a text as the page shows it."""
    return None if text is None else _UNSEEN.sub(lambda sign: f"␣U+{ord(sign[0]):04X}", text)


def test_every_cell_is_that_of_the_csv(served: Served, show: Callable[..., View]) -> None:
    """Of every type: missing and empty, beyond 2^53, before 1970; of several files, and without rows."""
    for name, release in served.releases.items():
        view = show(served.address(name))
        for table_name, columns, rows in read_tables(release):
            view.go(f"t={table_name}&n=2000")
            assert view.tab.locator("table.rows thead th").all_inner_texts() == columns
            assert view.tab.evaluate(_CELLS) == [[*map(show_text, row)] for row in rows], table_name


def test_a_record_has_every_value_of_its_row(served: Served, show: Callable[..., View]) -> None:
    """Each column with its whole value, of rows with awkward values in every column."""
    view = show(served.address("hard"))
    (rows,) = [rows for name, _, rows in read_tables(served.releases["hard"]) if name == "things"]
    for row in rows:
        view.go(f"t=things&row={row[0]}")
        assert view.tab.evaluate(_VALUES) == [*map(show_text, row)]


def test_a_key_leads_to_a_row_of_its_own_table(served: Served, show: Callable[..., View]) -> None:
    """To the row above, which says who refers to it."""
    view = show(served.address("awkward"), "t=notes")
    view.follow(view.tab.locator("table.rows tbody tr").nth(5).get_by_role("link").last)
    assert view.tab.evaluate("location.hash") == "#t=notes&row=n02"
    below = view.tab.locator("section:has(h4:has-text('parent'))").get_by_role("link")
    assert {"n04", "n05"} <= {*below.all_inner_texts()}


def test_a_table_is_saved_as_its_file(served: Served, show: Callable[..., View]) -> None:
    """Byte for byte where nothing is filtered; of a table without rows, too."""
    for name, release in served.releases.items():
        view = show(served.address(name))
        for path in sorted((release / "data").glob("*.csv")):
            view.go(f"t={path.stem}")
            assert save(view) == path.read_bytes(), path.name


def save(view: View) -> bytes:
    """Save the table that is shown; Chromium passes over the eleventh file of one second."""
    view.tab.wait_for_timeout(100)
    with view.tab.expect_download() as download:
        view.tab.get_by_text("Save as CSV").click()
    return Path(download.value.path()).read_bytes()


#: Filters and orders as addresses have them, and the same in SQL.
CHOICES: Sequence[tuple[str, str, str]] = [
    ("f.weight=~2..3", "weight BETWEEN 2 AND 3", ""),
    ("f.weight=~..2&sort=-weight", "weight <= 2", "weight DESC"),
    ("sort=text", "true", "encode(text)"),
    ("sort=-other", "true", "encode(other) DESC"),
    ("f.other=~missing&sort=-text", "other IS NULL", "encode(text) DESC"),
    ("f.text=~part:%5D%2C%5B", "contains(text, '],[')", ""),
    ("f.text=~part:%22", "contains(text, '\"')", ""),
    ("f.text=~part:%5C&sort=other", "contains(text, '\\')", "encode(other)"),
    ("f.text=%5C%22", "text = '\\\"'", ""),
    ("f.text=~part:%0A", "contains(text, chr(10))", ""),
    ("f.text=~part:NULL", "contains(lower(text), 'null')", ""),
    ("f.weight=7", "weight = 7", ""),
]


def test_what_is_selected_is_saved_as_a_query_gives_it(
    served: Served, show: Callable[..., View]
) -> None:
    """The records of the file that DuckDB selects, in its order, byte for byte."""
    file = served.releases["awkward"] / "data/notes.csv"
    heading, *records = split(file.read_bytes().decode())
    view = show(served.address("awkward"))
    counts = []
    with duckdb.connect() as database:
        database.execute(
            "CREATE TABLE notes AS SELECT row_number() OVER () - 1 AS n, * FROM read_csv("
            f"'{file}', header = true, quote = '\"', escape = '\"', allow_quoted_nulls = false, "
            "types = {'text': 'VARCHAR', 'other': 'VARCHAR', 'weight': 'BIGINT'})"
        )
        for place, where, order in CHOICES:
            by = f"{order} NULLS LAST, n" if order else "n"
            chosen = database.execute(f"SELECT n FROM notes WHERE {where} ORDER BY {by}").fetchall()
            view.go(f"t=notes&{place}")
            lines = [heading, *(records[n] for (n,) in chosen)]
            assert save(view).decode() == "".join(f"{line}\n" for line in lines), place
            counts.append(len(chosen))
    assert counts.count(0) == 1, "one choice has no rows, on purpose"
