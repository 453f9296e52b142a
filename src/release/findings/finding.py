"""Findings: one fault or doubt each, with rule, severity, location and message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from release.findings.errors import RefusedError
from release.findings.message import printable
from release.findings.rules import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or doubt.

    Attributes:
        rule: The name of the rule that is broken: one of RULES or RELEASE_RULES, one named after a field or
            table (`score-type`), or a check of the dataset.
        path: The file's path in the release, for a file of a dataset below `source/`; or in the store.
        message: The value that was found, what was expected, and what to do.
        line: The line, from 1; 0 for a whole file.
        column: The column, from 1, in characters; 0 for a whole file.
        field: The column of the table, or the key path in the record if no column is meant.
        table: The name of the table, if one is meant.
        key: The primary key of the row, if one is meant.
        severity: Whether the finding forbids a release.
        file: The file, URL or zip that was read; empty if it has the same name as `path`.
    """

    rule: str
    path: str
    message: str
    line: int = 0
    column: int = 0
    field: str = ""
    table: str = ""
    key: str = ""
    severity: Severity = "error"
    file: str = ""

    @property
    def place(self) -> str:
        """The file, URL or zip that was read."""
        return self.file or self.path

    @property
    def address(self) -> str:
        """The place with the line and column, if there are any: `notes/a.md:3:7`."""
        return f"{self.place}:{self.line}:{self.column}" if self.line else self.place

    def __str__(self) -> str:
        return self.text(self.place)

    def text(self, place: str, severity: str = "") -> str:
        """Return the finding as one line that names its file `place`.

        `severity` replaces the word for the severity, such as by one in colour.
        """
        text = f"{severity or self.severity}: {self.rule}: {self.message}"
        return _line(printable(place), self.line, self.column, text)

    def stand_for(self, others: int, places: Sequence[tuple[int, int]]) -> Finding:
        """Return the finding with the number of others like it, and the line and column of the next ones."""
        return replace(self, message=count_others(self.message, others, places))


def count_others(message: str, others: int, places: Sequence[tuple[int, int]]) -> str:
    """Return a message that stands for others; `places` are lines and columns of the next ones, from 1."""
    named = ", ".join(f"{line}:{column}" for line, column in places if line)
    return f"{message}; and {others:,} more like it{f', the next at {named}' if named else ''}"


def _line(file: str, line: int, column: int, message: str) -> str:
    return f"{file}:{line}:{column}: {message}" if line else f"{file}: {message}"


#: The most findings that an error shows.
_MOST_SHOWN = 1_000


class FindingsError(RefusedError):
    """An error that ends the run because of findings about the files that were read.

    As text it is the heading with one finding a line below it; without a heading, a line with file, line and
    message for each finding. A summary stands for all of that.
    """

    def __init__(self, findings: Iterable[Finding], heading: str = "", summary: str = "") -> None:
        self.findings = tuple(findings)
        self.heading = heading
        self.summary = summary
        super().__init__(self.findings, heading, summary)

    def __str__(self) -> str:
        if self.summary:
            return self.summary
        some, left = self.findings[:_MOST_SHOWN], len(self.findings) - _MOST_SHOWN
        rest = [f"… and {left:,} more"] if left > 0 else []
        if self.heading:
            return "\n".join([f"{self.heading}:", *(f"  {each}" for each in [*some, *rest])])
        places = [f"{each.place}{f':{each.line}' if each.line else ''}" for each in some]
        lines = [f"{place}: {each.message}" for place, each in zip(places, some, strict=True)]
        return "\n".join([*lines, *rest])


#: The attributes of a finding except `file`, which depends on the machine.
NAMES = tuple(field.name for field in fields(Finding) if field.name != "file")


def lines(
    findings: Sequence[Sequence[Any]], file_of: Callable[[str], str], words: Mapping[str, str]
) -> Iterator[str]:
    """Yield findings as lines, each as `str` of a finding has it, without making a Finding.

    Args:
        findings: The columns of NAMES, in that order.
        file_of: Returns the file that was read for a path in the release.
        words: The word for each severity, such as one in colour.
    """
    last, place = "", ""
    for rule, path, message, line, column, _, _, _, severity in zip(*findings, strict=True):
        if path != last:
            last, place = path, printable(file_of(path) or path)
        yield _line(place, line, column, f"{words[severity]}: {rule}: {message}")
