"""Parse raw values and texts into typed Arrow columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from release.syntax.types.parse import parse
from release.syntax.types.registry import PLAIN_TEXTS
from release.syntax.types.structures import convert
from release.syntax.types.value_type import ValueType, of
from release.syntax.types.values import as_text
from release.tables.columns import arrow_type, find_true


def from_values(values: Sequence[Any], kind: ValueType) -> tuple[pa.Array, list[int]]:
    """Convert values of records to a typed column; return it with the positions of values that do not fit.

    A value that does not fit is null, as is empty text, or text that means a missing value. Text is parsed by
    the rules of the type; a number in a text column becomes the text that its author wrote.
    """
    if kind == of(kind.name) and (array := _from_plain_values(values, kind)) is not None:
        return array, []
    if kind.facts.is_json:
        return _from_structures(values, kind)
    texts = [as_text(value) for value in values]
    unfit = [at for at, value in enumerate(values) if isinstance(value, (dict, list))]
    if not kind.notation.is_plain_number:
        unfit += _write_numbers(values, texts, kind)
    elif kind.name == "boolean" and not kind.notation.is_plain:
        _write_booleans(values, texts, kind)
    array, bad = from_text(pa.array(texts, pa.string()), kind)
    return array, sorted({*unfit, *bad})


def _from_plain_values(values: Sequence[Any], kind: ValueType) -> pa.Array | None:
    """Return values that are of a type already as a column; None if not all are."""
    target = arrow_type(kind)
    try:
        if kind.name == "string":
            return nullify_empty(pa.array(values, target))
        if kind.name in ("integer", "number", "boolean"):
            array = pa.array(values)
            # pyarrow takes true for 1.0 if floats come before it
            if array.type == target and (
                kind.name != "number" or bool not in set(map(type, values))
            ):
                return array
    except (pa.ArrowTypeError, pa.ArrowInvalid, OverflowError):
        pass
    return None


def _from_structures(values: Sequence[Any], kind: ValueType) -> tuple[pa.Array, list[int]]:
    """Convert values of which some may be mappings and lists to the texts that a release has of them."""
    found: list[str | None] = []
    unfit = []
    for at, value in enumerate(values):
        text = as_text(value)
        if isinstance(value, (dict, list)):
            found.append(convert(value, kind))
        else:
            found.append(parse(text, kind) if text else None)
        is_missing = value is None or text == "" or text in kind.notation.missing
        if found[-1] is None and not is_missing:
            unfit.append(at)
    return pa.array(found, pa.string()), unfit


def _write_booleans(values: Sequence[Any], texts: list[str | None], kind: ValueType) -> None:
    """Write those values that are true or false in a field's notation, in `texts`."""
    for at, value in enumerate(values):
        if value is True or value is False:
            texts[at] = (kind.notation.true if value else kind.notation.false)[0]


def _write_numbers(values: Sequence[Any], texts: list[str | None], kind: ValueType) -> list[int]:
    """Write those values that are numbers in a field's notation, in `texts`.

    Returns:
        The positions of numbers that mean something else in that notation: 1.234 with `.` between groups.
    """
    unfit = []
    for at, value in enumerate(values):
        text = texts[at]
        if type(value) not in (int, float) or text is None or text in kind.notation.missing:
            continue
        if parse(text, kind) not in (None, parse(text, kind.plain)):
            unfit.append(at)
            texts[at] = None
        else:
            texts[at] = text.replace(".", kind.notation.decimal_char)
    return unfit


def from_text(array: pa.Array, kind: ValueType) -> tuple[pa.Array, list[int]]:
    """Convert a text column to a typed column, as `from_values` does."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    array = nullify_empty(array)
    if kind.notation.missing:
        array = _nullify(array, kind.notation.missing)
    if kind.form == "string":
        return array, []
    pattern = PLAIN_TEXTS.get(kind.form)
    if pattern is None or not kind.notation.is_plain:
        return _parse_each(array, kind)
    return _cast(array, kind, pattern)


def _cast(array: pa.Array, kind: ValueType, pattern: str) -> tuple[pa.Array, list[int]]:
    """Convert the texts that match a pattern by Arrow, and the others, which are few, one by one."""
    fits = pc.match_substring_regex(array, pattern)
    clean = pc.if_else(fits, array, pa.scalar(None, pa.string()))
    try:
        typed = clean.cast(arrow_type(kind))
    except pa.ArrowInvalid:
        return _parse_each(array, kind)
    if kind.name == "number" and not _is_exact(typed, clean, kind):
        return _parse_each(array, kind)
    odd = pc.fill_null(pc.invert(fits), False)
    positions = find_true(odd).to_pylist()
    if not positions:
        return typed, []
    values, bad = _parse_each(array.filter(odd), kind)
    return pc.replace_with_mask(typed, odd, values), [positions[at] for at in bad]


def _is_exact(numbers: pa.Array, texts: pa.Array, kind: ValueType) -> bool:
    """Return whether the numbers have all digits of the texts that they were parsed from."""
    differs = pc.fill_null(pc.not_equal(numbers.cast(pa.string()), texts), False)
    return all(parse(text, kind) is not None for text in texts.filter(differs).to_pylist())


def _parse_each(array: pa.Array, kind: ValueType) -> tuple[pa.Array, list[int]]:
    """Parse each text of a column once; return the column, and the positions of texts that do not fit."""
    encoded = array.dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    values = [None if text is None else parse(text, kind) for text in texts]
    typed = pa.array(values, arrow_type(kind)).take(encoded.indices)
    unfit = pc.and_(pc.is_valid(array), pc.is_null(typed))
    return typed, find_true(unfit).to_pylist()


def _nullify(array: pa.Array, missing: frozenset[str]) -> pa.Array:
    """Return a text column with the texts that mean a missing value as null."""
    is_missing = pc.is_in(array, pa.array(sorted(missing), pa.string()))
    return pc.if_else(is_missing, pa.scalar(None, array.type), array)


def nullify_empty(array: pa.Array) -> pa.Array:
    """Return a text column with empty text as null: absent, null and empty all mean missing."""
    empty = pc.equal(array, "")
    if not pc.any(empty).as_py():
        return array
    return pc.if_else(empty, pa.scalar(None, array.type), array)
