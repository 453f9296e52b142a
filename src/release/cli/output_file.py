"""Write the file that a command makes: whole or not at all, and over another one only if told."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from release.findings.errors import UsageError
from release.findings.message import printable


def add_output(parser: argparse.ArgumentParser, what: str, *, is_required: bool = False) -> None:
    """Add the arguments for a file to write; `what` says what for."""
    parser.add_argument("--out", type=Path, required=is_required, metavar="FILE", help=what)
    parser.add_argument("--replace", action="store_true", help="replace a file that is there")


@contextmanager
def placing_output(options: argparse.Namespace) -> Iterator[Path]:
    """Give the path of a file to make, which is put at `--out` at the end of the block.

    Raises:
        UsageError: A file is there, and `--replace` was not given; or it cannot be one.
    """
    from release.findings.errors import naming_full_disk
    from release.system.replacement import placing

    shown = printable(str(options.out))
    if options.out.is_dir():
        raise UsageError(
            f"{shown}: is a folder, which is never replaced: name another path, or remove it"
        )
    if not options.out.parent.is_dir():
        raise UsageError(f"{shown}: there is no folder {printable(str(options.out.parent))}")
    try:
        with (
            naming_full_disk(options.out),
            placing(options.out, is_replaced=options.replace) as path,
        ):
            yield path
    except FileExistsError as error:
        raise UsageError(f"{shown}: is there already; --replace replaces it") from error
