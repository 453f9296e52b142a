"""Files -> records: read strictly, with the line and column of every value."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from frontmatter.default_handlers import YAMLHandler

from release.findings import Finding, printable, shown
from release.records.sources import MAX_BYTES, Source
from release.syntax import fast
from release.syntax.json import read_json
from release.syntax.paths import show_path
from release.syntax.text import CONTROL, SyntaxFault, find_control_characters, line_and_column
from release.syntax.yaml import read_yaml
from release.system import files as system_files
from release.system.files import Url

Format = Literal["yaml", "json"]


@dataclass(frozen=True, slots=True)
class Front:
    r"""The front matter of a record as its author wrote it, its line ends as `\n`.

    `body_line` is the line of the file that the body begins on, from 0.
    """

    source: Source
    text: str
    format: Format
    body_line: int

    def values(self) -> Any:
        """What the front matter says."""
        return read_front_matter(self.text)[0]


@dataclass(frozen=True, slots=True)
class Record:
    r"""One record; line ends in `values` and `body` are `\n`."""

    front: Front
    values: Mapping[str, Any]
    body: str
    sha256: str
    bytes: int

    @property
    def source(self) -> Source:
        """The file that the record is."""
        return self.front.source


class FenceHandler(YAMLHandler):
    """python-frontmatter's handler for `---` fences, splitting without loss.

    Its own boundary also takes the blank lines after a fence, which are the body's.
    """

    FM_BOUNDARY = re.compile(r"^---[ \t]*(?:\n|\Z)", re.MULTILINE)

    def split(self, text: str) -> tuple[str, str]:
        """Front matter and body.

        Raises:
            ValueError: no line closes the front matter.
        """
        begin = text.index("\n") + 1
        at = begin - 1
        while (at := text.index("\n---", at)) >= 0:
            if (fence := self.FM_BOUNDARY.match(text, at + 1)) is not None:
                return text[begin : at + 1], text[fence.end() :]
            at += 1
        raise AssertionError

    def load(self, fm: str, **_: object) -> Any:
        """The value of front matter, for use with python-frontmatter itself.

        Raises:
            ValueError: the front matter has a fault; the message is the first.
        """
        value, _format, faults = read_front_matter(fm)
        if faults:
            raise ValueError(f"line {faults[0].line + 1}: {faults[0].message}")
        return value


_HANDLER = FenceHandler()


def read(source: Source) -> tuple[Record | None, list[Finding]]:
    """One record and its faults; None where its values cannot be relied on."""
    data, finding = read_bytes(source)
    if data is None:
        return None, [finding] if finding else []
    return parse(source, data, hashlib.sha256(data).hexdigest())


def parse(source: Source, data: bytes, sha256: str) -> tuple[Record | None, list[Finding]]:
    """The record that the bytes of a file are, and its faults; as `read`."""
    text, findings = _decode(source, data)
    if text is None:
        return None, findings
    front, body, fault = _split(text)
    findings += _line_ends(source, data)
    if fault is not None or front is None:
        return None, findings + ([_finding(source, fault)] if fault else [])
    body_line = front.count("\n") + 2
    values, form, faults = read_front_matter(front)
    faults = [_below_fence(fault) for fault in faults]
    if values is None:
        faults = [_unread(fault) for fault in faults]
    if front.startswith("\ufeff"):  # which the parser of YAML would leave out
        message = "found a byte-order mark, expected front matter"
        faults.insert(0, SyntaxFault("byte-order-mark", 1, 0, message))
    if not isinstance(values, dict) and not faults:
        message = f"found {shown(values) if values is not None else 'nothing'}, expected a mapping"
        faults.append(SyntaxFault("front-matter-mapping", 1, 0, message))
    faults += _body_faults(body, body_line)
    findings += [_finding(source, fault) for fault in faults]
    if not isinstance(values, dict) or any(fault.rule not in _BEARABLE for fault in faults):
        return None, findings
    return Record(Front(source, front, form, body_line), values, body, sha256, len(data)), findings


#: Faults that leave a record's values what they are, so that its other faults can be found too.
_BEARABLE = frozenset(("duplicate-key", "control-character"))


def read_front_matter(text: str) -> tuple[Any, Format, list[SyntaxFault]]:
    """The value of front matter, what it is written in, and its faults by line of the text.

    Text that begins with a brace is read as JSON first: YAML refuses JSON's surrogate pairs.
    """
    quickly = fast.read(text)
    if quickly is not None:
        return *quickly, []
    if text.lstrip().startswith("{"):
        value, faults = read_json(text)
        if not _is_syntax(faults):
            return value, "json", faults
        yaml_value, yaml_faults = read_yaml(text)
        if not _is_syntax(yaml_faults):
            return yaml_value, "yaml", yaml_faults
        if _LIKE_JSON.match(text) and faults[0].line >= yaml_faults[0].line:
            return None, "json", faults
        return None, "yaml", yaml_faults
    value, faults = read_yaml(text)
    return value, "yaml", faults


#: A mapping whose first key is in quotes; YAML's flow style that is written so is mostly meant as JSON.
_LIKE_JSON = re.compile(r'\s*\{\s*["}]')


def _is_syntax(faults: Sequence[SyntaxFault]) -> bool:
    return any(fault.rule == "front-matter-syntax" for fault in faults)


def read_bytes(source: Source) -> tuple[bytes | None, Finding | None]:
    """The bytes of a record's file, or the finding that says why there are none."""
    return next(read_all([source]))


