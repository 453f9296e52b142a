"""A dataset's own checks: queries in SQL for the rows that are wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.load import Check, Descriptor
from release.descriptor.properties import suggest
from release.errors import UsageError
from release.findings import printable, shown
from release.syntax.paths import brief_path
from release.tables.sql import connect, number_rows, quote_name

#: A column's value in a check's message.
_COLUMN = re.compile(r"\{(\w+)\}")

#: DuckDB's types whose values are text, and stand in quotes in messages.
_TEXTS = ("VARCHAR", "ENUM", "JSON", "UUID")

#: So many rows are put into words at once.
_BATCH = 1 << 16

#: What a query gives, and the keys of its resource's table with the positions of rows, as SQL sees them.
_RESULT, _ROWS = "$check", "$rows"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found: what it says of each row, and the row's position in the table of its resource.

    The position is -1 where a row stands for none there. In the order of positions and messages.
    """

    check: Check
    messages: pa.Array
    rows: pa.Array


def run(tables: Mapping[str, pa.Table], descriptor: Descriptor) -> list[CheckResult]:
    """What the checks find in tables, in their order.

    Queries see the fields of a table and no column that only the making needs: `$record` and its like.

    Raises:
        UsageError: a check cannot be run; the message lists what is wrong with each, with its place.
        ReleaseError: there is no room for one.
    """
    found: list[CheckResult] = []
    problems = []
    asked = {check.resource for check in descriptor.checks if check.resource}
    keys = {name: tables[name].select(descriptor.resource(name).primary_key) for name in asked}
    with connect({name: _fields(table) for name, table in tables.items()}) as connection:
        means = _Means(connection, number_rows(keys), cache(partial(_unsteady, connection)))
        for check in descriptor.checks:
            try:
                found.append(_run(means, check, descriptor))
            except _UnusableError as error:
                place = (*check.place, error.key)
                problems.append(f"{descriptor.at(place)}: {brief_path(place)} {error}")
    if problems:
        raise UsageError("\n".join(problems))
    return found


class _UnusableError(Exception):
    """A check that cannot be run; `key` is the property that is wrong."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def _fields(table: pa.Table) -> pa.Table:
    """A table without what is no field."""
    return table.select([name for name in table.column_names if not name.startswith("$")])


@dataclass(frozen=True, slots=True)
class _Means:
    """What a check is run with; `keys` are those of rows with `$row`, by table.

    `unsteady` are the functions that a query may not call.
    """

    connection: duckdb.DuckDBPyConnection
    keys: Mapping[str, pa.Table]
    unsteady: Callable[[], frozenset[str]]


def _run(means: _Means, check: Check, descriptor: Descriptor) -> CheckResult:
    """What one check finds.

    Raises:
        _UnusableError: its query or message does not do what a check's does.
    """
    connection = means.connection
    try:
        statements = connection.extract_statements(check.query)
        if [one.type for one in statements] != [duckdb.StatementType.SELECT]:
            raise _UnusableError("query", f"{_kinds(statements)}, expected one SELECT")
        if drifting := _drifting(connection, statements[0].query, means.unsteady()):
            message = f"{drifting}, expected the same answer at every time"
            raise _UnusableError("query", message)
        result = connection.sql(check.query)
        types = dict(zip(result.columns, map(str, result.types), strict=True))
        _validate(check, result.columns, types, descriptor)
        own = {_RESULT: result.to_arrow_table()}
        if check.resource:
            own[_ROWS] = means.keys[check.resource]
        with _registered(connection, own):
            rows = connection.sql(_located(types, check, descriptor)).to_arrow_table()
    except duckdb.OutOfMemoryException:  # which is not the query's fault
        raise
    except duckdb.Error as error:
        raise _UnusableError("query", f"cannot be run: {_said(error)}") from error
    messages = _messages(check, rows, types)
    wrong = pa.table({"row": rows.columns[-1].cast(pa.int64()), "message": messages})
    wrong = wrong.sort_by([("row", "ascending"), ("message", "ascending")]).combine_chunks()
    return CheckResult(check, wrong["message"], wrong["row"])


@contextmanager
def _registered(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]
) -> Iterator[None]:
    """Let SQL see tables of ours, which no query of a dataset does."""
    for name, table in tables.items():
        connection.register(name, table)
    try:
        yield
    finally:
        for name in tables:
            connection.unregister(name)


#: Names of the clock that DuckDB's grammar has as columns, or its catalogue as constant.
_CLOCKS = frozenset(
    "current_date current_time current_timestamp localtime localtimestamp current_localtime "
    "current_localtimestamp".split()
)


#: What runs a query that stands in a text, where it is not looked for.
_HIDING = frozenset(("query", "json_execute_serialized_sql"))

#: What a query asks for: of each part of it the function, how many values that is given, the column if
#: it has no table's name before it, and whether rows are taken by chance.
_PARTS = """
    SELECT DISTINCT
        coalesce(value->>'$.function_name', ''),
        json_array_length(value, '$.arguments'),
        CASE json_array_length(value, '$.column_names') WHEN 1
            THEN lower(value->>'$.column_names[0]') ELSE '' END,
        coalesce(json_type(value, '$.sample') = 'OBJECT', false)
    FROM json_tree(json_serialize_sql(?::VARCHAR)) WHERE type = 'OBJECT'"""


def _drifting(
    connection: duckdb.DuckDBPyConnection, query: str, unsteady: frozenset[str]
) -> str | None:
    """What in a query asks for the time or for chance; None where nothing does."""
    called = set()
    for function, given, column, sampled in connection.execute(_PARTS, [query]).fetchall():
        if sampled:
            return "takes a sample"
        # with one time, `age` counts to today
        if function in unsteady | _CLOCKS | _HIDING or (function == "age" and given == 1):
            called.add(function)
        if column in _CLOCKS:
            called.add(column)
    return f"calls {', '.join(sorted(called))}" if called else None


def _unsteady(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The functions of DuckDB that may answer differently the next time: a release depends on none."""
    names = connection.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() "
        "WHERE stability <> 'CONSISTENT' AND function_name <> 'error' "
        "OR contains(macro_definition, 'current_timestamp')"
    ).fetchall()
    return frozenset(name for (name,) in names)


