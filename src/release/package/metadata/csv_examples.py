"""Show how readers load a table of a release from its CSV, with the types that its schema has."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

from release.package.metadata.examples import Example
from release.syntax.types.value_type import ValueType
from release.tables.sql import quote_name, quote_text

#: The name and the type of each column.
Columns = Sequence[tuple[str, ValueType]]

#: The type that each tool is told for a form of a type, so that no value becomes another one; all other forms
#: stay the text that stands in the file. `{}` stands for precision and scale of a decimal. tests/outside/
#: test_readers.py holds each of these against the values.
_TYPES: Mapping[str, Mapping[str, str]] = {
    # numbers are made of text, because pandas 2 reads them with an error in the last bit
    "pandas": {"integer": '"Int64"', "year": '"Int64"', "boolean": '"boolean"'},
    "Polars": {
        "integer": "pl.Int64",
        "year": "pl.Int64",
        "number": "pl.Float64",
        "number decimal": "pl.Decimal({})",
        "boolean": "pl.Boolean",
        "date": "pl.Date",
        "datetime": 'pl.Datetime("us", "UTC")',
        "datetime local": 'pl.Datetime("us")',
        "time": "pl.Time",
    },
    "DataFusion": {
        "integer": "pa.int64()",
        "year": "pa.int64()",
        "number": "pa.float64()",
        "number decimal": "pa.decimal128({})",
        "boolean": "pa.bool_()",
        "date": "pa.date32()",
        "datetime": 'pa.timestamp("us", "UTC")',
        "datetime local": 'pa.timestamp("us")',
        "time": 'pa.time64("us")',
    },
    "Spark": {
        "integer": "BIGINT",
        "year": "BIGINT",
        "number": "DOUBLE",
        "number decimal": "DECIMAL({})",
        "boolean": "BOOLEAN",
        "date": "DATE",
        "datetime": "TIMESTAMP",
        "datetime local": "TIMESTAMP_NTZ",
    },
    # R has no integers of 64 bits
    "R": {"year": '"integer"', "number": '"numeric"', "boolean": '"logical"', "date": '"Date"'},
}

#: What pandas has no dtype for in a CSV of any century, digits and zone, and the forms of types that it is.
_TEXT_IN_PANDAS: Mapping[str, Collection[str]] = {
    "dates": ["date"],
    "times": ["datetime", "datetime local", "time", "time utc"],
    "decimals": ["number decimal", "number long decimal"],
}

#: The most characters of a line of code, where it can be broken.
_WIDTH = 96


def from_csv(table: str, path: str, fields: Columns, longest_line: int = 0) -> list[Example]:
    """Return how tools load a table from its CSV file without a change of its values.

    Args:
        table: The name of the table.
        path: The path of the file.
        fields: Its columns.
        longest_line: The most bytes that a row may have, which DuckDB is told if it would not take them.
    """
    return [
        Example("pandas", _in_pandas(path, fields)),
        Example("Polars", _in_polars(path, fields)),
        Example("DuckDB", _in_duckdb(path, fields, longest_line)),
        Example("SQLite", _in_sqlite(table, path, fields)),
        Example("R", _in_r(path, fields)),
        Example("Spark", _in_spark(path, fields)),
        Example("DataFusion", _in_datafusion(path, fields)),
        Example("Python", _IN_PYTHON.format(path=path)),
    ]


def _types(tool: str, fields: Columns) -> dict[str, str]:
    """Return the types of the columns that a tool is told, by name."""
    types = _TYPES[tool]
    found = {}
    for name, kind in fields:
        if (told := types.get(kind.form)) is not None:
            digits = kind.decimals
            found[name] = (
                told if digits is None else told.format(f"{digits.precision}, {digits.scale}")
            )
    return found


def _quote(text: str) -> str:
    """Return a text as Python and R write it; no name has a character that one of them writes otherwise."""
    return json.dumps(text, ensure_ascii=False)


def _pairs(types: Mapping[str, str], between: str = ": ") -> list[str]:
    return [f"{_quote(name)}{between}{kind}" for name, kind in types.items()]


def _list(items: Iterable[str], indent: str) -> str:
    """Return items with commas between them, in lines of a width that people read."""
    lines = [""]
    for item in items:
        if lines[-1] and len(f"{indent}{lines[-1]} {item},") > _WIDTH:
            lines.append("")
        lines[-1] += f"{' ' if lines[-1] else ''}{item},"
    return f"\n{indent}".join(lines).removesuffix(",")


def _in_pandas(path: str, fields: Columns) -> str:
    told = _types("pandas", fields)
    numbers = {name: '"float64"' for name, kind in fields if kind.form == "number"}
    texts = [
        each
        for each in _TEXT_IN_PANDAS
        if any(kind.form in _TEXT_IN_PANDAS[each] for _, kind in fields)
    ]
    note = f"# {_join(texts)} stay text here; Parquet has them\n" if texts else ""
    types = "str"
    if told:
        everything = {name: told.get(name, "str") for name, _ in fields}
        types = "{\n        " + _list(_pairs(everything), "        ") + ",\n    }"
    options = f'dtype={types}, keep_default_na=False, na_values=[""]'
    if told:
        options = f'\n    dtype={types},\n    keep_default_na=False,\n    na_values=[""],\n'
    cast = f".astype({{{_list(_pairs(numbers), '    ')}}})" if numbers else ""
    separator = "" if told else ", "
    place = f'\n    "{path}",' if told else f'"{path}"'
    return f"import pandas as pd\n{note}table = pd.read_csv({place}{separator}{options}){cast}"


def _join(words: Sequence[str]) -> str:
    """Return words as `a`, `a and b`, `a, b and c`."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _in_polars(path: str, fields: Columns) -> str:
    told = _types("Polars", fields)
    options = "infer_schema=False"
    if any('"' in name for name, _ in fields):
        # Polars 2 leaves a quote in a header doubled
        told = {name: told.get(name, "pl.String") for name, _ in fields}
        options = "has_header=False, skip_rows=1, schema=types"
    elif told:
        options += ", schema_overrides=types"
    types = f"types = {{\n    {_list(_pairs(told), '    ')},\n}}\n" if told else ""
    return f'import polars as pl\n{types}table = pl.read_csv("{path}", {options})'


