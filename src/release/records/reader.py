"""Files -> records: read each file strictly; give every fault its line and column."""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from release.findings.finding import Finding
from release.findings.message import printable, shown
from release.findings.rules import RULES
from release.records.files.sources import MAX_BYTES, Source
from release.syntax.advice.quotes import describe_text
from release.syntax.formats.front_matter import Format, read_values, split
from release.syntax.paths import show_path
from release.syntax.text import CONTROL, SyntaxFault, find_control_characters, line_and_column
from release.system import files as system_files
from release.system.confinement import Confinement
from release.system.files import Url
from release.system.folders import NoFileError


@dataclass(frozen=True, slots=True)
class Front:
    r"""The front matter of a record as its author wrote it, with line ends as `\n`.

    `line` and `body_line` are the lines of the file on which it and the body begin, counted from 0.
    """

    source: Source
    text: str
    format: Format
    line: int
    body_line: int

    def values(self) -> Any:
        """Return the value of the front matter."""
        return read_values(self.text, self.format)[0]


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


def parse(source: Source, data: bytes, sha256: str) -> tuple[Record | None, list[Finding]]:
    """Parse the bytes of a file into a record and find its faults, as `read` does."""
    text, findings = _decode(source, data)
    if text is None:
        return None, findings
    parts = split(text, posixpath.splitext(source.path)[1][1:])  # faster than pathlib
    findings += _check_line_ends(source, data)
    if isinstance(parts, SyntaxFault):
        return None, [*findings, _finding(source, parts)]
    values, form, faults = read_values(parts.front, parts.format)
    faults = [fault.shift(parts.line) for fault in faults]
    if values is None:
        faults = [_forbid_lowering(fault) for fault in faults]
    if parts.front.startswith("\ufeff"):  # the YAML parser would skip it
        message = "found a byte-order mark, expected front matter"
        faults.insert(0, SyntaxFault("byte-order-mark", parts.line, 0, message))
    if not isinstance(values, dict) and not faults:
        found = shown(values) if values is not None else "nothing"
        advice = describe_text(values) if isinstance(values, str) else ""
        message = f"found {found}, expected a mapping{advice}"
        faults.append(SyntaxFault("front-matter-mapping", parts.line, 0, message))
    faults += _check_body(parts.body, parts.body_line)
    findings += [_finding(source, fault) for fault in faults]
    if not isinstance(values, dict) or any(fault.rule not in _HARMLESS for fault in faults):
        return None, findings
    front = Front(source, parts.front, form, parts.line, parts.body_line)
    return Record(front, values, parts.body, sha256, len(data)), findings


#: Faults that put no value in doubt: the record is kept, so that its other faults are found too.
_HARMLESS = frozenset(("duplicate-key", "control-character", "text-after-hash"))


def read_bytes(source: Source) -> tuple[bytes | None, Finding | None]:
    """Read a record's file: its bytes, or the finding that says why there are none."""
    return next(read_all([source]))


def read_all(sources: Sequence[Source]) -> Iterator[tuple[bytes | None, Finding | None]]:
    """Read each record's file, as `read_bytes` does; files behind URLs are fetched together.

    Raises:
        ReleaseError: A file behind a URL cannot be reached.
    """
    files = [
        Url(source.file, source.size) if system_files.is_url(source.file) else None
        for source in sources
    ]
    urls = (file for file in files if file is not None and (file.size or 0) <= MAX_BYTES)
    behind = dict(system_files.read_urls(urls))
    with ExitStack() as stack:
        roots: dict[str, Confinement] = {}
        for source, file in zip(sources, files, strict=True):
            if source.root not in roots:
                roots[source.root] = stack.enter_context(Confinement(source.root))
            try:
                data = _take(file, behind) if file else _read_file(roots[source.root], source)
                yield _check_bytes(source, data)
            except NoFileError as error:
                yield (
                    None,
                    Finding("not-a-file", source.path, str(error.strerror), file=source.file),
                )
            except OSError as error:
                reason = error.strerror or "no such file"
                message = f"cannot be read: {reason}, expected a record"
                yield None, Finding("file-unreadable", source.path, message, file=source.file)


