"""Raw values -> a column in the field's type, and the values that do not fit it."""

from __future__ import annotations

import re
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

#: The characters that are shown on each side of the first difference, and more up to the ends of words.
_NEAR = 15

#: The most characters of a word that stands in the place of another one.
_LONGEST_WORD = 40


def _compare_quote(text: str, body: str) -> str:
    """Return where a body differs from a quote whose beginning or end it has; empty if it has neither."""
    sizes = range(len(text) + 1)
    first = bisect_right(sizes, False, key=lambda size: text[:size] not in body) - 1
    last = bisect_right(sizes, False, key=lambda size: text[len(text) - size :] not in body) - 1
    if max(first, last) < _LEAST_ALIKE:
        return ""
    if (words := _find_other_word(text, body, first, last)) is not None:
        return f"; the body says {shown(words[0])} where the quote says {shown(words[1])}"
    if first >= last:
        at, there = first, body.index(text[:first]) + first
    else:
        at, there = len(text) - last, body.index(text[len(text) - last :])
    found, quoted = (
        shown(
            each[
                _begin_of_word(each, max(0, place - _NEAR)) : _end_of_word(each, place + _NEAR)
            ].strip()
        )
        for each, place in ((body, there), (text, at))
    )
    return f"; the body has {found} where the quote has {quoted}"


def _find_other_word(text: str, body: str, first: int, last: int) -> tuple[str, str] | None:
    """Return the one word of a body that differs from a quote, and that of the quote; None if more does.

    `first` and `last` are the sizes of the beginning and of the end of the quote that the body has.
    """
    begin, end = _begin_of_word(text, first), _end_of_word(text, len(text) - last)
    word = text[begin:end]
    if not 0 < len(word) <= _LONGEST_WORD or word.split() != [word]:
        return None
    around = re.escape(text[:begin]), re.escape(text[end:])
    found = re.search(rf"{around[0]}(\S{{1,{_LONGEST_WORD}}}){around[1]}", body)
    return (found[1], word) if found is not None else None


#: The first sign of the scripts that put no blanks between words.
_CJK = "\u2e80"


def _begin_of_word(text: str, at: int) -> int:
    """Return where the word begins that a place is in; each sign of Chinese or Japanese is a word."""
    while 0 < at <= len(text) and not text[at - 1].isspace() and text[at - 1] < _CJK:
        at -= 1
    return at


def _end_of_word(text: str, at: int) -> int:
    """Return where the word ends that a place is in."""
    while 0 < at < len(text) and not text[at].isspace() and text[at] < _CJK:
        at += 1
    return min(at, len(text))


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
        ways = "" if is_within else "; write that in the file, or rename the file"
        message = f"{what} is {own}, expected {wanted} as in {place}{ways}"
        misfits.append(Misfit(at, "capture-disagrees", message))
    return misfits
