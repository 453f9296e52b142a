"""Columns of a release's tables as Arrow: labels beside codes, and tables joined to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from release.access.query import labels
from release.access.relations import JoinStep
from release.package.manifest.resources import ManifestResource

#: Names of columns that the columns of a release cannot have: a name never begins with this sign.
_LEFT, _RIGHT = "$left", "$right"


def add_labels(
    table: pa.Table,
    resource: ManifestResource,
    language: str,
    tables: Mapping[str, ManifestResource],
    read: Callable[[str], pa.Table],
) -> pa.Table:
    """Return a table with a column of labels behind each column of codes that have labels in a language.

    A label is missing where the code is, or where the codelist has none in that language.

    Args:
        table: The rows.
        resource: The table in the manifest.
        language: The language, in lower case.
        tables: The tables of the manifest by name.
        read: Returns the rows of a table.
    """
    names = dict.fromkeys(table.column_names)
    for code in labels.code_columns(resource, tables):
        label = labels.languages(tables[code.codelist]).get(language)
        if label is None:
            continue
        codelist = read(code.codelist)
        places = pc.index_in(
            table[code.name], value_set=codelist[code.key].combine_chunks(), skip_nulls=True
        )
        name = labels.label_name(code.name, names)
        names[name] = None
        at = table.column_names.index(code.name) + 1
        table = table.add_column(at, name, codelist[label].combine_chunks().take(places))
    return table


def codelists(resource: ManifestResource, tables: Mapping[str, ManifestResource]) -> set[str]:
    """Return the names of the codelists of which a table has codes."""
    return {each.codelist for each in labels.code_columns(resource, tables)}


def languages(tables: Mapping[str, ManifestResource]) -> list[str]:
    """Return the languages in which some codelist has labels, in the order in which they stand there."""
    return list(
        dict.fromkeys(each for table in tables.values() for each in labels.languages(table))
    )


def join(
    names: Sequence[str], tables: Mapping[str, pa.Table], steps: Sequence[JoinStep]
) -> pa.Table:
    """Return tables as one, by the steps that join them to the first.

    Each row of the first table is kept, in order, as often as a joined table has rows for it, in their order;
    what a table has no row for is missing. Columns by which a table was joined stand once. Another column
    whose name an earlier table has gets the name of its table before it, as in `texts_title`.
    """
    first = names[0]
    rows: dict[str, pa.Array] = {first: pa.array(range(tables[first].num_rows), pa.int64())}
    for step in steps:
        keys = [tables[table][column].take(rows[table]) for table, column in step.others]
        left, right = _match(keys, [tables[step.table][column] for column in step.columns])
        rows = {name: found.take(left) for name, found in rows.items()}
        rows[step.table] = right
    dropped = {(step.table, column) for step in steps for column in step.columns}
    columns: dict[str, pa.ChunkedArray] = {}
    for name in names:
        for column in tables[name].column_names:
            if (name, column) in dropped:
                continue
            title = column if column not in columns else f"{name}_{column}"
            while title in columns:
                title += "_"
            columns[title] = tables[name][column].take(rows[name])
    return pa.table(columns)


def _match(
    keys: Sequence[pa.ChunkedArray], others: Sequence[pa.ChunkedArray]
) -> tuple[pa.Array, pa.Array]:
    """Return the rows of two keys that are equal, as positions; a row that has no other comes once."""
    names = [f"${at}" for at in range(len(keys))]
    left = pa.table([*keys, _numbers(len(keys[0]))], [*names, _LEFT])
    right = pa.table([*others, _numbers(len(others[0]))], [*names, _RIGHT])
    found = left.join(right, names, join_type="left outer", use_threads=False)
    found = found.sort_by([(_LEFT, "ascending"), (_RIGHT, "ascending")])
    return found[_LEFT].combine_chunks(), found[_RIGHT].combine_chunks()


def _numbers(count: int) -> pa.Array:
    return pa.array(range(count), pa.int64())
