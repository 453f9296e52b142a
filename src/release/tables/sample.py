"""Choose a sample of tables by key, with all rows that it refers to."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.model import Descriptor, ForeignKey, Resource
from release.tables.columns import to_values


def sample_tables(
    tables: Mapping[str, pa.Table], descriptor: Descriptor, rows: int
) -> dict[str, pa.Table]:
    """Return the tables with about so many rows: those whose first key field has the smallest digests.

    Tables that share that field keep the same keys; curated tables are kept whole; what a kept row
    refers to is kept too, so that foreign keys hold in the sample if they hold in the whole.
    """
    made = [resource for resource in descriptor.resources if not resource.is_curated]
    total = sum(tables[resource.name].num_rows for resource in made)
    share = min(1.0, rows / max(total, 1))
    chosen = functools.cache(lambda value: _number(value) < int(share * 2**32))
    keep = {
        resource.name: _chosen(tables[resource.name], resource.primary_key[0], chosen)
        for resource in made
    }
    for resource in descriptor.resources:
        keep.setdefault(resource.name, _all(tables[resource.name]))
    more = True
    while more:
        found = [_refer(tables, keep, resource, key) for resource, key in _keys(descriptor)]
        more = any(found)
    return {name: table.filter(keep[name]) for name, table in tables.items()}


def _all(table: pa.Table) -> pa.ChunkedArray:
    return pa.chunked_array([pa.repeat(True, table.num_rows)], pa.bool_())


def _chosen(table: pa.Table, name: str, chosen: Callable[[Any], bool]) -> pa.ChunkedArray:
    """Return which rows have a chosen value; those with one of the values if no value is chosen."""
    values = pc.unique(table[name])
    kept = list(filter(chosen, to_values(values))) or to_values(values.slice(0, 1))
    return pc.is_in(table[name], pa.array(kept, table.schema.field(name).type))


def _number(value: object) -> int:
    """Return a number below 2^32, from the digest of a value."""
    return int.from_bytes(hashlib.sha256(str(value).encode()).digest()[:4])


def _keys(descriptor: Descriptor) -> Iterator[tuple[Resource, ForeignKey]]:
    for resource in descriptor.resources:
        for key in resource.foreign_keys:
            yield resource, key


def _refer(
    tables: Mapping[str, pa.Table],
    keep: dict[str, pa.ChunkedArray],
    resource: Resource,
    key: ForeignKey,
) -> bool:
    """Keep the rows that the kept rows of a table refer to; return whether any were added."""
    target = tables[key.resource]
    own = tables[resource.name].select(key.fields).filter(keep[resource.name])
    wanted = pc.is_in(
        join_columns(target, key.reference_fields), pc.unique(join_columns(own, key.fields))
    )
    now = pc.or_(keep[key.resource], pc.fill_null(wanted, False))
    more = pc.sum(now).as_py() != pc.sum(keep[key.resource]).as_py()
    keep[key.resource] = now
    return bool(more)


def join_columns(table: pa.Table, names: Sequence[str]) -> pa.ChunkedArray:
    """Join several columns into one of text; null if one of them is."""
    columns = [table[name].cast(pa.string()) for name in names]
    return columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, "\0")
