"""`release export`."""

from __future__ import annotations

import argparse
from typing import Any

from release.cli.commands.access import source
from release.cli.options import add_limits, limits_of
from release.cli.output_file import add_output, placing_output
from release.cli.process import run_isolated
from release.cli.terminal import DONE, say, warn
from release.findings.errors import UsageError
from release.findings.message import list_choices, printable

#: The formats, and the endings of files by which they are told.
_FORMATS = ("xlsx", "sqlite", "duckdb", "jsonl", "csv-excel")
_ENDINGS = {
    ".xlsx": "xlsx",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".duckdb": "duckdb",
}

#: Formats that people ask for, and why there is none.
_REFUSALS = {
    **dict.fromkeys(
        ("r", "rds", "rdata", "rda"),
        "R reads the Parquet files of a release: arrow::read_parquet or nanoparquet::read_parquet",
    ),
    "xls": "its sheets have 65,536 rows and its cells no Unicode to rely on: use xlsx",
    "ods": "LibreOffice opens xlsx",
    "parquet": "a release has its tables as Parquet, in data/",
    "csv": "a release has its tables as CSV, in data/; csv-excel is CSV for a double click",
}


def add_export(commands: Any) -> None:
    """Add `export`."""
    parser = commands.add_parser(
        "export",
        help="write a release as a workbook or a database",
        description="Write the tables of a release into a file that other programs open: a workbook (xlsx), "
        "a database with keys and descriptions (sqlite, duckdb), or a folder with a file for each table: "
        "lines of JSON (jsonl), CSV for a double click in Excel (csv-excel).",
    )
    source.add_source(parser)
    form: Any = parser.add_argument(
        "--format",
        type=_parse_format,
        metavar="FORMAT",
        help=f"{list_choices(_FORMATS)} (default: by the ending of --out)",
    )
    form.formats = _FORMATS  # for the completion of a shell; `choices` would give no reasons
    add_output(parser, "the file or folder to make", is_required=True)
    parser.add_argument(
        "--table",
        action="append",
        default=[],
        dest="tables",
        metavar="NAME",
        help="export this table only; may be repeated",
    )
    add_limits(parser)
    parser.set_defaults(run=_export)


def _parse_format(text: str) -> str:
    """Parse a format."""
    name = text.lower()
    if name in _FORMATS:
        return name
    expected = f"expected {list_choices(_FORMATS)}"
    if name in _REFUSALS:
        raise argparse.ArgumentTypeError(f"{name} is not supported: {_REFUSALS[name]}; {expected}")
    raise argparse.ArgumentTypeError(f"{text!r} is no format, {expected}")


def _export(options: argparse.Namespace) -> int:
    """Export in a process of its own: others may have made the release."""
    if options.format is None:
        options.format = _ENDINGS.get(options.out.suffix.lower())
        if options.format is None:
            out = printable(str(options.out))
            raise UsageError(f"{out}: its ending is that of no format: give --format")
    with placing_output(options) as options.written:
        code = run_isolated(_write, options, options.place)
    say(f"wrote {printable(str(options.out))}")
    return code


def _write(options: argparse.Namespace) -> int:
    """Write the file or folder, and say what in it is not as in the release."""
    from release.access.export import formats
    from release.system.foreign.budget import Budget

    limits = limits_of(options)
    with source.opened(options, Budget(limits)) as (folder, manifest):
        what = formats.Export(folder, manifest, options.tables, limits)
        for note in formats.write(options.format, what, options.written):
            warn(note)
    return DONE
