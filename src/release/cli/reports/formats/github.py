"""Show findings in a job of GitHub Actions: as annotations on lines, in the log, and in its summary."""

from __future__ import annotations

import argparse
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path

from release.cli.reports.formats.repository import make_locator
from release.cli.reports.groups import find_groups
from release.cli.reports.result import CommandResult
from release.cli.terminal import warn
from release.findings.finding import Finding
from release.findings.rules import Severity
from release.syntax.escapes import escape_log

#: GitHub shows so many annotations of a sort for each step.
#: Source: https://docs.github.com/en/actions, "Workflow commands"; `_maxIssueCount` in actions/runner.
_MOST = 10

#: The bytes that the summary of a step may have; of a longer one nothing is shown.
_MOST_BYTES = 1024 * 1024

#: So much of it is left, because a runner refuses some that are a little shorter.
_SPARE_BYTES = 4096

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def pieces(result: CommandResult, _options: argparse.Namespace) -> Iterator[str]:
    """Yield annotations, then the text for people in a group, then how many have no annotation."""
    if result.failure and not result.findings:
        yield _write_command("error", result.failure, title=f"release {result.command}")
    if result.notice:
        yield _write_command("notice", result.notice, title=f"release {result.command}")
    shown, left = _choose(result.findings)
    locate = make_locator()
    for finding, others in shown:
        yield _annotate(finding, others, locate(finding))
    with redirect_stdout(io.StringIO()) as printed:
        result.show()
    if text := printed.getvalue():
        title = f"release {result.command}: {result.summary}"
        yield f"::group::{_escape_data(title)}\n{text}::endgroup::\n"
    if left:
        noun = "more findings have" if left > 1 else "more finding has"
        yield (
            f"{left:,} {noun} no annotation: GitHub shows {_MOST} errors, {_MOST} warnings and {_MOST} "
            "notices of a step\n"
        )


def _choose(findings: Sequence[Finding]) -> tuple[list[tuple[Finding, int]], int]:
    """Return the findings to annotate, each with the number of those it stands for, and the rest's number.

    Where there are more of a severity than GitHub shows, each cause gets a place before any gets a second
    one, and the first of a cause stands for those of it that have none.
    """
    shown: list[tuple[Finding, int]] = []
    for severity in _COMMANDS:
        groups = find_groups(each for each in findings if each.severity == severity)[:_MOST]
        places = [0] * len(groups)
        free = _MOST
        while free and any(at < len(group) for at, group in zip(places, groups, strict=True)):
            for number, group in enumerate(groups):
                if free and places[number] < len(group):
                    places[number] += 1
                    free -= 1
        for (first, *others), at in zip(groups, places, strict=True):
            shown.append((first, len(others) + 1 - at))
            shown += [(each, 0) for each in others[: at - 1]]
    return shown, len(findings) - sum(1 + others for _, others in shown)


def _annotate(finding: Finding, others: int, path: str | None) -> str:
    message = f"{finding.address}: {finding.message}"
    if others:
        message += f"; and {others:,} more like it"
    properties = {"file": path or ""}
    if finding.line and path:
        properties |= {"line": str(finding.line), "col": str(finding.column or 1)}
    return _write_command(_COMMANDS[finding.severity], message, **properties, title=finding.rule)


def _write_command(name: str, message: str, **properties: str) -> str:
    given = ",".join(f"{key}={_escape_property(text)}" for key, text in properties.items() if text)
    return f"::{name} {given}::{_escape_data(message)}\n"


def _escape_data(text: str) -> str:
    """Escape the message of a command, as `escapeData` of @actions/core does, and what a log would obey."""
    shown = escape_log(text)
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    """Escape the value of a property, as `escapeProperty` of @actions/core does."""
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def append_summary(result: CommandResult) -> None:
    """Append the findings to the summary of a step, if GITHUB_STEP_SUMMARY names its file."""
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    from release.cli.reports.formats.markdown import write_section

    file = Path(name)
    try:
        room = _MOST_BYTES - _SPARE_BYTES - (file.stat().st_size if file.exists() else 0)
        if room < _SPARE_BYTES:
            return
        if (own := result.own.get("markdown")) is not None:
            text = "".join(own())
        else:
            text = "".join(write_section(result, room, len(result.findings)))
        with file.open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        warn(
            f"release: warning: the summary of this step is not written: {error.strerror or error}"
        )
