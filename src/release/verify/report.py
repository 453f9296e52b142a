"""The report of a verification: for each release its steps, what each proves, and what speaks against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from release.findings.finding import Finding
from release.findings.groups import group_findings

Status = Literal["passed", "failed", "not possible", "not done"]

#: The most findings of one rule in a step.
_MOST = 1000

#: Every step in its order, and what it proves where it passes.
STEPS = {
    "integrity": (
        "every file is the one that SHA256SUMS lists and nothing else is there; the archive and what "
        "stands beside it say the same"
    ),
    "validity": (
        "datapackage.json follows the standard and is what source/ declares; every table follows its "
        "schema, keys and order"
    ),
    "equality": "the Parquet of each table, written as CSV, is its CSV byte for byte",
    "parquet": (
        "the Parquet of each table is byte for byte what its rows make, so no statistic or index in it "
        "is false"
    ),
    "rebuild": "the files are what the records, codelists and descriptor in source/ make",
    "signature": "a key that is trusted signed SHA256SUMS",
    "index": "the index of the store names these releases by the digests that they have",
}


@dataclass(frozen=True, slots=True)
class StepReport:
    """The result of one step: it failed, or was not possible here, if it has findings that are errors.

    `notes` say which parts of the step were not done, and why.
    """

    name: str
    status: Status
    proves: str
    findings: Sequence[Finding] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """The steps of one release, or of the index of a store, which has no version."""

    place: str
    version: str
    steps: Sequence[StepReport]

    @property
    def verified(self) -> bool:
        """True if no step failed, and none was impossible here."""
        return not self.failed and all(step.status != "not possible" for step in self.steps)

    @property
    def failed(self) -> bool:
        """True if a step failed."""
        return any(step.status == "failed" for step in self.steps)


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a verification: the report of one release, or those of a store and its index."""

    releases: Sequence[ReleaseReport]

    @property
    def verified(self) -> bool:
        """True if no step of any release failed, and none was impossible here."""
        return all(release.verified for release in self.releases)

    @property
    def failed(self) -> bool:
        """True if a step of a release failed."""
        return any(release.failed for release in self.releases)

    @property
    def steps(self) -> Sequence[StepReport]:
        """The steps of all releases, one release after the other."""
        return tuple(step for release in self.releases for step in release.steps)

    @property
    def findings(self) -> Sequence[Finding]:
        """The findings of all steps, in the order of the steps."""
        return tuple(finding for step in self.steps for finding in step.findings)


def done(
    name: str, findings: Sequence[Finding], notes: Sequence[str] = (), proves: str = ""
) -> StepReport:
    """Return the report of a step that was done, with each finding once, and many of one cause as one.

    `proves` is given where the step proves less than STEPS says.
    """
    is_wrong = any(each.severity == "error" for each in findings)
    status: Status = "failed" if is_wrong else "passed"
    grouped = tuple(group_findings(findings, _MOST))
    return StepReport(name, status, proves or STEPS[name], grouped, tuple(notes))


def not_done(name: str, *notes: str) -> StepReport:
    """Return the report of a step that was not done; the notes say why."""
    return StepReport(name, "not done", STEPS[name], (), notes)


def not_possible(name: str, findings: Sequence[Finding], *notes: str) -> StepReport:
    """Return the report of a step that cannot be done here, as nothing is known against the release.

    `findings` are what this machine or toolchain stopped at; the notes say why.
    """
    grouped = tuple(group_findings(findings, _MOST))
    return StepReport(name, "not possible", STEPS[name], grouped, notes)


class UnfinishedReport:
    """The report of a verification that may be stopped: what was found so far."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._name = ""
        self._releases: list[ReleaseReport] = []
        self._steps: dict[str, StepReport] = {}

    def begin(self, what: str) -> None:
        """Note what is begun: the place and the step, as `opening 0.1.0` or `0.1.0: rebuild`."""
        place, _, name = what.rpartition(": ")
        self._name = name.partition(" ")[0]
        if place:
            self._place = place

    def add(self, place: str, result: StepReport | ReleaseReport) -> None:
        """Add a step that was done at a place, or the report of a release."""
        if isinstance(result, ReleaseReport):
            self._releases.append(result)
            self._steps = {}
        else:
            self._place = place
            self._steps[result.name] = result

    def stop(self, findings: Sequence[Finding]) -> Report:
        """Return the report of a verification that stopped in the step that was begun last."""
        steps = []
        name = self._name if self._name in STEPS else "integrity"
        for each in STEPS:
            if each in self._steps:
                steps.append(self._steps[each])
            elif each == name:
                steps.append(done(each, findings))
            elif each != "index":
                steps.append(not_done(each, "a limit was reached"))
        return Report((*self._releases, ReleaseReport(self._place, "", tuple(steps))))
