"""The plan of a query, as DuckDB binds it, in JSON.

DuckDB is asked for the plan before it optimizes it, over empty tables, so that neither rows nor the machine
have a part in it. An operator gives rows of columns, which are numbered from 0; an expression names a column
of the rows below its operator by that number. As DuckDB 2 writes plans: `json_serialize_plan`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from release.tables.queries.parse_tree import load
from release.tables.sql import quote_name, settle

#: The parts of an expression that say nothing of its value.
_BESIDE = frozenset(("alias", "query_location", "query_location_length"))

#: An operator or an expression of a plan.
Node = Mapping[str, Any]


class UnknownPlanError(Exception):
    """A plan in a form that is not known here."""


@contextmanager
def planner(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Mapping[str, str]]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a second connection to a database with empty tables, given by name as the types of their columns.

    They are in a schema of their own, so the first connection does not find them by their names.
    """
    with connection.cursor() as cursor:
        settle(cursor)
        cursor.execute("CREATE SCHEMA planned; USE planned")
        for name, types in tables.items():
            columns = ", ".join(f"{quote_name(column)} {type_}" for column, type_ in types.items())
            cursor.execute(f"CREATE TABLE {quote_name(name)} ({columns})")
        yield cursor
        cursor.execute("USE main; DROP SCHEMA planned CASCADE")


def read(connection: duckdb.DuckDBPyConnection, query: str) -> Sequence[Node]:
    """Return the plan of a query.

    Raises:
        TooDeepError: It is nested too deeply.
        duckdb.Error: DuckDB cannot plan the query, or cannot write its plan.
    """
    plans: Sequence[Node] = load(connection, "SELECT json_serialize_plan(?::VARCHAR)", query)[
        "plans"
    ]
    return plans


def is_operator(node: Node) -> bool:
    """Return whether a node is an operator, and no expression."""
    return str(node.get("type", "")).startswith("LOGICAL_")


def name_of(expression: Node) -> str:
    """Return the name of the function that an expression is bound to."""
    return str(expression["qname"]["path"][-1]).lower()


def type_of(expression: Node) -> str:
    """Return the name of an expression's type."""
    of_value = (
        expression if "return_type" in expression else {"return_type": expression["value"]["type"]}
    )
    return str(of_value["return_type"]["id"])


def column_of(expression: Node) -> int | None:
    """Return the column that an expression is; None if it is another expression."""
    is_column = expression.get("expression_class") == "BOUND_REF"
    return int(expression["index"]) if is_column else None


def columns_in(expression: Node) -> frozenset[int]:
    """Return all columns that an expression is made of."""
    found: set[int] = set()
    waiting: list[Any] = [expression]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            if (column := column_of(value)) is not None:
                found.add(column)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return frozenset(found)


def plain(expressions: Iterable[Node]) -> frozenset[int]:
    """Return the columns that stand alone among some expressions."""
    columns = (column_of(expression) for expression in expressions)
    return frozenset(column for column in columns if column is not None)


def write(expression: Node) -> str:
    """Return an expression as a text, the same for equal ones wherever they stand."""

    def reduce(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: reduce(each) for key, each in value.items() if key not in _BESIDE}
        return [reduce(each) for each in value] if isinstance(value, list) else value

    return json.dumps(reduce(expression), sort_keys=True)


def orders_of(node: Node, name: str) -> list[Node]:
    """Return the expressions of an ORDER BY, which may be missing."""
    orders = node.get(name) or []
    if isinstance(orders, Mapping):
        orders = orders["orders"]
    return [order["expression"] for order in orders]


def operators(plans: Sequence[Node]) -> Iterator[tuple[Node, Node | None]]:
    """Yield the operators of a plan, upper ones first, each with the one above it."""
    waiting: list[tuple[Node, Node | None]] = [(each, None) for each in reversed(plans)]
    while waiting:
        node, above = waiting.pop()
        yield node, above
        waiting += [(each, node) for each in reversed(node.get("children", []))]


def expressions(operator: Node) -> Iterator[tuple[Node, Node | None]]:
    """Yield the expressions of an operator with those within them, each with the one around it."""
    values = [value for key, value in operator.items() if key != "children"]
    waiting: list[tuple[Any, Node | None]] = [(values, None)]
    while waiting:
        value, around = waiting.pop()
        if isinstance(value, Mapping):
            if "expression_class" in value:
                yield value, around
                around = value
            waiting += [(each, around) for each in reversed(tuple(value.values()))]
        elif isinstance(value, list):
            waiting += [(each, around) for each in reversed(value)]
