"""The JSON Schema of a kind of records in the descriptor."""

from __future__ import annotations

from release.editors.descriptor.shapes import (
    PATH,
    choice,
    flag,
    mapping,
    members,
    names,
    text,
)
from release.editors.values import Schema
from release.syntax.formats.endings import FORMATS

#: The address of the profile of Table Dialect v2.
_DIALECT = "https://datapackage.org/profiles/2.0/tabledialect.json"

_REASON = text("Why it is left out.")


def describe_kind() -> Schema:
    """Describe a kind: where its files stand, and how records stand in them."""
    left_out = mapping({"path": text("A path in a record."), "reason": _REASON}, ("path", "reason"))
    beside = mapping({"path": text("A path in the file."), "reason": _REASON}, ("path", "reason"))
    files = text("A pattern of files, with {captures}, * and **.", PATH)
    properties: dict[str, Schema] = {
        "path": text("Where the files stand: a pattern such as notes/{language}/{note}.md.", PATH),
        "format": choice("How files are read, whatever their names end in.", FORMATS),
        "records": text("The path in a file at which its records stand, such as people.{id}."),
        "beside": members("Values beside the records of a file that are left out.", beside),
        "frontMatter": choice("`optional` if a file may have no front matter.", ("optional",)),
        "dialect": describe_dialect(),
        "encoding": text("The encoding of files of CSV and TSV, such as windows-1252."),
        "prefer": {
            "description": "The captures that tell editions of a record apart, each with its values, the "
            "preferred one first.",
            "type": "object",
            "additionalProperties": names("The values of the capture."),
        },
        "ignore": members("Paths whose values are left out.", left_out),
        "exclude": members(
            "Files that are no records.",
            mapping({"path": files, "reason": _REASON}, ("path", "reason")),
        ),
        "where": members("Values that leave a record out.", _CONDITION),
        "companions": members(
            "Files that belong to the records.", mapping({"path": files}, ["path"])
        ),
        "mayBeEmpty": flag("`true` if the kind may have no records."),
    }
    return mapping(properties, ["path"], dependencies={"beside": ["records"]})


_CONDITION = mapping(
    {
        "path": text("A path in a record."),
        "values": {
            "description": "The values that leave a record out.",
            "type": "array",
            "items": {"type": ["string", "number", "boolean", "null"]},
            "minItems": 1,
        },
        "reason": _REASON,
    },
    ("path", "values", "reason"),
)


def describe_dialect() -> Schema:
    """Describe how a CSV is written (Table Dialect v2)."""
    sign = {"type": "string", "pattern": r"^[^\r\n\u0000]+$"}
    one = {"type": "string", "pattern": r"^[^\r\n\u0000]$"}
    rows = {
        "type": "array",
        "items": {"type": "integer", "minimum": 1, "maximum": 1000},
        "uniqueItems": True,
    }
    properties: dict[str, Schema] = {
        "$schema": {"description": "The profile of Table Dialect v2.", "const": _DIALECT},
        "delimiter": {"description": "What stands between cells.", "default": ",", **sign},
        "quoteChar": {"description": "What stands around a cell.", "default": '"', **one},
        "doubleQuote": flag("A doubled quote in a cell stands for one.", default=True),
        "escapeChar": {"description": "The character behind it stands for itself.", **one},
        "nullSequence": {
            "description": "A cell of this text is missing.",
            "type": ["string", "null"],
        },
        "skipInitialSpace": flag("Blanks before a cell are left out."),
        "lineTerminator": choice("LF, CRLF and CR are all recognized.", ("\n", "\r\n", "\r")),
        "header": flag("`false` for a file without a header.", default=True),
        "headerRows": {"description": "The rows that make the header.", "minItems": 1, **rows},
        "headerJoin": {
            "description": "What joins the cells of several header rows.",
            "type": ["string", "null"],
        },
        "commentChar": {"description": "Rows that begin with it are left out.", **sign},
        "commentRows": {"description": "Rows that are left out.", **rows},
    }
    return mapping(properties, description="How the CSV is written (Table Dialect v2).")
