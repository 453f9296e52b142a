"""The foreign keys of a package as a package of their own: each value once, each parent once.

frictionless opens the parent of every foreign key anew, and reads all columns of it. Two dozen tables may
refer to one, and repeat few values many times.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple


class _Relation(NamedTuple):
    """The parent and its key, and the types of the columns that refer to it."""

    parent: str
    key: tuple[str, ...]
    types: tuple[str, ...]


def without_foreign_keys(package: Mapping[str, Any]) -> dict[str, Any]:
    """Return a package whose tables have no foreign keys."""
    tables = [
        {
            **each,
            "schema": {
                name: value for name, value in each["schema"].items() if name != "foreignKeys"
            },
        }
        for each in package["resources"]
    ]
    return {**package, "resources": tables}


def write(package: Mapping[str, Any], folder: Path, target: Path) -> dict[str, Any]:
    """Write the values of all foreign keys, and the keys that they refer to, as CSV into an empty folder.

    Args:
        package: A package of tables as CSV that follow their schemas.
        folder: Its folder.
        target: The empty folder.

    Returns:
        A package of these: two tables for each key that is referred to.
    """
    tables = {each["name"]: each for each in package["resources"]}
    values: dict[_Relation, dict[tuple[str, ...], None]] = {}
    for name, table in tables.items():
        keys = table["schema"].get("foreignKeys", ())
        children = [tuple(key["fields"]) for key in keys]
        for key, found in zip(keys, _read(folder, table, children), strict=True):
            reference = key["reference"]
            parent = reference.get("resource") or name
            types = _types(table, key["fields"])
            relation = _Relation(parent, tuple(reference["fields"]), types)
            values.setdefault(relation, {}).update(found)
    resources = []
    for at, (relation, found) in enumerate(values.items()):
        parent = tables[relation.parent]
        (held,) = _read(folder, parent, [relation.key])
        names = [f"key{number}" for number in range(len(relation.key))]
        resources += [
            _write(f"parent{at}", names, _types(parent, relation.key), held, target),
            _write(f"child{at}", names, relation.types, found, target),
        ]
        resources[-1]["schema"]["foreignKeys"] = [
            {"fields": names, "reference": {"resource": f"parent{at}", "fields": names}}
        ]
    return {"name": "keys", "resources": resources}


def _types(table: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    """Return the types of some columns."""
    types = {field["name"]: field.get("type", "string") for field in table["schema"]["fields"]}
    return tuple(types[name] for name in names)


def _read(
    folder: Path, table: Mapping[str, Any], keys: Sequence[tuple[str, ...]]
) -> Iterator[dict[tuple[str, ...], None]]:
    """Yield the values of some groups of columns, each once, in the order of the table; not a missing one."""
    with (folder / table["path"]).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        places = [[header.index(name) for name in key] for key in keys]
        found: list[dict[tuple[str, ...], None]] = [{} for _ in keys]
        for row in rows:
            for values, place in zip(found, places, strict=True):
                key = tuple([row[at] for at in place])
                if any(key):  # else it is missing, and refers to nothing
                    values[key] = None
    yield from found


def _write(
    name: str,
    names: Sequence[str],
    types: Sequence[str],
    rows: Mapping[tuple[str, ...], None],
    target: Path,
) -> dict[str, Any]:
    """Write a table of keys; return its resource."""
    with (target / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)
    fields = [{"name": name, "type": type_} for name, type_ in zip(names, types, strict=True)]
    resource = {"name": name, "path": f"{name}.csv", "format": "csv", "encoding": "utf-8"}
    # without a dialect frictionless guesses one
    return {**resource, "dialect": {"delimiter": ","}, "schema": {"fields": fields}}
