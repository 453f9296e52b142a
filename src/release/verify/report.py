"""What verifying a release found, step by step: what each step proves, and what speaks against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from release.findings import printable

Status = Literal["passed", "failed", "not done"]

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
    "rebuild": "the files are what the records, codelists and descriptor in source/ make",
    "signature": "a key that is trusted signed SHA256SUMS",
    "index": "the index of the store names these releases by the digests that they have",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one file of a release."""

    file: str
    message: str

    def __str__(self) -> str:
        return f"{printable(self.file)}: {self.message}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: it failed where there are faults; `notes` say what it did not look at, and why."""

    name: str
    status: Status
    proves: str
    faults: Sequence[Fault] = ()
    notes: Sequence[str] = ()


def done(name: str, faults: Sequence[Fault], notes: Sequence[str] = (), proves: str = "") -> Step:
    """A step that was done; each fault is told once. `proves` is given where it proves less."""
    status: Status = "failed" if faults else "passed"
    return Step(name, status, proves or STEPS[name], tuple(dict.fromkeys(faults)), tuple(notes))


def not_done(name: str, *notes: str) -> Step:
    """A step that was not done, and why."""
    return Step(name, "not done", STEPS[name], (), notes)
