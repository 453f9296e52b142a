"""What each view of the explorer says, and where the focus is after a move, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.browser import WIDTHS, View


@pytest.fixture
def view(show: Callable[..., View], built: Path) -> View:
    """The page of the seeds."""
    return show(built / "index.html")


def go(view: View, place: str) -> None:
    """Show another place, and wait until it is drawn."""
    view.tab.evaluate("place => { location.hash = place }", place)
    view.tab.wait_for_timeout(60)
    view.tab.wait_for_selector("#explorer .view:not([aria-busy])")


def focused(view: View) -> str:
    """What has the focus."""
    found: str = view.tab.evaluate("document.activeElement.textContent")
    return found


@pytest.mark.parametrize(
    ("place", "absent", "shown"),
    [
        ("t=gone", "gone", "All tables"),
        ("t=policies&row=gone", "gone", "Policies"),
        ("t=policies&f.gone=1&sort=old", "gone, old", "Policies"),
        ("t=scores&f.score=~eighty..", "eighty", "Scores"),
        ("t=__proto__&row=constructor", "__proto__", "All tables"),
        ("lang=fr", "fr", "All tables"),
    ],
)
def test_an_address_of_nothing_shows_the_nearest_and_says_so(
    view: View, place: str, absent: str, shown: str
) -> None:
    """In one line above the view."""
    go(view, place)
    assert view.tab.locator("#view").inner_text() == shown
    note = f"Not here: {absent}. This is the nearest to it."
    assert view.tab.locator("#explorer .note").inner_text() == note


def test_a_move_leads_to_the_heading_and_a_change_stays_where_it_is(view: View) -> None:
    """Another table, record or search is a move; another order, language or filter of a table is a change."""
    view.tab.get_by_role("link", name="Scores", exact=True).click()
    view.tab.wait_for_selector("table.rows")
    assert focused(view) == "Scores"
    assert view.tab.title().startswith("Scores · ")
    view.tab.get_by_role("link", name="score", exact=True).focus()
    for mark in (" ▲", " ▼", ""):
        view.tab.keyboard.press("Enter")
        view.tab.wait_for_function(
            "text => document.activeElement.textContent === text", arg=f"score{mark}"
        )
    view.tab.get_by_role("link", name="中文").press("Enter")
    view.tab.get_by_role("link", name="所有表").wait_for()
    assert focused(view) == "中文"
    view.tab.get_by_role("link", name="cn-miit-industrial-plan-2022").first.click()
    view.tab.wait_for_selector("article.record")
    assert view.tab.evaluate("document.activeElement.id") == "view"
    assert view.tab.title().startswith(view.tab.locator("#view").inner_text())


def test_back_leads_from_a_search_to_the_view_before_it(view: View) -> None:
    """Words that are typed on take no step; Escape takes them away, and the box keeps the focus."""
    go(view, "t=policies")
    view.tab.type("#search", "carbon", delay=150)
    view.tab.get_by_text("Results for carbon").wait_for()
    view.tab.go_back()
    view.tab.wait_for_selector("table.rows")
    assert view.tab.evaluate("location.hash") == "#t=policies"
    view.tab.fill("#search", "carbon")
    view.tab.get_by_text("Results for carbon").wait_for()
    view.tab.keyboard.press("Escape")
    view.tab.get_by_role("heading", name="All tables").wait_for()
    assert view.tab.evaluate("[document.activeElement.id, document.activeElement.value]") == [
        "search",
        "",
    ]


def test_the_dictionary_has_tables_columns_and_codes_with_labels(view: View) -> None:
    """It is the first group; a code leads to its row, and the rest is a step away."""
    go(view, "q=market&lang=zh")
    first = view.tab.locator("#explorer section").first
    assert first.locator("h3").inner_text().startswith("数据字典 (")
    code = first.locator("li", has_text="Categories").first
    assert code.inner_text() == "market 市场机制 · Categories"
    code.get_by_role("link").click()
    view.tab.get_by_role("heading", name="市场机制").wait_for()


def test_what_is_found_has_the_title_of_its_record_and_its_words_marked(view: View) -> None:
    """The title says its language; words of other width are marked, and in a passage that is cut, too."""
    go(view, "q=ＴＲＡＣＫＩＮＧ&lang=zh")
    scores = view.tab.locator("#explorer section:has(h3:text('Scores')) li").first
    title = scores.locator(".title")
    assert title.get_attribute("lang") == "zh"
    assert scores.locator("mark").first.inner_text().lower() == "tracking"
    go(view, "q=indicator")
    texts = view.tab.locator("#explorer section:has(h3:text('Texts')) li")
    assert "…" in texts.first.inner_text()
    assert [each for each in texts.all() if each.locator("mark").count() == 0] == []


def test_all_rows_with_the_words_are_a_table(view: View) -> None:
    """From the group of a search, with the words as a chip that can be taken off."""
    go(view, "q=cn-miit")
    link = view.tab.get_by_role("link", name="All 10 rows of Scores")
    link.click()
    view.tab.wait_for_selector(".chips")
    assert view.tab.evaluate("location.hash") == "#t=scores&q=cn-miit"
    assert view.tab.locator(".chips li").inner_text() == "words: cn-miit ✕"


def test_a_rule_leads_to_its_findings_and_these_to_their_records(view: View) -> None:
    """From what the build noticed; what a search finds in findings leads to the record, too."""
    view.tab.locator(".doubt td a").first.click()
    view.tab.wait_for_selector(".chips")
    assert view.tab.locator("#view").inner_text() == "Findings"
    record = "#t=policies&row=cn-miit-industrial-plan-2022"
    assert view.tab.locator("table.rows td a").first.get_attribute("href") == record
    go(view, "q=verified-while-pending")
    found = view.tab.locator("#explorer section:has(h3:text('Findings')) li a")
    assert (found.first.get_attribute("href") or "").startswith(f"{record}&")


def test_code_is_copied(view: View) -> None:
    """A button before each block, which says that it is done; a tool's are shut until they are wanted."""
    view.tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tool = view.tab.locator("details.tool:has(summary:text-is('pandas'))")
    tool.locator("summary").click()
    assert tool.locator("button.copy").count() == tool.locator("pre").count() == 2
    tool.locator("button.copy").first.click()
    tool.get_by_role("button", name="Copied").wait_for()
    copied = view.tab.evaluate("navigator.clipboard.readText()")
    assert copied == tool.locator("pre").first.text_content()


def test_the_new_views_hinder_nobody(view: View) -> None:
    """No sideways scrolling, nothing that axe-core finds."""
    for place in ("", "q=market", "t=policies&q=carbon", "t=gone"):
        go(view, place)
        assert {width: wide for width in WIDTHS if (wide := view.wider(width))} == {}
        assert view.hindrances("light") == []
