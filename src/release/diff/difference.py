"""The difference between two releases, and the version that it calls for."""

# ruff: noqa: S608 — queries are made of numbered columns and tables only

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import duckdb
import pyarrow as pa

from release.diff import row_comparison
from release.diff.changes import Change
from release.diff.release import Release
from release.diff.row_comparison import What
from release.diff.table_difference import Cell, Row, TableDifference
from release.syntax import versions
from release.syntax.versions import Level

#: What happens to rows, in the order in which it is shown.
SHOWN: tuple[What, ...] = ("removed", "changed", "added")

#: Ends the reason where only files differ.
UNCHANGED = "data unchanged"

#: Fields that name a finding in place of its key, which is a location.
FINDING_NAMED_BY = ("rule", "table", "key", "field")


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
    def none_found(self) -> str:
        """The words for a difference of the level `none`."""
        within = any(table.rows.within for table in self.tables)
        return "no difference, but within tolerance" if within else "no difference"

    @property
    def level(self) -> Level:
        """The level that the difference calls for, by the table in docs/how-to/versions.md."""
        return versions.highest(level for level, _ in self.reasons())

    @property
    def next_version(self) -> str:
        """The smallest version that may carry this difference to the old release and is not taken."""
        return self._following()[0]

    @property
    def skipped(self) -> list[str]:
        """The reasons why lower versions that would suffice are not the next one."""
        return self._following()[1]

    def _following(self) -> tuple[str, list[str]]:
        """Return the smallest version that may carry this difference, and why lower ones are taken."""
        scheme, old = self.new.scheme, self.old.version
        first = versions.next_version(old, self.level, scheme)
        if scheme == "calendar" and not versions.parse(old).is_date:
            first = versions.next_of_day(self.new.created[: len("2026-11-30")], old)
        return versions.next_free(first, self.taken, scheme)

    @property
    def suffices(self) -> bool:
        """True if the new release's version is high enough; that of a draft always is."""
        new = self.new.version
        is_draft = versions.is_draft(new)
        return is_draft or versions.suffices(new, self.old.version, self.level, self.new.scheme)

    def verdict(self) -> list[str]:
        """Describe the next version, and that the new release's own is too low, if it is."""
        skipped = "; ".join(self.skipped)
        later = " or a later day" if self.new.scheme == "calendar" else ""
        lines = [f"next version: {self.next_version}{later}{f' ({skipped})' if skipped else ''}"]
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
                    told = (line[3:] for line in group if line[2] != "within")
                    cells = tuple(Cell(*line) for line in told if line[0] in shown)
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
