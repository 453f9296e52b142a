"""Build reproducible data releases from a folder of records."""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["__version__", "load", "open"]

TYPE_CHECKING = False  # as typing has it, which takes longer to import than the version to tell

if TYPE_CHECKING:
    from release.access.frames import load
    from release.access.frames import open_reader as open


def __getattr__(name: str) -> object:
    """`release.load` and `open`, imported when asked for: Arrow takes longer to import than most commands."""
    if name == "load":
        from release.access.frames import load

        return load
    if name == "open":
        from release.access.frames import open_reader

        return open_reader
    raise AttributeError(f"module 'release' has no attribute {name!r}")
