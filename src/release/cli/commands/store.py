"""`release list`, `yank`, `reindex` and `publish`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release.cli.options import add_limits, add_store
from release.cli.process import run_isolated
from release.cli.reports import output
from release.cli.reports.result import (
    CommandResult,
    ResultPart,
    ResultSection,
    ResultTable,
    part_by_rule,
)
from release.cli.reports.targets import OF_FINDINGS, add_format
from release.cli.terminal import (
    DONE,
    FOUND,
    coloured,
    count,
    print_findings,
    say,
    unpublished,
)
from release.findings.message import printable

if TYPE_CHECKING:
    from release.cli.terminal import Colour
    from release.findings.finding import Finding
    from release.store.entry import VersionEntry
    from release.store.transfer import Copy


def add_list(commands: Any) -> None:
    """Add `list`."""
    parser = commands.add_parser(
        "list",
        help="show the versions in a store",
        description="Show the versions in a store, newest first.",
    )
    _add_place(parser)
    add_limits(parser)
    add_format(parser, OF_FINDINGS)
    parser.set_defaults(run=_list)


def add_yank(commands: Any) -> None:
    """Add `yank`."""
    parser = commands.add_parser(
        "yank",
        help="mark a version as withdrawn; nothing is deleted",
        description="Mark a final version as withdrawn, so that it is no longer the latest. No file of it "
        "is deleted. Repeated with another reason, the command changes the reason.",
    )
    parser.add_argument("version", metavar="VERSION", help="the version, such as 0.2.0")
    parser.add_argument(
        "--reason", required=True, metavar="TEXT", help="the reason, for those who have the version"
    )
    add_store(parser)
    add_format(parser)
    parser.set_defaults(run=_yank)


def add_reindex(commands: Any) -> None:
    """Add `reindex`."""
    parser = commands.add_parser(
        "reindex",
        help="write the index of a store again",
        description="Write the index of a store again from the versions in it: versions.json, index.html "
        "and latest.json.",
    )
    _add_place(parser)
    add_format(parser)
    parser.set_defaults(run=_reindex)


def add_publish(commands: Any) -> None:
    """Add `publish`."""
    parser = commands.add_parser(
        "publish",
        help="copy a version into another store",
        description="Copy a version into another store. The version is verified first, every file is read "
        "back, and the index there names it last. After an interruption, the same command completes the "
        "copy.",
    )
    parser.add_argument("target", metavar="TARGET", help="the other store, a folder")
    parser.add_argument(
        "version", nargs="?", metavar="VERSION", help="the version (default: the latest)"
    )
    add_store(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and do nothing"
    )
    add_format(parser)
    parser.set_defaults(run=_publish)


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "store",
        nargs="?",
        type=Path,
        default=Path("dist"),
        metavar="STORE",
        help="the folder of releases (default: dist)",
    )


def _list(options: argparse.Namespace) -> int:
    return run_isolated(_show_versions, options, str(options.store))


def _show_versions(options: argparse.Namespace) -> int:
    from release.findings.groups import group_findings
    from release.store import check, contents

    contents.check_exists(options.store)
    held, broken = contents.inspect(options.store)
    # the versions are shown all the same, so that what is an error to `verify` is a warning here
    names = group_findings(check.compare_names(options.store))
    findings = [replace(each, severity="warning") for each in names] + group_findings(broken)

    def show() -> None:
        print_findings(findings)
        if held:
            _print_table(held)
        else:
            say(f"{printable(str(options.store))} holds no version")

    def value() -> dict[str, Any]:
        return _report(held, contents.latest(options.store), findings)

    parts = [*(ResultPart(entry.version, "passed") for entry in held), *part_by_rule(findings)]
    output.show(
        options,
        CommandResult(
            "list",
            show,
            value,
            summary=count(len(held), "version"),
            findings=findings,
            sections=[ResultSection(str(options.store), parts)],
            table=_make_table(held),
        ),
    )
    return FOUND if broken else DONE


def _make_table(held: list[VersionEntry]) -> ResultTable:
    """Return the versions as a table."""
    from release.store import page

    columns = ("version", "created", "bytes", "status", "changes", "reason")
    rows = [
        (
            entry.version,
            entry.created,
            entry.archive.bytes,
            entry.status,
            page.describe_changes(entry),
            entry.reason or "",
        )
        for entry in held
    ]
    return ResultTable(columns, rows)


def _report(
    held: list[VersionEntry], latest: str | None, findings: Sequence[Finding] = ()
) -> dict[str, Any]:
    from release.store import entry as store_entry

    return {
        "latest": latest,
        "versions": [store_entry.to_json(entry) for entry in held],
        "findings": [asdict(finding) for finding in findings],
    }


def _print_table(held: list[VersionEntry]) -> None:
    """Print one line per version, and the reason below one that was withdrawn."""
    from release.package import render
    from release.store import page

    rows = [("version", "date", "size", "status", "what changed")]
    for entry in held:
        size, changes = render.size(entry.archive.bytes), page.describe_changes(entry)
        date = printable(entry.created[:10])
        rows.append((entry.version, date, size, entry.status, printable(changes)))
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    reasons = [None, *(entry.reason for entry in held)]
    for row, reason in zip(rows, reasons, strict=True):
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        cells[2] = row[2].rjust(widths[2])
        cells[3] = coloured(cells[3], _COLOURS.get(row[3]))
        say("  ".join(cells).rstrip())
        if reason is not None:
            say(f"  withdrawn: {printable(reason)}")


_COLOURS: Mapping[str, Colour] = {"draft": "yellow", "withdrawn": "red"}


def _yank(options: argparse.Namespace) -> int:
    from release.store import contents, index

    is_new = contents.yank(options.store, options.version, options.reason)
    latest = contents.latest(options.store)
    reason = index.withdrawn(options.store, options.version)
    value = {"version": options.version, "reason": reason, "new": is_new, "latest": latest}
    verb = "withdrawn" if is_new else "was withdrawn already, for this reason"
    text = f"{options.version} {verb}; {_latest(latest)}"
    output.show(options, CommandResult("yank", lambda: say(text), lambda: value))
    return DONE


def _latest(latest: str | None) -> str:
    return f"the latest version is {latest}" if latest else "there is no latest version now"


def _reindex(options: argparse.Namespace) -> int:
    from release.store import contents

    held = contents.reindex(options.store)
    latest = contents.latest(options.store)
    where = printable(str(options.store))
    text = f"{where} holds {count(len(held), 'version')}; {_latest(latest)}"
    output.show(options, CommandResult("reindex", lambda: say(text), lambda: _report(held, latest)))
    return DONE


def _publish(options: argparse.Namespace) -> int:
    from release.store import transfer

    with unpublished(Path(options.target)):
        made = transfer.copy(
            options.store, options.target, options.version, dry_run=options.dry_run
        )
    value = {**asdict(made), "path": str(made.path), "dry_run": options.dry_run, "findings": []}
    show = partial(_print_copy, made, is_planned=options.dry_run)
    output.show(options, CommandResult("publish", show, lambda: value))
    return DONE


def _print_copy(made: Copy, *, is_planned: bool) -> None:
    from release.package import render

    what = f"{count(len(made.files), 'file')}, {render.size(made.bytes)}"
    if made.is_new:
        say(f"{'would copy' if is_planned else 'published'} {printable(str(made.path))} ({what})")
    elif made.files:
        verb = "would be added" if is_planned else "added"
        say(
            f"{printable(str(made.path))} is there already; {verb}: {', '.join(map(printable, made.files))}"
        )
    else:
        say(f"{printable(str(made.path))} is there already, with the same content")
    if made.reason is not None:
        verb = "would be marked" if is_planned else "is marked"
        say(f"{made.version} {verb} there as withdrawn: {printable(made.reason)}")