def _said(error: duckdb.Error) -> str:
    """What DuckDB says in one line, without the query that it draws below."""
    said, _, drawn = str(error).partition("\n\nLINE ")
    line = drawn.partition(":")[0]
    where = f" in line {line} of the query" if line.isdigit() else ""
    return f"{printable(' '.join(said.split()))}{where}"


def _kinds(statements: list[duckdb.Statement]) -> str:
    if len(statements) == 1:
        return f"is {statements[0].type.name}"
    return f"has {len(statements)} statements" if statements else "has no statement"


def _validate(
    check: Check, names: list[str], types: Mapping[str, str], descriptor: Descriptor
) -> None:
    """A query gives each column once, those of the message among them, and its table's primary key.

    Raises:
        _UnusableError: it does not.
    """
    if len(types) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise _UnusableError("query", f"selects {twice} again, expected it once")
    for name in _COLUMN.findall(check.message):
        if name not in types:
            message = f"says {{{name}}}, expected a column of the query: {', '.join(types)}"
            raise _UnusableError("message", message + suggest(name, types))
    if not check.resource:
        return
    resource = descriptor.resource(check.resource)
    if missing := [name for name in resource.primary_key if name not in types]:
        message = (
            f"does not select {', '.join(missing)}, expected the primary key of {resource.name}"
        )
        raise _UnusableError("query", f"{message}, so that its findings have a place")
    for name in resource.primary_key:
        kind = resource.field(name).type
        if types[name].startswith(_TEXTS) != (kind == "string"):
            message = f"selects {name} as {types[name]}, expected {kind} as in {resource.name}"
            raise _UnusableError("query", message)


def _located(types: Mapping[str, str], check: Check, descriptor: Descriptor) -> str:
    """A query for what the check gave as text, with the position of each row in its resource's table."""
    columns = [f"CAST(q.{quote_name(name)} AS VARCHAR)" for name in types]
    if not check.resource:
        return f"SELECT {', '.join(columns)}, -1 FROM {quote_name(_RESULT)} q"  # noqa: S608
    same = " AND ".join(
        f"q.{quote_name(name)} IS NOT DISTINCT FROM t.{quote_name(name)}"
        for name in descriptor.resource(check.resource).primary_key
    )
    return (
        f'SELECT {", ".join(columns)}, coalesce(t."$row", -1) FROM {quote_name(_RESULT)} q '  # noqa: S608
        f"LEFT JOIN {quote_name(_ROWS)} t ON {same}"
    )


def _messages(check: Check, table: pa.Table, types: Mapping[str, str]) -> pa.ChunkedArray:
    """What a check says of each row that its query gave, whose values stand in the table as text."""
    said, *rest = _COLUMN.split(
        check.message
    )  # text, then a column and the text behind it, by turns
    columns = [(list(types).index(name), types[name]) for name in rest[::2]]
    batches = []
    for batch in table.to_batches(max_chunksize=_BATCH):
        parts = [pa.repeat(said, batch.num_rows)]
        for (at, kind), text in zip(columns, rest[1::2], strict=True):
            parts += [_shown(batch.column(at), kind), pa.repeat(text, batch.num_rows)]
        batches.append(pc.binary_join_element_wise(*parts, ""))
    return pa.chunked_array(batches, pa.string())


def _shown(column: pa.Array, kind: str) -> pa.Array:
    """The values of a column as messages show them; most stand in many rows."""
    show = shown if kind.startswith(_TEXTS) else printable
    encoded = column.dictionary_encode(null_encoding="encode")
    values = encoded.dictionary.to_pylist()
    texts = [shown(None) if value is None else show(value) for value in values]
    return pa.array(texts, pa.string()).take(encoded.indices)
