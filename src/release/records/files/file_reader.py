"""A file -> its records: one, or one for each line, row, document or entry."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from release.descriptor.model import Container, IgnoredPath
from release.descriptor.properties import describe
from release.findings.finding import Finding
from release.findings.groups import Groups
from release.records import reader
from release.records.files.contents import check_line_ends, decode, make_finding, read_bytes
from release.records.files.sources import MAX_BYTES, MAX_BYTES_OF_SEVERAL, Source
from release.records.locations import locate_all, location_of
from release.records.reader import Front, Record
from release.syntax.formats import documents, entries
from release.syntax.formats.csv_dialect import Dialect
from release.syntax.formats.csv_records import cut_rows
from release.syntax.formats.endings import LISTS, FileFormat, format_of
from release.syntax.formats.entries import Cut, Entry
from release.syntax.formats.pieces import Piece
from release.syntax.paths import Capture, KeyPath, Path, brief_path, captures_of, show_path
from release.syntax.text import SyntaxFault

#: The path to the records of a list whose positions have no name in the descriptor.
_POSITION: Path = (Capture("#"),)


#: A leaf that stands beside the records of a file: its key path from the root of the file, and its value.
Leaf = tuple[KeyPath, Any]


@dataclass(frozen=True, slots=True)
class FileContent:
    """The records of a file, all findings about it, and the leaves that stand beside the records."""

    records: list[Record]
    findings: list[Finding]
    beside: Sequence[Leaf] = ()


def read_file(source: Source, container: Container) -> FileContent:
    """Read all records of a file, and find their faults."""
    has_several = container.records or (container.format or format_of(source.path)) in LISTS
    data, finding = read_bytes(source, MAX_BYTES_OF_SEVERAL if has_several else MAX_BYTES)
    if data is None:
        return FileContent([], [finding] if finding else [])
    return parse_file(source, data, hashlib.sha256(data).hexdigest(), container)


def parse_file(source: Source, data: bytes, sha256: str, container: Container) -> FileContent:
    """Parse the bytes of a file into its records and find their faults, as `read_file` does."""
    form = container.format or format_of(source.path)
    has_several = container.records or form in LISTS
    if not has_several and not (form == "yaml" and b"\n---" in data):
        return _parse_one(source, data, sha256, container)
    is_csv = form in ("csv", "tsv")
    text, findings = decode(source, data, container.encoding, may_have_encoding=is_csv)
    if text is not None and not has_several and not documents.are_several(text):
        return _parse_one(source, data, sha256, container)
    if text is not None and not is_csv:  # there the standard has CRLF
        findings += check_line_ends(source, data)
    if source.piece.number:
        findings = []  # those of the file are found with its first piece
    if text is None:
        return FileContent([], findings)
    path = container.records or _POSITION
    cut = _cut(text, form, path, source.piece, container.dialect)
    findings += [make_finding(source, fault) for fault in cut.faults]
    findings += _report_beside(source, cut, path, container)
    names = captures_of(path)
    records = [_make_record(source, names, entry, sha256, len(data)) for entry in cut.entries]
    return FileContent(records, findings, [(leaf.keys, leaf.value) for leaf in cut.beside])


def _parse_one(source: Source, data: bytes, sha256: str, container: Container) -> FileContent:
    """Parse the bytes of a file into its one record."""
    record, findings = reader.parse(source, data, sha256, container)
    return FileContent([record] if record is not None else [], findings)


def _cut(text: str, form: FileFormat, path: Path, piece: Piece, dialect: Dialect | None) -> Cut:
    """Cut the text of a file into its records."""
    listed = _list_name(text, form)
    if listed and (not isinstance(path[0], Capture) or (listed == "rows" and len(path) > 1)):
        expected = "one capture" if listed == "rows" else "a path that begins with a capture"
        message = (
            f"found {listed}, which are a list by themselves, expected {expected} in `records`"
        )
        return _refuse_path(f"{message}, not {show_path(path)}")
    if form == "markdown":
        return _refuse_path(
            f"found a text, which is one record, expected records at {show_path(path)}"
        )
    if form == "csv" or form == "tsv":  # noqa: PLR1714 — mypy narrows it so
        return cut_rows(text, form, dialect, piece)
    if form == "jsonl":
        return entries.cut_lines(text, path, piece)
    if listed or form == "yaml-documents":
        return entries.cut_documents(text, path, piece)
    if form == "yaml":
        text = documents.keep_one(text)
    return entries.cut_values(text, form, path, piece)


def _list_name(text: str, form: FileFormat) -> str:
    """Return what a file is a list of by itself; empty if it is none."""
    if form == "yaml" and documents.are_several(text):
        form = "yaml-documents"
    return f"{LISTS[form]}s" if form in LISTS else ""


def _refuse_path(message: str) -> Cut:
    """Return the cut of a file that cannot have records at the kind's path to them."""
    return Cut([], [SyntaxFault("records-path", 0, 0, message)], [])


def _make_record(
    source: Source, names: Sequence[str], entry: Entry, sha256: str, size: int
) -> Record:
    """Make the record of an entry, whose captures are those of the file and its own."""
    captures = {**source.captures, **dict(zip(names, map(str, entry.keys), strict=True))}
    source = replace(source, captures=captures, within=tuple(names))
    front = _make_front(source, entry)
    return Record(front, entry.value, "", sha256, size)


def _make_front(source: Source, entry: Entry) -> Front:
    """Make the front matter of an entry."""
    place = entry.line, entry.line, entry.column, entry.prefix
    return Front(source, entry.text, entry.format, *place)


def _report_beside(source: Source, cut: Cut, path: Path, container: Container) -> list[Finding]:
    """Report the leaves beside the records that the kind does not leave out."""
    faults: Groups[Finding] = Groups()
    for leaf in cut.beside:
        if find_ignored(leaf.keys, container) is None:
            faults.add("", partial(_report_leaf, source, leaf, path))
    return faults.faults()


def find_ignored(key_path: KeyPath, container: Container) -> IgnoredPath | None:
    """Return the path of `beside` that leaves out a leaf beside the records, None if there is none."""
    return next((each for each in container.beside if _is_below(key_path, each.path)), None)


def _is_below(key_path: KeyPath, path: Path) -> bool:
    """Return whether a key path is one that a path means, or leads on from there."""
    return len(key_path) >= len(path) and all(
        isinstance(segment, Capture) or segment == key
        for segment, key in zip(path, key_path, strict=False)
    )


def _report_leaf(source: Source, leaf: Entry, path: Path) -> Finding:
    """Return the finding of a leaf beside the records."""
    front = _make_front(replace(source, within=("",)), leaf)
    line, column = location_of(locate_all(front), front.prefix, front, key=False)
    message = (
        f"{brief_path(leaf.keys)} is {describe(leaf.value)}, which stands beside the records at "
        f"{show_path(path)}; leave it out with `beside` and a reason, or take the whole file as a record"
    )
    fault = SyntaxFault("unmapped-path", line - 1, column - 1, message, leaf.keys)
    return make_finding(source, fault)
