"""The words of the descriptor language: properties of each level, types, constraints, special values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from release.syntax.types.registry import FieldType

#: The types of Table Schema v2.
TYPES: tuple[FieldType, ...] = get_args(FieldType)

#: Values of `from` besides a path or a capture; all but `$value` are about the whole record.
SPECIALS = ("$value", "$body", "$path", "$sha256", "$bytes", "$format")

#: Values of `when`, each with the classes of values that it takes; those after the first only where no other
#: field from the same path takes them.
WHEN: Mapping[str, tuple[str, ...]] = {
    "boolean": ("boolean",),
    "integer": ("integer",),
    "number": ("number", "integer"),
    "date": ("date",),
    "text": ("text", "date", "boolean", "number", "integer"),
    "list": ("list",),
    "mapping": ("mapping",),
}

#: `rows: $findings`: the table of the build's findings, one row per finding.
FINDINGS = "$findings"

#: The fields of that table, and its primary key.
FINDING_FIELDS: Mapping[str, FieldType] = {
    "rule": "string",
    "path": "string",
    "line": "integer",
    "column": "integer",
    "field": "string",
    "severity": "string",
    "table": "string",
    "key": "string",
    "message": "string",
}
FINDING_KEY = ("rule", "path", "line", "column", "field")

#: The columns that the build adds to tables while it works on them, so that no field has such a name.
ADDED = frozenset("$record $source $entry $row $first $nth $equal".split())

#: The constraints of Table Schema v2 that are supported.
CONSTRAINTS = (
    "required",
    "unique",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "pattern",
    "enum",
)

#: The properties of a field, all of the standard, that say how its values are written where they are read. A
#: release has its values in one way, and does not name them.
NOTATIONS = (
    *("missingValues", "trueValues", "falseValues", "decimalChar", "groupChar", "bareNumber"),
    *("delimiter", "itemType"),
)

#: The properties that each level of a descriptor may have: those of Data Package v2, then our extensions.
PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "package": (
        *("$schema", "name", "id", "title", "description", "homepage", "version", "created"),
        "versioning",
        *("contributors", "keywords", "image", "licenses", "sources", "resources"),
        *("records", "patches", "severity", "checks", "page"),
    ),
    "page": ("entity", "title", "language", "order", "hide", "pictures"),
    "picture": ("kind", "title", "table", "by", "rows", "columns", "over", "mean"),
    "kind": (
        *("path", "format", "records", "beside", "frontMatter", "dialect", "encoding"),
        *("prefer", "ignore", "exclude", "where", "companions", "mayBeEmpty"),
    ),
    "beside": ("path", "reason"),
    "ignore": ("path", "reason"),
    "exclude": ("path", "reason"),
    "where": ("path", "values", "reason"),
    "companions": ("path",),
    "patch": ("record", "captures", "path", "expected", "value", "remove", "leaveOut", "reason"),
    "resource": (
        *("name", "path", "title", "description", "homepage", "sources", "licenses", "schema"),
        *("dialect", "encoding"),
        *("rows", "parent", "compare", "checks", "codelist"),
    ),
    "dialect": (
        *("$schema", "delimiter", "quoteChar", "doubleQuote", "escapeChar", "nullSequence"),
        *("skipInitialSpace", "lineTerminator", "header", "headerRows", "headerJoin"),
        *("commentChar", "commentRows"),
    ),
    "rows": ("path", "set", "oneOrMany", "split"),
    "compare": ("across", "fields"),
    "codelist": ("labels", "aliases"),
    "check": ("name", "message", "query", "severity", "field", "resource"),
    "schema": ("fields", "fieldsMatch", "primaryKey", "uniqueKeys", "foreignKeys", "missingValues"),
    "foreignKey": ("fields", "reference"),
    "reference": ("resource", "fields"),
    "field": (
        *("name", "type", "format", "title", "description", "example", "rdfType", "constraints"),
        *("categories", "categoriesOrdered", "tolerance"),
        *NOTATIONS,
        *("decimal", "zone"),
        *("from", "when", "codes", "locate"),
    ),
    "constraints": CONSTRAINTS,
    "category": ("value", "label"),
}

#: Which columns a file has, beside the fields of its schema (`fieldsMatch` of Table Schema v2).
FIELDS_MATCH = ("exact", "equal", "subset", "superset", "partial")

#: Our extensions of Data Package v2, which the descriptor of a release does not have.
EXTENSIONS = frozenset(
    "records patches severity checks page rows parent compare codelist from when codes locate".split()
)

#: Properties of a resource that the build writes, so that the descriptor may not have them.
WRITTEN_BY_BUILD = frozenset("bytes hash format mediatype encoding dialect data type".split())

#: Properties of the standard, in its version 2 or 1, that are not supported, and what to do.
NOT_SUPPORTED: Mapping[str, str] = {
    "profile": "is of Data Package v1; the build writes `$schema` in its place; leave it out",
    "role": "is of Data Package v1, expected `roles`, a list of texts",
    "url": "is of a Data Package before v1, expected `path`",
    "$schema": "has a meaning only for the package as a whole; leave it out",
    "jsonSchema": "is not supported, as it is a language of its own; expected other constraints, or a "
    "check in SQL",
    "arrayItem": "is of frictionless and not of the standard, expected the type list with `itemType`",
    "floatNumber": "is of frictionless and not of the standard; every number that is no `decimal` is one",
}
