"""Fast parsers never decide what a value is: reading gives what the strict readers give."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from release.syntax.formats import fast
from tests.support.judges import judge_front_matter, strictly

#: Texts on which parsers of YAML and JSON are known to differ, or that only a strict one refuses.
HARD = [
    '{"title": ":"}',
    '{"a": [1e-7, 2E+3]}',
    'a: "x,1e5"',
    '{"a": "[2e7"}',
    "a: *x",
    "a: &x b\nc: *x",
    "a: [&x b, *x]",
    "a: '*x'\nb: 'c, **d**'",
    "a: :b",
    '{"a": "b\\bc"}',
    '{"a": "\\f"}',
    'a: "b\\bc"',
    'a: "\\e"',
    "a: 1e-7",
    '{"a": 1e-7}',
    "a: 1e16",
    '{"a": 1e16}',
    "a: 0.00001",
    "a: [-0.0000123]",
    '{"a": 0.00001}',
    "{'a': 0.00009}",
    "a: 0.0001",
    '\n{"a": 1}',
    "\n {'a': 1}",
    "{a: ?}",
    "{'a\n b': c}",
    "a: {b\n  c: d}",
    'a: [{"b\n\n c": d}]',
    "{a: |}",
    "a: [>b]",
    "{'\n a': b}",
    "{'a\n ': b}",
    '{"\\\n  a": b}',
    '{"a\\\n  b": c}',
    "{a\n b: 'a b'}",
    "a: {'b\n c': d, e: 'b c'}",
    "{'a\n b \"c\" d': e}",
    "{'-\n a': b, c: [ - a]}",
    "{'a\n b': [{a\n b: c}], d: 'a b a b'}",
    "{'a b': 'a\n b'}",
    "{a b: c, 'don''t do': d e}",
    "{" + "a" * 449 + " " * 99 + ": b}",
    "{a" + " " * 1100 + ": b}",
    "{'a'" + " " * 1100 + ": 'b'}",
    '{"a"' + " " * 1100 + ": 1}",
    "a: [b" + " " * 1100 + ": c]",
    '{"' + "\\/" * 600 + "\": 'b'}",
    "{'" + 'a"' * 600 + "': b}",
    "{'a'\n: 'b'}",
    "a: {'b'\n : c}",
    "a: b\uffff",
    "{'a': '\ufffe'}",
    '{"a": 18446744073709551615}',
    '{"a": 123456789012345678901234567890}',
    "a: 1.10",
    "a: -0",
    "a: -0.0",
    "a: 010",
    "a: 0o17",
    "a: +5",
    "a: 1_000",
    "a: 12:30",
    "a: NO",
    "a: .inf",
    "a: ~",
    "a: True",
    "a: 2022-08-01",
    "a: &- b",
    "a: &* b",
    "&- {a: b}",
    "a: ! 5",
    "a: !b c",
    "a: {!!str {}}",
    "a: {!!str []: b}",
    "{ !!map {}}",
    "<<: b",
    "a: |",
    "a: >",
    "a: |\n\n",
    "a: |+\n\nb: c",
    "a: |-\n  x\n  \n",
    "a: |+\n  x\n\n",
    "a: |\n  x\n  \n   ",
    "a: |1\n  x",
    "a: >\n  x\n   y\n  z\n",
    "a: >\n  x \n  \n  y\n",
    "a: x\n  y\n\n  z",
    "a: 'x \n \n y'",
    'a: "x\n  y\n\n  z"',
    'a: "x \\\n   y"',
    "a: [x\n y]",
    "a: b#c",
    "a: b #c",
    'a: "#"',
    "a: x\n# c\nb: y",
    "\ufeffa: b",
    "a: \u3000x",
    "a: x\u0085y",
    "a: x\u2028y",
    "a: b\tc",
    "a:\tb",
    "? a\n: b",
    "? [a]\n: b",
    "a: b: c",
    "a: - b",
    "a: {b}",
    "a: [b: c]",
    '{"a": "\\ud83d\\ude00"}',
    '{"a": "\\ud83d"}',
    '{"a": 1, "a": 1}',
    '{"a": "", "a": ""}',
    "a: b\na: b",
    '{"": 1}',
    '{"-": 1, "-": 1}',
    '{"a": NaN}',
    '{"a": 1,}',
    "{'a': 'b'}",
    "{'a': 'b',\n}",
    "{'a': ['b',\n  ],\n}",
    "{'a': 'it''s'}",
    "{'a': '', 'b': ''''}",
    "{'a': 'say \"b\"'}",
    "{'a': \"it's\", 'b': 'c'}",
    "{\"a': 'b\": 1}",
    "{\"a': 'b\"}",
    "{'a\": \"b': 1}",
    "{'a\": \"b'}",
    "{'a': 'b\\nc'}",
    "{\"a\\n': 'b\": 1}",
    "{'a': 'b,\n  }'}",
    "{'a': 'b\n  c'}",
    "{'a': \"b,\n ]\"}",
    "{'a': '-', 'a': '-'}",
    "{'-': '-', '-': '-'}",
    "{'a': 1.10, 'b': -0}",
    "{'a': b'c'}",
    "{'a': 'b' # 'c'\n}",
    "{'a': 'b'} 'c'",
    "{'a': NaN}",
    "{'a':'b'}",
    "{'a' : 'b' , }",
    "{'a': {'b': [1, true, null,\n  ],\n},}",
    "{'<<': {'a': 'b'}}",
    "{'a': '\\u0041'}",
    '{"a": "b \\"c\\"", \'d\': \'e\'}',
    "{'a': \"b\\\\\", 'c': 'd\"\\\\\", 'e\"'}",
    '{"a": "b\\\\\\"c", \'d\': \'e\\\\f\'}',
    '{\'a\\"b\': "c\\"d"}',
    "{'a': '\\', \"b\": \"c\"}",
    "{'a': '\\\\n', 'b': \"\\n\"}",
    '{"a": "\\x41", \'b\': "\\"\\e"}',
    '{"a": "b\\\n  c", \'d\': "\\""}',
    "{'a': 'b\ud7ff'}",
    "a:\n  - : x",
    ": : x",
    "- - - - - a",
    "\n  a: b\n- ",
    "\n  a: b\n''",
    "#\n  a: b\n- ",
    "---\n  a: b\n- ",
    "\n  a: \nnull",
    "{:: 0}",
    "{-: 0}",
    "{,\n}",
    "{'a': 'b' ,\n}",
    "{'a': ['b',,\n]}",
    '{"a": "b"}\n# x',
    "a: b\n--- \nc: d",
    "a: b\n...\n",
    "%YAML 1.1\n---\na: b",
    '\ta: "#"',
    "a: \u2029a",
    "a: \x7f5",
    "a: .in\n---\n",
    'a: "\\u0001"',
    "{}---\n",
    "{:1: 0}",
    '"": {:: 0}',
    "{'a : b\nb': 'c', 'd e': 'f'}",
    "a\\n: 1.10",
    "[1, 2],",
    "[1, 2]",
    "a",
    "",
    "{}",
    "a: " + "[" * 40 + "]" * 40,
    "a: " + "[" * 70 + "]" * 70,
]


@pytest.mark.parametrize("text", HARD)
def test_hard_texts_are_read_strictly(text: str) -> None:
    """Each text that parsers are known to differ on is read as the strict readers read it."""
    judge_front_matter(text)
    judge_front_matter(text + "\n")


@pytest.mark.parametrize(
    "text",
    [
        "a: b\nc: 1\nd: [e, {f: g}]\nh:\n- i: j\n  k: 'l: m'\nn: \"o\"\n",
        "a: b & c\nd: 'e | f'\ng: h > i!\nj: 'k?l &m'\n",
        '{"a": "b\\nc", "d e": [1, true, null, {"f": -1.5}]}',
        '\n {"a": 1}\n',
        "{a: b, c: [d, 'e'], f g: h}\n",
        "{'a b': 'c', 'd e': ['f', 'g',],\n}",
        '{"a": "b\'s", "c": "d",}',
        "{'a': \"b \\\"c\\\\\", 'd': 'e'}\n",
        '{"a": [' + "{}, " * 40 + "[]]}",
        "a: b\u00a0c\nd: 'e\n\n  f'\n",
    ],
)
def test_what_is_mostly_written_is_read_fast(text: str) -> None:
    """Each usual style, with signs of syntax inside of texts, needs no strict reader."""
    value, form, _ = strictly(text)
    assert fast.read(text) == (value, form)


CHARACTERS = st.sampled_from("ab01.-+:,#&*!|>'\"%@`{}[]?~=<_/\\ \n\té中\u3000eEnN")
TEXTS = st.text(CHARACTERS, max_size=12)
SCALARS = st.one_of(TEXTS, st.integers(), st.floats(allow_nan=False), st.booleans(), st.none())
TREES = st.dictionaries(
    TEXTS,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=3,
)


@settings(max_examples=200)
@given(
    TREES,
    st.sampled_from([None, "'", '"', "|", ">"]),
    st.sampled_from([True, False, None]),
    st.sampled_from([20, 80]),
)
def test_yaml_in_any_style_is_read_strictly(
    tree: dict[str, Any], style: str | None, flow: bool | None, width: int
) -> None:
    """Plain, quoted, literal and folded YAML in block and flow is read as the strict reader does."""
    judge_front_matter(
        yaml.safe_dump(
            tree, default_style=style, default_flow_style=flow, width=width, allow_unicode=True
        )
    )


@settings(max_examples=200)
@given(TREES, st.booleans(), st.sampled_from([None, 2]))
def test_json_in_any_style_is_read_strictly(
    tree: dict[str, Any], is_ascii: bool, indent: int | None
) -> None:
    """JSON with or without escapes is read as the strict reader does."""
    judge_front_matter(json.dumps(tree, ensure_ascii=is_ascii, indent=indent))


def flow(value: Any, quote: str, end: str) -> str:
    """A value in flow style as people write it: in one kind of quotes where it can be, a comma last."""
    if isinstance(value, dict):
        items = [
            f"{flow(key, quote, end)}: {flow(item, quote, end)}" for key, item in value.items()
        ]
        return "{" + "".join(f"{item},{end}" for item in items) + "}"
    if isinstance(value, list):
        return "[" + "".join(f"{flow(item, quote, end)},{end}" for item in value) + "]"
    if isinstance(value, str) and value.isprintable() and quote not in value:
        return f"{quote}{value}{quote}"
    return json.dumps(value, ensure_ascii=False)


@settings(max_examples=300)
@given(TREES, st.sampled_from("'\""), st.sampled_from(["", "\n", "\n  ", " "]))
def test_flow_style_in_either_quotes_is_read_strictly(
    tree: dict[str, Any], quote: str, end: str
) -> None:
    """Flow style whose texts stand in quotes, with commas behind the last items, is read strictly."""
    judge_front_matter(flow(tree, quote, end))


QUOTED = st.text(st.sampled_from("a'\",:{}[] \n\\0-#"), max_size=30)


@settings(max_examples=500)
@given(QUOTED)
def test_any_text_in_braces_is_read_strictly(text: str) -> None:
    """Whatever stands in braces, with quotes wherever they fall, what is fast changes nothing."""
    judge_front_matter("{" + text + "}")
    judge_front_matter("{'a': '" + text + "'}")


@settings(max_examples=500)
@given(
    st.lists(st.tuples(st.sampled_from(["", " ", "  ", "- ", "    "]), TEXTS, TEXTS), max_size=4)
)
def test_text_that_looks_like_yaml_is_read_strictly(lines: list[tuple[str, str, str]]) -> None:
    """Lines of keys and values, well-formed or not, are read as the strict reader does."""
    judge_front_matter("".join(f"{indent}{key}: {value}\n" for indent, key, value in lines))


@settings(max_examples=300)
@given(st.text(CHARACTERS, max_size=40))
def test_any_text_is_read_strictly(text: str) -> None:
    """Whatever stands in a record, what is fast changes nothing."""
    judge_front_matter(text)
