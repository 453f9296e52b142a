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

from release.build.looks.signs import bytes_of, offsets_of
from release.descriptor.model import Field, Resource
from release.descriptor.schema.expectations import describe_values
from release.findings.message import named, shown
from release.syntax.looks.appearance import (
    HIDDEN,
    appearance,
    find_hidden,
    is_blank,
    name_character,
)
from release.syntax.looks.mojibake import repair, tails
from release.tables.validate import MOST, Violation, count_rest

#: The rules about a text alone.
ABOUT_TEXTS = frozenset(("replacement-character", "mojibake", "hidden-character", "blank-ends"))

#: Origins of fields that hold no text of an author.
_ABOUT_FILES = ("$path", "$sha256", "$bytes", "$format")

#: The bytes of a line end, and of the last control character or blank of ASCII.
_LINE_END, _BLANK = 0x0A, 0x20

#: The characters of a long text that are shown on each side of the one that is meant.
_AROUND = 24


def check_texts(table: pa.Table, resource: Resource) -> Iterator[Violation]:
    """Check the texts of a table.

    Fields are left out that hold what another table has, where it is looked at: codes, and foreign keys.
    """
    elsewhere = {name for key in resource.foreign_keys for name in key.fields}
    for field in resource.fields:
        if field.type != "string" or field.codes is not None or field.origin in _ABOUT_FILES:
            continue
        if field.name in elsewhere:
            continue
        column = table[field.name]
        found: dict[str, list[Violation]] = {}
        for row in _find_suspects(column, field, resource):
            text = column[row].as_py()
            for rule, message, offset in _check(text, field, resource) if text else ():
                found.setdefault(rule, []).append(
                    Violation(rule, resource.name, row, field.name, message, offset=offset)
                )
        for rule, violations in found.items():
            yield from violations[:MOST]
            yield from count_rest(rule, resource, field.name, len(violations))


def _find_suspects(column: pa.ChunkedArray, field: Field, resource: Resource) -> list[int]:
    """Return the rows whose text may break a rule; of texts in ASCII those with blanks at an end."""
    is_body = field.origin == "$body"
    needs_text = field.name in resource.primary_key or not field.constraints.keys().isdisjoint(
        ("required", "minLength")
    )
    rows: list[int] = []
    start = 0
    for chunk in column.chunks:
        suspects = [] if is_body else [_find_ascii_ends(chunk)]
        if is_body and needs_text:
            suspects.append(_indices(pc.utf8_is_space(chunk)))
        if np.bitwise_or.reduce(bytes_of(chunk), initial=0) & 0x80:
            foreign = _indices(pc.invert(pc.string_is_ascii(chunk)))
            texts = chunk if len(foreign) == len(chunk) else chunk.take(pa.array(foreign))
            suspects.append(foreign[_indices(pc.match_substring_regex(texts, _suspect(is_body)))])
        if any(map(len, suspects)):
            rows += (np.unique(np.concatenate(suspects)) + start).tolist()
        start += len(chunk)
    return rows


_Rows = np.ndarray[Any, np.dtype[np.int64]]


def _indices(found: pa.BooleanArray) -> _Rows:
    """Return the positions at which an array is true."""
    rows: _Rows = pc.indices_nonzero(found).to_numpy().astype(np.int64)
    return rows


def _find_ascii_ends(texts: pa.StringArray) -> _Rows:
    """Return the positions of texts with a blank of ASCII at an end; a line end at the very end is none."""
    values, ends = texts.buffers()[2], offsets_of(texts)
    if values is None or not values.size:
        return np.empty(0, np.int64)
    signs = np.frombuffer(values, np.uint8)
    # of an empty text, which is null, this looks at its neighbours
    first, last = np.minimum(ends[:-1], len(signs) - 1), np.maximum(ends[1:] - 1, 0)
    suspect = (signs[first] <= _BLANK) | (signs[last] <= _BLANK)
    rows = np.flatnonzero(suspect).astype(np.int64)
    if not len(rows):
        return rows
    # YAML leaves a line end at the end of a block
    first, last = first[rows], last[rows]
    before = np.where(signs[last] == _LINE_END, np.maximum(last - 1, first), last)
    found: _Rows = rows[(signs[first] <= _BLANK) | (signs[before] <= _BLANK)]
    return found


@cache
def _suspect(is_body: bool) -> str:
    """Return the pattern, in RE2, of a text that may break a rule; blanks at the ends of a body do not."""
    hidden = "".join(rf"\x{{{low:x}}}-\x{{{high:x}}}" for low, high in HIDDEN)
    tail = "".join(rf"\x{{{ord(sign):x}}}" for sign in tails())
    blank = r"[\s\pZ\x{85}]"
    inside = rf"[\x{{fffd}}{hidden}]|[\x{{c2}}-\x{{df}}\x{{e2}}-\x{{f4}}][{tail}]"
    return inside if is_body else rf"{inside}|^{blank}|{blank}$"


def _check(text: str, field: Field, resource: Resource) -> Iterator[tuple[str, str, int]]:
    """Yield rule, message and offset of each fault of a text."""
    name, limits = field.name, field.constraints
    if is_blank(text):
        yield from _check_blank(text, field, resource)
        return
    if (least := limits.get("minLength", 0)) and (visible := len(appearance(text))) < least <= len(
        text
    ):
        message = f"{named(name)} is {shown(text)}, of which {visible} can be seen"
        yield f"{name}-minLength", f"{message}, expected at least {least} characters", 0
    if (at := text.find("\ufffd")) >= 0:
        message = f"{named(name)} has U+FFFD in {_excerpt(text, at)}, where a character was lost"
        expected = "expected the text as it was before it was converted"
        yield f"{name}-replacement-character", f"{message}; {expected}", at
    if (meant := repair(text)) != text:
        at = next(
            at for at, (one, other) in enumerate(zip(text, meant, strict=False)) if one != other
        )
        message = f"{named(name)} is {_excerpt(text, at)}, UTF-8 that was read in another encoding"
        yield f"{name}-mojibake", f"{message}; expected {_excerpt(meant, at)}", at
    hidden = list(find_hidden(text)) if meant == text else []
    if hidden:
        at = hidden[0]
        more = f" and {len(hidden) - 1} more" if len(hidden) > 1 else ""
        message = f"{named(name)} has {name_character(text[at])}{more} in {_excerpt(text, at)}"
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
    message = f"{named(name)} is {shown(text)}, which shows nothing, expected"
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
    message = f"{named(name)} is {_excerpt(text, at)}, which {' and '.join(ends)}"
    yield f"{name}-blank-ends", f"{message}; expected text without blanks at its ends", at


def _excerpt(text: str, at: int) -> str:
    """Return a text as messages show it; of a long one the part around an offset."""
    if len(text) <= 60:
        return shown(text)
    start, end = max(at - _AROUND, 0), at + _AROUND
    return shown(f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}")
