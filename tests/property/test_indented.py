"""JSON that is written fast is, to the byte, what json.dumps writes."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from release import indented

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=9) | st.sampled_from(
    ["1e5", ": 1e5", ": null", "\n  1e-7,\n", "\x00\x1f\x7f\u2028\ud7ff\\/\"'\t", "漢😀é"]
)
NUMBERS = st.integers() | st.floats() | st.sampled_from([1e16, 1e-5, -0.0, 1e22, 5e-324, 2**63])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(TEXTS, values, max_size=3),
    max_leaves=9,
)


def expected(value: Any) -> bytes:
    """What json writes."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


@given(VALUES)
@example({"a": [], "b": {}, "c": [{}], "d": ("e",), "f": [1e16]})
@example({1: 2, None: 3, False: 4})
@example(math.nan)
@example([-math.inf])
@example(10**400)
def test_a_value_is_written_as_json_writes_it(value: Any) -> None:
    """Texts with any character, numbers of any size, keys that are no text."""
    assert indented.dumped(value) == expected(value)


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes"])
def test_what_json_cannot_write_is_refused(value: object) -> None:
    """As json does."""
    with pytest.raises(TypeError, match="is not JSON serializable"):
        indented.dumped({"a": value})
