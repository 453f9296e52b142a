"""Cut two values to the parts in which they differ."""

from __future__ import annotations

from release.findings.message import printable

#: So many characters of a value are shown, and so many of what stands before the first difference.
WIDTH, BEFORE = 72, 16


def excerpts(
    old: str | None, new: str | None, width: int | None = WIDTH
) -> tuple[str | None, str | None]:
    """Return both values as a terminal shows them, cut to where they differ; None stays None.

    Nothing is cut where `width` is None.
    """
    start = 0
    if (
        width is not None
        and old is not None
        and new is not None
        and max(len(old), len(new)) > width
    ):
        start = max(_same(old, new) - BEFORE, 0)
    return _cut(old, start, width), _cut(new, start, width)


def _same(old: str, new: str) -> int:
    """Return the number of characters with which two texts begin alike."""
    for at, (one, other) in enumerate(zip(old, new, strict=False)):
        if one != other:
            return at
    return min(len(old), len(new))


def _cut(text: str | None, start: int, width: int | None) -> str | None:
    if text is None:
        return None
    rest = text[start:]
    if width is not None and len(rest) > width:
        rest = rest[: width - 1] + "…"
    return printable(f"…{rest}" if start else rest)
