"""A table + its schema -> the cells that break it, column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.load import Field, Resource
from release.descriptor.types import as_text, describe_type
from release.findings import shown
from release.tables.columns import from_text


def check_cells(table: pa.Table, resource: Resource) -> Iterator[Violation]:
    """The cells that break a constraint which needs no look at other rows."""
    for field in resource.fields:
        yield from _constraints(table[field.name], resource, field)
    for name in resource.primary_key:
        missing = pc.is_null(table[name])
        expectation = name, "a value in every field of the primary key"
        yield from _cells(
            table[name], missing, f"{resource.name}-primaryKey", resource, expectation
        )


def _constraints(column: pa.ChunkedArray, resource: Resource, field: Field) -> Iterator[Violation]:
    for name, limit in field.constraints.items():
        if limit is False or name == "unique":
            continue
        if name == "required" and field.name in resource.primary_key:
            continue
        bad = pc.fill_null(_BROKEN[name](column, limit, field), name == "required")
        expectation = field.name, _wanted(name, limit, field)
        yield from _cells(column, bad, f"{field.name}-{name}", resource, expectation)
    if field.categories:
        bad = _not_listed(column, field.categories, field)
        listed = ", ".join(shown(value) for value in field.categories)
        expectation = field.name, f"one of {listed}"
        yield from _cells(column, bad, f"{field.name}-categories", resource, expectation)


def _cells(
    column: pa.ChunkedArray,
    bad: pa.ChunkedArray,
    rule: str,
    resource: Resource,
    expectation: tuple[str, str],
) -> Iterator[Violation]:
    """A violation for each cell that is bad, MOST at the most, and one that counts the others.

    `expectation` is the field's name and what was expected of it.
    """
    name, wanted = expectation
    rows = (
        pc.indices_nonzero(bad) if len(bad) else pa.array([], pa.uint64())
    )  # pyarrow 26.0.0 crashes
    for row in rows.slice(0, MOST).to_pylist():
        message = f"{name} is {shown(column[row].as_py())}, expected {wanted}"
        yield Violation(rule, resource.name, row, name, message)
    yield from count_rest(rule, resource, name, len(rows))


def _wanted(name: str, limit: Any, field: Field) -> str:
    if name in ("required", "minimum", "maximum"):
        return describe_type(field)
    return {
        "minLength": f"at least {limit} characters",
        "maxLength": f"at most {limit} characters",
        "exclusiveMinimum": f"more than {limit}",
        "exclusiveMaximum": f"less than {limit}",
        "pattern": f"text that matches {limit}",
        "enum": f"one of {', '.join(shown(value) for value in limit)}" if name == "enum" else "",
    }[name]


def _limit(limit: Any, field: Field) -> pa.Scalar:
    """A bound of a constraint in the field's type; it may be written as text."""
    return from_text(pa.array([as_text(limit)], pa.string()), field.type)[0][0]


def _compared(
    broken: Callable[[Any, Any], Any],
) -> Callable[[pa.ChunkedArray, Any, Field], pa.ChunkedArray]:
    return lambda column, limit, field: broken(column, _limit(limit, field))


def _length(
    broken: Callable[[Any, Any], Any],
) -> Callable[[pa.ChunkedArray, Any, Field], pa.ChunkedArray]:
    return lambda column, limit, _: broken(pc.utf8_length(column), limit)


def _not_matching(column: pa.ChunkedArray, pattern: Any, _: Field) -> pa.ChunkedArray:
    """Tell the texts that a pattern does not match as a whole.

    RE2 needs a time that grows with the text alone, whatever the pattern (release.syntax.patterns).
    """
    encoded = pc.dictionary_encode(column).combine_chunks()
    broken = pc.invert(pc.match_substring_regex(encoded.dictionary, f"^(?:{pattern})$"))
    return pa.chunked_array([broken.take(encoded.indices)])


def _not_listed(column: pa.ChunkedArray, values: Sequence[Any], field: Field) -> pa.ChunkedArray:
    listed = pa.array([_limit(value, field).as_py() for value in values], column.type)
    return pc.and_(pc.invert(pc.is_in(column, listed)), pc.is_valid(column))


#: Per constraint of Table Schema v2: the column, the limit and the field -> where it is broken. A
#: missing value breaks `required` only.
_BROKEN: Mapping[str, Callable[[pa.ChunkedArray, Any, Field], pa.ChunkedArray]] = {
    "required": lambda column, _, __: pc.is_null(column),
    "minLength": _length(pc.less),
    "maxLength": _length(pc.greater),
    "minimum": _compared(pc.less),
    "maximum": _compared(pc.greater),
    "exclusiveMinimum": _compared(pc.less_equal),
    "exclusiveMaximum": _compared(pc.greater_equal),
    "pattern": _not_matching,
    "enum": _not_listed,
}


#: So many violations of one rule in one column are told one by one; the rest are counted.
MOST = 1000


@dataclass(frozen=True, slots=True)
class Violation:
    """One row, or cell of it, that breaks a rule.

    `row` is its position in the table, -1 where the whole table is meant. `other` is the row that holds
    the same key already, where there is one; the message then lacks its place, which `text` adds.
    """

    rule: str
    table: str
    row: int
    field: str
    message: str
    other: int = -1

    def text(self, place: str) -> str:
        """The whole message; `place` says where the other row stands, if there is one."""
        return f"{self.message} stands in {place} too, expected it once" if place else self.message


def count_rest(rule: str, resource: Resource, field: str, count: int) -> Iterator[Violation]:
    """A violation that counts those that are not told one by one, if there are any."""
    if count > MOST:
        message = f"{count - MOST} more rows of {resource.name} break this rule"
        yield Violation(rule, resource.name, -1, field, message)
