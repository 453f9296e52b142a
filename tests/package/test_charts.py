"""Pictures that a descriptor declares: their numbers by DuckDB, their names, what they leave out."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from release.build import pipeline
from release.descriptor import load
from release.package.page.pictures import charts
from release.package.page.pictures.chart import Chart
from tests.support.datasets import NOTE, describe, table, write_dataset
from tests.support.descriptors import FINDINGS
from tests.support.kit import ROOT

PAGE = """\
page:
  pictures:
    - {kind: bars, table: notes, by: place}
    - {kind: bars, table: tags, by: notes.place, mean: weight}
    - {kind: heatmap, table: tags, rows: notes.place, columns: tag, mean: weight}
    - {kind: heatmap, table: tags, rows: tag, columns: notes.place}
    - {kind: line, table: tags, over: notes.seen}
    - {kind: line, table: notes, over: year}
    - {kind: bars, title: By area, table: notes, by: places.area}
    - {kind: disagreements}
"""

DESCRIPTOR = describe(
    table("notes", NOTE, "place, codes: places", "seen, type: date", "year, type: year"),
    table(
        "tags",
        NOTE,
        'n, type: integer, from: "{n}"',
        'tag, from: "tags.{n}.tag"',
        'weight, type: number, from: "tags.{n}.weight"',
        of="notes/tags.{n}",
        key="note, n",
        schema="foreignKeys: [{fields: [note], reference: {resource: notes, fields: [note]}}]\n",
    ),
    table(
        "places",
        *("code", "label_en", "label_zh", "area"),
        of="places.csv",
        key="code",
        more='codelist: {labels: "label_{language}"}\n',
    ),
    FINDINGS,
    more=PAGE,
)


def record(place: str, seen: str, *tags: tuple[str, float]) -> str:
    """Return a note."""
    listed = "".join(f"  - {{tag: {tag}, weight: {weight}}}\n" for tag, weight in tags)
    lines = f"place: {place}\nseen: {seen}\n" if place else ""
    return f"---\n{lines}year: {seen[:4]}\ntags:\n{listed}---\n" if tags else f"---\n{lines}---\n"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sequence[Chart]]:
    """A release with pictures, and the pictures."""
    files = {
        "notes/a.md": record("lake", "2024-01-31", ("wet", 1.5), ("cold", 2)),
        "notes/b.md": record("hill", "2025-12-31", ("cold", 0.25)),
        "notes/c.md": record("lake", "2025-03-01", ("wet", -3), ("wet", 5)),
        "notes/d.md": record("", ""),
        "places.csv": "code,label_en,label_zh,area\nhill,The hill,山,north\nlake,The lake,湖,south\n",
    }
    folder = write_dataset(tmp_path_factory.mktemp("pictures"), DESCRIPTOR, files)
    descriptor = load.load(folder / "datapackage.yaml")
    outcome = pipeline.check(descriptor)
    assert not list(outcome.findings)
    made = pipeline.build(descriptor, folder / "dist")
    assert made.path is not None
    assert descriptor.page is not None
    pictures = charts.draw(descriptor.page.pictures, outcome.content.tables, descriptor, "zh")
    return made.path, list(pictures)


#: The rows of the table beside each picture.
QUERIES = """\
SELECT coalesce(label_zh, '(missing)'), count(*) n FROM all_notes GROUP BY label_zh, place
    ORDER BY n DESC, place;
SELECT label_zh, round(avg(weight), 2) m, count(*) FROM all_tags GROUP BY ALL ORDER BY m DESC;
SELECT label_zh, round(avg(weight) FILTER (tag = 'wet'), 2), round(avg(weight) FILTER (tag = 'cold'), 2)
    FROM all_tags GROUP BY ALL ORDER BY count(*) DESC;
SELECT tag, nullif(count(*) FILTER (place = 'lake'), 0), nullif(count(*) FILTER (place = 'hill'), 0)
    FROM all_tags GROUP BY ALL ORDER BY count(*) DESC;
