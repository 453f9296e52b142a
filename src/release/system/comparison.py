"""Comparisons of a file: with bytes that are made piece by piece, or line by line with another text."""

from __future__ import annotations

import io
from collections.abc import Iterator
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


def compare_lines(path: str, old: str, new: str) -> Iterator[str]:
    """Yield the lines of a unified diff of a file, as `patch -p1` takes it; none if nothing differs."""
    from difflib import unified_diff  # few commands show one

    before, after = _split(old), _split(new)
    for line in unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm=""):
        yield from line.split("\n")


def _split(text: str) -> list[str]:
    """Split a text into lines; the last one says if it does not end."""
    *lines, last = text.split("\n")
    return [*lines, f"{last}\n\\ No newline at end of file"] if last else lines
