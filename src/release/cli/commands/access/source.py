"""The release that `query` and `export` read: their arguments for it, and how it is opened."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release.cli.terminal import warn

if TYPE_CHECKING:
    from release.package.manifest.model import Manifest
    from release.system.foreign.budget import Budget


def add_source(parser: Any) -> None:
    """Add the release that is read, and its version."""
    parser.add_argument(
        "place",
        metavar="RELEASE",
        help="a release's folder or zip, or a store; or its address: http(s), or one that fsspec reads",
    )
    parser.add_argument(
        "--version",
        dest="of_version",
        metavar="VERSION",
        default="latest",
        help="the version of the store (default: latest)",
    )


@contextmanager
def opened(options: argparse.Namespace, budget: Budget) -> Iterator[tuple[Path, Manifest]]:
    """Yield a folder and the manifest of the release, and warn if it was withdrawn; see `files.opened`."""
    from release.access import files

    with ExitStack() as stack:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", UserWarning)
            opening = files.opened(options.place, options.of_version, budget)
            found = stack.enter_context(opening)
        for each in told:
            warn(str(each.message))
        yield found
