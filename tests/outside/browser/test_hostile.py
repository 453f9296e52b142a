"""A release whose records, names and addresses mean harm: the page shows them, and does nothing else."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from release.build import pipeline
from release.descriptor import load
from release.system.limits import Limits
from tests.support.browser import View
from tests.support.datasets import table, write_dataset
from tests.support.descriptors import FINDINGS
from tests.support.web_server import serve

#: What is done where a text is taken for markup or a program: the window gets a mark.
_HARM = "window.harm=1"

#: Texts that are markup, programs, addresses of programs, or turn what stands beside them.
TEXTS = (
    f"<script>{_HARM}</script>",
    f"</script><script>{_HARM}</script>",
    "<!--<script>",
    "-->",
    f"<img src=x onerror={_HARM}>",
    f"<svg onload={_HARM}>",
    f'"><input autofocus onfocus="{_HARM}">',
    f"javascript:{_HARM}",
    f"JaVaScRiPt:{_HARM}//https://example.org",
    f"data:text/html,<script>{_HARM}</script>",
    'https://example.org/"onclick="window.harm=1',
    "https://example.org/\u202egro.elpmaxe",
    "\u202etxet desrever\u202c",
    "\u2066isolated",
    "\u200bnothing is seen",
    "{{7*7}} ${7*7} {%raw%}",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "%",
    "%E4%BD",
    "100%25",
    "a,b&c=d#e?f+g h",
    "~missing",
    "~~..",
    "~part:x",
    "<b>bold</b>&amp;&#60;",
    "]]>",
    "$& $1 $$ {n} {name}",
    "\ufeffbyte order",
)

#: Names of columns and tables that are those of an object's own parts, of markup, or of parts of addresses.
COLUMNS = (
    "__proto__",
    "constructor",
    "toString",
    "valueOf",
    "length",
    "<b>",
    "f.x",
    "a=b&c",
    "%",
    "~x",
    '"',
    "$or",
)
TABLES = ("__proto__", "constructor")

#: Places that nobody meant; `{}` is a text of the above.
PLACES = (
    "t=__proto__",
    "t=constructor&row=constructor",
    "t=notes&row=__proto__",
    "t=notes&f.__proto__=x&sort=__proto__",
    "t=notes&f.constructor=~1..2&sort=-toString",
    "t=notes&f.absent=x&sort=absent&n=-1&lang=__proto__",
    "t=notes&n=1e9&f.=~..&sort=-",
    "__proto__=1&constructor=2&f.hasOwnProperty=~missing",
    "t=%&row=%E4%BD&q=%ff%fe%",
    "t=notes&row=%00,%0A,,",
    "q=%00%E2%80%AE",
    "q=" + "%3Cimg%20src=x%20onerror=window.harm=1%3E",
    "t=%3Cscript%3Ewindow.harm=1%3C/script%3E",
    "t=notes&row=%3Cscript%3Ewindow.harm=1%3C/script%3E",
    "lang=%3Cb%3E&q=e",
    "lang=constructor&t=codes",
    "row=x&sort=y",
    "&&&===&t&=t&#t=notes",
    "q=" + "a%20" * 2000,
)


#: What a page may hold; in places the tables of parts and of others have names that objects have.
_PACKAGE = """\
name: hostile
title: "<script>window.harm=1</script>"
version: 0.1.0
created: '2026-01-31T00:00:00Z'
description: "</script><!-- <script>window.harm=1</script> [x](javascript:window.harm=1)"
records:
  notes: {path: "notes/{note}.md"}
resources:
"""

_CODES = """\
  - name: codes
    path: codes.csv
    codelist: {labels: "label_{language}"}
    schema:
      primaryKey: [code]
      fields: [{name: code, type: string}, {name: label_en, type: string}, {name: label_zh, type: string}]
