"""Let frictionless judge a package, and load it ahead of time.

It runs in a process of its own, which needs nothing of Arrow and should not wait for it to load.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from release.package.referee import foreign_keys
from release.syntax.types.value_type import of_release
from release.syntax.types.values import parse_value

_TABLE = b"key\none\n"


def prepare(folder: Path) -> None:
    """Load everything that judging needs; frictionless loads much of it with its first package.

    That package is written into an empty folder.
    """
    (folder / "table.csv").write_bytes(_TABLE)
    (folder / "datapackage.json").write_text(json.dumps(_package()))
    judge(folder)


def _package() -> dict[str, object]:
    """Return the smallest package with all features of a release."""
    key = {"fields": ["key"], "reference": {"resource": "", "fields": ["key"]}}
    fields = [{"name": "key", "type": "string"}]
    return {
        "name": "package",
        "resources": [
            {
                "name": "table",
                "type": "table",
                "path": "table.csv",
                "format": "csv",
                "encoding": "utf-8",
                "bytes": len(_TABLE),
                "hash": f"sha256:{hashlib.sha256(_TABLE).hexdigest()}",
                "schema": {"fields": fields, "primaryKey": ["key"], "foreignKeys": [key]},
            }
        ],
    }


#: Types of which frictionless knows too few values, and those that it is shown in their place: it has no
#: years before 0 or after 9999 (XML Schema has), and no GeoJSON with a height (RFC 7946, 3.1.1).
_WIDER: Mapping[str, str] = {"year": "integer", "geojson": "object"}


def judge(folder: Path) -> list[str]:
    """Let frictionless judge the package in a folder; return its objections, none if it accepts.

    It checks types, constraints, primary and foreign keys, bytes and hashes of the CSV tables; it knows
    nothing of Parquet. A column with values that it is wrong about is shown to it as another type.
    """
    # as a value: of a path frictionless would take parts for those of a URL
    package = json.loads((folder / "datapackage.json").read_bytes())
    if not isinstance(package.get("resources"), list):
        return _ask(package, folder)[0]
    package["resources"] = [each for each in package["resources"] if each["format"] == "csv"]
    for _, field in _fields(package):
        if any(_is_wrong(field, limit) for limit in _limits(field)):
            field["type"] = _WIDER[field["type"]]
    objections, wrong = _judge(package, folder)
    if wrong:
        for table, field in _fields(package):
            if (table, field["name"]) in wrong:
                field["type"] = _WIDER[field["type"]]
        objections, _ = _judge(package, folder)
    return objections


def _judge(package: dict[str, Any], folder: Path) -> tuple[list[str], frozenset[tuple[str, str]]]:
    """Return the objections of frictionless, and the tables and fields about which it is wrong.

    It opens a table anew for each foreign key that refers to it. So it is shown the tables without foreign
    keys, and then the values of these alone; the whole package only to name what it refuses of them.
    """
    found = _ask(foreign_keys.without_foreign_keys(package), folder)
    if found[1]:
        return found
    if not found[0]:
        with TemporaryDirectory(prefix="release-keys-") as keys:
            values = foreign_keys.write(package, folder, Path(keys))
            if not values["resources"] or not _ask(values, Path(keys))[0]:
                return found
    return _ask(package, folder)


def _ask(package: dict[str, Any], folder: Path) -> tuple[list[str], frozenset[tuple[str, str]]]:
    """Return what frictionless says of a package, as `_judge` does."""
    import frictionless

    try:
        report = frictionless.Package.from_descriptor(package, basepath=str(folder)).validate()
    except frictionless.FrictionlessException as exception:
        # what it says of a descriptor that it cannot read
        reasons = exception.reasons or [exception.error]
        return [f"{error.type}: {error.message}" for error in reasons], frozenset()
    fields = {(table, field["name"]): field for table, field in _fields(package)}
    found = [(task, error) for task in report.tasks for error in task.errors]
    wrong = frozenset(
        (task.name, error.field_name)
        for task, error in found
        if error.type == "type-error" and _is_wrong(fields[task.name, error.field_name], error.cell)
    )
    objections = [f"{task.place}: {error.type}: {error.message}" for task, error in found]
    return objections + [f"{error.type}: {error.message}" for error in report.errors], wrong


def _fields(package: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the fields of a package, each with the name of its resource; none if it has no resources."""
    resources = package.get("resources")
    for resource in resources if isinstance(resources, list) else ():
        for field in resource.get("schema", {}).get("fields", ()):
            yield resource["name"], field


def _limits(field: Mapping[str, Any]) -> Iterator[object]:
    """Yield the values in the constraints of a year; frictionless reads them as those of the column."""
    if field.get("type") == "year":
        for limit in field.get("constraints", {}).values():
            yield from limit if isinstance(limit, list) else [limit]


def _is_wrong(field: Mapping[str, Any], cell: object) -> bool:
    """Return whether a cell that frictionless refuses is a value of a type of which it knows too few."""
    kind = field.get("type", "string")
    if kind == "year" and type(cell) in (int, str):
        year = parse_value(str(cell), "year")
        return year is not None and not 0 <= year <= 9999
    return (
        kind == "geojson"
        and isinstance(cell, str)
        and parse_value(cell, of_release(kind, field)) is not None
    )
