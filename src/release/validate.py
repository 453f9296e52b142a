"""Tables + descriptor -> violations of the schemas, column by column and key by key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.columns import ARROW_TYPES, expected, from_text
from release.descriptor import Descriptor, Field, Resource
from release.findings import shown

#: So many violations of one rule in one column are told one by one; the rest are counted.
MOST = 1000


@dataclass(frozen=True, slots=True)
class Violation:
    """One row, or cell of it, that breaks a rule.

    `row` is its position in the table, -1 where the whole table is meant. `other` is the row that holds
    the same key, where there is one; `{other}` in the message stands for its place.
    """

    rule: str
    table: str
    row: int
    field: str
    message: str
    other: int = -1


def validate(
    tables: Mapping[str, pa.Table], descriptor: Descriptor
) -> list[Violation]:
    """Every violation of the fields, constraints and keys of the tables' schemas."""
    violations: list[Violation] = []
    for resource in descriptor.resources:
        table = tables[resource.name]
        if faults := _fields(table, resource):
            violations += faults
            continue
        for field in resource.fields:
            violations += _constraints(table[field.name], resource, field)
        violations += _keys(table, resource)
        for key in _foreign_keys(resource, descriptor):
            violations += _foreign(tables, resource, *key)
    return violations


def _fields(table: pa.Table, resource: Resource) -> list[Violation]:
    names = tuple(name for name in table.column_names if not name.startswith("$"))
    if names != resource.names:
        message = f"has the columns {', '.join(names)}, expected {', '.join(resource.names)}"
        return [Violation(f"{resource.name}-fields", resource.name, -1, "", message)]
    return [
        Violation(
            f"{field.name}-type",
            resource.name,
            -1,
            field.name,
            f"{field.name} has the type {table.schema.field(field.name).type}, "
            f"expected {ARROW_TYPES[field.type]}",
        )
        for field in resource.fields
        if table.schema.field(field.name).type != ARROW_TYPES[field.type]
    ]


def _constraints(column: pa.ChunkedArray, resource: Resource, field: Field) -> Iterator[Violation]:
    for name, limit in field.constraints.items():
        if limit is False or (name == "required" and field.name in resource.primary_key):
            continue
        bad = pc.fill_null(_BROKEN[name](column, limit, field), name == "required")
        wanted = _wanted(name, limit, field)
        yield from _cells(column, bad, f"{field.name}-{name}", resource, field, wanted)
    if field.categories:
        bad = pc.invert(pc.is_in(column, pa.array(field.categories, column.type), skip_nulls=True))
        bad = pc.and_(bad, pc.is_valid(column))
        listed = ", ".join(shown(value) for value in field.categories)
        rule, wanted = f"{field.name}-categories", f"one of {listed}"
        yield from _cells(column, bad, rule, resource, field, wanted)


def _cells(
    column: pa.ChunkedArray,
    bad: pa.ChunkedArray,
    rule: str,
    resource: Resource,
    field: Field,
    wanted: str,
) -> Iterator[Violation]:
    """A violation for each cell that is bad, MOST at the most, and one that counts the others."""
    rows = pc.indices_nonzero(bad)
    for row in rows.slice(0, MOST).to_pylist():
        message = f"{field.name} is {shown(column[row].as_py())}, expected {wanted}"
        yield Violation(rule, resource.name, row, field.name, message)
    yield from _more(rule, resource, field.name, len(rows))


def _more(rule: str, resource: Resource, field: str, count: int) -> Iterator[Violation]:
    if count > MOST:
        message = f"{count - MOST} more rows of {resource.name} break this rule"
        yield Violation(rule, resource.name, -1, field, message)


def _wanted(name: str, limit: Any, field: Field) -> str:
    if name in ("required", "minimum", "maximum"):
        return expected(field)
    return {
        "unique": "no value twice",
        "minLength": f"at least {limit} characters",
        "maxLength": f"at most {limit} characters",
        "exclusiveMinimum": f"more than {limit}",
        "exclusiveMaximum": f"less than {limit}",
        "pattern": f"text that matches {limit}",
        "enum": f"one of {', '.join(shown(value) for value in limit)}" if name == "enum" else "",
    }[name]


def _limit(limit: Any, field: Field) -> pa.Scalar:
    """A bound of a constraint in the field's type; it may be written as text."""
    array, bad = from_text(pa.array([str(limit)]), field.type)
    if bad:
        raise ValueError(f"{limit!r} is no bound for {field.type}")
    return array[0]


def _compared(
    broken: Callable[[Any, Any], Any],
) -> Callable[[pa.ChunkedArray, Any, Field], pa.ChunkedArray]:
    return lambda column, limit, field: broken(column, _limit(limit, field))


def _length(
    broken: Callable[[Any, Any], Any],
) -> Callable[[pa.ChunkedArray, Any, Field], pa.ChunkedArray]:
    return lambda column, limit, _: broken(pc.utf8_length(column), limit)


def _not_unique(column: pa.ChunkedArray, _: Any, __: Field) -> pa.ChunkedArray:
    """The second and later rows that hold a value; a missing value repeats nothing."""
    encoded = pc.dictionary_encode(column).combine_chunks()
    return pa.chunked_array([_repeats(encoded.indices)])


