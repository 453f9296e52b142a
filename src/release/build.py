"""The whole pipeline: a descriptor's records -> tables and findings -> a release in a store."""

from __future__ import annotations

import functools
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import Any, Protocol, overload

import pyarrow as pa

from release import (
    cache,
    chunks,
    codelists,
    engine,
    found,
    history,
    joined,
    package,
    publish,
    referee,
    sample,
    scratch,
)
from release.columns import arrow_schema
from release.descriptor import Descriptor, Resource
from release.errors import RefusedError
from release.findings import printable
from release.found import Found
from release.paths import FilePattern
from release.sources import Source, Sources, find

#: So much of what the referee says is told.
_TOLD = 20


class Progress(Protocol):
    """Called with what is being done, and how much of how much is done where that is known."""

    def __call__(self, what: str, done: int = 0, total: int = 0, /) -> None:
        """Show it on a terminal."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to work, none of which changes a byte of a release.

    `elsewhere` gives another place of a kind's records; `workers` is a number of processes. The referee
    judges a sample of a large release unless `full_referee`. `cache` is a folder that keeps what is made
    of records for later builds. `scheduler` is the address of a cluster that reads records in place of
    processes, or `local`; its workers write to `scratch`.
    """

    elsewhere: Mapping[str, FilePattern] | None = None
    workers: int = 1
    full_referee: bool = False
    cache: Path | None = None
    progress: Progress = lambda *_: None
    scheduler: str = ""
    scratch: str = ""


