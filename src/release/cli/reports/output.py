"""Print the result of a command, or write it to files, in the formats that were asked for."""

from __future__ import annotations

import argparse
import io
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from release.cli.reports.result import CommandResult
from release.cli.reports.targets import OF_FINDINGS, ReportTarget, targets_of
from release.findings.errors import RefusedError, naming_full_disk
from release.findings.finding import Finding, FindingsError
from release.syntax.escapes import is_command

#: The most findings of one rule that a command reports which they ended.
_MOST_FINDINGS = 1_000

#: Commands whose CSV has no findings.
_LIST_OTHERS = ("diff", "list")


def show(options: argparse.Namespace, result: CommandResult) -> None:
    """Print the result of a command, and write it to the files that were asked for.

    Raises:
        OSError: A file cannot be written.
    """
    options.is_shown = True
    for target in targets_of(options):
        if target.file is None and target.format == "text":
            result.show()
        else:
            _put(target, result, options)


def show_failure(options: argparse.Namespace, message: str, error: BaseException) -> None:
    """Write in each format of findings that a command ended with an error, and with which findings.

    Nothing is added to what was printed already. On stdout CSV has nothing of it, and nowhere if it is for
    something else than findings.

    Raises:
        OSError: A file cannot be written.
    """
    is_shown = getattr(options, "is_shown", False)
    for target in targets_of(options):
        if target.file is None and (is_shown or target.format in ("text", "csv")):
            continue
        if target.format == "csv" and options.command in _LIST_OTHERS:
            continue
        if target.format in OF_FINDINGS:
            _put(target, _failure(options, message, error), options)


def _put(target: ReportTarget, result: CommandResult, options: argparse.Namespace) -> None:
    """Print a format, or write it to its file."""
    pieces = _pieces(target.format, result, options)
    if target.file is not None:
        _write(target.file, pieces)
    else:
        sys.stdout.writelines(refuse_commands(pieces) if target.format == "csv" else pieces)
    if target == ReportTarget("github"):
        from release.cli.reports.formats.github import append_summary

        append_summary(result)


def _failure(options: argparse.Namespace, message: str, error: BaseException) -> CommandResult:
    """Return the result of a command that ended with an error."""
    findings: list[Finding] = []
    if isinstance(error, FindingsError):
        from release.findings.groups import group_findings

        findings = group_findings(error.findings, _MOST_FINDINGS)
    elif file := str(getattr(options, "descriptor", "")):
        findings = [
            Finding("descriptor", file, found[3], int(found[1]), int(found[2]))
            for line in message.split("\n")
            if (found := re.fullmatch(re.escape(file) + r":(\d+):(\d+): (.*)", line))
        ]
    shown = [asdict(finding) for finding in findings]
    value = {"findings": shown, "error": message}
    return CommandResult(
        options.command,
        lambda: None,
        lambda: value,
        summary="ended with an error",
        findings=findings,
        failure=message,
    )


def _pieces(name: str, result: CommandResult, options: argparse.Namespace) -> Iterable[str]:
    """Make a format piece by piece; its module is loaded only now."""
    if name == "text":
        with redirect_stdout(io.StringIO()) as printed:
            result.show()
        return [printed.getvalue()]
    if (own := result.own.get(name)) is not None:
        return own()
    module: Any = import_module(f"release.cli.reports.formats.{name}")
    found: Iterator[str] = module.pieces(result, options)
    return found


def _write(file: Path, pieces: Iterable[str]) -> None:
    """Write a file in one step; what is no regular file, such as a pipe, is written to.

    Raises:
        OSError: It cannot be written.
    """
    from release.system.replacement import replacing

    lines = (piece.encode("utf-8", "backslashreplace") for piece in pieces)
    is_stream = str(file).startswith(("/dev/", "/proc/"))  # /dev/stdout may lead to a file
    with naming_full_disk(file):
        if is_stream or (file.exists() and not file.is_file()):
            with file.open("ab" if is_stream else "wb", buffering=0) as stream:
                stream.write(b"".join(lines))
        else:
            with replacing(file.resolve(), None) as target:
                target.writelines(lines)


def refuse_commands(pieces: Iterable[str]) -> Iterator[str]:
    """Yield lines of CSV, which has no escapes, as long as no CI job would obey one of them.

    Raises:
        RefusedError: a value would be taken for a command in the log that stdout is.
    """
    is_log = any(os.environ.get(name) for name in _CI) and not stat.S_ISREG(os.fstat(1).st_mode)
    for piece in pieces:
        if is_log and is_command(piece):
            raise RefusedError(
                "a value of this CSV is a workflow command, which the log of this job would obey; "
                "write it to a file instead, such as by --format csv=changes.csv"
            )
        yield piece


#: Variables of CI systems whose logs are obeyed: GitHub, Azure, TeamCity.
_CI = ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")
