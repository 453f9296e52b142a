"""Show findings for people: each with the line that it is about, then their numbers by rule and by file."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from release.cli.reports.excerpts import read_lines, show_excerpt
from release.cli.reports.groups import group_alike, show_others
from release.cli.reports.links import make_linker
from release.cli.terminal import COLOUR_OF_SEVERITY, bold, coloured, count, is_colourful
from release.findings.finding import Finding
from release.findings.message import printable
from release.findings.rules import SEVERITIES, UNREAD
from release.syntax.escapes import escape_log, quote_shell

if TYPE_CHECKING:
    from release.findings.rules import Severity

#: Fewer findings are not counted: all of them are seen.
_COUNTED_FROM = 5

#: The most files that the numbers name.
_MOST_FILES = 10


def list_findings(findings: Iterable[Finding], *, each: bool) -> Iterator[str]:
    """Yield findings as lines, in which all is escaped that a terminal would obey but colours and links.

    Args:
        findings: The findings, in order; those that are errors are shown first.
        each: Whether each is shown, also where many are alike.
    """
    found = sorted(findings, key=lambda each: SEVERITIES.index(each.severity))
    shown = [(one, [one]) for one in found] if each else list(group_alike(found))
    lines = read_lines(one for one, _ in shown)
    columns = shutil.get_terminal_size().columns
    link = make_linker() if is_colourful() else _unlinked
    for one, group in shown:
        yield _head(one, link)
        line = lines.get((one.place, one.line)) if one.line else None
        if line is not None:
            paint = partial(coloured, colour=COLOUR_OF_SEVERITY[one.severity])
            yield from show_excerpt(one, line, columns, paint, _dim)
        if len(group) > 1:
            yield escape_log(show_others(group))
        yield ""
    if found:
        yield from _sum_up(found, is_grouped=len(shown) < len(found))


def _unlinked(_: str, text: str) -> str:
    return text


def _head(finding: Finding, link: Callable[[str, str], str]) -> str:
    """Return a finding as one line, its file a link."""
    severity = coloured(finding.severity, COLOUR_OF_SEVERITY[finding.severity])
    text = finding.text(finding.place, severity)
    at = len(printable(finding.address))
    return link(finding.place, escape_log(text[:at])) + escape_log(text[at:], is_coloured=True)


def _dim(text: str) -> str:
    return coloured(text, "blue")


def _sum_up(findings: Sequence[Finding], *, is_grouped: bool) -> Iterator[str]:
    """Yield how many findings there are by rule and by file, if they are many, and where to read on."""
    if len(findings) >= _COUNTED_FROM:
        yield bold("by rule")
        rules = Counter((each.severity, each.rule) for each in findings)
        files = Counter(rule for rule, _ in {((e.severity, e.rule), e.path) for e in findings})
        width = max(len(printable(rule)) for _, rule in rules)
        for (severity, rule), number in sorted(rules.items(), key=_by_severity):
            word = coloured(f"{severity:7}", COLOUR_OF_SEVERITY[severity])
            where = count(files[severity, rule], "file")
            yield f"  {word}  {escape_log(printable(rule)):{width}}  {number:6,} in {where}"
        yield bold("by file")
        yield from _count_files(findings)
        yield ""
    if is_grouped:
        yield "(findings that are alike are shown once; --all shows each)"
    if unread := len({each.path for each in findings if each.rule in UNREAD}):
        what = "it" if unread == 1 else "them"
        yield f"({count(unread, 'file')} cannot be read: what needs {what} was not checked)"
    worst = min(findings, key=lambda each: SEVERITIES.index(each.severity))
    rule = quote_shell(escape_log(worst.rule))
    yield f"(`release explain {rule}` says why, and what to do; so for each rule)"


def _by_severity(counted: tuple[tuple[Severity, str], int]) -> tuple[int, int, str]:
    """Return the place of a rule among others: errors first, then those with most findings."""
    (severity, rule), number = counted
    return SEVERITIES.index(severity), -number, rule


def _count_files(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the files with most findings, errors first."""
    files: dict[str, Counter[Severity]] = {}
    for each in findings:
        files.setdefault(each.place, Counter())[each.severity] += 1
    order = sorted(
        files, key=lambda name: (*(-files[name][severity] for severity in SEVERITIES), name)
    )
    for name in order[:_MOST_FILES]:
        numbers = [count(files[name][each], each) for each in SEVERITIES if files[name][each]]
        yield f"  {escape_log(printable(name))}: {', '.join(numbers)}"
    if len(order) > _MOST_FILES:
        yield f"  … and {len(order) - _MOST_FILES:,} more files"
