"""A dataset's own checks: SQL queries that select wrong rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.model import Check, Descriptor
from release.descriptor.properties import suggest
from release.descriptor.vocabulary import ADDED
from release.findings.errors import QueryError
from release.findings.message import named, printable, shown
from release.syntax.paths import brief_path
from release.system.limits import LIMITS, Limits
from release.tables.queries import catalogue, plan
from release.tables.queries.steadiness import Judge
from release.tables.sql import connect, number_rows, quote_name, select_named

#: Stands in a check's message for the value of a column.
_COLUMN = re.compile(r"\{([^{}]+)\}")

#: The types of DuckDB whose values are text, which messages show in quotes.
_TEXTS = ("VARCHAR", "ENUM", "JSON", "UUID")

#: The number of rows whose messages are written at once.
_BATCH = 1 << 16

#: Names of views: a query's result, and the primary keys of its table with the positions of the rows.
_RESULT, _ROWS = "$check", "$rows"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check: one item per wrong row, sorted by row, then by message.

    `messages` has the message; `rows` the position of the row in the table of the check's resource, -1 if the
    query's row matches none there, or if the check names no resource.
    """

    check: Check
    messages: pa.Array
    rows: pa.Array


def run(
    tables: Mapping[str, pa.Table], descriptor: Descriptor, limits: Limits = LIMITS
) -> list[CheckResult]:
    """Run all checks of a dataset on its tables, by name; the results are in the order of the checks.

    Queries see the fields of a table, but not the columns that the build adds, such as `$record`.

    Raises:
        QueryError: Some checks cannot be run; the message has a line for each, with its location.
        ReleaseError: A query needs more memory or temporary space than there is.
    """
    found: list[CheckResult] = []
    problems = []
    named = {check.resource for check in descriptor.checks if check.resource}
    keys = {name: tables[name].select(descriptor.resource(name).primary_key) for name in named}
    views = {name: _drop_added_columns(table) for name, table in tables.items()}
    views |= catalogue.make_tables({name: view.column_names for name, view in views.items()})
    steady = _recall_steady(_sign(views, descriptor))
    used = views
    if all(check.query in steady for check in descriptor.checks):
        used = select_named(views, steady.values())
    with connect(used, limits) as connection, ExitStack() as stack:
        connection.execute("SET threads = 1")  # sums of floating-point numbers depend on the order
        judge = cache(lambda: stack.enter_context(_judge(connection, views, descriptor)))
        context = _Context(connection, number_rows(keys, limits), judge, steady)
        for check in descriptor.checks:
            try:
                found.append(_run(context, check, descriptor))
            except _UnusableError as error:
                key_path = (*check.key_path, error.key)
                where = f"{descriptor.show_location(key_path)}: {brief_path(key_path)}"
                problems += [f"{where} {reason}" for reason in error.reasons]
    if problems:
        raise QueryError("\n".join(problems))
    return found


class _UnusableError(Exception):
    """A check that cannot be run, with the reasons; `key` is the property that is at fault."""

    def __init__(self, key: str, *reasons: str) -> None:
        super().__init__(*reasons)
        self.key = key
        self.reasons = reasons


def _drop_added_columns(table: pa.Table) -> pa.Table:
    """Return a table without the columns that are no fields."""
    return table.select([name for name in table.column_names if name not in ADDED])


@dataclass(frozen=True, slots=True)
class _Context:
    """The values that all checks are run with.

    `keys` has the primary keys of the rows and their positions, `$row`, by table. `judge` opens the judge of
    queries. `steady` are those that were judged before, as they are run.
    """

    connection: duckdb.DuckDBPyConnection
    keys: Mapping[str, pa.Table]
    judge: Callable[[], Judge]
    steady: dict[str, str]


def _run(context: _Context, check: Check, descriptor: Descriptor) -> CheckResult:
    """Run one check.

    Raises:
        _UnusableError: The query cannot be run or is not repeatable, or its columns do not suit the check.
    """
    connection = context.connection
    try:
        was_run = check.query in context.steady
        result = _open_steady(context, check.query)
        types = dict(zip(result.columns, map(str, result.types), strict=True))
        _validate(check, result.columns, types, descriptor)
        own = {_RESULT: result.to_arrow_table()}
        if was_run and not len(own[_RESULT]):  # that the positions can be found has been seen
            return CheckResult(check, pa.array([], pa.string()), pa.array([], pa.int64()))
        if check.resource:
            own[_ROWS] = context.keys[check.resource]
        with _registered(connection, own):
            rows = connection.sql(_position_query(types, check, descriptor)).to_arrow_table()
    except duckdb.OutOfMemoryException:  # not a fault of the query
        raise
    except duckdb.Error as error:
        raise _UnusableError("query", f"cannot be run: {_one_line(error)}") from error
    messages = _write_messages(check, rows, types)
    wrong = pa.table({"row": rows.columns[-1].cast(pa.int64()), "message": messages})
    wrong = wrong.sort_by([("row", "ascending"), ("message", "ascending")]).combine_chunks()
    return CheckResult(check, wrong["message"], wrong["row"])


