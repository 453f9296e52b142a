"""Define the arguments that several commands take, those for reading records above all."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from release.cli.terminal import warn
from release.findings.errors import UsageError
from release.findings.message import printable

if TYPE_CHECKING:
    from release.build.inputs import Options, Progress
    from release.descriptor.model import Descriptor
    from release.findings.rules import Severity
    from release.syntax.file_patterns import FilePattern
    from release.system.limits import Limits


def add_input(parser: argparse.ArgumentParser) -> None:
    """Add the arguments about the records: which are read, and how."""
    _add_records(parser)
    parser.add_argument(
        "--severity",
        action="append",
        default=[],
        metavar="RULE=SEVERITY",
        help="make the findings of a rule errors or warnings, such as 'unmapped-path=warning'; "
        "may be repeated",
    )
    parser.add_argument(
        "--workers",
        type=_positive,
        default=processors(),
        metavar="N",
        help="number of processes (default: one for each processor)",
    )
    _add_cluster(parser)
    add_cache_folder(parser)
    parser.add_argument(
        "--no-cache", action="store_true", help="keep no results between builds, and use none"
    )


def add_descriptor(parser: argparse.ArgumentParser, what: str = "the descriptor") -> None:
    """Add the argument for the descriptor; `what` says what it is read for."""
    parser.add_argument(
        "--descriptor",
        type=Path,
        default=Path("datapackage.yaml"),
        metavar="FILE",
        help=f"{what} (default: datapackage.yaml)",
    )


def _add_records(parser: argparse.ArgumentParser) -> None:
    """Add the arguments for the files of a dataset."""
    add_descriptor(parser)
    parser.add_argument(
        "--records",
        action="append",
        default=[],
        metavar="KIND=PATTERN",
        help="read the records of a kind from other files, such as "
        "'notes=elsewhere/{language}/{note_id}.md'; may be repeated",
    )
    parser.add_argument(
        "--follow-links",
        action="store_true",
        help="follow symbolic links that lead out of the dataset's folder",
    )


#: The limits that `--limits` sets, by name: whether a value may have a unit of bytes.
_LIMITS = {"seconds": False, "memory": True, "bytes": True, "requests": False, "rate": True}

_UNITS = {
    "": 1,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KiB": 1 << 10,
    "MiB": 1 << 20,
    "GiB": 1 << 30,
}

_VALUE = re.compile(r"([0-9]+(?:\.[0-9]+)?)([A-Za-z]*)")


def add_limits(parser: argparse.ArgumentParser) -> None:
    """Add the arguments for what others made: how much of it is read, and where from."""
    parser.add_argument(
        "--limits",
        type=_parse_limits,
        dest="other_limits",
        metavar="NAME=VALUE,…",
        help="limits for what others made: seconds=600,memory=4GiB,bytes=10GiB,requests=1000,rate=1kB",
    )
    parser.add_argument(
        "--follow-redirects",
        action="store_true",
        help="follow redirects to other servers, too; never from https to http, or to addresses that are "
        "not public",
    )


def _parse_limits(text: str) -> dict[str, float]:
    """Parse the values of limits, by name."""
    found: dict[str, float] = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if name not in _LIMITS or not equals:
            expected = f"expected NAME=VALUE with one of {', '.join(_LIMITS)}"
            raise argparse.ArgumentTypeError(f"{part!r} is no limit, {expected}")
        match, units = _VALUE.fullmatch(value), _UNITS if _LIMITS[name] else {"": 1}
        if match is None or match[2] not in units or not float(match[1]):
            expected = "a size such as 500MB or 4GiB" if _LIMITS[name] else "a number above 0"
            raise argparse.ArgumentTypeError(f"{name} is {value!r}, expected {expected}")
        number = float(match[1]) * units[match[2]]
        found[name] = number if name == "seconds" else int(number)
    return found


def limits_of(options: argparse.Namespace) -> Limits:
    """Return the limits of a command, with those that its arguments change."""
    others = dict(options.other_limits or {})
    limits: Limits = replace(options.limits, **others)
    return replace(limits, other_hosts=True) if options.follow_redirects else limits


def _add_cluster(parser: argparse.ArgumentParser) -> None:
    """Add the arguments for a cluster."""
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="read records on a Dask cluster: the address of its scheduler, such as "
        "tcp://HOST:8786, or local, which starts one of --workers processes",
    )
    parser.add_argument(
        "--scratch",
        metavar="FOLDER",
        help="folder or URL that the workers share with this machine: they write their chunks there "
        "(default: the folder of the cache)",
    )


def add_store(parser: argparse.ArgumentParser) -> None:
    """Add the argument for the store."""
    parser.add_argument(
        "--store",
        type=Path,
        default=Path("dist"),
        metavar="STORE",
        help="the folder of releases (default: dist)",
    )


def add_cache_folder(parser: argparse.ArgumentParser) -> None:
    """Add the argument for the folder of the cache."""
    parser.add_argument(
        "--cache",
        type=Path,
        metavar="FOLDER",
        help="folder that keeps results between builds (default: release in the user's cache folder)",
    )


def processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _positive(text: str) -> int:
    """Parse a number of processes."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of processes, expected 1 or more")
    return int(text)


