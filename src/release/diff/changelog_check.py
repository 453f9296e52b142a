"""Hold changes.csv and changes.json against the tables of their release."""

# ruff: noqa: S608 — queries are made of numbered columns; names stand in them as quoted text only

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from release.diff import release as diff_release
from release.diff import row_comparison, sql
from release.diff.release import Table
from release.findings.errors import RefusedError
from release.findings.message import shown
from release.syntax.json import parse_json
from release.system import files
from release.tables.sql import quote_text

#: The two files.
SUMMARY, CELLS = "changes.json", "changes.csv"

#: So many wrong lines are named of a table.
_MOST = 5

_COUNTS = ("old", "new", "added", "removed")


def faults(folder: Path) -> list[str]:
    """Find where the two files contradict the tables in the folder of a release.

    Each new value of changes.csv is the one in the table, what was removed is not there, and the counts of
    changes.json are those of changes.csv and of the tables. What the old values were, only the version
    before knows.

    Raises:
        RefusedError: the release is not what its descriptor says.
    """
    release = diff_release.read(folder, holding=False)
    try:
        recorded = parse_json(files.read(folder / SUMMARY))
        digests = {name: about["new"] for name, about in recorded["tables"].items()}
        counts = {
            name: {key: int(about["rows"][key]) for key in _COUNTS}
            for name, about in recorded["tables"].items()
        }
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        return [f"{SUMMARY}: cannot be read: {sql.brief(error)}"]
    found = []
    if recorded.get("version") != release.version:
        version = shown(recorded.get("version"))
        found.append(f"{SUMMARY}: version is {version}, expected {release.version}")
    with sql.connect() as connection:
        try:
            _load(connection, folder / CELLS)
        except (OSError, pa.ArrowException, duckdb.Error) as error:
            return [*found, f"{CELLS}: cannot be read: {sql.brief(error)}"]
        if recorded.get("from") is None:
            return [*found, *_nothing(connection)]
        for name, digest in digests.items():
            table = release.tables.get(name)
            if digest != (table.hash if table else None):
                message = f"new of {name} is {shown(digest)}, which is not the table's hash"
                found.append(f"{SUMMARY}: {message}")
            found += _counts(connection, name, table, counts[name])
            found += _lines(connection, name, table) if table else ()
        found += _strangers(connection, set(counts))
    return found


def _load(connection: duckdb.DuckDBPyConnection, cells: Path) -> None:
    """Load the lines as the table `lines`."""
    with sql.csv(
        cells, dict(zip(row_comparison.CELLS.names, row_comparison.CELLS.types, strict=True))
    ) as reader:
        if reader.schema != row_comparison.CELLS:
            found = ", ".join(reader.schema.names)
            raise pa.ArrowInvalid(
                f"has the columns {found}, expected {', '.join(row_comparison.CELLS.names)}"
            )
        connection.register("file", reader)
        connection.execute("CREATE TABLE lines AS SELECT * FROM file")
        connection.unregister("file")


