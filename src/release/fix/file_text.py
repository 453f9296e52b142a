"""The text of a file as its reader sees it, and edits of it that keep every other byte."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

_BOM = "\ufeff"
_MARK = _BOM.encode()


class Edit(NamedTuple):
    """Two offsets of a text, and the text that takes the place of what is between them."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Transport:
    """Changes around the text of a file: of its line ends, of a mark before it, of its last line."""

    drops_mark: bool = False
    unifies_ends: bool = False
    ends_last_line: bool = False


@dataclass(frozen=True)
class FileText:
    r"""The text of a file in UTF-8.

    `data` are its bytes. Offsets, lines and columns are those of `text`, which has neither a byte-order mark
    nor CRLF, as findings count them; all count from 0.
    """

    data: bytes

    @cached_property
    def _written(self) -> str:
        """The file as it is written, but for a byte-order mark."""
        return self.data.decode("utf-8").removeprefix(_BOM)

    @property
    def has_mark(self) -> bool:
        """True if a byte-order mark stands before the text."""
        return self.data.startswith(_MARK)

    @cached_property
    def text(self) -> str:
        """The text, with line ends as LF."""
        return self._written.replace("\r\n", "\n")

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    @cached_property
    def _returns(self) -> list[int]:
        """The offsets, in the text, of the line ends that are written as CRLF."""
        found = re.finditer("\r\n", self._written)
        return [match.start() - number for number, match in enumerate(found)]

    def offset_of(self, line: int, column: int) -> int | None:
        """Return the offset of a line and column; None if the text has no such place."""
        starts = self._line_starts
        if not 0 <= line < len(starts):
            return None
        offset = starts[line] + column
        end = starts[line + 1] if line + 1 < len(starts) else len(self.text) + 1
        return offset if offset < end else None

    def locate(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset."""
        line = bisect_right(self._line_starts, offset) - 1
        return line, offset - self._line_starts[line]

    def line_end(self, offset: int) -> int:
        """Return the offset at which the line of an offset ends."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end

    def lacks_last_end(self) -> bool:
        """Return True if the last line does not end."""
        return bool(self._written) and not self._written.endswith(("\n", "\r"))

    def edit(self, edits: Iterable[Edit], transport: Transport) -> bytes:
        """Return the bytes of the file after edits, which do not overlap."""
        written = self._written
        for start, end, new in sorted(edits, reverse=True):
            written = written[: self._place(start)] + new + written[self._place(end) :]
        if transport.ends_last_line and not written.endswith(("\n", "\r")):
            written += "\r\n" if "\r\n" in written else "\n"
        if transport.unifies_ends:
            written = written.replace("\r\n", "\n")
        if self.has_mark and not transport.drops_mark:
            written = _BOM + written
        return written.encode()

    def _place(self, offset: int) -> int:
        """Return the offset in the file as it is written."""
        return offset + bisect_left(self._returns, offset)
