"""Write the manifest of a release: the descriptor without the properties that are not of the standard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from release.descriptor.model import Descriptor, Field, Resource
from release.descriptor.profile import PROFILE
from release.package.checksums import Digest

#: The descriptor of the records, as a release has it.
SOURCE = "source/datapackage.yaml"

#: CSV's dialect in full: left out, some readers guess it, and guess wrong.
DIALECT = {
    "header": True,
    "delimiter": ",",
    "lineTerminator": "\n",
    "quoteChar": '"',
    "doubleQuote": True,
    "skipInitialSpace": False,
}

#: What the descriptor says of the file of a curated table, whose CSV in a release has another form.
_OF_ITS_FILE = ("path", "schema", "dialect", "encoding")

#: The properties of every file of a format.
_CSV = {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
_PARQUET = {"format": "apache-parquet", "mediatype": "application/vnd.apache.parquet"}


def csv_path(table: str) -> str:
    """Return the path of a table as CSV in a release: one file, however large it is."""
    return f"data/{table}.csv"


def parquet_paths(table: str, parts: int) -> list[str]:
    """Return the paths of a table as Parquet in a release: one file, or parts in a folder."""
    if parts == 1:
        return [f"data/{table}.parquet"]
    return [f"data/{table}/part-{number:05}.parquet" for number in range(1, parts + 1)]


def described(
    descriptor: Descriptor,
    parts: Mapping[str, int],
    measure: Callable[[Sequence[str]], Mapping[str, Any]],
    *,
    binary: bool = True,
) -> dict[str, Any]:
    """Return the manifest of a release as Data Package v2: its descriptor without properties of our own.

    `parts` says in how many Parquet files a table stands, by its name; in one if it is not there. `measure`
    gives the bytes and hash of files by their paths in the release. Without Parquet where that is not
    `binary`.
    """
    resources = []
    for resource in descriptor.resources:
        about = {key: value for key, value in resource.public.items() if key not in _OF_ITS_FILE}
        schema = {"schema": _schema(resource, descriptor)}
        canonical = csv_path(resource.name)
        resources.append(
            {
                **about,
                "type": "table",
                "path": canonical,
                **_CSV,
                **measure([canonical]),
                "dialect": DIALECT,
                **schema,
            }
        )
        if binary:
            paths = parquet_paths(resource.name, parts.get(resource.name, 1))
            resources.append(
                {
                    **about,
                    "name": f"{resource.name}-parquet",
                    "path": paths if len(paths) > 1 else paths[0],
                    **_PARQUET,
                    **measure(paths),
                    **schema,
                }
            )
    package = {key: value for key, value in descriptor.public.items() if key != "resources"}
    return {**package, "$schema": PROFILE, "resources": resources}


def measured(held: Digest) -> dict[str, Any]:
    """Return the properties of a file that depend on its bytes."""
    return {"bytes": held.bytes, "hash": f"sha256:{held.sha256}"}


def _schema(resource: Resource, descriptor: Descriptor) -> dict[str, Any]:
    foreign_keys: list[dict[str, Any]] = []
    for key in resource.foreign_keys:
        reference: dict[str, Any] = {"fields": list(key.reference_fields)}
        if key.resource != resource.name:
            reference = {"resource": key.resource, **reference}
        foreign_keys.append({"fields": list(key.fields), "reference": reference})
    for field in resource.fields:
        if field.codes is not None and not field.keeps_unknown:
            target = descriptor.resource(field.codes)
            reference = {"resource": target.name, "fields": list(target.primary_key)}
            foreign_keys.append({"fields": [field.name], "reference": reference})
    schema: dict[str, Any] = {
        "fields": [_field(field, resource) for field in resource.fields],
        "primaryKey": list(resource.primary_key),
        "missingValues": [""],
    }
    if resource.unique_keys:
        schema["uniqueKeys"] = [list(key) for key in resource.unique_keys]
    if foreign_keys:
        schema["foreignKeys"] = foreign_keys
    return schema


def _field(field: Field, resource: Resource) -> dict[str, Any]:
    public = {"name": field.name, "type": field.type, **field.public}
    if field.name in resource.primary_key:
        public["constraints"] = {**field.constraints, "required": True}
    return public
