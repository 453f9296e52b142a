"""Choose among the records of a file: patched as patches say, and left out where a condition is true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from release.descriptor.kinds.patches import Patches
from release.descriptor.model import RecordKind
from release.findings.finding import Finding
from release.findings.rules import ALWAYS_ERRORS
from release.records.files.selection.amendments import (
    find_amendments,
    report_changes,
    report_unplaced,
)
from release.records.files.selection.conditions import find_condition
from release.records.files.sources import Source
from release.records.locations import locate_all
from release.records.reader import Record

#: Faults of the text of a value, which is gone if a patch replaces the value.
_OF_TEXT = frozenset({"text-after-hash", "control-character"})


@dataclass(frozen=True, slots=True)
class Selection:
    """The records of a file that count, with all that was found in the file.

    `left_out` has the others, each with the position of the condition that left it out.
    """

    records: Sequence[Record]
    left_out: Sequence[tuple[Record, int]]
    findings: Sequence[Finding]


def choose(
    kind: RecordKind,
    source: Source,
    records: Sequence[Record],
    findings: Sequence[Finding],
    patches: Patches | None,
) -> Selection:
    """Choose among the records that were read from a file, with the findings about it.

    Where no record is left, of the findings only those remain that forbid to read one.
    """
    is_patched = patches is not None and source.path in patches.changes and bool(records)
    if not kind.where and not is_patched:
        return Selection(records, (), findings)
    kept: list[Record] = []
    left_out: list[tuple[Record, int]] = []
    found = list(findings)
    for each in records:
        record, about = each, list[Finding]()
        if is_patched and patches is not None:
            record, about, found = _amend(each, patches, found)
        at = find_condition(kind.where, record.values, record.source.captures)
        if at < 0:
            kept.append(record)
            found += about
        else:
            left_out.append((record, at))
            found += [one for one in about if one.severity == "error"]
    if is_patched and patches is not None:
        found += report_unplaced(patches, source, [record.source for record in records])
    if left_out and not kept:
        found = [each for each in found if each.rule in ALWAYS_ERRORS]
    return Selection(kept, left_out, found)


def _amend(
    record: Record, patches: Patches, findings: Sequence[Finding]
) -> tuple[Record, list[Finding], list[Finding]]:
    """Return a record with its patches, what is to be said of these, and the findings that remain."""
    amendments = find_amendments(patches, record.source)
    if amendments is None:
        return record, [], list(findings)
    values, problems = amendments.apply(record.values)
    about = list(report_changes(amendments, record.source, problems, record.values))
    front = replace(record.front, amendments=amendments)
    known = locate_all(record.front)
    lines = {known[key].line + 1 for each in amendments.changes if (key := each.path) in known}
    left = [each for each in findings if each.rule not in _OF_TEXT or each.line not in lines]
    return replace(record, front=front, values=values), about, left
