"""The filter panel of a table on the page of a release, in a real browser."""

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

SCORES = "t=scores&lang=zh"


@pytest.fixture
def view(show: Callable[..., View], built: Path) -> View:
    """The scores of the seeds with their panel open."""
    shown = show(built / "index.html", SCORES)
    shown.tab.click(".panel > summary")
    shown.tab.wait_for_selector(".facet")
    return shown


def facet(view: View, column: str) -> Any:
    """The part of the panel about a column."""
    return view.tab.locator(f".facet:has(h4:text-is('{column}'))")


def lines(view: View, column: str) -> list[str]:
    """What the panel says of a column, line by line."""
    found: list[str] = facet(view, column).locator("tbody tr").all_inner_texts()
    return [" ".join(line.split()) for line in found]


def test_a_value_with_its_counts_is_a_link_that_filters_and_takes_off(view: View) -> None:
    """Counts are of the selected rows and of all; the focus stays, and the number of rows is told."""
    assert "MRV 与数据治理 mrv 2 2" in lines(view, "dimension")
    link = facet(view, "dimension").get_by_role("link", name="MRV 与数据治理 mrv")
    link.focus()
    view.tab.keyboard.press("Enter")
    view.tab.get_by_text("10 行中的 2 行").wait_for()
    assert "✓" not in lines(view, "dimension")[0]
    assert link.get_attribute("aria-current") == "true"
    assert link.evaluate("each => each === document.activeElement")
    assert "战略规划 strategic 0 2" in lines(view, "dimension")
    assert view.tab.locator(".chips li").inner_text() == "dimension: mrv MRV 与数据治理 ✕"
    view.tab.keyboard.press("Enter")
    view.tab.get_by_text("共 10 行").wait_for()


def test_numbers_have_bounds_and_the_spread_of_both(view: View) -> None:
    """By the keyboard alone; what is no number is not taken."""
    facet(view, "score").get_by_label("从").fill("eighty")
    view.tab.keyboard.press("Enter")
    assert view.tab.evaluate("location.hash") == f"#{SCORES}"
    facet(view, "score").get_by_label("从").fill("80")
    view.tab.keyboard.press("Enter")
    view.tab.wait_for_selector(".chips")
    assert view.tab.evaluate("location.hash") == "#t=scores&f.score=~80..&lang=zh"
    assert (
        facet(view, "score").get_by_label("从").evaluate("each => each === document.activeElement")
    )
    lowest = next(line for line in lines(view, "score") if line.startswith("最小"))
    assert lowest.split()[1] == "80" > lowest.split()[2]


def test_the_panel_hinders_nobody(view: View) -> None:
    """No sideways scrolling, nothing that axe-core finds, no trouble."""
    assert {width: wide for width in WIDTHS if (wide := view.wider(width))} == {}
    view.tab.set_viewport_size({"width": 1280, "height": 800})
    assert view.hindrances("light") + view.hindrances("dark") == []
    assert view.troubles == []


def test_a_large_table_counts_when_it_is_told_to(
    chromium: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it says what it knows, and what it will read; from a folder it has the code that loads it."""
    options = pipeline.Options(limits=Limits(part_rows=2))
    descriptor = load.load(write_notes(tmp_path / "notes", 5) / "datapackage.yaml")
    made = pipeline.build(descriptor, tmp_path / "dist", options)
    assert made.path is not None
    context = chromium.new_context()
    view = View(context.new_page())
    with serve(made.path, ranges=False) as server:
        view.open(f"{server.address}/index.html", "t=notes&f.weight=~3..")
        view.tab.click(".panel > summary")
        view.tab.wait_for_selector(".facet")
        assert lines(view, "weight") == [
            "lowest 0",
            "middle 2",
            "highest 4",
            "different values 5",
            "missing 0",
        ]
        facet(view, "weight").get_by_role("button", name="Count all values (reads 0.").click()
        facet(view, "weight").get_by_role("button", name="Count").wait_for(state="detached")
        assert lines(view, "weight")[:3] == ["lowest 3 0", "middle 3 2", "highest 4 4"]
    view.tab.goto((made.path / "index.html").as_uri() + "#t=notes")
    code = view.tab.locator("#explorer pre").inner_text()
    context.close()
    assert code.startswith("import pandas as pd\n")
    monkeypatch.chdir(made.path)
    found: dict[str, Any] = {}
    exec(code, found)
    assert len(found["table"]) == 5
