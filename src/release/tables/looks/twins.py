"""Twins: the row of a table whose key looks like one that is not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pyarrow as pa

from release.syntax.looks.appearance import appearance, shape


class TwinIndex:
    """The keys of a table by how they look; made when the first one is asked for."""

    def __init__(self, keys: pa.Table) -> None:
        self._keys = keys
        self._indexes: Callable[[Callable[[str], str]], dict[tuple[Any, ...], tuple[Any, ...]]] = (
            cache(self._build)
        )

    def find(self, key: Sequence[Any]) -> tuple[Any, ...] | None:
        """Return the key of a row that looks the same, or else has the same shapes; None if there is none."""
        for fold in (appearance, shape):
            if (twin := self._indexes(fold).get(_fold(key, fold))) is not None:
                return twin
        return None

    def _build(self, fold: Callable[[str], str]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        rows = zip(*(column.to_pylist() for column in self._keys.columns), strict=True)
        return {_fold(row, fold): row for row in rows}


def _fold(key: Sequence[Any], fold: Callable[[str], str]) -> tuple[Any, ...]:
    return tuple(fold(value) if isinstance(value, str) else value for value in key)
