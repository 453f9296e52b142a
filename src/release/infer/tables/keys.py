"""Choose the key of a kind's records: a field that repeats the file's name, or captures of the path."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

from release.infer.files.kinds import LANGUAGE, find_repeated, text_at
from release.infer.model import FieldDraft, KindDraft
from release.infer.names import field_name, plain_name
from release.infer.tables.types import choose_type, classify
from release.syntax.paths import Capture, Path
from release.syntax.types.values import as_text


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
    names = [name for name in kind.entries[0].values if _is_key_part(kind, name)]
    names.sort(
        key=lambda name: (_IDENTIFIER.search(name) is None, name.lower() not in ("name", "slug"))
    )
    for count in (1, 2):
        for chosen in combinations(names[:_MOST_COLUMNS], count):
            rows = {
                (*(e.captures[name] for name in above), *(as_text(e.values[n]) for n in chosen))
                for e in kind.entries
            }
            if len(rows) == len(kind.entries):
                fields = [_make_field(kind, name) for name in above]
                return fields + [_field_of_key(kind, (name,)) for name in chosen]
    return []


#: Names of what tells things apart.
_IDENTIFIER = re.compile(
    r"(^|[_ -])(id|key|code|isbn|issn|doi|uuid|guid|slug|sku|number|no|identifier)$|[a-z]I[dD]$",
    re.IGNORECASE,
)

#: So many columns are tried for a key of two.
_MOST_COLUMNS = 6

#: A text longer than this is no part of a key.
_LONGEST = 80


def _is_key_part(kind: KindDraft, name: str) -> bool:
    """Return True if each record has a short value of a key, and no two are told apart by blanks or case."""
    for entry in kind.entries:
        text = as_text(entry.values.get(name))
        if (
            not text
            or len(text) > _LONGEST
            or text != text.strip()
            or isinstance(entry.values[name], float)
        ):
            return False
    return True


def _make_field(kind: KindDraft, capture: str) -> FieldDraft:
    """Make the field of a capture, from the key of the records that repeats it if there is one."""
    values = [entry.captures[capture] for entry in kind.entries]
    path: Path = find_repeated([entry.values for entry in kind.entries], values)
    if not path:
        return FieldDraft(plain_name(capture), "string", Capture(capture), values=Counter(values))
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
