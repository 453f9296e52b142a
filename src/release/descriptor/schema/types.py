"""Read the type of a field, and the properties that say how its values are written where they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from release.descriptor.properties import TAB, Properties, describe, suggest
from release.descriptor.vocabulary import TYPES
from release.findings.message import shown
from release.syntax.types.registry import FieldType
from release.syntax.types.times import find_pattern_fault
from release.syntax.types.value_type import (
    MOST_DIGITS,
    PLAIN,
    SHORT_DIGITS,
    Decimals,
    Notation,
    ValueType,
    of,
)

#: The formats of each type, besides `default`; dates and times also have patterns of strptime.
FORMATS_OF: Mapping[FieldType, tuple[str, ...]] = {
    "string": ("email", "uri", "binary", "uuid"),
    "date": ("any",),
    "time": ("any",),
    "datetime": ("any",),
    "geopoint": ("array", "object"),
    "geojson": ("topojson",),
}
_WITH_PATTERNS = ("date", "time", "datetime")

#: The types of the items of a list, by the standard.
ITEM_TYPES: tuple[FieldType, ...] = (
    *("string", "integer", "boolean", "number", "datetime", "date", "time"),
)

#: The properties that only some types have, and those types.
PROPERTIES_OF: Mapping[str, tuple[FieldType, ...]] = {
    "trueValues": ("boolean",),
    "falseValues": ("boolean",),
    "decimalChar": ("number",),
    "groupChar": ("number", "integer"),
    "bareNumber": ("number", "integer"),
    "decimal": ("number",),
    "zone": ("datetime", "time"),
    "delimiter": ("list",),
    "itemType": ("list",),
}


def read_type(item: Properties, missing: frozenset[str]) -> ValueType | None:
    """Read the type of a field; None if it is not one of Table Schema v2.

    `missing` has the texts that mean a missing value in the whole table.
    """
    name = _read_name(item)
    if name is None:
        return None
    for key, types in PROPERTIES_OF.items():
        if name not in types:
            why = f"only a {' or '.join(types)} has it, and the field has the type {name}"
            item.note_unwanted(key, why)
    if "missingValues" in item:
        missing = read_missing(item)
    form = _read_format(item, name)
    notation = _read_notation(item, name, form, missing)
    content = form if name in ("string", "geojson") and form in FORMATS_OF[name] else ""
    found = replace(of(name), content=content, zone=_read_zone(item, name, form))
    if "decimal" in item and name == "number":
        found = replace(found, decimals=_read_decimals(item))
    if "itemType" in item and name == "list":
        found = replace(found, item=_read_item_type(item))
    return found if notation == PLAIN else replace(found, notation=notation)


def _read_name(item: Properties) -> FieldType | None:
    value = item.value.get("type", "string")
    for name in TYPES:
        if value == name:
            return name
    from release.descriptor.schema.synonyms import explain_type  # only a fault needs it

    if isinstance(value, str) and (meant := explain_type(value)):
        item.note_unexpected("type", meant)
        return None
    known = [name for name in TYPES if name != "any"]  # which is meant by nothing that is like it
    near = suggest(value, known) if isinstance(value, str) else ""
    item.note_unexpected("type", f"one of {', '.join(TYPES)}{near}")
    return None


def read_missing(properties: Properties) -> frozenset[str]:
    """Read the texts of a schema or field that mean a missing value; empty text always does."""
    texts: list[str] = []
    for at, each in enumerate(properties.read_list("missingValues", "a list of texts")):
        value = each.get("value") if isinstance(each, dict) else each
        if not isinstance(value, str):
            expected = "text in quotes, or a mapping with `value` and `label`"
            found = describe(each)
            properties.note(f"is {found}, expected {expected}", "missingValues", at)
        elif isinstance(each, dict) and not isinstance(each.get("label", ""), str):
            message = f"is {describe(each['label'])}, expected text"
            properties.note(message, "missingValues", at, "label")
        else:
            texts.append(value)
    return frozenset(texts) - {""}


def _read_format(item: Properties, name: FieldType) -> str:
    """Read the format of a field; `default` if it cannot be used."""
    if "format" not in item:
        return "default"
    known = ("default", *FORMATS_OF.get(name, ()))
    value = item.value["format"]
    if value in known:
        return str(value)
    expected = f"one of {', '.join(known)}" if known[1:] else "default, the only one of its type"
    if name in _WITH_PATTERNS:
        expected = "default, any, or a pattern of strptime such as %d.%m.%Y"
        if isinstance(value, str) and value.startswith("fmt:"):
            what = f"is {shown(value)}, which is of a Data Package before v1"
            item.note(f"{what}, expected {shown(value[4:])}", "format")
            return "default"
        if isinstance(value, str) and "%" in value:
            if not (fault := find_pattern_fault(value, name)):
                return value
            expected = f"a pattern of a {name}: {fault}"
    item.note_unexpected("format", expected + (suggest(str(value), known) if known[1:] else ""))
    return "default"


def _read_notation(
    item: Properties, name: FieldType, form: str, missing: frozenset[str]
) -> Notation:
    """Read how the texts of a field are written."""
    values: dict[str, Any] = {"missing": missing}
    if name not in ("string", "geojson"):
        values["format"] = form
    for key, attribute in (("trueValues", "true"), ("falseValues", "false")):
        if key in item and name == "boolean":
            values[attribute] = _read_texts(item, key)
    for key, attribute in (
        ("decimalChar", "decimal_char"),
        ("groupChar", "group_char"),
        ("delimiter", "delimiter"),
    ):
        if key in item and name in PROPERTIES_OF[key]:
            values[attribute] = _read_mark(item, key, values)
    if "bareNumber" in item and name in PROPERTIES_OF["bareNumber"]:
        values["bare"] = item.value["bareNumber"]
        if not isinstance(values["bare"], bool):
            item.note_unexpected("bareNumber", "true or false")
    notation = Notation(**values)
    if set(notation.true) & set(notation.false):
        both = ", ".join(sorted(set(notation.true) & set(notation.false)))
        item.note_unexpected("falseValues", f"other texts than those of trueValues: {both}")
    return notation


def _read_texts(item: Properties, key: str) -> tuple[str, ...]:
    texts = item.read_list(key, "a list of texts")
    if not texts and isinstance(item.value[key], list):
        item.note_unexpected(key, "a list of texts")
    for at, text in enumerate(texts):
        if not isinstance(text, str) or not text:
            item.note(f"is {describe(text)}, expected text in quotes", key, at)
    return tuple(text for text in texts if isinstance(text, str))


def _read_mark(item: Properties, key: str, before: Mapping[str, Any]) -> str:
    """Read a text that stands between the parts of a value; one that no number holds, or one delimiter."""
    mark = item.value[key]
    if key == "groupChar" and mark == "":
        return ""
    if mark == "\\t":
        item.note_unexpected(key, TAB)
    is_used = not isinstance(mark, str) or not mark
    if key != "delimiter":
        is_used = is_used or any(sign.isdigit() or sign in "+-eE" for sign in mark)
    if is_used:
        expected = "text" if key == "delimiter" else "a sign that is no digit, such as ','"
        item.note_unexpected(key, expected)
        return "." if key == "decimalChar" else ","
    decimal_char = before.get("decimal_char", ".")
    if key == "groupChar" and mark == decimal_char and item.value.get("type") == "number":
        item.note_unexpected(key, f"another sign than decimalChar, which is {decimal_char}")
    return str(mark)


def _read_zone(item: Properties, name: FieldType, form: str) -> bool:
    """Read if the times of a field have zones."""
    if name not in PROPERTIES_OF["zone"]:
        return False
    is_pattern = form not in ("default", "any")
    by_default = "%z" in form if is_pattern else name == "datetime"
    if "zone" not in item:
        return by_default
    value = item.value["zone"]
    if value not in ("utc", "none"):
        item.note_unexpected("zone", "utc or none")
    elif is_pattern and by_default != (value == "utc"):
        wanted = "utc, as the pattern has %z" if by_default else "none, as the pattern has no %z"
        item.note_unexpected("zone", wanted)
    return bool(value == "utc")


def _read_decimals(item: Properties) -> Decimals:
    """Read `decimal`: the digits behind the point, or a mapping with `precision` and `scale`."""
    value = item.value["decimal"]
    precision, scale = SHORT_DIGITS, value
    if isinstance(value, dict):
        item.read_mapping("decimal").note_unknown("precision", "scale")
        precision, scale = value.get("precision", SHORT_DIGITS), value.get("scale", 0)
    digits = Decimals.of(precision, scale)
    if digits is not None:
        return digits
    expected = f"`precision` from 1 to {MOST_DIGITS} and `scale` from 0 to that"
    if not isinstance(value, dict):
        expected = f"the digits behind the point, from 0 to {SHORT_DIGITS}, or {expected}"
    item.note_unexpected("decimal", expected)
    return Decimals(SHORT_DIGITS, 2)


def _read_item_type(item: Properties) -> FieldType:
    value = item.value["itemType"]
    for name in ITEM_TYPES:
        if value == name:
            return name
    near = suggest(value, ITEM_TYPES) if isinstance(value, str) else ""
    item.note_unexpected("itemType", f"one of {', '.join(ITEM_TYPES)}{near}")
    return "string"


def published_form(kind: ValueType) -> dict[str, Any]:
    """Return the properties of our own with which a release says what a column holds."""
    found: dict[str, Any] = {}
    if kind.decimals is not None:
        found["decimal"] = {"precision": kind.decimals.precision, "scale": kind.decimals.scale}
    if kind.name in PROPERTIES_OF["zone"] and kind.zone != of(kind.name).zone:
        found["zone"] = "utc" if kind.zone else "none"
    return found
