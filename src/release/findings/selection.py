"""A choice of findings: those that are shown, with their numbers, as all findings of a check have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import overload

from release.findings.finding import Finding


class SelectedFindings(Sequence[Finding]):
    """Some of the findings of a check, in their order."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._findings = list(findings)

    def __len__(self) -> int:
        return len(self._findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings)

    @overload
    def __getitem__(self, at: int) -> Finding: ...
    @overload
    def __getitem__(self, at: slice) -> list[Finding]: ...
    def __getitem__(self, at: int | slice) -> Finding | list[Finding]:
        """Return one finding, or several."""
        return self._findings[at]

    def lines(self, words: Mapping[str, str]) -> Iterator[str]:
        """Return each finding as a line, with words for its severity."""
        return (each.text(each.place, words[each.severity]) for each in self._findings)

    @property
    def errors(self) -> int:
        """The number of errors."""
        return self._count("error")

    @property
    def warnings(self) -> int:
        """The number of warnings."""
        return self._count("warning")

    @property
    def notes(self) -> int:
        """The number of notes."""
        return self._count("note")

    def _count(self, severity: str) -> int:
        return sum(each.severity == severity for each in self._findings)
