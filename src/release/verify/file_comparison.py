"""A file that takes what is written to it as a claim about what stands in another one."""

from __future__ import annotations

import io
from typing import IO, Any


class Same(io.RawIOBase):
    """Compares what is written with a file, piece by piece, and keeps none of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = file.seek(0, io.SEEK_END)
        self._at = file.seek(0)
        self._first: int | None = None

    def writable(self) -> bool:
        """It is written to."""
        return True

    def tell(self) -> int:
        """Return the offset of the next piece."""
        return self._at

    def write(self, data: Any) -> int:
        """Compare a piece with what stands in the file at this place."""
        piece = data if isinstance(data, bytes) else bytes(data)
        if self._first is None and (found := self._file.read(len(piece))) != piece:
            pairs = enumerate(zip(found, piece, strict=False))
            differs = next((at for at, (one, other) in pairs if one != other), len(found))
            self._first = self._at + differs
        self._at += len(piece)
        return len(piece)

    def is_past_end(self) -> bool:
        """Return whether more was written than the file holds."""
        return self._at > self._size

    def first_difference(self) -> int | None:
        """Return the offset of the first byte that differs, or at which one of the two ends."""
        if self._first is None and self._at < self._size:
            return self._at
        return self._first
