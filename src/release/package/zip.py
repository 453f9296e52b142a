"""Write files as a zip whose bytes depend on nothing but their paths, content and one time."""

from __future__ import annotations

import os
import struct
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from release.findings.errors import ReleaseError
from release.system.limits import LIMITS, Limits

#: So many members are written into the directory at once.
_AT_ONCE = 1 << 12

#: What stands in a field that is too narrow: the value is in the field of zip64.
_ELSEWHERE, _ELSEWHERE_SHORT = 0xFFFFFFFF, 0xFFFF

# APPNOTE.TXT of PKWARE, 4.3.7, 4.3.12, 4.3.14, 4.3.15 and 4.3.16
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")
_WIDE = struct.Struct("<2H2Q")

#: Versions that a reader needs, without and with zip64; 3 in the upper byte is Unix, wherever it is built.
_VERSION, _VERSION64, _UNIX = 20, 45, 3 << 8
_UTF8 = 0x800
_MODE = 0o100644 << 16


class Member(NamedTuple):
    """A file in a zip: its path, its size in bytes, the CRC-32 of what it holds."""

    path: str
    size: int
    crc: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A file with some members in sequence, as a zip has them; `members` are iterated more than once."""

    file: Path
    members: Iterable[Member]


@dataclass(frozen=True, slots=True)
class Known:
    """The known facts of members: the CRC-32 of files by path, and the members that are packed already."""

    crcs: Mapping[str, int] = field(default_factory=dict)
    segments: Sequence[Segment] = ()


class Target(Protocol):
    """The target of a zip, which is written from its first byte to its last."""

    def write(self, data: Any, /) -> object:
        """Take more bytes."""


def zip_name(package: str, version: str) -> str:
    """Return the name of a release's zip."""
    return f"{package}-{version}.zip"


def write(
    root: Path,
    paths: Sequence[str],
    form: Form,
    target: Target,
    known: Known = Known(),
) -> None:
    """Write the files at `paths` below `root`, and those of known segments between them, as one zip.

    Sorted by name; no file stands between members of segments. Stored, for deflate differs between builds
    of zlib; modes fixed; every entry's time is that of the form. These are the bytes that zipfile would
    write. A segment is gone once it is written.

    Raises:
        ReleaseError: two members would have one path.
    """
    names = sorted(paths)
    first = next((member.path for member in _packed(known)), "")
    behind = bisect_left(names, first) if first else len(names)
    packed = (member.path for member in _packed(known))
    _refuse_twice(chain(names[:behind], packed, names[behind:]))
    before = [_append(root, path, form, target, known.crcs) for path in names[:behind]]
    for segment in known.segments:
        with segment.file.open("rb", buffering=0) as source:
            _copy(source.fileno(), target, form.limits.small_file)
        segment.file.unlink()
    after = [_append(root, path, form, target, known.crcs) for path in names[behind:]]
    for piece in _directory(chain(before, _packed(known), after), form):
        target.write(piece)


def _packed(known: Known) -> Iterator[Member]:
    return chain.from_iterable(segment.members for segment in known.segments)


def _refuse_twice(paths: Iterable[str]) -> None:
    """Refuse two members at one path, as unpacking would lose one of them."""
    for path, following in pairwise(paths):
        if path == following:
            raise ReleaseError(f"two members of the archive have the path {path}")
        assert path < following, "members are sorted, and none stands between those of segments"


def _append(root: Path, path: str, form: Form, target: Target, crcs: Mapping[str, int]) -> Member:
    """Write a file as a member; return the member."""
    handle = os.open(f"{root}/{path}", os.O_RDONLY)
    try:
        size = os.fstat(handle).st_size
        piece = form.limits.small_file
        if size <= piece:
            data = os.read(handle, size)
            member = Member(path, len(data), zlib.crc32(data))
            target.write(header(member, form) + data)
            return member
        crc = crcs[path] if path in crcs else _crc(handle, piece)
        member = Member(path, size, crc)
        target.write(header(member, form))
        os.lseek(handle, 0, os.SEEK_SET)
        _copy(handle, target, piece)
        return member
    finally:
        os.close(handle)


