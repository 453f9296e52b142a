"""Hold a zip against its directory: every byte belongs to one member or to the directory, or it is refused.

Programs that unpack a zip differ in what they make of bytes between members, of two directories, and of
headers that say something else than the directory. So each of these could show one file to us and another one
to others. The sections in comments are those of APPNOTE.TXT of PKWARE.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import IO

from release.findings.message import shown
from release.system.archive.directory import (
    DEFLATED,
    DESCRIBED,
    ELSEWHERE,
    UNICODE_PATH,
    ZIP64,
    Directory,
    LayoutError,
    ZipMember,
    read_bytes,
    read_fields,
    widen,
)

#: What a packer chose to pack well; it may differ between a header and the directory (4.4.4).
_LEVEL = 0x06

_BLOCK = 1 << 20

#: The header of a member (4.3.7).
_LOCAL = struct.Struct("<4s5H3L2H")


def check_layout(
    file: IO[bytes], directory: Directory, members: Sequence[ZipMember]
) -> Iterator[tuple[ZipMember, str]]:
    """Yield each member whose header or place is not as the directory says, with what is wrong."""
    position, before = 0, ""
    ordered = sorted(members, key=lambda each: each.offset)
    ends = [*(each.offset for each in ordered[1:]), directory.begins]
    for member, following in zip(ordered, ends, strict=True):
        if member.offset < position:
            yield member, f"shares bytes with {shown(before)}, expected its own"
            return
        if member.offset > position:
            yield member, f"stands behind {member.offset - position} bytes that belong to no member"
            return
        try:
            begins = find_content(file, member)
            position = begins + member.packed
            if member.flags & DESCRIBED:
                room = min(max(following - position, 0), 24)
                position += _descriptor(read_bytes(file, position, room), member)
        except LayoutError as error:
            yield member, str(error)
            return
        before = member.name
    if position != directory.begins:
        last = ordered[-1] if ordered else None
        gap = directory.begins - position
        if last is None:
            raise LayoutError(f"has {gap} bytes that belong to no member, expected none")
        told = f"is followed by {gap} bytes that belong to no member"
        yield last, told if gap > 0 else "shares bytes with the directory, expected its own"


def find_content(file: IO[bytes], member: ZipMember) -> int:
    """Return where the bytes of a member begin, behind its header (4.3.7).

    Raises:
        LayoutError: the header says something else than the directory.
    """
    length = _LOCAL.size + len(member.raw)
    head = read_bytes(file, member.offset, length)
    if len(head) < length or not head.startswith(b"PK\3\4"):
        raise LayoutError("has no header, expected one where the directory says")
    numbers: tuple[int, ...] = _LOCAL.unpack_from(head)[2:]
    flags, method, _, _, crc, packed, size, name_length, extra_length = numbers
    name = head[_LOCAL.size :]
    if name_length != len(member.raw) or name != member.raw:
        raise LayoutError("has another name in its header than in the directory")
    extra = read_bytes(file, member.offset + length, extra_length)
    fields = read_fields(extra)
    if fields.get(UNICODE_PATH, b"12345" + name)[5:] != name:
        raise LayoutError("has two names, expected one")
    held = [crc, *_local_sizes((size, packed), fields)]
    expected = [member.crc, member.size, member.packed]
    if (flags ^ member.flags) & ~_LEVEL or method != member.method:
        raise LayoutError("is packed in another way by its header than by the directory")
    later = 0 if flags & DESCRIBED else None  # then a descriptor behind the bytes may say it
    if any(one not in (other, later) for one, other in zip(held, expected, strict=True)):
        raise LayoutError("has another size or checksum in its header than in the directory")
    return member.offset + length + extra_length


def _local_sizes(numbers: tuple[int, int], fields: dict[int, bytes]) -> list[int]:
    """Return both sizes of a header, from its field of 64 bits if they say so."""
    return widen(numbers, fields.get(ZIP64, b""))


def _descriptor(data: bytes, member: ZipMember) -> int:
    """Return the length of the descriptor behind the bytes of a member, in any of its four forms (4.3.9)."""
    for mark in (b"PK\7\x08", b""):
        for form in ("<3L", "<L2Q"):
            numbers = (member.crc, member.packed, member.size)
            if form == "<3L" and max(numbers) > ELSEWHERE:
                continue
            expected = mark + struct.pack(form, *numbers)
            if data.startswith(expected):
                return len(expected)
    raise LayoutError("has another size or checksum behind it than in the directory")


def read_content(file: IO[bytes], member: ZipMember) -> Iterator[bytes]:
    """Yield the content of a member, in pieces; never more than the directory says.

    Raises:
        LayoutError: the content is not what was packed.
    """
    position = find_content(file, member)
    left, size, crc = member.packed, 0, 0
    inflater = zlib.decompressobj(-15) if member.method == DEFLATED else None
    while True:
        data = read_bytes(file, position, min(left, _BLOCK))
        if len(data) < min(left, _BLOCK):
            raise LayoutError("is damaged: the zip ends within it")
        position, left = position + len(data), left - len(data)
        for piece in _inflated(inflater, data) if inflater else (data,):
            size, crc = size + len(piece), zlib.crc32(piece, crc)
            if size > member.size:
                raise LayoutError("is damaged: it is longer than the directory says")
            yield piece
        if not left:
            break
    if size < member.size or (inflater and not inflater.eof):
        raise LayoutError("is damaged: it is shorter than the directory says")
    if crc != member.crc:
        raise LayoutError("is damaged: its CRC-32 is another one")


def _inflated(inflater: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Yield what packed bytes hold, not much at a time."""
    try:
        while data and not inflater.eof:
            yield inflater.decompress(data, _BLOCK)
            data = inflater.unconsumed_tail
    except zlib.error as error:
        raise LayoutError(f"is damaged: {error}") from error
    if inflater.unused_data or (data and inflater.eof):
        raise LayoutError("is damaged: something stands behind it")
