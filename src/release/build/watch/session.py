"""Check a dataset again and again in one process, and tell what became new and what is gone."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from release.build import outcome as outcomes
from release.build.cache import CachedFindings
from release.build.inputs import Options
from release.build.outcome import Outcome
from release.build.watch.events import Places, Watcher, find_places
from release.descriptor.model import Descriptor
from release.findings.errors import ReleaseError
from release.findings.finding import Finding

#: Loads the descriptor and the options of a check; called again only if the descriptor changed.
Load = Callable[[], tuple[Descriptor, Options]]

#: The number of records in a chunk, if there are at most so many records: of what changes, fewer records are
#: read again. Many small chunks take longer to merge.
_SMALL_CHUNKS = {2_000: 32, 20_000: 256}

#: From so many findings of one rule on, what is reported may depend on the size of chunks.
_MANY = 500


@dataclass(frozen=True, slots=True)
class State:
    """The result of one check: the outcome, or the problem that left none.

    `new` and `gone` are the findings that the last outcome had not, and those that only it had, wherever they
    stand in a file. `seconds` is what the check took.
    """

    outcome: Outcome | None
    problem: str
    findings: Sequence[Finding]
    new: Sequence[Finding]
    gone: Sequence[Finding]
    seconds: float

    @property
    def records(self) -> int:
        """The number of records; -1 if they could not be checked."""
        return self.outcome.records if self.outcome is not None else -1

    def is_like(self, other: State) -> bool:
        """Return True if another check gave the same."""
        return (self.problem, self.records) == (other.problem, other.records) and (
            self.findings == other.findings
        )


class Session(AbstractContextManager["Session"]):
    """A dataset that is checked whenever it changes, by its descriptor's file and what loads that.

    Chunks are kept in a folder of the session's own: a cache that is shared with builds would grow with each
    save.
    """

    def __init__(self, file: Path, load: Load) -> None:
        self._file = file
        self._load = load
        self._text: bytes | None = None
        self._loaded: tuple[Descriptor, Options] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="release-watch-"))
        self._before: dict[object, list[Finding]] | None = None
        self._records: int | None = None
        self._has_many = False
        self._databases = ExitStack()

    def __exit__(self, *_: object) -> None:
        self._databases.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def prepare(self) -> None:
        """Load what a check needs after a change; a check of what the cache has all of needs less."""
        from release.build import dataset  # noqa: F401
        from release.tables.sql import keep_databases

        self._databases.enter_context(keep_databases())

    def find_places(self) -> Places:
        """Return the folders whose changes may change the result of the check.

        Raises:
            UsageError: Records are behind a URL.
        """
        return find_places(self._file, *(self._loaded or (None, None)))

    def check(self) -> State:
        """Check the dataset as it is now. What cannot be checked is a problem of the state."""
        begin = perf_counter()
        outcome, problem = None, ""
        findings: Sequence[Finding] = ()
        new: Sequence[Finding] = ()
        gone: Sequence[Finding] = ()
        try:
            outcome, findings = self._check()
        except (ReleaseError, OSError) as error:
            problem = str(error)
        else:
            now = _group_by_cause(findings)
            if self._before is not None:
                new, gone = _list_more(now, self._before), _list_more(self._before, now)
            self._before = now
        return State(outcome, problem, findings, new, gone, perf_counter() - begin)

    def _check(self) -> tuple[Outcome, Sequence[Finding]]:
        """Check the dataset; return the outcome and its findings.

        Raises:
            ReleaseError: It cannot be checked.
            OSError: A file cannot be read.
        """
        text = self._file.read_bytes() if self._file.is_file() else None
        if self._loaded is None or text is None or text != self._text:
            self._loaded, self._text = None, None
            self._loaded, self._text = self._load(), text
        descriptor, options = self._loaded
        if self._records is None and options.cache is not None:  # the user's cache may have all
            outcome = outcomes.check(descriptor, options)
            _copy_used(options.cache, self.folder)
            self._records = outcome.records
            return outcome, list(outcome.findings)
        outcome = outcomes.check(descriptor, self._make_options(options))
        findings = list(outcome.findings)
        if not self._has_many and _has_many(findings):
            self._has_many = True
            outcome = outcomes.check(descriptor, self._make_options(options))
            findings = list(outcome.findings)
        self._records = outcome.records
        if not isinstance(outcome.findings, CachedFindings):  # else the chunks were not looked at
            _remove_unused(self.folder)
        return outcome, findings

    def _make_options(self, options: Options) -> Options:
        """Return options with the folder of the session, and with the size of its chunks."""
        options = replace(options, cache=self.folder)
        if self._has_many or self._records is None:
            return options
        for most, size in _SMALL_CHUNKS.items():
            if self._records <= most:
                limits = replace(options.limits, chunk=min(size, options.limits.chunk))
                return replace(options, limits=limits)
        return options


def _has_many(findings: Sequence[Finding]) -> bool:
    """Return True if so many findings are of one rule that their number may be reported by chunk."""
    counts = Counter(each.rule for each in findings)
    return any(number >= _MANY for number in counts.values()) or any(
        each.path.startswith("data/") for each in findings
    )


def _group_by_cause(findings: Iterable[Finding]) -> dict[object, list[Finding]]:
    """Return findings by what is the same of them wherever they stand in a file."""
    found: dict[object, list[Finding]] = {}
    for each in findings:
        cause = each.rule, each.path, each.message, each.table, each.field, each.key, each.severity
        found.setdefault(cause, []).append(each)
    return found


def _list_more(
    these: Mapping[object, list[Finding]], others: Mapping[object, list[Finding]]
) -> list[Finding]:
    """Return the findings that are more than others of the same cause."""
    return [each for cause, found in these.items() for each in found[len(others.get(cause, ())) :]]


def _copy_used(cache: Path, folder: Path) -> None:
    """Copy the files of a cache that the last check used into another one; on one disk only their names."""
    source, target = cache / "chunks", folder / "chunks"
    target.mkdir(exist_ok=True)
    for file in _list_used(source):
        with suppress(OSError):  # it is made anew
            try:
                os.link(file, target / file.name)
            except OSError:
                shutil.copyfile(file, target / file.name)
    (target / ".now").touch()


def _remove_unused(folder: Path) -> None:
    """Remove the files of a cache that the last check did not use."""
    chunks = folder / "chunks"
    used = set(_list_used(chunks))
    for file in chunks.iterdir():
        if file not in used and file.name != ".now":
            file.unlink(missing_ok=True)


def _list_used(chunks: Path) -> list[Path]:
    """Return the files of a cache that the last check used: which began, by its clock, when `.now` says."""
    begin = (chunks / ".now").stat().st_mtime_ns
    with os.scandir(chunks) as files:
        return [
            Path(file.path)
            for file in files
            if file.stat().st_mtime_ns >= begin and not file.name.startswith(".")
        ]


def watch(session: Session) -> Iterator[State]:
    """Yield the state of a dataset, and again whenever it is another one; it ends by an interruption only.

    Raises:
        UsageError: Records are behind a URL.
        ReleaseError: The system watches no more.
    """
    last = session.check()
    yield last
    session.prepare()
    while True:
        with Watcher(session.find_places()) as watcher:
            is_watched, again = True, True
            while is_watched and session.find_places() == watcher.places:
                # what changed before the folders were watched is found once all is quiet
                again = not (again and watcher.is_quiet())
                is_watched = watcher.wait() if again else True
                state = session.check()
                if not state.is_like(last):
                    yield state
                last = state
