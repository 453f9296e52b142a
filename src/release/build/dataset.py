"""Load every chunk, building those that the cache lacks; merge them into tables and findings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from release.build import merge, omissions, validate
from release.build.cache import CachedFindings
from release.build.chunks import run
from release.build.chunks.chunk import Chunk, read_chunk
from release.build.chunks.fingerprint import ChunkSpan
from release.build.inputs import FEW, Inputs
from release.descriptor.model import Descriptor, Resource
from release.findings.finding import Finding
from release.records import codelists
from release.records.files.sources import Source, Sources
from release.system import files as system_files
from release.tables import findings as tables_findings
from release.tables import spill
from release.tables.columns import arrow_schema
from release.tables.findings import FindingList

if TYPE_CHECKING:
    from release.package.write import Content


@dataclass(frozen=True, slots=True)
class Dataset:
    """The tables of all records, and the chunks that they were merged from.

    `paths` are the files of the chunks. `chunks` have no tables any more. `noticed` are the findings about
    files, from before any was read as a record.
    """

    inputs: Inputs
    paths: Sequence[str]
    chunks: Sequence[Chunk]
    tables: Mapping[str, pa.Table]
    noticed: Sequence[Finding]

    @property
    def keys(self) -> list[str]:
        """The cache keys of the chunks."""
        return [Path(path).name for path in self.paths]

    @property
    def records(self) -> int:
        """The number of records, with files that cannot be read as any."""
        return sum(chunk.fronts.num_rows for chunk in self.chunks)

    def find_all(self) -> FindingList:
        """Find everything that is wrong, and store it in the cache.

        Raises:
            UsageError: a check of the descriptor cannot be run.
        """
        inputs = self.inputs
        tables = [
            tables_findings.to_table([*self.noticed, *omissions.report(inputs, self.chunks)]),
            *(chunk.findings for chunk in self.chunks),
        ]
        tables += self._check_tables()
        severities, limits = inputs.descriptor.severities, inputs.options.limits
        table = tables_findings.sort_findings(tables, severities, limits)
        findings = FindingList(table, inputs.file_of())
        if not findings.errors and (empty := self._report_no_rows()):
            tables = [table, tables_findings.to_table([empty])]
            table = tables_findings.sort_findings(tables, {}, limits)
            findings = FindingList(table, inputs.file_of())
        columns = tables_findings.iterate_columns(table)
        counts = len(findings), findings.errors, findings.notes, self.records
        inputs.findings_cache().store(self.keys, counts, columns)
        return findings

    def _check_tables(self) -> list[pa.Table]:
        """Find the faults that only whole tables show."""
        inputs, options = self.inputs, self.inputs.options
        options.progress("validating")
        folder = inputs.workspace.path
        locator = validate.Locator(
            inputs.context,
            inputs.curated,
            inputs.sources,
            inputs.ranges,
            merge.number_records(self.chunks),
            self.paths,
            folder,
            options.workers,
            partial(omissions.explain, inputs, self.tables),
        )
        found = validate.check_tables(inputs.descriptor, self.tables, locator)
        spilled = [spill.spill_large(table, options.limits) for table in found]
        pa.default_memory_pool().release_unused()
        return spilled

    def _list_kept(self) -> np.ndarray[Any, np.dtype[np.bool_]] | None:
        """Return for each file of records whether it is part of a release; None if all of them are."""
        if not any(kind.where for kind in self.inputs.descriptor.kinds):
            return None
        columns = [chunk.files["is_kept"].to_numpy() for chunk in self._list_file_chunks()]
        return np.concatenate([np.zeros(0, bool), *columns])

    def _list_file_chunks(self) -> list[Chunk]:
        """Return the chunks that have each file once: of a file in pieces only the last."""
        spans = zip(self.chunks, self.inputs.ranges, strict=True)
        return [chunk for chunk, span in spans if span.piece.is_last]

    def _report_no_rows(self) -> Finding | None:
        """Return the finding that no table has a row; codelists count if there is nothing else.

        It is looked for last: a table may be empty because of any other error.
        """
        tables = [each for each in self.inputs.descriptor.resources if not each.is_findings]
        data = [each for each in tables if each.codelist is None]
        if any(each.name in self.tables and len(self.tables[each.name]) for each in data or tables):
            return None
        which = "no table" if len(data) in (0, len(tables)) else "no table but the codelists"
        message = f"{which} has a row, so there is nothing to publish; expected one at least"
        return self.inputs.descriptor.finding("no-rows", ("resources",), message, "error")

    def make_content(self, findings: FindingList | CachedFindings) -> Content:
        """Make the content of a release: the tables, that of the findings among them."""
        from release.package.write import Content

        inputs = self.inputs
        listed = (
            findings.table
            if isinstance(findings, FindingList)
            else tables_findings.to_table(findings)
        )
        published = {
            resource.name: self._select_columns(resource, listed)
            for resource in inputs.descriptor.resources
        }
        columns = [chunk.files["sha256"].chunk(0) for chunk in self._list_file_chunks()]
        sha256 = pa.chunked_array(columns, pa.string())
        sources = inputs.sources
        if (is_kept := self._list_kept()) is not None:
            sources = sources.select(np.flatnonzero(is_kept).tolist())
            sha256 = sha256.filter(pa.array(is_kept))
        licence = hashlib.sha256(inputs.licence).hexdigest() if inputs.licence is not None else None
        return Content(
            inputs.descriptor,
            published,
            sources,
            sha256,
            inputs.digests(),
            licence,
            inputs.options.limits,
        )

    def _select_columns(self, resource: Resource, findings: pa.Table) -> pa.Table:
        """Return a table as it is released: the columns of its schema, sorted by its key."""
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


def merge_chunks(inputs: Inputs, paths: Sequence[str]) -> Dataset:
    """Merge chunks, by the paths of their files, and the curated tables into a dataset."""
    curated, faults = _parse_curated(_CuratedFiles(inputs.descriptor, inputs.curated))
    limits = inputs.options.limits
    chunks = [read_chunk(path, inputs.descriptor, limits) for path in paths]
    tables = merge.join(inputs, chunks, curated)
    chunks = [replace(chunk, tables={}) for chunk in chunks]  # they would stay mapped
    return Dataset(inputs, paths, chunks, tables, [*inputs.noticed, *faults])


class _CuratedFiles(NamedTuple):
    """The files of curated tables, by table; equal if they are those of the same descriptor."""

    descriptor: Descriptor
    files: Mapping[str, bytes]

    def __hash__(self) -> int:
        return hash(self.descriptor.text)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _CuratedFiles)
            and self.descriptor is other.descriptor
            and self.files == other.files
        )


@lru_cache(maxsize=1)
def _parse_curated(curated: _CuratedFiles) -> tuple[Mapping[str, pa.Table], Sequence[Finding]]:
    """Parse curated tables, and find texts of codelists that lead to two codes; the last ones are kept."""
    tables, faults = codelists.parse_tables(*curated)
    _, ambiguous = codelists.build_lookups(curated.descriptor, tables, curated.files)
    return tables, [*faults, *ambiguous]


def build_chunks(inputs: Inputs, keys: Sequence[str | None]) -> list[str]:
    """Build the chunks that the cache lacks; return the paths of the files of all chunks, in order.

    `keys` are their cache keys, None for each that is not known.
    """
    folder, options = Path(inputs.workspace.path), inputs.options
    files = [folder / key if key is not None else None for key in keys]
    with ThreadPoolExecutor(options.workers) as pool:
        hits = list(pool.map(lambda file: file is not None and spill.is_whole(file), files))
    missing = [span for span, is_hit in zip(inputs.ranges, hits, strict=True) if not is_hit]
    workers = options.workers if len(missing) > FEW else 1
    executor = run.Executor(workers, options.scheduler, options.scratch)
    to_build = _RecordsByChunk(inputs.sources, missing)
    built = run.run(inputs.context, to_build, str(folder), executor)
    paths = []
    for file, is_hit in zip(files, hits, strict=True):
        if is_hit and file is not None:
            system_files.touch(file)  # the cache removes files that were not used for long
        paths.append(str(file) if is_hit else next(built))
        inputs.report_progress(len(paths), len(files))
    return paths


@dataclass(frozen=True, slots=True)
class _RecordsByChunk:
    """The records of each chunk, unpacked when they are asked for."""

    sources: Sources
    ranges: Sequence[ChunkSpan]

    def __len__(self) -> int:
        return len(self.ranges)

    def __iter__(self) -> Iterator[Sequence[Source]]:
        for where, piece in self.ranges:
            files = self.sources[where.start : where.stop]
            yield [replace(files[0], piece=piece)] if piece.of > 1 else files
