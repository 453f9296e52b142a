"""Find keys and fields that were probably renamed: everything but the name is equal."""

# ruff: noqa: S608 — queries are made of numbered columns and tables only

from __future__ import annotations

from collections.abc import Container, Iterator

import duckdb

from release.diff.pair import Pair
from release.syntax.looks.appearance import appearance, caseless
from release.syntax.looks.contrast import tell_apart

#: So many probable renames are named of a table.
_MOST = 5

#: So many values of a key field that came or went are compared by how they look.
_COMPARED = 10_000


def renamed_keys(connection: duckdb.DuckDBPyConnection, pair: Pair) -> list[str]:
    """Return the removed values of a key field that seem to have become an added one.

    All rows of such a value exist under the other one, or both values look alike. Rows that hold nothing but
    their key say nothing of the former.
    """
    came_and_went = "SELECT count(DISTINCT change) = 2 FROM delta_{} WHERE change <> 'changed'"
    if connection.execute(came_and_went.format(pair.at)).fetchall() != [(True,)]:
        return []
    data = [at for at, column in enumerate(pair.columns) if column.is_common and not column.of_file]
    hints = []
    for at, name in enumerate(pair.one.key):
        moved = connection.execute(_moved(pair, at, data)).fetchall() if data else []
        for old, new, rows in moved:
            one, other = tell_apart(old, new)
            same = f"the same in {rows:,} row{'' if rows == 1 else 's'}"
            hints.append(f"{name} {one} looks renamed to {other}: {same}")
        known = {value for old, new, _ in moved for value in (old, new)}
        for old, new, how in _respelled(connection, pair, at, known):
            one, other = tell_apart(old, new)
            hints.append(f"{name} {one}, which is gone, {how} {other}, which is new")
    return hints


def _respelled(
    connection: duckdb.DuckDBPyConnection, pair: Pair, at: int, known: Container[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield the removed values of a key field that look like an added one, that value, and how they do."""
    query = (
        f"SELECT DISTINCT k{at}::VARCHAR FROM delta_{pair.at} WHERE change = ? AND k{at} IS NOT NULL "
        f"ORDER BY 1 LIMIT {_COMPARED}"
    )
    gone, come = (
        [value for (value,) in connection.execute(query, [change]).fetchall() if value not in known]
        for change in ("removed", "added")
    )
    staying = set(gone) & set(come)
    for fold, how in ((appearance, "looks the same as"), (caseless, "differs only in case from")):
        by_look = {fold(value): value for value in come if value not in staying}
        twins = [(old, by_look[fold(old)]) for old in gone if fold(old) in by_look]
        twins = [(old, new) for old, new in twins if old not in staying]
        yield from ((old, new, how) for old, new in twins[:_MOST])
        staying |= {value for twin in twins for value in twin}


def _moved(pair: Pair, at: int, data: list[int]) -> str:
    """Return a query for old and new values of a key field whose rows are otherwise equal, and their number.

    Both values have no rows in the other release, and no second value has the same rows.
    """
    others = [f"k{other}" for other in range(len(pair.one.key)) if other != at]
    place = {name: f"c{i}" for i, name in enumerate(pair.tables[0][1].types)}
    there = {name: f"c{i}" for i, name in enumerate(pair.tables[1][1].types)}
    name = pair.one.key[at]

    def side(letter: str, change: str, column: str) -> str:
        rest = ", ".join([*others, *(f"{letter}{i}" for i in data)])
        some = f"coalesce({', '.join(f'{letter}{i}::VARCHAR' for i in data)}) IS NOT NULL"
        return (
            "SELECT k, d.n, s FROM ("
            f"SELECT k{at}::VARCHAR AS k, count(*) AS n, sum(hash({rest})) AS s, bool_or({some}) AS held "
            f"FROM delta_{pair.at} WHERE change = '{change}' GROUP BY k) d JOIN "
            f"(SELECT {column}::VARCHAR AS k, count(*) AS n FROM {letter}_{pair.at} GROUP BY k) t "
            "USING (k) WHERE held AND d.n = t.n"
        )

    old = side("o", "removed", place[name])
    new = side("n", "added", there[name])
    once = "QUALIFY count(*) OVER (PARTITION BY n, s) = 1"
    return (
        f"SELECT o.k, n.k, o.n FROM (SELECT * FROM ({old}) {once}) o "
        f"JOIN (SELECT * FROM ({new}) {once}) n USING (n, s) ORDER BY o.k LIMIT {_MOST}"
    )


def renamed_fields(connection: duckdb.DuckDBPyConnection, pair: Pair) -> list[str]:
    """Return the removed fields that equal an added one in type and in the values of all rows."""
    return [
        f"{old} looks renamed to {new}: the same values in every row that both tables have"
        for old, new, o, n in _candidates(pair)
        if connection.execute(
            f"SELECT bool_and(o{o} IS NOT DISTINCT FROM n{n}) AND bool_or(o{o} IS NOT NULL) "
            f"FROM delta_{pair.at} WHERE change = 'changed'"
        ).fetchall()
        == [(True,)]
    ][:_MOST]


def _candidates(pair: Pair) -> Iterator[tuple[str, str, int, int]]:
    columns = list(enumerate(pair.columns))
    for o, old in columns:
        for n, new in columns:
            if old.new is None and new.old is None and old.old == new.new:
                yield old.name, new.name, o, n
