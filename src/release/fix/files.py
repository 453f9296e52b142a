"""The files of a dataset that may be mended, and the values that each holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from release.descriptor.model import Container, RecordKind, Resource
from release.fix.file_text import FileText
from release.fix.scalars import ScalarFinder, find_stretches
from release.records.files import contents, file_reader
from release.records.files.sources import MAX_BYTES, MAX_BYTES_OF_SEVERAL, Source
from release.records.locations import locate_all
from release.records.reader import Record
from release.syntax.formats.csv_cells import cell_spans, unquote
from release.syntax.formats.csv_dialect import Dialect
from release.syntax.formats.csv_records import DELIMITERS
from release.syntax.formats.endings import format_of
from release.syntax.paths import KeyPath
from release.system import files as system_files

#: A value of a file, by what tells it apart there.
Leaves = Mapping[tuple[Any, ...], Any]


@dataclass(frozen=True)
class RecordFile:
    """A file of records: where it is, the form of what it holds, and its bytes.

    `root` is the folder that no link leaves, if it is to be changed.
    """

    source: Source
    container: Container
    root: str
    data: bytes

    @property
    def path(self) -> str:
        """The path of the file in a release."""
        return self.source.path

    @property
    def place(self) -> str:
        """The path of the file that is read."""
        return self.source.file

    @cached_property
    def text(self) -> FileText:
        """The text of the file."""
        return FileText(self.data)

    @cached_property
    def records(self) -> Sequence[Record]:
        """The records of the file."""
        return self._parse(self.data)

    @cached_property
    def scalars(self) -> ScalarFinder:
        """The texts in the file, to find them by their offsets."""
        form = self.container.format or format_of(self.path)
        dialect = None
        if form in DELIMITERS:
            dialect = self.container.dialect or Dialect(DELIMITERS[form])
        return ScalarFinder(self.text, find_stretches(self.text, self.records), dialect)

    def captures_at(self, line: int, column: int) -> Mapping[str, str]:
        """Return the captures of the record that has the value at a location, from 0."""
        if len(self.records) == 1:
            return self.records[0].source.captures
        return self._captures.get((line, column), self.source.captures)

    @cached_property
    def _captures(self) -> Mapping[tuple[int, int], Mapping[str, str]]:
        """The captures of the record of each value, by the value's location."""
        found = {}
        for record in self.records:
            prefix = record.front.prefix
            for key_path, at in locate_all(record.front).items():
                if key_path[: len(prefix)] == prefix:
                    found[at.line, at.column] = record.source.captures
        return found

    def list_alike(self, line: int, column: int) -> list[tuple[int, int]]:
        """Return the locations of the values at the key path of that at a location, in all records.

        Positions in lists do not count.
        """
        shape = None
        found: dict[KeyPath, list[tuple[int, int]]] = {}
        for record in self.records:
            for key_path, at in locate_all(record.front).items():
                own = tuple(each for each in key_path if not isinstance(each, int))
                found.setdefault(own, []).append((at.line, at.column))
                if (at.line, at.column) == (line, column):
                    shape = own
        return sorted(set(found.get(shape, []))) if shape is not None else []

    def leaves(self, data: bytes) -> Leaves:
        """Return the values of all records in other bytes of the file, and their bodies."""
        found: dict[tuple[Any, ...], Any] = {}
        for number, record in enumerate(self._parse(data)):
            found[number, "$body"] = record.body
            found |= {(number, *path): value for path, value in list_leaves(record.values, ())}
        return found

    def _parse(self, data: bytes) -> Sequence[Record]:
        digest = hashlib.sha256(data).hexdigest()
        return file_reader.parse_file(self.source, data, digest, self.container).records


def list_leaves(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield key path and value of each value that holds no others; keys and positions are told apart."""
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from list_leaves(each, (*path, key))
    elif isinstance(value, list) and value:
        for at, each in enumerate(value):
            yield from list_leaves(each, (*path, at))
    else:
        yield path, value


@dataclass(frozen=True)
class TableFile:
    """The file of a curated table, in the form of a release."""

    resource: Resource
    place: str
    root: str
    data: bytes

    @property
    def path(self) -> str:
        """The path of the file in a release."""
        return self.resource.path

    @cached_property
    def text(self) -> FileText:
        """The text of the file."""
        return FileText(self.data)

    @cached_property
    def scalars(self) -> ScalarFinder:
        """The cells of the file, to find them by their offsets."""
        return ScalarFinder(self.text, (), Dialect())

    def captures_at(self, _line: int, _column: int) -> Mapping[str, str]:
        """Return no captures: a table has no language."""
        return {}

    def list_alike(self, line: int, column: int) -> list[tuple[int, int]]:
        """Return the locations of the cells in the column of that at a location."""
        rows = list(cell_spans(self.text.text))
        offset = self.text.offset_of(line, column)
        for row in rows:
            for number, (start, _) in enumerate(row):
                if start == offset:
                    return [self.text.locate(row[number][0]) for row in rows if number < len(row)]
        return []

    def leaves(self, data: bytes) -> Leaves:
        """Return the values of all cells in other bytes of the file."""
        text = FileText(data).text
        return {
            (number, at): unquote(text[start:end])
            for number, row in enumerate(cell_spans(text))
            for at, (start, end) in enumerate(row)
        }


MendableFile = RecordFile | TableFile


def open_record_file(source: Source, kind: RecordKind, root: str) -> RecordFile | None:
    """Read a file of records; None if it cannot be read, or is not text in UTF-8 on this machine."""
    if kind.container.encoding != "utf-8" or system_files.is_url(source.file):
        return None
    most = MAX_BYTES_OF_SEVERAL if kind.has_large_files else MAX_BYTES
    data, _ = contents.read_bytes(source, most)
    if data is None or not _is_text(data):
        return None
    return RecordFile(source, kind.container, root, data)


def open_table_file(resource: Resource, root: str, data: bytes) -> TableFile | None:
    """Return the file of a curated table; None if it has not the form of a release, or is no text."""
    if resource.layout is not None or not _is_text(data):
        return None
    return TableFile(resource, f"{root}/{resource.path}", root, data)


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
