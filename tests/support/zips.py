"""Zips as no packer of ours writes them: each of their parts can say something else than the others."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """A member: what its header and the directory say of it.

    `header` and `entry` are numbers that differ from what is true there, by name; `before` stands before the
    header, `behind` behind the bytes.
    """

    name: bytes
    data: bytes = b"x"
    method: int = 0
    flags: int = 0
    system: int = 3
    attributes: int = 0o100644 << 16
    header: dict[str, int] = field(default_factory=dict)
    entry: dict[str, int] = field(default_factory=dict)
    header_name: bytes | None = None
    header_extra: bytes = b""
    extra: bytes = b""
    comment: bytes = b""
    before: bytes = b""
    behind: bytes = b""
    packed: bytes | None = None

    @property
    def stored(self) -> bytes:
        """The bytes as they are packed."""
        if self.packed is not None:
            return self.packed
        if self.method != 8:
            return self.data
        packer = zlib.compressobj(wbits=-15)
        return packer.compress(self.data) + packer.flush()

    @property
    def numbers(self) -> dict[str, int]:
        """What is true of it."""
        return {
            "flags": self.flags,
            "method": self.method,
            "crc": zlib.crc32(self.data),
            "packed": len(self.stored),
            "size": len(self.data),
        }


def parts_of(path: Path) -> list[Part]:
    """The members of a zip."""
    with zipfile.ZipFile(path) as held:
        return [
            Part(each.filename.encode(), held.read(each), flags=each.flag_bits)
            for each in held.infolist()
        ]


@dataclass(frozen=True)
class End:
    """The end of a zip: numbers that differ from what is true there, and what stands around the directory."""

    before: bytes = b""
    within: bytes = b""
    behind: bytes = b""
    comment: bytes = b""
    shift: int = 0
    wide: dict[str, int] | None = None
    said: dict[str, int] = field(default_factory=dict)


def pack(parts: Sequence[Part], end: End = End()) -> bytes:
    """Pack parts; with `wide` the end has a directory of 64 bits, too."""
    body, directory = end.before, b""
    for part in parts:
        body += part.before
        at = len(body) - end.shift
        numbers = part.numbers
        directory += _entry(part, {"offset": at, **numbers, **part.entry})
        body += _header(part, {**numbers, **part.header}) + part.stored + part.behind
    directory += end.within
    count = len(parts)
    true = {"count": count, "all": count, "size": len(directory), "begins": len(body) - end.shift}
    said = {**true, **end.said}
    tail = b""
    if end.wide is not None:
        wide = {**true, "ends": len(body) + len(directory), "disk": 0, **end.wide}
        tail += struct.pack(
            "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, wide["disk"], wide["disk"],
            wide["count"], wide["all"], wide["size"], wide["begins"],
        )  # fmt: skip
        tail += struct.pack("<4sLQL", b"PK\6\7", 0, wide["ends"], 1)
    disk, comment = said.get("disk", 0), said.get("comment", len(end.comment))
    numbers_of_end = (disk, disk, said["count"], said["all"], said["size"], said["begins"], comment)
    tail += struct.pack("<4s4H2LH", b"PK\5\6", *numbers_of_end) + end.comment
    return body + directory + tail + end.behind


def _header(part: Part, say: dict[str, int]) -> bytes:
    name = part.name if part.header_name is None else part.header_name
    sizes = (say["crc"], say["packed"], say["size"], len(name), len(part.header_extra))
    fixed = struct.pack("<4s5H3L2H", b"PK\3\4", 20, say["flags"], say["method"], 0, 33, *sizes)
    return fixed + name + part.header_extra


def _entry(part: Part, say: dict[str, int]) -> bytes:
    made = part.system << 8 | 20
    sizes = (say["crc"], say["packed"], say["size"])
    lengths = (len(part.name), len(part.extra), len(part.comment))
    place = (say.get("disk", 0), 0, part.attributes, say["offset"])
    begin = struct.pack("<4s6H3L", b"PK\1\2", made, 20, say["flags"], say["method"], 0, 33, *sizes)
    return begin + struct.pack("<5H2L", *lengths, *place) + part.name + part.extra + part.comment


def extra(number: int, data: bytes) -> bytes:
    """An extra field."""
    return struct.pack("<2H", number, len(data)) + data


def unicode_path(raw: bytes, name: bytes) -> bytes:
    """The extra field that names a member a second time (APPNOTE 4.6.9)."""
    return extra(0x7075, b"\1" + struct.pack("<L", zlib.crc32(raw)) + name)


def described(part: Part, *, marked: bool = True, wide: bool = False, **said: int) -> Part:
    """A member whose size and checksum stand behind its bytes."""
    say = {**part.numbers, **said}
    numbers = struct.pack("<L2Q" if wide else "<3L", say["crc"], say["packed"], say["size"])
    flags = part.flags | 8
    nothing = {"crc": 0, "packed": 0, "size": 0}
    behind = (b"PK\7\x08" if marked else b"") + numbers
    return replace(part, flags=flags, header=nothing, behind=behind)
