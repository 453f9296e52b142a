"""`release check` and `release build`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, astuple, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release.cli.options import add_input, make_options, read_input
from release.cli.reports import output
from release.cli.reports.result import CommandResult
from release.cli.reports.selection import (
    ShownFindings,
    add_baseline,
    add_selection,
    read_selection,
)
from release.cli.reports.targets import OF_FINDINGS, add_format
from release.cli.reports.text import print_found
from release.cli.terminal import (
    DONE,
    FOUND,
    ProgressDisplay,
    count,
    one_line,
    say,
    unpublished,
)
from release.findings.message import printable
from release.findings.rules import MENDABLE, family

if TYPE_CHECKING:
    from release.build.outcome import Outcome
    from release.build.pipeline import Built
    from release.descriptor.model import Descriptor
    from release.records.coverage import CoverageLine


def add_check(commands: Any) -> None:
    """Add `check`."""
    parser = commands.add_parser(
        "check",
        help="find every fault of the records; write nothing",
        description="Find every fault of the records and tables. Nothing is written.",
    )
    add_input(parser)
    parser.add_argument(
        "--coverage",
        action="store_true",
        help="also print the number of values at each path of the records, and the columns that use them",
    )
    parser.add_argument(
        "--propose-codes",
        action="store_true",
        help="also print the lines that the codelists lack, as CSV to paste into them",
    )
    add_selection(parser)
    parser.add_argument(
        "--watch",
        action="store_true",
        help="stay, and check again whenever a file changes; Ctrl-C ends it",
    )
    _add_text(parser)
    parser.set_defaults(run=_check)


def add_build(commands: Any) -> None:
    """Add `build`."""
    parser = commands.add_parser(
        "build",
        help="build a release into a store",
        description="Check the records and build a release. An error leaves the store as it was.",
    )
    add_input(parser)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("dist"),
        metavar="STORE",
        help="the folder of releases (default: dist)",
    )
    parser.add_argument(
        "--referee",
        choices=["sample", "full"],
        default="sample",
        help="rows of a large release that frictionless judges (default: a sample chosen by key)",
    )
    add_baseline(parser)
    _add_text(parser)
    parser.set_defaults(run=_build)


def _add_text(parser: argparse.ArgumentParser) -> None:
    """Add the arguments for how findings are shown."""
    add_format(parser, OF_FINDINGS)
    parser.add_argument(
        "--all", action="store_true", help="show each finding, also where many are alike"
    )
    parser.add_argument(
        "--source",
        action=argparse.BooleanOptionalAction,
        help="show the line that a finding is about, and count findings by rule and file (default: on a "
        "terminal)",
    )


def _check(options: argparse.Namespace) -> int:
    if options.watch:
        from release.cli.commands.watch import watch

        watch(options, lambda outcome: _summarize(outcome, ShownFindings(outcome.findings)))
    return _check_once(options)


def _check_once(options: argparse.Namespace) -> int:
    from release.build import outcome as outcomes

    descriptor, elsewhere = read_input(options)
    selection = read_selection(options, descriptor)
    with ProgressDisplay() as progress:
        run_options = make_options(options, elsewhere, progress)
        outcome = outcomes.check(descriptor, run_options)
    shown = selection.select(outcome.findings)
    lines = None
    if options.coverage:
        from release.build.reports.coverage_report import report_coverage

        lines = report_coverage(descriptor, run_options)
    proposals = None
    if options.propose_codes:
        from release.build.reports.code_proposals import propose_codes, show_proposals

        proposals = propose_codes(descriptor, run_options)

    def show() -> None:
        print_found(shown.findings, each=options.all, source=options.source)
        if lines is not None:
            _print_coverage(lines)
        for line in show_proposals(proposals) if proposals is not None else ():
            say(line)
        _sum_up(outcome, shown)
        _advise(shown)

    def value() -> dict[str, Any]:
        report = _report(outcome, shown)
        if lines is not None:
            report["coverage"] = [asdict(line) for line in lines]
        if proposals is not None:
            report["proposals"] = [asdict(each) for each in proposals]
        return report

    result = CommandResult("check", show, value)
    output.show(options, _complete(result, descriptor, outcome, shown))
    return FOUND if shown.findings.errors else DONE


def _build(options: argparse.Namespace) -> int:
    from release.build import pipeline

    with unpublished(options.out):
        descriptor, elsewhere = read_input(options)
        selection = read_selection(options, descriptor)
        with ProgressDisplay() as progress:
            run_options = make_options(options, elsewhere, progress)
            run_options = replace(run_options, full_referee=options.referee == "full")
            built = pipeline.build(descriptor, options.out, run_options)
    shown = selection.select(built.outcome.findings, keep_errors=True)

    def show() -> None:
        print_found(shown.findings, each=options.all, source=options.source)
        _sum_up(built.outcome, shown)
        if built.path is None:
            say("nothing was built: an error stands")
        elif built.is_new:
            say(f"built {printable(str(built.path))}{_stepped(built)}")
        else:
            say(f"{printable(str(built.path))} is there already, with the same content")

    def value() -> dict[str, Any]:
        return _report(built.outcome, shown) | {
            "release": str(built.path) if built.path else None,
            "new": built.is_new,
            "step": asdict(built.step) if built.step else None,
        }

    result = CommandResult("build", show, value)
    output.show(options, _complete(result, descriptor, built.outcome, shown))
    return FOUND if built.outcome.errors else DONE


def _complete(
    result: CommandResult, descriptor: Descriptor, outcome: Outcome, shown: ShownFindings
) -> CommandResult:
    """Add findings and rules to the result of a check or build; its parts are the rules and the checks."""
    from release.findings.rules import RULES

    checks = {check.name: check.message for check in descriptor.checks}
    return replace(
        result,
        summary=_summarize(outcome, shown),
        findings=shown.findings,
        remarks=shown.remarks,
        rules=(*RULES, *checks),
        checks=checks,
    )


def _stepped(built: Built) -> str:
    """Show the difference to the version before, if there is one."""
    if built.step is None:
        return ""
    version, level, calls_for = astuple(built.step)
    if level == "none":
        return f" (no difference to {version})"
    if built.outcome.content.descriptor.scheme == "calendar":
        return f" ({level} after {version})"
    return f" ({level} after {version}, which calls for {calls_for})"


def _report(outcome: Outcome, shown: ShownFindings) -> dict[str, Any]:
    """Make the JSON object of an outcome."""
    return {
        "version": outcome.content.descriptor.version,
        "errors": shown.findings.errors,
        "warnings": _count_warnings(shown),
        "tables": {name: table.num_rows for name, table in outcome.content.tables.items()},
        "findings": [asdict(finding) for finding in shown.findings],
        **shown.value,
    }


def _sum_up(outcome: Outcome, shown: ShownFindings) -> None:
    """Print how many records and findings there are, and what is said of findings that are not shown."""
    say(_summarize(outcome, shown))
    for remark in shown.remarks:
        say(one_line(remark))


def _advise(shown: ShownFindings) -> None:
    """Say on a terminal how many findings may have one right answer; programs read the summary last."""
    if not sys.stdout.isatty():
        return
    if mendable := sum(family(each.rule) in MENDABLE for each in shown.findings):
        say(f"release fix may mend {mendable} of these")


def _count_warnings(shown: ShownFindings) -> int:
    return len(shown.findings) - shown.findings.errors - shown.findings.notes


def _summarize(outcome: Outcome, shown: ShownFindings) -> str:
    """Sum up an outcome in a line."""
    notes = shown.findings.notes
    counts = [count(outcome.records, "record"), count(shown.findings.errors, "error")]
    counts.append(count(_count_warnings(shown), "warning"))
    return ", ".join([*counts, count(notes, "note")] if notes else counts)


def _print_coverage(lines: Sequence[CoverageLine]) -> None:
    """Print the coverage as a table."""
    width = max([len("path"), *(len(printable(f"{line.kind}/{line.pattern}")) for line in lines)])
    say(f"{'path':{width}}  leaves  missing  column")
    for line in lines:
        path = printable(f"{line.kind}/{line.pattern}")
        uses = ", ".join(line.uses) or "UNMAPPED"
        say(f"{path:{width}}  {line.leaves:6}  {line.missing:7}  {uses}")
