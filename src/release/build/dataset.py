"""Load every chunk, building those that the cache lacks; merge them into tables and findings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from release.build import merge, validate
from release.build.cache import CachedFindings
from release.build.chunks import run
from release.build.chunks.chunk import Made, load
from release.build.inputs import FEW, Inputs
from release.descriptor.load import Resource
from release.findings import Finding
from release.records import codelists
from release.records.sources import Source, Sources
from release.system import files as system_files
from release.tables import findings as tables_findings
from release.tables import spill
from release.tables.columns import arrow_schema
from release.tables.findings import FindingList

if TYPE_CHECKING:
    from release.package.write import Content


@dataclass(frozen=True, slots=True)
class Dataset:
    """The chunks of all records, the paths of their files, and the tables that they merge into.

    `noticed` are the findings about files that are no records.
    """

    inputs: Inputs
    paths: Sequence[str]
    made: Sequence[Made]
    tables: Mapping[str, pa.Table]
    noticed: Sequence[Finding]

    @property
    def names(self) -> list[str]:
        """The names of the chunks' files."""
        return [Path(path).name for path in self.paths]

    def findings(self) -> FindingList:
        """Return all findings, and keep them for the next run.

        Raises:
            UsageError: a check of the descriptor cannot be run.
        """
        inputs = self.inputs
        tables = [tables_findings.to_table(self.noticed), *(one.findings for one in self.made)]
        tables += self._across()
        severities, limits = inputs.descriptor.severities, inputs.options.limits
        table = tables_findings.sort_findings(tables, severities, limits)
        findings = FindingList(table, inputs.file_of())
        inputs.answers().keep(
            self.names, len(findings), findings.errors, tables_findings.iterate_columns(table)
        )
        return findings

    def _across(self) -> list[pa.Table]:
        """Find the faults that only whole tables show."""
        inputs, options = self.inputs, self.inputs.options
        options.progress("validating")
        folder = inputs.workspace.path
        locator = validate.Locator(
            inputs.work,
            inputs.curated,
            inputs.sources,
            inputs.ranges,
            self.paths,
            folder,
            options.workers,
        )
        across = validate.across(inputs.descriptor, self.tables, locator)
        spilled = [spill.spill_large(table, options.limits) for table in across]
        pa.default_memory_pool().release_unused()
        return spilled

    def content(self, findings: FindingList | CachedFindings) -> Content:
        """Return the content of a release: the tables, and the findings."""
        from release.package.write import Content

        inputs = self.inputs
        noticed = (
            findings.table
            if isinstance(findings, FindingList)
            else tables_findings.to_table(findings)
        )
        published = {
            resource.name: self._published(resource, noticed)
            for resource in inputs.descriptor.resources
        }
        sha256 = pa.chunked_array([one.fronts["sha256"].chunk(0) for one in self.made], pa.string())
        licence = _licence(inputs.descriptor.root)
        return Content(
            inputs.descriptor,
            published,
            inputs.sources,
            sha256,
            inputs.digests(),
            licence,
            inputs.options.limits,
        )

    def _published(self, resource: Resource, findings: pa.Table) -> pa.Table:
        """Return a table as it is released: sorted by its key, without columns that only the build needs."""
        if resource.is_findings:
            inside, limits = tables_findings.select_released(findings), self.inputs.options.limits
            table = tables_findings.merge_by_key(inside, resource.primary_key, limits)
            return table.select(resource.field_names).cast(arrow_schema(resource.fields))
        if resource.name in self.tables:
            table = self.tables[resource.name].select(resource.field_names)
        else:
            table = arrow_schema(resource.fields).empty_table()
        if resource.rows:
            return table
        return table.sort_by([(name, "ascending") for name in resource.primary_key])


def _licence(root: Path) -> str | None:
    """Return the SHA-256 of the LICENSE beside a descriptor, if there is one."""
    path = root / "LICENSE"
    return hashlib.sha256(system_files.read(path)).hexdigest() if path.is_file() else None


def merge_chunks(inputs: Inputs, paths: Sequence[str]) -> Dataset:
    """Merge chunks, by the paths of their files, and the curated tables into a dataset."""
    curated, faults = codelists.parse_tables(inputs.descriptor, inputs.curated)
    _, ambiguous = codelists.build_lookups(inputs.descriptor, curated, inputs.curated)
    made = [load(path, inputs.descriptor, inputs.options.limits) for path in paths]
    tables = merge.join(inputs, made, curated)
    made = [replace(one, tables={}) for one in made]  # which take memory, too
    return Dataset(inputs, paths, made, tables, [*inputs.noticed, *faults, *ambiguous])


def build_chunks(inputs: Inputs, names: Sequence[str | None]) -> list[str]:
    """Build the chunks that the cache lacks; return the paths of all files of chunks, in order.

    `names` are the names of the files, None where it was not looked for.
    """
    folder, options = Path(inputs.workspace.path), inputs.options
    files = [folder / name if name is not None else None for name in names]
    with ThreadPoolExecutor(options.workers) as pool:
        whole = list(pool.map(lambda file: file is not None and spill.is_whole(file), files))
    left = [where for where, is_there in zip(inputs.ranges, whole, strict=True) if not is_there]
    workers = options.workers if len(left) > FEW else 1
    means = run.Means(workers, options.scheduler, options.scratch)
    made = run.run(inputs.work, _Chunks(inputs.sources, left), str(folder), means)
    paths = []
    for file, is_there in zip(files, whole, strict=True):
        if is_there and file is not None:
            system_files.touch(file)  # the cache removes what has not been used for long
        paths.append(str(file) if is_there else next(made))
        inputs.tell(len(paths), len(files))
    return paths


@dataclass(frozen=True, slots=True)
class _Chunks:
    """The records of each chunk; they are unpacked when they are asked for."""

    sources: Sources
    ranges: Sequence[range]

    def __len__(self) -> int:
        return len(self.ranges)

    def __iter__(self) -> Iterator[Sequence[Source]]:
        for where in self.ranges:
            yield self.sources[where.start : where.stop]
