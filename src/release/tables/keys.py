"""Keys: uniqueness and referential integrity of whole tables.

Most keys are shown to hold without a query: one that increases from row to row has no repeats, and those that
fit in memory are compared as numbers. DuckDB searches for the rows that break a key only if this shows
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.model import Descriptor, ForeignKey, Resource
from release.findings.message import named, shown
from release.syntax.looks.contrast import point_at
from release.syntax.looks.twins import TwinIndex
from release.system.limits import LIMITS, Limits
from release.tables.columns import is_increasing, pair_with_next, to_values, value_at
from release.tables.sql import connect, number_rows, quote_name
from release.tables.validate import MOST, Violation, count_rest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: The number of keys that are checked side by side.
_AT_ONCE = 2

#: Types whose values are equal if and only if their bytes are; not floats, as 0.0 equals -0.0.
_EXACT = (
    *(pa.string(), pa.int64(), pa.date32(), pa.bool_()),
    *(pa.time64("us"), pa.timestamp("us"), pa.timestamp("us", "UTC")),
)


def find_violations(
    tables: Mapping[str, pa.Table],
    descriptor: Descriptor,
    *,
    coded: Container[str] = (),
    limits: Limits = LIMITS,
) -> list[Violation]:
    """Find the rows that repeat a unique key, or whose foreign key refers to nothing.

    In the tables named in `coded`, fields with a codelist are known to hold its codes and are not checked.
    A key is not checked if its own table or the one that it refers to is missing.
    """
    keys = list(_list_keys(tables, descriptor, coded, limits))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        small = sum(table.num_rows for table in tables.values()) < limits.small_tables
        holds = (map if small else pool.map)(lambda key: key[0](), keys)
        broken = [key[1:] for key, is_right in zip(keys, holds, strict=True) if not is_right]
    if not broken:
        return []
    named = {name for names, _ in broken for name in names}
    numbered = number_rows({name: tables[name] for name in tables if name in named}, limits)
    with connect(numbered, limits) as connection:
        return [violation for _, find in broken for violation in find(connection)]


def _list_keys(
    tables: Mapping[str, pa.Table], descriptor: Descriptor, coded: Container[str], limits: Limits
) -> Iterator[
    tuple[
        Callable[[], bool],
        Sequence[str],
        Callable[[DuckDBPyConnection], Iterator[Violation]],
    ]
]:
    """List all keys, each as a quick test that it holds, its tables, and a search for rows that break it.

    The quick test may be False for a key that holds.
    """
    for resource in (each for each in descriptor.resources if each.name in tables):
        table = tables[resource.name]
        for rule, key in unique_keys(resource):
            yield (
                partial(has_no_repeats, table.select(key), limits),
                (resource.name,),
                partial(_find_repeats, table=table, resource=resource, rule=rule, key=key),
            )
        for foreign in _foreign_keys(resource, descriptor, with_codes=resource.name not in coded):
            if foreign.resource in tables:
                target = tables[foreign.resource].select(foreign.reference_fields)
                yield (
                    partial(is_contained, table.select(foreign.fields), target, limits),
                    (resource.name, foreign.resource),
                    partial(
                        _find_dangling,
                        table=table,
                        resource=resource,
                        key=foreign,
                        twins=TwinIndex(partial(_list_rows, target)),
                    ),
                )


def unique_keys(resource: Resource) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return the keys that must be unique in a table, each with the name of its rule."""
    yield f"{resource.name}-primaryKey", resource.primary_key
    for key in resource.unique_keys:
        yield f"{resource.name}-uniqueKeys", key
    for field in resource.fields:
        if field.constraints.get("unique") and (field.name,) != resource.primary_key:
            yield f"{field.name}-unique", (field.name,)


def _find_repeats(
    connection: DuckDBPyConnection,
    table: pa.Table,
    resource: Resource,
    rule: str,
    key: tuple[str, ...],
) -> Iterator[Violation]:
    """Find the rows whose key an earlier row has; as in SQL, keys with a missing part are never equal."""
    names = ", ".join(quote_name(name) for name in key)
    present = " AND ".join(f"{quote_name(name)} IS NOT NULL" for name in key)
    repeats = connection.execute(
        f'''SELECT "$row", "$first" FROM (
            SELECT "$row", min("$row") OVER (PARTITION BY {names}) AS "$first"
            FROM {quote_name(resource.name)} WHERE {present}
              AND ({names}) IN (
                SELECT ({names}) FROM {quote_name(resource.name)} WHERE {present}
                GROUP BY {names} HAVING count(*) > 1)
        ) WHERE "$row" > "$first" ORDER BY "$row"'''  # noqa: S608 - the names are quoted
    ).fetchall()
    for row, first in repeats[:MOST]:
        held = ", ".join(f"{named(name)} {shown(value_at(table[name], row))}" for name in key)
        yield Violation(rule, resource.name, row, key[-1], held, first)
    yield from count_rest(rule, resource, key[-1], len(repeats))


def _foreign_keys(
    resource: Resource, descriptor: Descriptor, *, with_codes: bool
) -> Iterator[ForeignKey]:
    """Return the foreign keys of the schema, then those to the codelists of fields."""
    yield from resource.foreign_keys
    for field in resource.fields:
        if with_codes and field.codes is not None and not field.keeps_unknown:
            target = descriptor.resource(field.codes)
            yield ForeignKey((field.name,), target.name, target.primary_key)


