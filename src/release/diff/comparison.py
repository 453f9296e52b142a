"""Compare two releases by primary key, and find the version that the difference calls for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb

from release.diff import changes, renames, row_comparison, sql
from release.diff import release as diff_release
from release.diff.difference import Difference, Files
from release.diff.pair import Pair, find_pairs
from release.diff.release import Release, Table
from release.diff.table_difference import RowCounts, TableDifference
from release.findings.errors import RefusedError
from release.package.checksums import sha256_of
from release.system.limits import LIMITS, Limits


@contextmanager
def compare(
    old: Path | Release | str,
    new: Path | Release | str,
    *,
    taken: Mapping[str, str] | None = None,
    limits: Limits = LIMITS,
) -> Iterator[Difference]:
    """Compare two released folders; tables whose CSV has the same digest are not read.

    `taken` are versions that the next one cannot be, each with the reason in words. Memory is
    bounded: rows are compared in DuckDB, which spills to disk, and are read from there when asked for.

    The tables of a folder are held first; see `release.read`.

    Raises:
        UsageError: a folder holds no release.
        FindingsError: a table or the manifest of a folder cannot be trusted.
        RefusedError: a release is not what its descriptor and SHA256SUMS say.
    """
    one, other = _read(old, limits), _read(new, limits)
    with sql.connect(limits) as connection:
        make = partial(_table, connection, limits)
        tables, at = [], 0
        for name in [*other.tables, *(name for name in one.tables if name not in other.tables)]:
            was, now = one.tables.get(name), other.tables.get(name)
            if not _is_same(was, now):
                _check(one, was)
                _check(other, now)
            table = make(Pair(at, was, now), name)
            tables.append(table)
            at += len(table.pairs)
        of_package = tuple(changes.of_package(one, other))
        files = _files(one, other)
        yield Difference(one, other, of_package, tuple(tables), files, connection, taken or {})


def _read(release: Path | Release | str, limits: Limits = LIMITS) -> Release:
    if isinstance(release, Release):
        return release
    return diff_release.read(Path(release), limits=limits)


def counted(release: Path | Release) -> tuple[Release, dict[str, int]]:
    """Return a release, and the number of rows of each of its tables."""
    known = _read(release)
    with sql.connect() as connection:
        return known, {name: sql.length(connection, each) for name, each in known.tables.items()}


def _files(old: Release, new: Release) -> Files:
    """Compare the files that both releases say they were made from."""
    if not old.sources or not new.sources:
        return Files()
    return Files(
        tuple(sorted(new.sources.keys() - old.sources.keys())),
        tuple(sorted(old.sources.keys() - new.sources.keys())),
        tuple(
            path
            for path in sorted(new.sources.keys() & old.sources.keys())
            if new.sources[path] != old.sources[path]
        ),
    )


def _is_same(old: Table | None, new: Table | None) -> bool:
    """Return whether a table is the same in both releases, by their manifests."""
    if old is None or new is None:
        return False
    return old.hash == new.hash and old.types == new.types and old.key == new.key


def _check(release: Release, table: Table | None) -> None:
    """Hold the CSV of a table against SHA256SUMS, if there is one, where the release was not held whole."""
    if table is None or table.parquet:
        return
    listed = release.listed.get(table.csv.relative_to(release.folder).as_posix())
    if listed and sha256_of(table.csv) != listed:
        raise RefusedError(
            f"{table.csv}: is not the file that SHA256SUMS lists, so it is not compared; "
            "`release verify` shows all that is wrong with the release"
        )


def _table(
    connection: duckdb.DuckDBPyConnection, limits: Limits, both: Pair, name: str
) -> TableDifference:
    old, new = both.old, both.new
    of_schema = tuple(changes.of_table(old, new)) if old and new else ()
    length = partial(sql.length, connection, line=limits.csv_line)
    if old is not None and new is not None and _is_same(old, new):
        # the rows of Parquet are counted without reading it
        count = length(new if new.parquet else old)
        return TableDifference(name, old, new, of_schema, RowCounts(count, count), {}, ())
    rows = RowCounts(*(length(each) if each else 0 for each in (old, new)))
    pairs = find_pairs(old, new, both.at)
    cells: dict[str, int] = {}
    found: list[str] = []
    for pair in pairs:
        row_comparison.compare(connection, pair, limits)
        if old and new and old.is_findings and new.is_findings:
            rows = _noticed(connection, pair, rows)
        else:
            rows, changed = _counted(connection, pair, rows)
            cells |= changed
            found += renames.renamed_keys(connection, pair) + renames.renamed_fields(
                connection, pair
            )
    return TableDifference(name, old, new, of_schema, rows, cells, tuple(found), tuple(pairs))


def _noticed(connection: duckdb.DuckDBPyConnection, pair: Pair, rows: RowCounts) -> RowCounts:
    """Count the findings that were added, removed and moved."""
    added, removed, lines = row_comparison.noticed(connection, pair)
    return replace(rows, added=added, removed=removed, rewritten=max(lines - added - removed, 0))


def _counted(
    connection: duckdb.DuckDBPyConnection, pair: Pair, rows: RowCounts
) -> tuple[RowCounts, dict[str, int]]:
    """Count the rows of a pair that were added, removed and changed, and the changed cells by field."""
    added, removed, changed, rewritten, within, *cells = row_comparison.counts(connection, pair)
    common = [c.name for c in pair.columns if c.is_common and not c.of_file]
    rows = replace(
        rows,
        added=rows.added + added,
        removed=rows.removed + removed,
        changed=rows.changed + changed,
        rewritten=rows.rewritten + rewritten,
        within=rows.within + within,
    )
    return rows, {name: n for name, n in zip(common, cells, strict=True) if n}
