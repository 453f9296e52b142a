"""`release diff`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release.cli.options import (
    add_input,
    add_limits,
    add_store,
    limits_of,
    make_options,
    read_input,
)
from release.cli.process import run_isolated
from release.cli.reports import output
from release.cli.reports.result import CommandResult
from release.cli.reports.targets import add_format, targets_of
from release.cli.terminal import DONE, FOUND, ProgressDisplay, is_colourful
from release.syntax.escapes import escape_log

if TYPE_CHECKING:
    from release.diff.difference import Difference
    from release.diff.release import Release
    from release.diff.views.html import WholeChanges

FORMATS = ("text", "json", "github", "markdown", "csv", "html")

#: Formats of findings only.
_REFUSALS = dict.fromkeys(("sarif", "junit"), "it is for findings, and a difference is none")


def add_diff(commands: Any) -> None:
    """Add `diff`."""
    parser = commands.add_parser(
        "diff",
        help="show what differs between two releases, and the version it calls for",
        description="Show what differs between two releases by primary key, and which version the "
        "difference calls for. A release is a folder, a zip, a URL, or a version in the store such as "
        "0.1.0 or latest. A descriptor, its folder, or a folder of its records stands for the "
        "release that the records would give now.",
    )
    parser.add_argument(
        "old", nargs="?", default="latest", metavar="OLD", help="a release (default: latest)"
    )
    parser.add_argument(
        "new", nargs="?", metavar="NEW", help="another one (default: what the records would give)"
    )
    add_store(parser)
    parser.add_argument(
        "--all", action="store_true", help="show every row and whole values, in text, md and html"
    )
    parser.add_argument(
        "--exit-code", action="store_true", help="end with 1 where there is a difference"
    )
    add_limits(parser)
    add_input(parser)
    add_format(parser, FORMATS, _REFUSALS)
    parser.set_defaults(run=_diff)


def _diff(options: argparse.Namespace) -> int:
    """Compare in a process of its own if both releases are there already: others may have made them."""
    is_released = all(_descriptor_of(each, options) is None for each in (options.old, options.new))
    if not is_released:
        return _compare(options)
    return run_isolated(_compare, options, f"{options.old} {options.new}")


def _compare(options: argparse.Namespace) -> int:
    from release.diff import comparison
    from release.store import contents

    # only records that are still to be released need a version that is free
    is_released = _descriptor_of(options.new, options) is None
    taken = {} if is_released else contents.taken(options.store)
    with (
        _opened(options.old, options) as old,
        _opened(options.new, options) as new,
        comparison.compare(old, new, taken=taken) as difference,
    ):
        output.show(options, _result(difference, options))
        return FOUND if options.exit_code and difference.level != "none" else DONE


def _result(difference: Difference, options: argparse.Namespace) -> CommandResult:
    """Return the result, whose formats the views of a difference make."""

    def show() -> None:
        for piece in _pieces(difference, options, "text"):
            sys.stdout.write(escape_log(piece, is_coloured=is_colourful()))

    def escaped(form: str) -> Iterator[str]:
        return map(escape_log, _pieces(difference, options, form))

    notice = f"{difference.old.version} to {difference.new.version}: {difference.level}"
    if difference.level != "none":
        notice += f" ({'; '.join(difference.most_telling())}); {'; '.join(difference.verdict())}"
    return CommandResult(
        "diff",
        show,
        dict,
        summary=notice,
        notice=notice,
        own={
            "json": lambda: _pieces(difference, options, "json"),
            "csv": lambda: _pieces(difference, options, "csv"),
            "markdown": lambda: escaped("markdown"),
            "html": lambda: escaped("html"),
        },
    )


def _pieces(difference: Difference, options: argparse.Namespace, form: str) -> Iterator[str]:
    """Render the difference in a format, piece by piece."""
    if form == "text":
        from release.diff.views import text

        return text.pieces(difference, text.Style(options.all, is_colourful()))
    if form == "json":
        from release.diff.views import json

        return json.pieces(difference)
    if form == "csv":
        from release.diff.views import csv

        return csv.pieces(difference)
    if form == "markdown":
        from release.diff.views import markdown

        return markdown.pieces(difference, None if options.all else markdown.MOST)
    from release.diff.views import html

    return html.pieces(difference, _place_of_cells(difference, options), is_all=options.all)


def _place_of_cells(difference: Difference, options: argparse.Namespace) -> WholeChanges:
    """Return the CSV that is written too, or the command that writes it."""
    from release.diff.views.html import WholeChanges

    files = {each.format: each.file for each in targets_of(options)}
    if file := files.get("csv"):
        page = files["html"]
        address = os.path.relpath(file, page.parent) if page else ""
        return WholeChanges(file.name, address)
    versions = [difference.old.version, difference.new.version]
    which = " ".join(versions if len(set(versions)) > 1 else ["OLD", "NEW"])
    return WholeChanges(f"release diff {which} --format csv=changes.csv", is_command=True)


@contextmanager
def _opened(argument: str | None, options: argparse.Namespace) -> Iterator[Release]:
    """Open a release: one that exists, or the one that records would give."""
    from release.diff import release as diff_release
    from release.store import fetch
    from release.system.foreign.budget import Budget

    descriptor_file = _descriptor_of(argument, options)
    if descriptor_file is None:
        budget = Budget(limits_of(options))
        with fetch.folder(str(argument), options.store, budget) as folder:
            yield diff_release.read(folder)
        return
    from release.build import pipeline

    own = argparse.Namespace(**vars(options) | {"descriptor": descriptor_file})
    descriptor, elsewhere = read_input(own)
    with ExitStack() as stack:
        with ProgressDisplay() as progress:
            preview = pipeline.preview(descriptor, make_options(own, elsewhere, progress))
            release = stack.enter_context(preview)
        yield release


def _descriptor_of(argument: str | None, options: argparse.Namespace) -> Path | None:
    """Find the descriptor whose records an argument stands for; None if it names a release.

    A YAML file is a descriptor; so is the one in a folder that has one and no datapackage.json. Any other
    folder stands for the records in it, if the descriptor given reads records there.
    """
    if argument is None:
        return Path(options.descriptor)
    path = Path(argument)
    if path.is_file() and path.suffix in (".yaml", ".yml"):
        return path
    if not path.is_dir() or (path / "datapackage.json").is_file():
        return None
    if (path / "datapackage.yaml").is_file():
        return path / "datapackage.yaml"
    if options.descriptor.is_file() and _reads(options, path):
        return Path(options.descriptor)
    return None


def _reads(options: argparse.Namespace, folder: Path) -> bool:
    """Return True if a descriptor's records are in a folder.

    The folder may be above them, such as `seeds`, but not above the descriptor: that has other things too.
    """
    descriptor, elsewhere = read_input(options)
    inside, root = folder.resolve(), descriptor.root.resolve()
    for kind in descriptor.kinds:
        other = elsewhere.get(kind.name)
        of_kind = Path(other.folder) if other else descriptor.root / kind.pattern.folder
        records = of_kind.resolve()
        if records == inside or (inside.is_relative_to(root) and records.is_relative_to(inside)):
            return True
    return False
