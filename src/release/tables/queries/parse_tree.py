"""The parse tree of a query, as DuckDB gives it in JSON: what it calls and reads, and where."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import orjson

#: DuckDB's location of what does not stand in the query, but was made of it.
NOWHERE = (1 << 64) - 1


class TooDeepError(Exception):
    """A query whose expressions are nested too deeply to be read."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name in a query, and its offset in the query's UTF-8; NOWHERE if it has none.

    `is_ordered` is true for a call of an aggregate with an ORDER BY of its own.
    """

    name: str
    location: int
    is_ordered: bool = False


@dataclass(frozen=True, slots=True)
class NamedTable:
    """A table in a query by its name as written, such as `information_schema.columns`."""

    name: str
    location: int
    has_alias: bool


@dataclass(frozen=True, slots=True)
class ParseTree:
    """The parts of a query that matter.

    Attributes:
        calls: The functions that are called in expressions.
        table_calls: The functions that are called as tables.
        tables: The tables, without common table expressions.
        clauses: The clauses that choose or join rows: SAMPLE, LIMIT, DISTINCT ON, ASOF, POSITIONAL,
            USING KEY; and SHOW, which stands for DESCRIBE and SUMMARIZE, too.
    """

    calls: tuple[Named, ...]
    table_calls: tuple[Named, ...]
    tables: tuple[NamedTable, ...]
    clauses: tuple[Named, ...]

    def locate_clause(self, name: str) -> int:
        """Return where the first clause of a name stands."""
        return next((each.location for each in self.clauses if each.name == name), NOWHERE)

    def find_call(self, names: Container[str], *, is_ordered: bool = False) -> Named | None:
        """Return the first call of one of some functions, if there is one with such an order."""
        found = [each for each in self.calls if each.name in names]
        found.sort(key=lambda each: each.is_ordered != is_ordered)
        return found[0] if found else None


def read(connection: duckdb.DuckDBPyConnection, query: str) -> ParseTree:
    """Parse a query.

    Raises:
        TooDeepError: It is nested too deeply.
        duckdb.Error: It cannot be parsed.
    """
    root = load(connection, "SELECT json_serialize_sql(?::VARCHAR)", query)
    nodes = list(_nodes(root))
    of_tables = {id(node["function"]) for node, _ in nodes if node.get("type") == "TABLE_FUNCTION"}
    expressions = {name for node, _ in nodes for name in _common_tables(node)}
    calls = (
        Named(node["function_name"].lower(), location, _is_ordered(node))
        for node, location in nodes
        if node.get("function_name") and id(node) not in of_tables
    )
    table_calls = (
        Named(node["function"]["function_name"].lower(), location)
        for node, location in nodes
        if node.get("type") == "TABLE_FUNCTION"
    )
    tables = (
        NamedTable(name, location, bool(node.get("alias")))
        for node, location in nodes
        if node.get("type") == "BASE_TABLE"
        and (name := _table_name(node)).lower() not in expressions
    )
    clauses = (clause for node, location in nodes for clause in _clauses(node, location))
    return ParseTree(tuple(calls), tuple(table_calls), tuple(tables), tuple(clauses))


def _is_ordered(call: Mapping[str, Any]) -> bool:
    return bool((call.get("order_bys") or {}).get("orders") or call.get("arg_orders"))


def _common_tables(node: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the common table expressions that a part of a query defines."""
    for each in (node.get("cte_map") or {}).get("map", ()):
        yield each["key"].lower()
    if node.get("type") == "RECURSIVE_CTE_NODE":
        yield node["cte_name"].lower()


def _clauses(node: Mapping[str, Any], location: int) -> Iterator[Named]:
    """Yield the clauses that a part of a query is."""
    if node.get("sample"):
        yield Named("SAMPLE", location)
    if node.get("type") in ("LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER"):
        amount = node.get("limit") or node.get("offset") or {}
        yield Named("LIMIT", amount.get("query_location", location))
    if targets := node.get("distinct_on_targets"):
        yield Named("DISTINCT ON", targets[0].get("query_location", location))
    if node.get("ref_type") in ("ASOF", "POSITIONAL"):
        yield Named(node["ref_type"], location)
    if node.get("type") == "SHOW_REF":
        yield Named("SHOW", location)
    if node.get("key_targets"):
        yield Named("USING KEY", location)


def load(connection: duckdb.DuckDBPyConnection, sql: str, query: str) -> Any:
    """Return what a function of DuckDB gives for a query as JSON.

    Raises:
        TooDeepError: It is nested too deeply.
        duckdb.Error: DuckDB cannot read the query.
    """
    (text,) = connection.execute(sql, [query]).fetchone() or ("{}",)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        # 1024 levels, whatever the version of Python; else it is a number that JSON has not: 1e999
        if "recursion" in str(error).lower():
            raise TooDeepError from error
        value = json.loads(text)
    if value.get("error"):
        raise duckdb.NotSupportedError(str(value.get("error_message")))
    return value


def _table_name(node: Mapping[str, Any]) -> str:
    parts = (node.get("catalog_name"), node.get("schema_name"), node["table_name"])
    return ".".join(part for part in parts if part)


def _nodes(root: Any) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Yield the objects of a JSON value, outer ones first, each with the location of itself or around it."""
    waiting = [(root, NOWHERE)]
    while waiting:
        value, location = waiting.pop()
        if isinstance(value, dict):
            own = value.get("query_location", NOWHERE)
            location = own if own != NOWHERE else location
            yield value, location
            waiting += [(each, location) for each in reversed(tuple(value.values()))]
        elif isinstance(value, list):
            waiting += [(each, location) for each in reversed(value)]
