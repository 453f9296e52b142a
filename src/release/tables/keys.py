"""Keys of whole tables: rows that repeat what must be unique, or refer to nothing.

That nothing is wrong is mostly seen without a query: a key that increases from row to row repeats nothing,
and what fits in memory is compared as numbers. Which rows are wrong DuckDB tells; so it does of tables that
are large and in no order.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.load import Descriptor, ForeignKey, Resource
from release.findings import shown
from release.tables.columns import is_increasing, pair_with_next
from release.tables.sql import connect, number_rows, quote_name
from release.tables.validate import MOST, Violation, count_rest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: So many bytes of keys are compared in memory.
_LARGE = 1 << 28

#: So many keys are looked at side by side.
_AT_ONCE = 2

#: Of fewer rows than this the keys are looked at one after the other.
_FEW = 1 << 16

#: Types whose values are the same where their bytes are: of numbers, zero has a sign.
_EXACT = (pa.string(), pa.int64(), pa.date32(), pa.bool_())


def find_violations(
    tables: Mapping[str, pa.Table], descriptor: Descriptor, *, coded: Container[str] = ()
) -> list[Violation]:
    """The rows that repeat what must be unique, or refer to nothing.

    In tables named in `coded` fields with a codelist hold nothing but its codes. Tables that are missing
    are left out.
    """
    asked = list(_asked(tables, descriptor, coded))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        small = sum(table.num_rows for table in tables.values()) < _FEW
        seen = (map if small else pool.map)(lambda key: key[0](), asked)
        broken = [tell for (_, tell), is_right in zip(asked, seen, strict=True) if not is_right]
    if not broken:
        return []
    with connect(number_rows(tables)) as connection:
        return [violation for tell in broken for violation in tell(connection)]


def _asked(
    tables: Mapping[str, pa.Table], descriptor: Descriptor, coded: Container[str]
) -> Iterator[tuple[Callable[[], bool], Callable[[DuckDBPyConnection], Iterator[Violation]]]]:
    """For each key how it is seen that no row breaks it, and how those that do are told."""
    for resource in (each for each in descriptor.resources if each.name in tables):
        table = tables[resource.name]
        for rule, key in _unique_keys(resource):
            yield (
                partial(has_no_repeats, table.select(key)),
                partial(_repeated, table=table, resource=resource, rule=rule, key=key),
            )
        for foreign in _foreign_keys(resource, descriptor, with_codes=resource.name not in coded):
            if foreign.resource in tables:
                target = tables[foreign.resource].select(foreign.reference_fields)
                yield (
                    partial(is_contained, table.select(foreign.fields), target),
                    partial(_dangling, table=table, resource=resource, key=foreign),
                )


def _unique_keys(resource: Resource) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What must be unique in a table, under the name of its rule."""
    yield f"{resource.name}-primaryKey", resource.primary_key
    for key in resource.unique_keys:
        yield f"{resource.name}-uniqueKeys", key
    for field in resource.fields:
        if field.constraints.get("unique") and (field.name,) != resource.primary_key:
            yield f"{field.name}-unique", (field.name,)


def _repeated(
    connection: DuckDBPyConnection,
    table: pa.Table,
    resource: Resource,
    rule: str,
    key: tuple[str, ...],
) -> Iterator[Violation]:
    """The rows that hold a key which an earlier row has; as in SQL, one with a missing part never does."""
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
        held = ", ".join(f"{name} {shown(table[name][row].as_py())}" for name in key)
        yield Violation(rule, resource.name, row, key[-1], held, first)
    yield from count_rest(rule, resource, key[-1], len(repeats))


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
    connection: DuckDBPyConnection, table: pa.Table, resource: Resource, key: ForeignKey
) -> Iterator[Violation]:
    """Rows whose foreign key refers to nothing.

    As frictionless has it: a key of which every part is missing refers to nothing and may, one of which
    some parts are missing may not.
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
        values = {name: table[name][row].as_py() for name in key.fields}
        yield _refers_to_nothing(resource, row, key, values)
    yield from count_rest(f"{resource.name}-foreignKeys", resource, key.fields[-1], len(rows))


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


# without a query


def has_no_repeats(keys: pa.Table) -> bool:
    """Whether no row of a table is seen to be the same as another; one with a missing part never is."""
    if is_increasing(keys):
        return True
    codes = _codes(keys.drop_null())
    if codes is None:
        return False
    codes.sort()
    return bool((codes[1:] != codes[:-1]).all())


def is_contained(own: pa.Table, target: pa.Table) -> bool:
    """Whether every row of a table is seen to stand in another one, or to be missing in all its parts."""
    if own.schema.types != target.schema.types:
        return False
    wanted = _different(own)
    if wanted is None:
        return False
    present = wanted.drop_null()
    empty = reduce(pc.and_, [pc.is_null(column) for column in wanted.columns])
    if present.num_rows + pc.sum(empty, min_count=0).as_py() < wanted.num_rows:
        return False
    target = target.rename_columns(own.column_names)
    if present.equals(target):
        return True
    codes = _codes(pa.concat_tables([present, target]))
    if codes is None:
        return False
    found = pc.is_in(pa.array(codes[: present.num_rows]), pa.array(codes[present.num_rows :]))
    return bool(pc.all(found, min_count=0).as_py())


def _different(rows: pa.Table) -> pa.Table | None:
    """The rows of a table that are unlike the one before; None where they are too many for memory.

    What rows of one entry refer to stands side by side, and of one column each value is kept once.
    """
    found = [rows.slice(0, 1)]
    size = 0
    for one, next_one in pair_with_next(rows):
        differ = [
            pc.fill_null(pc.not_equal(*pair), True)
            for pair in zip(one.columns, next_one.columns, strict=True)
        ]
        piece = next_one.filter(reduce(pc.or_, differ))
        if piece.num_columns == 1:
            piece = pa.table([piece.column(0).unique()], schema=piece.schema)
        found.append(piece)
        size += piece.nbytes
        if size > _LARGE:
            return None
    return pa.concat_tables(found)


def _codes(rows: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.int64]] | None:
    """A number for each row of a table, the same for rows that are the same.

    None where that would take too much memory, or values may be the same though their bytes are not.
    """
    if rows.nbytes > _LARGE or any(kind not in _EXACT for kind in rows.schema.types):
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
