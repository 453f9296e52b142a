"""The difference of one table: its schema, its rows in numbers, and what a row or cell was and is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

from release.diff.changes import Change
from release.diff.pair import Pair
from release.diff.release import Table
from release.diff.row_comparison import What
from release.syntax.looks.appearance import spell_difference
from release.syntax.versions import Level


@dataclass(frozen=True, slots=True)
class RowCounts:
    """The number of rows in the old and the new table, and of rows added, removed, and changed in their data.

    `rewritten` counts those where nothing but what speaks of a record's file changed. Of findings it counts
    those that are elsewhere, and `added` and `removed` leave those out. `within` counts the rows with numbers
    that differ within the tolerance of their fields, which is no change of data.
    """

    old: int = 0
    new: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    rewritten: int = 0
    within: int = 0

    def as_value(self) -> dict[str, int]:
        """Return the counts by name, as files have them: `within` only where fields have a tolerance."""
        found = asdict(self)
        if not self.within:
            del found["within"]
        return found


class Cell(NamedTuple):
    """The old and new value of a field, as text as in the CSV; None if it is missing."""

    field: str
    old: str | None
    new: str | None

    @property
    def points(self) -> tuple[str, str]:
        """The code points in which the two values differ, if they look alike; else two empty texts."""
        if self.old is None or self.new is None:
            return "", ""
        return spell_difference(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Row:
    """One row that was added, removed or changed: its key, and its cells that are data."""

    change: What
    key: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class TableDifference:
    """The difference of a table: schema and metadata, rows, cells by field, and probable renames."""

    name: str
    old: Table | None
    new: Table | None
    changes: tuple[Change, ...]
    rows: RowCounts
    cells: Mapping[str, int]
    hints: tuple[str, ...]
    pairs: tuple[Pair, ...] = field(default=(), repr=False)

    @property
    def table(self) -> Table:
        """The new table, or the old one if it was removed."""
        table = self.new or self.old
        assert table is not None
        return table

    @property
    def is_in_both(self) -> bool:
        """True if both releases have the table, so that its rows are shown one by one."""
        return self.old is not None and self.new is not None

    @property
    def most_changed(self) -> list[tuple[str, int]]:
        """The fields whose cells changed, and in how many rows, the most first."""
        return sorted(self.cells.items(), key=lambda each: -each[1])

    @property
    def is_findings(self) -> bool:
        """True if it is the table of the build's findings, in both releases."""
        return all(table is not None and table.is_findings for table in (self.old, self.new))

    @property
    def is_shown(self) -> bool:
        """True if rows were added, removed or changed in their data, or something looks renamed."""
        rows = self.rows
        return bool(rows.added or rows.removed or rows.changed or self.notes)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes besides its rows, which do not count for the level."""
        if not self.rows.within:
            return self.hints
        return (*self.hints, f"values of {_count(self.rows.within, 'row')} differ within tolerance")

    def reasons(self) -> Iterator[tuple[Level, int, str]]:
        """Yield the levels that its rows call for, each with the number of rows and a reason in words."""
        rows = self.rows
        if self.old is None or self.new is None:
            return
        is_codelist = self.old.is_codelist or self.new.is_codelist
        noun = "code" if is_codelist else "finding" if self.is_findings else "row"
        if rows.removed:
            level: Level = "patch" if self.is_findings else "major"
            yield level, rows.removed, f"{self.name}: {_count(rows.removed, noun)} removed"
        if rows.added:
            level = "patch" if self.is_findings else "minor"
            yield level, rows.added, f"{self.name}: {_count(rows.added, noun)} added"
        if rows.changed:
            yield (
                "patch",
                rows.changed,
                f"{self.name}: values of {_count(rows.changed, noun)} changed",
            )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
