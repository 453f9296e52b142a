"""`release init`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release.cli.options import processors
from release.cli.terminal import DONE, FOUND, ProgressDisplay, count, say, say_of_diff
from release.findings.errors import RefusedError, UsageError, naming_forbidden
from release.findings.message import printable

if TYPE_CHECKING:
    from release.findings.finding import Finding
    from release.infer.model import Draft
    from release.syntax.file_patterns import FilePattern


def add_init(commands: Any) -> None:
    """Add `init`."""
    parser = commands.add_parser(
        "init",
        help="draft a descriptor from a folder of records",
        description="Read a folder of records, and write a datapackage.yaml and codelists that `release "
        "build` takes. Nothing is overwritten.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the folder of records")
    parser.add_argument(
        "--dry-run", action="store_true", help="print the descriptor, and write nothing"
    )
    parser.add_argument(
        "--update",
        action="store_true",
        help="show what to add to the descriptor that is there, as a diff, and write nothing",
    )
    parser.set_defaults(run=_init)


def _init(options: argparse.Namespace) -> int:
    from release.build import inputs
    from release.infer import draft as drafts
    from release.infer import report, settlement, stage

    folder: Path = options.folder
    if not folder.is_dir():
        raise UsageError(f"{printable(str(folder))}: is no folder, expected one with records")
    if options.update:
        return _update(folder, options.limits)
    if not options.dry_run:
        _refuse_to_overwrite(folder, ["datapackage.yaml"])
    with ProgressDisplay() as progress:
        draft = drafts.make_draft(folder, progress, (), processors(), inputs.PRELOADED)
        if not draft.kinds and not draft.curated:
            raise RefusedError(report.describe_nothing(draft, folder))
        check = partial(_check, limits=options.limits, workers=_workers_for(draft))
        verdict = settlement.settle(draft, folder, check, progress)
        if not draft.kinds and not draft.curated:
            raise RefusedError(report.describe_nothing(draft, folder))
    files = stage.files_of(draft)
    for line in report.describe(draft, verdict):
        say(line)
    if options.dry_run:
        say("\n" + files["datapackage.yaml"].decode().rstrip("\n"))
    elif not verdict.is_sound:
        say("nothing was written; --dry-run shows the descriptor as far as it came")
    else:
        _refuse_to_overwrite(folder, files)
        with naming_forbidden(folder):
            _write(folder, files)
        where = printable(str(folder / "datapackage.yaml"))
        option = "" if where == "datapackage.yaml" else f" --descriptor {where}"
        say(f"wrote {where}{_others(files)}; next: release build{option}")
    return DONE if verdict.is_sound else FOUND


def _update(folder: Path, limits: Any) -> int:
    """Show what to add to the descriptor in a folder, and what an addition cannot mend."""
    from release.build import inputs
    from release.build.reports.code_proposals import propose_codes
    from release.descriptor.load import load
    from release.infer import draft as drafts
    from release.infer import report
    from release.infer.update import diff
    from release.infer.update.proposal import propose

    descriptor = load(folder / "datapackage.yaml")
    kept = [each.path for each in descriptor.resources if each.is_curated]
    with ProgressDisplay() as progress:
        kept.append(descriptor.patches)
        draft = drafts.make_draft(folder, progress, kept, processors(), inputs.PRELOADED)
        proposal = propose(descriptor, draft)
        found = list(_check(folder / "datapackage.yaml", {}, limits, _workers_for(draft)))
        codes = propose_codes(descriptor, inputs.Options(limits=limits))
    added = {each.path: each.lines for each in codes}
    changed = diff.add_lines(folder, added)
    changed["datapackage.yaml"] = (descriptor.text, proposal.text)
    lines = list(diff.show(changed))
    for line in lines:
        say_of_diff(line)
    if not lines:
        say("nothing to add: each value of the records has a place")
    remaining = diff.select_remaining(found, proposal, descriptor, set(changed))
    for line in report.describe_remaining(proposal, remaining):
        say(line)
    return FOUND if remaining else DONE


def _workers_for(draft: Draft) -> int:
    """Return the number of processes in which the records of a draft are checked soonest."""
    from release.infer.draft import MANY

    is_many = sum(len(kind.entries) for kind in draft.kinds) >= MANY
    return processors() if is_many else 1


def _others(files: Mapping[str, bytes]) -> str:
    """Return how many codelists were written."""
    return f" and {count(len(files) - 1, 'codelist')}" if len(files) > 1 else ""


def _refuse_to_overwrite(folder: Path, paths: Iterable[str]) -> None:
    """Refuse to write files that are there.

    Raises:
        UsageError: One is there.
    """
    for path in paths:
        if os.path.lexists(folder / path):
            where = printable(str(folder / path))
            raise UsageError(f"{where}: is there already, and nothing is overwritten")


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the codelists, then the descriptor."""
    from release.system import durable

    for path in sorted(files, key=lambda path: (path == "datapackage.yaml", path)):
        (folder / path).parent.mkdir(exist_ok=True)
        durable.write(folder / path, files[path])


def _check(
    descriptor: Path, elsewhere: Mapping[str, FilePattern], limits: Any, workers: int
) -> Iterable[Finding]:
    """Check a descriptor in this process, without a cache."""
    from release.build import inputs, outcome

    options = inputs.Options(dict(elsewhere), workers, limits=limits)
    return outcome.check(descriptor, options).findings
