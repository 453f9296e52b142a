"""Faults of a query in words: what is wrong, at which line and column, and what was probably meant."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from release.descriptor.properties import suggest
from release.findings.errors import UsageError
from release.findings.message import printable

#: How DuckDB says that a table stands in no schema.
_SCHEMA = re.compile(r'because schema "([^"]+)" does not exist')

#: The most characters of a message of DuckDB's.
_MOST = 300


class SqlError(UsageError):
    """A query that cannot be run; the message says where in it, and why."""


def explain(
    error: Exception, query: str, names: Mapping[str, Sequence[str]], before: int = 0
) -> SqlError:
    """Return the error of a query that DuckDB refused, which ran with `errors_as_json`.

    Args:
        error: The error of DuckDB, or of Arrow that read its rows.
        query: The query.
        names: The names of each `table` and of each `schema`, of which one that is alike is shown.
        before: So many bytes stood before the query.
    """
    about = _read(error)
    message = str(about.get("exception_message", error))
    position = str(about.get("position", ""))
    where = _locate(query, int(position) - before) if position.isdecimal() else ""
    return SqlError(f"SQL{where}: {_describe(about, message, names)}")


def refuse(message: str, query: str = "", position: int | None = None) -> SqlError:
    """Return the error of a query that is not run at all, at an offset in its UTF-8 if that is known."""
    where = "" if position is None else _locate(query, position)
    return SqlError(f"SQL{where}: {message}")


def _read(error: Exception) -> dict[str, Any]:
    """Return what DuckDB says of an error; empty if it says it in words."""
    text = str(error)
    try:
        found = json.loads(text[text.index("{") :])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _locate(query: str, position: int) -> str:
    """Return the line and column of an offset in the UTF-8 of a query, as a part of a message."""
    before = query.encode()[: max(position, 0)].decode("utf-8", "ignore")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return f", column {column}" if "\n" not in query.strip() else f", line {line}, column {column}"


def _describe(about: dict[str, Any], message: str, names: Mapping[str, Sequence[str]]) -> str:
    """Return what is wrong, without the list of all that DuckDB knows."""
    name = str(about.get("name", ""))
    if schema := _SCHEMA.search(message):
        languages = ", ".join(names["schema"])
        has = f"labels are in {languages}" if languages else "the release has no labels"
        return f"there is no schema {_shown(schema[1])}: {has}"
    kind = about.get("exception_type"), about.get("error_subtype")
    if kind == ("Catalog", "MISSING_ENTRY"):
        what = "table" if about.get("type") == "Table" else "function"
        known = names["table"] if what == "table" else str(about.get("candidates", "")).split(",")
        return f"there is no {what} {_shown(name)}{suggest(name.rpartition('.')[2], known)}"
    if kind[1] == "COLUMN_NOT_FOUND":
        candidates = [each for each in str(about.get("candidates", "")).split(",") if each]
        near = suggest(name, candidates)
        if not near and candidates:
            near = f"; columns like it: {', '.join(map(_shown, candidates))}"
        return f"there is no column {_shown(name)}{near}"
    if about.get("exception_type") == "Permission":
        return "a query reads the tables of the release alone: no other file, and no network"
    return _brief(message)


def _shown(name: str) -> str:
    return f"'{printable(name)}'"


def _brief(message: str) -> str:
    """Return a message of DuckDB's in one line, without candidates and advice on its settings."""
    message = re.split(r"\n\s*Candidate|\n\nLINE|, or SET |\. Use (?:TRY|.SET)", message)[0]
    line = printable(" ".join(message.split()))
    line = line.removesuffix(".").removesuffix("!")
    line = line[:1].lower() + line[1:] if line[1:2].islower() else line
    return line if len(line) <= _MOST else f"{line[:_MOST]}…"
