"""Raw values -> a column in the field's type, and the values that do not fit it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.schema.expectations import describe_misfit
from release.findings.message import named, shown
from release.records.codelists import Lookup
from release.records.reader import Record
from release.records.shapes.columns import RawColumn, UnlocatedText
from release.syntax.looks.appearance import appearance, shape
from release.syntax.looks.contrast import tell_apart
from release.syntax.paths import Template, show_path, single_origins
from release.tables.columns import arrow_type, value_at
from release.tables.parse import from_values
from release.tables.texts import write_texts

#: Rules whose misfits leave the cell empty.
EMPTYING = ("type", "code")


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that does not fit its field: its position in the column, the rule's family, the message."""

    at: int
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class RawValues:
    """The values of a column as the records have them.

    `record_of` has, for each value, the position of its record in `records`.
    """

    column: RawColumn
    values: Sequence[Any]
    records: Sequence[Record]
    record_of: np.ndarray[Any, Any]


def convert(raw: RawValues, lookups: Mapping[str, Lookup]) -> tuple[pa.Array, list[Misfit]]:
    """Convert values to the field's type, text to the codes of its codelist; null where one does not fit.

    A field whose codelist is not among `lookups`, by the name of its table, keeps its text. If `code` is
    lowered for it, it keeps texts that are no code.
    """
    column = raw.column
    field = column.field
    if field.locate is not None:
        return _convert_offsets(raw)
    array, bad = from_values(raw.values, field.values)
    misfits = [Misfit(at, "type", describe_misfit(raw.values[at], field)) for at in bad]
    if field.codes is not None and field.codes in lookups:
        array, faults = _convert_codes(raw, array, lookups[field.codes])
        misfits += faults
    if raw.records and column.per == "record":
        misfits += _compare_captures(raw, array)
    return array, misfits


def _convert_offsets(raw: RawValues) -> tuple[pa.Array, list[Misfit]]:
    """Return the offsets of a field with `locate`; a text that is not in the body is a misfit."""
    offsets = [None if isinstance(value, UnlocatedText) else value for value in raw.values]
    misfits = [
        Misfit(
            at, "quote-not-found", _report_quote(value.text, raw.records[raw.record_of[at]].body)
        )
        for at, value in enumerate(raw.values)
        if isinstance(value, UnlocatedText)
    ]
    return pa.array(offsets, arrow_type(raw.column.field.values)), misfits


def _report_quote(text: str, body: str) -> str:
    """Return the message on a text that does not stand in a body."""
    message = f"{shown(text)} does not stand in the record's body, expected it word for word"
    for fold in (appearance, shape):
        if fold(text) in _fold(fold, body):
            return f"{message}; the body has a text that looks the same, with other blanks, accents or signs"
    return f"{message}{_compare_quote(text, body)}"


#: So many characters of a quote must stand in a body for the place to be the one that is meant.
_LEAST_ALIKE = 10

#: The characters that are shown on each side of the first difference.
_NEAR = 15


def _compare_quote(text: str, body: str) -> str:
    """Return where a body differs from a quote whose beginning or end it has; empty if it has neither."""
    sizes = range(len(text) + 1)
    first = bisect_right(sizes, False, key=lambda size: text[:size] not in body) - 1
    last = bisect_right(sizes, False, key=lambda size: text[len(text) - size :] not in body) - 1
    if max(first, last) < _LEAST_ALIKE:
        return ""
    if first >= last:
        at, there = first, body.index(text[:first]) + first
    else:
        at, there = len(text) - last, body.index(text[len(text) - last :])
    found, quoted = (
        shown(each[max(0, place - _NEAR) : place + _NEAR])
        for each, place in ((body, there), (text, at))
    )
    return f"; the body has {found} where the quote has {quoted}"


@lru_cache(maxsize=4)
def _fold(fold: Callable[[str], str], body: str) -> str:
    """Return a folded body; of one record many texts may be sought."""
    return fold(body)


def _convert_codes(
    raw: RawValues, array: pa.Array, lookup: Lookup
) -> tuple[pa.Array, list[Misfit]]:
    """Convert codes, labels and aliases to codes."""
    name, keeps_unknown = raw.column.field.name, raw.column.field.keeps_unknown
    encoded = array.dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    codes = [lookup.codes.get(text) for text in texts]
    misfits = []
    for number, text in enumerate(texts):
        if codes[number] is None:
            message = lookup.refuse(text, name)
            misfits += [Misfit(at, "code", message) for at in _find_number(encoded.indices, number)]
            codes[number] = text if keeps_unknown else None
        elif text in lookup.languages:
            positions = _find_number(encoded.indices, number)
            misfits += _find_foreign_labels(raw, text, positions, lookup)
    return pa.array(codes, pa.string()).take(encoded.indices), misfits


def _find_number(indices: pa.Array, number: int) -> list[int]:
    """Return the positions at which a number stands."""
    equal = pc.fill_null(pc.equal(indices, number), False)
    return [int(at) for at in pc.indices_nonzero(equal).to_pylist()]


def _find_foreign_labels(
    raw: RawValues, text: str, positions: Sequence[int], lookup: Lookup
) -> Iterator[Misfit]:
    """Find a label of one language in records of another."""
    languages = lookup.languages[text]
    for at in positions:
        captures = raw.records[raw.record_of[at]].source.captures
        language = captures.get(lookup.capture)
        if language is None or language in languages:
            continue
        own = lookup.labels.get((lookup.codes[text], language))
        wanted = f"the {language} label {shown(own)}" if own else f"its code {lookup.codes[text]}"
        message = (
            f"{named(raw.column.field.name)} is {shown(text)}, a label in "
            f"{' and '.join(sorted(languages))}, expected {wanted} in a record in {language}"
        )
        yield Misfit(at, "label-language", message)


def _compare_captures(raw: RawValues, array: pa.Array) -> list[Misfit]:
    """Compare values read from the records with the capture of the same name in the files' paths."""
    field = raw.column.field
    paths = [each for each in single_origins(field.origin) if isinstance(each, tuple)]
    if (
        not paths
        or isinstance(field.origin, Template)
        or field.name not in raw.records[0].source.captures
    ):
        return []
    is_within = field.name in raw.records[0].source.within
    captured = pa.array([record.source.captures[field.name] for record in raw.records])
    differs = pc.fill_null(pc.not_equal(write_texts(array, field.values), captured), False)
    misfits = []
    for at in pc.indices_nonzero(differs).to_pylist():
        own, wanted = tell_apart(value_at(array, at), captured[at].as_py())
        place = "its place in the file" if is_within else "the file's path"
        what = show_path(paths[0]) if len(paths) == 1 else field.name
        message = f"{what} is {own}, expected {wanted} as in {place}"
        misfits.append(Misfit(at, "capture-disagrees", message))
    return misfits
