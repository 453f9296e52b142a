"""Choose the key of a kind's records: a field that repeats the file's name, or captures of the path."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from release.infer.files.kinds import LANGUAGE, find_repeated, text_at
from release.infer.model import FieldDraft, KindDraft
from release.infer.names import field_name, plain_name
from release.infer.tables.types import choose_type, classify
from release.syntax.paths import Capture, Path


def choose_key(kind: KindDraft) -> list[FieldDraft]:
    """Return the fields that tell a record from the others; none if there is only one."""
    captures = [name for name in kind.captures if name != LANGUAGE]
    if not captures:
        return []
    if kind.is_list and (natural := _find_natural_key(kind)):
        return natural
    name = captures[-1]
    seen = Counter((entry.captures[name], entry.captures.get(LANGUAGE)) for entry in kind.entries)
    if max(seen.values()) > 1 and ":**}" in kind.pattern:
        return [FieldDraft("path", "string", "$path")]
    chosen = [name] if max(seen.values()) == 1 else captures
    return [_make_field(kind, each) for each in chosen]


def _find_natural_key(kind: KindDraft) -> list[FieldDraft]:
    """Find the one or two values by which the records of a file are told apart; none if there are none."""
    above = [name for name in kind.captures[:-1] if name != LANGUAGE]
    if LANGUAGE in kind.captures or not all(isinstance(e.values, dict) for e in kind.entries):
        return []
    paths = [path for path in _find_paths(kind.entries[0].values) if _is_key_part(kind, path)]
    paths.sort(key=lambda path: (not _is_identifier(path), not _is_name(path)))
    for count in (1, 2):
        for chosen in sorted(combinations(paths[:_MOST_COLUMNS], count), key=_lacks_step):
            rows = {
                (*(e.captures[name] for name in above), *(text_at(e.values, p) for p in chosen))
                for e in kind.entries
            }
            if len(rows) == len(kind.entries):
                fields = [_make_field(kind, name) for name in above]
                return fields + [_field_of_key(kind, path) for path in chosen]
    return []


def _lacks_step(paths: Sequence[Sequence[str]]) -> bool:
    """Return False for a pair whose second part is a number within the first, such as a position."""
    return len(paths) == 1 or not _STEP.search(paths[-1][-1])


def _find_paths(values: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the key paths that may lead to a part of a key: each key, and names in a mapping below one."""
    for key, value in values.items():
        yield (key,)
        if isinstance(value, dict):
            within = [(key, name) for name in value]
            yield from (path for path in within if _is_identifier(path) or _is_name(path))


def _is_identifier(path: Sequence[str]) -> bool:
    """Return True if a key path leads to what tells things apart, as `code` and `id.register` do."""
    return any(map(_IDENTIFIER.search, path[-2:]))


def _is_name(path: Sequence[str]) -> bool:
    """Return True if a key path leads to what things are called by."""
    return path[-1].lower() in ("name", "slug", "title")


#: Names of what tells things apart.
_IDENTIFIER = re.compile(
    r"(^|[_ -])(id|key|code|isbn|issn|doi|uuid|guid|slug|sku|number|no|identifier)$|[a-z]I[dD]$",
    re.IGNORECASE,
)

#: Names of numbers that tell apart what belongs to one thing.
_STEP = re.compile(r"(^|[_ -])(year|position|rank|order|seq|sequence|line|step)$", re.IGNORECASE)

#: A time of day: nothing is told apart by it.
_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?")

#: So many columns are tried for a key of two.
_MOST_COLUMNS = 6

#: A text longer than this is no part of a key.
_LONGEST = 80


def _is_key_part(kind: KindDraft, path: Sequence[str]) -> bool:
    """Return True if each record has a short value of a key, and no two are told apart by blanks or case.

    A number must be called as those are that tell things apart: others are unique by chance. So are times.
    """
    is_number = True
    for entry in kind.entries:
        text = text_at(entry.values, path)
        if not text or len(text) > _LONGEST or text != text.strip():
            return False
        classes = classify(_value_at(entry.values, list(path)), text)
        if classes in ("number", "decimal", "quoted number") or _TIME.fullmatch(text):
            return False
        is_number = is_number and classes in ("integer", "quoted integer")
    return not is_number or _is_identifier(path) or bool(_STEP.search(path[-1]))


def _make_field(kind: KindDraft, capture: str) -> FieldDraft:
    """Make the field of a capture, from the key of the records that repeats it if there is one."""
    values = [entry.captures[capture] for entry in kind.entries]
    is_position = kind.is_list and capture == kind.captures[-1]  # equal to a number by chance
    records = [] if is_position else [entry.values for entry in kind.entries]
    path: Path = find_repeated(records, values) if records else ()
    if not path:
        is_day = all(classify(value, value) == "date" for value in values)
        return FieldDraft(
            plain_name(capture),
            "date" if is_day else "string",
            Capture(capture),
            values=Counter(values),
        )
    return _field_of_key(kind, path)


def _field_of_key(kind: KindDraft, path: Path) -> FieldDraft:
    """Make the field of a part of the key that is read from the records."""
    keys = [str(key) for key in path]
    classes: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    for entry in kind.entries:
        text = text_at(entry.values, keys) or ""
        texts[text] += 1
        classes[classify(_value_at(entry.values, keys), text)] += 1
    chosen = choose_type("", classes, None, is_text=kind.is_text)
    is_exact = chosen.type in ("integer", "date") and not chosen.properties
    field_type = chosen.type if is_exact else "string"
    return FieldDraft(field_name(keys[-1:]), field_type, path, values=texts)


def _value_at(values: object, keys: list[str]) -> object:
    for key in keys:
        values = values[key] if isinstance(values, dict) else None
    return values
