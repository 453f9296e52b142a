"""Look into files whether numbers stand in quotes there, which makes them texts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path as FilePath

from release.descriptor.model import Container, IgnoredPath
from release.infer.files.forms import find_format
from release.infer.model import KindDraft, RecordRead
from release.infer.tables.editions import texts_below
from release.records.files.file_reader import read_file
from release.records.files.sources import Source
from release.records.locations import locate_all
from release.syntax.paths import Capture, KeyPath, Path, parse_path

#: So many numbers are looked at.
_SOME = 5


def has_quotes(folder: FilePath, kind: KindDraft, path: Path) -> bool:
    """Return True if one of the first numbers at a path that may have quotes has them."""
    return any(_is_quoted(folder, kind, *each) for each in islice(_find_numbers(kind, path), _SOME))


def _find_numbers(kind: KindDraft, path: Path) -> Iterator[tuple[RecordRead, KeyPath]]:
    """Find the key paths of texts that write a number."""
    for entry in kind.entries:
        for keys, text in texts_below(entry.values, path):
            given = iter(keys)
            key_path = tuple(next(given) if isinstance(s, Capture) else s for s in path)
            if text[-1:] == "0" and isinstance(_value_at(entry.values, key_path), str):
                yield entry, key_path


def _value_at(value: object, key_path: KeyPath) -> object:
    for key in key_path:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and str(key).isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _is_quoted(folder: FilePath, kind: KindDraft, entry: RecordRead, key_path: KeyPath) -> bool:
    """Return True if a value begins with a quote in its file, or cannot be found there."""
    container = Container(
        find_format(entry.path),
        records=parse_path(kind.records) if kind.records else (),
        may_lack_front_matter=kind.may_lack_front_matter,
        beside=tuple(IgnoredPath(parse_path(each.path), each.reason) for each in kind.beside),
    )
    source = Source("", entry.path, f"{folder}/{entry.path}", {}, None, str(folder))
    name = kind.captures[-1] if kind.records else ""
    for record in read_file(source, container).records:
        if name and record.source.captures.get(name) != entry.captures[name]:
            continue
        found = locate_all(record.front).get(key_path)
        lines = record.front.text.split("\n")
        if found is None or found.line - record.front.line >= len(lines):
            return True
        line = lines[found.line - record.front.line]
        return line[found.column : found.column + 1] in ('"', "'", "")
    return True