def _open_steady(context: _Context, text: str) -> duckdb.DuckDBPyRelation:
    """Return the result of a query, which is judged unless it was.

    Raises:
        _UnusableError: It is no query, or not repeatable.
        duckdb.Error: It cannot be run.
    """
    if text in context.steady:
        return context.connection.sql(context.steady[text])
    statements = context.connection.extract_statements(text)
    if [one.type for one in statements] != [duckdb.StatementType.SELECT]:
        raise _UnusableError("query", f"{_describe_statements(statements)}, expected one SELECT")
    judge, query = context.judge(), statements[0].query
    if problems := judge.judge_names(query):
        raise _UnusableError("query", *problems)
    query = judge.replace_catalogue(query)
    result = context.connection.sql(query)
    if problems := judge.judge_plan(query):
        raise _UnusableError("query", *problems)
    context.steady[text] = query
    return result


@lru_cache(maxsize=4)
def _recall_steady(_: object) -> dict[str, str]:
    """Return the queries that were found steady over some tables, as they are run; at first there are none.

    A process that checks a dataset again and again need not judge its queries again.
    """
    return {}


def _sign(views: Mapping[str, pa.Table], descriptor: Descriptor) -> object:
    """Return all that a judge knows of some tables: names, types and keys."""
    keys = {each.name: each.primary_key for each in descriptor.resources}
    return tuple((name, str(view.schema), keys.get(name)) for name, view in views.items())


@contextmanager
def _judge(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], descriptor: Descriptor
) -> Iterator[Judge]:
    """Open the judge of queries on tables, which stand in a connection."""
    types = {}
    for name in tables:
        view = connection.table(quote_name(name))
        types[name] = dict(zip(view.columns, map(str, view.types), strict=True))
    keys = dict(catalogue.KEYS)
    for name in tables.keys() - keys.keys():
        key = descriptor.resource(name).primary_key
        keys[name] = frozenset(map(tables[name].column_names.index, key))
    with plan.planner(connection, types) as planner:
        yield Judge(planner, keys)


@contextmanager
def _registered(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]
) -> Iterator[None]:
    """Register tables for the program's own queries, and remove them afterwards."""
    for name, table in tables.items():
        connection.register(name, table)
    try:
        yield
    finally:
        for name in tables:
            connection.unregister(name)


def _one_line(error: duckdb.Error) -> str:
    """Return the message of DuckDB as one line, without the excerpt of the query below it."""
    message, _, excerpt = str(error).partition("\n\nLINE ")
    line = excerpt.partition(":")[0]
    location = f" in line {line} of the query" if line.isdigit() else ""
    return f"{printable(' '.join(message.split()))}{location}"


def _describe_statements(statements: list[duckdb.Statement]) -> str:
    if len(statements) == 1:
        return f"is {statements[0].type.name}"
    return f"has {len(statements)} statements" if statements else "has no statement"


def _validate(
    check: Check, names: list[str], types: Mapping[str, str], descriptor: Descriptor
) -> None:
    """Check the columns of a query's result.

    Raises:
        _UnusableError: A column is repeated, or a column of the message or of the primary key of the check's
            table is missing or of another type.
    """
    if len(types) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise _UnusableError("query", f"selects {named(twice)} again, expected it once")
    for name in _COLUMN.findall(check.message):
        if name not in types:
            message = (
                f"says {{{name}}}, expected a column of the query: {', '.join(map(named, types))}"
            )
            raise _UnusableError("message", message + suggest(name, types))
    if not check.resource:
        return
    resource = descriptor.resource(check.resource)
    if missing := [name for name in resource.primary_key if name not in types]:
        message = f"does not select {', '.join(map(named, missing))}, expected the primary key of"
        why = "so that its findings have a location"
        raise _UnusableError("query", f"{message} {named(resource.name)}, {why}")
    for name in resource.primary_key:
        field = resource.field(name)
        if types[name].startswith(_TEXTS) != (field.values.sql == "VARCHAR"):
            expected = f"expected {field.type} as in {named(resource.name)}"
            message = f"selects {named(name)} as {types[name]}, {expected}"
            raise _UnusableError("query", message)


def _position_query(types: Mapping[str, str], check: Check, descriptor: Descriptor) -> str:
    """Return a query for a check's result as text, with the position of each row in the check's table."""
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


def _write_messages(check: Check, table: pa.Table, types: Mapping[str, str]) -> pa.ChunkedArray:
    """Write the message of each row of a check's result, whose values are text."""
    # text, then by turns a column and the text that follows it
    beginning, *rest = _COLUMN.split(check.message)
    columns = [(list(types).index(name), types[name]) for name in rest[::2]]
    batches = []
    for batch in table.to_batches(max_chunksize=_BATCH):
        parts = [pa.repeat(beginning, batch.num_rows)]
        for (at, kind), text in zip(columns, rest[1::2], strict=True):
            parts += [_show_values(batch.column(at), kind), pa.repeat(text, batch.num_rows)]
        batches.append(pc.binary_join_element_wise(*parts, ""))
    return pa.chunked_array(batches, pa.string())


def _show_values(column: pa.Array, kind: str) -> pa.Array:
    """Return the values of a column as messages show them; each distinct value is formatted once."""
    show = shown if kind.startswith(_TEXTS) else printable
    encoded = column.dictionary_encode(null_encoding="encode")
    values = encoded.dictionary.to_pylist()
    texts = [shown(None) if value is None else show(value) for value in values]
    return pa.array(texts, pa.string()).take(encoded.indices)
