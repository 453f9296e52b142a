"""Find where the result of a query depends on an order of rows that the query leaves open."""

from __future__ import annotations

from collections.abc import Iterator

from release.tables.queries import functions, plan
from release.tables.queries.dependencies import Dependencies
from release.tables.queries.parse_tree import NOWHERE, ParseTree
from release.tables.queries.plan import Node
from release.tables.queries.problem import QueryProblem

_KEY = "an order by a key, such as the primary key"


def judge(
    operator: Node, above: Node | None, tree: ParseTree, dependencies: Dependencies
) -> Iterator[QueryProblem]:
    """Yield the problems of one operator of a plan; `above` is the operator that takes its rows.

    Raises:
        UnknownPlanError: the plan has an operator that is not known.
    """
    kind = operator["type"]
    if kind in ("LOGICAL_LIMIT", "LOGICAL_TOP_N") and not _only_counts(above):
        yield from _judge_limit(operator, tree, dependencies)
    elif kind == "LOGICAL_DISTINCT":
        yield from _judge_distinct(operator, tree, dependencies)
    elif kind == "LOGICAL_AGGREGATE_AND_GROUP_BY" and not _takes_one_row(operator, above):
        for expression in operator["expressions"]:
            yield from _judge_aggregate(expression, operator, tree, dependencies)
    elif kind == "LOGICAL_WINDOW":
        for expression in operator["expressions"]:
            yield from _judge_window(expression, operator, tree, dependencies)
    elif kind == "LOGICAL_ASOF_JOIN":
        rights = plan.plain(each["right"] for each in operator["conditions"])
        if not dependencies.determine_all(operator["children"][1], rights):
            reason = "where several rows may be equally near"
            where = tree.locate_clause("ASOF")
            yield QueryProblem(
                "joins by ASOF", where, reason, "conditions on a key of the second table"
            )
    elif kind == "LOGICAL_POSITIONAL_JOIN":
        where = tree.locate_clause("POSITIONAL")
        yield QueryProblem("joins rows by their positions", where, "", "a join by their values")


def _only_counts(above: Node | None) -> bool:
    """Return whether rows are only counted, as those of EXISTS are."""
    return (
        above is not None
        and above["type"] == "LOGICAL_AGGREGATE_AND_GROUP_BY"
        and not above.get("groups")
        and all(plan.name_of(each) == "count_star" for each in above["expressions"])
    )


def _takes_one_row(operator: Node, above: Node | None) -> bool:
    """Return whether this is a subquery that stands for a value, of which DuckDB refuses a second row."""
    names = [plan.name_of(each) for each in operator["expressions"]]
    if operator.get("groups") or names[-1:] != ["count_star"] or set(names[:-1]) != {"first"}:
        return False
    calls = plan.expressions(above) if above is not None else ()
    return any(
        each["expression_class"] == "BOUND_FUNCTION"
        and plan.name_of(each) == "error"
        and each.get("query_location", NOWHERE) == NOWHERE
        and str(each["children"][0].get("value", {}).get("value")).startswith(_MORE_ROWS)
        for each, _ in calls
    )


#: The beginning of DuckDB's message for a subquery that has more rows than one.
_MORE_ROWS = "More than one row returned by a subquery used as an expression"


def _judge_limit(
    operator: Node, tree: ParseTree, dependencies: Dependencies
) -> Iterator[QueryProblem]:
    (below,) = operator["children"]
    is_ordered = below["type"] == "LOGICAL_ORDER_BY"
    rows = below["children"][0] if is_ordered else below
    orders = plan.orders_of(below, "orders") if is_ordered else []
    if dependencies.determine_all(rows, plan.plain(orders)):
        return
    what, where = "takes the first rows", tree.locate_clause("LIMIT")
    if orders:
        reason = "while rows may be equal in their order"
        yield QueryProblem(what, where, reason, "ORDER BY ALL or an order by a key before LIMIT")
    else:
        yield QueryProblem(what, where, "while they have no order", "ORDER BY before LIMIT")


