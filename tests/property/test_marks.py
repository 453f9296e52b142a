"""`locate_one` finds the location that reading the whole front matter finds."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from release.records import locations, reader
from release.records.files.sources import Source
from release.records.reader import Front
from release.syntax.paths import KeyPath
from release.syntax.text import Location

SOURCE = Source("things", "things/a.md", "things/a.md", {})

KEYS = st.sampled_from(
    ["a", "b", "ab", "a-b", "a_b", "碳", "año", "a b", "a'b", 'a"b', "a:", "#a", "1", "\u00a0a"]
)
#: Texts that look like keys, in all styles, and texts that are written in several lines.
TEXTS = st.one_of(
    st.text("ab:'\"{}[],-?# \n碳\\é\u00a0", max_size=9),
    st.sampled_from(
        [
            "a: b",
            "see a: b",
            '"a": 1',
            "{a: 1}",
            "- a",
            "x\na: b",
            "x\n\n  a: [b]\n",
            "'a' : b",
            "a\t: b",
            "a \n: b",
            "a b c " * 20,
        ]
    ),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | TEXTS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(KEYS, below, max_size=4),
    max_leaves=12,
)


class Indented(yaml.SafeDumper):
    """Writes lists further right than their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


STYLES = {
    "json": lambda value: json.dumps(value, ensure_ascii=False, indent=2),
    "json in a line": lambda value: json.dumps(value, separators=(",", ":")),
    "json with odd space": lambda value: json.dumps(
        value, ensure_ascii=False, indent=1, separators=(" ,", "\n : ")
    ),
    "block": lambda value: yaml.dump(value, Dumper=yaml.CSafeDumper, allow_unicode=True),
    "block, narrow": lambda value: yaml.dump(
        value, Dumper=yaml.CSafeDumper, allow_unicode=True, width=10
    ),
    "block, indented": lambda value: yaml.dump(value, Dumper=Indented, allow_unicode=True),
    "single quotes": lambda value: yaml.dump(
        value, Dumper=yaml.CSafeDumper, allow_unicode=True, default_style="'"
    ),
    "double quotes": lambda value: yaml.dump(
        value, Dumper=yaml.CSafeDumper, default_style='"', width=20
    ),
    "flow": lambda value: yaml.dump(
        value, Dumper=yaml.CSafeDumper, allow_unicode=True, default_flow_style=True
    ),
}


def front(text: str) -> Front | None:
    """The front matter of a record whose values can be relied on."""
    record, _ = reader.parse(SOURCE, f"---\n{text.rstrip()}\n---\n".encode(), "")
    return record.front if record is not None else None


@settings(max_examples=1000)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), st.sampled_from(sorted(STYLES)))
def test_locating_one_value_is_never_wrong(value: dict[str, Any], style: str) -> None:
    """In every style, for every value that is present, it gives the right location or none."""
    read = front(STYLES[style](value))
    if read is not None:
        for place, mark in locations.locate_all(read).items():
            assert locations.locate_one(read.text.encode(), read.format, 1, place) in (
                None,
                mark,
            ), place


TEXT = """\
title: Rain
analysis:
  mrv: {score: 1, label: 'a: b'}
  market:
    score: 2
    notes:
    - one
    - two: 2
      three: 3
    more: 4
tags: [x, y, 'z z',
  last]
end:
  - x
  - y
"""


@pytest.mark.parametrize(
    "place",
    [
        ("title",),
        ("analysis", "mrv", "score"),
        ("analysis", "market", "score"),
        ("analysis", "market", "notes", 0),
        ("analysis", "market", "notes", 1),
        ("analysis", "market", "notes", 1, "three"),
        ("tags",),
        ("tags", 3),
        ("end", 1),
    ],
)
def test_locating_one_value_succeeds_for_common_key_paths(place: KeyPath) -> None:
    """Keys that stand once, values below them, and positions in lists of any style are located."""
    read = front(TEXT)
    assert read is not None
    assert (
        locations.locate_one(read.text.encode(), read.format, 1, place)
        == locations.locate_all(read)[place]
    )


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('a: 1\nb: "\\u0061"\n', "a"),
        ("? a\n: 1\nb: 'a: 2'\n", "a"),
        ("a:\n  1\n", "a"),
        ("a: # one\n  1\n", "a"),
        ("a: 1\nb: {a: 2}\n", "a"),
        ("a: 1\nb: 'see a: 2'\n", "a"),
        ('{"a"\n: 1, "b": "see a: 2"}\n', "a"),
        ("'it''s': 1\nb: \"see it's: 2\"\n", "it's"),
        ("{a, b: 'see a: 2'}\n", "a"),
        ("{'a', b: 'see a: 2'}\n", "a"),
        ("{b: 'see a: 2', # c\n  a # d\n}\n", "a"),
        ("{b: 'see a: 2', ?a }\n", "a"),
        ('{"a": \r1}\n', "a"),
    ],
)
def test_locating_one_value_gives_up_if_it_is_not_certain(text: str, key: str) -> None:
    """There is no location if a key may be another one, or its value is on another line."""
    read = front(text)
    assert read is not None
    assert (key,) in locations.locate_all(read)
    assert locations.locate_one(read.text.encode(), read.format, 1, (key,)) is None


@pytest.mark.parametrize("end", ["\r", "\u0085", "\u2028", "\u2029"])
def test_what_ends_a_line_of_yaml_ends_none_of_json(end: str) -> None:
    """A value below a key of JSON is not located by YAML's count of lines where the two differ."""
    odd = f'{end} "b"' if end == "\r" else f'"{end}b"'
    text = f'{{"top": {{"a": {odd}, "c": [1, 2]}}, "c": 3}}'
    where = locations.locate_all(Front(SOURCE, text, "json", 1, 0))
    assert where["top", "c", 1].line == 1
    assert locations.locate_one(text.encode(), "json", 1, ("top", "c", 1)) is None


def test_locating_one_value_in_long_text_is_fast() -> None:
    """Text that has the key's name many times is searched once, and not once for each of them."""
    text = "b: " + "see my a, " * 200_000 + "\na: 1\n"
    start = time.process_time()
    assert locations.locate_one(text.encode(), "yaml", 1, ("a",)) == Location(2, 3, 2, 0)
    assert time.process_time() - start < 2
