"""Change the text of a file so that findings about it are mended, and prove that no other value changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from release.findings.finding import Finding
from release.findings.fingerprints import list_next, split_others
from release.findings.rules import MENDABLE, family
from release.fix.file_text import Edit, Transport
from release.fix.files import Leaves, MendableFile
from release.fix.notation import Scalar, write_quoted
from release.fix.repairs import LeftError, Vocabulary, repair

#: The rules about values, without the name of the field, and about files that can be mended.
BYTE_ORDER_MARK = "byte-order-mark"
OF_FILES = frozenset(("line-ends", BYTE_ORDER_MARK))
OF_VALUES = (MENDABLE | {"code"}) - OF_FILES

#: A last line without its end, which is no finding.
FINAL_NEWLINE = "final-newline"

_UNSAFE = "it is written in a way that is not edited in place"


@dataclass(frozen=True, slots=True)
class Left:
    """A finding that is left, and the reason."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file as it is and as it would be, and what is mended of it.

    `path` is its path in a release, `place` the file, `root` the folder that no link leaves. `mended` has the
    number of values or files, by rule.
    """

    path: str
    place: str
    root: str
    old: bytes
    new: bytes
    mended: Mapping[str, int]


@dataclass(slots=True)
class _Repair:
    """The repair of a text: where it is written, what is read there, what it should be, and why.

    Without a scalar it is what YAML cuts, between two offsets.
    """

    scalar: Scalar | None
    start: int
    end: int
    old: Any
    new: str
    findings: list[Finding] = field(default_factory=list)

    def ways(self) -> list[list[Edit]]:
        """Return ways to write the new text, the best one first."""
        if self.scalar is None:
            return [[Edit(self.start, self.end, write_quoted(self.new))]]
        return self.scalar.rewrite(self.new)


def change_file(
    file: MendableFile, findings: Sequence[Finding], vocabulary: Vocabulary, rules: frozenset[str]
) -> tuple[FileChange | None, list[Left]]:
    """Change a file so that its findings of some rules are mended, as far as that is certain.

    A byte-order mark needs no finding: if many files have one, a finding about the first stands for all.

    Returns:
        The change, None if there is none; and the findings that are left, with the reason.
    """
    repairs, left = _plan_all(file, findings, vocabulary, rules & OF_VALUES)
    of_file = {family(each.rule) for each in findings} & rules & {"line-ends"}
    if BYTE_ORDER_MARK in rules and file.text.has_mark:
        of_file.add(BYTE_ORDER_MARK)
    is_open = FINAL_NEWLINE in rules and file.text.lacks_last_end()
    if not (repairs or of_file or is_open):
        return None, left
    before = file.leaves(file.data)
    chosen = _choose(file, repairs, before)
    left += [
        Left(finding, _UNSAFE)
        for each in repairs
        if each not in (kept for kept, _ in chosen)
        for finding in each.findings
    ]
    mended = Counter(family(one.rule) for each, _ in chosen for one in each.findings)
    edits = [edit for _, way in chosen for edit in way]
    expected = file.leaves(file.text.edit(edits, Transport())) if edits else before
    transport = Transport(BYTE_ORDER_MARK in of_file, "line-ends" in of_file)
    if is_open:
        ended = replace(transport, ends_last_line=True)
        if file.leaves(file.text.edit(edits, ended)) == expected:
            transport, mended = ended, mended + Counter([FINAL_NEWLINE])
    new = file.text.edit(edits, transport)
    if new == file.data or file.leaves(new) != expected:
        return None, left
    mended.update(of_file)
    return FileChange(file.path, file.place, file.root, file.data, new, dict(mended)), left


def _plan_all(
    file: MendableFile, findings: Sequence[Finding], vocabulary: Vocabulary, rules: frozenset[str]
) -> tuple[list[_Repair], list[Left]]:
    """Return the repairs of the values that findings are about, and the findings without one."""
    left: list[Left] = []
    repairs: dict[int, _Repair] = {}
    for finding, is_named in _locate_all(file, findings, rules):
        try:
            _plan(file, finding, vocabulary, repairs)
        except LeftError as error:
            left += [Left(finding, str(error))] if is_named and str(error) else []
    return list(repairs.values()), left


def _locate_all(
    file: MendableFile, findings: Sequence[Finding], rules: frozenset[str]
) -> Iterator[tuple[Finding, bool]]:
    """Yield each finding about a value, and whether it is named as such.

    One that stands for others is yielded for each value that it may stand for: those at its key path.
    """
    for finding in findings:
        if family(finding.rule) not in rules or not finding.line:
            continue
        yield finding, True
        _, others, alike = split_others(finding.message)
        if alike != "like it":
            continue
        places = [(line - 1, column - 1) for line, column in list_next(finding.message)]
        if len(places) < others:
            places = file.list_alike(finding.line - 1, finding.column - 1)
        for line, column in places:
            if (line + 1, column + 1) != (finding.line, finding.column):
                yield replace(finding, line=line + 1, column=column + 1), False


def _plan(
    file: MendableFile, finding: Finding, vocabulary: Vocabulary, repairs: dict[int, _Repair]
) -> None:
    """Add the repair of the value that a finding is about.

    Raises:
        LeftError: There is none.
    """
    at = finding.line - 1, finding.column - 1
    offset = file.text.offset_of(*at)
    if offset is None:
        raise LeftError(_UNSAFE)
    if finding.rule == "text-after-hash":
        found = _plan_quotes(file, offset)
        repairs[found.start] = found
    else:
        scalar = file.scalars.at(offset)
        if scalar is None and family(finding.rule) == "code":
            raise LeftError  # a number, mostly
        if scalar is None:
            raise LeftError("no text that can be edited in place begins here")
        old = repairs[offset].new if offset in repairs else scalar.value
        new = repair(finding, old, vocabulary, lambda: file.captures_at(*at))
        if new == old:
            return
        if offset not in repairs:
            repairs[offset] = _Repair(scalar, scalar.start, scalar.end, scalar.value, new)
        repairs[offset].new = new
        found = repairs[offset]
    found.findings.append(finding)


def _plan_quotes(file: MendableFile, offset: int) -> _Repair:
    """Return the repair of a text that YAML cuts before the `#` at an offset.

    Raises:
        LeftError: It may be a comment, or stands where quotes would not be enough.
    """
    text = file.text.text
    if not text[offset + 1 : offset + 2].isalnum():
        raise LeftError(
            "it may be a comment: put it on a line of its own, or quotes around the value"
        )
    cut = file.scalars.cut_at(offset)
    if cut is None:
        raise LeftError(_UNSAFE)
    start, value = cut
    end = start + len(text[start : file.text.line_end(offset)].rstrip(" \t"))
    return _Repair(None, start, end, value, text[start:end])


#: A repair, and the edits that make it.
_Chosen = tuple[_Repair, list[Edit]]


def _choose(file: MendableFile, repairs: Sequence[_Repair], before: Leaves) -> list[_Chosen]:
    """Choose for each repair a way that changes its value and no other; repairs without one are left out."""
    first = [(each, ways[0]) for each in repairs if (ways := each.ways())]
    if not repairs or (len(first) == len(repairs) and _is_right(file, first, before)):
        return first
    chosen: list[_Chosen] = []
    for each in repairs:
        for way in each.ways():
            if _is_right(file, [(each, way)], before):
                chosen.append((each, way))
                break
    return chosen if _is_right(file, chosen, before) else []


def _is_right(file: MendableFile, chosen: Sequence[_Chosen], before: Leaves) -> bool:
    """Return True if some repairs change the values that they should change, and no others."""
    edits = [edit for _, way in chosen for edit in way]
    after = file.leaves(file.text.edit(edits, Transport()))
    if after.keys() != before.keys():
        return False
    changed = [(before[key], after[key]) for key in before if before[key] != after[key]]
    wanted = [(each.old, each.new) for each, _ in chosen]
    return sorted(map(repr, changed)) == sorted(map(repr, wanted))
