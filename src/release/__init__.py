"""Build reproducible data releases from a folder of records."""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["__version__", "load"]

TYPE_CHECKING = False  # as typing has it, which takes longer to import than the version to tell

if TYPE_CHECKING:
    from release.store.frames import load


def __getattr__(name: str) -> object:
    """`release.load`, imported when it is asked for: pandas takes longer to import than most commands."""
    if name == "load":
        from release.store.frames import load

        return load
    raise AttributeError(f"module 'release' has no attribute {name!r}")
