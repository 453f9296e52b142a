"""Groups of faults: many of one cause become one, which has their number and the first locations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import itemgetter
from typing import Generic, Protocol, Self, TypeVar

from release.findings.finding import Finding

#: So many faults of one cause, as of one rule in one file, are reported one by one.
ONE_BY_ONE = 50

#: The most characters of a text in a finding.
LONGEST_TEXT = 2_000

#: The number of locations that a fault names which stands for others.
_PLACES = 5


class Groupable(Protocol):
    """A fault that can stand for others of the same cause."""

    def stand_for(self, others: int, places: Sequence[tuple[int, int]]) -> Self:
        """Return the fault with the number of others in its message, and the locations of the next ones."""

    @property
    def line(self) -> int:
        """The line."""

    @property
    def column(self) -> int:
        """The column."""


T = TypeVar("T", bound=Groupable)


@dataclass(slots=True)
class _Group(Generic[T]):
    """The faults of one cause: their number, and what makes the first, each with its position among all."""

    count: int = 0
    first: list[tuple[int, Callable[[], T]]] = field(default_factory=list)


class Groups(Generic[T]):
    """A collection of faults that takes little time and memory, however many there are of one cause."""

    def __init__(self) -> None:
        self._count = 0
        self._groups: dict[Hashable, _Group[T]] = {}

    def add(self, cause: Hashable, make: Callable[[], T]) -> None:
        """Add a fault.

        Args:
            cause: What many faults have in common, such as the rule and the file.
            make: Makes the fault; it is called only if the fault is reported.
        """
        group = self._groups.get(cause)
        if group is None:
            group = self._groups[cause] = _Group()
        group.count += 1
        self._count += 1
        if len(group.first) < ONE_BY_ONE:
            group.first.append((self._count, make))

    def faults(self) -> list[T]:
        """Return the faults in the order in which they were added; many of one cause are one."""
        found: list[tuple[int, T]] = []
        for group in self._groups.values():
            if group.count <= ONE_BY_ONE:
                found += [(at, make()) for at, make in group.first]
            else:
                first, *others = [make() for _, make in group.first[: _PLACES + 1]]
                places = list(dict.fromkeys((each.line, each.column) for each in others))
                found.append((group.first[0][0], first.stand_for(group.count - 1, places)))
        return [fault for _, fault in sorted(found, key=itemgetter(0))]


def group_findings(findings: Iterable[Finding], most: int = 0) -> list[Finding]:
    """Group findings by file and rule, each distinct one once, and cut long texts.

    `most` is the number of findings of one rule in all files, 0 for no limit. Of more, the last one that is
    kept has the number of the others.
    """
    groups: Groups[Finding] = Groups()
    for each in dict.fromkeys(findings):
        groups.add((each.file, each.path, each.rule, each.severity), partial(replace, each))
    found = [shorten(each) for each in groups.faults()]
    return list(_limit(found, most)) if most else found


def _limit(findings: Sequence[Finding], most: int) -> Iterator[Finding]:
    """Yield the first findings of each rule."""
    counts, seen = Counter(each.rule for each in findings), Counter[str]()
    for each in findings:
        seen[each.rule] += 1
        left = counts[each.rule] - most
        if seen[each.rule] == most and left > 0:
            yield name_others(each, left)
        elif seen[each.rule] <= most:
            yield each


def name_others(finding: Finding, left: int) -> Finding:
    """Return a finding with the number of findings of the same rule that are left out behind it."""
    return replace(finding, message=f"{finding.message}; and {left:,} more of this rule, left out")


def shorten(finding: Finding) -> Finding:
    """Return a finding whose texts are cut where they are very long."""
    if max(map(len, (finding.message, finding.path, finding.field, finding.key))) <= LONGEST_TEXT:
        return finding
    return replace(
        finding,
        message=cut_text(finding.message),
        path=cut_text(finding.path),
        field=cut_text(finding.field),
        key=cut_text(finding.key),
    )


def cut_text(text: str) -> str:
    """Return a text as it is, or its beginning if it is very long, with the number of characters left out."""
    left = len(text) - LONGEST_TEXT
    return text if left <= 0 else f"{text[:LONGEST_TEXT]}… and {left:,} more characters"
