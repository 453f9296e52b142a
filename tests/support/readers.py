"""Tools that read a release, and what they make of a table.

A tool that is not among what .venv holds is taken from .readers, which `make test-clients` makes.
"""

from __future__ import annotations

import csv
import datetime
import functools
import importlib.util
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from release.syntax.types.value_type import of_release
from tests.support import told
from tests.support.kit import ROOT
from tests.support.told import Columns, Told

#: The Python of the readers that are not in .venv.
_READERS = ROOT / ".readers/bin/python"

#: The columns of what a module of JavaScript exports as `table`.
_JAVASCRIPT = """
const tell = (value) => {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return ['datetime', value.toISOString().slice(0, -1)]
  const kinds = { bigint: 'integer', number: 'number', string: 'text', boolean: 'boolean' }
  return [kinds[typeof value], String(value)]
}
const found = []
for (const [folder, module] of LOADS) {
  process.chdir(folder)
  try {
    const { table } = await import(module)
    const columns = {}
    for (const row of table) {
      for (const [name, value] of Object.entries(row)) (columns[name] ??= []).push(tell(value))
    }
    found.push(columns)
  } catch (error) {
    found.push(String(error))
  }
}
console.log('told:' + JSON.stringify(found))
"""

#: A function that prints a table of R: text as numbers of code points, so that no locale and no quoting
#: stands between; a number with all of its digits.
_R = """
points <- function(text) paste(utf8ToInt(enc2utf8(text)), collapse = " ")
show <- function(table) {
  for (name in names(table)) {
    values <- table[[name]]
    kind <- if (inherits(values, "integer64")) "integer"
      else if (is.logical(values)) "boolean"
      else if (inherits(values, "POSIXct")) "datetime"
      else if (inherits(values, "Date")) "date"
      else if (inherits(values, "difftime")) "seconds"
      else if (is.integer(values)) "integer"
      else if (is.numeric(values)) "number"
      else "text"
    texts <- switch(kind,
      number = , seconds = sprintf("%.17g", as.numeric(values)),
      date = sprintf("%04d-%s", as.POSIXlt(values)$year + 1900L, format(values, "%m-%d")),
      datetime = {
        parts <- as.POSIXlt(values, tz = "UTC")
        micros <- round((as.numeric(values) - floor(as.numeric(values))) * 1e6)
        sprintf("%04d-%s.%06d", parts$year + 1900L, format(parts, "%m-%dT%H:%M:%S"), as.integer(micros))
      },
      boolean = tolower(as.character(values)),
      as.character(values)
    )
    cat("column:", points(name), "\\n")
    for (at in seq_along(texts)) {
      if (is.na(values[at])) cat("missing\\n") else cat(kind, ":", points(texts[at]), "\\n", sep = "")
    }
  }
}
"""


