"""`release verify` and `release sign`."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release.cli.options import add_limits, limits_of, processors
from release.cli.reports import output
from release.cli.reports.result import CommandResult, ResultPart, ResultSection
from release.cli.reports.targets import OF_FINDINGS, add_format
from release.cli.terminal import (
    DONE,
    FOUND,
    UNUSABLE,
    ProgressDisplay,
    coloured,
    count,
    one_line,
    print_findings,
    say,
)
from release.findings.message import printable

if TYPE_CHECKING:
    from release.cli.terminal import Colour
    from release.verify.report import ReleaseReport, Report, StepReport
    from release.verify.validity import Referee


def add_verify(commands: Any) -> None:
    """Add `verify`."""
    parser = commands.add_parser(
        "verify",
        help="check a release or a store against its own claims",
        description="Check the files of a release, its tables and its signature, step by step.",
    )
    parser.add_argument(
        "place", metavar="PATH", help="a release's folder or zip, or a store; or its http(s) URL"
    )
    parser.add_argument(
        "--rebuild",
        action="store_true",
        help="also build the release again from its source/ and compare; this runs the queries of "
        "its descriptor",
    )
    _add_signers(parser)
    referee = parser.add_mutually_exclusive_group()
    referee.add_argument(
        "--no-referee", action="store_true", help="do not run frictionless, the slowest part"
    )
    referee.add_argument(
        "--referee",
        choices=["sample", "full"],
        default="sample",
        help="the rows of a large release that frictionless judges (default: a sample chosen by key)",
    )
    add_limits(parser)
    add_format(parser, OF_FINDINGS)
    parser.set_defaults(run=_verify)


def _add_signers(parser: argparse.ArgumentParser) -> None:
    """Add the arguments for whose signature is required."""
    parser.add_argument(
        "--allowed-signers",
        type=Path,
        metavar="FILE",
        help="require a signature by a key that this file of OpenSSH names",
    )
    parser.add_argument(
        "--identity",
        metavar="NAME",
        help="the one who must have signed (default: anyone in --allowed-signers)",
    )
    parser.add_argument(
        "--signature",
        type=Path,
        metavar="FILE",
        help="the signature (default: SHA256SUMS.sig in the folder, or beside the zip)",
    )


def add_sign(commands: Any) -> None:
    """Add `sign`."""
    parser = commands.add_parser(
        "sign",
        help="sign a release with a key of OpenSSH",
        description="Sign SHA256SUMS of a release, which stands for all its files.",
    )
    parser.add_argument("place", type=Path, metavar="PATH", help="the folder of a release")
    parser.add_argument(
        "--key",
        type=Path,
        required=True,
        metavar="FILE",
        help="the private key, or the public one if an agent holds the private one",
    )
    parser.add_argument("--replace", action="store_true", help="replace a signature that is there")
    parser.set_defaults(run=_sign)


def _verify(options: argparse.Namespace) -> int:
    from release.findings.errors import UsageError
    from release.verify.signature import Signers

    if options.identity and options.allowed_signers is None:
        raise UsageError("--identity is one of the allowed signers: give --allowed-signers too")
    signers = Signers(options.allowed_signers, options.identity or "", options.signature)
    referee: Referee = "none" if options.no_referee else options.referee
    settings = {
        "referee": referee,
        "rebuild": options.rebuild,
        "workers": processors(),
        "signers": signers,
        "limits": limits_of(options),
    }
    with ProgressDisplay() as progress:
        if options.isolated or options.other_limits:
            report = _verify_isolated(options, settings, progress)
        else:
            report = _look(options.place, settings, progress, lambda *_: None)
    output.show(options, _result(report))
    if report.verified:
        return DONE
    return FOUND if report.failed else UNUSABLE


def _result(report: Report) -> CommandResult:
    """Return the result of a verification, whose parts are the steps of each release."""

    def show() -> None:
        for release in report.releases:
            _print(release)

    sections = []
    for release in report.releases:
        steps = [ResultPart(s.name, s.status, s.findings, s.notes) for s in release.steps]
        sections.append(ResultSection(release.place, steps))
    return CommandResult(
        "verify",
        show,
        lambda: _to_json(report),
        summary=_sum_up(report),
        findings=report.findings,
        sections=sections,
    )


def _sum_up(report: Report) -> str:
    """Sum up a report in a line; of several releases those are named that do not verify."""
    if len(report.releases) == 1:
        return _summary(report.releases[0])
    others = [each for each in report.releases if not each.verified]
    named = [f"{each.place} {_summary(each)}" for each in others]
    verified = len(report.releases) - len(others)
    return "; ".join([*named, f"{verified} of {len(report.releases)} verify"])


def _verify_isolated(
    options: argparse.Namespace, settings: Mapping[str, Any], progress: Callable[[str], None]
) -> Report:
    """Verify in a process of its own; what was proven before a limit was reached stands."""
    from release.system.foreign import isolation
    from release.system.foreign.budget import Budget, LimitError
    from release.verify.report import UnfinishedReport

    unfinished = UnfinishedReport(options.place)

    def receive(event: Any) -> None:
        if isinstance(event, str):
            progress(event)
            unfinished.begin(event)
        else:
            unfinished.add(*event)

    work = partial(_send_looks, options.place, settings)
    budget = Budget(settings["limits"])
    try:
        return isolation.run(work, budget, options.place, receive, fork=options.isolated)
    except LimitError as error:
        return unfinished.stop(error.findings)


def _send_looks(place: str, settings: Mapping[str, Any], send: Callable[[object], None]) -> Report:
    """Verify, and send each step and report."""
    return _look(place, settings, send, lambda *event: send(event))


def _look(
    place: str,
    settings: Mapping[str, Any],
    progress: Callable[[str], None],
    on_result: Callable[..., None],
) -> Report:
    """Verify in this process."""
    from release.verify import verification

    how = verification.VerifyOptions(**settings, progress=progress, on_result=on_result)
    return verification.verify(place, how)


def _to_json(report: Report) -> dict[str, Any]:
    return {
        "verified": report.verified,
        "findings": [asdict(finding) for finding in report.findings],
        "releases": [
            {
                "place": release.place,
                "version": release.version or None,
                "verified": release.verified,
                "steps": [
                    {
                        "name": step.name,
                        "status": step.status,
                        "proves": step.proves,
                        "findings": [asdict(finding) for finding in step.findings],
                        "notes": list(step.notes),
                    }
                    for step in release.steps
                ],
            }
            for release in report.releases
        ],
    }


def _print(release: ReleaseReport) -> None:
    say(f"{printable(release.place)}:")
    for step in release.steps:
        say(f"  {step.name:9} {_status(step)}")
        print_findings(step.findings, below="    ")
        for note in step.notes:
            say(f"    ({one_line(note)})")
    say(_summary(release))


def _summary(release: ReleaseReport) -> str:
    """Sum up the report of a release in a line."""
    failed = [step for step in release.steps if step.status == "failed"]
    impossible = [step.name for step in release.steps if step.status == "not possible"]
    found = Counter(each.severity for step in release.steps for each in step.findings)
    if failed:
        errors = sum(each.severity == "error" for step in failed for each in step.findings)
        names = ", ".join(step.name for step in failed)
        return f"does not verify: {count(errors, 'error')} in {names}"
    if impossible:
        return (
            f"cannot be verified here: {', '.join(impossible)} is not possible with this toolchain"
        )
    if found["warning"]:
        return f"verifies, with {count(found['warning'], 'warning')}"
    if all(step.status == "not done" for step in release.steps):
        return "not verified"
    return "verifies"


def _status(step: StepReport) -> str:
    status = coloured(step.status, _COLOURS.get(step.status))
    return f"{status}: {step.proves}" if step.status == "passed" else status


_COLOURS: Mapping[str, Colour] = {"passed": "green", "failed": "red", "not possible": "yellow"}


def _sign(options: argparse.Namespace) -> int:
    from release.findings.finding import FindingsError
    from release.verify import integrity, signature

    if (options.place / "SHA256SUMS").is_file():
        step, _ = integrity.step(options.place, None)
        findings = [
            each
            for each in step.findings
            if each.path != "SHA256SUMS.sig" and each.severity == "error"
        ]
        if findings:
            heading = f"{options.place} is not signed, for it does not verify"
            raise FindingsError(findings[:20], heading)
    path = signature.sign(options.place, options.key, replace=options.replace)
    say(f"signed {printable(str(path))}")
    return DONE
