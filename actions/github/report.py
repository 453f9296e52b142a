"""Write what a pull request changes in the next release, for those who review it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from actions.github.markdown import calm, code_block

#: So many findings are shown; the log of the job has all.
MOST_FINDINGS = 30


@dataclass(frozen=True)
class Comparison:
    """How a branch was compared with the last release.

    Attributes:
        against: The last release in words, such as "notes-0.1.0.zip of v0.1.0"; empty if there is none.
        value: What `release diff --format json` says; None if there was nothing to compare with.
        text: What `release diff --format md` says.
        problem: Why it failed; empty if it did not.
    """

    against: str
    value: Mapping[str, Any] | None = None
    text: str = ""
    problem: str = ""


def write_report(build: Mapping[str, Any], comparison: Comparison, descriptor: str) -> str:
    """Return a report in Markdown.

    Args:
        build: What `release build --format json` says.
        comparison: How the branch was compared with the last release.
        descriptor: The path of the descriptor.
    """
    if build.get("release") is None:
        return _refused(build)
    value = comparison.value
    if value is None:
        return _alone(build, comparison)
    if value["level"] == "none":
        return f"### {_text(value['name'])}: nothing changes\n{_findings(build)}"
    wanted, own = _text(value["next"]), _text(value["version"])
    if value["version"] == value["from"]:
        own += f": run `release bump` before the release, which writes into {_code(descriptor)}"
    rows = ", ".join(f"{number:,} {change}" for change, number in value["rows"].items())
    lines = [
        f"### {_text(value['name'])}: a {value['level']} change, for version {wanted}",
        "",
        "| | |",
        "|---|---|",
        f"| rows | {rows} |",
        f"| last release | {_text(value['from'])} |",
        f"| version that this calls for | **{wanted}** |",
        f"| version of this branch | {own} |",
    ]
    # the heading of the difference says less than the one above
    _, _, text = comparison.text.partition("\n")
    return "\n".join([*lines, "", calm(text.strip()), _findings(build)])


def is_without_change(comparison: Comparison) -> bool:
    """Return True if a branch changes nothing in the release."""
    return comparison.value is not None and comparison.value["level"] == "none"


def _refused(build: Mapping[str, Any]) -> str:
    """Return the report of a branch that makes no release."""
    number = int(build.get("errors", 0))
    count = f": {number:,} error{'' if number == 1 else 's'}" if number else ""
    return f"### This branch makes no release{count}\n{_findings(build)}"


def _alone(build: Mapping[str, Any], comparison: Comparison) -> str:
    """Return the report of a branch whose release is compared with none."""
    version = _text(build.get("version", ""))
    lines = [f"### This branch makes a release of version {version}", ""]
    if comparison.problem:
        lines += [
            f"It could not be compared with {_text(comparison.against)}:",
            "",
            code_block(comparison.problem),
        ]
    else:
        lines += ["There is no release to compare it with."]
    if rows := build.get("tables"):
        lines += ["", "| table | rows |", "|---|---:|"]
        lines += [f"| {_text(name)} | {number:,} |" for name, number in rows.items()]
    return "\n".join([*lines, _findings(build)])


def _findings(build: Mapping[str, Any]) -> str:
    """Return the findings of a build as a block of code; empty if there are none."""
    if message := build.get("error"):
        return f"\n{code_block(str(message))}\n"
    findings: Sequence[Mapping[str, Any]] = build.get("findings", [])
    errors = [each for each in findings if each.get("severity") == "error"]
    shown = errors or findings
    if not shown:
        return ""
    text = "\n".join(_line(each) for each in shown[:MOST_FINDINGS])
    if len(shown) > MOST_FINDINGS:
        text += f"\n… and {len(shown) - MOST_FINDINGS:,} more in the log of the job"
    if errors:
        return f"\n{code_block(text)}\n"
    title = f"{len(shown):,} warning{'' if len(shown) == 1 else 's'}"
    return f"\n<details><summary>{title}</summary>\n\n{code_block(text)}\n\n</details>\n"


def _line(finding: Mapping[str, Any]) -> str:
    """Return a finding on one line."""
    place = str(finding.get("file") or finding.get("path") or "")
    if finding.get("line"):
        place += f":{finding['line']}:{finding.get('column') or 1}"
    text = f"{place}: {finding.get('severity')}: {finding.get('rule')}: {finding.get('message')}"
    return " ".join(text.split())


def _text(text: object) -> str:
    """Return a text of the dataset as Markdown shows it: nothing in it is markup, and nobody is called."""
    from release.syntax.markdown import escape

    return calm(escape(str(text)))


def _code(text: str) -> str:
    """Return a path as code within a line."""
    from release.syntax.markdown import write_code_span

    return write_code_span(" ".join(text.split()))
