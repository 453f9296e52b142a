"""Keys of tables for a database: those that hold, and an order in which each table follows those it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from release.access.export.tables import ExportTable
from release.descriptor.model import ForeignKey
from release.findings.message import printable
from release.tables.sql import quote_name

if TYPE_CHECKING:
    import duckdb


@dataclass(slots=True)
class TableKeys:
    """The keys of a table that a database is told: those that hold.

    Attributes:
        table: The table.
        primary: The columns of the primary key.
        required: The columns that have no missing value, of those that must have none.
        unique: The columns of further keys, to which other tables refer.
        foreign: The foreign keys, each to a key of this table or of one that comes before.
    """

    table: ExportTable
    primary: Sequence[str] = ()
    required: frozenset[str] = frozenset()
    unique: list[Sequence[str]] = field(default_factory=list)
    foreign: list[ForeignKey] = field(default_factory=list)


def plan(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[ExportTable]
) -> tuple[list[TableKeys], list[str]]:
    """Return tables in the order in which a database is told of them, and in words the keys left out.

    A key that does not hold is left out, because a release may have warnings about it. So is one that refers
    to a table that is not exported, or that would close a circle of tables.

    Args:
        connection: A database of `query.database` that has the tables.
        tables: The tables.
    """
    keys = {each.name: _own_keys(connection, each) for each in tables}
    notes = [
        f"{name} has no primary key: it does not hold"
        for name, each in keys.items()
        if not each.primary
    ]
    for each in keys.values():
        for foreign in dict.fromkeys(each.table.foreign_keys):
            problem = _problem(connection, each, foreign, keys)
            if problem:
                columns = ", ".join(foreign.fields)
                notes.append(f"{each.table.name} ({columns}) has no foreign key: {problem}")
            else:
                each.foreign.append(_ordered(foreign, keys[foreign.resource]))
    ordered, circles = _order(keys)
    return ordered, [printable(note) for note in (*notes, *circles)]


def _own_keys(connection: duckdb.DuckDBPyConnection, table: ExportTable) -> TableKeys:
    """Return the keys of a table that need no other one."""
    wanted = [each.name for each in table.fields if table.constraints(each).get("required")]
    filled = frozenset(name for name in wanted if _is_filled(connection, table.name, name))
    is_key = bool(table.key) and all(_is_filled(connection, table.name, each) for each in table.key)
    is_key = is_key and _is_unique(connection, table.name, table.key)
    return TableKeys(table, table.key if is_key else (), filled)


def _problem(
    connection: duckdb.DuckDBPyConnection,
    own: TableKeys,
    key: ForeignKey,
    tables: Mapping[str, TableKeys],
) -> str:
    """Return why a database cannot have a foreign key; empty if it can, and the other key is known."""
    target = tables.get(key.resource)
    if target is None:
        return f"{key.resource} is not exported"
    types = [
        [each.values.sql for name in names for each in table.fields if each.name == name]
        for table, names in ((own.table, key.fields), (target.table, key.reference_fields))
    ]
    if any(len(each) != len(key.fields) for each in types):
        return f"a column of it is missing in {own.table.name} or {key.resource}"
    if types[0] != types[1]:
        return f"its columns in {key.resource} have other types"
    if not _refers(connection, own.table.name, key):
        return f"some rows refer to none of {key.resource}"
    known = [target.primary, *target.unique]
    if any(set(each) == set(key.reference_fields) for each in known):
        return ""
    if not _is_unique(connection, target.table.name, key.reference_fields):
        return f"rows of {key.resource} have its columns alike"
    target.unique.append(key.reference_fields)
    return ""


def _ordered(key: ForeignKey, target: TableKeys) -> ForeignKey:
    """Return a foreign key with its columns in the order of the key that it refers to."""
    known = [target.primary, *target.unique]
    order = next(each for each in known if set(each) == set(key.reference_fields))
    own = dict(zip(key.reference_fields, key.fields, strict=True))
    return replace(key, fields=tuple(own[name] for name in order), reference_fields=tuple(order))


def _order(tables: Mapping[str, TableKeys]) -> tuple[list[TableKeys], list[str]]:
    """Return the tables, each behind those it refers to, and in words the keys that this cost."""
    ordered: dict[str, TableKeys] = {}
    notes: list[str] = []
    pending = dict(tables)
    while pending:
        ready = [name for name, each in pending.items() if not _needed(each) & pending.keys()]
        if not ready:
            name, each = next(iter(pending.items()))
            for key in [one for one in each.foreign if one.resource in pending.keys() - {name}]:
                each.foreign.remove(key)
                columns = ", ".join(key.fields)
                notes.append(f"{name} ({columns}) has no foreign key: {key.resource} refers back")
            ready = [name]
        for name in ready:
            ordered[name] = pending.pop(name)
    return list(ordered.values()), notes


def _needed(keys: TableKeys) -> set[str]:
    """Return the other tables that a table refers to."""
    return {each.resource for each in keys.foreign} - {keys.table.name}


def _is_filled(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> bool:
    """Return whether a column has no missing value."""
    query = f"FROM {_main(table)} WHERE {quote_name(column)} IS NULL LIMIT 1"
    return not connection.execute(query).fetchall()


def _is_unique(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> bool:
    """Return whether no two rows have the same values in some columns; missing ones differ."""
    names = ", ".join(map(quote_name, columns))
    filled = " AND ".join(f"{quote_name(each)} IS NOT NULL" for each in columns)
    grouped = f"FROM {_main(table)} WHERE {filled} GROUP BY {names} HAVING count(*) > 1 LIMIT 1"
    return not connection.execute(f"SELECT 1 {grouped}").fetchall()


def _refers(connection: duckdb.DuckDBPyConnection, table: str, key: ForeignKey) -> bool:
    """Return whether each row that has all columns of a foreign key refers to a row."""
    pairs = list(zip(key.fields, key.reference_fields, strict=True))
    same = " AND ".join(f"t.{quote_name(own)} = o.{quote_name(other)}" for own, other in pairs)
    filled = " AND ".join(f"t.{quote_name(own)} IS NOT NULL" for own, _ in pairs)
    joined = f"FROM {_main(table)} t ANTI JOIN {_main(key.resource)} o ON {same}"
    return not connection.execute(f"SELECT 1 {joined} WHERE {filled} LIMIT 1").fetchall()


def _main(table: str) -> str:
    return f"main.{quote_name(table)}"
