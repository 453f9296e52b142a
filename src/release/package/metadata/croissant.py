"""Write the croissant.json of a release."""

from __future__ import annotations

import json
from typing import Any

from release.package.manifest.model import Manifest
from release.package.manifest.resources import ManifestResource
from release.package.metadata.facts import CONTEXT, TYPES, cited_as, measured, without_empty
from release.package.metadata.schema_org import dataset_facts


def croissant(manifest: Manifest) -> bytes:
    """Return a release as Croissant 1.0: its CSV files, and what each column holds.

    A reference of several columns has no form there and is left out. Source:
    https://docs.mlcommons.org/croissant/docs/croissant-spec.html
    """
    tables = list(manifest.tables.values())
    files = [
        {
            "@type": "cr:FileObject",
            "@id": table.paths[0],
            "name": table.paths[0].removeprefix("data/"),
            "contentUrl": table.paths[0],
            "encodingFormat": table.text("mediatype"),
            **measured(table),
        }
        for table in tables
    ]
    found = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **dataset_facts(manifest),
        "citeAs": cited_as(manifest),
        "isLiveDataset": False,
        "distribution": files,
        "recordSet": [_record_set(table) for table in tables],
    }
    return (json.dumps(without_empty(found), ensure_ascii=False, indent=2) + "\n").encode()


def _record_set(table: ManifestResource) -> dict[str, Any]:
    """Return the rows of a table; the id of a column has the table's name and its own."""
    name, schema = table.name, table.schema
    assert schema is not None, "a CSV resource has a schema"
    references = {
        key.fields[0]: f"{key.resource or name}/{key.reference_fields[0]}"
        for key in schema.foreign_keys
        if len(key.fields) == 1
    }
    fields = []
    for field in schema.fields:
        about = {
            "@type": "cr:Field",
            "@id": f"{name}/{field.name}",
            "name": field.name,
            "description": field.properties.get("description") or field.properties.get("title"),
            "dataType": TYPES[field.type],
            "source": {
                "fileObject": {"@id": table.paths[0]},
                "extract": {"column": field.name},
            },
        }
        if field.name in references:
            about["references"] = {"field": {"@id": references[field.name]}}
        fields.append(without_empty(about))
    keys = [{"@id": f"{name}/{field}"} for field in schema.primary_key]
    about = {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": table.text("description").strip() or table.text("title"),
        "key": keys if len(keys) > 1 else keys[0],
        "field": fields,
    }
    return without_empty(about)
