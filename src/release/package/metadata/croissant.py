"""croissant.json of a release."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from release.package.metadata.facts import (
    CONTEXT,
    TYPES,
    cited_as,
    measured,
    text_of,
    without_empty,
)
from release.package.metadata.schema_org import dataset_facts


def croissant(package: Mapping[str, Any]) -> bytes:
    """A release as Croissant 1.0 has it, by its datapackage.json: its CSV files, and what each column holds.

    A reference of several columns has no form there, and is left out. Source:
    https://docs.mlcommons.org/croissant/docs/croissant-spec.html
    """
    tables = [each for each in package["resources"] if each["format"] == "csv"]
    files = [
        {
            "@type": "cr:FileObject",
            "@id": table["path"],
            "name": table["path"].removeprefix("data/"),
            "contentUrl": table["path"],
            "encodingFormat": table["mediatype"],
            **measured(table),
        }
        for table in tables
    ]
    found = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **dataset_facts(package),
        "citeAs": cited_as(package),
        "isLiveDataset": False,
        "distribution": files,
        "recordSet": [_record_set(table) for table in tables],
    }
    return (json.dumps(without_empty(found), ensure_ascii=False, indent=2) + "\n").encode()


def _record_set(table: Mapping[str, Any]) -> dict[str, Any]:
    """The rows of a table; each column is known by the table's name and its own."""
    name, schema = table["name"], table["schema"]
    references = {
        key["fields"][
            0
        ]: f"{key['reference'].get('resource', name)}/{key['reference']['fields'][0]}"
        for key in schema.get("foreignKeys", [])
        if len(key["fields"]) == 1
    }
    fields = []
    for field in schema["fields"]:
        about = {
            "@type": "cr:Field",
            "@id": f"{name}/{field['name']}",
            "name": field["name"],
            "description": field.get("description") or field.get("title"),
            "dataType": TYPES[field["type"]],
            "source": {
                "fileObject": {"@id": table["path"]},
                "extract": {"column": field["name"]},
            },
        }
        if field["name"] in references:
            about["references"] = {"field": {"@id": references[field["name"]]}}
        fields.append(without_empty(about))
    keys = [{"@id": f"{name}/{field}"} for field in schema["primaryKey"]]
    about = {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": text_of(table) or table.get("title"),
        "key": keys if len(keys) > 1 else keys[0],
        "field": fields,
    }
    return without_empty(about)
