"""The difference between two releases, and the version that it calls for."""

# ruff: noqa: S608 — queries are made of numbered columns and tables only

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from release import versions
from release.diff import row_comparison
from release.diff.changes import Change
from release.diff.release import Release, Table
from release.diff.row_comparison import Pair, What
from release.syntax.looks.appearance import spell_difference
from release.versions import Level

#: What happens to rows, in the order in which it is shown.
SHOWN: tuple[What, ...] = ("removed", "changed", "added")

#: Ends the reason where only files differ.
UNCHANGED = "data unchanged"

#: Fields that name a finding in place of its key, which is a location.
FINDING_NAMED_BY = ("rule", "table", "key", "field")


@dataclass(frozen=True, slots=True)
class RowCounts:
    """The number of rows in the old and the new table, and of rows added, removed, and changed in their data.

    `rewritten` counts those where nothing but what speaks of a record's file changed. Of findings it counts
    those that are elsewhere, and `added` and `removed` leave those out.
    """

    old: int = 0
    new: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    rewritten: int = 0


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
        return bool(self.rows.added or self.rows.removed or self.rows.changed or self.hints)

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


@dataclass(frozen=True, slots=True)
class Files:
    """The paths of records, curated tables and LICENSE that were added, removed, or have other bytes."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference between two releases; it can be read until `compare` is left.

    `changes` are those of the package as a whole; `tables` are all tables of either release, those of the
    new one in its order, then those that are gone; `taken` are versions that the next one cannot be, and why.
    """

    old: Release
    new: Release
    changes: tuple[Change, ...]
    tables: tuple[TableDifference, ...]
    files: Files
    _connection: duckdb.DuckDBPyConnection = field(repr=False)
    taken: Mapping[str, str] = field(default_factory=dict)

    @property
    def every_change(self) -> tuple[Change, ...]:
        """The changes of package and tables."""
        return (*self.changes, *(change for table in self.tables for change in table.changes))

    def reasons(self) -> list[tuple[Level, str]]:
        """Return the reasons for a step, the strongest first: by level, then schema, then rows by number."""
        found: list[tuple[int, int, int, Level, str]] = [
            (-versions.LEVELS.index(change.level), 0, 0, change.level, str(change))
            for change in self.every_change
        ]
        for table in self.tables:
            # what the build noticed follows from the rest
            last = 2 if table.is_findings else 1
            for level, rows, text in table.reasons():
                found.append((-versions.LEVELS.index(level), last, -rows, level, text))
        if what := self._of_files(is_alone=not found):
            found.append((-1, 3, 0, "patch", what))
        return [(level, text) for *_, level, text in sorted(found, key=lambda each: each[:3])]

    def most_telling(self, number: int = 3) -> list[str]:
        """Return the first reasons, in words."""
        return [text for _, text in self.reasons()][:number]

    @property
    def about_files(self) -> str:
        """Describe the changes in the files of records; in full if nothing else differs, else `records`.

        Nothing where neither they nor what tables say of them have changed.
        """
        alone = self._of_files(is_alone=True)
        if not alone:
            return ""
        if [text for _, text in self.reasons()] == [alone]:
            return alone
        files = self.files
        return "records" if files.added or files.removed or files.rewritten else ""

    def _of_files(self, *, is_alone: bool) -> str:
        """Return the reason that the files of records give for a step; not if rows came or went too."""
        files = self.files
        if files.rewritten or any(table.rows.rewritten for table in self.tables):
            return f"records rewritten, {UNCHANGED}" if is_alone else "records rewritten"
        names = [name for name in ("added", "removed") if getattr(files, name)]
        return f"records {' and '.join(names)}, {UNCHANGED}" if is_alone and names else ""

    @property
    def level(self) -> Level:
        """The level that the difference calls for, by the table in docs/how-to/versions.md."""
        return versions.highest(level for level, _ in self.reasons())

    @property
    def next_version(self) -> str:
        """The smallest version that may carry this difference to the old release and is not taken."""
        return versions.next_free(versions.next_version(self.old.version, self.level), self.taken)[
            0
        ]

    @property
    def skipped(self) -> list[str]:
        """The reasons why lower versions that would suffice are not the next one."""
        return versions.next_free(versions.next_version(self.old.version, self.level), self.taken)[
            1
        ]

    @property
    def suffices(self) -> bool:
        """True if the new release's version is high enough; that of a draft always is."""
        new = self.new.version
        is_draft = versions.is_draft(new)
        return is_draft or versions.suffices(new, self.old.version, self.level)

    def verdict(self) -> list[str]:
        """Describe the next version, and that the new release's own is too low, if it is."""
        skipped = "; ".join(self.skipped)
        lines = [f"next version: {self.next_version}{f' ({skipped})' if skipped else ''}"]
        if self.new.version != self.old.version and not self.suffices:
            lines.append(
                f"{self.new.version} is too small for this difference to {self.old.version}"
            )
        return lines

    def rows(self, table: TableDifference, change: What, most: int | None = None) -> Iterator[Row]:
        """Yield the first rows of a table that were added, removed or changed in their data, by key."""
        if table.is_findings:
            yield from _findings(self._connection, table, change, most)
            return
        for pair in table.pairs:
            shown = {c.name for c in pair.columns if not c.of_file}
            if change == "changed":
                shown = {c.name for c in pair.columns if c.is_common and not c.of_file}
            chosen = f"SELECT rowid FROM delta_{pair.at} WHERE data AND change = '{change}' ORDER BY rowid"
            limit = "" if most is None else f" LIMIT {most}"
            query = row_comparison.cells(pair, f"rowid IN ({chosen}{limit})")
            with self._connection.cursor() as cursor:
                found = _fetched(cursor.execute(query))
                for (_, key), group in groupby(found, key=lambda line: line[:2]):
                    cells = tuple(Cell(*line[3:]) for line in group if line[3] in shown)
                    yield Row(change, tuple(json.loads(key)), cells)

    def lines(self) -> Iterator[pa.Table]:
        """Yield every cell that differs, as `rows.CELLS`, table by table in the order of the keys."""
        for table in self.tables:
            for pair in table.pairs:
                yield from row_comparison.lines(self._connection, pair)


def _fetched(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while some := cursor.fetchmany(1000):
        yield from some


def _findings(
    connection: duckdb.DuckDBPyConnection, table: TableDifference, change: What, most: int | None
) -> Iterator[Row]:
    """Yield the findings that were added or removed, wherever they are, by rule and message."""
    sign = {"added": 1, "removed": -1}.get(change, 0)
    names = list(row_comparison.FINDING_FACTS)
    for pair in table.pairs:
        limit = "" if most is None else f"LIMIT {most}"
        query = (
            f"SELECT {', '.join(f'f{at}' for at in range(len(names)))} FROM noticed_{pair.at} "
            f"WHERE sign(n) = {sign} ORDER BY ALL {limit}"
        )
        with connection.cursor() as cursor:
            for values in _fetched(cursor.execute(query)):
                facts = dict(zip(names, values, strict=True))
                key = tuple(facts[name] or "" for name in FINDING_NAMED_BY)
                message = facts["message"]
                old, new = (None, message) if change == "added" else (message, None)
                yield Row(change, key, (Cell("message", old, new),))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
