"""Write the croissant.json of a release."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from release.package.checksums import Digest
from release.package.manifest.model import Manifest
from release.package.manifest.resources import ManifestResource, ManifestSchema
from release.package.metadata.facts import CONTEXT, cited_as, without_empty
from release.package.metadata.schema_org import dataset_facts


def croissant(manifest: Manifest, digests: Mapping[str, Digest]) -> bytes:
    """Return a release as Croissant 1.0: its files, and what each column holds.

    Columns are read from Parquet, which has their types: tools read CSV with types that they guess, so that
    `00123` becomes 123 and `NA` a missing value. `digests` are those of the files of the tables, by path.

    A reference of several columns has no form there and is left out, as is one to a column whose values are
    not unique: mlcroissant joins tables by references, and rows would stand there twice. It can join files
    only, not record sets, so references name files. Source:
    https://docs.mlcommons.org/croissant/docs/croissant-spec.html
    """
    found = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **dataset_facts(manifest),
        "citeAs": cited_as(manifest),
        "isLiveDataset": False,
        "distribution": [
            *(file for each in manifest.resources for file in _files(each, digests)),
        ],
        "recordSet": [_record_set(name, manifest) for name in manifest.tables],
    }
    return (json.dumps(without_empty(found), ensure_ascii=False, indent=2) + "\n").encode()


def _files(resource: ManifestResource, digests: Mapping[str, Digest]) -> Iterator[dict[str, Any]]:
    """Yield the files of a resource, and the set of them if there are several."""
    about = {"encodingFormat": _format(resource)}
    for path in resource.paths:
        yield {
            "@type": "cr:FileObject",
            "@id": _path_id(path),
            "name": path.removeprefix("data/"),
            "contentUrl": path,
            **about,
            "contentSize": f"{digests[path].bytes} B",
            "sha256": digests[path].sha256,
        }
    if len(resource.paths) > 1:
        folder = _place(resource)
        yield {
            "@type": "cr:FileSet",
            "@id": _path_id(folder),
            "name": folder.removeprefix("data/"),
            **about,
            "includes": f"{folder}*.parquet",
        }


def _format(resource: ManifestResource) -> str:
    """Return the media type of a resource; that of Parquet is the one that Croissant's examples have."""
    is_csv = resource.kind == "csv"
    return resource.text("mediatype") if is_csv else "application/x-parquet"


def _place(resource: ManifestResource) -> str:
    """Return the path of the file of a resource, or of the folder of its files, ended by a slash."""
    paths = resource.paths
    return paths[0] if len(paths) == 1 else paths[0].rpartition("/")[0] + "/"


def _record_set(name: str, manifest: Manifest) -> dict[str, Any]:
    """Return the rows of a table; the id of a column has the table's name and its own."""
    table = manifest.tables[name]
    schema = _schema(table)
    references = dict(_references(name, manifest))
    fields = []
    for field in schema.fields:
        kinds = field.values.facts.croissant.split()
        about = {
            "@type": "cr:Field",
            "@id": _column_id(name, field.name),
            "name": field.name,
            "description": field.properties.get("description") or field.properties.get("title"),
            "dataType": kinds if len(kinds) > 1 else kinds[0],
            "source": _column(name, field.name, manifest),
        }
        if field.name in references:
            about["references"] = _column(*references[field.name], manifest)
        fields.append(without_empty(about))
    keys = [{"@id": _column_id(name, field)} for field in schema.primary_key]
    about = {
        "@type": "cr:RecordSet",
        "@id": _id(name),
        "name": name,
        "description": table.text("description").strip() or table.text("title"),
        "key": keys if len(keys) > 1 else keys[0],
        "field": fields,
    }
    return without_empty(about)


def _column_id(table: str, field: str) -> str:
    """Return the id of a column, which no file has: its name has no slash and no dot."""
    return f"{_id(table)}/{_id(field)}"


def _path_id(path: str) -> str:
    """Return the id of a file, or of a folder, by its path."""
    return "/".join(".".join(map(_id, part.split("."))) for part in path.split("/"))


def _id(name: str) -> str:
    """Return a name as an id: what an IRI does not take, or takes for a part of it, is escaped (RFC 3987).

    A blank is `+`: mlcroissant takes no id with a blank, escaped or not.
    """
    return _NOT_IN_ID.sub(lambda at: "+" if at[0] == " " else f"%{ord(at[0]):02X}", name)


#: Everything in ASCII but letters, digits, `_` and `-`.
_NOT_IN_ID = re.compile(r"[ -,./:-@\[-^`{-~]")


def _column(table: str, column: str, manifest: Manifest) -> dict[str, Any]:
    """Return where the values of a column are read from."""
    place = _place(manifest.parquet[table])
    kind = "fileSet" if place.endswith("/") else "fileObject"
    return {kind: {"@id": _path_id(place)}, "extract": {"column": column}}


def _references(name: str, manifest: Manifest) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each column of a table that refers to a key of one column, and the table and column of that."""
    for key in _schema(manifest.tables[name]).foreign_keys:
        target = key.resource or name
        if len(key.fields) == 1 and target in manifest.tables:
            referenced = key.reference_fields[0]
            if _is_unique(referenced, _schema(manifest.tables[target])):
                yield key.fields[0], (target, referenced)


def _is_unique(field: str, schema: ManifestSchema) -> bool:
    """Return whether each value stands once in a column, by the schema of its table."""
    declared = next((each for each in schema.fields if each.name == field), None)
    return tuple(schema.primary_key) == (field,) or (
        declared is not None and declared.constraints.get("unique") is True
    )


def _schema(table: ManifestResource) -> ManifestSchema:
    assert table.schema is not None, "a CSV resource has a schema"
    return table.schema
