"""Propose changes of a dataset's files that mend its findings and add none."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from release.build import inputs, outcome
from release.build.inputs import Inputs, Options
from release.descriptor.model import Descriptor
from release.findings.finding import Finding
from release.findings.fingerprints import split_others
from release.findings.rules import family
from release.fix.changes import (
    BYTE_ORDER_MARK,
    FINAL_NEWLINE,
    OF_FILES,
    OF_VALUES,
    FileChange,
    Left,
    change_file,
)
from release.fix.files import MendableFile, open_record_file, open_table_file
from release.fix.proof import Proof, proving
from release.fix.repairs import Vocabulary
from release.records import codelists

#: The names of what can be mended.
MENDED = OF_VALUES | OF_FILES | {FINAL_NEWLINE}


@dataclass(frozen=True, slots=True)
class Dropped:
    """A change that is not proposed, as the check would find something new with it."""

    change: FileChange
    reason: Finding


@dataclass(frozen=True, slots=True)
class Remedy:
    """Changes of files, those that were dropped, and the findings that are left, each with the reason."""

    changes: Sequence[FileChange]
    dropped: Sequence[Dropped]
    left: Sequence[Left]


def propose(descriptor: Descriptor, options: Options, rules: frozenset[str] = MENDED) -> Remedy:
    """Check a dataset, and propose changes that mend its findings of some rules.

    Raises:
        UsageError: The descriptor, or a check in it, cannot be used.
    """
    found = _find(descriptor, options, rules)
    given = inputs.read(descriptor, options)
    tables, _ = codelists.parse_tables(descriptor, given.curated)
    lookups, _ = codelists.build_lookups(descriptor, tables, given.curated)
    vocabulary = Vocabulary(descriptor, lookups)
    by_path: dict[str, list[Finding]] = {}
    for each in found:
        by_path.setdefault(each.path, []).append(each)
    of_some = rules.isdisjoint((FINAL_NEWLINE, BYTE_ORDER_MARK))
    changes: list[FileChange] = []
    left: list[Left] = []
    for path, file in _open_files(given, by_path, all_files=not of_some):
        change, kept = change_file(file, by_path.pop(path, []), vocabulary, rules)
        changes += [change] if change is not None else []
        left += kept
    left += [Left(each, "its file is not edited") for some in by_path.values() for each in some]
    dropped: list[Dropped] = []
    if changes:
        with proving(descriptor, given.sources, options) as proof:
            changes = _settle(changes, proof, dropped)
    return Remedy(changes, dropped, left)


def _find(descriptor: Descriptor, options: Options, rules: frozenset[str]) -> list[Finding]:
    """Find what is to be mended, however much more there is of a rule than a check reports."""

    def find(options: Options) -> list[Finding]:
        findings = outcome.check(descriptor, options).findings
        return [each for each in findings if family(each.rule) in rules]

    found = find(options)
    if any(split_others(each.message)[2] == "of this rule" for each in found):
        limits = replace(options.limits, findings=sys.maxsize)
        return find(
            replace(options, limits=limits, cache=None)
        )  # a check would find all of them there
    return found


def _open_files(
    given: Inputs, wanted: Mapping[str, object], *, all_files: bool
) -> Iterator[tuple[str, MendableFile]]:
    """Yield the files that are wanted, by path, or all; those that cannot be edited are left out."""
    descriptor, root = given.descriptor, str(given.descriptor.root)
    for source in given.sources:
        if all_files or source.path in wanted:
            own = source.root if source.kind in (given.options.elsewhere or ()) else root
            record = open_record_file(source, descriptor.kind(source.kind), own)
            if record is not None:
                yield source.path, record
    for name, data in given.curated.items():
        resource = descriptor.resource(name)
        if all_files or resource.path in wanted:
            table = open_table_file(resource, root, data)
            if table is not None:
                yield resource.path, table


def _settle(changes: list[FileChange], proof: Proof, dropped: list[Dropped]) -> list[FileChange]:
    """Return the changes with which the check finds nothing new; others are dropped, as few as possible."""
    while changes and (new := proof.find_new(changes)):
        paths = {each.path: each for each in new}
        named = [each for each in changes if each.path in paths]
        if named:
            dropped += [Dropped(each, paths[each.path]) for each in named]
            changes = [each for each in changes if each not in named]
        elif len(changes) == 1:
            dropped.append(Dropped(changes[0], new[0]))
            return []
        else:
            half = len(changes) // 2
            parts = [_settle(part, proof, dropped) for part in (changes[:half], changes[half:])]
            if len(parts[0]) + len(parts[1]) == len(changes):  # only both together add something
                dropped += [Dropped(each, new[0]) for each in parts[1]]
                return parts[0]
            changes = parts[0] + parts[1]
    return changes
