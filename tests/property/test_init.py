"""A descriptor made by `init` from any folder gives a release, and its tables hold every leaf once."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from release.build.outcome import Outcome
from release.descriptor.model import Resource
from release.syntax.paths import BelowEntry
from release.syntax.paths import Path as RecordPath
from tests.support import kit

#: Keys as people have them, and some that need quotes, or differ in case only.
KEYS = st.sampled_from(
    [
        "a",
        "b",
        "c",
        "id",
        "name",
        "Date Published",
        "名称",
        "a.b",
        "{x}",
        "A",
        "position",
        "text",
        "0",
    ]
)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.sampled_from([1.5, -0.25, 1e21]),
    st.sampled_from(
        ["", "x", "y", "007", "1.50", "2024-02-29", "2024-02-30", "true", "long " * 50 + "."]
    ),
)

VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)

RECORDS = st.dictionaries(KEYS, VALUES, max_size=5)

FOLDERS = st.dictionaries(
    st.sampled_from(["one", "two", "three", "four/five", "six.en", "six.de"]),
    RECORDS,
    min_size=1,
    max_size=5,
)


@settings(max_examples=25)
@given(FOLDERS)
def test_every_leaf_is_in_a_table(records: dict[str, dict[str, Any]]) -> None:
    """Whatever the records hold: `init` writes a descriptor without errors, and no leaf is lost."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "notes"
        for path, values in records.items():
            file = root / f"{path}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values), "utf-8")
        code, out, err = kit.run("init", str(root))
        assert (code, err) == (0, ""), out
        outcome = kit.check(root)
        assert [str(each) for each in outcome.findings if each.severity == "error"] == []
        expected = Counter(plain(leaf) for values in records.values() for leaf in leaves(values))
        found = Counter(cells(outcome))
        differences = expected - found, found - expected
        assert differences == (Counter(), Counter()), f"{differences}\n{out}"


def leaves(value: Any) -> Iterator[Any]:
    """Yield each leaf that is not missing."""
    if isinstance(value, dict | list):
        for below in value.values() if isinstance(value, dict) else value:
            yield from leaves(below)
    elif value not in (None, ""):
        yield value


def cells(outcome: Outcome) -> Iterator[str]:
    """Yield each cell that a value of a record is in, but for what a table repeats of another."""
    for resource in outcome.content.descriptor.resources:
        if resource.is_curated:
            continue
        table = outcome.content.tables[resource.name]
        for field in resource.fields:
            if is_own(resource, field.origin):
                yield from (
                    plain(cell) for cell in table.column(field.name).to_pylist() if cell is not None
                )


def is_own(resource: Resource, origin: RecordPath | object) -> bool:
    """Return True if the values of a field are not those of the record's key."""
    if origin == "$value" or isinstance(origin, BelowEntry):
        return True
    rows = resource.rows[0].path
    return isinstance(origin, tuple) and origin[: len(rows)] == rows


def plain(value: Any) -> str:
    """Return a value as text, a number as the shortest one."""
    text = "true" if value is True else "false" if value is False else str(value)
    try:
        return str(Decimal(text).normalize())
    except InvalidOperation:
        return text
