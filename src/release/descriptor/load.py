"""datapackage.yaml <-> typed, frozen values: the one file that says what a release contains."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from release.descriptor import checks as descriptor_checks
from release.descriptor import profile, record_kinds, resources
from release.descriptor.model import (
    CONSTRAINTS,
    EXTENSIONS,
    FINDING_FIELDS,
    FINDINGS,
    PROPERTIES,
    SPECIALS,
    TYPES,
    WRITTEN_BY_BUILD,
    Check,
    Codelist,
    Compare,
    Descriptor,
    Field,
    FieldType,
    ForeignKey,
    IgnoredPath,
    RecordKind,
    Resource,
    RowOrigin,
)
from release.descriptor.properties import Problems, Properties
from release.errors import UsageError
from release.findings import Severity
from release.syntax.text import Locations
from release.syntax.yaml import read_yaml
from release.system import files
from release.versions import VERSION

__all__ = [
    "CONSTRAINTS",
    "FINDINGS",
    "FINDING_FIELDS",
    "PROPERTIES",
    "SPECIALS",
    "TYPES",
    "WRITTEN_BY_BUILD",
    "Check",
    "Codelist",
    "Compare",
    "Descriptor",
    "Field",
    "FieldType",
    "ForeignKey",
    "IgnoredPath",
    "RecordKind",
    "Resource",
    "RowOrigin",
    "load",
    "parse",
    "with_severities",
]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})"
)

#: The years that the times of a zip's entries can tell.
_YEARS = range(1980, 2108)


def load(path: Path) -> Descriptor:
    """Read a descriptor.

    Raises:
        UsageError: it cannot be read or used; the message lists every problem with its key_path.
    """
    try:
        text = files.read(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise UsageError(f"{path}: cannot be read: {reason}; expected a descriptor") from error
    return parse(text, path)


def parse(text: str, path: Path) -> Descriptor:
    """Read the text of a descriptor; `path` names it in messages, its folder is the root.

    Raises:
        UsageError: it cannot be used; the message lists every problem with its key_path.
    """
    descriptor, lines = _parse_text(text)
    if descriptor is None:
        raise UsageError("\n".join(f"{path}:{line}" for line in lines))
    return replace(descriptor, root=path.parent, file=path)


@lru_cache(maxsize=2)
def _parse_text(text: str) -> tuple[Descriptor | None, Sequence[str]]:
    """What a text describes, or every problem; one that is read again, as chunks do, is not parsed again."""
    locations: Locations = {}
    value, faults = read_yaml(text, locations)
    lines = [f"{fault.line + 1}:{fault.column + 1}: {fault.message}" for fault in faults]
    problems = Problems(locations)
    if not lines and not isinstance(value, dict):
        problems.add((), "is not a mapping, expected the properties of a data package")
    elif not lines:
        descriptor = _read(Properties(value, (), problems), text, locations)
    if lines := lines or problems.lines():
        return None, lines
    return descriptor, ()


def _read(package: Properties, text: str, locations: Locations) -> Descriptor:
    profile.read(package, "package")
    declared = record_kinds.read(package)
    tables = resources.read(package, declared)
    checks = descriptor_checks.read_checks(package, tables)
    return Descriptor(
        package.read_text("name", "lower-case letters, digits, '.', '_' and '-'", _NAME),
        package.read_text(
            "version", "a version such as '1.2.0', or '1.3.0-dev' for a draft", VERSION
        ),
        _read_created(package),
        tuple(kind for kind in declared.values() if kind is not None),
        tables,
        checks,
        descriptor_checks.read_severities(package, tables, checks),
        {key: value for key, value in package.value.items() if key not in EXTENSIONS},
        Path(),
        text,
        locations,
    )


def _read_created(package: Properties) -> datetime:
    expected = "a time with its zone, from 1980 to 2107, such as '2026-01-31T00:00:00Z'"
    text = package.read_text("created", expected)
    created = parse_time(text)
    if created is None and text.strip():
        package.note_unexpected("created", expected)
    return created or datetime.min


def parse_time(text: str) -> datetime | None:
    """A time with its zone that a zip's entries can tell; None where a text is none."""
    try:
        found = datetime.fromisoformat(text)
        return found if _TIME.fullmatch(text) and found.astimezone(UTC).year in _YEARS else None
    except (ValueError, OverflowError):
        return None


def with_severities(descriptor: Descriptor, severities: Mapping[str, Severity]) -> Descriptor:
    """The descriptor with these severities too, in its values and in its text.

    The text is what travels with a release, so that it is rebuilt with the same severities. Places in it are
    those of this text.

    Raises:
        UsageError: a rule is unknown, or may not be lowered.
    """
    if not severities:
        return descriptor
    problems = [
        f"--severity: {rule} {reason}"
        for rule, severity in severities.items()
        if (
            reason := descriptor_checks.severity_problem(
                rule, severity, descriptor.resources, descriptor.checks
            )
        )
    ]
    if problems:
        raise UsageError("\n".join(problems))
    merged = {**descriptor.severities, **severities}
    return parse(_rewrite_severities(descriptor, merged), descriptor.file)


def _rewrite_severities(descriptor: Descriptor, severities: Mapping[str, Severity]) -> str:
    """The descriptor's text with its severities in a block of their own, all else as it is."""
    block = "severity:\n" + "".join(
        f"  {rule}: {severities[rule]}\n" for rule in sorted(severities)
    )
    lines = descriptor.text.splitlines(keepends=True)
    if (mark := descriptor.locations.get(("severity",))) is not None:
        after = [m.key_line for key_path, m in descriptor.locations.items() if len(key_path) == 1]
        end = min((line for line in after if line > mark.key_line), default=len(lines))
        lines[mark.key_line : end] = [block]
    else:
        lines += ["" if descriptor.text.endswith("\n") else "\n", block]
    text = "".join(lines)
    wanted: dict[str, Any] = {**read_yaml(descriptor.text)[0], "severity": severities}
    if read_yaml(text) == (wanted, []):
        return text
    # written so that a block does not fit in, as a descriptor in JSON is
    return json.dumps(wanted, ensure_ascii=False, indent=2) + "\n"
