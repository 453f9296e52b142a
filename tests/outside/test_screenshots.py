"""The pictures in the docs: that they are there, small, and told in words."""

from __future__ import annotations

import re

from tests.support.kit import ROOT
from tests.support.screenshots import SHOTS

FOLDER = ROOT / "docs/screenshots"


def test_each_view_has_a_picture() -> None:
    """Those that `make screenshots` takes, no other, and together less than a megabyte."""
    there = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert there.keys() == {f"{shot.name}.webp" for shot in SHOTS}
    assert sum(there.values()) < 1_000_000


def test_each_picture_is_shown_and_told_in_words() -> None:
    """The page of the docs on the page shows all of them once, in their order; the README one."""
    page = (ROOT / "docs/how-to/page.md").read_text("utf-8")
    shown = re.findall(r"!\[([^\]]+)\]\(\.\./screenshots/(\w+)\.webp\)", page)
    assert [name for _, name in shown] == [shot.name for shot in SHOTS]
    assert all(len(words.split()) > 6 for words, _ in shown)
    for name in ("README.md", "README.zh.md"):
        found = re.findall(
            r"!\[[^\]]+\]\((docs/screenshots/\w+\.webp)\)", (ROOT / name).read_text("utf-8")
        )
        assert found == ["docs/screenshots/record.webp"], name
