"""Compare the zip of a release with the files of the release, to the last byte."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from release.findings.finding import Finding
from release.package import unzip, zip
from release.system.comparison import FileComparison
from release.verify.inventory import Inventory


def compare(
    path: Path, inventory: Inventory, digests: Mapping[str, str], created: datetime | None
) -> list[Finding]:
    """Find all that is wrong with a zip.

    The zip depends only on its files and on `created`, so it is made again and compared while it is made. No
    byte of it may differ, in a member or between members.

    Args:
        path: The zip.
        inventory: The files of the release's folder.
        digests: The SHA-256 of each file that the zip should hold, by path.
        created: The time of the release; None if it is not known or not all files are there. Then only the
            members are compared.
    """
    name, position = path.name, None
    if created is not None:
        position = _first_difference(path, inventory, list(digests), created)
        if position is None:
            return []
    members, wrong = unzip.read(path)
    if wrong:
        return [Finding("archive-unsafe", name, str(fault)) for fault in wrong]
    messages = unzip.differences(path, members, digests)
    findings = [Finding("archive-members", name, message) for message in messages]
    if position is not None and not findings:
        message = f"is not packed as a release is: byte {position} differs, in what it says of its members"
        findings.append(Finding("archive-bytes", name, message))
    return findings


def _first_difference(
    path: Path, inventory: Inventory, paths: list[str], created: datetime
) -> int | None:
    """Return the position of the first byte in which a zip differs from the one that its files make."""
    try:
        with path.open("rb") as file:
            same = FileComparison(file)
            known = zip.Known(inventory.crcs)
            zip.write(inventory.folder, paths, zip.Form.of(created), same, known)
            return same.first_difference()
    except OSError:  # a file is gone or cannot be read; there is a finding about it
        return 0
