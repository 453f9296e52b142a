"""The shapes of the properties of a descriptor, as JSON Schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from release.editors.values import Schema

#: A URL.
URL = r"^[A-Za-z][A-Za-z0-9+.-]*:\S+$"

#: A path below the folder: no part is hidden, or leads elsewhere.
PATH = r"^[^./\\][^/\\]*(/[^./\\][^/\\]*)*$"


def text(description: str, pattern: str = r"\S", **more: Any) -> Schema:
    """Return the schema of a text with something in it that matches a pattern."""
    return {"description": description, "type": "string", "pattern": pattern, **more}


def flag(description: str, *, default: bool = False) -> Schema:
    """Return the schema of true or false."""
    return {"description": description, "type": "boolean", "default": default}


def choice(description: str, values: Iterable[str], default: str = "") -> Schema:
    """Return the schema of one of several words."""
    more = {"default": default} if default else {}
    return {"description": description, "type": "string", "enum": list(values), **more}


def texts(description: str) -> Schema:
    """Return the schema of a list of texts, which is not empty."""
    item = {"type": "string", "pattern": r"\S"}
    return {"description": description, "type": "array", "items": item, "minItems": 1}


def names(description: str) -> Schema:
    """Return the schema of a name, or a list of different names."""
    name = {"type": "string", "minLength": 1}
    listed = {"type": "array", "items": name, "minItems": 1, "uniqueItems": True}
    return {"description": description, "anyOf": [name, listed]}


def members(description: str, item: Schema, least: int = 0) -> Schema:
    """Return the schema of a list of mappings."""
    more = {"minItems": least} if least else {}
    return {"description": description, "type": "array", "items": item, **more}


def mapping(
    properties: Mapping[str, Schema],
    required: Iterable[str] = (),
    description: str = "",
    **more: Any,
) -> Schema:
    """Return the schema of a mapping that has these properties, and no others."""
    head = {"description": description} if description else {}
    needed = list(required)
    return {
        **head,
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
        **({"required": needed} if needed else {}),
        **more,
    }


def one_of(properties: Iterable[str]) -> Schema:
    """Return the condition that a mapping has at least one of some properties."""
    return {"anyOf": [{"required": [name]} for name in properties]}


def unless(properties: Iterable[str]) -> Schema:
    """Return the condition that a mapping has none of some properties."""
    return {"not": one_of(properties)}