def _repeats(indices: pa.Array) -> pa.Array:
    codes = pc.fill_null(indices, -1).to_numpy(zero_copy_only=False)
    _, first = np.unique(codes, return_index=True)
    repeated = np.ones(len(codes), bool)
    repeated[first] = False
    return pa.array(repeated & (codes >= 0))


def _not_matching(column: pa.ChunkedArray, pattern: Any, _: Field) -> pa.ChunkedArray:
    """Texts that the pattern, a regular expression of Python's, does not match as a whole."""
    encoded = pc.dictionary_encode(column).combine_chunks()
    regex = re.compile(pattern)
    broken = [regex.fullmatch(text) is None for text in encoded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(broken, pa.bool_()).take(encoded.indices)])


def _not_listed(column: pa.ChunkedArray, values: Sequence[Any], field: Field) -> pa.ChunkedArray:
    listed = pa.array([_limit(value, field).as_py() for value in values], column.type)
    return pc.and_(pc.invert(pc.is_in(column, listed)), pc.is_valid(column))


#: Per constraint of Table Schema v2: the column, the limit and the field -> where it is broken. A
#: missing value breaks `required` only.
_BROKEN: Mapping[str, Callable[[pa.ChunkedArray, Any, Field], pa.ChunkedArray]] = {
    "required": lambda column, _, __: pc.is_null(column),
    "unique": _not_unique,
    "minLength": _length(pc.less),
    "maxLength": _length(pc.greater),
    "minimum": _compared(pc.less),
    "maximum": _compared(pc.greater),
    "exclusiveMinimum": _compared(pc.less_equal),
    "exclusiveMaximum": _compared(pc.greater_equal),
    "pattern": _not_matching,
    "enum": _not_listed,
}


# keys


def _keys(table: pa.Table, resource: Resource) -> Iterator[Violation]:
    for name in resource.primary_key:
        rule, wanted = f"{resource.name}-primaryKey", "a value in every field of the primary key"
        missing = pc.is_null(table[name])
        yield from _cells(table[name], missing, rule, resource, resource.field(name), wanted)
    for rule, key in [
        ("primaryKey", resource.primary_key),
        *(("uniqueKeys", key) for key in resource.unique_keys),
    ]:
        repeated = _repeated(table, key, skip_nulls=rule == "uniqueKeys")
        for row, first in repeated[:MOST]:
            held = ", ".join(f"{name} {shown(table[name][row].as_py())}" for name in key)
            message = f"{held} stands in {{other}} too, expected it once"
            yield Violation(
                f"{resource.name}-{rule}", resource.name, row, key[-1], message, first
            )
        yield from _more(f"{resource.name}-{rule}", resource, key[-1], len(repeated))


def _repeated(
    table: pa.Table, key: Sequence[str], *, skip_nulls: bool
) -> list[tuple[int, int]]:
    """The rows that repeat a key, and for each the first row that has it.

    As in SQL a unique key with a missing part repeats nothing.
    """
    rows = table.select(list(key)).append_column("$row", pa.array(np.arange(table.num_rows)))
    if skip_nulls:
        for name in key:
            rows = rows.filter(pc.is_valid(rows[name]))
    groups = rows.group_by(list(key), use_threads=False).aggregate(
        [("$row", "list"), ("$row", "count")]
    )
    twice = groups.filter(pc.greater(groups["$row_count"], 1))["$row_list"].to_pylist()
    return sorted((row, found[0]) for found in twice for row in found[1:])


def _foreign_keys(
    resource: Resource, descriptor: Descriptor
) -> Iterator[tuple[tuple[str, ...], str, tuple[str, ...]]]:
    """The declared foreign keys, then those to the codelists."""
    for key in resource.foreign_keys:
        yield key.fields, key.resource, key.reference_fields
    for field in resource.fields:
        if field.codes is not None:
            yield (field.name,), field.codes, descriptor.resource(field.codes).primary_key


def _foreign(
    tables: Mapping[str, pa.Table],
    resource: Resource,
    fields: tuple[str, ...],
    target: str,
    target_fields: tuple[str, ...],
) -> Iterator[Violation]:
    """Rows whose foreign key refers to nothing; one with a missing part refers to nothing and may."""
    own = tables[resource.name]
    rows = own.select(list(fields)).append_column("$row", pa.array(np.arange(own.num_rows)))
    for name in fields:
        rows = rows.filter(pc.is_valid(rows[name]))
    if len(fields) == 1:
        values = tables[target][target_fields[0]].combine_chunks()
        dangling = rows.filter(pc.invert(pc.is_in(rows[fields[0]], values)))["$row"]
    else:
        others = tables[target].select(list(target_fields))
        dangling = rows.join(
            others, list(fields), list(target_fields), join_type="left anti", use_threads=False
        )["$row"]
    for row in sorted(dangling.to_pylist())[:MOST]:
        held = ", ".join(f"{name} {shown(own[name][row].as_py())}" for name in fields)
        wanted = f"a row of {target} with that {', '.join(target_fields)}"
        message = f"{held} refers to nothing, expected {wanted}"
        yield Violation(
            f"{resource.name}-foreignKeys", resource.name, row, fields[-1], message
        )
    yield from _more(f"{resource.name}-foreignKeys", resource, fields[-1], len(dangling))
