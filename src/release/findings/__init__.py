"""Describe what is wrong or doubtful: findings, and the list of rules."""

from __future__ import annotations

__all__ = [
    "ALWAYS_ERRORS",
    "NAMED_AFTER",
    "NAMES",
    "RELEASE_RULES",
    "RULES",
    "Finding",
    "FindingsError",
    "Severity",
    "family",
    "printable",
    "shown",
]

TYPE_CHECKING = False  # as typing has it, without importing typing

if TYPE_CHECKING:
    from release.findings.finding import NAMES, Finding, FindingsError
    from release.findings.message import printable, shown
    from release.findings.rules import (
        ALWAYS_ERRORS,
        NAMED_AFTER,
        RELEASE_RULES,
        RULES,
        Severity,
        family,
    )

_MODULES = {
    "finding": ("NAMES", "Finding", "FindingsError"),
    "message": ("printable", "shown"),
    "rules": ("ALWAYS_ERRORS", "NAMED_AFTER", "RELEASE_RULES", "RULES", "Severity", "family"),
}


def __getattr__(name: str) -> object:
    """Return a name of the face; its module is imported now."""
    for module, names in _MODULES.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(f"release.findings.{module}"), name)
    raise AttributeError(f"module 'release.findings' has no attribute {name!r}")
