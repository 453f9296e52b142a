"""Tools that read a release, each in a process of its own, and what they make of a table.

A tool that is not among what .venv holds is taken from .readers, which `make readers` makes.
"""

from __future__ import annotations

import csv
import datetime
import functools
import json
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.kit import ROOT

#: A value as a kind and a text, or None if it is missing.
Told = tuple[str, str] | None
#: The columns of a table by name.
Columns = Mapping[str, Sequence[Told]]

#: The Python of the readers that are not in .venv.
_READERS = ROOT / ".readers/bin/python"

#: Prints columns for `told`.
SHOW = """
def tell(value):
    import datetime, decimal, sys
    pandas = sys.modules.get("pandas")
    if value is None or (pandas and value is pandas.NA) or value != value:
        return None
    if isinstance(value, bytes):
        value = value.decode()
    if isinstance(value, bool):
        return ["boolean", str(value).lower()]
    if isinstance(value, datetime.datetime) and (value.tzinfo or value.time() != datetime.time()):
        value = value.astimezone(datetime.UTC) if value.tzinfo else value
        return ["datetime", value.isoformat()]
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date | datetime.time):
        return [type(value).__name__, value.isoformat()]
    if isinstance(value, decimal.Decimal):
        return ["decimal", format(value, "f")]
    kinds = {int: "integer", float: "number", str: "text"}
    return [kinds[type(value)], repr(value) if isinstance(value, float) else str(value)]

def show(columns):
    import json
    told = {name: [tell(value) for value in values] for name, values in columns.items()}
    print("told:" + json.dumps(told))

"""

#: How the columns of a `table` are had, by tool.
_COLUMNS = {
    "pandas": "{name: table[name].tolist() for name in table}",
    "Polars": "{each.name: each.to_list() for each in table}",
    "DuckDB": "rows.to_pydict()",
    "DataFusion": "table.to_pydict()",
    "Spark": "{name: [row[at] for row in rows] for at, name in enumerate(table.columns)}",
    "Python": "{name: [row[name] for row in table] for name in (table[0] if table else {})}",
}

_SPARK = """
import os, time, warnings
os.environ["TZ"] = "UTC"  # Spark gives instants in the zone of the computer
time.tzset()
warnings.simplefilter("ignore")
from pyspark.sql import SparkSession
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "1").getOrCreate()
)
"""

_JAVASCRIPT = """
const tell = (value) => {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return ['datetime', value.toISOString().slice(0, -1)]
  const kinds = { bigint: 'integer', number: 'number', string: 'text', boolean: 'boolean' }
  return [kinds[typeof value], String(value)]
}
const columns = {}
for (const row of table) {
  for (const [name, value] of Object.entries(row)) (columns[name] ??= []).push(tell(value))
}
console.log('told:' + JSON.stringify(columns))
"""

#: Text as numbers of code points, so that no locale and no quoting stands between.
_R = """
for (name in names(table)) {
  cat("column:", utf8ToInt(name), "\\n")
  for (value in table[[name]]) {
    if (is.na(value)) cat("missing\\n") else cat("text:", utf8ToInt(enc2utf8(value)), "\\n")
  }
}
"""


