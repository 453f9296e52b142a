"""The page of a difference: what it shows, in which order, and within which limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release import cli
from release.diff import comparison
from release.diff.views import html
from release.diff.views.marks import marked
from release.diff.views.rows import share
from release.package.checksums import sha256_of
from tests.support import diffs
from tests.support.diffs import Made
from tests.support.pages import is_guarded

FIELDS = [("id", "string"), ("size", "integer"), ("text", "string")]


def rows(names: str, size: int = 1, text: str = "a text") -> list[dict[str, Any]]:
    """Rows with one value in each field."""
    return [{"id": name, "size": size, "text": text} for name in names]


def page_of(
    folder: Path, old: Mapping[str, Made], new: Mapping[str, Made], *, is_all: bool = False
) -> str:
    """The page of the difference between two releases with these tables."""
    one = diffs.released(folder / "old", old, with_parquet=False)
    other = diffs.released(folder / "new", new, "1.0.1", with_parquet=False)
    with comparison.compare(one, other) as difference:
        return "".join(html.pieces(difference, is_all=is_all))


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two releases: of a table a row changed, one is gone, and one is new."""
    folder = tmp_path_factory.mktemp("some")
    new = [*rows("b", 2, "another text"), *rows("cd")]
    return (
        diffs.released(folder / "old", {"t": Made(FIELDS, ["id"], rows("abc"))}),
        diffs.released(folder / "new", {"t": Made(FIELDS, ["id"], new)}, "1.0.1"),
    )


@pytest.fixture(scope="module")
def page(some: tuple[Path, Path]) -> str:
    """The page of their difference."""
    with comparison.compare(*some) as difference:
        return "".join(html.pieces(difference))


def test_the_page_needs_nothing_else(page: str) -> None:
    """No script, no font, no image and no style from elsewhere; every table has heads."""
    assert re.findall(r"<(?:script|link|img|iframe)|https?:|url\(|@import", page) == []
    assert page.count("<thead>") == page.count("</table>") == 2
    assert '<html lang="en">' in page
    assert is_guarded(page)
    assert "prefers-color-scheme: dark" in page


def test_what_changed_comes_first(page: str) -> None:
    """Each field as before and now, then what was removed and what was added in one line each; all shut."""
    found = re.findall(r'^<(?:tr><th scope="row"><bdi>|li><b><bdi>).*', page, re.MULTILINE)
    assert [re.sub("</?(?:bdi|td|th|tr|p|li|b).*?>", "", row) for row in found] == [
        "bsize: <del>1</del> → <ins>2</ins>text: <del>a text</del> → <ins>another text</ins>",
        "a · size: 1 · text: a text",
        "d · size: 1 · text: a text",
    ]
    assert "<details open" not in page
    assert "1 changed, 1 removed, 1 added</span></summary>" in page


def test_the_page_names_both_releases(page: str) -> None:
    """By number and day."""
    assert "<dt>Before</dt><dd>things 1.0.0 of 2026-01-31</dd>" in page
    assert "<dt>Now</dt><dd>things 1.0.1 of 2026-01-31</dd>" in page


def test_releases_of_one_number_are_told_apart(some: tuple[Path, Path], tmp_path: Path) -> None:
    """By the hash of their list of files; what has none is not released yet."""
    made = {"t": Made(FIELDS, ["id"], rows("a"))}
    other = diffs.released(tmp_path / "other", made, sums={"a": "1"})
    with comparison.compare(some[0], other) as difference:
        told = re.findall("<dd>(.*)</dd>", "".join(html.pieces(difference)))
    digest = sha256_of(other / "SHA256SUMS")
    assert told == [
        "things 1.0.0 of 2026-01-31, <code>not released yet</code>",
        f"things 1.0.0 of 2026-01-31, <code>SHA256SUMS {digest}</code>",
    ]


def test_the_page_says_where_every_cell_is(some: tuple[Path, Path], tmp_path: Path) -> None:
    """A link to the CSV if that is written too, else the command that writes it."""
    arguments = ["diff", *map(str, some), "--format", f"html={tmp_path / 'a.html'}"]
    assert cli.main(arguments) == 0
    command = "<code>release diff 1.0.0 1.0.1 --format csv=changes.csv</code>"
    assert f"<p>{command} writes every cell that differs.</p>" in (tmp_path / "a.html").read_text()
    (tmp_path / "cells").mkdir()
    assert cli.main([*arguments, "--format", f"csv={tmp_path / 'cells/the cells.csv'}"]) == 0
    link = '<a href="cells/the%20cells.csv">the cells.csv</a>'
    assert f"<p>{link} has every cell that differs.</p>" in (tmp_path / "a.html").read_text()


