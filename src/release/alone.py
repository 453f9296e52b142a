"""Whether this process is ours alone, so that what it loads may be loaded in a way of our own."""

from __future__ import annotations

import os
import sys

_said = False


def say() -> None:
    """Note that it is: nobody else's code runs in it, nor in those that it starts.

    Arrow's memory then comes from jemalloc. It keeps less of what was used for a moment, and takes from the
    system small pieces, where a large one may have to be made first.
    """
    global _said  # noqa: PLW0603 — a process is asked by what it loads, long after
    _said = True
    if (
        sys.platform == "linux" and os.uname().machine == "x86_64"
    ):  # pyarrow warns where it has none
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")


def is_so() -> bool:
    """Whether it is."""
    return _said
