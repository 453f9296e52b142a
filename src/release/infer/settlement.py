"""Change a draft until its check finds no error: what is wrong is taken back, or left out with the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from release.findings.finding import Finding
from release.findings.rules import NAMED_AFTER, family
from release.infer.files.kinds import exact_pattern
from release.infer.model import Draft, KindDraft, Omission, TableDraft
from release.infer.stage import Check, Verdict, judge
from release.infer.tables import parents
from release.syntax.file_patterns import FilePattern

#: So often a draft is changed and checked again.
_ROUNDS = 8


def settle(
    draft: Draft, folder: Path, check: Check, progress: Callable[[str], object] = lambda _: None
) -> Verdict:
    """Change a draft until it has no error, and return the last verdict."""
    verdict = judge(draft, folder, check)
    for at in range(_ROUNDS):
        if verdict.is_sound:
            break
        progress(f"settling what is wrong, round {at + 1}")
        changed = False
        for finding in verdict.errors:
            changed |= _settle(draft, finding)
        if not changed:
            break
        verdict = judge(draft, folder, check)
    return verdict


def _settle(draft: Draft, finding: Finding) -> bool:
    """Change a draft so that it does not have an error; return False if nothing helps."""
    rule = family(finding.rule)
    name = finding.rule.removesuffix(f"-{rule}") if rule in NAMED_AFTER else ""
    if rule == "no-records":
        return _drop_empty_kinds(draft)
    table = next((each for each in draft.tables if each.name in (finding.table, name)), None)
    if rule == "no-rows" and table is not None:
        return _drop_table(draft, table)
    if rule == "foreignKeys" and table is not None:
        return _drop_references(draft, table, finding)
    if rule == "type" and table is not None:
        return _take_text(table, name)
    return _leave_out(draft, finding)


def _leave_out(draft: Draft, finding: Finding) -> bool:
    """Leave out the file of a finding, with what is wrong with it as the reason."""
    where = f"line {finding.line}: " if finding.line else ""
    omission = Omission(exact_pattern(finding.path), f"{where}{finding.message}")
    kind = next((k for k in draft.kinds if _takes(k, finding.path)), None)
    if kind is None or any(each.path == omission.path for each in kind.exclude):
        return False
    kind.exclude.append(omission)
    kind.entries = [each for each in kind.entries if each.path != finding.path]
    draft.mend.append(Omission(finding.path, omission.reason))
    return True


def _takes(kind: KindDraft, path: str) -> bool:
    """Return True if a file is one of a kind's records, or of their companions."""
    return any(each.path == path for each in kind.entries) or any(
        FilePattern(pattern).regex().match(path) for pattern in kind.companions
    )


def _drop_empty_kinds(draft: Draft) -> bool:
    """Drop the kinds all of whose files are left out, and their tables."""
    empty = []
    for kind in draft.kinds:
        excluded = {each.path for each in kind.exclude}
        if all(exact_pattern(entry.path) in excluded for entry in kind.entries):
            empty.append(kind.name)
    draft.kinds = [kind for kind in draft.kinds if kind.name not in empty]
    for table in [each for each in draft.tables if each.kind in empty]:
        _drop_table(draft, table)
    return bool(empty)


def _drop_table(draft: Draft, table: TableDraft) -> bool:
    """Drop a table without rows, and what refers to it."""
    draft.tables.remove(table)
    for other in draft.tables:
        if other.parent == table.name:
            _take_next_parent(draft, other, table)
        other.references = [each for each in other.references if each.table != table.name]
    return True


def _take_next_parent(draft: Draft, table: TableDraft, parent: TableDraft) -> None:
    """Let a table refer to the parent of its parent: not each of its rows has one there."""
    above = next((each for each in draft.tables if each.name == parent.parent), None)
    parents.set_parent(table, above)


def _drop_references(draft: Draft, table: TableDraft, finding: Finding) -> bool:
    """Drop the foreign keys of a table that a finding is about."""
    kept = [each for each in table.references if finding.field not in each.fields]
    if len(kept) == len(table.references):
        kept = []
    dropped = [each for each in table.references if each not in kept]
    table.references = kept
    for each in dropped:
        if parents.is_to_parent(each, table):
            parent = next(other for other in draft.tables if other.name == table.parent)
            _take_next_parent(draft, table, parent)
            continue
        fields = ", ".join(each.fields)
        draft.doubts.append(
            f"{table.name}.{fields} is no foreign key to {each.table}: {finding.message}"
        )
    return bool(dropped)


def _take_text(table: TableDraft, name: str) -> bool:
    """Let a field hold text if its type does not fit."""
    for each in table.fields:
        if each.name == name and each.type != "string":
            each.type, each.properties = "string", {}
            return True
    return False