def expected(folder: Path, table: str) -> dict[str, list[Told]]:
    """Return the columns that a table of a release has, by its CSV and its schema."""
    fields = _fields(folder, table)
    csv.field_size_limit(2**31 - 1)
    with (folder / f"data/{table}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found: dict[str, list[Told]] = {}
    for field in fields:
        kind = _kind(field)
        texts = (row[field["name"]] for row in rows)
        found[field["name"]] = [(kind, text) if text else None for text in texts]
    return found


def forms(folder: Path, table: str) -> dict[str, str]:
    """Return the form of each column's type, as docs/reference/types.md names them."""
    return {
        field["name"]: of_release(field["type"], field).form for field in _fields(folder, table)
    }


def _fields(folder: Path, table: str) -> Sequence[Mapping[str, Any]]:
    package = json.loads((folder / "datapackage.json").read_bytes())
    (resource,) = (each for each in package["resources"] if each["name"] == table)
    found: Sequence[Mapping[str, Any]] = resource["schema"]["fields"]
    return found


#: The kind that readers make of a type; of all others they make text.
_KINDS = {
    **{name: name for name in ("number", "integer", "boolean", "date", "datetime", "time")},
    "year": "integer",
}


def _kind(field: Mapping[str, Any]) -> str:
    return "decimal" if "decimal" in field else _KINDS.get(field["type"], "text")


def differences(found: Columns | str, wanted: Columns) -> dict[str, tuple[Any, Any]]:
    """Return the columns in which two tables differ, by name; numbers are compared as numbers."""
    if isinstance(found, str):
        return {"": (found, wanted)}
    one, other = plain(found), plain(wanted)
    names = dict.fromkeys((*one, *other))
    return {
        name: (one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)
    }


def ordered(columns: Columns, key: str) -> Columns:
    """Return columns with their rows in the order of a key of text."""
    order = sorted(range(len(columns[key])), key=lambda row: str(columns[key][row]))
    return {name: [values[row] for row in order] for name, values in columns.items()}


def plain(columns: Columns) -> dict[str, list[Any]]:
    """Return columns in which numbers and times have one form; a date is a time at midnight, as in pandas."""
    return {name: [each and _plain(*each) for each in values] for name, values in columns.items()}


def _plain(kind: str, text: str) -> tuple[str, Any]:
    if kind in ("number", "seconds"):
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


def load(tool: str, loads: Sequence[tuple[Path, str]], temporary: Path) -> list[Columns | str]:
    """Run code that releases print for a tool, each in the folder of its release.

    For each the columns are returned, or why there are none. A test is skipped, with the reason, if the tool
    is not here.
    """
    match tool:
        case "JavaScript":
            return _in_javascript(loads, temporary)
        case "R":
            return _in_r(loads)
        case "SQLite":
            return [_in_sqlite(code, folder, temporary) for folder, code in loads]
    if tool == "Spark" and shutil.which("java") is None:
        pytest.skip("Java is not here")
    texts = [(str(folder), code) for folder, code in loads]
    if tool == "Spark":  # whose other half stays in the folder where it began
        texts = [(folder, code.replace('"data/', f'"{folder}/data/')) for folder, code in texts]
    python = find_python(tool)
    if python == sys.executable:
        return told.read(tool, texts)
    return _told([python, "-m", "tests.support.told"], json.dumps([tool, texts]), ROOT)


def run_python(tool: str, code: str, folder: Path, argument: str) -> list[Columns | str]:
    """Return what code prints of a Python that has a tool; `told` is there."""
    code = f"import sys\nsys.path.append({str(ROOT)!r})\nfrom tests.support import told\n{code}"
    return _told([find_python(tool), "-c", code, argument], folder=folder)


@functools.cache
def find_python(tool: str) -> str:
    """Return the Python that has a tool's package, or skip the test that asks for it."""
    module = {"Spark": "pyspark", "Python": "csv"}.get(tool, tool.lower())
    if importlib.util.find_spec(module):
        return sys.executable
    command = [
        str(_READERS),
        "-c",
        f"import importlib.util as u; exit(u.find_spec('{module}') is None)",
    ]
    if _READERS.exists() and subprocess.run(command, check=False).returncode == 0:
        return str(_READERS)
    pytest.skip(f"{tool} is not here: make test-clients")


def _told(
    command: Sequence[str | Path], given: str = "", folder: Path | None = None
) -> list[Columns | str]:
    done = subprocess.run(
        command,
        input=given,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    (line,) = (each for each in done.stdout.splitlines() if each.startswith("told:"))
    found: list[Columns | str] = json.loads(line.removeprefix("told:"))
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


def _in_javascript(loads: Sequence[tuple[Path, str]], temporary: Path) -> list[Columns | str]:
    modules = _node_modules(temporary)
    named = []
    for at, (folder, code) in enumerate(loads):
        (modules / f"load-{at}.mjs").write_text(f"{code}\nexport {{ table }}\n", "utf-8")
        named.append((str(folder), f"./load-{at}.mjs"))
    script = modules / "read.mjs"
    script.write_text(f"const LOADS = {json.dumps(named)}{_JAVASCRIPT}", "utf-8")
    return _told(["node", script])


def _in_r(loads: Sequence[tuple[Path, str]]) -> list[Columns | str]:
    """Return the tables that R reads; a package that is not here is a reason to skip."""
    if shutil.which("Rscript") is None:
        pytest.skip("R is not here")
    failed = 'error = function(e) cat("failed:", conditionMessage(e))'
    steps = [
        f'setwd({json.dumps(str(folder))})\ncat("table:\\n")\n'
        f"tryCatch({{\n{code}\nshow(table)\n}}, {failed})\n"
        for folder, code in loads
    ]
    done = subprocess.run(
        ["Rscript", "-"], input=_R + "".join(steps), capture_output=True, text=True, check=False
    )
    if missing := re.search(r"there is no package called .(\w+).", done.stdout):
        pytest.skip(f"R has no package {missing[1]}: make test-clients")
    assert done.returncode == 0, done.stderr
    return [
        text.partition("failed:")[2] if "failed:" in text else _read_r(text)
        for text in done.stdout.split("table:\n")[1:]
    ]


def _read_r(output: str) -> Columns:
    columns: dict[str, list[Told]] = {}
    name = ""
    for line in output.splitlines():
        word, _, points = line.partition(":")
        text = "".join(chr(int(point)) for point in points.split())
        if word == "column":
            name, columns[text] = text, []
        else:
            columns[name].append(None if word == "missing" else (word, text))
    return columns


def _in_sqlite(code: str, folder: Path, temporary: Path) -> Columns | str:
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
        check=False,
    )
    if done.returncode or done.stderr:
        return done.stderr
    (table,) = re.findall(r'\ACREATE TABLE "(.*?)" \(', code)
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute(f'SELECT * FROM "{table}"')
        rows = found.fetchall()
        names = [each[0] for each in found.description]
        return told.tell_all({name: [row[at] for row in rows] for at, name in enumerate(names)})


def order(parquet: Sequence[str], csv_tools: Sequence[str]) -> list[tuple[str, str]]:
    """Return what tools read, in the order in which a release prints their code."""
    tools = dict.fromkeys((*parquet[:3], "SQLite", "Excel", *parquet[3:], *csv_tools))
    found = [("With release", "release")]
    for tool in tools:
        found += [("Parquet", tool)] if tool in parquet else []
        found += [("CSV", tool)] if tool in csv_tools else []
        found += [("With release", tool)] if tool in ("SQLite", "Excel") else []
    return found


def printed(text: str) -> dict[tuple[str, str], str]:
    """Return the code in the README.md of a release by what it reads and by tool, in its order."""
    section = text.partition("\n## Load a table\n")[2].partition("\n## ")[0]
    found = {}
    for block in section.split("\n### ")[1:]:
        tool, _, rest = block.partition("\n")
        for what, code in re.findall(r"^([\w ]+):\n\n((?:    .*\n)+)", rest, re.MULTILINE):
            found[what, tool] = textwrap.dedent(code).strip()
    return found
