"""Comments in YAML that may have been meant as text: each is told, and nothing that is plainly a comment."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release.syntax.formats.front_matter import read_front_matter


def told(text: str) -> list[tuple[int, int]]:
    """The lines and columns, from 0, at which text is told to be lost."""
    _, _, faults = read_front_matter(text)
    assert {fault.rule for fault in faults} <= {"text-after-hash"}
    return [(fault.line, fault.column) for fault in faults]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: Issue #12 and C# rocks #1\n", [(0, 9)]),
        ("a: b\t#c\n", [(0, 5)]),
        ("a: C #\n", [(0, 5)]),
        ("a: #art\nb: 1\n", [(0, 3)]),
        ("a:\n- #art\n- b #c\n", [(1, 2), (2, 4)]),
        ("a:\n  b: x #y\n  c: 1 # n\n", [(1, 7)]),
        ("a: text\n  more #x\nb: c\n", [(1, 7)]),
        ("a: [b, c #d\n ]\n", [(0, 9)]),
        ("{a: b #c\n}\n", [(0, 6)]),
        ("{a: #c\n}\n", [(0, 4)]),
        ("a: 12 pieces # n\n", [(0, 13)]),
        ("a: |\n  # text\n# comment\nb: c # d\n", [(3, 5)]),
    ],
)
def test_text_that_may_be_meant_is_told(text: str, expected: list[tuple[int, int]]) -> None:
    """Behind plain text, and in the place of a value; in block and flow style, on several lines."""
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "# a\na: b\n  # c\n",
        "a: 'b' # c\n",
        'a: "b #c" # d\n',
        *(f"a: {value} # c\n" for value in ("12", "-1.5", "010", "1e3", "true", "null", "~")),
        *(
            f"a: {value} # c\n"
            for value in ("2026", "2026-01", "2026-01-31", "2026-01-31T10:00:00Z")
        ),
        "a: [b, c] # d\n",
        "a: {b: c} # d\n",
        "a: [b, # c\n d]\n",
        "a: {b: c, # d\n e: f}\n",
        "a: # c\n  b: d\n",
        "a: # c\n- b\n",
        "a: | # c\n  b # d\n",
        "a: >- # c\n  # b\n",
        "a: b#c\n",
    ],
)
def test_plain_comments_are_not_told(text: str) -> None:
    """On lines of their own, behind quotes, numbers, dates, booleans, null, what is closed, and headers."""
    assert told(text) == []


class Line(NamedTuple):
    """An entry of a document, and at which of its lines and columns text is lost."""

    text: str
    lost: tuple[tuple[int, int], ...] = ()


words = st.text("abcXYZé汉", min_size=1, max_size=5).filter(lambda word: word != "null")
blanks = st.sampled_from([" ", "  ", "\t", " \t "])
comments = st.builds("#{}".format, st.text("abc #'\":-[]{},é", max_size=8))


@st.composite
def entries(draw: st.DrawFn) -> Line:
    """One entry whose value and comment are of some kind."""
    key, blank, comment = draw(words), draw(blanks), draw(comments)
    plain = draw(st.lists(words, min_size=1, max_size=3).map(" ".join))
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return Line(f"{key}: {plain}{blank}{comment}", ((0, len(f"{key}: {plain}{blank}")),))
    if kind == 1:
        return Line(f"{key}:{blank}{comment}", ((0, len(f"{key}:{blank}")),))
    if kind == 2:
        begin = f"- {plain}{blank}"
        return Line(f"{key}:\n{begin}{comment}\n- 'x #y'", ((1, len(begin)),))
    if kind == 3:
        return Line(f"{key}:\n- {comment}", ((1, 2),))
    if kind == 4:
        begin = f"{key}: [{plain}, {plain}{blank}"
        return Line(f"{begin}{comment}\n ]", ((0, len(begin)),))
    if kind == 5:
        return Line(f"{key}: '{plain} {comment.replace(chr(39), '')}'{blank}{comment}")
    if kind == 6:
        value = draw(st.sampled_from(["7", "true", "2026-01-31", "~", "[a, b]", "{a: b}", "0.50"]))
        return Line(f"{key}: {value}{blank}{comment}")
    if kind == 7:
        return Line(f"{key}: |{blank}{comment}\n  {plain} {comment}\n  {comment}")
    if kind == 8:
        return Line(f"{comment}\n{key}: {plain}#1")
    return Line(f"{key}:{blank}{comment}\n  {key}: {plain}")


@settings(max_examples=300)
@given(st.lists(entries(), min_size=1, max_size=6))
def test_every_comment_of_a_document_is_plain_or_told(lines: list[Line]) -> None:
    """Whatever stands beside it: what is lost is told at its place, and nothing else."""
    text, expected = "", []
    for line in lines:
        above = text.count("\n")
        expected += [(above + row, column) for row, column in line.lost]
        text += line.text + "\n"
    _, _, faults = read_front_matter(text)
    assert {fault.rule for fault in faults} <= {"text-after-hash", "duplicate-key"}
    found = [(fault.line, fault.column) for fault in faults if fault.rule == "text-after-hash"]
    assert found == expected