def test_a_page_has_at_most_so_many_rows(tmp_path: Path) -> None:
    """5,000 in all: what happened to few rows is shown whole, and of the rest it says how many there are."""
    fields, few, many = [("id", "integer"), ("n", "integer")], range(40), range(6_000)
    old = [{"id": at, "n": 0} for at in many[:3_000]]
    new = [{"id": at, "n": 1 if at < 3_000 else 0} for at in many]
    tables = {"few": Made(fields, ["id"], []), "many": Made(fields, ["id"], old)}
    changed = {
        "few": Made(fields, ["id"], [{"id": at, "n": 0} for at in few]),
        "many": Made(fields, ["id"], new),
    }
    page = page_of(tmp_path, tables, changed)
    assert page.count('<tr><th scope="row"><bdi>') + page.count("<li><b>") == 5_000
    assert "… and 520 more changed" in page
    assert "… and 520 more added" in page
    assert "Not every row is shown: a page has at most 5,000 rows and 1,000 kB." in page
    whole = page_of(tmp_path / "all", tables, changed, is_all=True)
    assert whole.count('<tr><th scope="row"><bdi>') + whole.count("<li><b>") == 6_040
    assert "Not every row" not in whole


def test_a_page_has_at_most_a_megabyte(tmp_path: Path) -> None:
    """Whatever texts, fields and names there are; the small table beside the large one is there."""
    names = [f"column_{at}_{'x' * 60}" for at in range(40)]
    fields = [("id", "string"), *((name, "string") for name in names)]
    text = "措施 <&> " * 100
    old = [{"id": f"{at:03}" * 80, **dict.fromkeys(names, text)} for at in range(60)]
    new = [{**row, **dict.fromkeys(names, "b" * 500)} for row in old]
    page = page_of(
        tmp_path,
        {"large": Made(fields, ["id"], old), "small": Made(FIELDS, ["id"], rows("a"))},
        {"large": Made(fields, ["id"], new), "small": Made(FIELDS, ["id"], rows("a", 2))},
    )
    assert 900_000 < len(page.encode()) <= 1_000_000
    assert "<del>1</del></bdi> → <bdi><ins>2</ins>" in page
    assert "… and 20 more fields" in page


def test_a_page_shows_what_would_be_obeyed(tmp_path: Path) -> None:
    """Direction marks and control characters are shown by their code points, markup is text."""
    old = Made(FIELDS, ["id"], rows("a", 1, "<script>alert(1)</script>"))
    page = page_of(
        tmp_path, {"t": old}, {"t": Made(FIELDS, ["id"], rows("a", 1, "\u202ejavascript:\x00\x1b"))}
    )
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\\u202ejavascript:\\u0000\\u001b" in page


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("70", "80", ("[70]", "[80]")),
        (None, "80", ("", "[80]")),
        ("a quick brown fox", "a quick red fox", ("a quick [brown] fox", "a quick [red] fox")),
        ("one two three", "one three", ("one [two ]three", "one three")),
        (
            "对碳捕集利用与封存项目给予支持, 各省报告进展情况, 国家发展改革委负责",
            "对碳捕集与封存项目给予支持, 各省市报告进展情况, 国家发展改革委负责",
            (
                "对碳捕集[利用]与封存项目给予支持, 各省报告进展情况, 国家发展改革委负责",
                "对碳捕集与封存项目给予支持, 各省[市]报告进展情况, 国家发展改革委负责",
            ),
        ),
        (
            f"{'a ' * 200}b{' c' * 200}",
            f"{'a ' * 200}d{' c' * 200}",
            (f"…{'a ' * 20}[b]{' c' * 20}…", f"…{'a ' * 20}[d]{' c' * 20}…"),
        ),
        ("x" * 500, "y" * 500, (f"[{'x' * 200} … {'x' * 40}]", f"[{'y' * 200} … {'y' * 40}]")),
    ],
)
def test_the_part_that_differs_is_marked(
    old: str | None, new: str | None, shown: tuple[str, str]
) -> None:
    """Numbers and codes as a whole, of a text the words, of a long one only what is near them."""
    found = ["".join(f"[{p.text}]" if p.differs else p.text for p in s) for s in marked(old, new)]
    assert tuple(found) == shown


@given(st.text("ab 策,", max_size=60), st.text("ab 策,", max_size=60))
def test_marks_leave_the_value_as_it_is(old: str, new: str) -> None:
    """The parts of a value are the value, and what is not marked is the same in both."""
    sides = marked(old, new)
    assert tuple("".join(part.text for part in parts) for parts in sides) == (old, new)
    alike = ["".join(part.text for part in parts if not part.differs) for parts in sides]
    assert alike[0] == alike[1]


@given(st.lists(st.integers(0, 50), max_size=8), st.integers(0, 100))
def test_room_is_shared(wanted: list[int], most: int) -> None:
    """Nobody gets more than they want, nothing is left while somebody wants more, and no one is put last."""
    given = share(wanted, most)
    assert all(0 <= got <= want for got, want in zip(given, wanted, strict=True))
    assert sum(given) == min(most, sum(wanted))
    short = [got for got, want in zip(given, wanted, strict=True) if got < want]
    assert all(got + 1 >= max(given) for got in short)
