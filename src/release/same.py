"""A file that takes what is written to it as a claim about what stands in another one."""

from __future__ import annotations

import io
from typing import IO, Any


class Same(io.RawIOBase):
    """Compares what is written with a file, piece by piece, and keeps none of it.

    A piece may be written again at its place, as zipfile writes the header of a member again with its
    checksum: what counts is what was written last.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = file.seek(0, io.SEEK_END)
        self._at = 0
        self._end = 0
        self._wrong: dict[int, int] = {}

    def writable(self) -> bool:
        """It is written to."""
        return True

    def seekable(self) -> bool:
        """Pieces may be written in any order."""
        return True

    def tell(self) -> int:
        """Where the next piece is compared."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, counted from the start."""
        assert whence == io.SEEK_SET
        self._at = offset
        return offset

    def write(self, data: Any) -> int:
        """Compare a piece with what stands in the file at this place."""
        piece = data if isinstance(data, bytes) else bytes(data)
        self._file.seek(self._at)
        found = self._file.read(len(piece))
        if found == piece:
            self._wrong.pop(self._at, None)
        else:
            pairs = enumerate(zip(found, piece, strict=False))
            differs = next((at for at, (one, other) in pairs if one != other), len(found))
            self._wrong[self._at] = self._at + differs
        self._at += len(piece)
        self._end = max(self._end, self._at)
        return len(piece)

    def is_past_end(self) -> bool:
        """Whether more was written than the file holds."""
        return self._end > self._size

    def first_difference(self) -> int | None:
        """The first byte that is not the same, or where one of the two ends."""
        ends = [min(self._size, self._end)] if self._size != self._end else []
        return min([*self._wrong.values(), *ends], default=None)
