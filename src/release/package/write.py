"""Write the files of a release from its tables and descriptor."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from release import __version__
from release.descriptor.model import Descriptor, Resource
from release.descriptor.page.model import PageContent
from release.package import checksums, datapackage, provenance
from release.package import source as package_source
from release.package import zip as package_zip
from release.package.checksums import Digest
from release.package.datapackage import csv_path, parquet_paths
from release.package.manifest.model import NAME, Manifest
from release.package.metadata import citation as package_citation
from release.package.metadata import croissant, facts, tool_code
from release.package.metadata.summary import columns as summary_columns
from release.package.metadata.summary import document as summary_document
from release.package.page import document as page
from release.package.page import model as page_model
from release.package.page.pictures import charts
from release.package.page.script_data import ScriptData
from release.package.render import template
from release.records.files.sources import Sources
from release.system import files as system_files
from release.system.git import revision as git_revision
from release.system.limits import LIMITS, Limits
from release.tables import csv, parquet


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a release: its descriptor, its tables by name, the records behind them.

    `sha256` are those of the records as they were read, in their order, `curated` those of the curated
    tables' files, by path, `licence` that of LICENSE, if there is one.
    """

    descriptor: Descriptor
    tables: Mapping[str, pa.Table]
    sources: Sources
    sha256: pa.ChunkedArray
    curated: Mapping[str, str]
    licence: str | None = None
    limits: Limits = LIMITS

    @property
    def others(self) -> dict[str, str]:
        """The SHA-256 of all files but the descriptor and the records, by path."""
        return {**self.curated, **({"LICENSE": self.licence} if self.licence else {})}

    @property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of all files but the descriptor, by path."""
        paths = chain.from_iterable(some.paths for some in self.sources.batches())
        records = dict(zip(paths, self.sha256.to_pylist(), strict=True))
        beside = self.sources.companions
        companions = {each.path: system_files.digest(each.file) for each in beside}
        return {**self.others, **records, **companions}

    @property
    def parts(self) -> dict[str, int]:
        """The number of Parquet files of each table."""
        part_rows = self.limits.part_rows
        return {
            n: parquet.count_parts(table.num_rows, part_rows) for n, table in self.tables.items()
        }


@dataclass(frozen=True, slots=True)
class WrittenTables:
    """The manifest of a release, and the digests of its tables and of the manifest, by path."""

    manifest: Manifest
    digests: Mapping[str, Digest]


@dataclass(frozen=True, slots=True)
class Written:
    """The written part of a release: its tables with their manifest, and its source."""

    tables: WrittenTables
    source: package_source.Copied


class Packed(NamedTuple):
    """The facts of a packed release: the hash of its zip, `sha256:…`, and the bytes of its files."""

    package_zip: str
    bytes: int


def write_tables(content: Content, folder: Path) -> WrittenTables:
    """Write the tables of a release and its manifest into a folder."""
    written: dict[str, Digest] = {}
    number_of_parts = content.parts
    for resource in content.descriptor.resources:
        table = content.tables[resource.name]
        path, digest = _write_csv(resource, table, folder)
        rows = parquet.rows_per_group(table.num_rows, digest.bytes)
        parts = parquet_paths(resource.name, number_of_parts[resource.name])
        (folder / parts[0]).parent.mkdir(exist_ok=True)
        paths = [folder / part for part in parts]
        parquet.write_parts([table], resource, paths, rows, content.limits.part_rows)
        written[path] = digest
        written |= {part: checksums.of(folder / part) for part in parts}
    descriptor = published(content.descriptor, folder, number_of_parts, written)
    written[NAME] = _write(folder / NAME, _json(descriptor))
    manifest, problems = Manifest.of(descriptor)
    assert not problems, problems
    return WrittenTables(manifest, written)


def write_canonical(content: Content, folder: Path) -> None:
    """Write tables as CSV only, with a manifest of them, for the referee to judge."""
    written = dict(
        _write_csv(resource, content.tables[resource.name], folder)
        for resource in content.descriptor.resources
    )
    descriptor = datapackage.described(
        content.descriptor, {}, lambda paths: datapackage.measured(written[paths[0]]), binary=False
    )
    (folder / NAME).write_bytes(_json(descriptor))


def _write_csv(resource: Resource, table: pa.Table, folder: Path) -> tuple[str, Digest]:
    """Write a table as CSV; return its path and digest."""
    path = csv_path(resource.name)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    with (folder / path).open("wb") as target:
        csv.write([table], table.schema, target, resource.fields)
    return path, checksums.of(folder / path)


def copying(
    content: Content, folder: Path, workers: int = 1
) -> AbstractContextManager[Callable[[], package_source.Copied]]:
    """Copy the files that a release is made from into its folder; see `source.copying`."""
    of = content.descriptor
    sha256, others, limits = content.sha256, content.others, content.limits
    files = package_source.listed(of, content.sources, sha256, others, limits)
    return package_source.copying(files, of, folder, workers, limits)


def write_rest(
    content: Content, folder: Path, written: Written, judged: Mapping[str, Any]
) -> Packed:
    """Write the other files of a release: first those in the zip, then the zip and the files beside it.

    `judged` says what the referee was shown.
    """
    if content.licence:  # as its source has it, which was held against what was read
        shutil.copyfile(folder / package_source.FOLDER / "LICENSE", folder / "LICENSE")
    _write_about(content, written.tables, folder)
    others = [
        path for path in files(folder, package_source.FOLDER) if path not in written.tables.digests
    ]
    own = {**written.tables.digests, **{path: checksums.of(folder / path) for path in others}}
    sums = checksums.SortedSums(own, written.source, package_source.FOLDER)
    with (folder / "SHA256SUMS").open("wb") as target:
        target.writelines(f"{sha256}  {path}\n".encode() for path, sha256 in sums)
    own["SHA256SUMS"] = checksums.of(folder / "SHA256SUMS")
    made = _pack(content, folder, own, written.source.segments)
    about = {"git": _revision(content), "referee": judged}
    info = provenance.buildinfo(content.descriptor, sums, made, about)
    provenance.write(folder, info, sums, own["SHA256SUMS"].sha256)
    copied = (member.size for each in written.source.segments for member in each.members)
    return Packed(str(made["hash"]), sum(digest.bytes for digest in own.values()) + sum(copied))


def _write_about(content: Content, tables: WrittenTables, folder: Path) -> None:
    """Write README.md, the metadata for catalogues, and the page of a release."""
    manifest = tables.manifest
    (folder / "README.md").write_bytes(_readme(content, manifest).encode())
    (folder / facts.CROISSANT).write_bytes(croissant.croissant(manifest, tables.digests))
    if citation := package_citation.citation(manifest):
        (folder / facts.CITATION).write_bytes(citation)
    of = content.descriptor
    summaries = list(summary_columns.summarize(of, content.tables, content.limits))
    summary = summary_document.write(of.name, of.version, summaries)
    (folder / summary_document.SUMMARY).write_bytes(summary)
    model = page_model.describe(of, manifest, content.tables)
    beside = {path.name for path in folder.iterdir()}
    shown = of.page or PageContent()
    drawn = list(charts.draw(shown.pictures, content.tables, of)) if shown.pictures else []
    data = ScriptData(model, summary, folder, shown.order)
    with (folder / page.NAME).open("w", encoding="utf-8", newline="\n") as target:
        overview = page.Overview(summaries, drawn, data)
        target.writelines(
            page.pieces(manifest, content.tables, model["findings"], beside, overview)
        )


def _pack(
    content: Content,
    folder: Path,
    own: Mapping[str, Digest],
    segments: Sequence[package_zip.Segment],
) -> dict[str, Any]:
    """Write the zip; return its path, bytes and hash."""
    name = package_zip.zip_name(content.descriptor.name, content.descriptor.version)
    known = package_zip.Known({path: digest.crc for path, digest in own.items()}, segments)
    with (folder / name).open("wb") as file:
        target = checksums.Digesting(file)
        form = package_zip.Form.of(content.descriptor.created, content.limits)
        package_zip.write(folder, list(own), form, target, known)
    return {"path": name, "bytes": target.bytes, "hash": f"sha256:{target.sha256}"}


def _revision(content: Content) -> dict[str, Any] | None:
    """Return the git revision of the records; not clean if some were read from elsewhere."""
    root = content.descriptor.root
    records = chain.from_iterable(some.paths for some in content.sources.batches())
    beside = (each.path for each in content.sources.companions)
    paths = chain(["datapackage.yaml"], content.curated, records, beside)
    found = git_revision.read_revision(root, paths, content.limits.git_seconds)
    if found is None:
        return None
    above = "" if root == Path() else f"{root}/"
    of_root = all(
        place == f"{above}{path}"
        for some in content.sources.batches()
        for path, place in zip(some.paths, some.files, strict=True)
    )
    return {**found, "clean": found["clean"] and of_root}


def files(folder: Path, leaving_out: str = "") -> Iterator[str]:
    """Yield the paths of the files below a folder, with `/` between their parts, sorted.

    A folder of the name `leaving_out` at the top is left out.
    """
    found = []
    for where, folders, names in os.walk(folder):
        at = "" if where == str(folder) else f"{Path(where).relative_to(folder).as_posix()}/"
        if not at and leaving_out in folders:
            folders.remove(leaving_out)
        found += [f"{at}{name}" for name in names]
    yield from sorted(found)


def published(
    descriptor: Descriptor,
    folder: Path,
    parts: Mapping[str, int],
    known: Mapping[str, Digest],
) -> dict[str, Any]:
    """Return the manifest of the files in a folder; `known` are their digests by path."""

    def measured(paths: Sequence[str]) -> dict[str, Any]:
        held = [known[path] for path in paths]
        if len(held) == 1:
            return datapackage.measured(held[0])
        whole = checksums.sha256_of(*(folder / path for path in paths))
        return {"bytes": sum(each.bytes for each in held), "hash": f"sha256:{whole}"}

    return datapackage.described(descriptor, parts, measured)


def _readme(content: Content, manifest: Manifest) -> str:
    descriptor = content.descriptor
    parted = [name for name, parts in content.parts.items() if parts > 1]
    first = descriptor.resources[0].name
    return template("README.md.j2").render(
        package=descriptor.public,
        descriptor=descriptor,
        licence=content.licence is not None,
        rows={name: table.num_rows for name, table in content.tables.items()},
        parted=parted,
        part_rows=content.limits.part_rows,
        loading=tool_code.list_tools(manifest, first, content.tables[first]),
        loading_parted=[
            tool
            for name in parted[:1]
            if name != first
            for tool in tool_code.list_parquet(manifest, name)
        ],
        release=__version__,
    )


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _write(path: Path, data: bytes) -> Digest:
    """Write a file; return its digest."""
    path.write_bytes(data)
    return checksums.of(path)
