"""Pages in Chinese have the parts, blocks and links of the English ones, and were made from their text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import translations
from tests.support.translations import ACCEPT, ROOT

PAGES = [path.relative_to(ROOT).as_posix() for path in translations.pages()]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_chinese_has_the_parts_of_the_english_one(name: str) -> None:
    """Headings, rows of tables, blocks of code and links are the same, in the same order but for links."""
    page = ROOT / name
    english = translations.english(page)
    assert translations.headings(page) == translations.headings(english)
    assert translations.rows(page) == translations.rows(english)
    assert translations.links(page) == translations.links(english)
    assert translations.blocks(page) == translations.blocks(english), f"take them over: {ACCEPT}"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_chinese_was_made_from_the_english_text_that_is_there(name: str) -> None:
    """Whoever changes the English page brings the other one in step, and says so."""
    page = ROOT / name
    english = translations.english(page)
    assert translations.made_from(page) == translations.digest(english), (
        f"{english.name} says something else now. Bring {name} in step, then: {ACCEPT}"
    )


def test_the_start_and_a_tutorial_are_in_chinese() -> None:
    """Those who curate the shipped dataset read Chinese."""
    assert {"README.zh.md", "docs/index.zh.md", "docs/tutorials/from-a-folder.zh.md"} <= {*PAGES}


def test_a_page_that_lags_behind_is_found(tmp_path: Path) -> None:
    """Another word, another block and another link of the English page each make a difference."""
    english, page = tmp_path / "page.md", tmp_path / "page.zh.md"
    english.write_text("# One\n\nA [word](a.md).\n\n```sh\ntrue\n```\n", "utf-8")
    page.write_text("# 一\n\n一个[词](a.md)。\n\n```sh\nfalse\n```\n", "utf-8")
    assert translations.made_from(page) is None
    translations.accept(page)
    assert translations.blocks(page) == translations.blocks(english) == ["```sh\ntrue\n```"]
    assert translations.links(page) == translations.links(english)
    assert translations.made_from(page) == translations.digest(english)
    english.write_text(
        english.read_text("utf-8").replace("A [word](a", "Another [word](b"), "utf-8"
    )
    assert translations.made_from(page) != translations.digest(english)
    assert translations.links(page) != translations.links(english)
