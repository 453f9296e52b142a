"""Choose the key of a kind's records: a field that repeats the file's name, or captures of the path."""

from __future__ import annotations

from collections import Counter

from release.infer.files.kinds import LANGUAGE, find_repeated, text_at
from release.infer.model import FieldDraft, KindDraft
from release.infer.names import plain_name
from release.infer.tables.types import choose_type, classify
from release.syntax.file_patterns import FilePattern
from release.syntax.paths import Capture, Path


def choose_key(kind: KindDraft) -> list[FieldDraft]:
    """Return the fields that tell a record from the others; none if there is only one."""
    captures = [
        name for name in dict.fromkeys(FilePattern(kind.pattern).captures) if name != LANGUAGE
    ]
    if not captures:
        return []
    name = captures[-1]
    seen = Counter((entry.captures[name], entry.captures.get(LANGUAGE)) for entry in kind.entries)
    chosen = [name] if max(seen.values()) == 1 else captures
    return [_make_field(kind, each) for each in chosen]


def _make_field(kind: KindDraft, capture: str) -> FieldDraft:
    """Make the field of a capture, from the key of the records that repeats it if there is one."""
    values = [entry.captures[capture] for entry in kind.entries]
    path: Path = find_repeated([entry.values for entry in kind.entries], values)
    if not path:
        return FieldDraft(plain_name(capture), "string", Capture(capture), values=Counter(values))
    keys = [str(key) for key in path]
    classes: Counter[str] = Counter()
    for entry in kind.entries:
        text = text_at(entry.values, keys) or ""
        classes[classify(_value_at(entry.values, keys), text)] += 1
    name = plain_name(keys[-1])
    field_type = choose_type("", classes, None)
    return FieldDraft(name, field_type, path, values=Counter(values))


def _value_at(values: object, keys: list[str]) -> object:
    for key in keys:
        values = values[key] if isinstance(values, dict) else None
    return values
