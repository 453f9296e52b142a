"""What the records give: all that is wrong with them, and their tables when they are asked for.

What was found in just these records before is looked up; all that could find it is loaded only where it is
not known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from release import inputs
from release.cache import Answer
from release.descriptor import Descriptor
from release.inputs import Inputs, Options
from release.sources import Sources

if TYPE_CHECKING:
    from release.found import Found
    from release.package import Content

_AS_USUAL = Options()


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


def check(descriptor: Descriptor, options: Options = _AS_USUAL) -> Outcome:
    """Find all that is wrong with a descriptor's records and their tables; nothing is written.

    Raises:
        UsageError: a check of the descriptor cannot be run.
    """
    given = inputs.read(descriptor, options)
    given.tell()
    names, file_of = given.names(), given.file_of()
    answer = given.answers().find(names, file_of)
    if answer is not None:
        return Outcome(given.sources, answer, partial(_content, given, names, answer))
    if given.is_for_processes(names):
        from release import processes

        processes.prepare()
    from release import whole

    made = whole.make(given, names)
    findings: Found | Answer | None
    findings = given.answers().find(made.names, file_of)  # a cluster alone knew the names
    if findings is None:
        findings = made.findings()
    return Outcome(given.sources, findings, partial(made.content, findings))


def _content(given: Inputs, names: Sequence[str | None], answer: Answer) -> Content:
    from release import whole

    return whole.make(given, names).content(answer)
