"""Show what would be added to files as a diff, and select the errors that no addition mends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from release.descriptor.model import Descriptor
from release.findings.finding import Finding
from release.findings.rules import family
from release.infer.update.proposal import Proposal
from release.system.comparison import compare_lines


def select_remaining(
    findings: Iterable[Finding],
    proposal: Proposal,
    descriptor: Descriptor,
    codelists: Collection[str],
) -> list[Finding]:
    """Select the errors that no addition mends; `codelists` are the files to which codes are added."""
    remaining = []
    for each in findings:
        rule = family(each.rule)
        is_placed = rule == "unmapped-path" and each.path in proposal.compared
        if each.severity != "error" or is_placed:
            continue
        if rule == "code" and each.table and each.field:
            codes = descriptor.resource(each.table).field(each.field).codes
            if codes is not None and descriptor.resource(codes).path in codelists:
                continue
        remaining.append(each)
    return remaining


def add_lines(folder: Path, added: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, str]]:
    """Return files with lines added at their end, as they are and as they would be; only those in UTF-8."""
    changed = {}
    for path, lines in added.items():
        try:
            old = (folder / path).read_bytes().decode()
        except UnicodeDecodeError:
            continue  # what it lacks stays an error
        end = "\r\n" if "\r\n" in old else "\n"
        new = old if old.endswith("\n") else old + end
        changed[path] = (old, new + "".join(line + end for line in lines))
    return changed


def show(changed: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """Yield the lines of a diff, as `patch -p1` takes it, of files as they are and as they would be."""
    for path, (old, new) in sorted(changed.items()):
        yield from compare_lines(path, old, new)