def _take(url: Url, behind: Mapping[Url, bytes | OSError]) -> bytes | int | None:
    """Return the bytes of a file behind a URL; its size if that is too large, None if nothing was read."""
    data = behind.get(url, url.size)
    if isinstance(data, OSError):
        raise data
    return len(data) if isinstance(data, bytes) and len(data) > MAX_BYTES else data


def _read_file(below: Confinement, source: Source) -> bytes | int | None:
    """Return the bytes of a local file; its size if that is too large, None if it is no regular file."""
    status = below.lstat(source.below)
    if not stat.S_ISREG(status.st_mode):
        return None
    if status.st_size > MAX_BYTES:
        return status.st_size
    handle = below.open(source.below)
    try:
        return b"".join(iter(partial(os.read, handle, status.st_size + 1), b""))
    finally:
        os.close(handle)


def _check_bytes(source: Source, data: bytes | int | None) -> tuple[bytes | None, Finding | None]:
    """Return the bytes of a file, or a finding if there are none, too many, or only white space."""
    if isinstance(data, bytes) and data and not data.isspace():
        return data, None
    if isinstance(data, int):
        found, expected = f"has {data:,} bytes", f"at most {MAX_BYTES:,}"
        rule, message = "file-too-large", f"{found}, expected {expected}"
    elif data is None:
        rule, message = "not-a-file", "is no regular file, expected one"
    else:
        rule, message = "file-empty", "is empty, expected a record"
    return None, Finding(rule, source.path, message, file=source.file)


def _decode(source: Source, data: bytes) -> tuple[str | None, list[Finding]]:
    """Decode a file; None if it is not UTF-8."""
    findings = []
    if data.startswith(b"\xef\xbb\xbf"):
        message = "found a byte-order mark, expected '---'; save the file as UTF-8 without it"
        findings.append(_finding(source, SyntaxFault("byte-order-mark", 0, 0, message)))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = line_and_column(before, len(before))
        message = f"found the byte 0x{data[error.start]:02X}, expected text in UTF-8"
        return None, [*findings, _finding(source, SyntaxFault("not-utf-8", line, column, message))]
    return _unify_line_ends(text), findings


def _unify_line_ends(text: str) -> str:
    """Return the text without a byte-order mark, and with CRLF as LF."""
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n") if "\r" in text else text


def _check_line_ends(source: Source, data: bytes) -> list[Finding]:
    """Return a warning, at the first line that ends in CRLF, if there is one."""
    crlf = data.count(b"\r\n") if b"\r" in data else 0
    if not crlf:
        return []
    lf = data.count(b"\n")
    if crlf == lf:
        line, message = 1, "every line ends in CRLF, expected LF"
    else:
        line = data.count(b"\n", 0, data.index(b"\r\n")) + 1
        message = f"{crlf} of {lf} lines end in CRLF, the first here, expected LF in all"
    column = len(_unify_line_ends(data.decode("utf-8")).split("\n", line)[line - 1])
    return [_finding(source, SyntaxFault("line-ends", line - 1, column, message))]


def _forbid_lowering(fault: SyntaxFault) -> SyntaxFault:
    """Put a fault that leaves no record under a rule that is always an error.

    Otherwise `severity` could make it a warning, and a release would lack the record.
    """
    is_lowered = fault.rule == "control-character"
    return replace(fault, rule="front-matter-syntax") if is_lowered else fault


def _check_body(body: str, body_line: int) -> list[SyntaxFault]:
    """Find control characters in a body that begins on a line of the file, counted from 0."""
    return [
        replace(fault.shift(body_line), key_path=("$body",))
        for fault in find_control_characters(body, CONTROL)
    ]


def _finding(source: Source, fault: SyntaxFault) -> Finding:
    """Return a fault, whose line and column count from 0, as a finding of a record's file."""
    return Finding(
        fault.rule,
        source.path,
        fault.message,
        fault.line + 1,
        fault.column + 1,
        field=printable(show_path(fault.key_path)) if fault.key_path != ("$body",) else "$body",
        severity=RULES[fault.rule][0],
        file=source.file,
    )
