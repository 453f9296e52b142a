"""What a person does with the page of real records, in a folder: find, read, follow, come back, share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest

from tests.support.browser import View

Ask = Callable[[str], list[tuple[Any, ...]]]

#: In the page: goes to places one after the other, and returns what is looked up in the view of each.
_VISIT = """async places => {
  const view = document.querySelector('#explorer .view')
  const found = []
  for (const place of places) {
    const heard = new Promise(resolve => {
      addEventListener('hashchange', () => setTimeout(resolve), {once: true})
    })
    location.hash = place
    await heard
    while (view.getAttribute('aria-busy')) await new Promise(resolve => setTimeout(resolve))
    found.push(LOOK)
  }
  return found
}"""

#: The keys of the records that results of a search lead to.
FOUND = "[...view.querySelectorAll('a')].map(link => new URLSearchParams(link.hash.slice(1)).get('row'))"

#: The heading of a record, the title of the window, and the tables and fields in which editions differ.
SHOWN = """[view.querySelector('#view').textContent, document.title,
  [...view.querySelectorAll('tr.differs')].map(row => [
    row.closest('section').querySelector('h4').textContent, row.querySelector('th').firstChild.data])]"""


@pytest.fixture(scope="module")
def page(june: Path, chromium: Any) -> Iterator[View]:
    """The page of the real records, in one window for many searches."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    view = View(context.new_page())
    view.open(june / "index.html")
    yield view
    context.close()
    assert view.troubles == []


@pytest.fixture(scope="module")
def ask(june: Path) -> Iterator[Ask]:
    """Ask tables of the release in SQL; each has the name of its CSV file, and texts as values."""
    with duckdb.connect() as database:
        for path in sorted((june / "data").glob("*.csv")):
            database.execute(
                f"CREATE TABLE \"{path.stem}\" AS FROM read_csv('{path}', all_varchar = true, "
                "header = true, quote = '\"', escape = '\"', delim = ',')"
            )
        yield lambda text: database.execute(text).fetchall()


def visit(view: View, places: Sequence[str], look: str) -> list[Any]:
    """Go to places of a page, faster than one at a time, and return what is looked up at each."""
    found: list[Any] = view.tab.evaluate(_VISIT.replace("LOOK", look), places)
    return found


def test_every_record_is_found_by_its_id(ask: Ask, page: View) -> None:
    """The search for an id leads to its record."""
    ids = [key for (key,) in ask("SELECT policy_id FROM policies")]
    found = visit(page, [f"q={key}" for key in ids], FOUND)
    assert len(ids) == 130
    assert [key for key, rows in zip(ids, found, strict=True) if key not in rows] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_record_is_found_by_its_title(ask: Ask, page: View, language: str) -> None:
    """The search for a title leads to a record that has it."""
    titles = ask(f"SELECT title, policy_id FROM texts WHERE language = '{language}'")
    found = visit(page, [f"q={quote(title)}" for title, _ in titles], FOUND)
    assert len(titles) == 130
    assert [
        title for (title, key), rows in zip(titles, found, strict=True) if key not in rows
    ] == []


@pytest.fixture(scope="module", params=["en", "zh"])
def read(request: pytest.FixtureRequest, ask: Ask, page: View) -> tuple[str, dict[str, Any]]:
    """Every record as the page shows it in a language: its heading, the window's title, what differs."""
    ids = [key for (key,) in ask("SELECT policy_id FROM policies")]
    places = [f"t=policies&row={key}&lang={request.param}" for key in ids]
    shown = visit(page, places, SHOWN)
    return request.param, dict(zip(ids, shown, strict=True))


def test_a_record_has_its_title_in_the_chosen_language(
    ask: Ask, read: tuple[str, dict[str, Any]]
) -> None:
    """Above the record and in the window's title."""
    language, shown = read
    titles = ask(f"SELECT policy_id, title FROM texts WHERE language = '{language}'")
    wrong = [
        (key, shown[key][:2])
        for key, title in titles
        if shown[key][0] != title or not shown[key][1].startswith(f"{title} · ")
    ]
    assert wrong == []


def test_every_difference_of_editions_is_marked_and_no_other(
    june: Path, ask: Ask, read: tuple[str, dict[str, Any]]
) -> None:
    """Numbers, codes and presence of each field, in each table with a row for each edition."""
    language, shown = read
    wanted = find_differences(june, ask, language)
    found = {key: sorted(map(tuple, marked)) for key, (_, _, marked) in shown.items()}
    assert sum(map(len, wanted.values())) == 7
    assert {key: each for key, each in found.items() if each != wanted[key]} == {}


def test_a_record_whose_editions_agree_says_so(june: Path, show: Callable[..., View]) -> None:
    """With the box for what differs nothing else would be left; where something does, it says nothing."""
    for key, sentence in (
        ("us-45q-ira", "Nothing differs between the editions."),
        ("ca-sk-ccs-directives", ""),
    ):
        view = show(june / "index.html", f"t=policies&row={key}")
        said = view.tab.locator(".alike:visible")
        assert said.all_inner_texts() == []
        view.tab.get_by_label("Only what differs").check()
        assert "".join(said.all_inner_texts()).strip() == sentence


