"""Tables + descriptor -> the files of a release."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from release import __version__, archive, originals, provenance, revision
from release.descriptor import Descriptor, Field, Resource
from release.formats import csv, parquet
from release.profile import PROFILE
from release.sources import Sources

#: CSV's dialect in full: left out, some readers guess it, and guess wrong.
DIALECT = {
    "header": True,
    "delimiter": ",",
    "lineTerminator": "\n",
    "quoteChar": '"',
    "doubleQuote": True,
    "skipInitialSpace": False,
}


#: So many bytes of a file are held at once.
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Content:
    """All that a release is made of: its descriptor, its tables by name, the records behind them.

    `sha256` are those of the records as they were read, in their order, `curated` those of the curated
    tables' files, by path.
    """

    descriptor: Descriptor
    tables: Mapping[str, pa.Table]
    sources: Sources
    sha256: pa.ChunkedArray
    curated: Mapping[str, str]

    @property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of all records and curated tables by path."""
        paths = (source.path for source in self.sources)
        return {**self.curated, **dict(zip(paths, map(str, self.sha256), strict=True))}

    @property
    def parts(self) -> dict[str, int]:
        """In how many Parquet files each table stands."""
        return {name: parquet.parts(table.num_rows) for name, table in self.tables.items()}


def write_tables(content: Content, folder: Path) -> None:
    """Write the tables of a release and datapackage.json into a folder: what the referee judges."""
    for resource in content.descriptor.resources:
        table = content.tables[resource.name]
        canonical = folder / csv_path(resource.name)
        paths = parquet_paths(resource.name, content.parts[resource.name])
        (folder / paths[0]).parent.mkdir(parents=True, exist_ok=True)
        with canonical.open("wb") as target:
            csv.write([table], table.schema, target)
        rows = parquet.rows_per_group(table.num_rows, canonical.stat().st_size)
        parquet.write_parts([table], resource, [folder / path for path in paths], rows)
    descriptor = published(content.descriptor, folder, content.parts)
    _write_text(folder / "datapackage.json", _json(descriptor))


def copying(content: Content, folder: Path) -> AbstractContextManager[Callable[[], dict[str, str]]]:
    """Copy what a release is made from into its folder, beside other work; as originals.copying."""
    return originals.copying(
        content.descriptor, content.sources, content.sha256, content.curated, folder
    )


def write_rest(
    content: Content, folder: Path, copied: Mapping[str, str], judged: Mapping[str, Any]
) -> None:
    """Write what a release has besides its tables; the zip, and what stands beside it, last.

    `copied` is the SHA-256 of what stands in `source/` already, by path; `judged` says what the referee was
    shown.
    """
    _write_text(folder / "README.md", _readme(content))
    licence = content.descriptor.root / "LICENSE"
    if licence.is_file():
        shutil.copyfile(licence, folder / "LICENSE")
    own = files(folder, leaving_out=originals.FOLDER)
    sums = {**copied, **{path: digest(folder / path) for path in own}}
    with (folder / "SHA256SUMS").open("w", encoding="utf-8", newline="") as target:
        target.writelines(f"{sums[path]}  {path}\n" for path in sorted(sums))
    name = archive_name(content.descriptor)
    members = [*sums, "SHA256SUMS"]
    archive.write(folder, members, content.descriptor.created, folder / name)
    made = {"path": name, **_size_and_hash(folder / name)}
    about = {"git": _revision(content), "referee": judged}
    info = provenance.buildinfo(content.descriptor, sums, made, about)
    provenance.write(folder, info, sums)


def archive_name(descriptor: Descriptor) -> str:
    """The name of a release's zip."""
    return f"{descriptor.name}-{descriptor.version}.zip"


def _revision(content: Content) -> dict[str, Any] | None:
    """The git revision of the records; not clean where some were read from another place."""
    root = content.descriptor.root
    above = "" if root == Path() else f"{root}/"
    of_root = all(record.place == f"{above}{record.path}" for record in content.sources)
    found = revision.of(root, ["datapackage.yaml", *content.digests])
    return None if found is None else {**found, "clean": found["clean"] and of_root}


