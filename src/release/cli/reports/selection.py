"""The findings of a check that are shown, and what is said of the others."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release.cli.terminal import count

if TYPE_CHECKING:
    from release.build.cache import CachedFindings
    from release.build.reports.baseline import BaselineComparison, KnownFinding
    from release.build.reports.branch_findings import BranchFindings
    from release.descriptor.model import Descriptor
    from release.findings.selection import SelectedFindings
    from release.system.git.branch import BranchPoint
    from release.tables.findings import FindingList


@dataclass(frozen=True, slots=True)
class ShownFindings:
    """The findings of a check that are shown.

    Attributes:
        findings: Those that are shown.
        remarks: Lines about those that are not.
        value: Further keys of the JSON.
    """

    findings: FindingList | CachedFindings | SelectedFindings
    remarks: tuple[str, ...] = ()
    value: Mapping[str, Any] = field(default_factory=dict)


def add_baseline(parser: argparse.ArgumentParser) -> None:
    """Add the argument for findings that are known."""
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="show only findings that this file of known ones does not have",
    )


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add the arguments for which findings are shown and counted."""
    parser.add_argument(
        "--changed-since",
        metavar="REV",
        help="show only findings about what the branch has changed since it left REV, such as origin/main",
    )
    add_baseline(parser)
    parser.add_argument(
        "--write-baseline",
        type=Path,
        metavar="FILE",
        help="write all errors and warnings to this file, and take them as known",
    )


@dataclass(frozen=True, slots=True)
class FindingSelection:
    """The findings that the arguments of a check or build ask for.

    `known` is the baseline in the file `baseline`. All errors and warnings are written to `target`.
    """

    descriptor: Descriptor
    point: BranchPoint | None = None
    baseline: Path | None = None
    known: Sequence[KnownFinding] = ()
    target: Path | None = None

    def select(
        self, findings: FindingList | CachedFindings, *, keep_errors: bool = False
    ) -> ShownFindings:
        """Select from the findings of a check; with `keep_errors` no error is left out as known.

        Raises:
            OSError: A baseline cannot be written.
        """
        shown = ShownFindings(findings)
        if self.target is not None:
            shown = self._write(shown, self.target)
        elif self.baseline is not None:
            from release.build.reports.baseline import compare_with_baseline

            compared = compare_with_baseline(findings, self.known, keep_errors=keep_errors)
            shown = _keep_new(shown, compared, self.baseline)
        if self.point is not None:
            from release.build.reports.branch_findings import select_changed

            found = select_changed(shown.findings, self.descriptor, self.point)
            shown = _keep_changed(shown, found)
        return shown

    def _write(self, shown: ShownFindings, target: Path) -> ShownFindings:
        """Write a baseline of all findings, and say what it has that the one before had not."""
        from release.build.reports.baseline import (
            compare_with_baseline,
            read_baseline,
            write_baseline,
        )
        from release.system import durable

        durable.write(target, write_baseline(shown.findings).encode())
        compared = compare_with_baseline(shown.findings, read_baseline(target))
        remark = f"wrote {target}: {_count_all(compared.known) or 'no findings'}"
        if self.baseline is not None:
            changes = compare_with_baseline(shown.findings, self.known)
            gone = sum(each.count for each in changes.gone)
            added = len(changes.new) - changes.new.notes
            remark += f"; held against {self.baseline}: {added:,} new, {gone:,} gone"
        return replace(shown, findings=compared.new, remarks=(*shown.remarks, remark))


def read_selection(options: argparse.Namespace, descriptor: Descriptor) -> FindingSelection:
    """Read what findings are held against, before the records are read.

    Raises:
        UsageError: The baseline cannot be read, or git does not know the revision.
    """
    point: BranchPoint | None = None
    known: Sequence[KnownFinding] = ()
    revision = getattr(options, "changed_since", None)
    if revision is not None:
        from release.system.git.branch import find_branch_point

        point = find_branch_point(descriptor.root, revision)
    if options.baseline is not None:
        from release.build.reports.baseline import read_baseline

        known = read_baseline(options.baseline)
    target = getattr(options, "write_baseline", None)
    return FindingSelection(descriptor, point, options.baseline, known, target)


def _keep_new(shown: ShownFindings, compared: BaselineComparison, file: Path) -> ShownFindings:
    remarks = []
    if compared.known:
        remarks.append(f"known from {file} and not shown: {_count_all(compared.known)}")
    gone = sum(each.count for each in compared.gone)
    if gone:
        first = compared.gone[0]
        remarks.append(
            f"{count(gone, 'finding')} of {file} {'is' if gone == 1 else 'are'} gone, the first {first.rule} "
            f"in {first.path}: write it again with --write-baseline {file}"
        )
    value = {
        "file": str(file),
        "known": _count_by_severity(compared.known),
        "gone": [asdict(each) for each in compared.gone],
    }
    return ShownFindings(
        compared.new, (*shown.remarks, *remarks), {**shown.value, "baseline": value}
    )


def _keep_changed(shown: ShownFindings, found: BranchFindings) -> ShownFindings:
    revision, commit = found.point.revision, found.point.commit
    remarks = []
    if found.cause:
        remarks.append(f"{found.cause} has changed since {revision}, so all findings count")
    elif found.others:
        remarks.append(
            f"not shown, as it stands in what has not changed since {revision}: {_count_all(found.others)}"
        )
    value = {
        "revision": revision,
        "commit": commit,
        "cause": found.cause or None,
        "others": _count_by_severity(found.others),
    }
    return ShownFindings(
        found.shown, (*shown.remarks, *remarks), {**shown.value, "changed_since": value}
    )


def _count_by_severity(findings: SelectedFindings) -> dict[str, int]:
    return {"errors": findings.errors, "warnings": findings.warnings, "notes": findings.notes}


def _count_all(findings: SelectedFindings) -> str:
    counts: Sequence[tuple[int, str]] = (
        (findings.errors, "error"),
        (findings.warnings, "warning"),
        (findings.notes, "note"),
    )
    return ", ".join(count(number, noun) for number, noun in counts if number)
