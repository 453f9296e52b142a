"""The JSON Schema of the descriptor: the properties of the package."""

from __future__ import annotations

from typing import get_args

from release.descriptor.page.model import PictureKind
from release.descriptor.profile import PROFILE
from release.editors.descriptor.kind_level import describe_kind
from release.editors.descriptor.shapes import (
    URL,
    choice,
    mapping,
    members,
    names,
    one_of,
    text,
    texts,
)
from release.editors.descriptor.table_level import describe_check, describe_table
from release.editors.values import DRAFT, Schema
from release.findings.rules import ALWAYS_ERRORS, NAMED_AFTER, RULES

_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s.]{2,}$"
_VERSION = r"^[0-9]+\.[0-9]+\.[0-9]+(\.[0-9]+)?(-[0-9A-Za-z.-]+)?$"
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$"
_PATH = "A URL, or a path below the folder."


def describe_descriptor() -> Schema:
    """Describe `datapackage.yaml`: all properties that it may have, with what they mean."""
    properties = {
        **_describe_standard(),
        "versioning": choice("How versions are chosen.", ("semver", "calendar"), "semver"),
        "resources": members("The tables.", {"$ref": "#/definitions/table"}, 1),
        "records": {
            "description": "The kinds of records, by name.",
            "type": "object",
            "propertyNames": {"pattern": "^[a-z][a-z0-9_-]*$"},
            "additionalProperties": {"$ref": "#/definitions/kind"},
        },
        "patches": text("The path of a file with changes to records, such as patches.yaml."),
        "checks": members("SQL queries over all tables.", {"$ref": "#/definitions/check"}),
        "severity": _describe_severity(),
        "page": _describe_page(),
    }
    schema = mapping(properties, ("name", "version", "created", "resources"))
    definitions = {
        "kind": describe_kind(),
        "table": describe_table(),
        "check": describe_check(),
        "source": _SOURCE,
        "licence": _LICENCE,
    }
    title = "The descriptor of a dataset, datapackage.yaml"
    return {"$schema": DRAFT, "title": title, **schema, "definitions": definitions}


def _describe_standard() -> dict[str, Schema]:
    """Describe the properties of Data Package v2."""
    return {
        "$schema": {"description": "The profile of Data Package v2.", "const": PROFILE},
        "name": text(
            "The name of the dataset: lower-case letters, digits, '.', '_' and '-'.",
            "^[a-z0-9][a-z0-9._-]*$",
        ),
        "id": text("An identifier, such as a DOI."),
        "title": text("The title that people read."),
        "description": text("What the dataset holds; Markdown."),
        "homepage": text("The URL of its page.", URL),
        "version": text(
            "Three numbers, and a part behind - for a draft: 1.2.0, 1.3.0-dev; or a day, with "
            "`versioning: calendar`.",
            _VERSION,
        ),
        "created": text("The time of the version with its zone: '2026-01-31T00:00:00Z'.", _TIME),
        "contributors": members("Who made it.", _CONTRIBUTOR, 1),
        "keywords": texts("Words to find it by."),
        "image": text("The URL or path of an image."),
        "licenses": members("The licences.", {"$ref": "#/definitions/licence"}, 1),
        "sources": members("What it was made from.", {"$ref": "#/definitions/source"}, 1),
    }


_SOURCE = mapping(
    {
        "title": text("The title of the source."),
        "path": text(_PATH),
        "email": text("An e-mail address.", _EMAIL),
        "version": text("The version of the source."),
    },
    ["title"],
)
_LICENCE = mapping(
    {
        "name": text("The licence's name as SPDX has it, such as CC-BY-4.0.", "^[-a-zA-Z0-9._]+$"),
        "path": text(_PATH),
        "title": text("The licence's title."),
    },
    **one_of(("name", "path")),
)
_CONTRIBUTOR = mapping(
    {
        "title": text("The name of a person or organization."),
        "path": text(_PATH),
        "email": text("An e-mail address.", _EMAIL),
        "givenName": text("The given name of a person."),
        "familyName": text("The family name of a person."),
        "organization": text("The organization of a person."),
        "roles": texts("What they did, such as author."),
    },
    **one_of(("title", "givenName", "familyName", "organization")),
)


def _describe_page() -> Schema:
    """Describe the page of a release."""
    hidden = text("A column of any table, or TABLE.COLUMN.")
    properties = {
        "entity": text("The table whose rows have a page of their own."),
        "title": text(
            "The column that names them: one of that table, or TABLE.COLUMN of a table that has one row "
            "for each of them, or for each of their editions."
        ),
        "language": text(
            "The table of the languages that tell editions apart, or the column of a primary key that has "
            "them: TABLE.COLUMN."
        ),
        "order": names("The tables in the order in which they are shown; others come after them."),
        "hide": {
            "description": "The columns that are left out where a row is shown; an empty list: none.",
            "anyOf": [hidden, {"type": "array", "items": hidden, "uniqueItems": True}],
        },
        "pictures": members("Pictures of rows.", _describe_picture(), 1),
    }
    return mapping(properties, description="What the page of a release shows beyond the schema.")


def _describe_picture() -> Schema:
    """Describe a picture of the page."""
    column = "a column of the table, or TABLE.COLUMN of a table that it refers to"
    properties = {
        "kind": choice("What is drawn.", get_args(PictureKind)),
        "title": text("The title; without one it says what is drawn."),
        "table": text("The table whose rows are drawn."),
        "by": text(f"The codes of the bars: {column}."),
        "rows": text(f"The codes of the rows of a heat map: {column}."),
        "columns": text(f"The codes of its columns: {column}."),
        "over": text(f"The dates or years of a line: {column}."),
        "mean": text("The column of numbers whose mean is drawn, in place of the number of rows."),
    }
    return mapping(properties, ("kind",))


def _describe_severity() -> Schema:
    """Describe the severities of rules, which are named as they are, or after a field or table."""
    severity = {"type": "string", "enum": ["error", "warning"]}
    fixed = "|".join(sorted(ALWAYS_ERRORS & NAMED_AFTER))
    return {
        "description": "Severities by rule, such as `unmapped-path: warning`.",
        "type": "object",
        "properties": {
            rule: {"description": meaning, "type": "string", "enum": _severities(rule)}
            for rule, (_, meaning) in RULES.items()
        },
        "patternProperties": {f"-({fixed})$": {"enum": ["error"]}},
        "additionalProperties": severity,
    }


def _severities(rule: str) -> list[str]:
    is_fixed = rule in ALWAYS_ERRORS or rule == "no-records"
    return ["error"] if is_fixed else ["error", "warning"]
