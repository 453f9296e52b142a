"""`release fix`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from release.cli.options import add_input, make_options, read_input
from release.cli.terminal import DONE, FOUND, ProgressDisplay, coloured, count, say, warn
from release.findings.errors import UsageError
from release.findings.message import printable

if TYPE_CHECKING:
    from release.cli.terminal import Colour
    from release.fix.changes import FileChange
    from release.fix.remedy import Remedy


def add_fix(commands: Any) -> None:
    """Add `fix`."""
    parser = commands.add_parser(
        "fix",
        help="mend the faults of records that have one right answer",
        description="Mend the faults of records that have one right answer, in their files. The difference "
        "is shown first; nothing is written unless you agree.",
    )
    add_input(parser)
    parser.add_argument("--yes", action="store_true", help="write the changes without asking")
    parser.add_argument(
        "--dry-run",
        "--diff",
        action="store_true",
        help="show the difference and write nothing; the exit code is 1 if there is one",
    )
    parser.add_argument(
        "--rule",
        action="append",
        default=[],
        metavar="RULE",
        help="mend the faults of this rule only, such as 'blank-ends'; may be repeated",
    )
    parser.set_defaults(run=_fix)


def _fix(options: argparse.Namespace) -> int:
    from release.fix import remedy as remedies

    rules = _choose_rules(options.rule, remedies.MENDED)
    descriptor, elsewhere = read_input(options)
    with ProgressDisplay() as progress:
        run_options = make_options(options, elsewhere, progress)
        remedy = remedies.propose(descriptor, run_options, rules)
    _show(remedy)
    if not remedy.changes:
        say("nothing to mend")
        return DONE
    say(_summary(remedy.changes, "can be mended"))
    if options.dry_run:
        return FOUND
    if not (options.yes or _agrees()):
        return FOUND
    return _write(remedy.changes)


def _choose_rules(names: Iterable[str], mendable: frozenset[str]) -> frozenset[str]:
    """Return the rules that are named, all if none is.

    Raises:
        UsageError: One cannot be mended.
    """
    wanted = frozenset(names)
    if unknown := sorted(wanted - mendable):
        known = ", ".join(sorted(mendable))
        raise UsageError(f"--rule {unknown[0]}: is nothing that is mended, expected one of {known}")
    return wanted or mendable


def _show(remedy: Remedy) -> None:
    """Show the difference, and what is left with the reason."""
    from release.fix.difference import show_difference

    for change in remedy.changes:
        for line in show_difference(change):
            say(_colour(line))
    for left in remedy.left:
        found = left.finding
        say(f"{printable(found.address)}: left: {found.rule}: {left.reason}")
    for each in remedy.dropped:
        say(f"{printable(each.change.place)}: left, as the check would then find this:")
        say(f"    {each.reason.text(each.reason.path)}")


def _colour(line: str) -> str:
    """Return a line of a difference in its colour."""
    if line.startswith(("+++", "---")):
        return line
    colours: Mapping[str, Colour] = {"+": "green", "-": "red", "@": "blue"}
    return coloured(line, colours.get(line[:1]))


def _agrees() -> bool:
    """Ask whether to write the changes; without a terminal say that nothing is written."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        warn("release: nothing was written: there is no terminal to ask on; --yes writes it")
        return False
    try:
        answer = input("write these changes? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() in ("y", "yes"):
        return True
    say("nothing was written")
    return False


def _write(changes: Iterable[FileChange]) -> int:
    """Write changes; return the exit code."""
    from release.fix.placement import UnplacedError, place

    written = []
    code = DONE
    for change in changes:
        try:
            place(change)
            written.append(change)
        except UnplacedError as error:
            warn(f"release: {printable(change.place)}: {error}")
            code = FOUND
    say(_summary(written, "mended"))
    return code


def _summary(changes: Iterable[FileChange], verb: str) -> str:
    """Sum up changes by rule in a line."""
    changes = list(changes)
    total: Counter[str] = Counter()
    for each in changes:
        total.update(each.mended)
    rules = ", ".join(f"{number} {rule}" for rule, number in sorted(total.items()))
    return f"{verb} in {count(len(changes), 'file')}{rules and f': {rules}'}"
