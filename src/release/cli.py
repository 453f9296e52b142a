"""Arguments, terminal, exit codes. Nothing else prints or exits."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release import __version__
from release.errors import RefusedError, ReleaseError, UsageError

if TYPE_CHECKING:
    from release.build import Options, Outcome, Progress
    from release.coverage import Entry
    from release.descriptor import Descriptor
    from release.findings import Finding, Severity
    from release.paths import FilePattern

DONE, FOUND, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


def program() -> int:
    """The console command: `main` in a process of its own."""
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        from release.columns import leave_pandas

        leave_pandas()
    return main()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what a terminal cannot show is escaped
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except UsageError as error:
        _diagnose(error)
        return UNUSABLE
    except RefusedError as error:
        _diagnose(error)
        return FOUND
    except ReleaseError as error:
        _diagnose(error)
        return FOUND
    except KeyboardInterrupt:
        _diagnose("interrupted; nothing was published")
        return INTERRUPTED
    except BrokenPipeError:
        # the reader has gone; what is left to flush has nowhere to go
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND
    except OSError as error:
        _diagnose(
            f"{error.filename or 'the system'}: {error.strerror or error}; nothing was published"
        )
        return FOUND


def _diagnose(message: object) -> None:
    print(f"release: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "release", description="Turn a folder of records into a data release."
    )
    parser.add_argument("--version", action="version", version=f"release {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_check(commands)
    _add_build(commands)
    _add_cache(commands)
    return parser


def _add_check(commands: Any) -> None:
    parser = commands.add_parser(
        "check",
        help="find every fault of the records; write nothing",
        description="Find every fault of the records and tables. Nothing is written.",
    )
    _add_input(parser)
    parser.add_argument(
        "--coverage",
        action="store_true",
        help="also print how many leaves each path of the records took, and into which column",
    )
    parser.set_defaults(run=_check)


def _add_build(commands: Any) -> None:
    parser = commands.add_parser(
        "build",
        help="build a release into a store",
        description="Check the records and build a release. An error leaves the store as it was.",
    )
    _add_input(parser)
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
        help="what frictionless judges of a large release (default: a sample chosen by key)",
    )
    parser.set_defaults(run=_build)


def _add_cache(commands: Any) -> None:
    parser = commands.add_parser(
        "cache",
        help="show what is kept between builds, or clear it",
        description="Show what is kept between builds. Removing it costs time and nothing else.",
    )
    parser.add_argument("--clear", action="store_true", help="remove it")
    _add_cache_folder(parser)
    parser.set_defaults(run=_cache)


def _add_cache_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cache",
        type=Path,
        metavar="FOLDER",
        help="where results are kept between builds (default: release in the user's cache folder)",
    )


def _cache(options: argparse.Namespace) -> int:
    from release import cache

    folder = options.cache or cache.default_folder()
    held = cache.clear(folder) if options.clear else cache.usage(folder)
    verb = "removed" if options.clear else "holds"
    print(f"{folder} {verb} {_count(held.files, 'file')}, {held.bytes / 1e6:.1f} MB")
    return DONE


def _add_input(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--descriptor",
        type=Path,
        default=Path("datapackage.yaml"),
        metavar="FILE",
        help="the descriptor (default: datapackage.yaml)",
    )
    parser.add_argument(
        "--records",
        action="append",
        default=[],
        metavar="KIND=PATTERN",
        help="read the records of a kind from another place, such as "
        "'notes=elsewhere/{language}/{note_id}.md'; may be repeated",
    )
    parser.add_argument(
        "--severity",
        action="append",
        default=[],
        metavar="RULE=SEVERITY",
        help="what a rule's findings are, error or warning, such as 'unmapped-path=warning'; "
        "may be repeated",
    )
    parser.add_argument(
        "--workers",
        type=_positive,
        default=len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        metavar="N",
        help="how many processes read records (default: one for each processor)",
    )
    _add_cluster(parser)
    _add_cache_folder(parser)
    parser.add_argument(
        "--no-cache", action="store_true", help="read every record anew and keep nothing"
    )
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="how results are printed"
    )


def _add_cluster(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="read records on a Dask cluster: the address of its scheduler, such as "
        "tcp://HOST:8786, or local, which starts one of --workers processes",
    )
    parser.add_argument(
        "--scratch",
        default="",
        metavar="PLACE",
        help="a folder or URL that the workers of the cluster share with this machine, where they "
        "put what they make of records (default: the folder of the cache)",
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of processes, expected 1 or more")
    return number


def _check(options: argparse.Namespace) -> int:
    from release import build

    descriptor, elsewhere = _input(options)
    with _Progress() as progress:
        outcome = build.check(descriptor, _how(options, elsewhere, progress))
    ledger = _ledger(descriptor, elsewhere) if options.coverage else None
    if options.format == "json":
        _print_json(_report(outcome) | ({"coverage": _entries(ledger)} if ledger else {}))
    else:
        _print_findings(outcome.findings)
        if ledger is not None:
            _print_ledger(ledger)
        print(_summary(outcome))
    return FOUND if outcome.errors else DONE


def _build(options: argparse.Namespace) -> int:
    from release import build

    descriptor, elsewhere = _input(options)
    with _Progress() as progress:
        how = replace(_how(options, elsewhere, progress), full_referee=options.referee == "full")
        built = build.build(descriptor, options.out, how)
    if options.format == "json":
        place = {"release": str(built.path) if built.path else None, "new": built.is_new}
        _print_json(_report(built.outcome) | place)
    else:
        _print_findings(built.outcome.findings)
        print(_summary(built.outcome))
        if built.path is None:
            print("nothing was built: an error stands")
        elif built.is_new:
            print(f"built {built.path}")
        else:
            print(f"{built.path} is there already, with the same content")
    return FOUND if built.outcome.errors else DONE


def _how(
    options: argparse.Namespace, elsewhere: dict[str, FilePattern], progress: Progress
) -> Options:
    """How to work."""
    from release import build

    if options.scratch and not options.scheduler:
        raise UsageError("--scratch is where a cluster puts what it makes: give --scheduler too")
    return build.Options(
        elsewhere,
        options.workers,
        cache=_cache_of(options),
        progress=progress,
        scheduler=options.scheduler,
        scratch=options.scratch,
    )


def _cache_of(options: argparse.Namespace) -> Path | None:
    """The folder of the cache; none where it is not wanted, or where there can be none."""
    from release import cache

    if options.no_cache:
        return None
    folder: Path = options.cache or cache.default_folder()
    try:
        cache.chunk_folder(folder)
    except OSError as error:
        if options.cache:
            raise UsageError(f"--cache {folder}: {error.strerror}") from error
        return None
    return folder


def _input(options: argparse.Namespace) -> tuple[Descriptor, dict[str, FilePattern]]:
    """The descriptor with the severities asked for, and where records are read instead."""
    from release import descriptor as descriptors
    from release.paths import FilePattern

    severities: dict[str, Severity] = {}
    for text in options.severity:
        rule, equals, severity = text.partition("=")
        if not equals:
            raise UsageError(f"--severity {text}: expected RULE=error or RULE=warning")
        severities[rule] = severity
    descriptor = descriptors.with_severities(descriptors.load(options.descriptor), severities)
    elsewhere = {}
    for text in options.records:
        kind, equals, template = text.partition("=")
        known = [kind.name for kind in descriptor.kinds]
        if not equals or kind not in known:
            raise UsageError(
                f"--records {text}: expected KIND=PATTERN with a kind of {', '.join(known)}"
            )
        pattern = FilePattern(template)
        wanted = set(descriptor.kind(kind).pattern.captures)
        if set(pattern.captures) != wanted:
            names = ", ".join(f"{{{name}}}" for name in sorted(wanted))
            raise UsageError(f"--records {text}: expected the captures {names} in the pattern")
        elsewhere[kind] = pattern
    return descriptor, elsewhere


class _Progress:
    """Shows what is being done on a terminal, and is quiet elsewhere."""

    def __enter__(self) -> Progress:
        self._shown: Any = None
        if not sys.stderr.isatty():
            return lambda *_: None
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn

        columns = SpinnerColumn(), TextColumn("{task.description}{task.fields[left]}", markup=False)
        self._shown = Progress(*columns, console=Console(stderr=True), transient=True)
        self._shown.start()
        self._task = self._shown.add_task("reading", total=None, left="")
        return self._show

    def _show(self, what: str, done: int = 0, total: int = 0, /) -> None:
        self._shown.update(self._task, description=what, completed=done, total=total, left="")
        task = self._shown.tasks[0]
        if total and task.speed:
            left = timedelta(seconds=task.time_remaining or 0)
            told = f": {done:,} of {total:,} chunks, {task.speed:,.1f} a second, {left} left"
            self._shown.update(self._task, left=told)

    def __exit__(self, *_: object) -> None:
        if self._shown is not None:
            self._shown.stop()


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _report(outcome: Outcome) -> dict[str, Any]:
    return {
        "version": outcome.content.descriptor.version,
        "errors": outcome.errors,
        "warnings": len(outcome.findings) - outcome.errors,
        "tables": {name: table.num_rows for name, table in outcome.content.tables.items()},
        "findings": [asdict(finding) for finding in outcome.findings],
    }


def _print_findings(findings: Sequence[Finding]) -> None:
    colours = {"error": "\033[31m", "warning": "\033[33m"} if _is_colourful() else {}
    for finding in findings:
        line = str(finding)
        if colours:
            word = f" {finding.severity}: "
            line = line.replace(word, f" {colours[finding.severity]}{finding.severity}\033[0m: ", 1)
        print(line)


def _is_colourful() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _summary(outcome: Outcome) -> str:
    warnings = len(outcome.findings) - outcome.errors
    records = len(outcome.content.sources)
    return f"{_count(records, 'record')}, {_count(outcome.errors, 'error')}, {_count(warnings, 'warning')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _ledger(descriptor: Descriptor, elsewhere: dict[str, FilePattern]) -> list[Entry]:
    from release import coverage
    from release.records import find, read

    sources, _ = find(descriptor, elsewhere)
    entries: list[Entry] = []
    for kind in descriptor.kinds:
        read_ones = (read(source)[0] for source in sources if source.kind == kind.name)
        records = [(record.values, record.source.captures) for record in read_ones if record]
        entries += coverage.ledger(kind.name, coverage.tree(descriptor, kind), records)
    return entries


def _entries(ledger: Sequence[Entry]) -> list[dict[str, Any]]:
    return [asdict(entry) for entry in ledger]


def _print_ledger(ledger: Sequence[Entry]) -> None:
    width = max(len(f"{entry.kind}/{entry.pattern}") for entry in ledger)
    print(f"{'path':{width}}  leaves  missing  column")
    for entry in ledger:
        path = f"{entry.kind}/{entry.pattern}"
        uses = ", ".join(entry.uses) or "UNMAPPED"
        print(f"{path:{width}}  {entry.leaves:6}  {entry.missing:7}  {uses}")
