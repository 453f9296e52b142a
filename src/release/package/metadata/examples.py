"""Show how readers load a table of a release, from Parquet and from CSV, so that no value changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from release.syntax.types.value_type import ValueType
from release.tables.sql import quote_name, quote_text


class Example(NamedTuple):
    """The code that loads one table with one tool."""

    tool: str
    code: str


_TIMES = {"time", "time utc"}

#: Tools that keep each digit of a decimal with more than 38. Polars 2 and Spark 4 fail at such a column, and
#: DuckDB 2 and hyparquet make numbers of 64 bits of it, so these are shown the CSV only.
_WITH_LONG_DECIMALS = ("pandas", "DataFusion", "R")


def from_parquet(path: str, types: Iterable[ValueType] = ()) -> list[Example]:
    """Return how tools load a table from its Parquet file, or the folder of its parts, ended by a slash.

    No path has a sign that ends a text in quotes, but for `'`: see `descriptor.schema.names`. `types` are
    those of its columns: a tool that would fail at one of them, or lose digits, is left out.
    """
    forms = {each.form for each in types}
    # Spark 4 does not open a table with a column of times, unless it is told to
    before = 'spark.conf.set("spark.sql.timeType.enabled", True)\n' if forms & _TIMES else ""
    is_folder = path.endswith("/")
    files = f"{path}*.parquet" if is_folder else path
    in_r = "dplyr::collect(open_dataset({}))" if is_folder else "read_parquet({})"
    found = [
        Example("pandas", f'import pandas as pd\ntable = pd.read_parquet("{path}")'),
        Example("Polars", f'import polars as pl\ntable = pl.read_parquet("{files}")'),
        Example("DuckDB", f"SELECT * FROM '{quote_text(files)}'"),  # noqa: S608 - to be read, not run
        Example(
            "DataFusion",
            "from datafusion import SessionContext\n"
            f'table = SessionContext().read_parquet("{path}")',
        ),
        Example("R", "library(arrow)\ntable <- " + in_r.format(f'"{path}"')),
        Example("Spark", f'{before}table = spark.read.parquet("{path}")'),
        Example("JavaScript", _in_javascript(path)),
    ]
    is_long = "number long decimal" in forms
    return [each for each in found if not is_long or each.tool in _WITH_LONG_DECIMALS]


def _in_javascript(path: str) -> str:
    """Return how hyparquet loads a table; alone it cannot decompress ZSTD."""
    lines = [
        "import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'",
        "import { compressors } from 'hyparquet-compressors'",
    ]
    text = f'"{path}"' if "'" in path else f"'{path}'"
    if not path.endswith("/"):
        lines += [
            f"const file = await asyncBufferFromFile({text})",
            "const table = await parquetReadObjects({ file, compressors })",
        ]
    else:
        lines += [
            "import { readdirSync } from 'node:fs'",
            "const table = []",
            f"for (const name of readdirSync({text}).sort()) {{",
            f"  const file = await asyncBufferFromFile({text} + name)",
            "  for (const row of await parquetReadObjects({ file, compressors })) table.push(row)",
            "}",
        ]
    return "\n".join(lines)


#: The code that reads every cell as text, by tool; `path` is that of the file.
_FROM_CSV = {
    "pandas": """\
import pandas as pd
table = pd.read_csv("{path}", dtype=str, keep_default_na=False, na_values=[""])""",
    "Polars": """\
import polars as pl
table = pl.read_csv("{path}", infer_schema=False)""",
    "DataFusion": """\
from datafusion import CsvReadOptions, SessionContext
options = CsvReadOptions(newlines_in_values=True, schema_infer_max_records=0)
table = SessionContext().read_csv("{path}", options=options)""",
    "R": """\
# a carriage return in a text is read as a line end
table <- read.csv("{path}", colClasses = "character", na.strings = "",
                  check.names = FALSE, encoding = "UTF-8")""",
    "Spark": """\
table = spark.read.csv("{path}", header=True, multiLine=True, escape='"')""",
    "Python": """\
import csv
csv.field_size_limit(2**31 - 1)
with open("{path}", encoding="utf-8", newline="") as file:
    table = list(csv.DictReader(file))""",
}


def from_csv(
    table: str, path: str, fields: Sequence[tuple[str, ValueType]], longest_line: int = 0
) -> list[Example]:
    """Return how tools load a table from its CSV file without a change of its values.

    Each value is read as the text that stands there, in SQLite by the type of its column.

    Args:
        table: The name of the table.
        path: The path of the file.
        fields: The name and type of each column.
        longest_line: The most bytes that a row may have, which DuckDB is told if it would not take them.
    """
    return [
        *(Example(tool, code.format(path=path)) for tool, code in _FROM_CSV.items()),
        Example("DuckDB", _in_duckdb(path, longest_line)),
        Example("SQLite", _in_sqlite(table, path, fields)),
    ]


#: The most bytes of a line that DuckDB takes, unless it is told otherwise.
_DUCKDB_LINE = 2_000_000


def _in_duckdb(path: str, longest_line: int) -> str:
    options = [
        "all_varchar = true",
        "header = true",
        "delim = ','",
        "quote = '\"'",
        "escape = '\"'",
    ]
    if longest_line > _DUCKDB_LINE:
        options.append(f"max_line_size = {1 << longest_line.bit_length()}")
    return f"SELECT * FROM read_csv('{quote_text(path)}', {', '.join(options)})"  # noqa: S608 - to be read, not run


def _in_sqlite(table: str, path: str, fields: Sequence[tuple[str, ValueType]]) -> str:
    """Return what the shell of SQLite is told; it imports a missing value as empty text, which CSV never has.

    It makes the table itself, because SQLite does not say which types a table has that `.import` makes.
    """
    names = [quote_name(name) for name, _ in fields]
    types = [kind.facts.sqlite for _, kind in fields]
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(names, types, strict=True))
    missing = ", ".join(f"{name} = NULLIF({name}, '')" for name in names)
    is_word = table.isascii() and table.isidentifier()
    target, file = (table, path) if is_word else (f'"{table}"', f'"{path}"')
    return (
        f"CREATE TABLE {quote_name(table)} ({columns});\n"
        f".import --csv --skip 1 {file} {target}\n"
        f"UPDATE {quote_name(table)} SET {missing};"
    )
