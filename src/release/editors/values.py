"""The JSON Schema of a value in a record: by the type and the constraints of a field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from release.descriptor.model import Field
from release.editors.text_patterns import escape, find_pattern, match_whole, spell_out
from release.syntax.types.structures import GEOMETRIES
from release.syntax.types.value_type import ValueType
from release.syntax.types.values import as_text, parse_value
from release.syntax.yaml import resolve_scalar

#: A JSON Schema, of the draft 7.
Schema = dict[str, Any]

#: The draft that VS Code, its extension for YAML and Taplo know, all in versions that are in use.
DRAFT = "http://json-schema.org/draft-07/schema#"

#: The scalars of a record, as JSON Schema calls them.
SCALARS = ("string", "number", "boolean")

#: Null and empty text, which mean that there is no value; in this form no editor offers empty text.
NOTHING: Schema = {"type": ["null", "string"], "maxLength": 0}

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_LENGTHS: Mapping[str, tuple[str, str]] = {
    "object": ("minProperties", "maxProperties"),
    "array": ("minItems", "maxItems"),
}

#: Keywords that a missing value keeps, too: they are about numbers, or are changed for it.
_OF_SCALARS = {"type", "pattern", "not", "items", *_BOUNDS}

#: An integer of 64 bits.
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


def spell(texts: Iterable[Any]) -> list[Any]:
    """Return texts with the values beside them that a record has if its author writes them without quotes."""
    found: dict[tuple[type, Any], Any] = {}
    for text in filter(None, map(as_text, texts)):
        found[str, text] = text
        value = resolve_scalar(text)
        if not isinstance(value, str) and value is not None and as_text(value) == text:
            found[type(value), value] = value
    return list(found.values())


def missing_texts(kind: ValueType) -> list[Any]:
    """Return the values of a record that mean a missing one in a field, besides null and empty text."""
    return spell(sorted(kind.notation.missing))


def describe_present(kind: ValueType) -> Schema:
    """Return the schema of a value that is not missing."""
    return {"not": {"enum": [None, "", *missing_texts(kind)]}}


def describe_value(field: Field, *, is_required: bool = False) -> Schema:
    """Return the schema of the values that a field takes; of missing ones as well, unless it is required.

    Bounds are for numbers only, as a JSON Schema cannot compare texts.
    """
    kind = field.values
    if kind.facts.is_json:
        found = _describe_structure(kind)
    elif kind.name == "string" and not kind.content:
        found = {"type": list(SCALARS)}  # a number or boolean is taken by its text
    elif kind.name in ("integer", "number", "year"):
        found = _describe_number(kind)
    else:
        found = _describe_texts(kind)
    found = join([found, *_describe_limits(field)])
    if is_required:
        without = missing_texts(kind)
        shown = {"minLength": 1} if "pattern" in found else {"pattern": "\\S"}
        return join([found, shown, *([{"not": {"enum": without}}] if without else [])])
    return or_missing(found, missing_texts(kind))


def or_missing(schema: Schema, texts: list[Any]) -> Schema:
    """Return a schema that takes null, empty text and the texts that mean a missing value, too.

    That is one mapping where it can be, since editors say of a choice only that none of it fits.
    """
    choices = [{"enum": texts}] if texts else []
    types, pattern = schema.get("type"), schema.get("pattern")
    if not schema:
        return {}
    if types is None or schema.keys() - _OF_SCALARS:
        return {"anyOf": [schema, NOTHING, *choices]}
    found = {**schema, "type": [*(types if isinstance(types, list) else [types]), "null"]}
    if "string" in found["type"]:
        if pattern is not None:
            found["pattern"] = pattern.removesuffix("$") + "?$"
    else:
        choices.insert(0, NOTHING)
    return {"anyOf": [found, *choices]} if choices else found


def _describe_number(kind: ValueType) -> Schema:
    found: Schema = {"type": ["number" if kind.name == "number" else "integer", "string"]}
    if (pattern := find_pattern(kind)) is not None:
        found["pattern"] = match_whole(pattern)
    if kind.name == "integer":
        found |= {"minimum": _LOWEST, "maximum": _HIGHEST}
    if kind.name == "year":  # it has four digits, and a number has no zeros before it
        found["not"] = {"type": "integer", "exclusiveMinimum": -1000, "exclusiveMaximum": 1000}
    return found


def _describe_texts(kind: ValueType) -> Schema:
    """Describe booleans, and what is a text: dates, times, durations, strings with a format."""
    types = ["string"]
    pattern = find_pattern(kind)
    if kind.name == "boolean":
        types = ["boolean", "string"]
        texts = spell((*kind.notation.true, *kind.notation.false))
        if numbers := [each for each in texts if type(each) in (int, float)]:
            return {
                "anyOf": [{"type": types, "pattern": match_whole(pattern or "")}, {"enum": numbers}]
            }
    elif "%" in kind.notation.format or kind.notation.format == "any":
        types = ["string", "number"]  # a date in digits alone
    return {"type": types} if pattern is None else {"type": types, "pattern": match_whole(pattern)}


def _describe_structure(kind: ValueType) -> Schema:
    """Describe values that may be mappings and lists, or texts that write them."""
    if kind.name == "any":
        return {}
    if kind.name == "list":
        return {"type": ["array", *SCALARS], "items": _describe_item(kind), **_describe_parts(kind)}
    pattern = {"pattern": match_whole(find_pattern(kind) or "")}
    if kind.name in ("object", "array"):
        return {"type": [kind.name, "string"], **pattern}
    if kind.name == "geojson":
        shapes = ["Topology"]
        if not kind.content:
            shapes = [*GEOMETRIES, "GeometryCollection", "Feature", "FeatureCollection"]
        properties = {"type": {"enum": shapes}}
        return {
            "type": ["object", "string"],
            "required": ["type"],
            "properties": properties,
            **pattern,
        }
    degrees = {"type": ["number", "string"]}
    return {
        "type": ["array", "object", "string"],
        "items": degrees,
        "minItems": 2,
        "maxItems": 2,
        "properties": {"lon": degrees, "lat": degrees},
        "required": ["lon", "lat"],
        "additionalProperties": False,
        **pattern,
    }


def _describe_parts(kind: ValueType) -> Schema:
    """Describe a list that is one text or number: its parts are of the type of the items, as far as known."""
    pattern = find_pattern(ValueType(kind.item, zone=kind.item == "datetime"))
    if kind.item == "string" or pattern is None:
        return {}
    part = f"\\s*(?:{pattern})\\s*"
    types = {"integer": ["integer"], "number": ["number"], "boolean": ["boolean"]}
    return {
        "type": ["array", "string", *types.get(kind.item, [])],
        "pattern": match_whole(f"{part}(?:{escape(kind.notation.delimiter)}{part})*"),
    }


def _describe_item(kind: ValueType) -> Schema:
    """Describe an item of a list; one may be missing."""
    item = ValueType(kind.item, zone=kind.item == "datetime")
    if kind.item == "string":
        return {"type": [*SCALARS, "null"]}
    found = _describe_number(item) if kind.item in ("integer", "number") else _describe_texts(item)
    return {**found, "type": [*found["type"], "null"]}


def _describe_limits(field: Field) -> Iterator[Schema]:
    """Describe the constraints of a field, as far as a JSON Schema can say them."""
    kind, limits = field.values, field.constraints
    for listed in (limits.get("enum"), field.categories):
        if listed and kind.name in ("string", "integer", "boolean", "year"):
            texts = [text for value in listed for text in _write(value, kind)]
            yield {"enum": spell(texts)}
    for name in _BOUNDS:
        if name in limits and kind.name in ("integer", "number", "year"):
            yield {name: _number(limits[name], kind)}
    for at, name in enumerate(("minLength", "maxLength")):
        if name in limits and kind.name in _LENGTHS:
            yield {_LENGTHS[kind.name][at]: limits[name]}
        elif name in limits and kind.name == "string":
            yield {name: limits[name]}
    if "pattern" in limits:
        yield {"pattern": match_whole(spell_out(limits["pattern"]))}


def _write(value: Any, kind: ValueType) -> Iterator[Any]:
    """Yield the ways in which a record may write a listed value; of a number those that people use."""
    if kind.name == "boolean":
        yield from kind.notation.true if value in (True, "true") else kind.notation.false
    else:
        yield value


def _number(limit: Any, kind: ValueType) -> Any:
    number = parse_value(as_text(limit) or "", kind.plain)
    return float(number) if isinstance(number, Decimal) else number


#: Keywords whose meaning depends on others beside them.
_BOUND = {"additionalProperties", "properties", "items", "additionalItems", "anyOf", "if"}


def join(schemas: Iterable[Schema]) -> Schema:
    """Return the schema that all of these make together: one mapping, as far as it can be one."""
    found: Schema = {}
    others: list[Schema] = []
    given = list(schemas)
    for schema in given:
        if any(_is_implied(schema, other) for other in given if other != schema):
            continue
        if not found:
            found = dict(schema)
        elif schema.keys() == {"minimum"} and "minimum" in found:
            found["minimum"] = max(found["minimum"], schema["minimum"])
        elif schema.keys() == {"maximum"} and "maximum" in found:
            found["maximum"] = min(found["maximum"], schema["maximum"])
        elif not (found.keys() & schema.keys() or schema.keys() & _BOUND):
            found |= schema
        elif schema and schema not in others and schema != found:
            others.append(schema)
    return {**found, "allOf": [*found.get("allOf", ()), *others]} if others else found


def _is_implied(schema: Schema, other: Schema) -> bool:
    """Return whether another schema asks for all that a schema asks for."""
    for key, wanted in schema.items():
        if key not in other:
            return False
        if key == "type":
            own, types = ({x} if isinstance(x, str) else set(x) for x in (wanted, other[key]))
            if not types <= own:
                return False
        elif other[key] != wanted:
            return False
    return True
