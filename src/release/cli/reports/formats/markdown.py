"""Show findings as Markdown, for a comment or the summary of a job."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence

from release.cli.reports.result import CommandResult, ResultSection, ResultTable
from release.cli.terminal import count
from release.findings.finding import Finding
from release.findings.rules import SEVERITIES, Severity
from release.syntax.escapes import escape_log
from release.syntax.markdown import write_code_span

#: A comment on GitHub has at most 65,536 characters; some are left to who posts it.
_MOST_BYTES = 60_000

#: So many lines of the message of an error are shown; it names findings, which stand below.
_MOST_LINES = 5

#: So many bytes are kept for the line that says how many findings are left out.
_FOR_REST = 200

#: So many findings are shown, unless each is asked for.
_MOST_FINDINGS = 100

_TABLE = "\n| severity | rule | where | finding |\n|---|---|---|---|\n"


def pieces(result: CommandResult, options: argparse.Namespace) -> Iterator[str]:
    """Yield a section: the summary, a table of findings, and how many more there are."""
    most = len(result.findings) if getattr(options, "all", False) else _MOST_FINDINGS
    return write_section(result, _MOST_BYTES, most)


def write_section(result: CommandResult, size: int, most: int) -> Iterator[str]:
    """Yield a section of at most so many bytes and findings; the gravest findings are shown."""
    head = f"### release {result.command}: {code(result.summary)}\n"
    for line in result.failure.split("\n")[:_MOST_LINES]:
        is_below = any(each.message in line for each in result.findings[:_MOST_LINES])
        head += f"\n{code(line)}\n" if line and not is_below else ""
    yield head
    rest = "".join(f"\n{code(remark)}\n" for remark in result.remarks)
    left = size - _size(head) - _size(_TABLE) - _size(rest) - _FOR_REST
    tables = [_write_table(result.table)] if result.table else map(_write_parts, result.sections)
    for lines in tables:
        text = "".join(lines)
        if (left := left - _size(text)) < 0:
            break
        yield text
    shown = 0
    for finding in _gravest(result.findings, most):
        row = _write_row(finding)
        left -= _size(row)
        if left < 0:
            break
        if not shown:
            yield _TABLE
        shown += 1
        yield row
    yield rest
    if len(result.findings) > shown:
        yield f"\n… and {count(len(result.findings) - shown, 'more finding')}, which are not shown here.\n"


def code(text: str) -> str:
    """Return a text as code within a line, even of a table: nothing in it is a link, mention or markup.

    Line ends and control characters are escapes.
    """
    line = escape_log(text.replace("\n", "\\n"))
    return write_code_span(line).replace("|", "\\|") if line else ""


def _size(text: str) -> int:
    return len(text.encode("utf-8", "backslashreplace"))


def _gravest(findings: Sequence[Finding], most: int) -> Sequence[Finding]:
    """Return the first so many findings, errors before warnings, in their order."""
    if len(findings) <= most:
        return findings
    counts = Counter(each.severity for each in findings)
    left, quota = most, Counter[Severity]()
    for severity in SEVERITIES:
        quota[severity] = min(left, counts[severity])
        left -= quota[severity]
    found = []
    for each in findings:
        if quota[each.severity] > 0:
            quota[each.severity] -= 1
            found.append(each)
    return found


def _write_row(finding: Finding) -> str:
    cells = finding.severity, *map(code, (finding.rule, finding.address, finding.message))
    return f"| {' | '.join(cells)} |\n"


def _write_table(table: ResultTable) -> Iterator[str]:
    yield f"\n| {' | '.join(table.columns)} |\n{'|---' * len(table.columns)}|\n"
    for row in table.rows:
        yield f"| {' | '.join(code(str(value)) for value in row)} |\n"


def _write_parts(section: ResultSection) -> Iterator[str]:
    yield f"\n{code(section.title)}\n\n| step | status |\n|---|---|\n"
    for part in section.parts:
        yield f"| {code(part.name)} | {part.status} |\n"
