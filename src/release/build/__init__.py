"""Check the records of a dataset and build releases: `check(descriptor)`, `build(descriptor, store)`."""

from __future__ import annotations

__all__ = [
    "Built",
    "CoverageLine",
    "Finding",
    "Limits",
    "NextVersion",
    "Options",
    "Outcome",
    "build",
    "check",
    "find_next_version",
    "report_coverage",
]

TYPE_CHECKING = False  # as typing has it, without importing typing

if TYPE_CHECKING:
    from release.build.inputs import Options
    from release.build.outcome import Outcome, check
    from release.build.pipeline import Built, build
    from release.build.reports.coverage_report import report_coverage
    from release.build.versions.next_version import NextVersion, find_next_version
    from release.findings.finding import Finding
    from release.records.coverage import CoverageLine
    from release.system.limits import Limits

_MODULES = {
    "Built": "build.pipeline",
    "CoverageLine": "records.coverage",
    "Finding": "findings.finding",
    "Limits": "system.limits",
    "NextVersion": "build.versions.next_version",
    "Options": "build.inputs",
    "Outcome": "build.outcome",
    "build": "build.pipeline",
    "check": "build.outcome",
    "find_next_version": "build.versions.next_version",
    "report_coverage": "build.reports.coverage_report",
}


def __getattr__(name: str) -> object:
    """Return a name of the face; its module is imported now, as most of them load Arrow."""
    if name not in _MODULES:
        raise AttributeError(f"module 'release.build' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"release.{_MODULES[name]}"), name)
