"""The JSON Schema of a field of the descriptor: its type, constraints and origin."""

from __future__ import annotations

from release.descriptor.schema.types import FORMATS_OF, ITEM_TYPES, PROPERTIES_OF
from release.descriptor.vocabulary import CONSTRAINTS, TYPES, WHEN
from release.editors.descriptor.shapes import (
    choice,
    flag,
    mapping,
    text,
    texts,
    unless,
)
from release.editors.values import Schema
from release.syntax.types.registry import FORMS, FieldType

_MEANINGS = {
    "required": "A value must be there.",
    "unique": "No two rows have the same value.",
    "minLength": "The fewest characters, or items.",
    "maxLength": "The most characters, or items.",
    "minimum": "The least value.",
    "maximum": "The greatest value.",
    "exclusiveMinimum": "A value is more than this.",
    "exclusiveMaximum": "A value is less than this.",
    "pattern": "A regular expression that matches the text as a whole.",
    "enum": "The values that are allowed.",
}
_SHAPES: dict[str, Schema] = {
    "required": {"type": "boolean"},
    "unique": {"type": "boolean"},
    "minLength": {"type": "integer", "minimum": 0, "exclusiveMaximum": 2**31},
    "maxLength": {"type": "integer", "minimum": 0, "exclusiveMaximum": 2**31},
    "pattern": {"type": "string", "pattern": r"\S"},
    "enum": {
        "type": "array",
        "items": {"type": ["string", "number", "boolean"]},
        "minItems": 1,
        "uniqueItems": True,
    },
}
_BOUND: Schema = {"type": ["number", "string"]}


def describe_field() -> Schema:
    """Describe a field."""
    properties: dict[str, Schema] = {
        "name": text("The name of the column."),
        "type": {
            "description": "The type of its values.",
            "enum": list(TYPES),
            "enumDescriptions": [FORMS[name].words for name in TYPES],
            "default": "string",
        },
        "format": text("How values are written, or what a text is: see the types.", ""),
        "title": text("The title that people read."),
        "description": text("What a value means; Markdown."),
        "example": {"description": "A value of the type, written as text.", "type": "string"},
        "rdfType": text("The URL of a term for it."),
        "constraints": mapping(
            {
                name: {"description": _MEANINGS[name], **_SHAPES.get(name, _BOUND)}
                for name in CONSTRAINTS
            },
            description="What values must be.",
        ),
        "categories": _describe_categories(),
        "categoriesOrdered": flag("The categories have an order."),
        "tolerance": _describe_tolerance(),
        **_describe_notation(),
        "decimal": _describe_decimal(),
        "zone": choice("If times have a zone.", ("utc", "none")),
        "from": _describe_origin(),
        "when": choice("The class of values that the field takes, of several at one path.", WHEN),
        "codes": text("The codelist in which its texts are looked up."),
        "locate": text("A path to a text; the column is its offset in the body."),
    }
    return mapping(properties, ["name"], allOf=list(_describe_types()))


def _describe_types() -> list[Schema]:
    """Describe what only some types have: properties, formats and constraints."""
    found = []
    for name in TYPES:
        unsuited = [key for key, types in PROPERTIES_OF.items() if name not in types]
        facts = [form for form in FORMS if form.partition(" ")[0] == name]
        suited = {"required", "unique", "enum", *FORMS[facts[0]].constraints}
        if name != "number":
            unsuited.append("tolerance")
        if name != "string":
            unsuited.append("codes")
        if name != "integer":
            unsuited.append("locate")
        if name not in ("string", "integer"):
            unsuited += ["categories", "categoriesOrdered"]
        if name == "list":
            suited.remove("enum")
        limits = [each for each in CONSTRAINTS if each not in suited]
        then: Schema = {**unless(unsuited)}
        properties: dict[str, Schema] = {}
        if limits:
            properties["constraints"] = unless(limits)
        if (formats := _describe_format(name)) is not None:
            properties["format"] = formats
        own: Schema = {"properties": {"type": {"const": name}}}
        if name != "string":
            own["required"] = ["type"]
        found.append({"if": own, "then": {**then, "properties": properties}})
    return found


def _describe_format(name: FieldType) -> Schema:
    """Describe the formats of a type; dates and times have patterns, too."""
    known: Schema = {"enum": ["default", *FORMATS_OF.get(name, ())]}
    if name in ("date", "time", "datetime"):
        return {"anyOf": [known, {"type": "string", "pattern": "^(?!fmt:)[\\s\\S]*%"}]}
    return known


def describe_missing() -> Schema:
    """Describe the texts that mean that there is no value."""
    value = {"description": "The text.", "type": "string"}
    listed = {
        "type": "object",
        "properties": {"value": value, "label": {"description": "Its meaning.", "type": "string"}},
        "required": ["value"],
    }
    item = {"anyOf": [{"type": "string"}, listed]}
    return {
        "description": "Texts that mean that there is no value, in quotes.",
        "type": "array",
        "items": item,
    }


def _describe_notation() -> dict[str, Schema]:
    sign = {"type": "string", "pattern": "^[^0-9+eE-]+$"}
    return {
        "missingValues": describe_missing(),
        "trueValues": texts("The texts that are true."),
        "falseValues": texts("The texts that are false."),
        "decimalChar": {"description": "What stands before the fraction.", **sign},
        "groupChar": {
            "description": "What may stand between groups of digits.",
            "type": "string",
            "pattern": "^[^0-9+eE-]*$",
        },
        "bareNumber": flag("`false` if other text may stand beside the number.", default=True),
        "delimiter": {
            "description": "What stands between the items of a text.",
            "type": "string",
            "minLength": 1,
            "not": {"const": "\\t"},
        },
        "itemType": choice("The type of the items.", ITEM_TYPES, "string"),
    }


def _describe_categories() -> Schema:
    value = {"type": ["string", "integer"]}
    labelled = mapping(
        {
            "value": {"description": "The value.", **value},
            "label": text("What people read."),
        },
        ["value"],
    )
    return {
        "description": "The values that are allowed, or mappings with `value` and `label`.",
        "type": "array",
        "minItems": 1,
        "anyOf": [{"items": value}, {"items": labelled}],
    }


def _describe_tolerance() -> Schema:
    number = {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string"}]}
    ways = {
        "absolute": {"description": "The difference.", **number},
        "relative": {"description": "The difference, by the greater number.", **number},
    }
    return {
        "description": "By how much numbers may differ that a difference takes for one.",
        "anyOf": [*number["anyOf"], mapping(ways, minProperties=1)],
    }


def _describe_decimal() -> Schema:
    digits = {"type": "integer", "minimum": 0}
    ways = {
        "precision": {"description": "The number of all digits.", **digits, "maximum": 76},
        "scale": {"description": "The digits behind the point.", **digits, "maximum": 76},
    }
    return {
        "description": "The number is exact: the digits behind its point, or precision and scale.",
        "anyOf": [{**digits, "maximum": 38}, mapping(ways)],
    }


def _describe_origin() -> Schema:
    one = {"type": "string", "pattern": r"\S"}
    return {
        "description": "Where the values stand: a path, a {capture}, $value, $body, or a list of these.",
        "anyOf": [one, {"type": "array", "items": one, "minItems": 2, "uniqueItems": True}],
    }
