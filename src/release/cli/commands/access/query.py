"""`release query`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release.cli.commands.access import source
from release.cli.options import add_limits, limits_of
from release.cli.output_file import add_output, placing_output
from release.cli.process import run_isolated
from release.cli.reports.output import refuse_commands
from release.cli.terminal import DONE, say, warn
from release.findings.errors import UsageError
from release.findings.message import list_choices, printable
from release.syntax.escapes import escape_json, escape_log

if TYPE_CHECKING:
    from release.access.query.result import QueryResult
    from release.system.foreign.budget import Budget

#: The formats of a result, each with the ending of its files.
_FORMATS = {
    "table": ".txt",
    "csv": ".csv",
    "json": ".json",
    "jsonl": ".jsonl",
    "markdown": ".md",
    "parquet": ".parquet",
}

_NO_QUERY = (
    "there is no query: give one as the argument SQL, or on stdin; for a prompt, "
    "`release export RELEASE --out FILE.duckdb` and then `duckdb FILE.duckdb`"
)

#: The rows of a table for people, unless more are asked for.
_ROWS_OF_TABLE = 100


def add_query(commands: Any) -> None:
    """Add `query`."""
    parser = commands.add_parser(
        "query",
        help="ask a release in SQL",
        description="Run a query in SQL over the tables of a release, in DuckDB. A release is only read: a "
        "query reaches no other file and no network. For each language of the labels there is a schema with "
        "views of the tables that have labels beside codes: LANGUAGE.TABLE.",
    )
    source.add_source(parser)
    parser.add_argument("sql", nargs="?", metavar="SQL", help="the query (default: what stdin has)")
    parser.add_argument(
        "--format",
        choices=_FORMATS,
        metavar="FORMAT",
        help=f"write the rows as {list_choices(list(_FORMATS))} (default: by the ending of "
        "--out, else table)",
    )
    add_output(parser, "write the rows to a new file")
    parser.add_argument(
        "--limit",
        type=_parse_limit,
        metavar="N",
        help=f"stop after N rows (default: {_ROWS_OF_TABLE} of a table on stdout, else all)",
    )
    add_limits(parser)
    parser.set_defaults(run=_query)


def _parse_limit(text: str) -> int:
    """Parse a number of rows."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is no number of rows, expected 0 or more")
    return int(text)


def _query(options: argparse.Namespace) -> int:
    """Run the query in a process of its own: others may have made the release."""
    if options.sql is None:
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError(_NO_QUERY)
        options.sql = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    try:
        options.sql.encode()
    except UnicodeEncodeError as error:
        raise UsageError("SQL: is not UTF-8, expected text") from error
    options.format = options.format or _format_of(options.out)
    if options.out is None:
        if options.format == "parquet":
            raise UsageError("parquet is no text: name a file with --out FILE")
        return run_isolated(_answer, options, options.place)
    with placing_output(options) as options.written:
        code = run_isolated(_answer, options, options.place)
    say(f"wrote {printable(str(options.out))}")
    return code


def _format_of(out: Path | None) -> str:
    """Return the format that the ending of a file names; a table if there is none."""
    if out is None:
        return "table"
    found = [name for name, ending in _FORMATS.items() if out.suffix.lower() == ending]
    if not found:
        endings = list_choices(list(_FORMATS.values()))
        raise UsageError(
            f"{out}: its ending is that of no format: give --format, or one of {endings}"
        )
    return found[0]


def _answer(options: argparse.Namespace) -> int:
    """Run the query, and print its rows or write them to a file."""
    from release.access.query import database, result
    from release.system.foreign.budget import Budget

    limits = limits_of(options)
    budget = Budget(limits)
    with (
        source.opened(options, budget) as (folder, manifest),
        database.connect(folder, manifest, options.sql, limits) as connection,
    ):
        found = result.run(connection, options.sql)
        limit = options.limit
        if limit is None and options.format == "table" and options.out is None:
            limit = _ROWS_OF_TABLE
        rows = result.Excerpt(found, limit)
        _write(options, rows.result, budget)
        if rows.is_cut and options.limit is None:
            warn(f"these are the first {limit} rows; --limit N shows more")
    return DONE


def _write(options: argparse.Namespace, found: QueryResult, budget: Budget) -> None:
    """Write rows to stdout or to the file; all that is written counts."""
    spend = partial(budget.spend_bytes, where=options.place)
    if options.format == "parquet":
        from release.access.query import parquet

        parquet.write(found, options.written, spend)
        return
    with ExitStack() as stack:
        file = None
        if options.out is not None:
            file = stack.enter_context(options.written.open("w", encoding="utf-8", newline=""))
        for piece in _pieces(options.format, found, is_shown=file is None):
            spend(len(piece.encode("utf-8", "replace")))
            (file or sys.stdout).write(piece)


def _pieces(form: str, found: QueryResult, *, is_shown: bool) -> Iterator[str]:
    """Yield a format of text.

    If it is shown, a terminal or the log of a CI job finds nothing in it that it would obey.
    """
    from release.access.query import text_formats
    from release.cli.reports import rows

    writers: Mapping[str, tuple[Callable[[QueryResult], Iterator[str]], Callable[[str], str]]] = {
        "table": (rows.pieces, escape_log),
        "csv": (text_formats.csv, str),
        "json": (text_formats.to_json, escape_json),
        "jsonl": (text_formats.jsonl, escape_json),
        "markdown": (text_formats.to_markdown, escape_log),
    }
    write, escape = writers[form]
    pieces = write(found)
    if form == "csv":
        return refuse_commands(pieces) if is_shown else pieces
    return map(escape, pieces)
