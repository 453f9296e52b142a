"""Find all faults of the records, and build their tables when they are asked for.

The findings of unchanged records are a cache hit. All that could find them is loaded only at a cache miss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from release.build import inputs
from release.build.cache import CachedFindings
from release.build.inputs import Inputs, Options
from release.descriptor.model import Descriptor
from release.findings.errors import RefusedError
from release.records.files.sources import Sources

if TYPE_CHECKING:
    from release.build.dataset import Dataset
    from release.package.write import Content
    from release.tables.findings import FindingList

T = TypeVar("T")

_DEFAULTS = Options()


class Outcome:
    """The findings about a snapshot of the records, their number, and the content of a release of it."""

    def __init__(
        self,
        sources: Sources,
        findings: FindingList | CachedFindings,
        content: Callable[[], Content],
        records: int,
    ) -> None:
        self.sources = sources
        self.records = records
        self.findings = findings
        self._content = content

    @property
    def errors(self) -> int:
        """The number of findings that forbid a release."""
        return self.findings.errors

    @property
    def warnings(self) -> int:
        """The number of findings that are doubts."""
        return len(self.findings) - self.findings.errors - self.findings.notes

    @cached_property
    def content(self) -> Content:
        """The tables by name and the sources, built when they are asked for; tables stay in mapped files.

        Raises:
            RefusedError: a record was changed since it was checked.
        """
        return self._content()


def check(descriptor: Descriptor | Path | str, options: Options = _DEFAULTS) -> Outcome:
    """Find all faults of the records of a descriptor and of their tables; nothing is written.

    Raises:
        UsageError: the descriptor, a check in it, a cluster or a URL cannot be used.
        ReleaseError: a process, a cluster or what is behind a URL was lost.
    """
    given = inputs.read(inputs.load_descriptor(descriptor, options), options)
    given.report_progress()
    return _run_with_cache(given, _find_outcome)


def _run_with_cache(given: Inputs, act: Callable[[Inputs], T]) -> T:
    """Run a function on the inputs; once more without the cache if that is full, or emptied meanwhile."""
    try:
        return act(given)
    except OSError:
        if given.options.cache is None or given.options.scheduler:
            raise
        return act(given.without_cache())


def _find_outcome(given: Inputs) -> Outcome:
    """Look up the findings in the cache, or find them."""
    keys, file_of = given.read_cache_keys(), given.file_of()
    hit = given.findings_cache().find(keys, file_of)
    if hit is not None:
        return Outcome(given.sources, hit, partial(_make_content, given, keys, hit), hit.records)
    if given.needs_processes(keys):
        from release.system.processes import forkserver

        forkserver.preload(inputs.PRELOADED)
    from release.build import dataset

    paths = dataset.build_chunks(given, keys)
    merged = dataset.merge_chunks(given, paths)
    findings: FindingList | CachedFindings | None
    findings = given.findings_cache().find(merged.keys, file_of)  # with a cluster the keys are new
    if findings is None:
        findings = merged.find_all()
    content = partial(merged.make_content, findings)
    return Outcome(given.sources, findings, content, merged.records)


def _make_content(given: Inputs, keys: Sequence[str | None], findings: CachedFindings) -> Content:
    """Build the tables of just the records whose findings were looked up.

    Raises:
        RefusedError: a record was changed since.
    """
    from release.build import dataset

    def merge(some: Inputs) -> Dataset:
        return dataset.merge_chunks(some, dataset.build_chunks(some, keys))

    merged = _run_with_cache(given, merge)
    for key, now, span in zip(keys, merged.keys, given.ranges, strict=True):
        if key != now:
            first, last = (given.sources[at].path for at in (span.where[0], span.where[-1]))
            message = "a record was changed while it was read: start again"
            raise RefusedError(f"{first} to {last}: {message}")
    return merged.make_content(findings)
