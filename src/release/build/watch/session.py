"""Check a dataset again and again in one process, and tell what became new and what is gone."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from release.build import outcome as outcomes
from release.build.inputs import Options
from release.build.outcome import Outcome
from release.build.watch.events import Places, Watcher, find_places
from release.descriptor.model import Descriptor
from release.errors import ReleaseError
from release.findings.finding import Finding

#: Loads the descriptor and the options of a check; called again only if the descriptor changed.
Load = Callable[[], tuple[Descriptor, Options]]


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

    def is_like(self, other: State | None) -> bool:
        """Return True if another check gave the same."""
        return (
            other is not None
            and (self.problem, self.findings) == (other.problem, other.findings)
            and _count_records(self) == _count_records(other)
        )


def _count_records(state: State) -> int:
    return state.outcome.records if state.outcome is not None else -1


class Session(AbstractContextManager["Session"]):
    """A dataset that is checked whenever it changes.

    Chunks are kept in a folder of the session's own: a cache that is shared with builds would grow with each
    save. Of the first check they are those of that cache.
    """

    def __init__(self, file: Path, load: Load) -> None:
        self._file = file
        self._load = load
        self._text: bytes | None = None
        self._loaded: tuple[Descriptor, Options] | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="release-watch-"))
        self._before: Sequence[Finding] | None = None
        self._is_seeded = False

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def find_places(self) -> Places:
        """Return the folders whose changes may change the result of the check.

        Raises:
            UsageError: Records are behind a URL.
        """
        return find_places(self._file, *(self._loaded or (None, None)))

    def check(self) -> State:
        """Check the dataset as it is now. What cannot be checked is a problem of the state."""
        begin = perf_counter()
        outcome, problem, findings = None, "", list[Finding]()
        try:
            outcome = self._check()
            findings = list(outcome.findings)
        except (ReleaseError, OSError) as error:
            problem = str(error)
        new, gone = (), ()
        if outcome is not None:
            if self._before is not None:
                new, gone = compare(self._before, findings)
            self._before = findings
        return State(outcome, problem, findings, new, gone, perf_counter() - begin)

    def _check(self) -> Outcome:
        """Check the dataset.

        Raises:
            ReleaseError: It cannot be checked.
            OSError: A file cannot be read.
        """
        text = self._file.read_bytes() if self._file.is_file() else None
        if self._loaded is None or text is None or text != self._text:
            self._loaded, self._text = self._load(), text
        descriptor, options = self._loaded
        own = replace(options, cache=self._folder)
        if not self._is_seeded and options.cache is not None:
            outcome = outcomes.check(descriptor, options)
            _copy_used(options.cache, self._folder)
        else:
            outcome = outcomes.check(descriptor, own)
            _remove_unused(self._folder)
        self._is_seeded = True
        return outcome


def compare(
    before: Iterable[Finding], after: Iterable[Finding]
) -> tuple[Sequence[Finding], Sequence[Finding]]:
    """Return the findings that are new, and those that are gone; one that only moved is neither."""
    old, now = _by_cause(before), _by_cause(after)
    counts = {cause: len(found) for cause, found in old.items()}
    new = [each for cause, found in now.items() for each in found[counts.get(cause, 0) :]]
    counts = {cause: len(found) for cause, found in now.items()}
    gone = [each for cause, found in old.items() for each in found[counts.get(cause, 0) :]]
    return new, gone


def _by_cause(findings: Iterable[Finding]) -> dict[Finding, list[Finding]]:
    """Return findings by what is the same of them wherever they stand."""
    found: dict[Finding, list[Finding]] = {}
    for each in findings:
        found.setdefault(replace(each, line=0, column=0), []).append(each)
    return found


def _copy_used(cache: Path, folder: Path) -> None:
    """Copy the files of a cache that the last check used into another one; on one disk only their names."""
    source, target = cache / "chunks", folder / "chunks"
    target.mkdir(exist_ok=True)
    for file in _list_since(source, _time_of(source)):
        with suppress(OSError):  # it is made anew
            try:
                os.link(file, target / file.name)
            except OSError:
                shutil.copyfile(file, target / file.name)
    (target / ".now").touch()


def _remove_unused(folder: Path) -> None:
    """Remove the files of a cache that the last check did not use."""
    chunks = folder / "chunks"
    used = set(_list_since(chunks, _time_of(chunks)))
    for file in chunks.iterdir():
        if file not in used and file.name != ".now":
            file.unlink(missing_ok=True)


def _time_of(chunks: Path) -> int:
    """Return when the last check with a cache began, by the clock of the cache's folder."""
    return (chunks / ".now").stat().st_mtime_ns


def _list_since(chunks: Path, time: int) -> list[Path]:
    """Return the files of a cache that were used since a time."""
    with os.scandir(chunks) as files:
        return [
            Path(file.path)
            for file in files
            if file.stat().st_mtime_ns >= time and not file.name.startswith(".")
        ]


def watch(session: Session) -> Iterator[State]:
    """Yield the state of a dataset, and again whenever it is another one; it ends by an interruption only.

    Raises:
        UsageError: Records are behind a URL.
        ReleaseError: The system watches no more.
    """
    last = session.check()
    yield last
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
