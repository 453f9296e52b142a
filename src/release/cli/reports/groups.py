"""Show many findings of one cause as one, with their number and the first places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from release.findings.finding import Finding
from release.findings.message import printable

#: So many findings of one cause are shown one by one.
_ONE_BY_ONE = 5

#: The number of further places that a group names.
_PLACES = 4

#: A position of a list in a key path.
_POSITION = re.compile(r"(?<=\.)[0-9]+(?=\.|$)")

#: What findings of one cause share: rule, severity, table, and the path in records or the column.
_Cause = tuple[str, str, str, str]


def group_lines(findings: Iterable[Finding], words: Mapping[str, str]) -> Iterator[str]:
    """Yield findings as lines, in order; a group stands where its first finding does.

    `words` has the text for each severity.
    """
    for each, group in group_alike(findings):
        yield each.text(each.place, words[each.severity])
        if len(group) > 1:
            yield show_others(group)


def group_alike(findings: Iterable[Finding]) -> Iterator[tuple[Finding, list[Finding]]]:
    """Yield each finding that is shown, in order, with those that it stands for: itself, or a whole group."""
    shown = [
        pair
        for group in find_groups(findings)
        for pair in (
            [(each, [each]) for each in group] if len(group) <= _ONE_BY_ONE else [(group[0], group)]
        )
    ]
    yield from sorted(shown, key=lambda pair: _order(pair[0]))


def find_groups(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return the findings by their cause, in the order in which each cause is found first."""
    groups: dict[_Cause, list[Finding]] = {}
    for each in findings:
        groups.setdefault(_cause_of(each), []).append(each)
    return list(groups.values())


def has_groups(findings: Iterable[Finding]) -> bool:
    """Return whether some findings are shown as a group."""
    counts: dict[_Cause, int] = {}
    for each in findings:
        cause = _cause_of(each)
        counts[cause] = counts.get(cause, 0) + 1
        if counts[cause] > _ONE_BY_ONE:
            return True
    return False


def _cause_of(finding: Finding) -> _Cause:
    """Return what findings share that are shown together: positions of a list do not count."""
    return finding.rule, finding.severity, finding.table, _POSITION.sub("*", finding.field)


def _order(finding: Finding) -> tuple[str, int, int, str]:
    return finding.path, finding.line, finding.column, finding.rule


def show_others(group: list[Finding]) -> str:
    """Return the line about all but the first finding of a group."""
    files = len({each.path for each in group})
    where = f"in {files:,} files" if files > 1 else "in this file"
    named = [printable(each.address) for each in group[1 : 1 + _PLACES]]
    rest = ", …" if len(group) > 1 + _PLACES else ""
    return f"    and {len(group) - 1:,} more like it, {where}: {', '.join(named)}{rest}"
