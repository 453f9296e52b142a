"""The whole pipeline: a descriptor's records -> tables and findings -> a release in a store."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from release import engine, history, package, publish, referee, sample
from release.descriptor import Descriptor
from release.errors import RefusedError
from release.findings import printable
from release.inputs import Options, Progress
from release.outcome import Outcome, check

__all__ = ["Built", "Options", "Outcome", "Progress", "build", "check"]

_AS_USUAL = Options()

#: So much of what the referee says is told.
_TOLD = 20


@dataclass(frozen=True, slots=True)
class Built:
    """A build: what was made and where it stands; no place where an error forbade it.

    `step` is the difference to the version before, if there is one.
    """

    outcome: Outcome
    path: Path | None
    is_new: bool
    step: history.Step | None = None


def build(descriptor: Descriptor, store: Path, options: Options = _AS_USUAL) -> Built:
    """Build a release into a store; nothing is written there unless it is whole and right.

    Raises:
        RefusedError: the referee does not accept the package, the version is taken, or it is smaller
            than what differs from the version before calls for.
        UsageError: a check of the descriptor cannot be run.
    """
    outcome = check(descriptor, options)
    if outcome.errors:
        return Built(outcome, None, is_new=False)
    content = outcome.content
    with publish.staging(store) as folder, package.copying(content, folder) as copied:
        options.progress("writing tables")
        package.write_tables(content, folder)
        options.progress("comparing with the version before")
        release = history.of_content(content, folder)
        step = history.record(release, folder, store)
        with _judging(content, folder, options) as judgement:
            options.progress("packing")
            package.write_rest(content, folder, copied(), judgement.shown)
            options.progress("asking the referee")
            problems = judgement.problems()
        if problems:
            raise RefusedError(_refusal(problems))
        options.progress("publishing")
        with history.advised(release, store):
            path, is_new = publish.place(folder, store, descriptor.version)
    return Built(outcome, path, is_new, step)


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What the referee is shown, and how to hear what it says."""

    shown: Mapping[str, Any]
    problems: Callable[[], list[str]]


@contextmanager
def _judging(content: package.Content, folder: Path, options: Options) -> Iterator[_Judgement]:
    """Let the referee judge a package, beside other work where there are processors for it."""
    rows = sum(table.num_rows for table in content.tables.values())
    with tempfile.TemporaryDirectory(prefix="release-sample-") as other:
        if rows > sample.WHOLE and not options.full_referee:
            part = replace(content, tables=sample.sample(content.tables, content.descriptor))
            rows = sum(table.num_rows for table in part.tables.values())
            folder = Path(other)
            package.write_tables(part, folder)
            shown: dict[str, Any] = {"judged": "a sample chosen by key", "rows": rows}
        else:
            shown = {"judged": "the whole", "rows": rows}
        if options.workers > 1 and rows > sample.ROWS // 2:
            with engine.beside(referee.judge, folder) as result:
                yield _Judgement(shown, result)
        else:
            yield _Judgement(shown, lambda: referee.judge(folder))


def _refusal(problems: Sequence[str]) -> str:
    told = [f"  {printable(problem)[:300]}" for problem in problems[:_TOLD]]
    more = [f"  … and {len(problems) - _TOLD} more"] if len(problems) > _TOLD else []
    listed = "\n".join(told + more)
    return f"frictionless refuses the package, nothing is published:\n{listed}"
