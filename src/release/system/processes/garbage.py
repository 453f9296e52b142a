"""Collect garbage rarely: most objects of a command live until its end, and looking at them takes time."""

from __future__ import annotations

import gc

#: So many more new objects than freed ones start a collection. Python's 700 starts hundreds during imports.
_OBJECTS = 100_000


def collect_rarely() -> None:
    """Let garbage be collected only after many new objects, in this process."""
    gc.set_threshold(_OBJECTS)
