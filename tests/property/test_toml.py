"""TOML is read as YAML and JSON are: the same values, each at its location, in every style."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from release.syntax.formats.toml import read_toml
from release.syntax.json import read_json
from release.syntax.paths import KeyPath
from release.syntax.text import Locations

KEYS = st.sampled_from(["a", "b-c", "1", "d e", 'f"g', "é", ""])
LEAVES = st.sampled_from([int, str, float, bool])
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


def fill(tree: Any, numbers: Iterator[int]) -> Any:
    """A tree whose leaves are values, no two of which are equal but booleans."""
    if isinstance(tree, dict):
        return {key: fill(each, numbers) for key, each in tree.items()}
    if isinstance(tree, list):
        return [fill(each, numbers) for each in tree]
    number = next(numbers)
    values = {int: number, str: f't # {number} " = é', float: number + 0.25, bool: number % 2 == 1}
    return values[tree]


def key(text: str) -> str:
    """A key as TOML has it."""
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else json.dumps(text)


def inline(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key(k)} = {inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value)


def write(tree: dict[str, Any], style: str, above: tuple[str, ...] = ()) -> str:
    """A mapping in one of the styles of TOML."""
    lines, below = [], []
    for name, value in tree.items():
        path = (*above, key(name))
        is_tables = isinstance(value, list) and value and all(isinstance(v, dict) for v in value)
        if style == "tables" and isinstance(value, dict):
            below.append(f"[{'.'.join(path)}] # a table\n" + write(value, style, path))
        elif style == "tables" and is_tables:
            below += [f"[[ {' . '.join(path)} ]]\n" + write(v, style, path) for v in value]
        elif style == "dotted" and isinstance(value, dict) and value:
            lines.append(write(value, style, path).rstrip("\n"))
        else:
            written = inline(value)
            if style == "spread":
                written = written.replace("[", "[\n  # c ]\n")
            left = ".".join(path) if style == "dotted" else path[-1]
            lines.append(f"{left} = {written}  # behind")
    return "".join(f"{line}\n" for line in lines) + "".join(below)


def leaves(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Each leaf with its key path."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, (*path, name))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from leaves(each, (*path, at))
    else:
        yield path, value


@settings(max_examples=300)
@given(TREES, st.sampled_from(["inline", "tables", "dotted", "spread"]))
def test_toml_is_read_as_json_is_with_each_value_at_its_location(
    tree: dict[str, Any], style: str
) -> None:
    """The values are those of the same tree in JSON, and at each location stands that leaf."""
    value = fill(tree, count(1000))
    text = write(value, style)
    places: Locations = {}
    assert read_toml(text, places) == (value, [])
    assert read_json(json.dumps(value))[0] == value
    lines = text.split("\n")
    for path, leaf in leaves(value):
        at = places[path]
        assert lines[at.line][at.column :].startswith(json.dumps(leaf)), (path, text)
        if isinstance(path[-1], str):
            assert lines[at.key_line][at.key_column :].startswith(key(path[-1])), (path, text)
