"""Find all faults of the records, and build their tables when they are asked for.

What was found in just these records before is looked up; all that could find it is loaded only where it is
not known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from release.build import inputs
from release.build.cache import CachedFindings
from release.build.inputs import Inputs, Options
from release.descriptor.load import Descriptor
from release.errors import RefusedError
from release.records.sources import Sources

if TYPE_CHECKING:
    from release.package.write import Content
    from release.tables.findings import FindingList

T = TypeVar("T")

_AS_USUAL = Options()


class Outcome:
    """The outcome of a run: all findings, and the content of a release.

    That is put together when it is asked for.
    """

    def __init__(
        self,
        sources: Sources,
        findings: FindingList | CachedFindings,
        content: Callable[[], Content],
    ) -> None:
        self.sources = sources
        self.findings = findings
        self._content = content

    @property
    def errors(self) -> int:
        """The number of findings that forbid a release."""
        return self.findings.errors

    @cached_property
    def content(self) -> Content:
        """The tables by name and the sources; tables stay in files, which are mapped into memory.

        Raises:
            RefusedError: a record was changed since its findings were told.
        """
        return self._content()


def check(
    descriptor: Descriptor | Path | str,
    options: Options = _AS_USUAL,
    on_idle: Callable[[], object] = lambda: None,
) -> Outcome:
    """Find all that is wrong with a descriptor's records and their tables; nothing is written.

    `on_idle` is called when what is left takes one processor: with the first chunk if no processes build
    chunks, else after the last one; never if the cache has all findings.

    Raises:
        UsageError: a check of the descriptor cannot be run, or a cluster or what is behind a URL cannot be
            used.
        ReleaseError: a process, a cluster or what is behind a URL was lost on the way.
    """
    given = inputs.read(inputs.load_descriptor(descriptor), options)
    given.tell()
    return _tried(given, partial(_outcome, on_idle=on_idle))


def _tried(given: Inputs, act: Callable[[Inputs], T]) -> T:
    """Run a function on the inputs; without the cache if that is full or emptied meanwhile."""
    try:
        return act(given)
    except OSError:
        if given.options.cache is None or given.options.scheduler:
            raise
        return act(given.apart())


def _outcome(given: Inputs, on_idle: Callable[[], object]) -> Outcome:
    names, file_of = given.names(), given.file_of()
    answer = given.answers().find(names, file_of)
    if answer is not None:
        return Outcome(given.sources, answer, partial(_content, given, names, answer))
    many = given.is_for_processes(names)
    if many:
        from release.system import processes

        processes.preload(inputs.LOADED)
    else:
        on_idle()
    from release.build import dataset

    paths = dataset.build_chunks(given, names)
    if many:
        on_idle()
    made = dataset.merge_chunks(given, paths)
    findings: FindingList | CachedFindings | None
    findings = given.answers().find(made.names, file_of)  # a cluster alone knew the names
    if findings is None:
        findings = made.findings()
    return Outcome(given.sources, findings, partial(made.content, findings))


def _content(given: Inputs, names: Sequence[str | None], answer: CachedFindings) -> Content:
    """Return the tables of the records whose stored findings were found.

    Raises:
        RefusedError: a record was changed since.
    """
    from release.build import dataset

    made = _tried(given, lambda some: dataset.merge_chunks(some, dataset.build_chunks(some, names)))
    for name, now, where in zip(names, made.names, given.ranges, strict=True):
        if name != now:
            first, last = (given.sources[at].path for at in (where[0], where[-1]))
            message = "a record was changed while it was read: start again"
            raise RefusedError(f"{first} to {last}: {message}")
    return made.content(answer)
