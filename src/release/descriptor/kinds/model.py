"""Typed values for what a descriptor says of files and records that do not count."""

from __future__ import annotations

from dataclasses import dataclass

from release.syntax.file_patterns import FilePattern
from release.syntax.paths import Path


@dataclass(frozen=True, slots=True)
class ExcludedFiles:
    """A pattern of files that are no records, and the reason."""

    pattern: FilePattern
    reason: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A path, and values there that leave a record out, for a reason.

    Values are texts, as a field of type string would have them; None stands for a missing one.
    """

    path: Path
    values: frozenset[str | None]
    reason: str
