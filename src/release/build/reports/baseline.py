"""Findings that are known: a file keeps them, so that a check tells new ones from them.

The file is JSON, sorted, and depends on the findings only. A finding is known by its fingerprint, which has
no line or column, and by how often it is there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from release.findings.errors import UsageError
from release.findings.finding import Finding
from release.findings.fingerprints import fingerprint, split_others
from release.findings.selection import SelectedFindings
from release.syntax.escapes import dump_json

#: The version of the file.
_VERSION = 1


@dataclass(frozen=True, slots=True)
class KnownFinding:
    """One or more findings with the same fingerprint, as a baseline has them."""

    fingerprint: str
    count: int
    rule: str
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class BaselineComparison:
    """The findings of a check held against a baseline.

    Attributes:
        new: The findings that it does not have.
        known: Those that it has.
        gone: What it has that is not found any more; `count` says how often.
    """

    new: SelectedFindings
    known: SelectedFindings
    gone: tuple[KnownFinding, ...]


def read_baseline(path: Path) -> tuple[KnownFinding, ...]:
    """Read a baseline.

    Raises:
        UsageError: It is not there, or is no baseline.
    """
    try:
        value = json.loads(path.read_bytes())
        if value["version"] != _VERSION:
            problem = f"has the version {value['version']}, expected {_VERSION}"
            raise UsageError(f"--baseline {path}: {problem}: write it again with --write-baseline")
        return tuple(_read_entry(each) for each in value["findings"])
    except OSError as error:
        raise UsageError(
            f"--baseline {path}: {error.strerror}; `release check --write-baseline {path}` writes one"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = "is no list of findings as --write-baseline writes it"
        raise UsageError(f"--baseline {path}: {message}") from error


def _read_entry(value: Mapping[str, Any]) -> KnownFinding:
    texts = [value[name] for name in ("fingerprint", "rule", "path", "message")]
    count = value.get("count", 1)
    if not all(isinstance(text, str) for text in texts) or not isinstance(count, int) or count < 1:
        raise ValueError(value)
    return KnownFinding(texts[0], count, *texts[1:])


def write_baseline(findings: Iterable[Finding]) -> str:
    """Write the errors and warnings among findings as a baseline; notes are no faults."""
    entries: dict[str, KnownFinding] = {}
    for each in findings:
        if each.severity == "note":
            continue
        made = _describe(each)
        before = entries.get(made.fingerprint)
        count = made.count + (before.count if before else 0)
        entries[made.fingerprint] = replace(before or made, count=count)
    ordered = sorted(entries.values(), key=lambda each: (each.path, each.rule, each.fingerprint))
    shown = [
        {
            "fingerprint": each.fingerprint,
            **({"count": each.count} if each.count > 1 else {}),
            "rule": each.rule,
            "path": each.path,
            "message": each.message,
        }
        for each in ordered
    ]
    return dump_json({"version": _VERSION, "findings": shown}) + "\n"


def compare_with_baseline(
    findings: Iterable[Finding], baseline: Iterable[KnownFinding], *, keep_errors: bool = False
) -> BaselineComparison:
    """Tell the findings that a baseline has from new ones.

    A finding that the baseline has once is new where it is found a second time. If a baseline has findings of
    which one stands for many, as many of that rule and file are known. Notes are always new, and with
    `keep_errors` errors are.
    """
    entries = {each.fingerprint: each for each in baseline}
    left = Counter({name: each.count for name, each in entries.items()})
    new: list[Finding] = []
    known: list[Finding] = []
    for each in findings:
        made = _describe(each)
        name = next((one for one in _names(each) if left[one] >= made.count), None)
        if each.severity == "note" or name is None:
            new.append(each)
            continue
        left[name] -= made.count
        (new if keep_errors and each.severity == "error" else known).append(each)
    gone = tuple(replace(entries[name], count=count) for name, count in left.items() if count > 0)
    return BaselineComparison(SelectedFindings(new), SelectedFindings(known), gone)


def _describe(finding: Finding) -> KnownFinding:
    """Return what a baseline has of a finding: if it stands for others, it counts as all of them."""
    _, others, alike = split_others(finding.message)
    of_file, of_rule = _names_of_many(finding)
    name = of_file if alike == "like it" else of_rule if others else fingerprint(finding)
    return KnownFinding(name, others + 1, finding.rule, finding.path, finding.message)


def _names(finding: Finding) -> tuple[str, ...]:
    """Return the fingerprints under which a baseline may have a finding, its own first."""
    return (_describe(finding).fingerprint, *_names_of_many(finding))


def _names_of_many(finding: Finding) -> tuple[str, str]:
    """Return the fingerprints of a finding that stands for many of its file, or of its rule."""
    of_file = Finding(finding.rule, finding.path, "many in this file")
    of_rule = Finding(finding.rule, "", "many in all files")
    return fingerprint(of_file), fingerprint(of_rule)
