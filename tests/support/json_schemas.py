"""The JSON Schemas of docs/reference/json, as tests hold what is printed against them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.support.kit import ROOT

FOLDER = ROOT / "docs/reference/json"


@cache
def validator(name: str) -> Draft202012Validator:
    """Return the validator of a schema, which finds the others beside it."""
    loaded = {
        path.name: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.schema.json")
    }
    registry: Registry[Any] = Registry().with_resources(
        [(name, Resource.from_contents(schema)) for name, schema in loaded.items()]
    )
    return Draft202012Validator(loaded[f"{name}.schema.json"], registry=registry)


def problems(name: str, value: Any) -> list[str]:
    """Return how a value differs from a schema."""
    return [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(value)]
