"""Show how readers load a table of a release from its Parquet, so that no value changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from release.syntax.types.value_type import ValueType
from release.tables.sql import quote_text


class Example(NamedTuple):
    """The code that loads one table with one tool."""

    tool: str
    code: str


_TIMES = {"time", "time utc"}

#: Tools that keep each digit of a decimal with more than 38. Polars 2 and Spark 4 fail at such a column, and
#: DuckDB 2, R and hyparquet make numbers of 64 bits of it, so these are shown the CSV only.
_WITH_LONG_DECIMALS = ("pandas", "DataFusion")


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
        Example("R", f"{_note_for_r(forms)}library(arrow)\ntable <- " + in_r.format(f'"{path}"')),
        Example("Spark", f'{before}table = spark.read.parquet("{path}")'),
        Example("JavaScript", _in_javascript(path)),
    ]
    is_long = "number long decimal" in forms
    return [each for each in found if not is_long or each.tool in _WITH_LONG_DECIMALS]


def _note_for_r(forms: set[str]) -> str:
    """Return the word that nanoparquet, which is smaller, does as well; it rounds integers beyond 2^53."""
    return "" if "integer" in forms else "# or library(nanoparquet)\n"


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