def _crc(handle: int, piece: int) -> int:
    crc, block = 0, memoryview(bytearray(piece))
    while count := os.readv(handle, [block]):
        crc = zlib.crc32(block[:count], crc)
    return crc


def _copy(handle: int, target: Target, piece: int) -> None:
    block = memoryview(bytearray(piece))
    while count := os.readv(handle, [block]):
        target.write(block[:count])


class Time(NamedTuple):
    """A time as zip writes it, in two numbers."""

    time: int
    date: int

    @classmethod
    def of(cls, moment: datetime) -> Time:
        """Return a time in UTC, rounded down to 2 seconds; earlier ones are 1980, where zip begins."""
        utc = max(moment.astimezone(UTC), datetime(1980, 1, 1, tzinfo=UTC))
        date = (utc.year - 1980) << 9 | utc.month << 5 | utc.day
        return cls(utc.hour << 11 | utc.minute << 5 | utc.second // 2, date)


@dataclass(frozen=True, slots=True)
class Form:
    """The form of members: the time of each, and the limits of sizes."""

    time: Time
    limits: Limits

    @classmethod
    def of(cls, created: datetime, limits: Limits = LIMITS) -> Form:
        """Return the form of a zip whose members all have one time."""
        return cls(Time.of(created), limits)


def header(member: Member, form: Form) -> bytes:
    """Return the bytes that precede those of a member in a zip."""
    name, flags = _name(member.path)
    size, version, extra = member.size, _VERSION, b""
    if (
        size * 1.05 > form.limits.zip64_size
    ):  # zipfile leaves room for a file that grows as it is packed
        extra = _WIDE.pack(1, 16, size, size)
        size, version = _ELSEWHERE, _VERSION64
    numbers = (flags, 0, *form.time, member.crc, size, size, len(name), len(extra))
    return _LOCAL.pack(b"PK\3\4", version, *numbers) + name + extra


def _name(path: str) -> tuple[bytes, int]:
    """Return a path as bytes, and the flag of their encoding."""
    return path.encode(), 0 if path.isascii() else _UTF8


def _directory(members: Iterator[Member], form: Form) -> Iterator[bytes]:
    """Yield the bytes that follow those of all members in a zip."""
    at = size = count = 0
    while some := list(islice(members, _AT_ONCE)):
        pieces = []
        for member in some:
            entry, before = _entry(member, form, at)
            pieces.append(entry)
            at += before + member.size
        piece = b"".join(pieces)
        size += len(piece)
        count += len(pieces)
        yield piece
    begins, ends = at, at + size
    large = form.limits.zip64_size
    if count > form.limits.zip64_files or begins > large or size > large:
        yield _END64.pack(b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, begins)
        yield _LOCATOR64.pack(b"PK\6\7", 0, ends, 1)
        count = min(count, _ELSEWHERE_SHORT)
        size, begins = min(size, _ELSEWHERE), min(begins, _ELSEWHERE)
    yield _END.pack(b"PK\5\6", 0, 0, count, count, size, begins, 0)


def _entry(member: Member, form: Form, at: int) -> tuple[bytes, int]:
    """Return a member's entry in the directory of a zip, and the size of its header, which is at `at`."""
    name, flags = _name(member.path)
    size, version, wide, large = member.size, _VERSION, [], form.limits.zip64_size
    before = _LOCAL.size + len(name)
    if member.size * 1.05 > large:
        version = _VERSION64  # as its header says
        before += _WIDE.size
    if member.size > large:
        wide += [member.size, member.size]
        size = _ELSEWHERE
    if at > large:
        wide.append(at)
        at = _ELSEWHERE
    extra = b""
    if wide:
        extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide)
        version = _VERSION64
    numbers = (flags, 0, *form.time, member.crc, size, size, len(name), len(extra))
    rest = (0, 0, 0, _MODE, at)
    entry = _CENTRAL.pack(b"PK\1\2", _UNIX | version, version, *numbers, *rest)
    return entry + name + extra, before
