"""Pictures of columns: what they show, and the name that says the same in words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pytest

from release.package.metadata.summary.columns import summarize_table
from release.package.metadata.summary.model import ColumnSummary, CommonValue
from release.package.page.pictures import columns
from release.package.page.pictures.words import describe
from release.syntax.types.value_type import ValueType, of
from release.tables.columns import arrow_type
from tests.support.tables import resource_of


def summary_of(kind: ValueType, values: list[Any]) -> ColumnSummary:
    """Return the summary of a column."""
    resource = resource_of({"key": of("integer"), "x": kind})
    keys = pa.array(range(len(values)), pa.int64())
    table = pa.table({"key": keys, "x": pa.array(values, arrow_type(kind))})
    return summarize_table(resource, table).column("x")


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (of("integer"), [0, 40, 60, 80, 100, None, None], "x: 0 to 100, half between 40 and 80; 2 missing"),
        (of("integer"), [7, 7], "x: always 7"),
        (of("integer"), [None], "x: no value; 1 missing"),
        (of("date"), [date(2024, 1, 31), date(2024, 3, 1), date(2024, 3, 9)],
         "x: 2024-01-31 to 2024-03-09, most in 2024-03 (2)"),
        (of("boolean"), [True, True, False], "x: true 2, false 1"),
        (of("string"), ["a", "a", *"bcdefgh"], "x: a 2, b 1, c 1, d 1, e 1, f 1, and 2 other values"),
        (of("string"), list("abcdefg"), "x: 7 values, each once"),
        (of("string"), ["x" * 150, "x" * 200], "x: text of 150 to 200, half between 150 and 200 characters"),
    ],
)  # fmt: skip
def test_the_name_of_a_picture_says_the_same(
    kind: ValueType, values: list[Any], words: str
) -> None:
    """For who does not see it; where there is nothing to see, the words stand alone."""
    summary = summary_of(kind, values)
    assert describe(summary) == words
    drawn = columns.draw(summary)
    assert (drawn is None) == ("no value" in words or "each once" in words)
    if drawn:
        root = ElementTree.fromstring(drawn)
        assert (root.get("role"), root.get("aria-label")) == ("img", words)


def test_a_histogram_has_a_bar_for_each_bin_with_rows() -> None:
    """The highest is as high as the picture, and a single row among many is seen."""
    drawn = columns.draw(summary_of(of("integer"), [0] * 1000 + [100]))
    assert drawn is not None
    (path,) = re.findall(r'<path d="([^"]*)" class="bar"/>', drawn)
    assert [float(height) for height in re.findall(r"v([0-9.]+)", path)] == [48, 1]


def test_a_label_is_text_and_never_markup() -> None:
    """A label, a value and a name of a column may hold anything."""
    value = CommonValue('"><script>', 3, {"en": "</svg><b onload=x>", "zh": "碳捕集" * 20})
    summary = replace(summary_of(of("string"), ["a"]), name='<i>"', values=(value,))
    for language in ("en", "zh"):
        drawn = columns.draw(summary, language)
        assert drawn is not None
        root = ElementTree.fromstring(drawn)
        assert {each.tag for each in root.iter()} == {"svg", "text", "path"}
        assert all(name in NAMES for each in root.iter() for name in each.keys())  # noqa: SIM118
    assert root[1].text == "碳捕集碳捕集碳捕…"
    hidden = replace(summary, values=(CommonValue("a\u202eb\u0007", 3),))
    assert describe(hidden) == '<i>": a\\u202eb\\u0007 3'
    assert "\u202e" not in str(columns.draw(hidden))


#: The attributes of a picture: none of them is a style or a handler.
NAMES = {"role", "aria-label", "viewBox", "width", "height", "class", "x", "y", "d", "text-anchor"}
