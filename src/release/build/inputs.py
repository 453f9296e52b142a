"""Read the inputs of a check or a build: the descriptor, the list of records, the files of curated tables."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from release.build import cache
from release.build.cache import FindingsCache
from release.build.chunks import fingerprint
from release.build.chunks.fingerprint import BuildContext, ChunkSpan
from release.descriptor.load import load
from release.descriptor.model import Descriptor
from release.findings.finding import Finding
from release.records.files import discover, table_files
from release.records.files.sources import Sources
from release.syntax.file_patterns import FilePattern
from release.system.limits import LIMITS, Limits

#: The modules that processes import first. pyarrow would import the last two with the first table it groups.
PRELOADED = ("release.build.chunks.location_query", "pyarrow.acero", "numpy.ma")

#: The number of chunks that take less time than starting processes.
FEW = 2


class Progress(Protocol):
    """A function that is called with what is being done, and how many chunks of how many are done."""

    def __call__(self, what: str, done: int = 0, total: int = 0, /) -> None:
        """Show the progress."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a check or a build; none changes a byte of a release, except `limits.part_rows`.

    `elsewhere` has other patterns for the files of a kind of record. `workers` is the number of processes.
    The referee judges a sample of a large release, unless `full_referee`. `cache` is a folder that keeps
    results for later builds. `scheduler` is the address of a Dask scheduler, or `local`: its workers read
    records in place of processes, and write to `scratch`. `progress` is called with what is being done.
    With `follow_links` files of the dataset may be links that lead out of its folder. `is_rebuild` is for the
    `source/` of a release, which lacks the records that are left out: patches may name records that it lacks.
    """

    elsewhere: Mapping[str, FilePattern] | None = None
    workers: int = 1
    full_referee: bool = False
    cache: Path | None = None
    progress: Progress = lambda *_: None
    scheduler: str = ""
    scratch: str = ""
    limits: Limits = LIMITS
    follow_links: bool = False
    is_rebuild: bool = False


class Workspace:
    """A folder for the files of chunks: that of the cache, or a temporary one.

    A temporary folder is removed when nothing refers to this object any more.
    """

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            chunks = cache.make_chunk_folder(folder)
            cache.remove_old(chunks)
            self.path = str(chunks)
        else:
            import shutil
            import tempfile
            import weakref

            self.path = tempfile.mkdtemp(prefix="release-")
            weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The snapshot of a check or build, and its options.

    `curated` are the files of curated tables, by table; `licence` is that of LICENSE, None if there is none.
    `noticed` are the findings about files, from before any was read as a record. `ranges` are the chunks, by
    positions in `sources`.
    """

    descriptor: Descriptor
    options: Options
    curated: Mapping[str, bytes]
    licence: bytes | None
    sources: Sources
    noticed: Sequence[Finding]
    ranges: Sequence[ChunkSpan]
    context: BuildContext
    workspace: Workspace

    def without_cache(self) -> Inputs:
        """Return the same inputs without a cache."""
        options = replace(self.options, cache=None)
        return replace(self, options=options, workspace=Workspace(None))

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of the files of curated tables and of the patches, by path."""
        path, text = self.context.patches
        return {
            self.descriptor.resource(name).path: hashlib.sha256(data).hexdigest()
            for name, data in self.curated.items()
        } | ({path: hashlib.sha256(text.encode()).hexdigest()} if text else {})

    def findings_cache(self) -> FindingsCache:
        """Return the cache of findings for these inputs."""
        digests = self.digests() if self.options.cache is not None else {}
        return FindingsCache(self.options.cache, self.context, digests, self.noticed)

    def file_of(self) -> Callable[[str], str]:
        """Return a function from the path of a file in a release to the file that was read, empty if none."""

        @lru_cache(maxsize=1)
        def gathered() -> dict[str, str]:
            curated = (self.descriptor.resource(name).path for name in self.curated)
            return (
                {"datapackage.yaml": str(self.descriptor.file)}
                | {finding.path: finding.file for finding in self.noticed}
                | {path: str(self.descriptor.root / path) for path in curated}
                | {path: str(self.descriptor.root / path) for path in (self.context.patches[0],)}
                | self.sources.files()
            )

        return lambda path: gathered().get(path, "")

    def read_cache_keys(self) -> list[str | None]:
        """Read records and return the cache keys of their chunks, None for each that was not read.

        After more than a few cache misses the processes that build the chunks read the rest.
        """
        keys: list[str | None] = [None] * len(self.ranges)
        folder, build = Path(self.workspace.path), self.context.fingerprint()
        if self.options.scheduler or not any(folder.glob("*.chunk")):
            return keys
        missing, patches = 0, self.context.read_patches()
        for number, span in enumerate(self.ranges):
            kind = self.descriptor.kind(self.sources[span.where.start].kind)
            most = fingerprint.most_bytes(kind)
            key = fingerprint.read_cache_key(build, self.sources, span, patches, most)
            keys[number] = key
            missing += not (folder / key).exists()
            if missing > FEW:
                break
        return keys

    def needs_processes(self, keys: Sequence[str | None]) -> bool:
        """Return True if chunks are many, and so many keys unknown, that processes will build them."""
        options = self.options
        return options.workers > 1 and not options.scheduler and keys.count(None) > FEW

    def report_progress(self, done: int = 0, total: int = 0) -> None:
        """Report that records are read, and how many chunks of how many are done."""
        self.options.progress(f"reading {len(self.sources):,} records", done, total)


def load_descriptor(descriptor: Descriptor | Path | str, options: Options) -> Descriptor:
    """Load a descriptor from its file; one that is loaded is returned as it is.

    Raises:
        UsageError: it cannot be read, or is not right.
    """
    if isinstance(descriptor, Descriptor):
        return descriptor
    return load(Path(descriptor), follow_links=options.follow_links)


def read(descriptor: Descriptor, options: Options) -> Inputs:
    """Find the records of a descriptor, read the files of curated tables, and cut the records into chunks.

    Raises:
        UsageError: The file with patches cannot be used, or records behind a URL cannot be listed.
    """
    follow = options.follow_links
    curated, noticed = table_files.read_curated(descriptor, follow_links=follow)
    licence, of_licence = table_files.read_licence(descriptor, follow_links=follow)
    text, of_patches = "", list[Finding]()
    if descriptor.patches:
        text, of_patches = table_files.read_patches(descriptor, follow_links=follow)
    context = fingerprint.make_context(descriptor, curated, options.limits, text)
    patches = context.read_patches()
    if patches is not None and options.is_rebuild:
        patches = replace(patches, is_of_release=True)
    found, faults = discover.find_records(
        descriptor, options.elsewhere, options.limits, follow_links=follow, patches=patches
    )
    ranges = fingerprint.cut_chunks(found, descriptor, options.limits, patches)
    workspace = Workspace(options.cache)
    noticed = [*noticed, *of_licence, *of_patches, *faults]
    return Inputs(descriptor, options, curated, licence, found, noticed, ranges, context, workspace)