def _in_datafusion(path: str, fields: Columns) -> str:
    told = _types("DataFusion", fields)
    columns = [f"({_quote(name)}, {told.get(name, 'pa.string()')})" for name, _ in fields]
    return (
        "import pyarrow as pa\n"
        "from datafusion import CsvReadOptions, SessionContext\n"
        f"types = pa.schema([\n    {_list(columns, '    ')},\n])\n"
        "options = CsvReadOptions(newlines_in_values=True, schema=types)\n"
        f'table = SessionContext().read_csv("{path}", options=options)'
    )


def _in_spark(path: str, fields: Columns) -> str:
    told = _types("Spark", fields)
    columns = [f"`{name.replace('`', '``')}` {told.get(name, 'STRING')}" for name, _ in fields]
    lines = _list(columns, "    ").split("\n    ")
    schema = "\n".join(
        f"    {_quote(line + (' ' if line.endswith(',') else ''))}" for line in lines
    )
    return (
        f"types = (\n{schema}\n)\n"
        f'table = spark.read.csv("{path}", schema=types, header=True, multiLine=True, escape=\'"\')'
    )


def _in_r(path: str, fields: Columns) -> str:
    told = _types("R", fields)
    kinds = _list([told.get(name, '"character"') for name, _ in fields], "    ")
    if not told:
        kinds = '"character"'
    notes = "# a carriage return in a text is read as a line end\n"
    if any(kind.form == "integer" for _, kind in fields):
        notes += "# integers of 64 bits stay text\n"
    kinds = kinds if not told else f"c(\n    {kinds}\n  )"
    return (
        f'{notes}table <- read.csv(\n  "{path}",\n  colClasses = {kinds},\n'
        '  na.strings = "", check.names = FALSE, encoding = "UTF-8"\n)'
    )


_IN_PYTHON = """\
# each value is text, and empty if it is missing
import csv
csv.field_size_limit(2**31 - 1)
with open("{path}", encoding="utf-8", newline="") as file:
    table = list(csv.DictReader(file))"""

#: The most bytes of a line that DuckDB takes, unless it is told otherwise.
_DUCKDB_LINE = 2_000_000


def _in_duckdb(path: str, fields: Columns, longest_line: int) -> str:
    """Return a query; what it is told no type for is text."""
    types = [
        f"'{quote_text(name)}': '{kind.sql}'" for name, kind in fields if kind.sql != "VARCHAR"
    ]
    options = [
        "all_varchar = true",
        "header = true",
        "delim = ','",
        "quote = '\"'",
        "escape = '\"'",
    ]
    if longest_line > _DUCKDB_LINE:
        options.append(f"max_line_size = {1 << longest_line.bit_length()}")
    lines = _list(options, "  ")
    if types:
        lines += f",\n  types = {{\n    {_list(types, '    ')}\n  }}"
    return f"SELECT * FROM read_csv('{quote_text(path)}',\n  {lines})"  # noqa: S608 - to be read, not run


def _in_sqlite(table: str, path: str, fields: Columns) -> str:
    """Return what the shell of SQLite is told; it imports a missing value as empty text, which CSV never has.

    It makes the table itself, because SQLite does not say which types a table has that `.import` makes.
    """
    columns = [f"{quote_name(name)} {kind.facts.sqlite}" for name, kind in fields]
    missing = [f"{quote_name(name)} = NULLIF({quote_name(name)}, '')" for name, _ in fields]
    is_word = table.isascii() and table.isidentifier()
    target, file = (table, path) if is_word else (f'"{table}"', f'"{path}"')
    return (
        f"CREATE TABLE {quote_name(table)} (\n  {_list(columns, '  ')}\n);\n"
        f".import --csv --skip 1 {file} {target}\n"
        f"UPDATE {quote_name(table)} SET\n  {_list(missing, '  ')};"
    )
