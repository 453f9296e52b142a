"""Judge a query: it gives the same result every time, on every computer, or a problem says where it does not.

What it calls is judged twice: by the names in the query, and by the functions that DuckDB binds it to. The
first alone would miss what a name stands for with its arguments, the second what DuckDB computes while it
binds. See docs/decisions/0033-steady-checks.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from release.descriptor.properties import suggest
from release.findings.message import printable
from release.tables.queries import catalogue, functions, parse_tree, plan, row_order
from release.tables.queries.dependencies import Dependencies
from release.tables.queries.parse_tree import NOWHERE, ParseTree
from release.tables.queries.plan import Node, UnknownPlanError
from release.tables.queries.problem import STEADY, QueryProblem

#: Clauses that are never steady: what they do, why that is refused, and what is expected.
_REFUSED = {
    "SAMPLE": ("takes a sample", "", STEADY),
    "SHOW": ("describes tables", "whose types differ between versions of DuckDB", "a SELECT"),
    "USING KEY": (
        "keeps one row of each key",
        "of several in any order",
        "UNION without USING KEY",
    ),
}

#: Names of the time zone whose rules do not change.
_UTC = frozenset(("utc", "etc/utc", "gmt", "etc/gmt", "z", "zulu"))

#: The end of a text that is a time with a zone by its name: anything but Z and an offset.
_ZONE_NAME = re.compile(r"[A-Za-z_/]{2,}\s*$")


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges queries on tables.

    `planner` is a database with the same tables, but empty; `keys` are those of Dependencies.
    """

    planner: duckdb.DuckDBPyConnection
    keys: Mapping[str, frozenset[int]]

    def replace_catalogue(self, query: str) -> str:
        """Return a query that reads the release's own catalogue where it names DuckDB's.

        Raises:
            duckdb.Error: DuckDB cannot parse it.
        """
        try:
            return catalogue.replace_tables(query, parse_tree.read(self.planner, query).tables)
        except parse_tree.TooDeepError:
            return query  # which is judged later

    def judge_names(self, query: str) -> list[str]:
        """Say which names in a query stand for what may change; nothing if it has none.

        Raises:
            duckdb.Error: DuckDB cannot parse it.
        """
        return _describe(query, lambda: self._judge_names(parse_tree.read(self.planner, query)))

    def judge_plan(self, query: str) -> list[str]:
        """Say what in a query whose names are known may give another result another time.

        Raises:
            duckdb.Error: DuckDB cannot bind it.
        """
        return _describe(query, lambda: self._judge_plan(query))

    def _judge_names(self, tree: ParseTree) -> Iterator[QueryProblem]:
        """Yield a problem for each name in a query that is no known function or no table of the release."""
        for call in tree.calls:
            if call.name not in functions.KNOWN:
                yield QueryProblem(
                    f"calls {call.name}", call.location, functions.explain(call.name)
                )
        for call in tree.table_calls:
            if call.name not in functions.TABLES:
                reason = functions.explain(call.name)
                yield QueryProblem(
                    f"reads {call.name}()", call.location, reason, "tables of the release"
                )
        names = {name.lower() for name in self.keys}
        for table in tree.tables:
            if table.name.lower() not in names:
                near = suggest(table.name, list(self.keys))
                expected = f"a table of the release{near}"
                yield QueryProblem(f"reads {printable(table.name)}", table.location, "", expected)
        for clause in tree.clauses:
            if clause.name in _REFUSED:
                what, reason, expected = _REFUSED[clause.name]
                yield QueryProblem(what, clause.location, reason, expected)

    def _judge_plan(self, query: str) -> Iterator[QueryProblem]:
        tree = parse_tree.read(self.planner, query)
        plans = plan.read(self.planner, query)
        dependencies = Dependencies(self.keys)
        for operator, above in plan.operators(plans):
            if operator["type"] == "LOGICAL_SAMPLE":
                yield QueryProblem("takes a sample", NOWHERE)
            if operator["type"] == "LOGICAL_GET":
                yield from self._judge_scan(operator)
            for expression, around in plan.expressions(operator):
                yield from _judge_expression(expression, around)
            yield from row_order.judge(operator, above, tree, dependencies)

    def _judge_scan(self, operator: Node) -> Iterator[QueryProblem]:
        name = plan.name_of(operator)
        table = (operator.get("function_data") or {}).get("table")
        if name == "seq_scan" and table in self.keys:
            return
        if name not in functions.TABLES:
            yield QueryProblem(
                f"reads {name}()", NOWHERE, functions.explain(name), "tables of the release"
            )


def _describe(query: str, judge: Callable[[], Iterator[QueryProblem]]) -> list[str]:
    """Return the problems of a query as sentences, in the order of the query."""
    try:
        problems = sorted(judge(), key=lambda each: each.location)
    except (parse_tree.TooDeepError, RecursionError):
        return ["is nested too deeply to be judged, expected fewer levels of brackets or terms"]
    except (UnknownPlanError, KeyError, TypeError) as error:
        reason = f"the plan of DuckDB {duckdb.__version__} holds {printable(str(error))}"
        return [f"cannot be judged, as {reason}, which this version of release does not know"]
    return list(dict.fromkeys(each.describe(query) for each in problems))


def _judge_expression(expression: Node, around: Node | None) -> Iterator[QueryProblem]:
    """Yield the problem of a function that an expression is bound to."""
    kind = expression["expression_class"]
    location = expression.get("query_location", NOWHERE)
    if kind in ("BOUND_FUNCTION", "BOUND_AGGREGATE"):
        name = plan.name_of(expression)
        if name not in functions.KNOWN:
            yield QueryProblem(f"calls {name}", location, functions.explain(name))
        elif reason := _argument_problem(name, expression):
            yield QueryProblem(
                f"calls {name}" if name != "__cast" else "casts text", location, reason
            )
        elif name in functions.UNORDERED and not _is_orderless(around):
            reason = "whose result has no order of its own"
            yield QueryProblem(f"calls {name}", location, reason, f"list_sort({name}(…))")


def _is_orderless(around: Node | None) -> bool:
    return (
        around is not None
        and around["expression_class"] == "BOUND_FUNCTION"
        and plan.name_of(around) in functions.ORDERLESS
    )


def _argument_problem(name: str, call: Node) -> str:
    """Return why a known function is not steady with its arguments; an empty text if it is."""
    arguments: Sequence[Node] = call["children"]
    if name == "age" and len(arguments) == 1:
        return "which counts to today without a second argument"
    if name == "timezone" and len(arguments) > 1:
        zone = _constant(arguments[0])
        if zone is None or zone.lower() not in _UTC:
            return "whose rules of time zones differ between versions of DuckDB"
    if name in ("strptime", "try_strptime") and "%Z" in (_constant(arguments[1]) or "%Z"):
        return "whose rules of time zones differ between versions of DuckDB"
    if name == "__cast" and plan.type_of(call) == "TIMESTAMP WITH TIME ZONE":
        text = _constant(arguments[0])
        is_text = plan.type_of(arguments[0]) == "VARCHAR"
        if is_text and (text is None or _ZONE_NAME.search(text)):
            return "which may name a time zone, whose rules differ between versions of DuckDB"
    return ""


def _constant(expression: Node) -> str | None:
    """Return the text that an expression always is; None if it is no constant."""
    if expression["expression_class"] == "BOUND_CONSTANT":
        return str(expression["value"].get("value", ""))
    if expression["type"] == "OPERATOR_CAST":
        return _constant(expression["children"][0])
    return None