"""


def write(root: Path) -> Path:
    """A dataset of notes with these texts, names and codes, a text of a megabyte, and 300 columns."""
    names = [*COLUMNS, *(f"c{number:03}" for number in range(297 - len(COLUMNS)))]
    notes = table(
        "notes",
        'note, from: "{note}"',
        'title, description: "<img src=x onerror=window.harm=1>"',
        "code, codes: codes",
        *(f"{json.dumps(name)}, from: value.v{at}" for at, name in enumerate(names)),
        more='title: "</script><script>window.harm=1</script>"',
    )
    parts = table(
        TABLES[0],
        'note, from: "{note}"',
        'n, type: integer, from: "{n}"',
        "part, from: $value",
        of="notes/parts.{n}",
        key="note, n",
        schema="foreignKeys: [{fields: [note], reference: {resource: notes, fields: [note]}}]",
    )
    curated = table(TABLES[1], "id", "value", of="curated.csv", key="id")
    files = {
        "codes.csv": write_csv(["code", "label_en", "label_zh"], ([each] * 3 for each in TEXTS)),
        "curated.csv": write_csv(["id", "value"], ([each, each[::-1]] for each in TEXTS)),
    }
    for number, text in enumerate(TEXTS):
        values = {
            f"v{at}": TEXTS[(number + at) % len(TEXTS)]
            for at in range(len(names))
            if at < 40 or at % 7 == number % 7
        }
        title = f"<script>{'x' * 1_000_000}" if number == 3 else text
        held = {"title": title, "code": text, "value": values, "parts": [text, text]}
        files[f"notes/n{number:02}.md"] = f"---\n{json.dumps(held)}\n---\n"
    return write_dataset(root, _PACKAGE + notes + parts + curated + _CODES + FINDINGS, files)


def write_csv(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a CSV file."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([heading, *rows])
    return out.getvalue()


@pytest.fixture(scope="module", params=["page", "server"])
def page(
    request: pytest.FixtureRequest, chromium: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path | str]:
    """The page of the release: with its tables in it, and with two files of each table at a server."""
    assert chromium.is_connected()
    folder = tmp_path_factory.mktemp("hostile")
    limits = Limits() if request.param == "page" else Limits(part_rows=16)
    described = load.load(write(folder / "records") / "datapackage.yaml")
    made = pipeline.build(described, folder / "dist", pipeline.Options(limits=limits))
    assert made.path is not None, made.outcome.errors
    if request.param == "page":
        yield made.path / "index.html"
        return
    with serve(made.path) as server:
        yield f"{server.address}/index.html"


def judge(view: View, place: str) -> None:
    """Fail if something ran, or if the page says that it failed."""
    assert view.tab.evaluate("window.harm") is None, place
    assert view.troubles == [], place
    told = view.tab.locator("#explorer [role=status]").all_inner_texts()
    assert [text for text in told if "cannot be shown" in text] == [], place
    assert view.tab.locator("#explorer :is(script, img, iframe, object, style)").count() == 0
    links = view.tab.locator("a").evaluate_all(
        "all => all.map(a => new URL(a.href.baseVal ?? a.href, location.href).protocol)"
    )
    assert {*links} <= {"http:", "https:", "file:", "blob:"}, place


def test_nothing_in_records_or_names_runs(page: Path | str, show: Callable[..., View]) -> None:
    """In no view: each table, each row, a search for each text, with everything open."""
    view = show(page)
    view.set_details(opened=True)
    judge(view, "the page")
    tables = json.loads(view.tab.locator("script#release").text_content())["tables"]
    for each in tables:
        view.go(f"t={quote(each['name'])}&n=2000")
        assert view.tab.locator("table.rows thead th").count() == len(each["columns"])
        view.set_details(opened=True)
        view.settle()
        judge(view, each["name"])
    for number in (0, 3, 7, len(TEXTS) - 1):
        view.go(f"t=notes&row=n{number:02}")
        view.set_details(opened=True)
        assert view.tab.locator("dl.own dt").count() == 300
        judge(view, f"n{number:02}")
    for text in TEXTS if isinstance(page, Path) else TEXTS[::3]:
        for place in (f"t=codes&row={quote(text, safe='')}", f"q={quote(text, safe='')}"):
            view.go(place)
            judge(view, place)
            assert view.tab.locator("article.record").count() == int(place.startswith("t")), place


def test_every_filter_and_order_of_odd_columns_works(
    page: Path | str, show: Callable[..., View]
) -> None:
    """Each by a link or an address: the rows are those that have the text."""
    view = show(page)
    for at, name in enumerate(COLUMNS):
        text = TEXTS[at]
        filter_text = f"~{text}" if text.startswith("~") else text
        column = f"{'+' if name[0] in '+-' else ''}{name}"
        view.go(
            f"t=notes&f.{quote(name, safe='')}={quote(filter_text, safe='')}&sort=-{quote(column, safe='')}"
        )
        assert view.tab.locator("table.rows tbody tr").count() == 1, name
        assert (
            view.tab.locator("table.rows tbody th, table.rows tbody td").first.inner_text() == "n00"
        )
        assert view.tab.locator("th[aria-sort=descending]").count() == 1, name
        judge(view, name)


def test_an_odd_address_shows_what_is_there(page: Path | str, show: Callable[..., View]) -> None:
    """Broken percent signs, names of an object's parts, absurd numbers: something is shown, in peace."""
    view = show(page)
    for place in PLACES:
        view.go(place)
        assert view.tab.locator("#explorer .view").inner_text() != "", place
        judge(view, place)
    for place in PLACES[:3]:
        judge(show(page, place), place)


def test_signs_that_turn_text_are_seen(page: Path | str, show: Callable[..., View]) -> None:
    """Each with its code point, in a cell, in a record and in its title."""
    view = show(page, "t=codes")
    assert view.tab.get_by_text("␣U+202Etxet desrever␣U+202C").count() >= 1
    view.go(f"t=codes&row={quote(TEXTS[12])}")
    assert view.tab.locator("#view").inner_text() == "␣U+202Etxet desrever␣U+202C"
    assert "\u202e" not in view.tab.locator("#explorer").inner_text()
    assert "\u202e" not in view.tab.title()
