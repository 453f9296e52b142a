"""Compare two releases: `compare(old, new)` opens their `Difference` and the version that it calls for."""

from __future__ import annotations

__all__ = ["Difference", "compare"]

TYPE_CHECKING = False  # as typing has it, without importing typing

if TYPE_CHECKING:
    from release.diff.comparison import compare
    from release.diff.difference import Difference


def __getattr__(name: str) -> object:
    """Return a name of the face; its module is imported now, as it loads Arrow and DuckDB."""
    if name == "compare":
        from release.diff.comparison import compare

        return compare
    if name == "Difference":
        from release.diff.difference import Difference

        return Difference
    raise AttributeError(f"module 'release.diff' has no attribute {name!r}")
