"""Read the directory of a zip: the members that it names, from one place only.

The sections in comments are those of APPNOTE.TXT of PKWARE.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

STORED, DEFLATED = 0, 8

#: Bits of a member's flags (4.4.4): encryption of any kind, and a descriptor behind the bytes.
ENCRYPTED, DESCRIBED = 0x2041, 0x08

ZIP64, UNICODE_PATH = 0x0001, 0x7075
ELSEWHERE, _ELSEWHERE_SHORT = 0xFFFFFFFF, 0xFFFF

# 4.3.12, 4.3.14, 4.3.15 and 4.3.16
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\5\6"


class LayoutError(Exception):
    """A zip, or one member of it, that is not as it was packed; the message is a predicate for people."""


@dataclass(frozen=True, slots=True)
class ZipMember:
    """A member as the directory names it.

    Attributes:
        name: The path; the name of a folder ends in `/`.
        raw: The bytes of the name.
        flags: The bits of 4.4.4.
        method: How it is packed: STORED, DEFLATED or another one.
        crc: The CRC-32 of its content.
        packed: The bytes that it takes in the zip.
        size: The bytes of its content.
        attributes: The external attributes: a mode of Unix in the upper half, attributes of DOS below.
        offset: Where its header begins.
        problem: What is wrong with its entry; empty if there is nothing.
    """

    name: str
    raw: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    attributes: int
    offset: int
    problem: str = ""

    @property
    def is_folder(self) -> bool:
        """True if the name is that of a folder."""
        return self.name.endswith("/")


@dataclass(frozen=True, slots=True)
class Directory:
    """The directory of a zip: where it begins, its bytes, and the number of members that it says it has."""

    begins: int
    size: int
    count: int


def find_directory(file: IO[bytes]) -> Directory:
    """Find the directory of a zip from its end (4.3.14, 4.3.16).

    Raises:
        LayoutError: there is none, or something stands before, behind or between what belongs to it.
    """
    size = file.seek(0, 2)
    start = max(0, size - _END.size - _ELSEWHERE_SHORT - _LOCATOR64.size)
    tail = read_bytes(file, start, size - start)
    at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) < at + _END.size:
        raise LayoutError("is no whole zip: its directory is missing; fetch it again")
    end = _END.unpack_from(tail, at)
    ends = start + at
    behind = size - ends - _END.size - end[7]
    if behind < 0:
        raise LayoutError("is no whole zip: it ends before its comment does; fetch it again")
    if behind > 0:
        raise LayoutError(f"has {behind} bytes behind its end, expected nothing there")
    disks, counts, (length, begins) = end[1:3], end[3:5], end[5:7]
    if at >= _LOCATOR64.size and tail[at - _LOCATOR64.size :].startswith(b"PK\6\7"):
        _, _, place, _ = _LOCATOR64.unpack_from(tail, at - _LOCATOR64.size)
        wide = _wide_end(file, place, ends - _LOCATOR64.size)
        if not _agree([*counts, length, begins], wide[6:10]):
            raise LayoutError("has two directories that differ, expected one")
        disks, counts, (length, begins), ends = wide[4:6], wide[6:8], wide[8:10], place
    if any(disks) or counts[0] != counts[1]:
        raise LayoutError("is one part of several, expected a whole zip")
    if begins + length != ends:
        raise LayoutError(
            f"has a directory that ends at byte {ends}, and says {begins + length}: bytes stand before the "
            "zip, or are lost; expected a zip alone"
        )
    return Directory(begins, length, counts[1])


def _wide_end(file: IO[bytes], place: int, ends: int) -> tuple[int, ...]:
    """Return the record of 64 bits that ends a directory, which is followed by its locator (4.3.14)."""
    record = read_bytes(file, place, _END64.size) if place < ends else b""
    if len(record) < _END64.size or not record.startswith(b"PK\6\6"):
        raise LayoutError("is no whole zip: its directory of 64 bits is missing; fetch it again")
    wide = _END64.unpack(record)
    if place + 12 + wide[1] != ends:
        raise LayoutError("has bytes within its directory that belong to nothing")
    return wide


def _agree(short: Sequence[int], wide: Sequence[int]) -> bool:
    """Return True if numbers are those of 64 bits, or say that these have them."""
    ends = (_ELSEWHERE_SHORT, _ELSEWHERE_SHORT, ELSEWHERE, ELSEWHERE)
    return all(one in (other, end) for one, other, end in zip(short, wide, ends, strict=True))


def read_members(file: IO[bytes], directory: Directory) -> list[ZipMember]:
    """Read the directory of a zip.

    Raises:
        LayoutError: it holds other things than its members.
    """
    data = read_bytes(file, directory.begins, directory.size)
    members, at = [], 0
    for _ in range(directory.count):
        if len(data) < at + _CENTRAL.size or not data.startswith(b"PK\1\2", at):
            raise LayoutError("is no whole zip: its directory is damaged; fetch it again")
        entry = _CENTRAL.unpack_from(data, at)
        name_at = at + _CENTRAL.size
        extra_at = name_at + entry[10]
        at = extra_at + entry[11] + entry[12]
        if at > len(data):
            raise LayoutError("is no whole zip: its directory is damaged; fetch it again")
        extra = data[extra_at : extra_at + entry[11]]
        members.append(_member(entry, data[name_at:extra_at], extra))
    if at != len(data):
        raise LayoutError(f"has {len(data) - at} bytes in its directory that belong to no member")
    return members


def _member(entry: tuple[int, ...], raw: bytes, extra: bytes) -> ZipMember:
    """Return a member from its entry in the directory (4.3.12)."""
    flags, method, crc, disk = entry[3], entry[4], entry[7], entry[13]
    numbers = [entry[9], entry[8], entry[16]]
    problem = ""
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        name = raw.decode("utf-8", "backslashreplace")
        problem = "has a name that is not UTF-8, expected one that is"
    if extra or ELSEWHERE in numbers:
        try:
            fields = read_fields(extra)
            numbers = widen(numbers, fields.get(ZIP64, b""))
        except LayoutError as error:
            return ZipMember(name, raw, flags, method, crc, 0, 0, entry[15], 0, str(error))
        other = fields.get(UNICODE_PATH)
        if other is not None and other[5:] != raw:
            problem = "has two names, expected one"
    if disk not in (0, _ELSEWHERE_SHORT):
        problem = "stands in another part of the zip, expected it in this one"
    size, packed, offset = numbers
    return ZipMember(name, raw, flags, method, crc, packed, size, entry[15], offset, problem)


def read_fields(extra: bytes) -> dict[int, bytes]:
    """Return the extra fields of a header by their number (4.5.1); of a field that stands twice the first.

    Raises:
        LayoutError: a field of 64 bits or a name stands twice, or a field is cut.
    """
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        number, length = struct.unpack_from("<HH", extra, at)
        at += 4
        if at + length > len(extra) or (number in found and number in (ZIP64, UNICODE_PATH)):
            raise LayoutError("has extra fields that are damaged")
        found.setdefault(number, extra[at : at + length])
        at += length
    return found


def widen(numbers: Sequence[int], wide: bytes) -> list[int]:
    """Return numbers, those that say so from the field of 64 bits (4.5.3)."""
    missing = numbers.count(ELSEWHERE)
    if len(wide) < 8 * missing:
        raise LayoutError("has a size that is written nowhere")
    values = iter(struct.unpack_from(f"<{missing}Q", wide))
    return [next(values) if number == ELSEWHERE else number for number in numbers]


def read_bytes(file: IO[bytes], position: int, length: int) -> bytes:
    """Return bytes of a file from a position; fewer if it ends."""
    file.seek(position)
    return file.read(length)
