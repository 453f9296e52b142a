"""Read the constraints and categories of a field, and check that they suit its type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from release.descriptor.properties import Properties, describe
from release.descriptor.schema.expectations import EXPECTED
from release.descriptor.vocabulary import CONSTRAINTS, PROPERTIES
from release.findings.message import shown
from release.syntax.paths import KeyPath
from release.syntax.patterns import PatternError, check_pattern
from release.syntax.values import FieldType, as_text, parse_value

#: The types of JSON in which the profile of Table Schema v2 allows a constraint's value to be written.
_NOTATIONS: Mapping[FieldType, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int, str),
    "number": (int, float, str),
    "boolean": (bool,),
    "date": (str,),
    "year": (int, str),
}

_TEXT_ONLY = ("minLength", "maxLength", "pattern")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_LENGTHS = 2**31


def read(field: Properties, field_type: FieldType | None) -> Mapping[str, Any]:
    """Read the constraints of a field, whose type is None if it is not known."""
    constraints = field.read_mapping("constraints")
    constraints.note_unknown(*PROPERTIES["constraints"])
    limits: dict[str, Any] = {}
    for name in CONSTRAINTS:
        if name in constraints and field_type is not None:
            limits[name] = _read_limit(constraints, name, field_type)
    for low, high in (
        ("minLength", "maxLength"),
        ("minimum", "maximum"),
        ("minimum", "exclusiveMaximum"),
        ("exclusiveMinimum", "maximum"),
        ("exclusiveMinimum", "exclusiveMaximum"),
    ):
        if limits.get(low) is None or limits.get(high) is None:
            continue
        strictly = "exclusive" in low + high
        if limits[low] > limits[high] or (strictly and limits[low] == limits[high]):
            least = "more than" if strictly else "at least"
            expected = f"{least} {shown(constraints.value[low])}, the value of {low}"
            constraints.note_unexpected(high, expected)
    return constraints.value


def read_categories(field: Properties, field_type: FieldType | None) -> tuple[Any, ...]:
    """Read the values of a field's categories, in their order."""
    if "categories" not in field:
        field.note_unwanted("categoriesOrdered", "there are no categories")
        return ()
    if field_type not in ("string", "integer", None):
        field.note_unwanted("categories categoriesOrdered", "only strings and integers have them")
        return ()
    items = field.read_list("categories", "a list of values")
    if not items and isinstance(field.value["categories"], list):
        field.note_unexpected("categories", "a list of values")
    values: list[tuple[KeyPath, Any]] = [
        (("categories", at), item) for at, item in enumerate(items)
    ]
    if any(isinstance(item, dict) for item in items):
        values = []
        for item in field.read_mappings("categories"):
            item.note_unknown(*PROPERTIES["category"])
            if "label" in item:
                item.read_text("label")
            if "value" in item:
                values.append(((*item.key_path[-2:], "value"), item.value["value"]))
            else:
                item.note_unexpected("value", "the category's value")
    if field_type is not None:
        _check_values(field, values, field_type, (int,) if field_type == "integer" else (str,))
    return tuple(value for _, value in values)


def is_written(value: Any, field_type: FieldType) -> bool:
    """Return whether a text is a value of a type."""
    return _parse_written(value, field_type, (str,)) is not None


def _parse_written(value: Any, field_type: FieldType, written: tuple[type, ...]) -> Any:
    """Return a value in the field's type; None if it is none, or not of a JSON type in `written`."""
    if type(value) not in written:
        return None
    return parse_value(as_text(value) or "", field_type)


def _read_limit(constraints: Properties, name: str, field_type: FieldType) -> Any:
    """Read a constraint's value.

    Returns:
        A bound or a length in the field's type, to compare it with others; None for any other constraint, and
        after a problem.
    """
    limit = constraints.value[name]
    if name in ("required", "unique"):
        if not isinstance(limit, bool):
            constraints.note_unexpected(name, "true or false")
    elif name in _TEXT_ONLY and field_type != "string":
        constraints.note("is a constraint of strings only; leave it out", name)
    elif name in ("minLength", "maxLength"):
        if type(limit) is int and 0 <= limit < _LENGTHS:
            return limit
        constraints.note_unexpected(name, "a number of characters")
    elif name == "pattern":
        _check_pattern(constraints)
    elif name in _BOUNDS:
        if field_type not in ("string", "boolean"):
            return _read_typed(constraints, (name,), limit, field_type, _NOTATIONS[field_type])
        constraints.note("is a constraint of numbers, dates and years only; leave it out", name)
    elif not isinstance(limit, list) or not limit:
        constraints.note_unexpected(name, "a list of values")
    else:
        values = [((name, at), value) for at, value in enumerate(limit)]
        _check_values(constraints, values, field_type, _NOTATIONS[field_type])
    return None


def _check_pattern(constraints: Properties) -> None:
    pattern = constraints.read_text("pattern", "a regular expression")
    try:
        check_pattern(pattern)
    except PatternError as error:
        constraints.note_unexpected(
            "pattern", f"a regular expression of the common dialect; it {error}"
        )


def _check_values(
    properties: Properties,
    values: Sequence[tuple[KeyPath, Any]],
    field_type: FieldType,
    written: tuple[type, ...],
) -> None:
    """Note the values, each given with its key path, that are repeated or not of the field's type."""
    seen: list[Any] = []
    for key_path, value in values:
        typed = _read_typed(properties, key_path, value, field_type, written)
        if typed is None:
            continue
        if typed in seen:
            properties.note(f"is {shown(value)} again, expected it once", *key_path)
        elif isinstance(value, str) != isinstance(values[0][1], str):
            properties.note(f"is {shown(value)}, expected all values as text, or none", *key_path)
        seen.append(typed)


def _read_typed(
    properties: Properties,
    key_path: KeyPath,
    value: Any,
    field_type: FieldType,
    written: tuple[type, ...],
) -> Any:
    typed = _parse_written(value, field_type, written)
    if typed is None:
        advice = ""
        if field_type in ("string", "date") and type(value) in (int, float, bool):
            advice = ", in quotes"
        properties.note(f"is {describe(value)}, expected {EXPECTED[field_type]}{advice}", *key_path)
    return typed
