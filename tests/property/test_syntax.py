"""Reading YAML and JSON: no value is changed, and every mark points at its value."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from release.syntax.json import read_json
from release.syntax.paths import KeyPath
from release.syntax.text import (
    CONTROL,
    Locations,
    convert_number,
    find_control_characters,
    line_and_column,
)
from release.syntax.yaml import read_yaml, resolve_scalar

#: Text without what records may not hold: control characters, line breaks of YAML 1.1, surrogates.
CHARACTERS = st.characters(
    exclude_categories=["Cs", "Cc"],
    exclude_characters="\u2028\u2029\ufeff\ufffe\uffff",
    include_characters="\n\t",
)
#: Texts that YAML 1.1 and careless loaders take for something else.
LOOKALIKES = st.sampled_from(
    "NO no yes on off y n 010 0o17 0x1F 1_000 1.10 +5 -0 .5 5. 1e3 1E400 2022-08-01 12:30:45 null ~ "
    "true True FALSE .nan -.inf = << - ? : # ! & * | > % a:_b a_#b --- ... ' \" { ] 中国 😀".split()
) | st.sampled_from(["", " ", " x", "x ", "a: b", "a #b", "- a"])
TEXTS = st.one_of(LOOKALIKES, st.text(CHARACTERS, max_size=20))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0 if x else 0.0),
    TEXTS,
)
TREES = st.dictionaries(
    TEXTS,
    st.recursive(
        SCALARS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)
        ),
        max_leaves=12,
    ),
    max_size=4,
)


class Quoted(yaml.SafeDumper):
    """A dumper that quotes every text, so that none is taken for anything else."""

    def ignore_aliases(self, _: Any) -> bool:
        """Write every value out."""
        return True


def quoted(dumper: Quoted, text: str) -> yaml.ScalarNode:
    """Text in double quotes."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


def exact(dumper: Quoted, number: float) -> yaml.ScalarNode:
    """A number as Python writes it."""
    return dumper.represent_scalar("tag:yaml.org,2002:float", repr(number))


Quoted.add_representer(str, quoted)
Quoted.add_representer(float, exact)
# YAML 1.1 does not take 5e-324 for a number, and PyYAML would put a tag before it.
Quoted.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"-?[0-9.]+e[-+]?[0-9]+\Z"), list("-0123456789")
)


def dump(tree: Any, *, flow: bool = False) -> str:
    """A tree as YAML whose texts are all in quotes."""
    return yaml.dump(
        tree, Dumper=Quoted, allow_unicode=True, default_flow_style=flow, sort_keys=False
    )


def same(ours: Any, theirs: Any) -> bool:
    """Equal in value, type and order of keys."""
    if isinstance(theirs, dict):
        return (
            isinstance(ours, dict)
            and list(ours) == list(theirs)
            and all(same(ours[key], theirs[key]) for key in theirs)
        )
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return type(ours) is type(theirs) and ours == theirs


@settings(max_examples=60)
@given(TREES, st.booleans())
def test_yaml_is_read_as_it_was_written(tree: dict[str, Any], flow: bool) -> None:
    """ "Values keep what the author wrote", in block and in flow YAML."""
    value, faults = read_yaml(dump(tree, flow=flow))
    assert faults == []
    assert same(value, tree)


@settings(max_examples=60)
@given(TREES, st.booleans())
def test_json_is_read_as_it_was_written(tree: dict[str, Any], is_ascii: bool) -> None:
    """The same for JSON, with or without escapes and surrogate pairs."""
    value, faults = read_json(json.dumps(tree, ensure_ascii=is_ascii, indent=1))
    assert faults == []
    assert same(value, tree)


@settings(max_examples=60)
@given(TREES)
def test_yaml_and_json_of_one_tree_agree(tree: dict[str, Any]) -> None:
    """It does not matter what front matter is written in."""
    assert same(read_yaml(dump(tree))[0], read_json(json.dumps(tree))[0])


@settings(max_examples=60)
@given(TREES)
def test_json_without_surrogate_pairs_is_yaml(tree: dict[str, Any]) -> None:
    """Flow YAML in JSON's form gives the values that JSON gives."""
    text = json.dumps(tree, ensure_ascii=False)
    from_json, _ = read_json(text)
    from_yaml, faults = read_yaml(text)
    if not faults:  # YAML has rules of its own, such as the length of a key
        assert same(from_yaml, from_json)


