"""Match paths of a draft with those of a descriptor, whatever captures are called there."""

from __future__ import annotations

from release.syntax.paths import BelowEntry, Capture, KeyPath, Path


def plain(path: Path | KeyPath) -> tuple[str, ...]:
    """Return a path without the names of its captures."""
    return tuple("{}" if isinstance(part, Capture) else str(part) for part in path)


def matches(pattern: tuple[str, ...], keys: tuple[str, ...]) -> bool:
    """Return True if the keys are those of a path, whose captures stand for any key."""
    return len(pattern) == len(keys) and all(
        part in ("{}", key) for part, key in zip(pattern, keys, strict=True)
    )


def find_origin(origin: object, rows: Path) -> object:
    """Return where the values of a field come from, whatever captures are called."""
    if isinstance(origin, BelowEntry):
        origin = (*rows, *origin.path)
    if origin == "$value":
        origin = rows
    if isinstance(origin, tuple):
        return plain(origin)
    return "{}" if isinstance(origin, Capture) else origin
