"""The result of a command, from which every format is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from release.findings.finding import Finding

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
class CommandResult:
    """The result of a command.

    Attributes:
        command: The name of the command.
        show: Prints the text for people.
        value: Makes the value of the JSON.
        summary: The result in one line.
        findings: All findings, in order.
        rules: The names of all rules that were looked for, whether broken or not.
        sections: The parts of the work, where they are not the rules.
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
    sections: Sequence[ResultSection] = ()
    failure: str = ""
    remarks: Sequence[str] = ()
    notice: str = ""
    own: Mapping[str, Callable[[], Iterator[str]]] = field(default_factory=dict)
