"""What is true for every text of a comment on GitHub."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from actions.github.markdown import calm, code_block, cut, length

#: Pieces that GitHub, Markdown or a runner act upon, and what stands between them.
PIECES = [
    "@",
    "#",
    "GH-",
    "https://",
    "www.",
    "a",
    "1",
    "`",
    "```",
    "\n",
    " ",
    "\\",
    "<!-- -->",
    "é",
    "💩",
    "~~~",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.integers(0, 200).map(
    lambda number: "a" + "`" * number
)

#: Where GitHub looks for names, issues and addresses.
ACTS = re.compile(r"@\w|#\d|\bGH-\d|\bhttps?://|\bwww\.", re.I)


@given(TEXTS)
def test_nothing_in_a_calm_text_is_acted_upon(text: str) -> None:
    """And it says the same."""
    shown = calm(text)
    assert not ACTS.search(shown)
    assert shown.replace("<!-- -->", "") == text.replace("<!-- -->", "")


@given(TEXTS)
def test_no_text_ends_the_block_of_code_that_it_stands_in(text: str) -> None:
    """Its fence is longer than any in the text."""
    first, *lines, last = code_block(text).split("\n")
    assert first == f"{last}text"
    assert not [line for line in lines if last in line]


@given(TEXTS, st.integers(100, 250))
def test_a_text_that_was_cut_fits_and_closes_its_code(text: str, most: int) -> None:
    """It is whole, or whole lines of it; a block of code that was begun has its end."""
    lines = ["- one", *code_block(text).split("\n"), "- two"]
    shown = cut("\n".join(lines), most, "…")
    assert length(shown) <= most
    if shown != "\n".join(lines):
        *kept, empty, ending = shown.split("\n")
        assert (empty, ending) == ("", "…")
        is_begun = len(kept) > 1 and len(kept) < len(lines)
        assert kept == [*lines[: len(kept) - is_begun], *([lines[-2]] if is_begun else [])]
