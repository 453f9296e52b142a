"""The formats of an export: each makes a file, or a folder with a file for each table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from release.access.export import tables
from release.access.export.tables import ExportTable
from release.findings.errors import RefusedError
from release.findings.message import named, printable
from release.package.manifest.model import Manifest
from release.system.filenames import path_problem
from release.system.limits import Limits


@dataclass(frozen=True)
class Export:
    """A release in a folder that is exported, some of its tables or all, and the limits of the run."""

    folder: Path
    manifest: Manifest
    names: Sequence[str]
    limits: Limits


def write(form: str, what: Export, target: Path) -> list[str]:
    """Write a release, or some of its tables, in a format.

    Returns:
        What is not as in the release, each in a line of words.

    Raises:
        UsageError: A table that is named is not there, or does not fit into the format, or a library is
            missing.
        RefusedError: A database does not take the release.
        FindingsError: The release cannot be trusted.
    """
    found = tables.find(what.folder, what.manifest, what.names)
    return [printable(note) for note in _WRITERS[form](found, what, target)]


#: Writes tables of a release to a path, and returns what is not as in the release.
_Write = Callable[[list[ExportTable], Export, Path], list[str]]


def _write_workbook(found: list[ExportTable], what: Export, target: Path) -> list[str]:
    from release.access.export import workbook

    return workbook.write(found, what.manifest, target, what.limits)


def _write_sqlite(found: list[ExportTable], what: Export, target: Path) -> list[str]:
    from release.access.export import relations, sqlite
    from release.access.query import database

    with database.connect(what.folder, what.manifest, limits=what.limits) as connection:
        keys, notes = relations.plan(connection, found)
    sqlite.write(keys, what.manifest, target)
    return notes


def _write_duckdb(found: list[ExportTable], what: Export, target: Path) -> list[str]:
    from release.access.export import duckdb_file, relations
    from release.access.query import database

    with database.connect(what.folder, what.manifest, limits=what.limits) as connection:
        keys, notes = relations.plan(connection, found)
    return notes + duckdb_file.write(keys, what.manifest, target, what.limits)


def _write_json_lines(found: list[ExportTable], _: Export, target: Path) -> list[str]:
    from release.access.export import json_lines

    for table, file in _files(found, target, ".jsonl"):
        json_lines.write(table, file)
    return []


def _write_excel_csv(found: list[ExportTable], what: Export, target: Path) -> list[str]:
    from release.access.export import excel_csv

    files = _files(found, target, ".csv")
    return [note for table, file in files for note in excel_csv.write(table, file, what.limits)]


def _files(
    found: list[ExportTable], folder: Path, ending: str
) -> Iterator[tuple[ExportTable, Path]]:
    """Make a folder, and yield each table with the path of its file there.

    Raises:
        RefusedError: The name of a table is none of a file.
    """
    folder.mkdir()
    for table in found:
        name = f"{table.name}{ending}"
        if "/" in name or (problem := path_problem(name)):
            why = "has a /" if "/" in name else problem
            raise RefusedError(f"the table {named(table.name)} is no name of a file: it {why}")
        yield table, folder / name


_WRITERS: Mapping[str, _Write] = {
    "xlsx": _write_workbook,
    "sqlite": _write_sqlite,
    "duckdb": _write_duckdb,
    "jsonl": _write_json_lines,
    "csv-excel": _write_excel_csv,
}
