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
from release.cli.reports.formats.repository import make_locator
from release.cli.reports.result import CommandResult
from release.findings.explanations.explanation import explain
from release.findings.finding import Finding
from release.findings.fingerprints import number_fingerprints
from release.findings.rules import SEVERITIES, Severity
from release.syntax.escapes import dump_json

#: What code scanning of GitHub takes: of more results, or a larger file, it takes nothing at all.
#: Source: https://docs.github.com/en/code-security, "SARIF support for code scanning".
_MOST_RESULTS, _MOST_BYTES = 25_000, 10_000_000

#: What the packer still holds, and what stands around results.
_FOR_REST = 500_000

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def pieces(result: CommandResult, _options: argparse.Namespace) -> Iterator[str]:
    """Yield one log with one run, in pieces."""
    return write_log(result, _MOST_RESULTS, _MOST_BYTES)


def write_log(result: CommandResult, most: int, most_bytes: int) -> Iterator[str]:
    """Yield a log of at most so many results, and so many bytes when it is packed.

    If there are more findings, the gravest are kept, and a notification says how many are left out.
    """
    severities = {finding.rule: finding.severity for finding in result.findings}
    ids = sorted(severities)
    index = {name: at for at, name in enumerate(ids)}
    rules = [_describe_rule(name, severities[name], result.checks) for name in ids]
    room = most_bytes - len(zlib.compress(dump_json(rules).encode())) - _FOR_REST
    results = _choose(result.findings, index, most, room)
    run = {
        "tool": {"driver": {"name": "release", "semanticVersion": __version__, "rules": rules}},
        "automationDetails": {"id": f"release-{result.command}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            "%SRCROOT%": {"description": {"text": "The root of the repository."}}
        },
        "invocations": [_describe_run(result, len(result.findings) - len(results))],
        "results": [],
    }
    log = dump_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})
    before, _, behind = log.rpartition("]")[0].rpartition("[]")
    yield f"{before}["
    for at, text in enumerate(results):
        yield f"{',' if at else ''}\n{text}"
    yield f"]{behind}]\n}}\n"


def _choose(
    findings: Sequence[Finding], index: Mapping[str, int], most: int, room: int
) -> list[str]:
    """Return the results that code scanning takes as JSON, in the order of the findings."""
    numbered = list(enumerate(zip(findings, number_fingerprints(findings), strict=True)))
    numbered.sort(key=lambda each: (SEVERITIES.index(each[1][0].severity), each[0]))
    locate, packer, size = make_locator(), zlib.compressobj(), 0
    kept = []
    for at, (finding, name) in numbered[:most]:
        made = {"ruleIndex": index[finding.rule], **_describe(finding, name, locate(finding))}
        text = dump_json(made, indent=None)
        size += len(packer.compress(text.encode()))
        if size > room:
            break
        kept.append((at, text))
    return [text for _, text in sorted(kept, key=itemgetter(0))]


def _describe(finding: Finding, name: str, path: str | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(finding, path)}
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


def _artifact(finding: Finding, path: str | None) -> dict[str, str]:
    """Return the location of a file: relative to the root of the repository, or absolute outside of it."""
    if path is not None:
        return {"uri": _quote(path), "uriBaseId": "%SRCROOT%"}
    file = finding.place
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


def _describe_rule(name: str, severity: Severity, checks: Mapping[str, str]) -> dict[str, Any]:
    """Describe a rule: what it says, why, and what to do; of a check of the dataset its message."""
    found = explain(name)
    if found is None:
        meaning = "A check of the dataset holds for every row."
        texts = [f"It says: {checks[name]}"] if name in checks else []
        default = severity
    else:
        meaning, default = found.meaning, found.severity
        texts = [found.why, found.advice, found.lowering]
    about = [*texts, f"`release explain {name}` says the same."]
    return {
        "id": name,
        "name": name,
        "shortDescription": {"text": meaning},
        "fullDescription": {"text": _escape_message(" ".join([meaning, *texts[:1]]))},
        "help": {"text": _escape_message("\n\n".join([meaning, *about]))},
        "defaultConfiguration": {"level": default},
    }


def _describe_run(result: CommandResult, left: int) -> dict[str, Any]:
    """Describe how the command ended, and what of it is not in this log."""
    notes = [
        {"level": "note", "message": {"text": _escape_message(remark)}} for remark in result.remarks
    ]
    if result.failure:
        notes.append({"level": "error", "message": {"text": _escape_message(result.failure)}})
    if left:
        text = (
            f"{left:,} findings are left out: code scanning takes at most {_MOST_RESULTS:,} results, and "
            "10 MB when they are packed."
        )
        notes.append({"level": "warning", "message": {"text": text}})
    described: dict[str, Any] = {"executionSuccessful": not result.failure}
    return described | ({"toolExecutionNotifications": notes} if notes else {})