def read_all(sources: Sequence[Source]) -> Iterator[tuple[bytes | None, Finding | None]]:
    """The bytes of each record's file, as `read_bytes`; those behind URLs are fetched together.

    Raises:
        ReleaseError: a file behind a URL cannot be reached.
    """
    files: list[Url | str] = [
        Url(source.place, source.size) if system_files.is_url(source.place) else source.place
        for source in sources
    ]
    behind = system_files.read_urls(
        [file for file in files if isinstance(file, Url) and (file.size or 0) <= MAX_BYTES]
    )
    for source, file in zip(sources, files, strict=True):
        try:
            yield _judged(source, _bytes(file, behind))
        except OSError as error:
            told = error.strerror or "no such file"
            message = f"cannot be read: {told}, expected a record"
            yield None, Finding("file-unreadable", source.path, message, file=source.place)


def _bytes(file: Url | str, behind: Mapping[Url, bytes | OSError]) -> bytes | int | None:
    """What is in a file; its size where that is too large, None where it is no regular file."""
    if isinstance(file, Url):
        data = behind.get(file, file.size)
        if isinstance(data, OSError):
            raise data
        return len(data) if isinstance(data, bytes) and len(data) > MAX_BYTES else data
    status = os.lstat(file)
    if not stat.S_ISREG(status.st_mode):
        return None
    if status.st_size > MAX_BYTES:
        return status.st_size
    handle = os.open(file, os.O_RDONLY | system_files.STRICT_FLAGS)
    try:
        return b"".join(iter(partial(os.read, handle, status.st_size + 1), b""))
    finally:
        os.close(handle)


def _judged(source: Source, data: bytes | int | None) -> tuple[bytes | None, Finding | None]:
    if isinstance(data, bytes) and data and not data.isspace():
        return data, None
    if isinstance(data, int):
        found, expected = f"has {data:,} bytes", f"at most {MAX_BYTES:,}"
        rule, message = "file-too-large", f"{found}, expected {expected}"
    elif data is None:
        rule, message = "not-a-file", "is no regular file, expected one"
    else:
        rule, message = "file-empty", "is empty, expected a record"
    return None, Finding(rule, source.path, message, file=source.place)


def _decode(source: Source, data: bytes) -> tuple[str | None, list[Finding]]:
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
    return _unified(text), findings


def _unified(text: str) -> str:
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n") if "\r" in text else text


def _split(text: str) -> tuple[str | None, str, SyntaxFault | None]:
    """Front matter and body; the body begins right after the line of the closing fence."""
    if not _HANDLER.detect(text):
        first = shown(text.partition("\n")[0])
        message = f"found {first if first != 'missing' else 'an empty line'}, expected '---'"
        return None, "", SyntaxFault("fence-missing", 0, 0, message)
    try:
        front, body = _HANDLER.split(text)
    except ValueError:
        message = "found no line '---' that closes the front matter, expected one"
        return None, "", SyntaxFault("fence-not-closed", 0, 0, message)
    return front, body, None


def _line_ends(source: Source, data: bytes) -> list[Finding]:
    crlf = data.count(b"\r\n") if b"\r" in data else 0
    if not crlf:
        return []
    lf = data.count(b"\n")
    if crlf == lf:
        line, message = 1, "every line ends in CRLF, expected LF"
    else:
        line = data.count(b"\n", 0, data.index(b"\r\n")) + 1
        message = f"{crlf} of {lf} lines end in CRLF, the first here, expected LF in all"
    column = len(_unified(data.decode("utf-8")).split("\n", line)[line - 1]) + 1
    return [
        Finding(
            "line-ends",
            source.path,
            message,
            line,
            column,
            severity="warning",
            file=source.place,
        )
    ]


def _below_fence(fault: SyntaxFault) -> SyntaxFault:
    return SyntaxFault(fault.rule, fault.line + 1, fault.column, fault.message, fault.place)


def _unread(fault: SyntaxFault) -> SyntaxFault:
    """A fault for which there is no record: no wish can lower it, else the record would be left out."""
    rule = "front-matter-syntax" if fault.rule == "control-character" else fault.rule
    return SyntaxFault(rule, fault.line, fault.column, fault.message, fault.place)


def _body_faults(body: str, body_line: int) -> list[SyntaxFault]:
    return [
        SyntaxFault(fault.rule, fault.line + body_line, fault.column, fault.message, ("$body",))
        for fault in find_control_characters(body, CONTROL)
    ]


def _finding(source: Source, fault: SyntaxFault) -> Finding:
    return Finding(
        fault.rule,
        source.path,
        fault.message,
        fault.line + 1,
        fault.column + 1,
        field=printable(show_path(fault.place)) if fault.place != ("$body",) else "$body",
        file=source.place,
    )
