"""Hold the Parquet files of tables against the manifest of their release, before a row is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from release.findings.finding import FindingsError
from release.package.manifest.folder import MOST, check_resource
from release.package.manifest.model import Manifest
from release.package.manifest.proof import HeldTable, ReleasedTable, check_shape
from release.system.folders import Folder


def hold(folder: Path, manifest: Manifest, tables: Mapping[str, ReleasedTable]) -> None:
    """Hold the Parquet files of tables, given by name: size, hash, columns, number of rows.

    Raises:
        FindingsError: One is not what the manifest says.
    """
    place = Folder.at(folder)
    found = [each for name in tables for each in check_resource(place, manifest.parquet[name], {})]
    if not found:
        shapes = [HeldTable(table) for table in tables.values()]
        for each in shapes:
            check_shape(each)
        found = [finding for each in shapes for finding in each.unlike]
    if found:
        raise FindingsError(
            [
                each if each.file else replace(each, file=f"{folder}/{each.path}")
                for each in found[:MOST]
            ]
        )