class Workspace:
    """A folder for what is made on the way.

    It is the cache's where there is one; else it goes when nothing refers to it any more.
    """

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            self.path = str(cache.chunk_folder(folder))
        else:
            self.path = tempfile.mkdtemp(prefix="release-")
            weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was made of the records: the tables by name, and all that was found.

    Tables stay in the files of the workspace, which are mapped into memory.
    """

    content: package.Content
    findings: Found
    workspace: Workspace = dataclass_field(repr=False)

    @property
    def errors(self) -> int:
        """How many findings forbid a release."""
        return self.findings.errors


@dataclass(frozen=True, slots=True)
class Built:
    """A build: what was made and where it stands; no place where an error forbade it.

    `step` is the difference to the version before, if there is one.
    """

    outcome: Outcome
    path: Path | None
    is_new: bool
    step: history.Step | None = None


def build(descriptor: Descriptor, store: Path, options: Options = Options()) -> Built:
    """Build a release into a store; nothing is written there unless it is whole and right.

    Raises:
        RefusedError: the referee does not accept the package, the version is taken, or it is smaller
            than what differs from the version before calls for.
        UsageError: a check of the descriptor cannot be run.
    """
    with engine.beside(referee.prepare, options.workers) as submit:
        outcome = check(descriptor, options)
        if outcome.errors:
            return Built(outcome, None, is_new=False)
        content, workers = outcome.content, options.workers
        with (
            publish.staging(store) as folder,
            package.copying(content, folder, workers) as copied,
            _sample(content, options) as (sampled, shown),
        ):
            judged = submit(referee.judge, sampled) if sampled else None
            options.progress("writing tables")
            tables = package.write_tables(content, folder)
            judged = judged or submit(referee.judge, folder)
            options.progress("comparing with the version before")
            step = history.record(content, folder, store)
            options.progress("packing")
            written = package.Written(tables, copied())
            archive = package.write_rest(content, folder, written, shown)
            options.progress("asking the referee")
            if problems := judged():
                raise RefusedError(_refusal(problems))
            options.progress("publishing")
            with history.advised(content, folder, store):
                path, is_new = publish.place(folder, store, descriptor.version, archive)
    return Built(outcome, path, is_new, step)


@contextmanager
def _sample(
    content: package.Content, options: Options
) -> Iterator[tuple[Path | None, Mapping[str, Any]]]:
    """A folder with what the referee judges of a large release, None where it judges the whole.

    And what buildinfo.json says of it.
    """
    rows = sum(table.num_rows for table in content.tables.values())
    if rows <= sample.WHOLE or options.full_referee:
        yield None, {"judged": "the whole", "rows": rows}
        return
    part = replace(content, tables=sample.sample(content.tables, content.descriptor))
    rows = sum(table.num_rows for table in part.tables.values())
    with tempfile.TemporaryDirectory(prefix="release-sample-") as folder:
        package.write_canonical(part, Path(folder))
        yield Path(folder), {"judged": "a sample chosen by key", "rows": rows}


def _refusal(problems: Sequence[str]) -> str:
    told = [f"  {printable(problem)[:300]}" for problem in problems[:_TOLD]]
    more = [f"  … and {len(problems) - _TOLD} more"] if len(problems) > _TOLD else []
    listed = "\n".join(told + more)
    return f"frictionless refuses the package, nothing is published:\n{listed}"


def check(descriptor: Descriptor, options: Options = Options()) -> Outcome:
    """Make the tables of a descriptor's records and find all that is wrong; nothing is written.

    Raises:
        UsageError: a check of the descriptor cannot be run.
    """
    curated, findings = codelists.read_curated(descriptor)
    _, faults = codelists.lookups(descriptor, curated.tables)
    findings += faults
    sources, faults = find(descriptor, options.elsewhere)
    findings += faults
    reading = f"reading {len(sources):,} records"
    options.progress(reading)
    workspace = Workspace(options.cache)
    ranges = chunks.cut(sources, descriptor)
    listed = _Chunks(sources, ranges)
    work = chunks.work(descriptor, curated.tables)
    # to start a process takes longer than to read the records of one chunk
    workers = options.workers if len(sources) > chunks.SIZE else 1
    means = engine.Means(workers, options.scheduler, options.scratch)
    paths = []
    for path in engine.run(work, listed, workspace.path, means):
        paths.append(path)
        options.progress(reading, len(paths), len(listed))
    made = [chunks.load(path, descriptor) for path in paths]
    tables = joined.join(descriptor, ranges, made, curated.tables)
    options.progress("validating")
    locator = joined.Locator(work, sources, ranges, paths, workspace.path, options.workers)
    kept = cache.Results(options.cache, work, paths, curated.digests)
    if (across := kept.findings()) is None:
        across = [scratch.spilled(table) for table in joined.across(descriptor, tables, locator)]
        kept.keep(across)
        pa.default_memory_pool().release_unused()
    noticed = [found.to_table(findings), *(chunk.findings for chunk in made), *across]
    places = {finding.path: finding.file for finding in findings}
    places |= {path: str(descriptor.root / path) for path in curated.digests}
    listed_findings = Found(found.in_order(noticed, descriptor.severities), _files(sources, places))
    published = {
        resource.name: _published(resource, tables, listed_findings)
        for resource in descriptor.resources
    }
    sha256 = pa.chunked_array([chunk.fronts["sha256"].chunk(0) for chunk in made], pa.string())
    content = package.Content(descriptor, published, sources, sha256, curated.digests)
    return Outcome(content, listed_findings, workspace)


@dataclass(frozen=True, slots=True)
class _Chunks(Sequence[Sequence[Source]]):
    """The sources of each chunk, unpacked when they are asked for."""

    sources: Sources
    ranges: Sequence[range]

    def __len__(self) -> int:
        return len(self.ranges)

    @overload
    def __getitem__(self, at: int) -> list[Source]: ...
    @overload
    def __getitem__(self, at: slice) -> list[Sequence[Source]]: ...
    def __getitem__(self, at: int | slice) -> list[Source] | list[Sequence[Source]]:
        if isinstance(at, slice):
            several: list[Sequence[Source]] = [self[number] for number in range(len(self))[at]]
            return several
        where = self.ranges[at]
        return self.sources[where.start : where.stop]


def _files(sources: Sequence[Source], others: Mapping[str, str]) -> Callable[[str], str]:
    """Where the file of a path in the release was read; gathered when that is first asked."""

    @functools.cache
    def gathered() -> dict[str, str]:
        return {**others, **{source.path: source.place for source in sources}}

    return lambda path: gathered().get(path, "")


def _published(resource: Resource, tables: Mapping[str, pa.Table], findings: Found) -> pa.Table:
    """A table as it is released: sorted by its key, without what only the making needed."""
    if resource.is_findings:
        table = found.as_rows(findings.table, resource.primary_key).select(resource.names)
        return table.cast(arrow_schema(resource.fields))
    if resource.name in tables:
        table = tables[resource.name].select(resource.names)
    else:
        table = arrow_schema(resource.fields).empty_table()
    if resource.rows:
        return table
    return table.sort_by([(name, "ascending") for name in resource.primary_key])
