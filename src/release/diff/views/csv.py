"""Show a difference as CSV: one line per cell, as in `changes.csv`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO

from release.diff.difference import Difference
from release.diff.row_comparison import CELLS
from release.tables import csv


def write(difference: Difference | None, target: IO[bytes]) -> None:
    """Write every cell that differs, table by table in the order of the keys; None has no line."""
    csv.write(difference.lines() if difference else [], CELLS, target)


def pieces(difference: Difference) -> Iterator[str]:
    """Yield the same as text, some lines at a time."""
    header = io.BytesIO()
    csv.write([], CELLS, header)
    yield header.getvalue().decode()
    for lines in difference.lines():
        target = io.BytesIO()
        csv.write([lines], CELLS, target)
        yield target.getvalue()[len(header.getvalue()) :].decode()
