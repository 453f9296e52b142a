"""List what the build noticed: findings by severity and rule, the first of each in full."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

#: So many findings of a rule are listed.
MOST = 10

#: The columns of the table of findings that are listed, where it has them; `path` stands in for the key.
_LISTED = ("key", "path", "field", "message")


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """The findings of a rule: how many, and of the first ones the record, the field and the message."""

    severity: str
    rule: str
    count: int
    first: list[tuple[str, str, str]]


def list_findings(findings: pa.Table) -> list[RuleFindings]:
    """List findings by severity and rule, the most frequent first; of each rule in the order of the table."""
    counts = findings.group_by(["severity", "rule"]).aggregate([([], "count_all")])
    found = zip(
        *(counts[name].to_pylist() for name in ("severity", "rule", "count_all")), strict=True
    )
    return [
        RuleFindings(severity, rule, count, list(_list_first(findings, severity, rule)))
        for severity, rule, count in sorted(found, key=lambda each: (each[0], -each[2], each[1]))
    ]


def _list_first(findings: pa.Table, severity: str, rule: str) -> Iterator[tuple[str, str, str]]:
    is_wanted = pc.and_(pc.equal(findings["severity"], severity), pc.equal(findings["rule"], rule))
    names = [name for name in _LISTED if name in findings.column_names]
    for row in findings.select(names).filter(is_wanted).slice(0, MOST).to_pylist():
        texts = {name: str(value) for name, value in row.items() if value is not None}
        record = texts.get("key") or texts.get("path", "")
        yield record, texts.get("field", ""), texts.get("message", "")