def test_a_key_is_followed_and_one_comes_back(june: Path, show: Callable[..., View]) -> None:
    """From a record to the country that it names, to another record of it, and back to the first."""
    first = "t=policies&row=cn-pboc-cerf"
    view = show(june / "index.html", first)
    view.follow(view.tab.get_by_role("link", name="CN", exact=True))
    assert view.tab.locator("#view").inner_text() == "China"
    view.follow(
        view.tab.locator("section", has_text="Policies").get_by_role("link", name="cn-ccer")
    )
    assert view.tab.evaluate("location.hash").startswith("#t=policies&row=cn-ccer")
    for _ in range(2):
        view.tab.go_back()
        view.settle()
    assert view.tab.evaluate("location.hash") == f"#{first}"
    assert view.tab.evaluate("document.activeElement.id") == "view"


def test_an_address_shows_a_colleague_the_same(june: Path, show: Callable[..., View]) -> None:
    """What was filtered and sorted is so in another window, and after a reload."""
    view = show(june / "index.html", "t=scores&f.score=~80..&f.language=zh")
    for _ in range(2):
        view.follow(view.tab.get_by_role("columnheader", name="policy_id").get_by_role("link"))
    own = look(view)
    assert len(own[1]) == 50
    assert look(show(june / "index.html", view.tab.evaluate("location.hash.slice(1)"))) == own
    view.tab.reload()
    view.settle()
    assert look(view) == own


def look(view: View) -> tuple[str, list[str]]:
    """Return how many rows are selected, and the text of those that are shown."""
    status = view.tab.locator("#explorer [role=status]").first.inner_text()
    return status, view.tab.locator("table.rows tbody tr").all_inner_texts()


def test_what_is_typed_last_is_what_is_found(june: Path, show: Callable[..., View]) -> None:
    """Key by key, and corrected: the results are those of the words in the box; Escape clears it."""
    view = show(june / "index.html")
    box = view.tab.get_by_role("searchbox", name="Search all tables")
    box.press_sequentially("norwe", delay=130)
    box.press_sequentially("gian", delay=5)
    view.wait("location.hash == '#q=norwegian'")
    marks = view.tab.locator("#explorer mark").all_inner_texts()
    assert {mark.lower() for mark in marks} == {"norwegian"}
    box.press("Escape")
    view.wait("!location.hash")
    assert box.input_value() == ""


def find_differences(release: Path, ask: Ask, language: str) -> dict[str, list[tuple[str, str]]]:
    """Return what differs between the editions of each record, by the CSV files: table and field."""
    found: dict[str, list[tuple[str, str]]] = {
        key: [] for (key,) in ask("SELECT policy_id FROM policies")
    }
    for table in json.loads((release / "datapackage.json").read_text("utf-8"))["resources"]:
        key = table["schema"]["primaryKey"]
        if table["path"].endswith(".csv") and key[:2] == ["policy_id", "language"]:
            for record, fields in _differences_of(ask, table, language):
                found[record] += [(table["title"], field) for field in fields]
    return {record: sorted(fields) for record, fields in found.items()}


def _differences_of(
    ask: Ask, table: dict[str, Any], language: str
) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields in which the editions of each record differ in a table.

    Prose is not compared; a table of which a record has many rows is not shown beside it.
    """
    fields, key = table["schema"]["fields"], table["schema"]["primaryKey"]
    names = [field["name"] for field in fields]
    codes: dict[str, dict[Any, Any]] = {
        each["fields"][0]: dict(
            ask(f"SELECT code, label_{language} FROM {each['reference']['resource']}")
        )
        for each in table["schema"]["foreignKeys"]
        if len(each["fields"]) == 1 and each["fields"][0] not in key[:2]
    }
    compared = {field["name"] for field in fields if field["type"] != "string"} | {*codes}
    shown = [name for name in names if name not in key and not name.startswith("record_")]
    records: dict[str, dict[tuple[Any, ...], dict[str, dict[str, Any]]]] = {}
    for values in ask(f"SELECT * FROM {table['name']}"):
        row = dict(zip(names, values, strict=True))
        entry = tuple(codes.get(name, {}).get(row[name], row[name]) for name in key[2:])
        records.setdefault(row["policy_id"], {}).setdefault(entry, {})[row["language"]] = row
    for record, entries in records.items():
        if sum(map(len, entries.values())) <= 200:
            yield (
                record,
                [
                    " · ".join([", ".join(entry)] * bool(entry) + [name] * bool(shown))
                    for entry, editions in entries.items()
                    for name in shown or key[-1:]
                    if _is_different(
                        [editions.get(each, {}).get(name) for each in ("en", "zh")],
                        name in compared,
                    )
                ],
            )


def _is_different(texts: list[Any], is_compared: bool) -> bool:
    is_in_one = texts.count(None) == 1
    return is_in_one or (is_compared and texts[0] != texts[1])
