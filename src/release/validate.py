"""Tables + descriptor -> violations of the schemas, column by column and key by key."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from release.columns import ARROW_TYPES, from_text
from release.database import connect, quoted
from release.descriptor import Descriptor, Field, ForeignKey, Resource
from release.findings import shown
from release.lexical import as_text, expected

#: So many violations of one rule in one column are told one by one; the rest are counted.
MOST = 1000

#: A table of so many rows is no burden in memory.
_SMALL = 1 << 16


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


def validate(tables: Mapping[str, pa.Table], descriptor: Descriptor) -> list[Violation]:
    """Every violation of the fields, constraints and keys of the tables' schemas."""
    violations: list[Violation] = []
    sound: dict[str, pa.Table] = {}
    for resource in descriptor.resources:
        table = tables[resource.name]
        if faults := _fields(table, resource):
            violations += faults
        else:
            sound[resource.name] = table
            violations += cells(table, resource)
    with connect(sound) as connection:
        return violations + keys(connection, sound, descriptor)


def cells(table: pa.Table, resource: Resource) -> Iterator[Violation]:
    """The cells that break a constraint which needs no look at other rows."""
    for field in resource.fields:
        yield from _constraints(table[field.name], resource, field)
    for name in resource.primary_key:
        missing = pc.is_null(table[name])
        expectation = name, "a value in every field of the primary key"
        yield from _cells(
            table[name], missing, f"{resource.name}-primaryKey", resource, expectation
        )


def keys(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, pa.Table],
    descriptor: Descriptor,
    *,
    unique: Container[str] = (),
    coded: Container[str] = (),
) -> list[Violation]:
    """The rows that repeat what must be unique, or refer to nothing.

    Of the tables named in `unique` the primary key is known to be so; in those named in `coded` fields
    with a codelist hold nothing but its codes. Tables that are missing are left out.
    """
    violations: list[Violation] = []
    for resource in (each for each in descriptor.resources if each.name in tables):
        table = tables[resource.name]
        for rule, key in _unique_keys(resource):
            if rule != f"{resource.name}-primaryKey" or resource.name not in unique:
                violations += _repeated(connection, table, resource, rule, key)
        for foreign in _foreign_keys(resource, descriptor, with_codes=resource.name not in coded):
            if foreign.resource in tables:
                violations += _dangling(connection, table, resource, foreign)
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
    yield from _more(rule, resource, name, len(rows))


def _more(rule: str, resource: Resource, field: str, count: int) -> Iterator[Violation]:
    if count > MOST:
        message = f"{count - MOST} more rows of {resource.name} break this rule"
        yield Violation(rule, resource.name, -1, field, message)


def _wanted(name: str, limit: Any, field: Field) -> str:
    if name in ("required", "minimum", "maximum"):
        return expected(field)
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


def _unique_keys(resource: Resource) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What must be unique in a table, under the name of its rule."""
    yield f"{resource.name}-primaryKey", resource.primary_key
    for key in resource.unique_keys:
        yield f"{resource.name}-uniqueKeys", key
    for field in resource.fields:
        if field.constraints.get("unique") and (field.name,) != resource.primary_key:
            yield f"{field.name}-unique", (field.name,)


def _all_differ(table: pa.Table, key: Sequence[str]) -> bool:
    """Whether a small table is seen to repeat no key: quicker than a query, and holds all keys in memory."""
    if table.num_rows > _SMALL or any(table[name].null_count for name in key):
        return False
    return bool(table.select(key).group_by(key).aggregate([]).num_rows == table.num_rows)


def _repeated(
    connection: duckdb.DuckDBPyConnection,
    table: pa.Table,
    resource: Resource,
    rule: str,
    key: tuple[str, ...],
) -> Iterator[Violation]:
    """The rows that hold a key which an earlier row has; as in SQL, one with a missing part never does."""
    names = ", ".join(quoted(name) for name in key)
    present = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in key)
    repeats = connection.execute(
        f'''SELECT "$row", "$first" FROM (
            SELECT "$row", min("$row") OVER (PARTITION BY {names}) AS "$first"
            FROM {quoted(resource.name)} WHERE {present}
              AND ({names}) IN (
                SELECT ({names}) FROM {quoted(resource.name)} WHERE {present}
                GROUP BY {names} HAVING count(*) > 1)
        ) WHERE "$row" > "$first" ORDER BY "$row"'''  # noqa: S608 - the names are quoted
    ).fetchall()
    for row, first in repeats[:MOST]:
        held = ", ".join(f"{name} {shown(table[name][row].as_py())}" for name in key)
        yield Violation(rule, resource.name, row, key[-1], held, first)
    yield from _more(rule, resource, key[-1], len(repeats))


def _foreign_keys(
    resource: Resource, descriptor: Descriptor, *, with_codes: bool
) -> Iterator[ForeignKey]:
    """The declared foreign keys, then those to the codelists."""
    yield from resource.foreign_keys
    for field in resource.fields:
        if with_codes and field.codes is not None:
            target = descriptor.resource(field.codes)
            yield ForeignKey((field.name,), target.name, target.primary_key)


def _dangling(
    connection: duckdb.DuckDBPyConnection, table: pa.Table, resource: Resource, key: ForeignKey
) -> Iterator[Violation]:
    """Rows whose foreign key refers to nothing.

    As frictionless has it: a key of which every part is missing refers to nothing and may, one of which
    some parts are missing may not.
    """
    present = " OR ".join(f"o.{quoted(name)} IS NOT NULL" for name in key.fields)
    same = " AND ".join(
        f"o.{quoted(own)} = t.{quoted(other)}"
        for own, other in zip(key.fields, key.reference_fields, strict=True)
    )
    rows = connection.execute(
        f"""SELECT o."$row" FROM {quoted(resource.name)} o
        ANTI JOIN {quoted(key.resource)} t ON {same}
        WHERE {present} ORDER BY 1"""  # noqa: S608 - the names are quoted
    ).fetchall()
    for (row,) in rows[:MOST]:
        values = {name: table[name][row].as_py() for name in key.fields}
        yield _refers_to_nothing(resource, row, key, values)
    yield from _more(f"{resource.name}-foreignKeys", resource, key.fields[-1], len(rows))


def _refers_to_nothing(
    resource: Resource, row: int, key: ForeignKey, values: Mapping[str, Any]
) -> Violation:
    held = {name: f"{name} {shown(value)}" for name, value in values.items() if value is not None}
    missing = [name for name in key.fields if name not in held]
    if missing:
        message = (
            f"{', '.join(missing)} missing beside {', '.join(held.values())}, expected every part "
            f"of what refers to {key.resource}, or none"
        )
    else:
        wanted = f"a row of {key.resource} with that {', '.join(key.reference_fields)}"
        message = f"{', '.join(held.values())} refers to nothing, expected {wanted}"
    field = missing[0] if missing else key.fields[-1]
    return Violation(f"{resource.name}-foreignKeys", resource.name, row, field, message)
