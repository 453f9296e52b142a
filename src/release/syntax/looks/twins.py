"""Twins: the key among others that looks like one that is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from release.syntax.looks.appearance import appearance, shape

Key = tuple[Any, ...]


class TwinIndex:
    """Keys by how they look. `list_keys` lists them; it is called when the first twin is looked for."""

    def __init__(self, list_keys: Callable[[], Iterable[Key]]) -> None:
        self._list_keys = list_keys
        self._index = cache(self._build)

    def find(self, key: Sequence[Any]) -> Key | None:
        """Return the key that looks the same, or else has the same shapes; None if there is none."""
        for fold in (appearance, shape):
            if (twin := self._index(fold).get(_fold(key, fold))) is not None:
                return twin
        return None

    def _build(self, fold: Callable[[str], str]) -> dict[Key, Key]:
        return {_fold(key, fold): key for key in self._list_keys()}


def _fold(key: Sequence[Any], fold: Callable[[str], str]) -> Key:
    return tuple(fold(value) if isinstance(value, str) else value for value in key)
