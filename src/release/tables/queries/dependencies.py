"""Functional dependencies between the columns of a plan: a primary key determines all of its table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from release.tables.queries.plan import (
    Node,
    UnknownPlanError,
    column_of,
    columns_in,
    name_of,
    plain,
)

#: Operators that give the rows below, or some of them, in some order.
_PASSING = frozenset(
    "LOGICAL_ORDER_BY LOGICAL_LIMIT LOGICAL_SAMPLE LOGICAL_DISTINCT LOGICAL_TOP_N".split()
)
_JOINS = frozenset(
    "LOGICAL_COMPARISON_JOIN LOGICAL_ANY_JOIN LOGICAL_DELIM_JOIN LOGICAL_ASOF_JOIN".split()
)
_SIDE_BY_SIDE = frozenset(("LOGICAL_CROSS_PRODUCT", "LOGICAL_POSITIONAL_JOIN"))
_SETS = frozenset("LOGICAL_UNION LOGICAL_EXCEPT LOGICAL_INTERSECT LOGICAL_RECURSIVE_CTE".split())
_EQUAL = frozenset(("COMPARE_EQUAL", "COMPARE_NOT_DISTINCT_FROM"))


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The rules by which columns of a plan's rows determine others.

    `keys` has the positions of the primary key among the columns of each table. They hold in any dataset that
    can be released; in another one, a finding already says that they do not.
    """

    keys: Mapping[str, frozenset[int]]
    shared: dict[int, Node] = field(default_factory=dict)
    widths: dict[int, int] = field(default_factory=dict)

    def determine_all(self, node: Node, known: Iterable[int]) -> bool:
        """Return whether rows that are equal in the known columns are equal in all of them."""
        return len(self.closure(node, known)) == self.width(node)

    def width(self, node: Node) -> int:
        """Return the number of columns of an operator's rows.

        Raises:
            UnknownPlanError: The operator is not known.
        """
        if id(node) not in self.widths:
            self.widths[id(node)] = self._width(node)
        return self.widths[id(node)]

    def _width(self, node: Node) -> int:
        kind, below = node["type"], node.get("children", [])
        if kind == "LOGICAL_GET":
            return len(_scanned(node))
        if kind == "LOGICAL_PROJECTION":
            return len(node["expressions"])
        if kind == "LOGICAL_AGGREGATE_AND_GROUP_BY":
            parts = ("groups", "expressions", "grouping_functions")
            return sum(len(node.get(part) or ()) for part in parts)
        if kind == "LOGICAL_FILTER" or kind in _PASSING:
            return len(node.get("projection_map") or ()) or self.width(below[0])
        if kind in ("LOGICAL_WINDOW", "LOGICAL_UNNEST"):
            return self.width(below[0]) + len(node["expressions"])
        if kind in _SIDE_BY_SIDE:
            return self.width(below[0]) + self.width(below[1])
        if kind in _JOINS:
            return len(self._joined(node))
        if kind in _SETS:
            return int(node["column_count"])
        if kind == "LOGICAL_MATERIALIZED_CTE":
            self.shared[node["table_index"]] = below[0]
            return self.width(below[1])
        if kind in ("LOGICAL_CTE_REF", "LOGICAL_DELIM_GET", "LOGICAL_CHUNK_GET"):
            return len(node["chunk_types"])
        if kind == "LOGICAL_EXPRESSION_GET":
            return len(node["expr_types"])
        if kind == "LOGICAL_DUMMY_SCAN":
            return 1
        raise UnknownPlanError(kind)

    def closure(self, node: Node, known: Iterable[int]) -> frozenset[int]:
        """Return all columns of an operator's rows that are the same where the known ones are."""
        known = frozenset(known)
        kind, below = node["type"], node.get("children", [])
        if kind == "LOGICAL_GET":
            return self._closure_of_scan(node, known)
        if kind == "LOGICAL_DUMMY_SCAN":
            return frozenset((0,))
        if kind == "LOGICAL_PROJECTION":
            return self._closure_of_expressions(node["expressions"], below[0], known)
        if kind == "LOGICAL_AGGREGATE_AND_GROUP_BY":
            return self._closure_of_groups(node, known)
        if kind == "LOGICAL_FILTER" or kind in _PASSING:
            return self._closure_of_filter(node, known)
        if kind in ("LOGICAL_WINDOW", "LOGICAL_UNNEST"):
            width = self.width(below[0])
            return known | self.closure(below[0], (each for each in known if each < width))
        if kind in _JOINS or kind in _SIDE_BY_SIDE:
            return self._closure_of_join(node, known)
        if kind == "LOGICAL_MATERIALIZED_CTE":
            self.shared[node["table_index"]] = below[0]
            return self.closure(below[1], known)
        if kind == "LOGICAL_CTE_REF" and node.get("cte_index") in self.shared:
            return self.closure(self.shared[node["cte_index"]], known)
        return known

    def _closure_of_scan(self, node: Node, known: frozenset[int]) -> frozenset[int]:
        columns = _scanned(node)
        # no column of the table, but one that stands for a row where none is needed
        known |= {at for at, column in enumerate(columns) if column >= _VIRTUAL}
        key = self._key_of(node)
        if key and key <= {columns[each] for each in known}:
            return frozenset(range(len(columns)))
        return known

    def _key_of(self, node: Node) -> frozenset[int]:
        if name_of(node) != "seq_scan":
            return frozenset()
        return self.keys.get(node["function_data"]["table"], frozenset())

    def _closure_of_expressions(
        self, expressions: Sequence[Node], below: Node, known: frozenset[int]
    ) -> frozenset[int]:
        found = self.closure(below, plain(expressions[each] for each in known))
        also = (at for at, each in enumerate(expressions) if columns_in(each) <= found)
        return known | frozenset(also)

    def _closure_of_groups(self, node: Node, known: frozenset[int]) -> frozenset[int]:
        groups = node.get("groups") or []
        everything = frozenset(range(self.width(node)))
        if not groups:
            return everything
        if len(node.get("grouping_sets") or ()) > 1:
            return known
        of_groups = frozenset(each for each in known if each < len(groups))
        found = self._closure_of_expressions(groups, node["children"][0], of_groups)
        return everything if len(found) == len(groups) else known | found

    def _closure_of_filter(self, node: Node, known: frozenset[int]) -> frozenset[int]:
        (below,) = node["children"]
        columns = node.get("projection_map") or range(self.width(below))
        found = frozenset(columns[each] for each in known)
        equal = [_equal_columns(each) for each in node.get("expressions") or ()]
        while True:
            more = self.closure(below, found)
            for pair in equal:
                if pair & more or len(pair) == 1:
                    more |= pair
            if more == found:
                return frozenset(at for at, column in enumerate(columns) if column in found)
            found = more

    def _joined(self, node: Node) -> list[int]:
        """Return the columns of a join's rows, counted through its left side, its right side and its mark."""
        left, right = map(self.width, node["children"])
        kind = node.get("join_type", "INNER")
        columns = list(node.get("left_projection_map") or range(left))
        if kind in ("SEMI", "ANTI"):
            return columns
        if kind == "MARK":
            return [*columns, left + right]
        if kind not in ("INNER", "LEFT", "RIGHT", "OUTER", "SINGLE"):
            raise UnknownPlanError(kind)
        return columns + [left + each for each in node.get("right_projection_map") or range(right)]

    def _closure_of_join(self, node: Node, known: frozenset[int]) -> frozenset[int]:
        left, right = node["children"]
        kind = node.get("join_type", "INNER")
        columns = self._joined(node)
        middle, end = self.width(left), self.width(left) + self.width(right)
        found = frozenset(columns[each] for each in known)
        conditions = node.get("conditions") or []
        while True:
            more = set(found)
            if self._may_look(left, found, outer=kind in ("RIGHT", "OUTER")):
                more |= self.closure(left, (each for each in found if each < middle))
            of_right = frozenset(each - middle for each in found if middle <= each < end)
            if self._may_look(right, of_right, outer=kind in ("LEFT", "OUTER", "SINGLE")):
                more |= {middle + each for each in self.closure(right, of_right)}
            if kind in ("INNER", "LEFT", "SINGLE") and self._is_looked_up(node, more):
                more |= set(range(middle, end))
            if kind == "INNER":
                more |= _equated(conditions, middle, more)
            if kind in ("MARK", "SINGLE") and more >= set(range(middle)):
                more |= {*range(middle, end), end}
            if frozenset(more) == found:
                return frozenset(at for at, column in enumerate(columns) if column in found)
            found = frozenset(more)

    def _may_look(self, node: Node, known: Iterable[int], *, outer: bool) -> bool:
        """Return whether what holds of one side's rows holds where the join puts rows of NULL beside them."""
        return not outer or self._is_never_null(node, known)

    def _is_never_null(self, node: Node, known: Iterable[int]) -> bool:
        """Return whether one of some columns is part of a primary key, and so never NULL."""
        kind, below = node["type"], node.get("children", [])
        known = frozenset(known)
        if kind == "LOGICAL_GET":
            columns = _scanned(node)
            return bool(self._key_of(node) & {columns[each] for each in known})
        if kind == "LOGICAL_PROJECTION":
            chosen = (node["expressions"][each] for each in known)
            return self._is_never_null(below[0], plain(chosen))
        if kind == "LOGICAL_FILTER" and not node.get("projection_map"):
            return self._is_never_null(below[0], known)
        return False

    def _is_looked_up(self, node: Node, known: Iterable[int]) -> bool:
        """Return whether what is known of the left side of a join's row leads to one row on the right."""
        conditions = node.get("conditions") or []
        if not conditions or any("left" not in each for each in conditions):
            return False
        lefts = frozenset().union(*(columns_in(each["left"]) for each in conditions))
        equal = plain(each["right"] for each in conditions if each["comparison"] in _EQUAL)
        return lefts <= frozenset(known) and self.determine_all(node["children"][1], equal)


#: The columns from this number on are none of a table.
_VIRTUAL = 1 << 63


def _scanned(node: Node) -> list[int]:
    """Return the columns of its table that a scan gives, by their numbers there."""
    columns = [int(each["index"]) for each in node["column_indexes"]]
    return [columns[each] for each in node.get("projection_ids") or range(len(columns))]


def _equal_columns(expression: Node) -> frozenset[int]:
    """Return the two columns that a condition says are equal, or the one that is a constant; or none."""
    if expression.get("type") not in _EQUAL:
        return frozenset()
    columns = [column_of(each) for each in expression["children"]]
    others = [
        each for each, column in zip(expression["children"], columns, strict=True) if column is None
    ]
    return frozenset() if any(map(columns_in, others)) else plain(expression["children"])


def _equated(conditions: Sequence[Node], middle: int, known: set[int]) -> set[int]:
    """Return the columns that conditions of a join say are equal to known ones."""
    found = set()
    for each in conditions:
        if "left" in each and each["comparison"] in _EQUAL:
            left, right = column_of(each["left"]), column_of(each["right"])
            if left is not None and right is not None:
                pair = {left, middle + right}
                found |= pair if pair & known else set()
    return found
