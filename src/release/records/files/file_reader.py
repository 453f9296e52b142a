"""A file -> its records: one, or one for each line, row, document or entry."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from release.descriptor.model import Container
from release.findings.finding import Finding
from release.findings.message import shown
from release.records import reader
from release.records.files.contents import check_line_ends, decode, make_finding, read_bytes
from release.records.files.sources import Source
from release.records.locations import locate_all, location_of
from release.records.reader import Front, Record
from release.syntax.formats import entries
from release.syntax.formats.csv_records import cut_rows
from release.syntax.formats.endings import FileFormat, format_of
from release.syntax.formats.entries import Cut, Entry
from release.syntax.groups import Groups
from release.syntax.paths import Capture, KeyPath, Path, brief_path, captures_of, show_path
from release.syntax.text import SyntaxFault

#: The path to the records of a list whose positions have no name in the descriptor.
_POSITION: Path = (Capture("#"),)


def read_file(source: Source, container: Container) -> tuple[list[Record], list[Finding]]:
    """Read all records of a file, and find their faults."""
    data, finding = read_bytes(source)
    if data is None:
        return [], [finding] if finding else []
    return parse_file(source, data, hashlib.sha256(data).hexdigest(), container)


def parse_file(
    source: Source, data: bytes, sha256: str, container: Container
) -> tuple[list[Record], list[Finding]]:
    """Parse the bytes of a file into its records and find their faults, as `read_file` does."""
    form = container.format or format_of(source.path)
    has_several = container.records or form in ("jsonl", "csv", "tsv")
    if not has_several and not (form == "yaml" and b"\n---" in data):
        record, findings = reader.parse(source, data, sha256, container)
        return [record] if record is not None else [], findings
    text, findings = decode(source, data)
    if text is None:
        return [], findings
    if not has_several and not entries.has_documents(text):
        record, findings = reader.parse(source, data, sha256, container)
        return [record] if record is not None else [], findings
    if form not in ("csv", "tsv"):  # there the standard has CRLF
        findings += check_line_ends(source, data)
    path = container.records or _POSITION
    cut = _cut(text, form, path)
    findings += [make_finding(source, fault) for fault in cut.faults]
    findings += _report_beside(source, cut, path, container)
    names = captures_of(path)
    records = [_make_record(source, names, entry, sha256, len(data)) for entry in cut.entries]
    return records, findings


def _cut(text: str, form: FileFormat, path: Path) -> Cut:
    """Cut the text of a file into its records."""
    if form == "jsonl":
        return entries.cut_lines(text, path)
    if form == "yaml" and entries.has_documents(text):
        return entries.cut_documents(text, path)
    if form == "markdown":
        message = f"found a text, which is one record, expected records at {show_path(path)}"
        return Cut([], [SyntaxFault("records-path", 0, 0, message)], [])
    if form == "csv":
        return cut_rows(text, form)
    return cut_rows(text, form) if form == "tsv" else entries.cut_values(text, form, path)


def _make_record(
    source: Source, names: Sequence[str], entry: Entry, sha256: str, size: int
) -> Record:
    """Make the record of an entry, whose captures are those of the file and its own."""
    captures = {**source.captures, **dict(zip(names, map(str, entry.keys), strict=True))}
    source = replace(source, captures=captures, within=tuple(names))
    front = Front(source, entry.text, entry.format, entry.line, entry.line, entry.prefix)
    return Record(front, entry.value, "", sha256, size)


def _report_beside(source: Source, cut: Cut, path: Path, container: Container) -> list[Finding]:
    """Report the leaves beside the records that the kind does not leave out."""
    faults: Groups[Finding] = Groups()
    for leaf in cut.beside:
        if not any(_is_below(leaf.keys, each.path) for each in container.beside):
            faults.add("", partial(_report_leaf, source, leaf, path))
    return faults.faults()


def _is_below(key_path: KeyPath, path: Path) -> bool:
    """Return whether a key path is one that a path means, or leads on from there."""
    return len(key_path) >= len(path) and all(
        isinstance(segment, Capture) or segment == key
        for segment, key in zip(path, key_path, strict=False)
    )


def _report_leaf(source: Source, leaf: Entry, path: Path) -> Finding:
    """Return the finding of a leaf beside the records."""
    front = Front(source, leaf.text, leaf.format, leaf.line, leaf.line, leaf.prefix)
    line, column = location_of(locate_all(front), (), front.line, key=False)
    message = (
        f"{brief_path(leaf.keys)} is {shown(leaf.value)}, which stands beside the records at "
        f"{show_path(path)}; leave it out with `beside` and a reason, or take the whole file as a record"
    )
    fault = SyntaxFault("unmapped-path", line - 1, column - 1, message, leaf.keys)
    return make_finding(source, fault)
