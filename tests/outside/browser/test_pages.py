"""The pages of a release, of a store and of a difference, in a real browser, from a folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import kit
from tests.support.browser import WIDTHS, View
from tests.support.datasets import write_notes

PAGES = ("release", "store", "difference")


@pytest.fixture(scope="module")
def pages(chromium: Any, built: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of the seeds' release, and a store and a difference of two versions of notes."""
    assert chromium.is_connected()
    folder = tmp_path_factory.mktemp("pages")
    notes = write_notes(folder / "notes", 4)
    old = kit.build(notes, folder / "dist")
    kit.edit(notes / "datapackage.yaml", "0.1.0", "0.2.0")
    kit.edit(notes / "records/en/n002.md", "weight: 2", "weight: 7")
    (notes / "records/zh/n003.md").unlink()
    new = kit.build(notes, folder / "dist")
    code, text, said = kit.run("diff", str(old), str(new), "--format", "html")
    assert code in (0, 1), said
    (folder / "difference.html").write_text(text, "utf-8")
    return {
        "release": built / "index.html",
        "store": folder / "dist/index.html",
        "difference": folder / "difference.html",
    }


@pytest.fixture(params=PAGES)
def view(request: pytest.FixtureRequest, chromium: Any, pages: dict[str, Path]) -> Iterator[View]:
    """Each page, open."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    shown = View(context.new_page())
    shown.open(pages[request.param])
    yield shown
    context.close()


def columns(release: Path) -> set[str]:
    """The names of all columns of a release's tables."""
    package = json.loads((release / "datapackage.json").read_text("utf-8"))
    return {field["name"] for table in package["resources"] for field in table["schema"]["fields"]}


def test_a_page_does_nothing_but_show_itself(view: View) -> None:
    """No error, no dialog, no request, and nothing that its Content-Security-Policy refuses."""
    view.set_details(opened=True)
    view.tab.wait_for_timeout(200)
    assert view.troubles == []


@pytest.mark.parametrize("opened", [False, True], ids=["shut", "open"])
def test_no_page_scrolls_sideways(view: View, opened: bool) -> None:
    """Neither on a phone nor on a desk."""
    view.set_details(opened=opened)
    found = {width: wide for width in WIDTHS if (wide := view.wider(width))}
    assert found == {}


@pytest.mark.parametrize("opened", [False, True], ids=["shut", "open"])
def test_nothing_on_a_page_hinders_people(view: View, opened: bool) -> None:
    """Contrast, names, order of headings, and all that axe-core knows, by light and dark."""
    view.set_details(opened=opened)
    for width in (320, 1280):
        view.tab.set_viewport_size({"width": width, "height": 800})
        assert {scheme: view.hindrances(scheme) for scheme in ("light", "dark")} == {
            "light": [],
            "dark": [],
        }


def test_paper_cuts_nothing_off(view: View) -> None:
    """What would scroll on a screen stands on paper as a whole."""
    _, cut = view.printed()
    assert cut == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_paper_has_every_column(chromium: Any, pages: dict[str, Path], scripts: bool) -> None:
    """Parts that are shut on a screen are printed, with scripts off too."""
    context = chromium.new_context(java_script_enabled=scripts)
    view = View(context.new_page())
    view.open(pages["release"])
    lines = set(view.printed()[0].split("\n"))
    context.close()
    assert columns(pages["release"].parent) - lines == set()


def test_a_difference_is_printed_without_what_came_and_went(
    chromium: Any, pages: dict[str, Path]
) -> None:
    """Paper has the verdict, the counts and the rows that changed, whatever is open on the screen."""
    context = chromium.new_context()
    view = View(context.new_page())
    view.open(pages["difference"])
    assert not view.tab.get_by_text("n003, zh, 0").first.is_visible()
    text, _ = view.printed()
    context.close()
    assert "Level: major." in text
    assert "n002, en" in text
    assert "n003" not in text


def test_without_scripts_the_page_has_rows_and_no_explorer(
    chromium: Any, pages: dict[str, Path]
) -> None:
    """The first rows of each table stand where the explorer would; nothing asks for a script."""
    context = chromium.new_context(java_script_enabled=False)
    view = View(context.new_page())
    view.open(pages["release"])
    model = json.loads(view.tab.locator("script#release").text_content())
    filled = [table["name"] for table in model["tables"] if table["rows"]]
    assert view.tab.locator(".first-rows table").count() == len(filled) > 0
    assert view.tab.locator("#explorer:visible").count() == 0
    assert view.troubles == []
    context.close()
