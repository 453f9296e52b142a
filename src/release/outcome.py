"""What the records give: all that is wrong with them, and their tables.

What was found in just these records before is looked up; the rest, and all that can make it, is loaded when
it is needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, overload

from release import cache, naming, sources
from release.cache import Answer, Answers
from release.descriptor import Descriptor, Resource
from release.findings import Finding
from release.naming import Work
from release.paths import FilePattern
from release.sources import Source, Sources

if TYPE_CHECKING:
    import pyarrow as pa

    from release.chunks import Made
    from release.found import Found
    from release.package import Content

#: To start processes takes longer than to make so many chunks.
_FEW = 2


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
            import shutil
            import tempfile
            import weakref

            self.path = tempfile.mkdtemp(prefix="release-")
            weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


class Outcome:
    """What was made of the records: all that was found, and what a release of them has.

    That is put together when it is asked for.
    """

    def __init__(
        self, sources: Sources, findings: Found | Answer, content: Callable[[], Content]
    ) -> None:
        self.sources = sources
        self.findings = findings
        self._content = content

    @property
    def errors(self) -> int:
        """How many findings forbid a release."""
        return self.findings.errors

    @cached_property
    def content(self) -> Content:
        """The tables by name and the sources; tables stay in files, which are mapped into memory."""
        return self._content()


@dataclass(frozen=True, slots=True)
class _Inputs:
    """What all is made from, and how: `curated` are the files of curated tables, by name of the table.

    `noticed` is what was wrong with files before any was read as a record.
    """

    descriptor: Descriptor
    options: Options
    curated: Mapping[str, bytes]
    sources: Sources
    noticed: Sequence[Finding]
    ranges: Sequence[range]
    work: Work
    workspace: Workspace

    def digests(self) -> dict[str, str]:
        """The SHA-256 of the files of curated tables, by path."""
        return {
            self.descriptor.resource(name).path: hashlib.sha256(data).hexdigest()
            for name, data in self.curated.items()
        }

    def answers(self) -> Answers:
        """What is kept of all that was found."""
        return Answers(self.options.cache, self.work, self.digests(), self.noticed)

    def file_of(self) -> Callable[[str], str]:
        """Where the file of a path in the release was read; gathered when that is first asked."""

        @lru_cache(maxsize=1)
        def gathered() -> dict[str, str]:
            curated = (self.descriptor.resource(name).path for name in self.curated)
            return (
                {finding.path: finding.file for finding in self.noticed}
                | {path: str(self.descriptor.root / path) for path in curated}
                | self.sources.places()
            )

        return lambda path: gathered().get(path, "")


def check(descriptor: Descriptor, options: Options = Options()) -> Outcome:
    """Find all that is wrong with a descriptor's records and their tables; nothing is written.

    Raises:
        UsageError: a check of the descriptor cannot be run.
    """
    inputs = _inputs(descriptor, options)
    names = _names(inputs)
    if None not in names:
        known = [name for name in names if name is not None]
        if (answer := inputs.answers().find(known, inputs.file_of())) is not None:
            return Outcome(inputs.sources, answer, partial(_content_of, inputs, known, answer))
    return _checked(inputs, names)


def _inputs(descriptor: Descriptor, options: Options) -> _Inputs:
    curated, noticed = sources.read_curated(descriptor)
    found, faults = sources.find(descriptor, options.elsewhere)
    options.progress(_reading(found))
    ranges = naming.cut(found, descriptor)
    work = naming.work(descriptor, curated)
    workspace = Workspace(options.cache)
    return _Inputs(descriptor, options, curated, found, noticed + faults, ranges, work, workspace)


def _reading(found: Sources) -> str:
    return f"reading {len(found):,} records"


def _names(inputs: _Inputs) -> list[str | None]:
    """The names of the chunks' files, as far as it is worth to look whether they are there.

    Where more than a few are not, those who make them will look at the rest.
    """
    names: list[str | None] = [None] * len(inputs.ranges)
    folder, digest = Path(inputs.workspace.path), inputs.work.digest()
    if inputs.options.scheduler or not any(folder.glob("*.chunk")):
        return names
    missing = 0
    for number, where in enumerate(inputs.ranges):
        names[number] = name = naming.name(digest, inputs.sources, where)
        missing += not (folder / name).exists()
        if missing > _FEW:
            break
    return names


def _checked(inputs: _Inputs, names: Sequence[str | None]) -> Outcome:
    """Make what is not there, and find all that is wrong."""
    from release import found

    paths = _paths(inputs, names)
    made, tables, faults = _tables(inputs, paths)
    across = _across(inputs, paths, tables)
    noticed = [found.to_table([*inputs.noticed, *faults]), *(one.findings for one in made), *across]
    findings = found.Found(found.in_order(noticed, inputs.descriptor.severities), inputs.file_of())
    known = [Path(path).name for path in paths]
    inputs.answers().keep(known, len(findings), findings.errors, found.parts(findings.table))
    content = partial(_content, inputs, made, tables, findings.table)
    return Outcome(inputs.sources, findings, content)


def _paths(inputs: _Inputs, names: Sequence[str | None]) -> list[str]:
    """The files of all chunks, in order; those that are not there, or not as they were written, are made."""
    from concurrent.futures import ThreadPoolExecutor

    from release import engine, scratch

    folder, options = Path(inputs.workspace.path), inputs.options
    files = [folder / name if name is not None else None for name in names]
    with ThreadPoolExecutor(options.workers) as pool:
        whole = list(pool.map(lambda file: file is not None and scratch.is_whole(file), files))
    left = [where for where, is_there in zip(inputs.ranges, whole, strict=True) if not is_there]
    workers = options.workers if len(left) > _FEW else 1
    means = engine.Means(workers, options.scheduler, options.scratch)
    made = engine.run(inputs.work, _Chunks(inputs.sources, left), str(folder), means)
    paths = []
    for file, is_there in zip(files, whole, strict=True):
        paths.append(str(file) if is_there else next(made))
        options.progress(_reading(inputs.sources), len(paths), len(files))
    return paths


def _tables(
    inputs: _Inputs, paths: Sequence[str]
) -> tuple[list[Made], dict[str, pa.Table], list[Finding]]:
    """What was made of each chunk, the whole tables, and what is wrong with the curated ones' files."""
    from release import chunks, codelists, joined

    curated, faults = codelists.tables(inputs.descriptor, inputs.curated)
    _, ambiguous = codelists.lookups(inputs.descriptor, curated)
    made = [chunks.load(path, inputs.descriptor) for path in paths]
    tables = joined.join(inputs.descriptor, inputs.ranges, made, curated)
    return made, tables, faults + ambiguous


