"""The result of a query: columns of Arrow that lose nothing of a value, some rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import pyarrow as pa

from release.access.query import faults
from release.findings.message import named
from release.tables.queries import functions, parse_tree
from release.tables.sql import quote_name

if TYPE_CHECKING:
    import duckdb

#: How a value is written: as text, as a number, true or false, or as the JSON that its text is.
Form = Literal["text", "number", "boolean", "json"]

#: The rows of a result that are in memory at once.
_BATCH = 1 << 14

#: Types whose values Arrow has as they are.
_NUMBERS = frozenset(
    "TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT FLOAT DOUBLE DECIMAL".split()
)
_PLAIN = frozenset(("VARCHAR", "DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "NULL"))

#: Functions that tell of tables, columns, views and what else a query may name.
_CATALOGUE = frozenset(
    f"duckdb_{each}" for each in "columns functions keywords schemas tables types views".split()
)

#: Before a query, it makes DuckDB bind it and run nothing.
_PLANNING = "EXPLAIN "

#: Statements that may change nothing.
_READING = "SELECT"


@dataclass(frozen=True)
class QueryResult:
    """The columns of a result by their names, their types, how each is written, and its rows."""

    names: Sequence[str]
    types: Sequence[pa.DataType]
    forms: Sequence[Form]
    batches: Iterator[pa.RecordBatch]


class Excerpt:
    """The first rows of a result; `is_cut` is true once there were more."""

    def __init__(self, whole: QueryResult, limit: int | None) -> None:
        self.is_cut = False
        self.result = replace(whole, batches=self._first(whole.batches, limit))

    def _first(
        self, batches: Iterator[pa.RecordBatch], limit: int | None
    ) -> Iterator[pa.RecordBatch]:
        left = limit
        for batch in batches:
            if left is not None and batch.num_rows > left:
                self.is_cut = True
                yield batch.slice(0, left)
                return
            left = None if left is None else left - batch.num_rows
            yield batch


def run(connection: duckdb.DuckDBPyConnection, query: str) -> QueryResult:
    """Run a query that only reads, in a database of `database.connect`.

    Lists and structs become JSON, and values of types that Arrow has not, such as intervals, text.

    Raises:
        SqlError: It cannot be run, or is something else than one query; also while its rows are read.
    """
    import duckdb

    before = 0
    try:
        _expect_query(connection, query)
        before = len(_PLANNING)
        connection.execute(f"{_PLANNING}{query}")  # an error of `sql` would not say where
        before = 0
        relation = connection.sql(query)
        names, types = list(relation.columns), [str(each) for each in relation.types]
        forms: list[Form] = [_form(each) for each in types]
        if any(map(_is_exotic, types)):
            relation = connection.sql(_as_text(query, types))
        reader = relation.to_arrow_reader(_BATCH)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise faults.explain(error, query, _names(connection), before) from error
    return QueryResult(names, reader.schema.types, forms, _read(reader, connection, query))


def _expect_query(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Refuse what is not one query.

    Raises:
        SqlError: It is something else.
        duckdb.Error: It cannot be parsed.
    """
    statements = connection.extract_statements(query)
    kinds = [each.type.name for each in statements]
    if len(kinds) != 1:
        found = f"has {len(kinds)} statements" if kinds else "has no statement"
        raise faults.refuse(f"{found}, expected one query")
    if kinds == ["MULTI"]:
        message = "PIVOT has to name its values: PIVOT … ON column IN (…)"
        raise faults.refuse(message)
    if kinds == [_READING]:
        _expect_functions(connection, query)
    else:
        message = f"{kinds[0]} is not supported: a release is only read; expected a query such as SELECT …"
        raise faults.refuse(message)


def _expect_functions(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Refuse functions that stand for a table, but for those that make rows or tell what there is.

    Others read files, or memory by its address, or set something. The lock of the database refuses most of
    them too; this list is the second wall, and holds in a new version of DuckDB.

    Raises:
        SqlError: One is called.
        duckdb.Error: The query cannot be parsed.
    """
    try:
        tree = parse_tree.read(connection, query)
    except parse_tree.TooDeepError as error:
        raise faults.refuse("is nested too deeply") from error
    for call in tree.table_calls:
        if call.name not in functions.TABLES | _CATALOGUE:
            known = ", ".join(sorted(functions.TABLES))
            message = (
                f"{call.name} may not stand for a table here, only {known} and duckdb_columns may"
            )
            raise faults.refuse(message, query, call.location)


def _read(
    reader: pa.RecordBatchReader, connection: duckdb.DuckDBPyConnection, query: str
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a result; a fault that only a value shows ends it."""
    import duckdb

    try:
        yield from reader
    except duckdb.OutOfMemoryException:
        raise
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise faults.explain(error, query, _names(connection)) from error


def _names(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Return the names of tables, and those of schemas with labels."""
    found = connection.execute(
        "SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal "
        "UNION SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL"
    ).fetchall()
    schemas = dict.fromkeys(schema for schema, _ in found if schema != "main")
    return {"table": [name for schema, name in found if schema == "main"], "schema": [*schemas]}


def _form(kind: str) -> Form:
    if kind == "BOOLEAN":
        return "boolean"
    if kind.partition("(")[0] in _NUMBERS and not kind.endswith("]"):
        return "number"
    return "json" if _is_nested(kind) or kind == "JSON" else "text"


def _is_nested(kind: str) -> bool:
    return kind.endswith("]") or kind.startswith(("STRUCT(", "MAP("))


def _is_exotic(kind: str) -> bool:
    """Return whether a type's values have to become text in DuckDB, as Arrow has no such values."""
    return _form(kind) == "json" or (_form(kind) == "text" and kind not in _PLAIN)


def _as_text(query: str, types: Sequence[str]) -> str:
    """Return a query for the same rows, whose exotic columns are text."""
    columns = []
    for at, kind in enumerate(types):
        name = quote_name(f"c{at}")
        if _is_nested(kind):
            name = f"CAST(to_json({name}) AS VARCHAR)"
        elif kind == "JSON":
            name = f"CAST(json({name}) AS VARCHAR)"
        elif _is_exotic(kind):
            name = f"CAST({name} AS VARCHAR)"
        columns.append(name)
    names = ", ".join(quote_name(f"c{at}") for at in range(len(types)))
    text = query.strip().rstrip(";")
    return f"SELECT {', '.join(columns)} FROM (\n{text}\n) q({names})"  # noqa: S608


def expect_names(result: QueryResult) -> None:
    """Refuse a result of which two columns have one name.

    Raises:
        SqlError: They have.
    """
    twice = next((each for each in result.names if list(result.names).count(each) > 1), None)
    if twice is not None:
        what = f"two columns have the name {named(twice)}"
        raise faults.refuse(f"{what}, expected each once: name one with AS")
