"""Print the findings of a check or build as text: one line each, or with the lines that they are about."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from release.cli.terminal import print_lines, say, severity_words

if TYPE_CHECKING:
    from release.build.cache import CachedFindings
    from release.findings.selection import SelectedFindings
    from release.tables.findings import FindingList

#: Fewer findings have no group.
_GROUPED_FROM = 6


def print_found(
    findings: FindingList | CachedFindings | SelectedFindings,
    *,
    each: bool,
    source: bool | None = None,
) -> None:
    """Print the findings of a check or build.

    Args:
        findings: The findings.
        each: Whether each is printed, or those of one cause as one.
        source: Whether the lines that they are about are shown; None stands for yes on a terminal.
    """
    if source or (source is None and sys.stdout.isatty()):
        from release.cli.reports.console import list_findings

        for line in list_findings(findings, each=each):
            print(line)
        return
    if each or len(findings) < _GROUPED_FROM:
        print_lines(findings.lines(severity_words()))  # without making a Finding of each
        return
    from release.cli.reports.groups import group_lines, has_groups

    print_lines(group_lines(findings, severity_words()))
    if has_groups(findings):
        say("(findings that are alike are shown once; --all shows each)")
