"""The values that a record must have: those of required fields and of primary keys."""

from __future__ import annotations

from release.descriptor.model import Field, Resource, RowOrigin
from release.editors.places import Place, Use
from release.editors.values import Schema, describe_present
from release.records.shapes.tree import is_within_rows, paths_of
from release.syntax.paths import Capture, Path


def is_needed(resource: Resource, item: Field, *, is_merged: bool) -> bool:
    """Return whether each row of a table needs a value of a field from its own record.

    Where several editions make one row, another one may have the value, unless it is part of the key.
    """
    if item.name in resource.primary_key:
        return True
    return item.constraints.get("required") is True and not is_merged


def find_required(place: Place) -> set[str]:
    """Find the keys of a mapping that each record must have: there is a row for each, whatever it holds."""
    return {key for key, each in place.keys().items() if is_needed_by_record(each)}


def is_needed_by_record(place: Place) -> bool:
    """Return whether each record must have a value at a place, or below it."""
    if any(is_needed_for_record(use, place) for use in place.uses):
        return True
    return any(is_needed_by_record(below) for below in place.keys().values())


def is_needed_for_record(use: Use, place: Place) -> bool:
    """Return whether a use needs a value in each record."""
    if use.rows.path or use.is_one_of_several or not use.is_read or use.field.when is not None:
        return False
    path = next(iter(paths_of(use.field.origin, use.rows)), None)
    if not path or any(isinstance(part, Capture) for part in path):
        return False
    return is_needed(use.resource, use.field, is_merged=place.layout.is_merged(use.resource))


def find_row_conditions(place: Place) -> list[Schema]:
    """Find what a mapping must have if it makes a row: for each table whose rows stand on it."""
    found: list[Schema] = []
    for resource, rows in place.rows:
        if rows.path and (condition := _find_condition(place, resource, rows)) is not None:
            found.append(condition)
    return found


def _find_condition(place: Place, resource: Resource, rows: RowOrigin) -> Schema | None:
    is_merged = place.layout.is_merged(resource)
    present: list[Schema] = []
    needed: list[Schema] = []
    for item in resource.fields:
        path = _path_below(item, rows)
        if not path:
            continue
        there = _require(path, item)
        present.append(there)
        if is_needed(resource, item, is_merged=is_merged) and item.when is None:
            needed.append(there)
    if not needed or len(present) < 2:
        return None
    return {"if": {"anyOf": present}, "then": needed[0] if len(needed) == 1 else {"allOf": needed}}


def _path_below(item: Field, rows: RowOrigin) -> tuple[str, ...] | None:
    """Return the keys that lead from an entry to the value of a field; None if that is not all it takes."""
    paths: list[Path] = list(paths_of(item.origin, rows))
    if len(paths) != 1 or not is_within_rows(paths[0], rows) or item.locate is not None:
        return None
    below = paths[0][len(rows.path) :]
    return (
        tuple(part for part in below if isinstance(part, str))
        if all(isinstance(p, str) for p in below)
        else None
    )


def _require(path: tuple[str, ...], item: Field) -> Schema:
    """Return the schema of a mapping that has a value at a path."""
    schema = describe_present(item.values)
    for key in reversed(path):
        schema = {"type": "object", "required": [key], "properties": {key: schema}}
    return schema
