"""Text -> a record: read each strictly; give every fault its line and column."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from release.descriptor.model import Container
from release.findings.finding import Finding
from release.findings.message import shown
from release.records.files.contents import check_line_ends, decode, make_finding, read_bytes
from release.records.files.sources import Source
from release.syntax.formats import csv_records
from release.syntax.formats.endings import format_of
from release.syntax.formats.front_matter import Format, judge, read_values, split
from release.syntax.paths import KeyPath
from release.syntax.text import CONTROL, SyntaxFault, find_control_characters

if TYPE_CHECKING:
    from release.records.files.selection.amendments import Amendments

#: The container of a record that is a file.
ONE_RECORD = Container()


@dataclass(frozen=True, slots=True)
class Front:
    r"""The front matter of a record as its author wrote it, with line ends as `\n`.

    `line` and `body_line` are the lines of the file on which it and the body begin, counted from 0. Where a
    file holds several records, the text begins in `column` of its line, and the record is the value at the
    key path `prefix` in the text. `amendments` are what patches do to it. `body` is the text below it if
    fields read parts of that, else None.
    """

    source: Source
    text: str
    format: Format
    line: int
    body_line: int
    column: int = 0
    prefix: KeyPath = ()
    amendments: Amendments | None = None
    body: str | None = None

    def values(self) -> Any:
        """Return the value of the record, with its patches."""
        values = self._read_values()
        return values if self.amendments is None else self.amendments.apply(values)[0]

    def _read_values(self) -> Any:
        if self.format in csv_records.DELIMITERS:
            return csv_records.read_row(self.text)
        if not self.prefix:
            return read_values(self.text, self.format)[0]
        value = _read_shared(self.text, self.format)
        for segment in self.prefix:
            value = value[segment]
        return value


@lru_cache(maxsize=1)
def _read_shared(text: str, form: Format) -> Any:
    """Return the value of a text that several records share, once for all of them."""
    return read_values(text, form)[0]


@dataclass(frozen=True, slots=True)
class Record:
    r"""One record: the values of its front matter, and its body; line ends in both are `\n`.

    `sha256` and `bytes` are the digest, in hexadecimal, and the size of the file.
    """

    front: Front
    values: Mapping[str, Any]
    body: str
    sha256: str
    bytes: int

    @property
    def source(self) -> Source:
        """The file of the record."""
        return self.front.source


def read(source: Source) -> tuple[Record | None, list[Finding]]:
    """Read one record and find its faults; None if its values cannot be relied on."""
    data, finding = read_bytes(source)
    if data is None:
        return None, [finding] if finding else []
    return parse(source, data, hashlib.sha256(data).hexdigest())


def parse(
    source: Source, data: bytes, sha256: str, container: Container = ONE_RECORD
) -> tuple[Record | None, list[Finding]]:
    """Parse the bytes of a file into its one record and find its faults, as `read` does."""
    text, findings = decode(source, data)
    if text is None:
        return None, findings
    parts = split(
        text,
        container.format or format_of(source.path),
        may_lack_front_matter=container.may_lack_front_matter,
    )
    findings += check_line_ends(source, data)
    if isinstance(parts, SyntaxFault):
        return None, [*findings, make_finding(source, parts)]
    values, form, faults = parts.read()
    is_reliable, faults = judge(values, [fault.shift(parts.line) for fault in faults])
    if parts.front.startswith("\ufeff"):  # the YAML parser would skip it
        message = "found a byte-order mark, expected front matter"
        faults.insert(0, SyntaxFault("byte-order-mark", parts.line, 0, message))
        is_reliable = False
    if not isinstance(values, dict) and not faults:
        from release.syntax.advice.yaml_text import describe_text  # only a fault needs it

        found = shown(values) if values is not None else "nothing"
        advice = describe_text(values) if isinstance(values, str) else ""
        if isinstance(values, list) and not parts.line and not parts.body:
            advice = '; with `records: "{n}"` of the kind each item is a record'
        message = f"found {found}, expected a mapping{advice}"
        faults.append(SyntaxFault("front-matter-mapping", parts.line, 0, message))
    faults += _check_body(parts.body, parts.body_line)
    findings += [make_finding(source, fault) for fault in faults]
    if not isinstance(values, dict) or not is_reliable:
        return None, findings
    front = Front(source, parts.front, form, parts.line, parts.body_line)
    return Record(front, values, parts.body, sha256, len(data)), findings


def _check_body(body: str, body_line: int) -> list[SyntaxFault]:
    """Find control characters in a body that begins on a line of the file, counted from 0."""
    return [
        replace(fault.shift(body_line), key_path=("$body",))
        for fault in find_control_characters(body, CONTROL)
    ]
