"""The result of a command, from which every format is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from release.findings.finding import Finding
from release.findings.rules import family

#: How a part of the work ended: as it should, with findings that are errors, undecided, or not at all.
PartStatus = Literal["passed", "failed", "not possible", "not done"]


@dataclass(frozen=True, slots=True)
class ResultPart:
    """One part of the work of a command, such as a step of `verify`, with what it found."""

    name: str
    status: PartStatus
    findings: Sequence[Finding] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ResultSection:
    """The parts that belong together, such as the steps of one release."""

    title: str
    parts: Sequence[ResultPart]


@dataclass(frozen=True, slots=True)
class ResultTable:
    """A table that a command is about, such as the versions in a store."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str | int]]


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The result of a command.

    Attributes:
        command: The name of the command.
        show: Prints the text for people.
        value: Makes the value of the JSON.
        summary: The result in one line.
        findings: All findings, in order.
        rules: The names of all rules that were looked for, whether broken or not.
        checks: The checks of the dataset by name, each with its message, in which `{column}` is a value.
        sections: The parts of the work, where they are not the rules.
        table: What the command lists; without it CSV has the findings.
        failure: The message of the error that ended the command; empty if it came to its end.
        remarks: Lines about findings that are not shown.
        notice: What the command has to say that is no finding.
        own: Formats that the command makes itself: functions that yield them piece by piece, by name.
    """

    command: str
    show: Callable[[], object]
    value: Callable[[], Any]
    summary: str = ""
    findings: Sequence[Finding] = ()
    rules: Sequence[str] = ()
    checks: Mapping[str, str] = field(default_factory=dict)
    sections: Sequence[ResultSection] = ()
    table: ResultTable | None = None
    failure: str = ""
    remarks: Sequence[str] = ()
    notice: str = ""
    own: Mapping[str, Callable[[], Iterator[str]]] = field(default_factory=dict)


def part_by_rule(findings: Sequence[Finding], rules: Sequence[str] = ()) -> Iterator[ResultPart]:
    """Yield a part for each of some rules, and for each other that is broken.

    It failed if a finding is an error. A rule that is named after a field or table counts for the
    general one, if that is looked for.
    """
    by_rule: dict[str, list[Finding]] = {name: [] for name in rules}
    for finding in findings:
        general = family(finding.rule)
        name = general if general in by_rule and finding.rule not in by_rule else finding.rule
        by_rule.setdefault(name, []).append(finding)
    for name, found in by_rule.items():
        is_broken = any(each.severity == "error" for each in found)
        yield ResultPart(name, "failed" if is_broken else "passed", found)
