"""The findings of a check that a branch may have brought, for `release check --changed-since`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from release.descriptor.model import Descriptor
from release.findings.finding import Finding
from release.findings.fingerprints import split_others
from release.findings.rules import ABOUT_EDITIONS, OVER_RECORDS, RULES, family
from release.findings.selection import SelectedFindings
from release.records.files.discover import list_kept_files
from release.system.git.branch import BranchPoint


@dataclass(frozen=True, slots=True)
class BranchFindings:
    """The findings about what a branch has changed, and the others.

    Attributes:
        point: Where the branch began.
        cause: The path of a changed file on which all records depend, so that every finding counts; empty if
            there is none.
        shown: The findings about what has changed, and those that may come from it.
        others: The findings about what is as it was.
    """

    point: BranchPoint
    cause: str
    shown: SelectedFindings
    others: SelectedFindings


def select_changed(
    findings: Iterable[Finding], descriptor: Descriptor, point: BranchPoint
) -> BranchFindings:
    """Select the findings about the records that a branch has changed, has added, or that git does not track.

    Every finding counts if the descriptor, a curated table or the patches have changed. An error of a rule
    that holds several records against each other counts wherever it stands, as another record may be the
    cause; so does one of a check of the dataset. What is said of an edition counts if another edition of the
    record has changed.
    """
    cause = next((path for path in _inputs(descriptor) if point.has_changed(path)), "")
    editions = _Editions(descriptor, point)
    changed: dict[str, bool] = {}
    shown: list[Finding] = []
    others: list[Finding] = []
    for each in findings:
        file = each.file or os.path.join(descriptor.root, each.path)  # noqa: PTH118
        if file not in changed:
            changed[file] = "://" in file or point.has_changed(file)
        if cause or changed[file] or _may_come_from_another(each, editions):
            shown.append(each)
        else:
            others.append(each)
    return BranchFindings(point, cause, SelectedFindings(shown), SelectedFindings(others))


def _inputs(descriptor: Descriptor) -> Iterator[str]:
    """Yield the files that are there on which all records depend."""
    for path, file in list_kept_files(descriptor).items():
        if path != "LICENSE" and file.exists():
            yield os.path.normpath(file)


def _may_come_from_another(finding: Finding, editions: _Editions) -> bool:
    """Return True if a change of another record may be the cause of a finding.

    Of the rules about editions only another edition of the record may be. Warnings of the other rules count
    where they stand, as each of them would be shown for each branch. A finding may also stand for others, in
    files that it does not name.
    """
    if split_others(finding.message)[2] in ("files", "of this rule"):
        return True
    rule = family(finding.rule)
    if rule in ABOUT_EDITIONS:
        return editions.have_changed(finding.path)
    return finding.severity == "error" and (rule in OVER_RECORDS or rule not in RULES)


class _Editions:
    """The records of which an edition has changed, by their captures but those that tell editions apart."""

    def __init__(self, descriptor: Descriptor, point: BranchPoint) -> None:
        across = {each.across for resource in descriptor.resources for each in resource.compare}
        self._kinds = [
            (kind.name, kind.pattern.names, kind.pattern.matcher(), across | set(kind.prefer))
            for kind in descriptor.kinds
        ]
        root = os.path.realpath(descriptor.root) + os.sep
        below = (path.removeprefix(root) for path in point.changed if path.startswith(root))
        self._changed = {
            record for path in below for record in self._records_of(path.replace(os.sep, "/"))
        }

    def have_changed(self, path: str) -> bool:
        """Return True if an edition of a record has changed; `path` is that of another one."""
        return not self._changed.isdisjoint(self._records_of(path))

    def _records_of(self, path: str) -> Iterator[tuple[str, ...]]:
        for kind, names, match, across in self._kinds:
            values = match(path)
            if values is not None:
                named = zip(names, values, strict=True)
                yield kind, *(value for name, value in named if name not in across)
