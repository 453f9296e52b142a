"""Pieces of a file that holds many records: each is read by itself, several at the same time."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, TypeVar, cast

T = TypeVar("T")


class Piece(NamedTuple):
    """One of several pieces of a file, each with as many of its entries as the others; `number` is from 0."""

    number: int = 0
    of: int = 1

    @property
    def is_last(self) -> bool:
        """True if no other piece of the file follows."""
        return self.number == self.of - 1

    def share(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what all pieces of a file need, made once for the pieces that one process reads in turn.

        `key` says what it is, and of what file.
        """
        if self.of == 1:
            return make()
        found = _shared.get(key)
        if found is None:
            _shared.clear()
            found = _shared[key] = make()
        if self.is_last:
            _shared.clear()
        return cast("T", found)

    def select(self, items: Sequence[T]) -> Sequence[T]:
        """Return the items that belong to the piece."""
        count = len(items)
        return items[count * self.number // self.of : count * (self.number + 1) // self.of]


#: What the pieces of the last file share; no more than one value.
_shared: dict[Hashable, Any] = {}

#: The piece that is the file.
WHOLE = Piece()
