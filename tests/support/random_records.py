"""Random records of things in two languages, for properties of the whole pipeline."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from tests.support.descriptors import FINDINGS

DESCRIPTOR = (
    """\
name: things
version: 0.1.0
created: '2026-01-31T00:00:00Z'
severity: {unmapped-path: warning, type: warning}
records:
  things:
    path: things/{language}/{thing}.md
    prefer: {language: [en, zh]}
    ignore:
      - {path: draft, reason: not for readers}
      - {path: "nested.{any}.note", reason: not for readers}
resources:
  - name: things
    rows: things
    schema:
      primaryKey: [thing]
      fields:
        - {name: thing, type: string, from: "{thing}"}
        - {name: title, type: string, from: title}
        - {name: year, type: integer, from: year}
  - name: entries
    rows: "things/nested.{entry}"
    compare: {across: language, fields: [value]}
    schema:
      primaryKey: [thing, language, entry]
      fields:
        - {name: thing, type: string, from: "{thing}"}
        - {name: language, type: string, from: "{language}"}
        - {name: entry, type: string, from: "{entry}"}
        - {name: value, type: number, from: "nested.{entry}.value"}
  - name: tags
    rows: "things/tags.{position}"
    schema:
      primaryKey: [thing, language, position]
      fields:
        - {name: thing, type: string, from: "{thing}"}
        - {name: language, type: string, from: "{language}"}
        - {name: position, type: integer, from: "{position}"}
        - {name: tag, type: string, from: $value}
"""
    + FINDINGS
)

TEXTS = st.text("abc é中\"':#-{}[]", max_size=6)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 99), st.integers(-36, 99).map(lambda n: n / 4), TEXTS
)
KEYS = st.one_of(
    st.sampled_from(["title", "year", "tags", "nested", "draft", "value", "note", "other", "0"]),
    st.text("ab.{}中", min_size=1, max_size=3),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=8,
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "title": TREES,
        "year": TREES,
        "tags": st.one_of(st.lists(TREES, max_size=3), TREES),
        "nested": st.one_of(
            st.dictionaries(
                KEYS, st.dictionaries(st.sampled_from(["value", "note", "x"]), SCALARS)
            ),
            TREES,
        ),
        "draft": TREES,
        "other": TREES,
    },
)
PLACES = st.tuples(st.sampled_from(["en", "zh"]), st.sampled_from(["a", "b", "c-d", "z"]))
DATASETS = st.dictionaries(PLACES, RECORDS, min_size=1, max_size=5)

Records = dict[tuple[str, str], dict[str, Any]]


def written(values: dict[str, Any], *, as_json: bool) -> str:
    """A record without a body."""
    text = (
        json.dumps(values)
        if as_json
        else yaml.safe_dump(values, allow_unicode=True, sort_keys=False)
    )
    return f"---\n{text.rstrip()}\n---\n"


@contextmanager
def dataset(records: Records, *, as_json: bool = True, seed: int = 0) -> Iterator[Path]:
    """The records in a folder of their own, created in an order that `seed` decides."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "datapackage.yaml").write_text(DESCRIPTOR)
        places = sorted(records)
        random.Random(seed).shuffle(places)
        for language, thing in places:
            path = folder / f"things/{language}/{thing}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            text = written(records[language, thing], as_json=as_json)
            path.write_text(text, encoding="utf-8")
        yield folder