def make_options(
    options: argparse.Namespace, elsewhere: dict[str, FilePattern], progress: Progress
) -> Options:
    """Make the options of a check or build from the arguments.

    Raises:
        UsageError: they do not fit each other, or the folder of the cache cannot be used.
    """
    from release.build import inputs

    if options.scratch and not options.scheduler:
        raise UsageError("--scratch is where the workers of a cluster write: give --scheduler too")
    return inputs.Options(
        elsewhere,
        options.workers,
        cache=_cache_of(options),
        progress=progress,
        scheduler=options.scheduler or "",
        scratch=options.scratch or "",
        limits=options.limits,
        follow_links=options.follow_links,
    )


def _cache_of(options: argparse.Namespace) -> Path | None:
    """Return the folder of the cache; None if none is wanted, or if none can be written, with a warning."""
    from release.build import cache

    if options.no_cache:
        return None
    try:
        folder: Path = options.cache or cache.default_folder()
    except UsageError:  # a user without a home
        return None
    try:
        cache.make_chunk_folder(folder)
    except OSError as error:
        where = printable(str(folder))
        warn(f"release: warning: the cache {where} is not used: {error.strerror or error}")
        return None
    return folder


def read_input(options: argparse.Namespace) -> tuple[Descriptor, dict[str, FilePattern]]:
    """Load the descriptor with the severities asked for; return it, and other patterns of records by kind.

    If other records are read of some kinds alone, a line on stderr says what is read of the others: what
    these refer to may not be there.

    Raises:
        UsageError: the descriptor or an argument cannot be used.
    """
    from release.descriptor import load as descriptors

    severities: dict[str, Severity] = {}
    for text in options.severity:
        rule, equals, severity = text.rpartition("=")
        if not equals:
            raise UsageError(f"--severity {text}: expected RULE=error or RULE=warning")
        severities[rule] = severity
    loaded = descriptors.load(options.descriptor, follow_links=options.follow_links)
    descriptor = descriptors.with_severities(loaded, severities)
    elsewhere = dict(_elsewhere(descriptor, text) for text in options.records)
    for kind in descriptor.kinds if elsewhere else ():
        if kind.name not in elsewhere:
            read = f"{kind.name} are read from {printable(kind.pattern.template)}"
            warn(f"{read}, as in the descriptor; `--records {kind.name}=PATTERN` reads others")
    return descriptor, elsewhere


def _elsewhere(descriptor: Descriptor, text: str) -> tuple[str, FilePattern]:
    """Parse an argument that gives another pattern for a kind of record."""
    from release.syntax.file_patterns import parse_pattern

    kind, equals, template = text.partition("=")
    known = [kind.name for kind in descriptor.kinds]
    if not equals or kind not in known:
        which = f"with a kind of {', '.join(known)}" if known else "and a descriptor with `records`"
        raise UsageError(f"--records {text}: expected KIND=PATTERN {which}")
    try:
        pattern = parse_pattern(template)
    except ValueError as error:
        raise UsageError(f"--records {text}: {error} of the pattern") from error
    own = descriptor.kind(kind).pattern
    wanted = set(own.captures)
    if set(pattern.captures) != wanted:
        names = ", ".join(f"{{{name}}}" for name in sorted(wanted))
        raise UsageError(f"--records {text}: expected the captures {names} in the pattern")
    if not set(pattern.names) <= set(own.names):
        expected = f"expected no more `**` in the pattern than in {own.template}"
        raise UsageError(f"--records {text}: {expected}")
    return kind, pattern
