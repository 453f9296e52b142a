"""Read the files beside the records: curated tables, the text of the licence, and patches."""

from __future__ import annotations

import os
from dataclasses import replace

from release.descriptor.kinds.record_kinds import KEPT_FILES
from release.descriptor.model import Descriptor
from release.findings.errors import UsageError
from release.findings.finding import Finding
from release.system import confinement
from release.system.folders import NoFileError


def read_curated(
    descriptor: Descriptor, *, follow_links: bool = False
) -> tuple[dict[str, bytes], list[Finding]]:
    """Read the files of the curated tables, by the table's name; one that cannot be read has a finding.

    With `follow_links` a link may lead anywhere.
    """
    found: dict[str, bytes] = {}
    findings: list[Finding] = []
    for resource in (each for each in descriptor.resources if each.is_curated):
        data, fault = _read_own(
            descriptor, resource.path, f"the table {resource.name}", follow_links
        )
        if data is not None:
            found[resource.name] = data
        if fault is not None:
            findings.append(replace(fault, table=resource.name))
    return found, findings


def read_licence(
    descriptor: Descriptor, *, follow_links: bool = False
) -> tuple[bytes | None, list[Finding]]:
    """Read the LICENSE beside a descriptor: its bytes, or None without one, and what is wrong with it."""
    name = KEPT_FILES[1]
    if not os.path.lexists(descriptor.root / name):
        return None, []
    data, fault = _read_own(descriptor, name, "the text of a licence", follow_links)
    return data, [fault] if fault is not None else []


def read_patches(
    descriptor: Descriptor, *, follow_links: bool = False
) -> tuple[str, list[Finding]]:
    """Read the file with patches that a descriptor names: its text, and the finding if it cannot be read.

    Raises:
        UsageError: It has other things in it than patches. The message has a line for each problem.
    """
    from release.descriptor.kinds.patches import parse_patches

    path, file = descriptor.patches, descriptor.root / descriptor.patches
    data, fault = _read_own(descriptor, path, "the patches of records", follow_links)
    if data is None:
        return "", [fault] if fault is not None else []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: is not text in UTF-8, expected patches") from error
    _, problems = parse_patches(text, path)
    if problems:
        raise UsageError("\n".join(f"{file}:{problem}" for problem in problems))
    return text, []


def _read_own(
    descriptor: Descriptor, path: str, expected: str, follow_links: bool
) -> tuple[bytes | None, Finding | None]:
    """Read a file of the dataset: its bytes, or the finding that says why there are none."""
    file = str(descriptor.root / path)
    try:
        return confinement.read_below(str(descriptor.root), path, follow_links=follow_links), None
    except NoFileError as error:
        link = str(error.filename).removeprefix(f"{descriptor.root}/")
        message = str(error.strerror)
        return None, Finding("not-a-file", link, message, file=str(descriptor.root / link))
    except OSError as error:
        message = f"cannot be read: {error.strerror}, expected {expected}"
        return None, Finding("file-unreadable", path, message, file=file)
