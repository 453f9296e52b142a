"""Show findings as SARIF 2.1.0, for code scanning and for viewers of many tools.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import argparse
import os
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from release import __version__
from release.cli.reports.formats.repository import path_of
from release.cli.reports.result import CommandResult
from release.findings.finding import Finding
from release.findings.fingerprints import number_fingerprints
from release.findings.rules import RELEASE_RULES, RULES, Severity, family
from release.syntax.escapes import dump_json

#: What code scanning of GitHub takes: of more results, or a larger file, it takes nothing at all.
#: Source: https://docs.github.com/en/code-security, "SARIF support for code scanning".
_MOST_RESULTS, _MOST_BYTES = 25_000, 10_000_000

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_GRAVITY: Mapping[Severity, int] = {"error": 0, "warning": 1, "note": 2}


def pieces(result: CommandResult, _options: argparse.Namespace) -> Iterator[str]:
    """Yield one log with one run, in pieces.

    If there are more findings than code scanning takes, the gravest are kept, and a notification says how
    many are left out.
    """
    results = list(_choose(result.findings))
    left = len(result.findings) - len(results)
    ids = sorted({each["ruleId"] for each in results})
    index = {name: at for at, name in enumerate(ids)}
    severities = {finding.rule: finding.severity for finding in result.findings}
    run = {
        "tool": {
            "driver": {
                "name": "release",
                "semanticVersion": __version__,
                "rules": [_describe_rule(name, severities[name]) for name in ids],
            }
        },
        "automationDetails": {"id": f"release-{result.command}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            "%SRCROOT%": {"description": {"text": "The root of the repository."}}
        },
        "invocations": [_describe_run(result, left)],
        "results": [{"ruleIndex": index[each["ruleId"]], **each} for each in results],
    }
    yield dump_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _choose(findings: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    """Yield the results that code scanning takes, in the order of the findings."""
    numbered = list(enumerate(zip(findings, number_fingerprints(findings), strict=True)))
    numbered.sort(key=lambda each: (_GRAVITY[each[1][0].severity], each[0]))
    packer, size = zlib.compressobj(), 0
    kept = []
    for at, (finding, name) in numbered[:_MOST_RESULTS]:
        made = _describe(finding, name)
        size += len(packer.compress(dump_json(made).encode()))
        if size > _MOST_BYTES - 1_000_000:  # for the rules, and what is not compressed yet
            break
        kept.append((at, made))
    yield from map(itemgetter(1), sorted(kept, key=itemgetter(0)))


def _describe(finding: Finding, name: str) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(finding)}
    if finding.line:
        physical["region"] = {"startLine": finding.line, "startColumn": max(1, finding.column)}
    about = {
        "path": finding.path,
        "table": finding.table,
        "field": finding.field,
        "key": finding.key,
    }
    return {
        "ruleId": finding.rule,
        "level": finding.severity,
        "message": {"text": _escape_message(finding.message)},
        "locations": [{"physicalLocation": physical}],
        "partialFingerprints": {"release/v1": name},
        "properties": {name: text for name, text in about.items() if text},
    }


def _artifact(finding: Finding) -> dict[str, str]:
    """Return the location of a file: relative to the root of the repository, or absolute outside of it."""
    if (path := path_of(finding)) is not None:
        return {"uri": _quote(path), "uriBaseId": "%SRCROOT%"}
    file = finding.file or finding.path
    if "://" in file:
        return {"uri": _quote(file, ":/?&=%#@+,;~")}
    return {"uri": "file://" + _quote(PurePath(os.path.abspath(file)).as_posix())}  # noqa: PTH100


def _quote(path: str, safe: str = "/") -> str:
    """Return a path as a part of a URI; bytes of a name that is no text are those of the file."""
    try:
        return quote(os.fsencode(path), safe)
    except UnicodeEncodeError:
        return quote(path.encode("utf-8", "backslashreplace"), safe)


def _escape_message(text: str) -> str:
    r"""Return a text of which a viewer makes no link (`[text](target)`) and no placeholder (`{0}`).

    Source: SARIF 2.1.0, 3.11.5 and 3.11.6.
    """
    text = re.sub(r"\{(?=\d+\})", "{{", text)
    text = re.sub(r"(?<=\{)(\d+)\}", r"\1}}", text)
    return re.sub(r"\\*[\[](?=[^\]]*\]\()", lambda match: "\\" + match[0], text)


def _describe_rule(name: str, severity: Severity) -> dict[str, Any]:
    general = family(name)
    default, meaning = (RULES | RELEASE_RULES).get(general, (severity, "A check of the dataset."))  # type: ignore[operator]
    about = f"{meaning} Rule {general}." if general != name else meaning
    return {
        "id": name,
        "name": name,
        "shortDescription": {"text": meaning},
        "fullDescription": {"text": about},
        "help": {"text": about},
        "defaultConfiguration": {"level": default},
    }


def _describe_run(result: CommandResult, left: int) -> dict[str, Any]:
    """Describe how the command ended, and what of it is not in this log."""
    notes = []
    if result.failure:
        notes.append({"level": "error", "message": {"text": _escape_message(result.failure)}})
    if left:
        text = f"{left:,} findings are left out, as code scanning takes no more than {_MOST_RESULTS:,}."
        notes.append({"level": "warning", "message": {"text": text}})
    described: dict[str, Any] = {"executionSuccessful": not result.failure}
    return described | ({"toolExecutionNotifications": notes} if notes else {})
