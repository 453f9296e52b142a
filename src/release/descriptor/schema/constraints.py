"""Read the constraints and categories of a field, and check that they suit its type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from release.descriptor.properties import Properties, describe
from release.descriptor.vocabulary import CONSTRAINTS, PROPERTIES
from release.findings.message import shown
from release.syntax.paths import KeyPath
from release.syntax.patterns import PatternError, check_pattern
from release.syntax.types.registry import FORMS
from release.syntax.types.value_type import ValueType, of
from release.syntax.types.values import as_text, parse_value

_LENGTHS = 2**31

#: The constraints that the standard has for a type, and that are not supported, with the reason.
_NOT_SUPPORTED: Mapping[str, Mapping[str, str]] = {
    "duration": dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        "a month has no fixed length, so durations have no order",
    ),
    "list": {"enum": "a release has a list as `array`, which has its values in another form"},
}


def read(field: Properties, kind: ValueType | None) -> Mapping[str, Any]:
    """Read the constraints of a field; its type is None if it is not known."""
    constraints = field.read_mapping("constraints")
    constraints.note_unknown(*PROPERTIES["constraints"])
    limits: dict[str, Any] = {}
    for name in CONSTRAINTS:
        if name in constraints and kind is not None:
            limits[name] = _read_limit(constraints, name, kind)
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


def read_categories(field: Properties, field_type: str | None) -> tuple[Any, ...]:
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
    if field_type == "integer":
        _check_values(field, values, of("integer"), (int,))
    elif field_type == "string":
        _check_values(field, values, of("string"), (str,))
    return tuple(value for _, value in values)


def is_written(value: Any, kind: ValueType) -> bool:
    """Return whether a text is a value of a type, written as in a release."""
    return _parse_written(value, kind, (str,)) is not None


def _parse_written(value: Any, kind: ValueType, written: tuple[type, ...]) -> Any:
    """Return a value in the field's type; None if it is none, or not of a JSON type in `written`."""
    if type(value) not in written:
        return None
    return parse_value(as_text(value) or "", kind.plain)


def _read_limit(constraints: Properties, name: str, kind: ValueType) -> Any:
    """Read a constraint's value.

    Returns:
        A bound or a length in the field's type, to compare it with others; None for any other constraint, and
        after a problem.
    """
    limit = constraints.value[name]
    if name in ("required", "unique"):
        if not isinstance(limit, bool):
            constraints.note_unexpected(name, "true or false")
    elif why := _NOT_SUPPORTED.get(kind.name, {}).get(name):
        constraints.note(f"is not supported: {why}; leave it out", name)
    elif name != "enum" and name not in kind.facts.constraints:
        constraints.note(f"is a constraint of {_types_with(name)} only; leave it out", name)
    elif name in ("minLength", "maxLength"):
        if type(limit) is int and 0 <= limit < _LENGTHS:
            return limit
        constraints.note_unexpected(name, "a number of characters")
    elif name == "pattern":
        _check_pattern(constraints)
    elif name != "enum":
        return _read_typed(constraints, (name,), limit, kind, kind.facts.written)
    elif not isinstance(limit, list) or not limit:
        constraints.note_unexpected(name, "a list of values")
    else:
        values = [((name, at), value) for at, value in enumerate(limit)]
        _check_values(constraints, values, kind, kind.facts.written)
    return None


def _types_with(constraint: str) -> str:
    """List the types that have a constraint."""
    types = (
        form.partition(" ")[0] for form, facts in FORMS.items() if constraint in facts.constraints
    )
    *names, last = dict.fromkeys(types)
    return f"{', '.join(names)} and {last}" if names else last


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
    kind: ValueType,
    written: tuple[type, ...],
) -> None:
    """Note the values, each given with its key path, that are repeated or not of the field's type."""
    seen: list[Any] = []
    for key_path, value in values:
        typed = _read_typed(properties, key_path, value, kind, written)
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
    kind: ValueType,
    written: tuple[type, ...],
) -> Any:
    typed = _parse_written(value, kind, written)
    if typed is None:
        advice = ""
        if kind.facts.written == (str,) and type(value) in (int, float, bool):
            advice = ", in quotes"
        properties.note(f"is {describe(value)}, expected {kind.facts.words}{advice}", *key_path)
    return typed
