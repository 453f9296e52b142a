"""Compare the editions of records: what they share is in one row, what differs in a row for each language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    first, rest = path[0], path[1:]
    if isinstance(first, str):
        if isinstance(value, dict) and first in value:
            yield from texts_below(value[first], rest)
        return
    below: Sequence[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        below = list(value.items())
    elif isinstance(value, list):
        below = list(enumerate(value))
    for key, each in below:
        for keys, text in texts_below(each, rest):
            yield (key, *keys), text


def differs(
    records: Sequence[Mapping[str, RecordRead]], path: Path, codes: Mapping[str, str]
) -> bool:
    """Return True if the editions of some record have different values at a path."""
    for editions in records:
        if len(editions) < 2:
            continue
        found: dict[tuple[str | int, ...], str] = {}
        for entry in editions.values():
            for keys, text in texts_below(entry.values, path):
                code = codes.get(text, text)
                if found.setdefault(keys, code) != code:
                    return True
    return False


def split_by_language(
    kind: KindDraft, tables: list[TableDraft], codes: Codes, name_table: Callable[[str], str]
) -> None:
    """Give the tables of a kind with editions a language where these differ.

    The first table keeps what all editions share. What differs there goes into a table of texts, which is
    added behind it. If they share nothing, the first table itself has a row for each edition.
    """
    records = align(kind)
    root, at = tables[0], len(tables[0].key)
    own = [each for each in root.fields if each.name not in root.key]
    apart = [each for each in own if _is_apart(each, (), records, codes)]
    if apart and len(apart) == len(own):
        for table in tables:
            _add_language(table, records, codes, at)
        root.compare = None
        return
    children_apart = [
        table
        for table in tables[1:]
        if any(_is_apart(each, table.path, records, codes) for each in table.fields)
    ]
    if apart:
        tables.insert(1, _make_texts(root, apart, name_table("texts")))
    for table in children_apart:
        _add_language(table, records, codes, at)


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


def _is_apart(
    each: FieldDraft, rows: Path, records: Sequence[Mapping[str, RecordRead]], codes: Codes
) -> bool:
    """Return True if the editions of a record differ in a field."""
    if each.origin == "$body":
        return True
    path = rows if each.origin == "$value" else each.origin
    if not isinstance(path, tuple):
        return False
    return differs(records, path, codes.get(path, {}))


def _add_language(
    table: TableDraft, records: Sequence[Mapping[str, RecordRead]], codes: Codes, at: int
) -> None:
    """Put the language into the key of a table, behind that of the records."""
    name = _language_name(table)
    table.fields.insert(at, FieldDraft(name, "string", Capture(LANGUAGE)))
    table.key.insert(at, name)
    table.compare = [
        each.name
        for each in table.fields
        if each.name not in table.key and not _is_apart(each, table.path, records, codes)
    ]


def _language_name(table: TableDraft) -> str:
    return make_unique(LANGUAGE, [each.name for each in table.fields])
