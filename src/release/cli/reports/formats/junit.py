"""Show findings as JUnit XML, for GitLab, Jenkins and others: a test case for each rule or step.

A test case has the same name in every run, so these programs tell which rules are newly broken, and which
are not any more. Source: junit-10.xsd of the xUnit plugin of Jenkins.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from release.cli.reports.result import CommandResult, ResultPart, ResultSection, part_by_rule
from release.cli.terminal import count
from release.syntax.escapes import escape_log

#: So many findings are shown in a test case.
_MOST = 200


def pieces(result: CommandResult, _options: argparse.Namespace) -> Iterator[str]:
    """Yield a suite of test cases for each section of the result."""
    sections = result.sections or [ResultSection(result.command, _parts_of(result))]
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuites name={_attribute('release')}>\n"
    for section in sections:
        counts = Counter(part.status for part in section.parts)
        yield (
            f"  <testsuite name={_attribute(f'release {section.title}')} tests="
            f'"{len(section.parts)}" failures="{counts["failed"]}" errors="{counts["not possible"]}" '
            f'skipped="{counts["not done"]}">\n'
        )
        for part in section.parts:
            yield from _write_case(f"release.{result.command}", part)
        yield "  </testsuite>\n"
    yield "</testsuites>\n"


def _parts_of(result: CommandResult) -> Sequence[ResultPart]:
    """Return a part for each rule that was looked for, and one for the error that ended the command."""
    parts = list(part_by_rule(result.findings, result.rules))
    if result.failure:
        parts.insert(0, ResultPart(result.command, "not possible", (), result.failure.split("\n")))
    return parts


def _write_case(name: str, part: ResultPart) -> Iterator[str]:
    opening = f"    <testcase classname={_attribute(name)} name={_attribute(part.name)}"
    told = [str(each) for each in part.findings[:_MOST]]
    if len(part.findings) > _MOST:
        told.append(f"… and {len(part.findings) - _MOST:,} more")
    told += [f"({note})" for note in part.notes]
    if part.status == "passed" and not told:
        yield f"{opening}/>\n"
        return
    yield f"{opening}>\n"
    text = escape(_clean("\n".join(line.replace("\n", "\\n") for line in told)))
    errors = sum(each.severity == "error" for each in part.findings)
    match part.status:
        case "failed":
            yield f"      <failure message={_attribute(count(errors, 'error'))}>{text}</failure>\n"
        case "not possible":
            yield f'      <error message="not possible">{text}</error>\n'
        case "not done":
            yield f"      <skipped>{text}</skipped>\n"
        case _:
            yield f"      <system-out>{text}</system-out>\n"
    yield "    </testcase>\n"


def _clean(text: str) -> str:
    """Return a text without characters that XML 1.0 has no way to write; each is an escape."""
    return re.sub("[\ufffe\uffff]", lambda match: f"\\u{ord(match[0]):x}", escape_log(text))


def _attribute(text: str) -> str:
    return quoteattr(_clean(text.replace("\n", "\\n")))
