"""The catalogue that a query may ask: the tables of the release and their columns, under their names in SQL.

DuckDB's own also lists what it brings along, which differs between its versions, and has columns about the
connection. So `information_schema.columns` and `information_schema.tables` are tables of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from release.tables.queries.parse_tree import NamedTable

#: The tables of the catalogue by their names.
COLUMNS, TABLES = "information_schema.columns", "information_schema.tables"

#: Their primary keys, as positions of columns.
KEYS = {COLUMNS: frozenset((0, 1)), TABLES: frozenset((0,))}

_WRITTEN = re.compile(rb'"?information_schema"?\s*\.\s*"?(columns|tables)"?', re.IGNORECASE)


def make_tables(fields: Mapping[str, Sequence[str]]) -> dict[str, pa.Table]:
    """Return the catalogue of tables, given by name as the names of their fields.

    `information_schema.columns` has table_name, column_name and ordinal_position, from 1;
    `information_schema.tables` has table_name.
    """
    rows = [
        {"table_name": table, "column_name": name, "ordinal_position": position}
        for table, names in fields.items()
        for position, name in enumerate(names, 1)
    ]
    columns = pa.schema(
        [("table_name", "string"), ("column_name", "string"), ("ordinal_position", "int32")]
    )
    return {
        COLUMNS: pa.Table.from_pylist(rows, columns),
        TABLES: pa.table({"table_name": pa.array(fields, pa.string())}),
    }


def replace_tables(query: str, tables: Iterable[NamedTable]) -> str:
    """Return a query that reads the tables of this catalogue where it named those of DuckDB's."""
    text = query.encode()
    for table in sorted(tables, key=lambda each: -each.location):
        if table.name.lower() not in KEYS:
            continue
        if written := _WRITTEN.match(text, table.location):
            name = written[1].lower()
            alias = b"" if table.has_alias else b' AS "%b"' % name
            ours = b'"information_schema.%b"%b' % (name, alias)
            text = text[: written.start()] + ours + text[written.end() :]
    return text.decode()
