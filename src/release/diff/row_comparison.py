"""Compare the rows of two tables by primary key, in DuckDB over their files."""

# ruff: noqa: S608 — queries are made of numbered columns; names stand in them as quoted text only

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

import duckdb
import pyarrow as pa

from release.diff import sql
from release.diff.pair import Pair, differs, is_within, matters
from release.syntax.types.value_type import ValueType
from release.system.limits import LIMITS, Limits
from release.tables.sql import quote_text

#: What happened to a row, or to a cell of a row that both tables have. `rewritten` is a cell that
#: speaks of a record's file, `within` one whose numbers differ within the tolerance of its field.
What = Literal["added", "removed", "changed", "rewritten", "within"]

#: One line per cell, as `changes.csv` has it. `key` is a JSON list of the key's values; those, `old` and
#: `new` are texts as in the tables' CSV. A row that holds nothing but its key has one line without a field.
CELLS = pa.schema(
    [(name, pa.string()) for name in ("table", "key", "change", "field", "old", "new")]
)

#: So many lines of a result are held at once.
_BATCH = 1 << 16


def compare(connection: duckdb.DuckDBPyConnection, pair: Pair, limits: Limits = LIMITS) -> None:
    """Make the table `delta_N` of the rows that differ, in the order of the key.

    Its columns: `rowid` numbers the rows; `change` is what happened to the row; `data` whether that is a
    matter of data; `k0` … are the key's values; `o0`, `n0` … the old and new value of each of the columns.

    Raises:
        RefusedError: a file is not what the descriptor says of it.
    """
    for letter, table in pair.tables:
        sql.view(connection, table, f"{letter}_{pair.at}", limits.csv_line)
    keys = [f"k{at}" for at in range(len(pair.one.key))]
    query = _joined(pair, keys) if len(pair.tables) > 1 else _whole(pair, keys)
    with sql.naming_table(pair.one.name):
        connection.execute(
            f"CREATE TABLE delta_{pair.at} AS SELECT * FROM ({query}) ORDER BY {_order(pair, keys)}"
        )


def _order(pair: Pair, keys: Sequence[str]) -> str:
    """Return the order of a table's rows: by key, numbers and times as such, text by code point."""
    kinds = [pair.one.types[name] for name in pair.one.key]
    return ", ".join(
        f"TRY_CAST(rtrim({key}, 'Z') AS {kind.order}), {key}" if sql.is_read_as_text(kind) else key
        for key, kind in zip(keys, kinds, strict=True)
    )


# which rows differ


def _joined(pair: Pair, keys: Sequence[str]) -> str:
    """Return a query for the rows that differ between two tables."""
    columns = list(enumerate(pair.columns))
    data = [matters(at, c) for at, c in columns if c.is_common and not c.of_file]
    values = [f"coalesce(n.{key}, o.{key}) AS {key}" for key in keys]
    values += [f"{side}.{side}{at}" for side in "on" for at, _ in columns]
    one = "o.here IS NULL OR n.here IS NULL"
    return (
        "SELECT CASE WHEN o.here IS NULL THEN 'added' WHEN n.here IS NULL THEN 'removed' "
        f"ELSE 'changed' END AS change, {' OR '.join([one, *data])} AS data, {', '.join(values)} "
        f"FROM ({_side(pair, 'o', keys)}) o FULL OUTER JOIN ({_side(pair, 'n', keys)}) n "
        f"ON {' AND '.join(f'o.{key} = n.{key}' for key in keys)} "
        f"WHERE {' OR '.join([one, *(differs(*each) for each in columns)])}"
    )


def _whole(pair: Pair, keys: Sequence[str]) -> str:
    """Return a query for all rows of a table that was added or removed."""
    ((side, _),) = pair.tables
    change = "added" if side == "n" else "removed"
    other = "o" if side == "n" else "n"
    values = [f"'{change}' AS change", "true AS data", "* EXCLUDE here"]
    values += [f"NULL::VARCHAR AS {other}{at}" for at in range(len(pair.columns))]
    return f"SELECT {', '.join(values)} FROM ({_side(pair, side, keys)})"


def _side(pair: Pair, side: str, keys: Sequence[str]) -> str:
    """Return a query for one table of a pair: its key as k0 …, its values as o0 … or n0 …, and `here`.

    What the two tables hold as different types is compared as text, and as a number if both are numbers.
    """
    table = dict(pair.tables)[side]
    place = {name: f"c{at}" for at, name in enumerate(table.types)}
    kinds = [{t.types[name] for _, t in pair.tables} for name in pair.one.key]
    values = [
        f"{_as(place[name], kind)} AS {key}"
        for key, name, kind in zip(keys, pair.one.key, kinds, strict=True)
    ]
    for at, column in enumerate(pair.columns):
        text = place.get(column.name)
        both = {kind for kind in (column.old, column.new) if kind is not None}
        values.append(f"{_as(text, both) if text else 'NULL::VARCHAR'} AS {side}{at}")
    return f"SELECT {', '.join(values)}, true AS here FROM {side}_{pair.at}"


def _as(column: str, kinds: Collection[ValueType]) -> str:
    """Return a column as it is compared with one of another type, if there are several."""
    return column if len(kinds) == 1 else f"{column}::VARCHAR"


