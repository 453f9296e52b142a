"""`release verify` and `release sign`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release.cli.options import add_format, processors
from release.cli.terminal import DONE, FOUND, Progress, count, is_colourful, print_json

if TYPE_CHECKING:
    from release.verify.report import Step
    from release.verify.verification import Report


def add_verify(commands: Any) -> None:
    """Add `verify`."""
    parser = commands.add_parser(
        "verify",
        help="hold a release or a store against its own claims",
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
    parser.add_argument(
        "--allowed-signers",
        type=Path,
        metavar="FILE",
        help="require a signature by one whom this file of OpenSSH's names",
    )
    parser.add_argument(
        "--identity",
        metavar="NAME",
        help="whose signature it has to be (default: anyone's in --allowed-signers)",
    )
    parser.add_argument(
        "--signature",
        type=Path,
        metavar="FILE",
        help="the signature (default: SHA256SUMS.sig in the folder, or beside the zip)",
    )
    referee = parser.add_mutually_exclusive_group()
    referee.add_argument(
        "--no-referee", action="store_true", help="do not ask frictionless, which takes the longest"
    )
    referee.add_argument(
        "--referee",
        choices=["sample", "full"],
        default="sample",
        help="what frictionless judges of a large release (default: a sample chosen by key)",
    )
    add_format(parser)
    parser.set_defaults(run=_verify)


def add_sign(commands: Any) -> None:
    """Add `sign`."""
    parser = commands.add_parser(
        "sign",
        help="sign a release with a key of OpenSSH",
        description="Sign SHA256SUMS of a release, which stands for all its files.",
    )
    parser.add_argument("place", type=Path, metavar="PATH", help="a release's folder")
    parser.add_argument(
        "--key",
        type=Path,
        required=True,
        metavar="FILE",
        help="the private key, or the public one where an agent holds the private one",
    )
    parser.add_argument("--replace", action="store_true", help="put it in place of the one there")
    parser.set_defaults(run=_sign)


def _verify(options: argparse.Namespace) -> int:
    from release.errors import UsageError
    from release.verify import verification
    from release.verify.signature import Signers
    from release.verify.validity import Asked

    if options.identity and options.allowed_signers is None:
        raise UsageError("--identity is one of the allowed signers: give --allowed-signers too")
    signers = Signers(options.allowed_signers, options.identity or "", options.signature)
    asked = Asked(not options.no_referee, options.referee == "full")
    with Progress() as progress:
        means = verification.Options(asked, options.rebuild, processors(), signers, progress)
        reports = verification.verify(options.place, means)
    verified = all(report.verified for report in reports)
    if options.format == "json":
        print_json({"verified": verified, "releases": [_told(report) for report in reports]})
    else:
        _print(reports)
    return DONE if verified else FOUND


def _told(report: Report) -> dict[str, Any]:
    steps = [
        {
            "name": step.name,
            "status": step.status,
            "proves": step.proves,
            "faults": [{"file": fault.file, "message": fault.message} for fault in step.faults],
            "notes": list(step.notes),
        }
        for step in report.steps
    ]
    return {
        "place": report.place,
        "version": report.version or None,
        "verified": report.verified,
        "steps": steps,
    }


def _print(reports: Sequence[Report]) -> None:
    for report in reports:
        print(f"{report.place}:")
        for step in report.steps:
            print(f"  {step.name:9} {_status(step)}")
            for fault in step.faults:
                print(f"    {fault}")
            for note in step.notes:
                print(f"    ({note})")
        failed = [step.name for step in report.steps if step.status == "failed"]
        faults = sum(len(step.faults) for step in report.steps)
        told = f"does not verify: {count(faults, 'fault')} in {', '.join(failed)}"
        print(told if failed else "verifies")


def _status(step: Step) -> str:
    colours = {"passed": "\033[32m", "failed": "\033[31m"} if is_colourful() else {}
    status = (
        f"{colours[step.status]}{step.status}\033[0m" if step.status in colours else step.status
    )
    return f"{status}: {step.proves}" if step.status == "passed" else status


def _sign(options: argparse.Namespace) -> int:
    from release.errors import RefusedError
    from release.verify import integrity, signature

    if (options.place / "SHA256SUMS").is_file():
        step, _ = integrity.step(options.place, None)
        faults = [fault for fault in step.faults if fault.file != "SHA256SUMS.sig"]
        if faults:
            listed = "\n".join(f"  {fault}" for fault in faults[:20])
            raise RefusedError(f"{options.place} is not signed, for it does not verify:\n{listed}")
    path = signature.sign(options.place, options.key, replace=options.replace)
    print(f"signed {path}")
    return DONE