def _find_dangling(
    connection: DuckDBPyConnection,
    table: pa.Table,
    resource: Resource,
    key: ForeignKey,
    twins: TwinIndex,
) -> Iterator[Violation]:
    """Find the rows whose foreign key refers to nothing.

    As in frictionless, a key may be missing as a whole, but not in part.
    """
    present = " OR ".join(f"o.{quote_name(name)} IS NOT NULL" for name in key.fields)
    same = " AND ".join(
        f"o.{quote_name(own)} = t.{quote_name(other)}"
        for own, other in zip(key.fields, key.reference_fields, strict=True)
    )
    rows = connection.execute(
        f"""SELECT o."$row" FROM {quote_name(resource.name)} o
        ANTI JOIN {quote_name(key.resource)} t ON {same}
        WHERE {present} ORDER BY 1"""  # noqa: S608 - the names are quoted
    ).fetchall()
    for (row,) in rows[:MOST]:
        values = {name: value_at(table[name], row) for name in key.fields}
        yield _report_dangling(resource, row, key, values, twins.find(list(values.values())))
    yield from count_rest(f"{resource.name}-foreignKeys", resource, key.fields[-1], len(rows))


def _list_rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    return zip(*map(to_values, table.columns), strict=True)


def _report_dangling(
    resource: Resource,
    row: int,
    key: ForeignKey,
    values: Mapping[str, Any],
    twin: Sequence[Any] | None,
) -> Violation:
    """Return the violation of a row whose foreign key refers to nothing; `twin` is one that looks alike."""
    held = {
        name: f"{named(name)} {shown(value)}" for name, value in values.items() if value is not None
    }
    missing = [name for name in key.fields if name not in held]
    if missing:
        names, others = ", ".join(map(named, missing)), ", ".join(held.values())
        message = (
            f"{names} is missing beside {others}, expected all fields that refer to "
            f"{named(key.resource)}, or none of them"
        )
    else:
        wanted = f"a row of {named(key.resource)} with that {', '.join(map(named, key.reference_fields))}"
        message = f"{', '.join(held.values())} refers to nothing, expected {wanted}"
        if twin is not None:
            alike = [
                point_at(*both)
                for both in zip(twin, values.values(), strict=True)
                if both[0] != both[1]
            ]
            message += f"; did you mean {', '.join(alike)}?"
    field = missing[0] if missing else key.fields[-1]
    return Violation(f"{resource.name}-foreignKeys", resource.name, row, field, message)


# without a query


def has_no_repeats(keys: pa.Table, limits: Limits = LIMITS) -> bool:
    """Return True if no two rows of a table are equal; False if some are, or if that is not known quickly.

    A row with a missing part equals no other.
    """
    if is_increasing(keys, limits):
        return True
    codes = _encode_rows(keys.drop_null(), limits)
    if codes is None:
        return False
    codes.sort()
    return bool((codes[1:] != codes[:-1]).all())


def is_contained(own: pa.Table, target: pa.Table, limits: Limits = LIMITS) -> bool:
    """Return True if every row of a table is missing in all its parts or is a row of another table.

    False if one is not, or if that is not known quickly.
    """
    if own.schema.types != target.schema.types:
        return False
    wanted = _drop_runs(own, limits)
    if wanted is None:
        return False
    present = wanted.drop_null()
    empty = reduce(pc.and_, [pc.is_null(column) for column in wanted.columns])
    if present.num_rows + pc.sum(empty, min_count=0).as_py() < wanted.num_rows:
        return False
    target = target.rename_columns(own.column_names)
    if present.equals(target):
        return True
    codes = _encode_rows(pa.concat_tables([present, target]), limits)
    if codes is None:
        return False
    found = pc.is_in(pa.array(codes[: present.num_rows]), pa.array(codes[present.num_rows :]))
    return bool(pc.all(found, min_count=0).as_py())


def _drop_runs(rows: pa.Table, limits: Limits) -> pa.Table | None:
    """Return the rows of a table that differ from the one before; None if they are too many for memory.

    Rows of one record mostly refer to the same row and stand side by side. Of a single column each distinct
    value of a batch is kept once.
    """
    found = [rows.slice(0, 1)]
    size = 0
    for one, next_one in pair_with_next(rows, limits):
        differ = [
            pc.fill_null(pc.not_equal(*pair), True)
            for pair in zip(one.columns, next_one.columns, strict=True)
        ]
        piece = next_one.filter(reduce(pc.or_, differ))
        if piece.num_columns == 1:
            piece = pa.table([piece.column(0).unique()], schema=piece.schema)
        found.append(piece)
        size += piece.nbytes
        if size > limits.compared_keys:
            return None
    return pa.concat_tables(found)


def _encode_rows(
    rows: pa.Table, limits: Limits
) -> np.ndarray[tuple[int], np.dtype[np.int64]] | None:
    """Return a number for each row of a table; equal rows have equal numbers.

    None if that takes too much memory, or if a column has a type that is not in _EXACT.
    """
    if rows.nbytes > limits.compared_keys or any(kind not in _EXACT for kind in rows.schema.types):
        return None
    codes = np.zeros(rows.num_rows, np.int64)
    most = 1
    for column in rows.columns:
        encoded = column.combine_chunks().dictionary_encode()
        most *= len(encoded.dictionary) + 1
        if most >= 1 << 63:
            return None
        codes *= len(encoded.dictionary) + 1
        codes += pc.fill_null(encoded.indices, -1).to_numpy()
    return codes
