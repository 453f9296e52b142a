"""Whether this process is ours alone, so that what it loads may be loaded in a way of our own."""

from __future__ import annotations

_said = False


def say() -> None:
    """Note that it is: nobody else's code runs in it."""
    global _said  # noqa: PLW0603 — a process is asked by what it loads, long after
    _said = True


def is_so() -> bool:
    """Whether it is."""
    return _said
