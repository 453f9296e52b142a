"""Read datapackage.yaml, the file that says what a release contains, into typed, frozen values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release.descriptor import checks as descriptor_checks
from release.descriptor import profile, resources
from release.descriptor.kinds import record_kinds
from release.descriptor.model import (
    Descriptor,
    Resource,
)
from release.descriptor.properties import Problems, Properties, expect_path
from release.descriptor.vocabulary import (
    EXTENSIONS,
)
from release.findings.errors import UsageError
from release.findings.rules import Severity
from release.syntax.text import Locations
from release.syntax.versions import VERSION, Scheme, is_date
from release.syntax.yaml import read_yaml
from release.system import confinement
from release.system.folders import NoFileError

if TYPE_CHECKING:
    from release.descriptor.page.model import PageContent

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})"
)

#: The years that the times of a zip's entries can hold.
_YEARS = range(1980, 2108)


def load(path: Path, *, follow_links: bool = False) -> Descriptor:
    """Read a descriptor, which may be a link to another file in its folder, or with `follow_links` to any.

    Raises:
        UsageError: It cannot be read or used. The message has a line for each problem, with its location.
    """
    try:
        root = str(path.parent)
        text = confinement.read_below(root, path.name, follow_links=follow_links).decode("utf-8")
    except NoFileError as error:
        raise UsageError(f"{Path(error.filename)}: {error.strerror}") from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise UsageError(f"{path}: cannot be read: {reason}; expected a descriptor") from error
    return parse(text, path)


def parse(text: str, path: Path) -> Descriptor:
    """Read the text of a descriptor; `path` names it in messages, and its folder is the root.

    Raises:
        UsageError: It cannot be used. The message has a line for each problem, with its location.
    """
    descriptor, lines = _parse_text(text)
    if descriptor is None:
        raise UsageError("\n".join(f"{path}:{line}" for line in lines))
    return replace(descriptor, root=path.parent, file=path)


def from_value(
    value: Mapping[str, Any], locations: Locations, path: Path
) -> tuple[Descriptor | None, list[tuple[int, int, str]]]:
    """Return the descriptor that a mapping makes, or the line, column and message of each problem.

    `locations` has the locations of its values in the file that it was read from; the text of the descriptor
    is empty. `path` names it in messages, its folder is the root.
    """
    problems = Problems(locations)
    descriptor = _read(Properties(value, (), problems), "", locations)
    if found := problems.in_order():
        return None, found
    return replace(descriptor, root=path.parent, file=path), []


@lru_cache(maxsize=2)
def _parse_text(text: str) -> tuple[Descriptor | None, Sequence[str]]:
    """Return the descriptor in a text, or its problems as `LINE:COLUMN: MESSAGE`, sorted.

    The last two results are kept, as each chunk reads the same descriptor.
    """
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
    severities = descriptor_checks.read_severities(package, tables, checks)
    scheme = _read_scheme(package)
    return Descriptor(
        package.read_text("name", "lower-case letters, digits, '.', '_' and '-'", _NAME),
        _read_version(package, scheme),
        _read_created(package),
        tuple(kind for kind in declared.values() if kind is not None),
        tuple(_with_lowered_codes(table, severities) for table in tables),
        checks,
        severities,
        {key: value for key, value in package.value.items() if key not in EXTENSIONS},
        Path(),
        text,
        locations,
        patches=_read_patches_path(package),
        scheme=scheme,
        page=_read_page(package, tables),
    )


def _read_page(package: Properties, tables: Sequence[Resource]) -> PageContent | None:
    """Read what the page of a release shows; None if the descriptor says nothing of it."""
    if "page" not in package:
        return None
    from release.descriptor.page import read  # few descriptors need it

    return read.read(package, tables)


def _read_patches_path(package: Properties) -> str:
    """Read the path of the file with patches; empty if there is none."""
    if "patches" not in package:
        return ""
    path = package.read_text("patches", "the path of a file, such as patches.yaml")
    if expected := expect_path(path):
        package.note_unexpected("patches", expected)
    elif path in record_kinds.KEPT_FILES:
        package.note_unexpected("patches", "a file of its own")
    return path


def _read_scheme(package: Properties) -> Scheme:
    """Read how versions are chosen."""
    if package.value.get("versioning", "semver") not in ("semver", "calendar"):
        package.note_unexpected("versioning", "semver or calendar")
    return "calendar" if package.value.get("versioning") == "calendar" else "semver"


def _read_version(package: Properties, scheme: Scheme) -> str:
    version = package.value.get("version")
    if scheme == "semver":
        expected = "a version such as '1.2.0', or '1.3.0-dev' for a draft"
        if not isinstance(version, str) or not VERSION.fullmatch(version):
            expected += _advise_on_version(str(version))
        return package.read_text("version", expected, VERSION)
    expected = (
        "a day such as '2026.11.30', '2026.11.30.2' for a second version of that day, or "
        "'2026.11.30-dev' for a draft"
    )
    if isinstance(version, str) and is_date(version):
        return version
    package.note_unexpected("version", expected)
    return version if isinstance(version, str) else ""


def _advise_on_version(version: str) -> str:
    """Return what to do with a version that has no three numbers; empty if nothing is known."""
    if is_date(day := re.sub(r"(\d{4})[-/]?(\d\d)[-/]?(\d\d)", r"\1.\2.\3", version)):
        written = "" if day == version else f", {day}"
        return f"; with `versioning: calendar` it is a date{written}"
    if VERSION.fullmatch(version[1:]) and version[0] in "vV":
        return f"; leave out the {version[0]}"
    if VERSION.fullmatch(version.partition("+")[0]):
        return "; what stands behind + makes no other version, and is not supported"
    return ""


def _with_lowered_codes(table: Resource, severities: Mapping[str, Severity]) -> Resource:
    """Return a table whose fields know if `code` is lowered for them; a curated table has no such finding."""
    if table.is_curated or "warning" not in severities.values():
        return table

    fields = tuple(
        replace(each, keeps_unknown=descriptor_checks.is_lowered(f"{each.name}-code", severities))
        if each.codes is not None
        else each
        for each in table.fields
    )
    return replace(table, fields=fields)


def _read_created(package: Properties) -> datetime:
    expected = "a time with its zone, from 1980 to 2107, such as '2026-01-31T00:00:00Z'"
    text = package.read_text("created", expected)
    created = parse_time(text)
    if created is None and text.strip():
        package.note_unexpected("created", expected)
    return created or datetime.min


def parse_time(text: str) -> datetime | None:
    """Parse a time with its zone, as RFC 3339 writes it to the second, in the years that a zip can hold.

    Returns:
        The time; None for any other text.
    """
    try:
        found = datetime.fromisoformat(text)
        return found if _TIME.fullmatch(text) and found.astimezone(UTC).year in _YEARS else None
    except (ValueError, OverflowError):
        return None


def with_severities(descriptor: Descriptor, severities: Mapping[str, Severity]) -> Descriptor:
    """Return the descriptor with these severities added, in its values, its text and its locations.

    A release contains that text, so that it can be rebuilt with the same severities.

    Raises:
        UsageError: A rule is unknown, or cannot be a warning.
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
    """Return the descriptor's text with these severities in a block `severity`, and nothing else changed."""
    block = "severity:\n" + "".join(
        f"  {json.dumps(rule, ensure_ascii=False)}: {severities[rule]}\n"
        if re.fullmatch(r"[\w-]+", rule, re.ASCII) is None
        else f"  {rule}: {severities[rule]}\n"
        for rule in sorted(severities)
    )
    lines = descriptor.text.splitlines(keepends=True)
    if (at := descriptor.locations.get(("severity",))) is not None:
        starts = [other.key_line for path, other in descriptor.locations.items() if len(path) == 1]
        end = min((line for line in starts if line > at.key_line), default=len(lines))
        lines[at.key_line : end] = [block]
    else:
        lines += ["" if descriptor.text.endswith("\n") else "\n", block]
    text = "".join(lines)
    wanted: dict[str, Any] = {**read_yaml(descriptor.text)[0], "severity": severities}
    if read_yaml(text) == (wanted, []):
        return text
    # no block fits into the text, such as that of a descriptor in JSON
    return json.dumps(wanted, ensure_ascii=False, indent=2) + "\n"
