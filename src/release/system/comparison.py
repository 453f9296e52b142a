"""The comparison of a file with bytes that are made piece by piece."""

from __future__ import annotations

import io
from typing import IO, Any


class FileComparison(io.RawIOBase):
    """A file to write to that compares each piece with another file and keeps nothing."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = file.seek(0, io.SEEK_END)
        self._at = file.seek(0)
        self._first: int | None = None

    def writable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position in the file of the next piece."""
        return self._at

    def write(self, data: Any) -> int:
        """Compare a piece with the bytes of the file at the same position."""
        piece = data if isinstance(data, bytes) else bytes(data)
        if self._first is None and (found := self._file.read(len(piece))) != piece:
            pairs = enumerate(zip(found, piece, strict=False))
            differs = next((at for at, (one, other) in pairs if one != other), len(found))
            self._first = self._at + differs
        self._at += len(piece)
        return len(piece)

    def is_past_end(self) -> bool:
        """Return whether more bytes were written than the file has."""
        return self._at > self.size

    def first_difference(self) -> int | None:
        """Return the position of the first byte that differs, or of the end of the shorter one; else None."""
        if self._first is None and self._at < self.size:
            return self._at
        return self._first