SELECT strftime(seen, '%Y-%m') m, count(*) FROM all_tags GROUP BY ALL ORDER BY m;
SELECT CAST(year AS VARCHAR), count(*) FROM notes WHERE year IS NOT NULL GROUP BY year ORDER BY year;
SELECT coalesce(area, '(missing)'), count(*) n FROM all_notes GROUP BY area
    ORDER BY n DESC, area"""

VIEWS = """
CREATE VIEW all_notes AS FROM notes LEFT JOIN places ON place = code;
CREATE VIEW all_tags AS FROM tags JOIN all_notes USING (note)"""


def as_text(cell: object) -> str:
    """Return a cell as a table beside a picture has it."""
    return "" if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell)


def test_the_table_of_a_picture_has_what_duckdb_finds(drawn: tuple[Path, Sequence[Chart]]) -> None:
    """Along foreign keys and codes, with labels in a language; missing values are a value of their own."""
    path, pictures = drawn
    with duckdb.connect() as connection:
        for name in ("notes", "tags", "places"):
            file = f"{path}/data/{name}.parquet"
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM '{file}'")
        connection.execute(VIEWS)
        for chart, query in zip(pictures, QUERIES.split(";"), strict=False):
            found = connection.execute(query).fetchall()
            assert [list(row) for row in chart.rows] == [list(map(as_text, row)) for row in found]


def test_the_name_of_a_chart_says_what_it_shows(drawn: tuple[Path, Sequence[Chart]]) -> None:
    """And so does the title that it has without one in the descriptor."""
    _, pictures = drawn
    names = [
        ElementTree.fromstring(each.picture).get("aria-label") for each in pictures if each.picture
    ]
    two = "2 rows by 2 columns"
    assert names == [
        "Rows of notes by place: 湖 2; 山 1; (missing) 1",
        "Mean weight of tags by notes.place: 湖 1.38; 山 0.25",
        f"Mean weight of tags by notes.place and tag: {two}, from 0.25 to 2, highest in 湖, cold",
        f"Rows of tags by tag and notes.place: {two}, from 1 to 3, highest in wet, 湖",
        "Rows of tags over notes.seen: 2024-01 to 2025-12, most in 2024-01 (2)",
        "Rows of notes over year: 2024 to 2025, most in 2025 (2)",
        "By area: south 2; north 1; (missing) 1",
    ]
    assert pictures[5].note == "1 row without a value is left out."
    assert (pictures[7].picture, pictures[7].note) == (None, "The editions say the same.")


def test_pictures_stand_on_the_page_without_a_style(drawn: tuple[Path, Sequence[Chart]]) -> None:
    """Each in its section, named by its title, as the Content-Security-Policy lets it."""
    text = (drawn[0] / "index.html").read_text("utf-8")
    assert text.count('<section class="picture"') == 8
    assert "style=" not in text
    assert "The lake" in text


def test_the_shipped_dataset_has_all_four_pictures(built: Path) -> None:
    """And the picture of disagreements counts those that its findings have."""
    text = (built / "index.html").read_text("utf-8")
    with (built / "data/findings.csv").open(encoding="utf-8", newline="") as file:
        rules = [row["rule"] for row in csv.DictReader(file)]
    found = re.search(r'aria-label="Where editions disagree: ([^"]*)"', text)
    assert found
    counts = [int(each.rpartition(" ")[2]) for each in found[1].split("; ")]
    assert sum(counts) == rules.count("editions-disagree") + rules.count("edition-only") > 0
    pictures = load.load(ROOT / "datapackage.yaml").page
    assert pictures is not None
    assert {each.kind for each in pictures.pictures} == {"bars", "heatmap", "line", "disagreements"}


EXTREMES = """\
page:
  pictures:
    - {kind: bars, table: notes, by: note, mean: whole}
    - {kind: bars, table: notes, by: flag, mean: exact}
    - {kind: heatmap, table: notes, rows: text, columns: flag, mean: number}
    - {kind: line, table: notes, over: at}
    - {kind: line, table: notes, over: year}
    - {kind: bars, table: lines, by: x}
    - {kind: heatmap, table: lines, rows: x, columns: notes.flag}
"""


def test_extreme_values_are_drawn(tmp_path: Path) -> None:
    """Sums beyond 64 bits, years of 18 digits, long and hostile text, and tables without rows."""
    descriptor = describe(
        table(
            "notes",
            NOTE,
            *("whole, type: integer", "number, type: number", "flag, type: boolean", "text"),
            *("at, type: datetime", "year, type: year"),
            "exact, type: number, decimal: {precision: 76, scale: 38}",
        ),
        table(
            "lines",
            NOTE,
            'n, type: integer, from: "{n}"',
            'x, from: "lines.{n}"',
            of="notes/lines.{n}",
            key="note, n",
            schema="foreignKeys: [{fields: [note], reference: {resource: notes, fields: [note]}}]\n",
        ),
        more=EXTREMES,
    )
    values = [
        (
            2**63 - 1,
            "1e308",
            "true",
            "x" * 1000,
            "0001-01-01T00:00:00Z",
            "-0044",
            f"'{'9' * 38}.5'",
        ),
        (
            2**63 - 1,
            "1e308",
            "true",
            "x" * 1000,
            "9999-12-31T00:00:00Z",
            "9" * 18,
            f"'{'9' * 38}.5'",
        ),
        (-1, "-1e308", "false", '"</svg><script>"', "2026-01-01T00:00:00Z", "2026", "-1"),
    ]
    names = ("whole", "number", "flag", "text", "at", "year", "exact")
    files = {}
    for at, row in enumerate(values):
        lines = (f"{name}: {value}\n" for name, value in zip(names, row, strict=True))
        files[f"notes/{at}.md"] = f"---\n{''.join(lines)}---\n"
    folder = write_dataset(tmp_path, descriptor, files)
    made = pipeline.build(load.load(folder / "datapackage.yaml"), folder / "dist")
    assert made.path is not None, list(made.outcome.findings)
    text = (made.path / "index.html").read_text("utf-8")
    assert "</svg><script>" not in text
    two, long = "2 rows by 2 columns", f"{'x' * 99}…"
    assert re.findall(r'role="img" aria-label="((?:Mean|Rows)[^"]*)"', text) == [
        "Mean whole of notes by note: 0 9.22e+18; 1 9.22e+18; 2 -1",
        "Mean exact of notes by flag: true 1e+38; false -1",
        f"Mean number of notes by text and flag: {two}, from -1e+308 to 1e+308, highest in {long}, true",
        "Rows of notes over at: 0000 to 9900, most in 0000 (1)",
    ]
    assert text.count("<p>No rows.</p>") == 2
