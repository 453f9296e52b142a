"""Compare the rows of two tables by primary key, in DuckDB over their files."""

# ruff: noqa: S608 — queries are made of numbered columns; names stand in them as quoted text only

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb
import pyarrow as pa

from release.diff import sql
from release.diff.release import Table
from release.limits import LIMITS, Limits
from release.syntax.types.value_type import ValueType
from release.tables.sql import quote_text

#: What happened to a row, or to a cell of a row that both tables have. `rewritten` is a cell that
#: speaks of a record's file.
What = Literal["added", "removed", "changed", "rewritten"]

#: One line per cell, as `changes.csv` has it. `key` is a JSON list of the key's values; those, `old` and
#: `new` are texts as in the tables' CSV. A row that holds nothing but its key has one line without a field.
CELLS = pa.schema(
    [(name, pa.string()) for name in ("table", "key", "change", "field", "old", "new")]
)

#: So many lines of a result are held at once.
_BATCH = 1 << 16


@dataclass(frozen=True, slots=True)
class ComparedField:
    """A field besides the key: its type in the old and in the new table; None in a table that lacks it."""

    name: str
    old: ValueType | None
    new: ValueType | None
    of_file: bool

    @property
    def is_common(self) -> bool:
        """True if both tables have the field."""
        return self.old is not None and self.new is not None


@dataclass(frozen=True, slots=True)
class Pair:
    """The old and the new form of a table with the same key fields, or one of them; `at` is its number."""

    at: int
    old: Table | None
    new: Table | None

    @property
    def one(self) -> Table:
        """The new table, or the old one if there is no new one."""
        table = self.new or self.old
        assert table is not None
        return table

    @property
    def tables(self) -> tuple[tuple[str, Table], ...]:
        """The tables that there are, with `o` for the old one and `n` for the new."""
        return tuple((name, t) for name, t in (("o", self.old), ("n", self.new)) if t)

    @property
    def columns(self) -> tuple[ComparedField, ...]:
        """The fields besides the key: those of the new table in order, then those only the old one has."""
        old = self.old.types if self.old else {}
        new = self.new.types if self.new else {}
        of_files = frozenset[str]().union(*(table.of_files for _, table in self.tables))
        return tuple(
            ComparedField(name, old.get(name), new.get(name), name in of_files)
            for name in [*new, *(name for name in old if name not in new)]
            if name not in self.one.key
        )


def pairs(old: Table | None, new: Table | None, at: int) -> list[Pair]:
    """Return the pairs of tables to compare, numbered from `at`.

    Where the key changed, no row can be known as the same: all are removed, then all added.
    """
    if old and new and set(old.key) != set(new.key):
        return [Pair(at, old, None), Pair(at + 1, None, new)]
    return [Pair(at, old, new)]


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
    data = [
        _differs(at, column) for at, column in columns if column.is_common and not column.of_file
    ]
    values = [f"coalesce(n.{key}, o.{key}) AS {key}" for key in keys]
    values += [f"{side}.{side}{at}" for side in "on" for at, _ in columns]
    one = "o.here IS NULL OR n.here IS NULL"
    return (
        "SELECT CASE WHEN o.here IS NULL THEN 'added' WHEN n.here IS NULL THEN 'removed' "
        f"ELSE 'changed' END AS change, {' OR '.join([one, *data])} AS data, {', '.join(values)} "
        f"FROM ({_side(pair, 'o', keys)}) o FULL OUTER JOIN ({_side(pair, 'n', keys)}) n "
        f"ON {' AND '.join(f'o.{key} = n.{key}' for key in keys)} "
        f"WHERE {' OR '.join([one, *(_differs(*each) for each in columns)])}"
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


def _differs(at: int, column: ComparedField) -> str:
    """Return the condition that the values of a field differ; 1.50 of a decimal is 1.5 of another number."""
    values = [f"o{at}", f"n{at}"]
    names = {kind.name for kind in (column.old, column.new) if kind is not None}
    if column.is_common and column.old != column.new and names == {"number"}:
        values = [_shortest(value) for value in values]
    return f"{values[0]} IS DISTINCT FROM {values[1]}"


def _shortest(text: str) -> str:
    """Return the text of a number without the zeros that change nothing, and without an exponent."""
    digits = f"coalesce(TRY_CAST({text} AS DECIMAL(38, 19))::VARCHAR, {text})"
    digits = f"CASE WHEN contains({text}, 'e') THEN {digits} ELSE {text} END"
    return (
        f"CASE WHEN contains({digits}, '.') THEN rtrim(rtrim({digits}, '0'), '.') ELSE {digits} END"
    )


# what became of them


def cells(pair: Pair, where: str = "true") -> str:
    """Return a query for the lines of a pair's rows, as CELLS without the table, by row and field.

    `where` chooses among the rows of `delta_N`.
    """
    entries = [
        f"{{'i': {at}, 'field': '{quote_text(column.name)}', "
        f"'old': o{at}::VARCHAR, 'new': n{at}::VARCHAR, 'f': {str(column.of_file).lower()}, "
        f"'d': {_differs(at, column)}}}"
        for at, column in enumerate(pair.columns)
    ]
    alone = "{'i': -1, 'field': NULL, 'old': NULL, 'new': NULL, 'f': false, 'd': true}"
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
    what = "CASE WHEN change = 'changed' AND f THEN 'rewritten' ELSE change END"
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
    """Count the rows added, removed, changed in data and rewritten, then the changed cells of each field."""
    common = [(at, column) for at, column in enumerate(pair.columns) if column.is_common]
    of_file = " OR ".join(
        [_differs(at, column) for at, column in common if column.of_file] or ["false"]
    )
    conditions = [
        "change = 'added'",
        "change = 'removed'",
        "change = 'changed' AND data",
        f"change = 'changed' AND NOT data AND ({of_file})",
        *(
            f"change = 'changed' AND {_differs(at, column)}"
            for at, column in common
            if not column.of_file
        ),
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
