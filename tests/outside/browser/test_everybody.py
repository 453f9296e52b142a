"""Every view for everybody: small and wide, light and dark, by the keyboard, on paper, without scripts."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.browser import PAPER, WIDTHS, View

RECORD = "t=policies&row=cn-miit-industrial-plan-2022"

#: Each view of the explorer, as an address has it.
VIEWS = {
    "start": "",
    "search": "q=carbon",
    "nothing": "q=nothingatall",
    "table": "t=scores&f.score=~70..&sort=-score",
    "record": RECORD,
    "differences": f"{RECORD}&only=1&lang=zh",
    "row": "t=dimensions&row=mrv",
    "absent": "t=gone",
}


def keep(view: View, name: str) -> None:
    """Keep what a view looks like, where the environment says in which folder."""
    folder = os.environ.get("RELEASE_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        view.tab.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("name", VIEWS)
def test_no_view_hinders_anybody(built: Path, show: Callable[..., View], name: str) -> None:
    """At each width, by light and by dark, shut and open: nothing scrolls sideways, axe finds nothing.

    What stands around the explorer is looked at in test_pages, and taken out here: axe takes seconds for it.
    """
    view = show(built / "index.html", VIEWS[name])
    view.tab.evaluate(
        "document.querySelectorAll('main > :not(h1, #explorer)').forEach(each => each.remove())"
    )
    found = []
    for is_open, schemes in (
        (False, ("light", "dark", "light")),
        (True, ("dark", "light", "dark")),
    ):
        view.set_details(opened=is_open)
        view.settle()
        for width, scheme in zip(WIDTHS, schemes, strict=True):
            found += view.wider(width)
            found += view.hindrances(scheme, "#explorer")
            if not is_open:
                keep(view, f"{name}-{width}-{scheme}")
    assert found == []


def test_nothing_is_told_by_colour_alone(built: Path, show: Callable[..., View]) -> None:
    """With forced colours and reduced motion the same stands there, the focus is seen, and nothing moves."""
    view = show(built / "index.html", RECORD, forced_colors="active", reduced_motion="reduce")
    rows = view.tab.locator("tr.differs")
    assert rows.count() == view.tab.locator("tr.differs strong:visible").count() > 0
    view.tab.keyboard.press("Tab")
    assert view.tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert view.tab.evaluate("document.getAnimations().length") == 0
    assert view.wider(320) == []
    keep(view, "forced-colours")


def test_the_keyboard_leads_to_a_filtered_table_and_a_record(
    built: Path, show: Callable[..., View]
) -> None:
    """From the top of the page, by Tab and Enter alone; the focus is where the view begins."""
    view = show(built / "index.html")
    press_to(view, "document.activeElement.id === 'search'")
    view.tab.keyboard.type("facility-level tracking")
    view.wait("location.hash.startsWith('#q=')")
    press_to(view, "document.activeElement.closest('.view section a')")
    before = view.tab.evaluate("location.hash")
    view.tab.keyboard.press("Enter")
    view.wait(f"location.hash !== {json.dumps(before)}")
    assert view.tab.evaluate("document.activeElement.id") == "view"
    view.go("t=scores")
    press_to(view, "document.activeElement.matches('.panel > summary')")
    view.tab.keyboard.press("Enter")
    view.wait("document.querySelector('.facet')")
    press_to(view, "document.activeElement.closest('.facet a')")
    view.tab.keyboard.press("Enter")
    view.wait("location.hash.includes('f.')")
    assert view.tab.locator(".chips li").count() == 1
    assert view.tab.evaluate("document.activeElement !== document.body")
    press_to(view, "document.activeElement.closest('table.rows tbody a')")
    view.tab.keyboard.press("Enter")
    view.wait("location.hash.includes('row=')")
    assert view.tab.evaluate("document.activeElement.id") == "view"


def press_to(view: View, condition: str) -> None:
    """Press Tab until an expression holds of what has the focus, which is seen at each step."""
    for _ in range(120):
        view.tab.keyboard.press("Tab")
        if view.tab.evaluate(f"Boolean({condition})"):
            return
    pytest.fail(f"the keyboard does not lead there: {condition}")


def test_what_is_heard_names_each_thing(built: Path, show: Callable[..., View]) -> None:
    """The accessibility tree has the search, the table with its order, and what differs in words."""
    view = show(built / "index.html", "t=scores&sort=-score")
    tree = view.tab.locator("#explorer").aria_snapshot()
    assert 'searchbox "Search all tables"' in tree
    assert 'heading "Scores" [level=3]' in tree
    assert "- status: All 10 rows" in tree
    assert (
        view.tab.get_by_role("columnheader", name="score").get_attribute("aria-sort")
        == "descending"
    )
    view.go(RECORD)
    tree = view.tab.locator("#explorer").aria_snapshot()
    assert 'rowheader "MRV & Data Governance · score ≠ differs between editions"' in tree
    assert 'checkbox "Only what differs"' in tree


def test_a_record_is_printed_whole(built: Path, show: Callable[..., View]) -> None:
    """Every value of both editions, each as a whole; no controls, and nothing is cut off at the side."""
    view = show(built / "index.html", RECORD)
    values = view.tab.locator("article.record :is(td, dd)").evaluate_all(
        "all => all.flatMap(each => [...each.querySelectorAll('bdi')]).map(each => each.textContent.trim())"
    )
    text, cut = view.printed()
    assert cut == []
    assert [value for value in values if value and value not in text] == []
    assert len(values) > 50
    assert view.tab.locator("#explorer :is(input, button, form):visible").count() == 0
    assert view.tab.locator("#explorer #view").is_visible()
    view.tab.set_viewport_size({"width": PAPER, "height": 1000})
    keep(view, "printed-record")


def test_without_scripts_the_page_has_all_that_is_read(
    built: Path, show: Callable[..., View]
) -> None:
    """Title, version, licence, what was noticed, tables with files, dictionary, code, checks, citation."""
    view = show(built / "index.html", java_script_enabled=False)
    package = json.loads((built / "datapackage.json").read_text("utf-8"))
    text = "\n".join(view.tab.locator("main").all_text_contents())
    assert package["title"] in view.tab.locator("h1").inner_text()
    assert package["version"] in view.tab.locator("h1").inner_text()
    for told in (
        package["licenses"][0]["title"],
        package["contributors"][0]["title"],
        package["sources"][1]["title"],
    ):
        assert " ".join(told.split()) in " ".join(text.split())
    for each in package["resources"]:
        assert view.tab.locator(f"main a[href='{each['path']}']").count() >= 1, each["path"]
        for field in each["schema"]["fields"]:
            assert field["name"] in text
            assert " ".join(field.get("description", "").split()) in " ".join(text.split())
    heads = view.tab.locator("h2").all_inner_texts()
    assert [
        name
        for name in (
            "Tables",
            "Dictionary",
            "Load a table",
            "Check this release",
            "Cite",
            "Other files",
        )
        if name not in heads
    ] == []
    assert view.tab.locator(".doubt details").count() == len({*_rules(built)}) > 3
    assert view.tab.locator("svg[role=img]").count() > 50
    assert (
        view.tab.locator("[aria-label='Search all tables'], #search, button:visible").count() == 0
    )
    view.tab.keyboard.press("Tab")
    assert view.tab.locator("a.skip:focus").inner_text() == "To the data"


def _rules(release: Path) -> list[str]:
    lines = (release / "data/findings.csv").read_text("utf-8").splitlines()[1:]
    return [line.split(",")[0] for line in lines]
