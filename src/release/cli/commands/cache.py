"""`release cache`: show or clear the cache."""

from __future__ import annotations

import argparse
from typing import Any

from release.cli.options import add_cache_folder
from release.cli.terminal import DONE, count, say
from release.findings.message import printable


def add_cache(commands: Any) -> None:
    """Add `cache`."""
    parser = commands.add_parser(
        "cache",
        help="show the size of the cache, or clear it",
        description="Show the size of the cache. Clearing it costs nothing but time.",
    )
    parser.add_argument("--clear", action="store_true", help="remove all its files")
    add_cache_folder(parser)
    parser.set_defaults(run=_cache)


def _cache(options: argparse.Namespace) -> int:
    from release.build import cache
    from release.findings.errors import UsageError

    if options.cache and not options.cache.is_dir():
        raise UsageError(f"--cache {options.cache}: is no folder, expected that of a cache")
    folder = options.cache or cache.default_folder()
    found = cache.clear(folder) if options.clear else cache.usage(folder)
    what = f"{count(found.files, 'file')}, {found.bytes / 1e6:.1f} MB"
    where = printable(str(folder))
    say(f"removed {what} from {where}" if options.clear else f"{where} holds {what}")
    return DONE
