"""Read which files and records of a kind count: those left out, and the companions of the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from release.descriptor.kinds.model import Condition, ExcludedFiles
from release.descriptor.model import RecordKind
from release.descriptor.properties import REASON, Properties, describe, expect_path, suggest
from release.descriptor.vocabulary import PROPERTIES
from release.findings.message import shown
from release.syntax.file_patterns import FilePattern
from release.syntax.types.values import as_text


def select(kind: RecordKind, item: Properties) -> RecordKind:
    """Return a kind with the files and records that do not count, and the companions of the others."""
    return replace(
        kind,
        exclude=_read_excluded(item),
        where=_read_conditions(item),
        companions=_read_companions(item, kind.pattern),
    )


def _read_excluded(kind: Properties) -> tuple[ExcludedFiles, ...]:
    """Read the patterns of files that are no records."""
    found = []
    for exclude in kind.read_mappings("exclude"):
        exclude.note_unknown(*PROPERTIES["exclude"])
        pattern = exclude.read_pattern("path", "files")
        reason = exclude.read_text("reason", REASON)
        if pattern is not None:
            found.append(ExcludedFiles(pattern, reason))
    return tuple(found)


def _read_conditions(kind: Properties) -> tuple[Condition, ...]:
    """Read the conditions under which a record is left out."""
    found = []
    for condition in kind.read_mappings("where"):
        condition.note_unknown(*PROPERTIES["where"])
        path = condition.read_path("path")
        reason = condition.read_text("reason", REASON)
        values = frozenset(_read_values(condition))
        if path is not None:
            found.append(Condition(path, values, reason))
    return tuple(found)


def _read_values(condition: Properties) -> Iterator[str | None]:
    values: Any = condition.value.get("values")
    if not isinstance(values, list) or not values:
        condition.note_unexpected("values", "a list of the values that leave a record out")
        return
    for at, value in enumerate(values):
        if isinstance(value, dict | list):
            expected = "expected a text, number, true, false or null"
            condition.note(f"is {describe(value)}, {expected}", "values", at)
        else:
            yield as_text(value) or None


def _read_companions(kind: Properties, of: FilePattern) -> tuple[FilePattern, ...]:
    """Read the patterns of files that belong to the records of a kind, which `of` matches."""
    found = []
    for companion in kind.read_mappings("companions"):
        companion.note_unknown(*PROPERTIES["companions"])
        pattern = companion.read_pattern("path", "files")
        if pattern is None:
            continue
        for name in pattern.captures:
            if name not in of.captures:
                what = f"uses {{{name}}}, which is no capture of the kind's `path`"
                near = suggest(name, of.captures) or "; write `*` for any text"
                companion.note(f"{what}{near}", "path")
        if expected := expect_path(pattern.shape):
            companion.note_unexpected("path", expected)
        if pattern.shape == of.shape:
            message = f"is {shown(pattern.template)}, which matches the records themselves"
            companion.note(f"{message}, expected other files", "path")
        found.append(pattern)
    return tuple(found)
