"""`release bump`."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from release.cli.options import add_input, add_store, make_options, read_input
from release.cli.reports.targets import add_format
from release.cli.terminal import DONE, ProgressDisplay, one_line, say
from release.syntax.versions import LEVELS


def add_bump(commands: Any) -> None:
    """Add `bump`."""
    parser = commands.add_parser(
        "bump",
        help="write the version that the difference calls for into the descriptor",
        description="Write version and created into the descriptor, and change nothing else of it. The "
        "version follows the latest release of the store.",
    )
    parser.add_argument(
        "level",
        nargs="?",
        default="auto",
        choices=["auto", *LEVELS[1:]],
        metavar="LEVEL",
        help="patch, minor or major; or auto (the default): what the difference between the latest "
        "release and the records calls for",
    )
    parser.add_argument(
        "--created",
        type=_parse_time,
        metavar="DATE",
        help="when the release is created, such as 2026-01-31 (default: today, in UTC)",
    )
    add_store(parser)
    add_input(parser)
    add_format(parser)
    parser.set_defaults(run=_bump)


def _parse_time(text: str) -> str:
    """Parse a day, or a time with its zone, as `created` has it."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or (len(text) > len("2026-01-31") and time.tzinfo is None):
        raise argparse.ArgumentTypeError(
            f"{text} is no date, expected one such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z"
        )
    return text if time.tzinfo else f"{time.date().isoformat()}T00:00:00Z"


def _bump(options: argparse.Namespace) -> int:
    from release.build.versions import next_version
    from release.cli.reports import output
    from release.cli.reports.result import CommandResult
    from release.descriptor import edit

    descriptor, elsewhere = read_input(options)
    level = None if options.level == "auto" else options.level
    # nothing else reads the clock: `created` is an input of every release, and this writes it
    today = f"{datetime.now(UTC).date().isoformat()}T00:00:00Z"
    day = (options.created or today)[: len("2026-01-31")]
    with ProgressDisplay() as progress:
        run_options = make_options(options, elsewhere, progress)
        found = next_version.find_next_version(descriptor, options.store, level, run_options, day)
    created = next_version.choose_created(descriptor, options.store, found, options.created, today)
    version, reason = found.version or descriptor.version, found.reason
    result: dict[str, Any] = {"from": found.latest, "version": version}
    if created is not None:
        edit.write(options.descriptor, edit.rewrite(descriptor, version, created))
        result["created"] = created
        what = f"version {version}, created {created}" if found.version else f"created {created}"
        reason = f"{options.descriptor}: {what} ({reason})"
    text = one_line(reason if created is not None else f"{reason}: nothing to do")
    value = result | {"changed": created is not None}
    output.show(options, CommandResult("bump", lambda: say(text), lambda: value))
    return DONE
