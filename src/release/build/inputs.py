"""Read the inputs of a check or a build: a snapshot of the files, and the options."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from release.build import cache
from release.build.cache import Answers
from release.build.chunks import fingerprint
from release.build.chunks.fingerprint import Work
from release.descriptor.load import Descriptor, load
from release.findings import Finding
from release.limits import LIMITS, Limits
from release.records import discover
from release.records.sources import Sources
from release.syntax.paths import FilePattern

#: What processes that make chunks need; pyarrow loads the last two with the first table that it groups.
LOADED = ("release.build.chunks.locate", "pyarrow.acero", "numpy.ma")

#: To start processes takes longer than to make so many chunks.
FEW = 2


class Progress(Protocol):
    """Called with what is being done, and how much of how much is done where that is known."""

    def __call__(self, what: str, done: int = 0, total: int = 0, /) -> None:
        """Show it on a terminal."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a run, none of which changes a byte of a release.

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
    limits: Limits = LIMITS


class Workspace:
    """A folder for what is made on the way.

    It is the cache's where there is one; else it goes when nothing refers to it any more.
    """

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            chunks = cache.chunk_folder(folder)
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
    """The inputs of a run: `curated` has the files of the curated tables, by name of the table.

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

    def apart(self) -> Inputs:
        """Return the same inputs without a cache."""
        options = replace(self.options, cache=None)
        return replace(self, options=options, workspace=Workspace(None))

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of the files of curated tables, by path."""
        return {
            self.descriptor.resource(name).path: hashlib.sha256(data).hexdigest()
            for name, data in self.curated.items()
        }

    def answers(self) -> Answers:
        """Return the stored findings."""
        digests = self.digests() if self.options.cache is not None else {}
        return Answers(self.options.cache, self.work, digests, self.noticed)

    def file_of(self) -> Callable[[str], str]:
        """Return a function that gives the file that was read for a path in the release."""

        @lru_cache(maxsize=1)
        def gathered() -> dict[str, str]:
            curated = (self.descriptor.resource(name).path for name in self.curated)
            return (
                {"datapackage.yaml": str(self.descriptor.file)}
                | {finding.path: finding.file for finding in self.noticed}
                | {path: str(self.descriptor.root / path) for path in curated}
                | self.sources.files()
            )

        return lambda path: gathered().get(path, "")

    def names(self) -> list[str | None]:
        """Return the cache keys of the chunks, as far as it is worth to look them up.

        Where more than a few are not, those who make them will look at the rest.
        """
        names: list[str | None] = [None] * len(self.ranges)
        folder, digest = Path(self.workspace.path), self.work.digest()
        if self.options.scheduler or not any(folder.glob("*.chunk")):
            return names
        missing = 0
        for number, where in enumerate(self.ranges):
            names[number] = name = fingerprint.name(digest, self.sources, where)
            missing += not (folder / name).exists()
            if missing > FEW:
                break
        return names

    def is_for_processes(self, names: Sequence[str | None]) -> bool:
        """Return whether processes will build the chunks: there are many, and few are cached."""
        options = self.options
        return options.workers > 1 and not options.scheduler and names.count(None) > FEW

    def tell(self, done: int = 0, total: int = 0) -> None:
        """Tell that records are read, and how many chunks of how many are done."""
        self.options.progress(f"reading {len(self.sources):,} records", done, total)


def load_descriptor(descriptor: Descriptor | Path | str) -> Descriptor:
    """Load a descriptor by the path of its file; one that is loaded is returned as it is.

    Raises:
        UsageError: it cannot be read, or is not right.
    """
    return descriptor if isinstance(descriptor, Descriptor) else load(Path(descriptor))


def read(descriptor: Descriptor, options: Options) -> Inputs:
    """Read the inputs of a descriptor: find its records, and read the files of curated tables."""
    curated, noticed = discover.read_curated(descriptor)
    found, faults = discover.find_records(descriptor, options.elsewhere, options.limits)
    ranges = fingerprint.cut(found, descriptor, options.limits.chunk)
    work = fingerprint.work(descriptor, curated, options.limits)
    workspace = Workspace(options.cache)
    return Inputs(descriptor, options, curated, found, noticed + faults, ranges, work, workspace)