def _across(
    inputs: _Inputs, paths: Sequence[str], tables: Mapping[str, pa.Table]
) -> list[pa.Table]:
    """What only a look at whole tables shows."""
    import pyarrow as pa

    from release import joined, scratch

    options = inputs.options
    options.progress("validating")
    locator = joined.Locator(
        inputs.work, inputs.sources, inputs.ranges, paths, inputs.workspace.path, options.workers
    )
    found = joined.across(inputs.descriptor, tables, locator)
    across = [scratch.spilled(table) for table in found]
    pa.default_memory_pool().release_unused()
    return across


def _content_of(inputs: _Inputs, names: Sequence[str], answer: Answer) -> Content:
    """What a release has where it was known what would be found."""
    from release import found

    made, tables, _ = _tables(inputs, _paths(inputs, names))
    return _content(inputs, made, tables, found.to_table(answer))


def _content(
    inputs: _Inputs, made: Sequence[Made], tables: Mapping[str, pa.Table], findings: pa.Table
) -> Content:
    import pyarrow as pa

    from release.package import Content

    published = {
        resource.name: _published(resource, tables, findings)
        for resource in inputs.descriptor.resources
    }
    sha256 = pa.chunked_array([one.fronts["sha256"].chunk(0) for one in made], pa.string())
    return Content(inputs.descriptor, published, inputs.sources, sha256, inputs.digests())


def _published(resource: Resource, tables: Mapping[str, pa.Table], findings: pa.Table) -> pa.Table:
    """A table as it is released: sorted by its key, without what only the making needed."""
    from release import found
    from release.columns import arrow_schema

    if resource.is_findings:
        table = found.as_rows(findings, resource.primary_key).select(resource.names)
        return table.cast(arrow_schema(resource.fields))
    if resource.name in tables:
        table = tables[resource.name].select(resource.names)
    else:
        table = arrow_schema(resource.fields).empty_table()
    if resource.rows:
        return table
    return table.sort_by([(name, "ascending") for name in resource.primary_key])


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
