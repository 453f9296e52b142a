"""Run the whole pipeline: from the records of a descriptor to a release in a store."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from release.build import inputs
from release.build.inputs import Options, Progress
from release.build.outcome import Outcome, check
from release.build.versions import history
from release.descriptor.model import Descriptor
from release.diff.release import Release
from release.findings.errors import RefusedError, naming_full_disk
from release.findings.finding import FindingsError
from release.findings.message import printable
from release.package import write
from release.package.referee import judgement
from release.store import placement
from release.store import target as store_target
from release.system.processes import parallel
from release.tables.sample import sample_tables

__all__ = ["Built", "Options", "Outcome", "Progress", "build", "check"]

_DEFAULTS = Options()

#: The most problems of the referee that a message lists.
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Built:
    """The result of a build: `path` is the release, None if errors forbid it.

    `is_new` is False if the store had that version with the same content. `step` compares it with the version
    before, None if there is none.
    """

    outcome: Outcome
    path: Path | None
    is_new: bool
    step: history.VersionStep | None = None


def build(
    descriptor: Descriptor | Path | str, store: Path | str, options: Options = _DEFAULTS
) -> Built:
    """Build a release into a store; nothing is written there unless the release is complete and right.

    Raises:
        RefusedError: the referee refuses the package, or the version is taken or too small for the
            difference to the one before; another command is writing to the store, its index cannot be read,
            or a record was changed meanwhile.
        UsageError: the descriptor, a check in it, the store, a cluster or a URL cannot be used.
        ReleaseError: a process, a cluster or what is behind a URL was lost.
    """
    descriptor, store = inputs.load_descriptor(descriptor, options), Path(store)
    store_target.check_target(store)  # before the work
    with (
        tempfile.TemporaryDirectory(prefix="release-referee-") as ready,  # outlives the process
        parallel.side_process(options.workers) as submit,
    ):
        submit(judgement.prepare, Path(ready))
        outcome = check(descriptor, options)
        if outcome.errors:
            return Built(outcome, None, is_new=False)
        path, is_new, step = _publish(outcome.content, store, options, submit)
    return Built(outcome, path, is_new, step)


def _publish(
    content: write.Content, store: Path, options: Options, submit: parallel.Submit
) -> tuple[Path, bool, history.VersionStep | None]:
    """Write, judge and place a release; return its path, whether it is new, and its step."""
    with (
        placement.staging(store) as folder,
        write.copying(content, folder, options.workers) as copied,
        _sample(content, options) as (sampled, shown),
    ):
        judged = submit(judgement.judge, sampled) if sampled else None
        options.progress("writing tables")
        tables = write.write_tables(content, folder)
        judged = judged or submit(judgement.judge, folder)
        options.progress("comparing with the version before")
        step = history.record(content, tables.manifest, folder, store)
        options.progress("packing")
        packed = write.write_rest(content, folder, write.Written(tables, copied()), shown)
        options.progress("asking the referee")
        if problems := judged():
            raise RefusedError(_refusal(problems))
        options.progress("publishing")
        with history.advising(content, tables.manifest, folder, store):
            return *placement.place(folder, store, content.descriptor.version, packed), step


@contextmanager
def _sample(
    content: write.Content, options: Options
) -> Iterator[tuple[Path | None, Mapping[str, Any]]]:
    """Write what the referee judges of a large release to a folder; None if it judges the whole.

    The second value says so in buildinfo.json.
    """
    rows = sum(table.num_rows for table in content.tables.values())
    if rows <= options.limits.judged_whole or options.full_referee:
        yield None, {"judged": "the whole", "rows": rows}
        return
    sample = sample_tables(content.tables, content.descriptor, options.limits.judged_sample)
    part = replace(content, tables=sample)
    rows = sum(table.num_rows for table in part.tables.values())
    with tempfile.TemporaryDirectory(prefix="release-sample-") as folder:
        with naming_full_disk(folder):
            write.write_canonical(part, Path(folder))
        yield Path(folder), {"judged": "a sample chosen by key", "rows": rows}


def _refusal(problems: Sequence[str]) -> str:
    """List the problems that the referee found, for a message."""
    lines = [f"  {printable(problem)[:300]}" for problem in problems[:_LISTED]]
    more = [f"  … and {len(problems) - _LISTED} more"] if len(problems) > _LISTED else []
    listed = "\n".join(lines + more)
    return f"frictionless refuses the package, nothing is published:\n{listed}"


@contextmanager
def preview(descriptor: Descriptor, options: Options) -> Iterator[Release]:
    """Make the release that the records of a descriptor would give, with its tables in a temporary folder.

    Raises:
        FindingsError: The records have errors.
        UsageError: a check of the descriptor cannot be run.
    """
    outcome = check(descriptor, options)
    if outcome.errors:
        errors = f"{outcome.errors} error{'' if outcome.errors == 1 else 's'}"
        raise FindingsError(
            (each for each in outcome.findings if each.severity == "error"),
            summary=f"{descriptor.file}: its records have {errors}, so there is nothing to compare: "
            "`release check` shows what is wrong",
        )
    with tempfile.TemporaryDirectory(prefix="release-preview-") as temporary:
        folder = Path(temporary)
        options.progress("writing tables")
        with naming_full_disk(folder):
            tables = write.write_tables(outcome.content, folder)
        yield history.read_content(outcome.content, tables.manifest, folder)
