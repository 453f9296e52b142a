"""Texts: the cells of a table that show nothing, or something else than their author wrote.

Data Package v2 has no such rules, so a release that breaks one is still valid: `verify` does not look for
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.expectations import describe_values
from release.descriptor.load import Field, Resource
from release.findings import shown
from release.syntax.looks.appearance import (
    HIDDEN,
    appearance,
    find_hidden,
    is_blank,
    name_character,
)
from release.syntax.looks.mojibake import repair, tails
from release.tables.validate import MOST, Violation, count_rest

#: Origins of fields that hold no text of an author.
_ABOUT_FILES = ("$path", "$sha256", "$bytes", "$format")

#: The bytes of a line end, and of the last control character or blank of ASCII.
_LINE_END, _BLANK = 0x0A, 0x20

#: The characters of a long text that are shown on each side of the one that is meant.
_AROUND = 24


def check_texts(table: pa.Table, resource: Resource) -> Iterator[Violation]:
    """Check the texts of a table; a field with a codelist holds codes, which its codelist has as texts."""
    for field in resource.fields:
        if field.type != "string" or field.codes is not None or field.origin in _ABOUT_FILES:
            continue
        column = table[field.name]
        found: dict[str, list[Violation]] = {}
        for row in _find_suspects(column, has_ends=field.origin != "$body"):
            text = column[row].as_py()
            if text is not None:
                for rule, message, offset in _check(text, field, resource):
                    violation = Violation(
                        rule, resource.name, row, field.name, message, offset=offset
                    )
                    found.setdefault(rule, []).append(violation)
        for rule, violations in found.items():
            yield from violations[:MOST]
            yield from count_rest(rule, resource, field.name, len(violations))


def _find_suspects(column: pa.ChunkedArray, *, has_ends: bool) -> list[int]:
    """Return the rows whose text may break a rule; of a column in ASCII those with blanks at an end."""
    rows: list[int] = []
    start = 0
    for chunk in column.chunks:
        suspect = _has_ascii_ends(chunk) if has_ends else np.zeros(len(chunk), bool)
        foreign = pc.fill_null(pc.invert(pc.string_is_ascii(chunk)), False).to_numpy(False)
        if foreign.any():
            at = np.flatnonzero(foreign)
            texts = chunk if len(at) == len(chunk) else chunk.take(pa.array(at))
            matched = pc.match_substring_regex(texts, _suspect())
            suspect[at] |= pc.fill_null(matched, False).to_numpy(False)
        rows += (np.flatnonzero(suspect) + start).tolist()
        start += len(chunk)
    return rows


def _has_ascii_ends(texts: pa.StringArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return for each text whether a blank of ASCII is at an end; a line end at the very end is none."""
    _, offsets, data = texts.buffers()
    if data is None or not data.size:
        return np.zeros(len(texts), bool)
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    values = np.frombuffer(data, np.uint8)
    begin, last = ends[:-1], ends[1:] - 1
    is_there = last >= begin
    first_sign = values[np.where(is_there, begin, 0)]
    last_sign = values[np.where(is_there, last, 0)]
    before_last = values[np.where(last > begin, last - 1, begin * is_there)]
    # YAML leaves a line end at the end of a block
    last_sign = np.where((last_sign == _LINE_END) & (last > begin), before_last, last_sign)
    is_blank_end = (last_sign <= _BLANK) & (last_sign != _LINE_END)
    found: np.ndarray[Any, np.dtype[np.bool_]] = ((first_sign <= _BLANK) | is_blank_end) & is_there
    return found


@cache
def _suspect() -> str:
    """Return the pattern, in RE2, of a text that may break a rule."""
    hidden = "".join(rf"\x{{{low:x}}}-\x{{{high:x}}}" for low, high in HIDDEN)
    tail = "".join(rf"\x{{{ord(sign):x}}}" for sign in tails())
    blank = r"[\s\pZ\x{85}]"
    return rf"[\x{{fffd}}{hidden}]|[\x{{c2}}-\x{{df}}\x{{e2}}-\x{{f4}}][{tail}]|^{blank}|{blank}$"


def _check(text: str, field: Field, resource: Resource) -> Iterator[tuple[str, str, int]]:
    """Yield rule, message and offset of each fault of a text."""
    name, limits = field.name, field.constraints
    if is_blank(text):
        yield from _check_blank(text, field, resource)
        return
    if (least := limits.get("minLength", 0)) and (visible := len(appearance(text))) < least <= len(
        text
    ):
        message = f"{name} is {shown(text)}, of which {visible} can be seen"
        yield f"{name}-minLength", f"{message}, expected at least {least} characters", 0
    if (at := text.find("\ufffd")) >= 0:
        message = f"{name} has U+FFFD in {_excerpt(text, at)}, where a character was lost"
        expected = "expected the text as it was before it was converted"
        yield f"{name}-replacement-character", f"{message}; {expected}", at
    if (meant := repair(text)) != text:
        at = next(
            at for at, (one, other) in enumerate(zip(text, meant, strict=False)) if one != other
        )
        message = f"{name} is {_excerpt(text, at)}, UTF-8 that was read in another encoding"
        yield f"{name}-mojibake", f"{message}; expected {_excerpt(meant, at)}", at
    hidden = list(find_hidden(text)) if meant == text else []
    if hidden:
        at = hidden[0]
        more = f" and {len(hidden) - 1} more" if len(hidden) > 1 else ""
        message = f"{name} has {name_character(text[at])}{more} in {_excerpt(text, at)}"
        yield (
            f"{name}-hidden-character",
            f"{message}, which nobody sees; expected text without it",
            at,
        )
    if field.origin != "$body":
        yield from _check_ends(text, name)


def _check_blank(text: str, field: Field, resource: Resource) -> Iterator[tuple[str, str, int]]:
    """Yield the fault of a text that shows nothing, which is no value."""
    name = field.name
    message = f"{name} is {shown(text)}, which shows nothing, expected"
    if name in resource.primary_key:
        expected = "a value in every field of the primary key"
        yield f"{resource.name}-primaryKey", f"{message} {expected}", 0
    elif field.constraints.get("required"):
        yield f"{name}-required", f"{message} {describe_values(field)}", 0
    elif least := field.constraints.get("minLength"):
        yield f"{name}-minLength", f"{message} at least {least} characters", 0
    elif field.origin != "$body":
        yield f"{name}-blank-ends", f"{message} text, or no value", 0


def _check_ends(text: str, name: str) -> Iterator[tuple[str, str, int]]:
    """Yield the faults of a text that begins or ends with a blank, or line end at its beginning."""
    whole = text.rstrip("\r\n")
    is_first, is_last = text[0].isspace(), whole[-1].isspace()
    if not (is_first or is_last):
        return
    ends = [
        f"{verb} {name_character(sign)}"
        for verb, sign, is_one in (
            ("begins with", text[0], is_first),
            ("ends with", whole[-1], is_last),
        )
        if is_one
    ]
    at = 0 if is_first else len(whole) - 1
    message = f"{name} is {_excerpt(text, at)}, which {' and '.join(ends)}"
    yield f"{name}-blank-ends", f"{message}; expected text without blanks at its ends", at


def _excerpt(text: str, at: int) -> str:
    """Return a text as messages show it; of a long one the part around an offset."""
    if len(text) <= 60:
        return shown(text)
    start, end = max(at - _AROUND, 0), at + _AROUND
    return shown(f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}")
