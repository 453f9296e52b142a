"""Compare the editions of records: what they share is in one row, what differs in a row for each language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from release.infer.files.kinds import LANGUAGE
from release.infer.model import FieldDraft, KindDraft, RecordRead, TableDraft
from release.infer.names import make_unique
from release.syntax.paths import Capture, Path
from release.syntax.types.values import as_text

#: The code that a text stands for, by the path of its field.
Codes = Mapping[Path, Mapping[str, str]]


def align(kind: KindDraft) -> list[dict[str, RecordRead]]:
    """Return the editions of each record, by language."""
    records: dict[tuple[str, ...], dict[str, RecordRead]] = defaultdict(dict)
    for entry in kind.entries:
        rest = tuple(value for name, value in entry.captures.items() if name != LANGUAGE)
        records[rest][entry.captures[LANGUAGE]] = entry
    return list(records.values())


def texts_below(value: Any, path: Path) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield each text at a path below a value, with what the captures of the path stand for."""
    if not path:
        text = as_text(value)
        if text:
            yield (), text
        return
    at = next((at for at, part in enumerate(path) if isinstance(part, Capture)), len(path))
    value = _value_at(value, path[:at])
    if at == len(path):
        yield from texts_below(value, ())
        return
    rest = path[at + 1 :]
    is_last = not any(isinstance(part, Capture) for part in rest)
    for key, each in _items(value):
        if not is_last:
            for keys, text in texts_below(each, rest):
                yield (key, *keys), text
        elif text := as_text(_value_at(each, rest)):
            yield (key,), text


def differs(
    records: Sequence[Mapping[str, RecordRead]], path: Path, codes: Mapping[str, str]
) -> bool:
    """Return True if the editions of some record have different values at a path."""
    at = next((at for at, part in enumerate(path) if isinstance(part, Capture)), len(path))
    return any(
        len(editions) > 1 and _differ([e.values for e in editions.values()], path, at, codes)
        for editions in records
    )


def _differ(editions: Sequence[Any], path: Path, at: int, codes: Mapping[str, str]) -> bool:
    """Return True if editions of a record differ at a path, whose first capture stands at a position."""
    above = path[:at]
    values = [_value_at(each, above) for each in editions]
    if values.count(values[0]) == len(values):  # soon known, and what most records have
        return False
    if at == len(path):
        texts = {codes.get(text, text) for value in values if (text := as_text(value))}
        return len(texts) > 1
    rest = path[at + 1 :]
    found: dict[object, str] = {}
    if any(isinstance(part, Capture) for part in rest):
        pairs = (pair for value in values for pair in texts_below(value, path[at:]))
        return any(
            found.setdefault(key, codes.get(text, text)) != codes.get(text, text)
            for key, text in pairs
        )
    for value in values:  # most paths have one capture, and this is where the time goes
        for key, below in _items(value):
            text = _value_at(below, rest)
            text = text if isinstance(text, str) else as_text(text)
            if text and found.setdefault(key, code := codes.get(text, text)) != code:
                return True
    return False


def _items(value: Any) -> Iterable[tuple[str | int, Any]]:
    """Return what is in a mapping or list, by key or position."""
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _value_at(value: Any, path: Path) -> Any:
    """Return the value at a path of keys; None if there is none."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


class _Editions:
    """The editions of the records of a kind; each path is compared once."""

    def __init__(self, records: Sequence[Mapping[str, RecordRead]], codes: Codes) -> None:
        self._records = records
        self._codes = codes
        self._found: dict[Path, bool] = {}

    def differ_in(self, each: FieldDraft, rows: Path) -> bool:
        """Return True if the editions of a record differ in a field of a table with such rows."""
        if each.origin == "$body":
            return True
        path = rows if each.origin == "$value" else each.origin
        if not isinstance(path, tuple):
            return False
        if path not in self._found:
            self._found[path] = differs(self._records, path, self._codes.get(path, {}))
        return self._found[path]


def split_by_language(
    kind: KindDraft, tables: list[TableDraft], codes: Codes, name_table: Callable[[str], str]
) -> None:
    """Give the tables of a kind with editions a language where these differ.

    The first table keeps what all editions share. What differs there goes into a table of texts, which is
    added behind it. If they share nothing, the first table itself has a row for each edition.
    """
    editions = _Editions(align(kind), codes)
    root, at = tables[0], len(tables[0].key)
    own = [each for each in root.fields if each.name not in root.key]
    apart = [each for each in own if editions.differ_in(each, ())]
    if apart and len(apart) == len(own):
        for table in tables:
            _add_language(table, editions, at)
        root.compare = None
        return
    children_apart = [
        table
        for table in tables[1:]
        if any(editions.differ_in(each, table.path) for each in table.fields)
    ]
    if apart:
        tables.insert(1, _make_texts(root, apart, name_table("texts")))
    for table in children_apart:
        _add_language(table, editions, at)


def _make_texts(root: TableDraft, apart: list[FieldDraft], name: str) -> TableDraft:
    """Take fields out of the table of records into one with a row for each language."""
    root.fields = [each for each in root.fields if each not in apart]
    language = _language_name(root)
    key = [each for each in root.fields if each.name in root.key]
    texts = TableDraft(name, root.kind, ())
    texts.fields = [FieldDraft(each.name, each.type, each.origin) for each in key]
    texts.fields += [FieldDraft(language, "string", Capture(LANGUAGE)), *apart]
    texts.key = [*root.key, language]
    texts.compare = []
    texts.note = "what differs between the editions of a record"
    return texts


def _add_language(table: TableDraft, editions: _Editions, at: int) -> None:
    """Put the language into the key of a table, behind that of the records."""
    name = _language_name(table)
    table.fields.insert(at, FieldDraft(name, "string", Capture(LANGUAGE)))
    table.key.insert(at, name)
    table.compare = [
        each.name
        for each in table.fields
        if each.name not in table.key and not editions.differ_in(each, table.path)
    ]


def _language_name(table: TableDraft) -> str:
    return make_unique(LANGUAGE, [each.name for each in table.fields])