@given(st.text("0123456789.+-eEx_ abNOnulltrue~", max_size=12))
def test_a_plain_scalar_is_a_number_only_if_it_is_written_so_again(text: str) -> None:
    """A number is one whose text is what Python writes for it; all else stays text."""
    value = resolve_scalar(text)
    if isinstance(value, bool) or value is None:
        assert text in ("true", "false", "", "~", "null", "Null", "NULL")
    elif isinstance(value, int | float):
        assert str(value) == text
    else:
        assert value == text


@given(st.integers(-(10**30), 10**30))
def test_every_integer_is_read_as_one(number: int) -> None:
    """A whole number in its plain form is a number, however large."""
    assert resolve_scalar(str(number)) == number
    assert type(resolve_scalar(str(number))) is int


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_back_exactly(number: float) -> None:
    """The shortest text of a number gives the same number."""
    assert convert_number(repr(number)) == number


def leaves(tree: Any, place: KeyPath = ()) -> list[tuple[KeyPath, Any]]:
    """The scalars of a tree and their places."""
    if isinstance(tree, dict):
        return [leaf for key, item in tree.items() for leaf in leaves(item, (*place, key))]
    if isinstance(tree, list):
        return [leaf for at, item in enumerate(tree) for leaf in leaves(item, (*place, at))]
    return [(place, tree)]


def at(text: str, line: int, column: int) -> str:
    """What stands at a line and column, both from 0."""
    return text.split("\n", line)[line][column:]


def begins(there: str, value: Any) -> bool:
    """Whether a scalar, as YAML or JSON write it, begins a text."""
    if isinstance(value, str):
        if not there.startswith('"'):
            return False
        plain = value.split("\n")[0][:1]
        return there[1:2] in (plain, "\\", '"') or not plain.isascii()
    written = "null" if value is None else str(value).lower()
    return there.startswith(written)


@settings(max_examples=60)
@given(TREES, st.booleans())
def test_marks_of_yaml_point_at_values_and_keys(tree: dict[str, Any], flow: bool) -> None:
    """ "Line and column point at the value in the file, for nested values"; keys have theirs."""
    text = dump(tree, flow=flow)
    marks: Locations = {}
    read_yaml(text, marks)
    for place, value in leaves(tree):
        if not place or value in ({}, []):
            continue
        mark = marks[place]
        assert begins(at(text, mark.line, mark.column), value), (place, text)
        if isinstance(place[-1], str) and place[-1].isalnum() and place[-1].isascii():
            key = at(text, mark.key_line, mark.key_column)
            assert key.startswith((f'"{place[-1]}"', f'? "{place[-1]}'))


@settings(max_examples=60)
@given(TREES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_marks_of_json_point_at_values_and_keys(
    tree: dict[str, Any], indent: int | str | None, is_ascii: bool
) -> None:
    """ "…and in JSON front matter too\"": the text at a mark is the value, as JSON writes it."""
    text = json.dumps(tree, indent=indent, ensure_ascii=is_ascii)
    marks: Locations = {}
    read_json(text, marks)
    for place, value in leaves(tree):
        if place:
            mark = marks[place]
            written = json.dumps(value, ensure_ascii=is_ascii)
            assert at(text, mark.line, mark.column).startswith(written)
            if isinstance(place[-1], str):
                key = json.dumps(place[-1], ensure_ascii=is_ascii)
                assert at(text, mark.key_line, mark.key_column).startswith(key)


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever text comes in, reading gives a value or faults with a place, never an exception."""
    for read in (read_yaml, read_json):
        value, faults = read(text)
        assert value is None or isinstance(value, dict | list | str | int | float)
        for fault in faults:
            assert 0 <= fault.line <= text.count("\n") + 1
            assert fault.column >= 0


class Looked(str):
    """A text that counts how many of its characters were looked at for line ends."""

    looked = 0

    def count(self, *asked: Any) -> int:
        """As that of text."""
        self.looked += len(range(*asked[1:]))
        return super().count(*asked)


@given(st.text(st.sampled_from("a\n\0\x1f"), max_size=40))
def test_control_characters_are_placed_in_one_look_at_a_text(text: str) -> None:
    """A file of nothing but NUL, as a lost disk leaves one, takes no time that grows with its square."""
    looked = Looked(text)
    places = [(fault.line, fault.column) for fault in find_control_characters(looked, CONTROL)]
    assert places == [line_and_column(text, match.start()) for match in CONTROL.finditer(text)]
    assert looked.looked <= len(text)