def csv_path(table: str) -> str:
    """Where a table stands in a release as CSV: in one file, however large it is."""
    return f"data/{table}.csv"


def parquet_paths(table: str, parts: int) -> list[str]:
    """Where a table stands in a release as Parquet, by the number of files: one, or parts in a folder."""
    if parts == 1:
        return [f"data/{table}.parquet"]
    return [f"data/{table}/part-{number:05}.parquet" for number in range(1, parts + 1)]


def files(folder: Path, leaving_out: str = "") -> Iterator[str]:
    """The paths of the files below a folder, with `/` between their parts, sorted.

    A folder of the name `leaving_out` at the top is left out.
    """
    found = []
    for where, folders, names in os.walk(folder):
        at = "" if where == str(folder) else f"{Path(where).relative_to(folder).as_posix()}/"
        if not at and leaving_out in folders:
            folders.remove(leaving_out)
        found += [f"{at}{name}" for name in names]
    yield from sorted(found)


def digest(path: Path, *more: Path) -> str:
    """The SHA-256 of a file, or of several one after the other."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256")
    for each in more:
        with each.open("rb") as file:
            while block := file.read(_BLOCK):
                found.update(block)
    return found.hexdigest()


def published(descriptor: Descriptor, folder: Path, parts: Mapping[str, int]) -> dict[str, Any]:
    """The descriptor of a release as Data Package v2: ours without what only we understand.

    `parts` says in how many Parquet files a table stands, by its name; in one if it is not there.
    """
    return described(
        descriptor, parts, lambda paths: _size_and_hash(*(folder / path for path in paths))
    )


def described(
    descriptor: Descriptor,
    parts: Mapping[str, int],
    measured: Callable[[Sequence[str]], Mapping[str, Any]],
) -> dict[str, Any]:
    """As `published`; `measured` gives the bytes and hash of files by their paths in the release."""
    resources = []
    for resource in descriptor.resources:
        canonical = csv_path(resource.name)
        binary = parquet_paths(resource.name, parts.get(resource.name, 1))
        about = {
            key: value for key, value in resource.public.items() if key not in ("path", "schema")
        }
        schema = _schema(resource, descriptor)
        resources.append(
            {
                **about,
                "type": "table",
                "path": canonical,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                **measured([canonical]),
                "dialect": DIALECT,
                "schema": schema,
            }
        )
        resources.append(
            {
                **about,
                "name": f"{resource.name}-parquet",
                "path": binary if len(binary) > 1 else binary[0],
                "format": "apache-parquet",
                "mediatype": "application/vnd.apache.parquet",
                **measured(binary),
                "schema": schema,
            }
        )
    package = {key: value for key, value in descriptor.public.items() if key != "resources"}
    return {**package, "$schema": PROFILE, "resources": resources}


def _size_and_hash(*paths: Path) -> dict[str, Any]:
    size = sum(path.stat().st_size for path in paths)
    return {"bytes": size, "hash": f"sha256:{digest(*paths)}"}


def _schema(resource: Resource, descriptor: Descriptor) -> dict[str, Any]:
    foreign_keys: list[dict[str, Any]] = []
    for key in resource.foreign_keys:
        reference: dict[str, Any] = {"fields": list(key.reference_fields)}
        if key.resource != resource.name:
            reference = {"resource": key.resource, **reference}
        foreign_keys.append({"fields": list(key.fields), "reference": reference})
    for field in resource.fields:
        if field.codes is not None:
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


def _readme(content: Content) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("release"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 — Markdown, not HTML
    )
    descriptor = content.descriptor
    return environment.get_template("README.md.j2").render(
        package=descriptor.public,
        descriptor=descriptor,
        rows={name: table.num_rows for name, table in content.tables.items()},
        parted=[name for name, parts in content.parts.items() if parts > 1],
        part_rows=parquet.PART_ROWS,
        zip=archive_name(descriptor),
        release=__version__,
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
