"""Read the bytes of records' files, and decode them; say of each fault where it is."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from release.findings.finding import Finding
from release.findings.message import printable
from release.findings.rules import RULES
from release.records.files.sources import MAX_BYTES, MAX_BYTES_OF_SEVERAL, Source
from release.syntax.advice.encodings import explain_byte, read_utf8
from release.syntax.paths import show_path
from release.syntax.text import SyntaxFault, line_and_column
from release.system import files as system_files
from release.system.confinement import Confinement
from release.system.files import Url
from release.system.folders import NoFileError


def read_bytes(source: Source, most: int = MAX_BYTES) -> tuple[bytes | None, Finding | None]:
    """Read a record's file: its bytes, or the finding that says why there are none.

    It has at most so many bytes.
    """
    return next(read_all([source], most))


def read_all(
    sources: Sequence[Source], most: int = MAX_BYTES
) -> Iterator[tuple[bytes | None, Finding | None]]:
    """Read each record's file, as `read_bytes` does; files behind URLs are fetched together.

    Raises:
        ReleaseError: A file behind a URL cannot be reached.
    """
    files = [
        Url(source.file, source.size) if system_files.is_url(source.file) else None
        for source in sources
    ]
    urls = (file for file in files if file is not None and (file.size or 0) <= most)
    behind = dict(system_files.read_urls(urls))
    with ExitStack() as stack:
        roots: dict[str, Confinement] = {}
        for source, file in zip(sources, files, strict=True):
            if source.root not in roots:
                roots[source.root] = stack.enter_context(Confinement(source.root))
            try:
                data = (
                    _take(file, behind, most)
                    if file
                    else _read_file(roots[source.root], source, most)
                )
                yield _check_bytes(source, data, most)
            except NoFileError as error:
                yield (
                    None,
                    Finding("not-a-file", source.path, str(error.strerror), file=source.file),
                )
            except OSError as error:
                reason = error.strerror or "no such file"
                message = f"cannot be read: {reason}, expected a record"
                yield None, Finding("file-unreadable", source.path, message, file=source.file)


def _take(url: Url, behind: Mapping[Url, bytes | OSError], most: int) -> bytes | int | None:
    """Return the bytes of a file behind a URL; its size if that is too large, None if nothing was read."""
    data = behind.get(url, url.size)
    if isinstance(data, OSError):
        raise data
    return len(data) if isinstance(data, bytes) and len(data) > most else data


def _read_file(below: Confinement, source: Source, most: int) -> bytes | int | None:
    """Return the bytes of a local file; its size if that is too large, None if it is no regular file."""
    status = below.lstat(source.below)
    if not stat.S_ISREG(status.st_mode):
        return None
    if status.st_size > most:
        return status.st_size
    handle = below.open(source.below)
    try:
        return b"".join(iter(partial(os.read, handle, status.st_size + 1), b""))
    finally:
        os.close(handle)


def _check_bytes(
    source: Source, data: bytes | int | None, most: int
) -> tuple[bytes | None, Finding | None]:
    """Return the bytes of a file, or a finding if there are none, too many, or only white space."""
    if isinstance(data, bytes) and data and not data.isspace():
        return data, None
    if isinstance(data, int):
        rule, message = "file-too-large", f"has {data:,} bytes, expected at most {most:,}"
        if most == MAX_BYTES_OF_SEVERAL:
            message += ": cut it into several files, whose names a capture in `path` takes"
    elif data is None:
        rule, message = "not-a-file", "is no regular file, expected one"
    else:
        rule, message = "file-empty", "is empty, expected a record"
    return None, Finding(rule, source.path, message, file=source.file)


def decode(
    source: Source, data: bytes, encoding: str = "utf-8", *, may_have_encoding: bool = False
) -> tuple[str | None, list[Finding]]:
    """Decode a file; None if it is not text in its encoding.

    `may_have_encoding` is True if the kind may say which that is.
    """
    if encoding != "utf-8":
        return _decode_other(source, data, encoding)
    findings = []
    if data.startswith(b"\xef\xbb\xbf"):
        message = "found a byte-order mark, expected none; save the file as UTF-8 without it"
        findings.append(make_finding(source, SyntaxFault("byte-order-mark", 0, 0, message)))
    text, message = read_utf8(data, "the kind" if may_have_encoding else "")
    if not message:
        return _unify_line_ends(text), findings
    fault = SyntaxFault("not-utf-8", *line_and_column(text, len(text)), message)
    return None, [*findings, make_finding(source, fault)]


def _decode_other(source: Source, data: bytes, encoding: str) -> tuple[str | None, list[Finding]]:
    """Decode a file in another encoding than UTF-8."""
    try:
        return _unify_line_ends(data.decode(encoding)), []
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        message = explain_byte(data, error.start, encoding, "the kind")
        at = line_and_column(before, len(before))
        return None, [make_finding(source, SyntaxFault("not-utf-8", *at, message))]


def _unify_line_ends(text: str) -> str:
    """Return the text without a byte-order mark, and with CRLF as LF."""
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n") if "\r" in text else text


def check_line_ends(source: Source, data: bytes) -> list[Finding]:
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
    return [make_finding(source, SyntaxFault("line-ends", line - 1, column, message))]


def make_finding(source: Source, fault: SyntaxFault) -> Finding:
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
