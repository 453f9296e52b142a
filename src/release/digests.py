"""What a file holds, in three numbers: its size, its SHA-256, its CRC-32."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path
from typing import Any, NamedTuple

from release.archive import Target

#: So many bytes of a file are held at once.
_BLOCK = 1 << 18


class Digest(NamedTuple):
    """The bytes that a file holds, counted and digested."""

    bytes: int
    sha256: str
    crc: int


def of(path: Path) -> Digest:
    """The digest of a file, which is read once."""
    size, crc, sha256 = 0, 0, hashlib.sha256()
    block = memoryview(bytearray(_BLOCK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(block):
            size += count
            crc = zlib.crc32(block[:count], crc)
            sha256.update(block[:count])
    return Digest(size, sha256.hexdigest(), crc)


def sha256_of(*paths: Path) -> str:
    """The SHA-256 of a file, or of several one after the other."""
    found = hashlib.sha256()
    block = memoryview(bytearray(_BLOCK))
    for path in paths:
        with path.open("rb", buffering=0) as file:
            while count := file.readinto(block):
                found.update(block[:count])
    return found.hexdigest()


class Digesting:
    """Takes what is written to a file, and digests it on its way."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._sha256 = hashlib.sha256()
        self.bytes = 0

    def write(self, data: Any, /) -> None:
        """Write some bytes, and count them in."""
        self._target.write(data)
        self._sha256.update(data)
        self.bytes += len(data)

    @property
    def sha256(self) -> str:
        """The SHA-256 of what was written so far."""
        return self._sha256.hexdigest()
