"""Hold the tables of a release: files against the manifest, Parquet against CSV, before a row is used.

Every command that takes tables from a release takes them from here. `hold_release` proves all that can be
proven of every table, `hold_table` of one; `check_shapes` only reads what Parquet files say of themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from release.descriptor.model import Field, Resource
from release.findings.finding import Finding, FindingsError
from release.package.manifest.folder import MOST, check_resource
from release.package.manifest.model import Manifest
from release.package.manifest.proof import HeldTable, ReleasedTable, check_shape, hold
from release.package.manifest.resources import ManifestResource
from release.system.folders import Folder
from release.system.limits import LIMITS, Limits

#: The number of tables that are read at once.
_AT_ONCE = 2


def find(folder: Path, manifest: Manifest) -> dict[str, ReleasedTable]:
    """Return the tables that a manifest names in both forms, as CSV and Parquet, by name."""
    return {
        name: ReleasedTable(folder, _declared(csv), csv.paths[0], manifest.parquet[name].paths)
        for name, csv in manifest.tables.items()
        if name in manifest.parquet
    }


def _declared(table: ManifestResource) -> Resource:
    """Return the schema of a released table without its constraints and foreign keys."""
    assert table.schema is not None, "a CSV resource has a schema"
    fields = [
        Field(
            *(each.name, each.type, None, None, None, {}, (), each.description, each.properties),
            reading=each.values,
        )
        for each in table.schema.fields
    ]
    key, path = table.schema.primary_key, table.paths[0]
    return Resource(
        table.name, path, (), False, (), tuple(fields), key, (), (), None, table.properties
    )


def hold_release(
    folder: Path, manifest: Manifest, listed: Mapping[str, str], limits: Limits = LIMITS
) -> frozenset[str]:
    """Hold every table in a folder; return the names of those whose Parquet says nothing that is false.

    First the files are held against the manifest, and against `listed`, the SHA-256 that SHA256SUMS has of
    files by path. Files that are not those are not given to a reader of Parquet.

    Raises:
        FindingsError: A file is not what the manifest says, or a Parquet not what its CSV says.
    """
    place = Folder.at(folder)
    files = [each for each in manifest.resources if each.kind != "other"]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        checks = pool.map(lambda each: check_resource(place, each, listed), files)
        _refuse(folder, [finding for findings in checks for finding in findings])
        tables = find(folder, manifest)
        held = list(pool.map(lambda each: hold(each, limits), tables.values()))
    _refuse(folder, [found for each in held for found in (*each.unlike, *each.untrue)])
    return frozenset(name for name, each in zip(tables, held, strict=True) if not each.unproven)


def hold_table(folder: Path, manifest: Manifest, name: str, limits: Limits = LIMITS) -> None:
    """Hold one table in a folder, as `hold_release`.

    Raises:
        FindingsError: A file is not what the manifest says, or the Parquet not what the CSV says.
    """
    place = Folder.at(folder)
    for resource in (manifest.tables[name], manifest.parquet[name]):
        _refuse(folder, check_resource(place, resource, {}))
    held = hold(find(folder, manifest)[name], limits)
    _refuse(folder, [*held.unlike, *held.untrue])


def check_shapes(folder: Path, manifest: Manifest) -> None:
    """Hold the columns of every Parquet file, and the rows that it says it has, against the manifest.

    No row is read.

    Raises:
        FindingsError: A file is not what the manifest says.
    """
    held = [HeldTable(table) for table in find(folder, manifest).values()]
    for each in held:
        check_shape(each)
    _refuse(folder, [finding for each in held for finding in each.unlike])


def check_contents(table: ReleasedTable, contents: Sequence[bytes]) -> int:
    """Hold the Parquet files of a table, which were read before, as `check_shapes`; return their rows.

    Raises:
        FindingsError: A file is not what the manifest says.
    """
    held = HeldTable(table)
    check_shape(held, contents)
    _refuse(table.folder, held.unlike)
    return held.rows


def _refuse(folder: Path, findings: Sequence[Finding]) -> None:
    """Raise an error if there are findings about the tables in a folder."""
    if findings:
        named = (
            each if each.file else replace(each, file=f"{folder}/{each.path}") for each in findings
        )
        raise FindingsError(list(named)[:MOST])
