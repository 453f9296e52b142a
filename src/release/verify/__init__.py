"""Verify releases: `verify(place, options)` returns a `Report` of steps and their findings."""

from __future__ import annotations

__all__ = [
    "Finding",
    "Referee",
    "ReleaseReport",
    "Report",
    "Signers",
    "StepReport",
    "VerifyOptions",
    "verify",
]

TYPE_CHECKING = False  # as typing has it, without importing typing

if TYPE_CHECKING:
    from release.findings.finding import Finding
    from release.verify.report import ReleaseReport, Report, StepReport
    from release.verify.signature import Signers
    from release.verify.validity import Referee
    from release.verify.verification import VerifyOptions, verify


def __getattr__(name: str) -> object:
    """Return a name of the face, imported when it is asked for: some of its modules load Arrow."""
    if name not in __all__:
        raise AttributeError(f"module 'release.verify' has no attribute {name!r}")
    from release.findings import finding
    from release.verify import report, signature, validity, verification

    modules = (finding, report, signature, validity, verification)
    return next(getattr(module, name) for module in modules if hasattr(module, name))