def expected(folder: Path, table: str, *, is_typed: bool) -> dict[str, list[Told]]:
    """Return the columns that a table of a release has, by its CSV and its schema."""
    package = json.loads((folder / "datapackage.json").read_bytes())
    (resource,) = (each for each in package["resources"] if each["name"] == table)
    csv.field_size_limit(2**31 - 1)
    with (folder / resource["path"]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for field in resource["schema"]["fields"]:
        kind = _kind(field) if is_typed else "text"
        texts = (row[field["name"]] for row in rows)
        found[field["name"]] = [(kind, text) if text else None for text in texts]
    return found


#: The kind that readers make of a type; of all others they make text.
_KINDS = {
    **{name: name for name in ("number", "integer", "boolean", "date", "datetime", "time")},
    "year": "integer",
}


def _kind(field: Mapping[str, Any]) -> str:
    return "decimal" if "decimal" in field else _KINDS.get(field["type"], "text")


def same(found: Columns, wanted: Columns) -> bool:
    """Return whether two tables are equal; numbers are compared as numbers."""
    return plain(found) == plain(wanted)


def ordered(columns: Columns, key: str) -> Columns:
    """Return columns with their rows in the order of a key of text."""
    order = sorted(range(len(columns[key])), key=lambda row: str(columns[key][row]))
    return {name: [values[row] for row in order] for name, values in columns.items()}


def plain(columns: Columns) -> dict[str, list[Any]]:
    """Return columns in which numbers and times have one form; a date is a time at midnight, as in pandas."""
    return {name: [each and _plain(*each) for each in values] for name, values in columns.items()}


def _plain(kind: str, text: str) -> tuple[str, Any]:
    if kind == "number":
        return kind, float(text)
    if kind == "decimal":
        return kind, Decimal(text)
    if kind == "integer":
        return kind, int(text)
    text = text if kind == "text" else text.removesuffix("Z").removesuffix("+00:00")
    if kind == "time":
        return kind, datetime.time.fromisoformat(text)
    if kind in ("date", "datetime"):
        return "datetime", datetime.datetime.fromisoformat(text)
    return kind, text


def load(tool: str, code: str, folder: Path, temporary: Path) -> Columns:
    """Run the code that a release prints for a tool, in the folder of the release.

    A test is skipped, with the reason, if the tool is not here.
    """
    if tool == "JavaScript":
        return _in_javascript(code, folder, temporary)
    if tool == "R":
        return _in_r(code, folder)
    if tool == "SQLite":
        return _in_sqlite(code, folder, temporary)
    if tool == "DuckDB":
        # by Arrow: objects of Python would need pytz for an instant
        code = f"import duckdb\nrows = duckdb.sql({code!r}).to_arrow_table()"
    if tool == "Spark":
        if shutil.which("java") is None:
            pytest.skip("Java is not here")
        code = f"{_SPARK}{code}\nrows = table.collect()"
    script = f"{SHOW}{code}\nshow({_COLUMNS[tool]})\n"
    python = find_python(tool) if tool != "Python" else sys.executable
    return _told([python, "-c", script], folder)


@functools.cache
def find_python(tool: str) -> str:
    """Return the Python that has a tool's package, or skip the test that asks for it."""
    module = {"Spark": "pyspark"}.get(tool, tool.lower())
    for python in (sys.executable, str(_READERS)):
        command = [
            python,
            "-c",
            f"import importlib.util as u; exit(u.find_spec('{module}') is None)",
        ]
        if Path(python).exists() and subprocess.run(command, check=False).returncode == 0:
            return python
    pytest.skip(f"{tool} is not here: make readers")


def _told(command: Sequence[str | Path], folder: Path) -> Columns:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return told(done.stdout)


def told(output: str) -> Columns:
    """Return the columns that a script printed."""
    (line,) = (each for each in output.splitlines() if each.startswith("told:"))
    found: Columns = json.loads(line.removeprefix("told:"))
    return found


@functools.cache
def _node_modules(temporary: Path) -> Path:
    """Install hyparquet with its compressors, once, or skip the test that asks for it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node.js with npm is not here")
    folder = temporary / "node"
    shutil.copytree(ROOT / "tests/support/hyparquet", folder)
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        pytest.skip(f"npm cannot install hyparquet here: {done.stderr.strip()[-200:]}")
    return folder


def _in_javascript(code: str, folder: Path, temporary: Path) -> Columns:
    script = _node_modules(temporary) / "load.mjs"
    script.write_text(code + _JAVASCRIPT, "utf-8")
    return _told(["node", script], folder)


def _in_r(code: str, folder: Path) -> Columns:
    if shutil.which("Rscript") is None:
        pytest.skip("R is not here")
    if "library(arrow)" in code:
        has_arrow = ["Rscript", "-e", "quit(status = !requireNamespace('arrow', quietly = TRUE))"]
        if subprocess.run(has_arrow, capture_output=True, check=False).returncode:
            pytest.skip("R has no package arrow")
    done = subprocess.run(
        ["Rscript", "-e", code + _R], cwd=folder, capture_output=True, text=True, check=True
    )
    found: dict[str, list[Told]] = {}
    name = ""
    for line in done.stdout.splitlines():
        word, _, points = line.partition(":")
        text = "".join(chr(int(point)) for point in points.split())
        if word == "column":
            name, found[text] = text, []
        else:
            found[name].append(("text", text) if word == "text" else None)
    return found


def _in_sqlite(code: str, folder: Path, temporary: Path) -> Columns:
    if shutil.which("sqlite3") is None:
        pytest.skip("the shell of SQLite is not here")
    database = temporary / "release.db"
    database.unlink(missing_ok=True)
    done = subprocess.run(
        ["sqlite3", "-bail", database],
        input=code,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stderr, done.stderr
    (table,) = re.findall(r'\ACREATE TABLE "(.*?)" \(', code)
    script = f"""{SHOW}
import sqlite3
found = sqlite3.connect({str(database)!r}).execute({f'SELECT * FROM "{table}"'!r})
names = [each[0] for each in found.description]
rows = found.fetchall()
show({{name: [row[at] for row in rows] for at, name in enumerate(names)}})
"""
    return _told([sys.executable, "-c", script], folder)


def printed(text: str) -> list[tuple[str, str]]:
    """Return the tools and codes in the README.md of a release, in their order."""
    section = text.partition("\n## Load a table\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^(\w+):\n\n((?:    .*\n)+)", section, re.MULTILINE)
    return [(tool, textwrap.dedent(code).strip()) for tool, code in blocks]
