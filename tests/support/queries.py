"""A small dataset for queries: notes and their tags, some of which are alike."""

from __future__ import annotations

import random
from datetime import date

import pyarrow as pa

from tests.support.datasets import NOTE, describe, table
from tests.support.descriptors import FINDINGS

_EACH = (NOTE, 'language, from: "{language}"')

#: The descriptor, to which checks are added.
BASE = describe(
    table(
        "notes",
        *_EACH,
        "title",
        "seen, type: date",
        "stars, type: integer",
        "score, type: number",
        "hot, type: boolean",
        key="note, language",
    ),
    table(
        "tags",
        *_EACH,
        'n, type: integer, from: "{n}"',
        'tag, from: "notes/tags.{n}"',
        of="notes/tags.{n}",
        key="note, language, n",
    ),
    FINDINGS,
    path="records/{language}/{note}.md",
)

NOTES = {
    "note": ["a", "a", "b", "c", "d"],
    "language": ["de", "en", "en", "en", "en"],
    "title": ["Regen", "Rain", "Rain", None, "Sun, wind"],
    "seen": [date(2026, 1, 2), date(2026, 1, 2), date(2025, 6, 30), None, date(2026, 1, 2)],
    "stars": [3, 3, 5, 5, None],
    "score": [0.5, 0.25, 0.5, None, 8.0],
    "hot": [True, True, False, None, False],
}
TAGS = {
    "note": ["a", "a", "a", "b", "d"],
    "language": ["de", "en", "en", "en", "en"],
    "n": [1, 1, 2, 1, 1],
    "tag": ["nass", "wet", "cold", "wet", "dry"],
}


def tables(seed: int = 0) -> dict[str, pa.Table]:
    """The tables, with their rows in an order by a seed."""
    shuffled = random.Random(seed).sample
    return {
        name: (table := pa.table(columns)).take(shuffled(range(table.num_rows), table.num_rows))
        for name, columns in (("notes", NOTES), ("tags", TAGS))
    }