def _judge_distinct(
    operator: Node, tree: ParseTree, dependencies: Dependencies
) -> Iterator[QueryProblem]:
    (below,) = operator["children"]
    same = [*operator["distinct_targets"], *plan.orders_of(operator, "order_by")]
    if not dependencies.determine_all(below, plan.plain(same)):
        reason = "while rows may be equal in their order"
        where = tree.locate_clause("DISTINCT ON")
        yield QueryProblem("takes one of several rows", where, reason, f"{_KEY}, or GROUP BY")


def _judge_aggregate(
    call: Node, operator: Node, tree: ParseTree, dependencies: Dependencies
) -> Iterator[QueryProblem]:
    name = plan.name_of(call)
    orders = plan.orders_of(call, "order_bys")
    groups = operator.get("groups") or []
    if len(operator.get("grouping_sets") or ()) > 1:
        groups = []
    (below,) = operator["children"]
    yield from _judge_value(call, tree, [*groups, *orders], (below, dependencies), name)


def _judge_value(
    call: Node,
    tree: ParseTree,
    same: list[Node],
    rows: tuple[Node, Dependencies],
    name: str,
) -> Iterator[QueryProblem]:
    """Yield the problem of an aggregate over rows that are equal in some expressions."""
    below, dependencies = rows
    values = call["children"]
    if name in functions.ORDERED:
        taken, names = values, functions.ORDERED
        reason = "whose result depends on the order of the rows"
        expected = f"an order that ends with the value itself: {name}(x ORDER BY x)"
    elif name in functions.CHOOSING:
        taken, names = values[:1], functions.CHOOSING
        same = [*same, *values[1:]]
        reason = "which takes any of several rows"
        expected = "a count of each value" if name == "mode" else "first(x ORDER BY y, x)"
    else:
        return
    if not _is_determined(taken, same, below, dependencies):
        is_ordered = bool(plan.orders_of(call, "order_bys"))
        found = tree.find_call({name}, is_ordered=is_ordered) or tree.find_call(names)
        written, where = (found.name, found.location) if found else (name, NOWHERE)
        yield QueryProblem(f"calls {written}", where, reason, expected)


def _is_determined(
    values: list[Node], same: list[Node], below: Node, dependencies: Dependencies
) -> bool:
    """Return whether values are the same in all rows that are equal in some expressions."""
    known = dependencies.closure(below, plan.plain(same))
    written = {plan.write(each) for each in same}
    return all(plan.columns_in(each) <= known or plan.write(each) in written for each in values)


def _judge_window(
    call: Node, operator: Node, tree: ParseTree, dependencies: Dependencies
) -> Iterator[QueryProblem]:
    """Yield the problem of a window function over rows that its order leaves equal."""
    (below,) = operator["children"]
    orders = [*plan.orders_of(call, "orders"), *plan.orders_of(call, "arg_orders")]
    same = [*(call.get("partitions") or []), *orders]
    if dependencies.determine_all(below, plan.plain(same)):
        return
    kind = call["type"].removeprefix("WINDOW_").lower()
    name = plan.name_of(call) if kind == "aggregate" else kind
    by_rows = _counts_rows(call)
    if kind == "aggregate" and not by_rows:
        yield from _judge_value(call, tree, same, (below, dependencies), name)
    elif kind not in functions.PEERS and not (
        kind in ("first_value", "last_value")
        and not by_rows
        and _is_determined(call["children"], same, below, dependencies)
    ):
        found = tree.find_call({name})
        where = found.location if found else NOWHERE
        if kind == "row_number" and not found:  # a LIMIT for each row of the query around it
            what, where = "takes the first rows", tree.locate_clause("LIMIT")
        else:
            what = f"calls {name}"
        yield QueryProblem(what, where, "while rows may be equal in its order", _KEY)


def _counts_rows(call: Node) -> bool:
    """Return whether a window's frame is counted in rows, and does not hold all of them."""
    bounds = (call.get("start", ""), call.get("end", ""))
    return any(each.endswith("_ROWS") for each in bounds)
