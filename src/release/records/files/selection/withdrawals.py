"""Withdrawals: records that patches leave out by name, and patches that name no record."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from release.descriptor.kinds.patches import Patches
from release.findings.finding import Finding
from release.findings.message import count_left_out, printable
from release.records.files.selection.amendments import make_finding
from release.syntax.looks.contrast import find_similar, point_at
from release.syntax.text import Location

#: Of more records the most similar one is not sought.
_MOST_COMPARED = 20_000


def report(
    patches: Patches, paths: Collection[str], withdrawn: Collection[str]
) -> Iterator[Finding]:
    """Report the records that patches leave out, and patches that name no record.

    Records are at `paths`, and those that are left out at `withdrawn`. In a release these are lacking.
    """
    yield from _report_withdrawn(patches, withdrawn)
    if not patches.is_of_release:
        yield from _report_missing(patches, paths, withdrawn)


def _report_withdrawn(patches: Patches, withdrawn: Collection[str]) -> Iterator[Finding]:
    """Return a note for each record that a patch leaves out; `withdrawn` are their paths."""
    for each in patches.withdrawals:
        if each.path in withdrawn:
            message = count_left_out("1 file", 1, each.reason, each.path)
            line, column = each.at.line + 1, each.at.column + 1
            yield Finding("left-out", patches.path, message, line, column, severity="note")


def _report_missing(
    patches: Patches, paths: Collection[str], withdrawn: Collection[str]
) -> Iterator[Finding]:
    """Report each patch that names no record; there are those at `paths`, and those that are left out."""
    named: list[tuple[str, Location]] = [(each.path, each.at) for each in patches.withdrawals]
    named += [(path, change.at) for path, some in patches.changes.items() for change in some]
    there = {*paths, *withdrawn}
    for path, at in named:
        if path in there:
            continue
        near = find_similar(path, sorted(there), 0.75) if len(there) <= _MOST_COMPARED else None
        advice = (
            f"did you mean {point_at(near, path)}?" if near else "correct the patch, or remove it"
        )
        message = f"there is no record {printable(path)}; {advice}"
        yield make_finding("patch", patches.path, at, message)
