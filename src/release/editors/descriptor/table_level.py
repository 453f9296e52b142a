"""The JSON Schema of a table of the descriptor: its rows, keys and checks."""

from __future__ import annotations

from release.descriptor.vocabulary import FIELDS_MATCH
from release.editors.descriptor.field_level import describe_field, describe_missing
from release.editors.descriptor.kind_level import describe_dialect
from release.editors.descriptor.shapes import (
    PATH,
    URL,
    choice,
    flag,
    mapping,
    members,
    names,
    text,
    unless,
)
from release.editors.values import Schema

#: What only a table with a file has, and what only one with rows of records has.
_OF_FILES = ("path", "dialect", "encoding", "codelist")
_OF_ROWS = ("parent", "compare")
_OF_A_FILE: Schema = {"properties": {"fields": {"items": unless(("from", "when", "locate"))}}}


def describe_table() -> Schema:
    """Describe a table."""
    check = mapping(_CHECK, ("name", "query", "message"))
    properties: dict[str, Schema] = {
        "name": text("The name of the table, which its files have, too."),
        "path": text("The path of the CSV of a curated table.", PATH),
        "title": text("The title that people read."),
        "description": text("What a row is; Markdown."),
        "homepage": text("The URL of its page.", URL),
        "sources": members("What it was made from.", {"$ref": "#/definitions/source"}, 1),
        "licenses": members("The licences.", {"$ref": "#/definitions/licence"}, 1),
        "schema": _describe_schema(),
        "dialect": describe_dialect(),
        "encoding": text("The encoding of the file of a curated table, such as windows-1252."),
        "rows": _describe_rows(),
        "parent": text("The table to which the rows belong; its key is taken over."),
        "compare": _COMPARE,
        "checks": members("SQL queries about this table.", check),
        "codelist": _CODELIST,
    }
    return {
        **mapping(properties, ("name", "schema")),
        "if": {"required": ["rows"]},
        "then": unless(_OF_FILES),
        "else": {"required": ["path"], **unless(_OF_ROWS), "properties": {"schema": _OF_A_FILE}},
        "anyOf": [
            {"required": ["parent"]},
            {"properties": {"schema": {"required": ["primaryKey"]}}},
        ],
    }


_COMPARE = mapping(
    {
        "across": text("The capture that tells editions apart."),
        "fields": {"anyOf": [names("Fields that should agree."), {"const": []}]},
    },
    ["across"],
    "Editions that should agree.",
)
_CODELIST = mapping(
    {
        "labels": text("The columns with labels: label_{language}."),
        "aliases": text("The column with other spellings, with | between them."),
    },
    description="The table is a codelist.",
)


def _describe_rows() -> Schema:
    """Describe the origins of rows."""
    path = text("A kind, KIND/PATH, $findings, or .PATH below the rows of the parent.")
    item = mapping(
        {
            "path": path,
            "set": {
                "description": "Captures with a constant text, for all rows from this path.",
                "type": "object",
                "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
                "additionalProperties": {"type": "string", "pattern": r"\S"},
            },
            "oneOrMany": flag("A value that is no list is a list of one."),
            "split": {
                "description": "What stands between the entries of a text, such as ','.",
                "type": "string",
                "minLength": 1,
            },
        },
        ["path"],
    )
    one = {"anyOf": [{"type": "string", "pattern": r"\S"}, item]}
    listed = {"type": "array", "items": one, "minItems": 1}
    return {"description": path["description"], "anyOf": [*one["anyOf"], listed]}


def _describe_schema() -> Schema:
    reference = mapping(
        {
            "resource": text("The table that is referred to; its own without it."),
            "fields": names("The fields that are referred to."),
        },
        ["fields"],
    )
    foreign = mapping(
        {"fields": names("The fields of the key."), "reference": reference},
        ("fields", "reference"),
    )
    unique = {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "minItems": 1,
        "uniqueItems": True,
    }
    properties: dict[str, Schema] = {
        "fields": members("The columns, in order.", describe_field(), 1),
        "fieldsMatch": choice("Which columns a file has.", FIELDS_MATCH, "exact"),
        "primaryKey": names("The fields that tell rows apart."),
        "uniqueKeys": {
            "description": "Lists of fields whose values occur once.",
            "type": "array",
            "items": unique,
        },
        "foreignKeys": members("Fields whose values exist in another table.", foreign),
        "missingValues": describe_missing(),
    }
    return mapping(properties, ["fields"], "The fields and keys (Table Schema v2).")


_CHECK: dict[str, Schema] = {
    "name": text("The name of the rule: lower-case letters, digits, -.", "^[a-z][a-z0-9-]*$"),
    "message": text("What a finding says; {column} stands for a column of the result."),
    "query": text("One SELECT in DuckDB's SQL, whose rows are the findings."),
    "severity": choice("How bad it is.", ("error", "warning"), "error"),
    "field": text("The column whose value a finding points at."),
    "resource": text("The table that the finding is about."),
}


def describe_check() -> Schema:
    """Describe a check of the package, which names a table if it names a field."""
    return mapping(_CHECK, ("name", "query", "message"), dependencies={"field": ["resource"]})