def _nothing(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    ((number,),) = connection.execute("SELECT count(*) FROM lines").fetchall()
    if number:
        yield f"{SUMMARY}: is of a first release, while {CELLS} has {number:,} lines"


def _strangers(connection: duckdb.DuckDBPyConnection, known: set[str]) -> Iterator[str]:
    found = connection.execute('SELECT DISTINCT "table" FROM lines ORDER BY ALL').fetchall()
    for (name,) in found:
        if name not in known:
            yield f"{CELLS}: has lines of {name}, which is no table of either version"


def _of(table: str) -> str:
    """Return the lines of one table."""
    return f"(SELECT * FROM lines WHERE \"table\" = '{quote_text(table)}')"


def _counts(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    table: Table | None,
    recorded: Mapping[str, int],
) -> Iterator[str]:
    """Find the counts of a table that differ from its rows and lines."""
    query = (
        "SELECT count(DISTINCT key) FILTER (change = 'added'), "
        f"count(DISTINCT key) FILTER (change = 'removed') FROM {_of(name)}"
    )
    ((added, removed),) = connection.execute(query).fetchall()
    rows = sql.length(connection, table) if table else 0
    if recorded["new"] != rows:
        yield f"{SUMMARY}: {name} has {recorded['new']:,} rows now, the table has {rows:,}"
    if recorded["old"] + added - removed != recorded["new"]:
        yield (
            f"{SUMMARY}: says that {name} had {recorded['old']:,} rows and has {recorded['new']:,}, "
            f"while {CELLS} adds {added:,} and removes {removed:,}"
        )
    if not (table and table.is_findings) and (recorded["added"], recorded["removed"]) != (
        added,
        removed,
    ):
        yield (
            f"{SUMMARY}: {recorded['added']:,} rows of {name} were added and {recorded['removed']:,} "
            f"removed, {CELLS} has {added:,} and {removed:,}"
        )


def _lines(connection: duckdb.DuckDBPyConnection, name: str, table: Table) -> Iterator[str]:
    """Find the lines that contradict a table's rows."""
    sql.view(connection, table, "there")
    try:
        _long(connection, table, _of(name))
        for key, field, wanted, found in connection.execute(_wrong(_of(name))).fetchall():
            yield f"{CELLS}: {name} {key} {field or '(the row)'} is {wanted!r}, the table has {found!r}"
    except duckdb.Error as error:
        raise RefusedError(f"the table {name} cannot be read: {sql.brief(error)}") from error
    finally:
        connection.execute(
            "DROP VIEW there; DROP TABLE IF EXISTS there_read; DROP TABLE IF EXISTS there_cells"
        )


def _long(connection: duckdb.DuckDBPyConnection, table: Table, lines: str) -> None:
    """Load the cells of the rows that the lines name as `there_cells`; each row has one without a field."""
    place = {name: f"c{at}" for at, name in enumerate(table.types)}
    key = ", ".join(f"{place[name]}::VARCHAR" for name in table.key)
    entries = ["{'field': NULL, 'value': NULL}"] + [
        f"{{'field': '{quote_text(name)}', 'value': {column}::VARCHAR}}"
        for name, column in place.items()
        if name not in table.key
    ]
    connection.execute(
        f"CREATE TABLE there_cells AS SELECT key, unnest([{', '.join(entries)}], recursive := true) "
        f"FROM (SELECT json_array({key})::VARCHAR AS key, * FROM there) "
        f"WHERE key IN (SELECT key FROM {lines})"
    )


def _wrong(lines: str) -> str:
    """Return a query for cells in which the lines and the table differ."""
    gone = f"SELECT DISTINCT key FROM {lines} WHERE change = 'removed'"
    come = f"SELECT DISTINCT key FROM {lines} WHERE change = 'added'"
    return (
        "WITH cells AS (SELECT key, field, value FROM there_cells), "
        f"recorded AS (SELECT key, field, new FROM {lines} WHERE change <> 'removed') "
        "SELECT s.key, s.field, s.new, c.value FROM recorded s LEFT JOIN cells c "
        "ON s.key = c.key AND s.field IS NOT DISTINCT FROM c.field "
        "WHERE s.new IS DISTINCT FROM c.value OR (c.key IS NULL AND s.new IS NOT NULL) "
        f"UNION ALL SELECT c.key, c.field, NULL, c.value FROM cells c JOIN ({come}) USING (key) "
        "LEFT JOIN recorded s ON s.key = c.key AND s.field IS NOT DISTINCT FROM c.field "
        "WHERE c.value IS NOT NULL AND s.key IS NULL "
        "UNION ALL SELECT k.key, NULL, NULL, 'it' FROM "
        f"(({gone}) EXCEPT ({come})) k JOIN cells c ON k.key = c.key AND c.field IS NULL "
        f"UNION ALL SELECT k.key, NULL, 'it', NULL FROM (SELECT DISTINCT key FROM recorded) k "
        "LEFT JOIN cells c ON k.key = c.key AND c.field IS NULL WHERE c.key IS NULL "
        f"ORDER BY ALL LIMIT {_MOST}"
    )