# what became of them


def cells(pair: Pair, where: str = "true") -> str:
    """Return a query for the lines of a pair's rows, as CELLS without the table, by row and field.

    `where` chooses among the rows of `delta_N`.
    """
    entries = [
        f"{{'i': {at}, 'field': '{quote_text(column.name)}', "
        f"'old': o{at}::VARCHAR, 'new': n{at}::VARCHAR, 'f': {str(column.of_file).lower()}, "
        f"'d': {differs(at, column)}, 'w': {is_within(at, column)}}}"
        for at, column in enumerate(pair.columns)
    ]
    alone = "{'i': -1, 'field': NULL, 'old': NULL, 'new': NULL, 'f': false, 'd': true, 'w': false}"
    values = [f"o{at}" for at in range(len(entries))] + [f"n{at}" for at in range(len(entries))]
    bare = (
        f"coalesce({', '.join(f'{value}::VARCHAR' for value in values)}) IS NULL"
        if values
        else "true"
    )
    key = ", ".join(f"k{at}::VARCHAR" for at in range(len(pair.one.key)))
    rows = (
        f"SELECT rowid AS r, json_array({key})::VARCHAR AS key, change, "
        f"unnest(CASE WHEN {bare} THEN [{alone}] ELSE [{', '.join(entries or [alone])}] END, "
        f"recursive := true) FROM delta_{pair.at} WHERE {where}"
    )
    what = (
        "CASE WHEN change = 'changed' AND f THEN 'rewritten' "
        "WHEN change = 'changed' AND w THEN 'within' ELSE change END"
    )
    return (
        f"SELECT r, key, {what} AS change, field, old, new FROM ({rows}) "
        "WHERE field IS NULL OR d ORDER BY r, i"
    )


def lines(connection: duckdb.DuckDBPyConnection, pair: Pair) -> Iterator[pa.Table]:
    """Yield the lines of a pair's rows as CELLS, some at a time."""
    name = quote_text(pair.one.name)
    query = f"SELECT '{name}' AS \"table\", * EXCLUDE r FROM ({cells(pair)})"
    with connection.cursor() as cursor:
        reader: pa.RecordBatchReader = cursor.sql(query).to_arrow_reader(_BATCH)
        for batch in reader:
            yield pa.Table.from_batches([batch]).cast(CELLS)


# how many


def counts(connection: duckdb.DuckDBPyConnection, pair: Pair) -> list[int]:
    """Count the rows added, removed, changed in data, rewritten, and changed within tolerance.

    Then the changed cells of each field.
    """
    common = [(at, column) for at, column in enumerate(pair.columns) if column.is_common]
    of_file = " OR ".join(
        [differs(at, column) for at, column in common if column.of_file] or ["false"]
    )
    within = " OR ".join(
        [f"{differs(at, c)} AND {is_within(at, c)}" for at, c in common if c.tolerance] or ["false"]
    )
    conditions = [
        "change = 'added'",
        "change = 'removed'",
        "change = 'changed' AND data",
        f"change = 'changed' AND NOT data AND ({of_file})",
        f"change = 'changed' AND ({within})",
        *(f"change = 'changed' AND {matters(at, c)}" for at, c in common if not c.of_file),
    ]
    query = ", ".join(f"count(*) FILTER ({condition})" for condition in conditions)
    ((*numbers,),) = connection.execute(f"SELECT {query} FROM delta_{pair.at}").fetchall()
    return numbers


#: What a finding says, wherever it stands: its place is a matter of files.
FINDING_FACTS = ("rule", "field", "severity", "table", "key", "message")


def noticed(connection: duckdb.DuckDBPyConnection, pair: Pair) -> tuple[int, int, int]:
    """Count the findings that were added and removed, wherever they are, and the rows that differ.

    Makes the table `noticed_N`, whose columns f0 … are FINDING_FACTS and `n` how many more there are.
    Findings about a whole file (field `*`), such as on its line ends, are left out.
    """
    keys, names = pair.one.key, [column.name for column in pair.columns]

    def facts(side: str) -> str:
        return ", ".join(
            f"{f'k{keys.index(name)}' if name in keys else f'{side}{names.index(name)}'} AS f{at}"
            for at, name in enumerate(FINDING_FACTS)
        )

    aliases = ", ".join(f"f{at}" for at in range(len(FINDING_FACTS)))
    table = f"delta_{pair.at}"
    connection.execute(
        f"CREATE TABLE noticed_{pair.at} AS SELECT {aliases}, sum(w) AS n FROM ("
        f"SELECT {facts('o')}, -1 AS w FROM {table} WHERE change <> 'added' UNION ALL "
        f"SELECT {facts('n')}, 1 AS w FROM {table} WHERE change <> 'removed') "
        f"WHERE f1 <> '*' GROUP BY ALL HAVING sum(w) <> 0"
    )
    query = (
        "SELECT coalesce(sum(n) FILTER (n > 0), 0)::BIGINT, coalesce(-sum(n) FILTER (n < 0), 0)::BIGINT, "
        f"(SELECT count(*) FROM {table}) FROM noticed_{pair.at}"
    )
    ((added, removed, touched),) = connection.execute(query).fetchall()
    return added, removed, touched
