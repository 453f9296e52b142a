"""Values as pairs of a kind and a text, which tools and releases are compared by; only Python's own library.

As a program it runs the code of a tool that only another environment has: it reads `[tool, loads]` as JSON
and prints what `read` returns.
"""

from __future__ import annotations

import datetime
import decimal
import importlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

#: A value as a kind and a text, or None if it is missing.
Told = tuple[str, str] | None
#: The columns of a table by name.
Columns = Mapping[str, Sequence[Told]]

#: How the columns of a `table` are had, by tool.
_COLUMNS = {
    "release": "{name: table[name].tolist() for name in table}",
    "pandas": "{name: table[name].tolist() for name in table}",
    "Polars": "{each.name: each.to_list() for each in table}",
    "DuckDB": "rows.to_pydict()",
    "DataFusion": "table.to_pydict()",
    "Spark": "{name: [row[at] for row in rows] for at, name in enumerate(table.columns)}",
    "Python": "{name: [row[name] or None for row in table] for name in (table[0] if table else {})}",
}


def tell(value: Any) -> Told:
    """Return a value of Python, or of a tool, as its kind and its text."""
    pandas = sys.modules.get("pandas")
    if value is None or (pandas and value is pandas.NA) or value != value:  # noqa: PLR0124 - NaN, NaT
        return None
    if isinstance(value, bytes):
        value = value.decode()
    if isinstance(value, bool):
        return ("boolean", str(value).lower())
    if isinstance(value, datetime.datetime) and (value.tzinfo or value.time() != datetime.time()):
        value = value.astimezone(datetime.UTC) if value.tzinfo else value
        return ("datetime", value.isoformat())
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date | datetime.time):
        return (type(value).__name__, value.isoformat())
    if isinstance(value, decimal.Decimal):
        return ("decimal", format(value, "f"))
    kinds = {int: "integer", float: "number", str: "text"}
    return (kinds[type(value)], repr(value) if isinstance(value, float) else str(value))


def tell_all(columns: Mapping[str, Sequence[Any]]) -> Columns:
    """Return the values of columns as `tell` does."""
    return {name: [tell(value) for value in values] for name, values in columns.items()}


def read(tool: str, loads: Sequence[tuple[str, str]]) -> list[Columns | str]:
    """Run code of a tool, each in a folder; return the columns of each table, or why there are none."""
    here = os.getcwd()  # noqa: PTH109
    names: dict[str, Any] = _start_spark() if tool == "Spark" else {}
    found: list[Columns | str] = []
    for folder, code in loads:
        os.chdir(folder)
        try:
            exec(_finish(tool, code), names)
            found.append(tell_all(eval(_COLUMNS[tool], names)))
        except Exception as error:  # noqa: BLE001 - any fault of a tool is what it makes of the table
            found.append(f"{type(error).__name__}: {error}")
        finally:
            os.chdir(here)
    return found


def _finish(tool: str, code: str) -> str:
    """Return code with which the rows of a table are in memory."""
    if tool == "DuckDB":
        # by Arrow: objects of Python would need pytz for an instant
        return f"import duckdb\nrows = duckdb.sql({code!r}).to_arrow_table()"
    return f"{code}\nrows = table.collect()" if tool == "Spark" else code


def _start_spark() -> dict[str, Any]:
    """Return Spark, which gives instants in the zone of the computer, under its name."""
    import time
    import warnings

    os.environ["TZ"] = "UTC"
    time.tzset()
    warnings.simplefilter("ignore")
    builder = (
        importlib.import_module("pyspark.sql")
        .SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
    )
    return {"spark": builder.config("spark.sql.shuffle.partitions", "1").getOrCreate()}


if __name__ == "__main__":
    print("told:" + json.dumps(read(*json.load(sys.stdin))))
