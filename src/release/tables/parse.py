"""Parse raw values and texts into typed Arrow columns: integers, numbers, booleans, dates, years."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from release.syntax.values import LEXICAL, FieldType, as_text, parse_number_or_date
from release.tables.columns import ARROW_TYPES, find_true


def from_values(values: Sequence[Any], kind: FieldType) -> tuple[pa.Array, list[int]]:
    """Convert values of records to a typed column; return it with the positions of values that do not fit.

    A value that does not fit is null, as is empty text. Text is parsed by the rules of the type; a number in
    a text column becomes the text that its author wrote.
    """
    target = ARROW_TYPES[kind]
    if kind == "string":
        try:
            return nullify_empty(pa.array(values, target)), []
        except (pa.ArrowTypeError, pa.ArrowInvalid):
            pass
    elif kind in ("integer", "number", "boolean"):
        try:
            array = pa.array(values)
            # pyarrow takes true for 1.0 if floats come before it
            if array.type == target and (kind != "number" or bool not in set(map(type, values))):
                return array, []
        except (pa.ArrowTypeError, pa.ArrowInvalid, OverflowError):
            pass
    texts = [as_text(value) for value in values]
    array, bad = from_text(pa.array(texts, pa.string()), kind)
    containers = [at for at, value in enumerate(values) if isinstance(value, (dict, list))]
    return array, sorted({*containers, *bad})


def from_text(array: pa.Array, kind: FieldType) -> tuple[pa.Array, list[int]]:
    """Convert a text column to a typed column, as `from_values` does."""
    array = nullify_empty(array)
    if kind == "string":
        return array, []
    fits = pc.match_substring_regex(array, LEXICAL[kind])
    bad = find_true(pc.invert(fits)).to_pylist()
    clean = pc.if_else(fits, array, pa.scalar(None, pa.string()))
    try:
        typed = clean.cast(ARROW_TYPES[kind])
        if kind != "number" or _is_exact(typed, clean):
            return typed, bad
    except pa.ArrowInvalid:
        pass
    converted = [
        None if text is None else parse_number_or_date(text, kind) for text in clean.to_pylist()
    ]
    bad += [
        at
        for at, text in enumerate(clean.to_pylist())
        if text is not None and converted[at] is None
    ]
    return pa.array(converted, ARROW_TYPES[kind]), sorted(bad)


def _is_exact(numbers: pa.Array, texts: pa.Array) -> bool:
    """Return whether the numbers have all digits of the texts that they were parsed from."""
    differs = pc.fill_null(pc.not_equal(numbers.cast(pa.string()), texts), False)
    return all(
        parse_number_or_date(text, "number") is not None
        for text in texts.filter(differs).to_pylist()
    )


def nullify_empty(array: pa.Array) -> pa.Array:
    """Return a text column with empty text as null: absent, null and empty all mean missing."""
    empty = pc.equal(array, "")
    if not pc.any(empty).as_py():
        return array
    return pc.if_else(empty, pa.scalar(None, array.type), array)
