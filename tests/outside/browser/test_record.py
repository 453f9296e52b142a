"""A record, and large tables, on the page of a release in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from release.build import pipeline
from release.descriptor import load
from release.system.limits import Limits
from tests.support.browser import WIDTHS, View
from tests.support.datasets import write_notes
from tests.support.web_server import serve

RECORD = "t=policies&row=cn-miit-industrial-plan-2022"


@pytest.fixture
def view(show: Callable[..., View], built: Path) -> View:
    """The record of the seeds, shown from a folder."""
    shown = show(built / "index.html", RECORD)
    shown.tab.wait_for_selector("article.record")
    return shown


def test_editions_differ_where_they_do_and_nowhere_else(view: View) -> None:
    """Numbers, codes and presence are marked in words; *Only what differs* leaves these alone."""
    rows = view.tab.locator("section:has(h4:text-is('Scores')) tr.differs th").all_inner_texts()
    scores = [row.split(" ≠")[0] for row in rows if "· score" in row]
    assert scores == [
        "Economic Incentives · score",
        "MRV & Data Governance · score",
        "Statutory & Regulatory · score",
        "Strategic Planning · score",
        "Technical Standards · score",
        "Market Mechanisms · score",
    ]
    view.tab.get_by_label("Only what differs").check()
    shown = view.tab.locator(".compared tbody tr:visible")
    assert shown.count() == view.tab.locator("tr.differs").count() > 0
    assert view.tab.evaluate("location.hash").endswith("&only=1")


def test_what_was_noticed_stands_at_its_value(view: View) -> None:
    """Each finding on the record is shown once, in the cell of the edition that it speaks of."""
    assert view.tab.locator(".noticed li").count() == 9
    cell = view.tab.locator("tr:has-text('MRV & Data Governance · score') td[data-language='中文']")
    assert cell.inner_text().startswith("75\n")
    assert "score of mrv is 80 in en, 75 in zh" in cell.locator(".noticed").inner_text()


def test_what_is_found_leads_to_the_record(view: View) -> None:
    """A row of another table that belongs to a record, too; from there one comes back to the results."""
    view.tab.fill("#search", "facility-level tracking")
    view.tab.locator("section:has(h3:text-is('Scores (1)')) a").click()
    view.tab.wait_for_selector("article.record")
    assert RECORD in view.tab.evaluate("location.hash")
    view.tab.get_by_role("link", name="Results").click()
    view.tab.wait_for_selector("section:has(h3:text-is('Scores (1)'))")


def test_a_quote_is_marked_in_its_document(view: View) -> None:
    """With the value that it speaks to beside it."""
    first = view.tab.locator(".evidence > li").first
    assert first.locator(".claimed").inner_text() == "2022-08-01"
    first.locator("summary").click()
    assert first.locator("mark").inner_text() == first.locator("blockquote").inner_text()


def test_a_record_hinders_nobody_and_does_nothing_else(view: View) -> None:
    """No trouble, no sideways scrolling, nothing that axe-core finds, with documents open."""
    view.set_details(opened=True)
    assert {width: wide for width in WIDTHS if (wide := view.wider(width))} == {}
    assert view.hindrances("light") == []
    assert view.troubles == []


def test_a_table_of_several_files_is_read_from_a_server(chromium: Any, tmp_path: Path) -> None:
    """It is shown, filtered and searched in a worker; from a folder the page says why it is not."""
    options = pipeline.Options(limits=Limits(part_rows=2))
    descriptor = load.load(write_notes(tmp_path / "notes", 5) / "datapackage.yaml")
    made = pipeline.build(descriptor, tmp_path / "dist", options)
    assert made.path is not None
    context = chromium.new_context()
    view = View(context.new_page())
    with serve(made.path, ranges=False) as server:
        view.open(f"{server.address}/index.html", "t=notes&f.weight=~3..")
        view.tab.wait_for_selector("table.rows td")
        assert view.tab.locator("[role=status]").first.inner_text() == "2 of 5 rows"
        view.tab.fill("#search", "n004")
        view.tab.wait_for_selector("button.start")
        view.tab.press("#search", "Enter")
        view.tab.get_by_text("All tables are searched.").wait_for()
        assert view.tab.locator("section.large h3").first.inner_text() == "notes (1)"
    view.tab.goto((made.path / "index.html").as_uri() + "#t=notes")
    view.tab.get_by_text("larger than what is kept in the page").wait_for()
    context.close()
