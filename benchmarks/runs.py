"""Run the commands to be measured in turns and collect what each run took."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import goals, inputs, validation
from benchmarks.commands import Abilities, Command, release, script
from benchmarks.measure import FailedError, Measured, run

#: From so many records on, the peer and the stages are measured in `slow_rounds` rounds only.
SLOW = 50_000

#: With more records the peer does not run: it holds them all in memory, and takes an hour for a million.
PEER_MOST = 100_000


@dataclass(frozen=True)
class Case:
    """Something to measure at one size (0: without records): a command, and what surrounds it.

    `before` gives what the dataset is in while the command runs, from the number of the round. `made` is
    what the command makes, set aside before and after it. `most` limits the rounds, `accepted` the exit
    codes.
    """

    size: int
    name: str
    command: Command
    made: tuple[Path, ...] = ()
    before: Callable[[str], AbstractContextManager[object]] = field(default=lambda _: nullcontext())
    most: int = 1_000_000
    accepted: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Settings:
    """What is measured, and how often."""

    sizes: Sequence[int]
    rows: Sequence[int]
    rounds: int
    slow_rounds: int
    large_rounds: int
    start_rounds: int
    dask: bool

    def most(self, size: int, usual: int = 1_000_000) -> int:
        """In how many rounds what is slow is measured."""
        return self.slow_rounds if size >= SLOW else usual


@dataclass
class Bench:
    """One run: its settings, what it found so far, and the notes that a reader must know."""

    settings: Settings
    work: Path
    abilities: Abilities
    runs: dict[tuple[int, str], list[Measured]] = field(default_factory=lambda: defaultdict(list))
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Keep a note, once, and show it."""
        if text not in self.notes:
            self.notes.append(text)
            say(text)

    def measure(self, case: Case, number: int, *, kept: bool = True) -> Measured | None:
        """Run a case once; a failure is a note and no number."""
        self._set_aside(case.made)
        try:
            with case.before(f"{self.work.name} {case.name} {number}"):
                measured = run(case.command, inputs.ROOT, self.abilities.environment, case.accepted)
        except FailedError as error:
            self.note(f"failed: {error}")
            return None
        finally:
            if kept:
                self._set_aside(case.made)
        if kept:
            self.runs[case.size, case.name].append(measured)
            say(f"  {case.size:>7} {case.name:<20} {measured.seconds:8.3f} s")
        return measured

    def _set_aside(self, paths: Sequence[Path]) -> None:
        """Take away what a run made, so that the next one finds nothing of it.

        It is renamed and emptied, and deleted with the folder of the whole run: for a while after thousands
        of files were deleted, ext4 searches among them for each file that is made (`recently_deleted` in
        fs/ext4/ialloc.c), and a build that follows takes seconds longer. No user's build follows another so.
        """
        trash = self.work / "trash"
        trash.mkdir(exist_ok=True)
        for path in paths:
            if path.exists():
                aside = path.rename(trash / str(sum(1 for _ in trash.iterdir())))
                _empty(aside)
        os.sync()  # nor does the next one wait for the disk on account of this one

    # what there is to measure

    def cases(self) -> list[Case]:
        """All cases of all sizes, in the order in which each round takes them."""
        found = [case for size in self.settings.sizes for case in self._cases(size)]
        found += self._validations()
        if self.settings.dask:
            found += self._dask()
        return found

    def _cases(self, size: int) -> Iterator[Case]:
        """The cases of a size; what they rest on is made at once."""
        root = inputs.make(size)
        place = self.work / str(size)
        most = self.settings.most(size)
        out = place / "out"
        if size <= PEER_MOST:
            peer = script("peer", root, out)
            yield Case(size, "peer", peer, (out, place / "out-package.zip"), most=most)
        built = self._build(root, place / "a", place / "cache", "for what rests on a release")
        if built is None:
            return
        yield Case(size, "limits", script("limits", root, built, out), (out,))
        yield from self._builds(size, root, place)
        yield from self._checks(size, root, place)
        yield from self._readers(size, root, place, built)

    def _build(self, root: Path, store: Path, cache: Path, what: str) -> Path | None:
        """A release to measure with, built untimed."""
        case = Case(0, what, self.abilities.build(root, store, cache, 2), (store,))
        if self.measure(case, 0, kept=False) is None:
            return None
        return next(path.parent for path in sorted(store.glob("*/datapackage.json")))

    def _builds(self, size: int, root: Path, place: Path) -> Iterator[Case]:
        out, fresh, cache = place / "out", place / "fresh", place / "cache"
        made, most = (out, fresh), self.settings.most(size, 3)
        for workers in (1, 2):
            if workers > 1 and not self.abilities.has("build", "--workers"):
                self.note("not measured: 2 workers, as `release build` has no --workers")
                continue
            command = self.abilities.build(root, out, fresh, workers)
            yield Case(size, f"cold-{workers}", command, made)
            staged = script("stages", root, out, "--workers", str(workers))
            yield Case(size, f"stages-{workers}", staged, (out,), most=most)
        if not self.abilities.has("build", "--cache"):
            self.note("not measured: builds that are warm or changed, as there is no --cache")
            return
        command = self.abilities.build(root, out, cache, 2)
        yield Case(size, "warm", command, (out,))
        yield Case(size, "one", command, (out,), _changing(root, 1))
        yield Case(size, "percent", command, (out,), _changing(root, max(1, size // 100)))

    def _checks(self, size: int, root: Path, place: Path) -> Iterator[Case]:
        fresh, cache = place / "fresh", place / "cache"
        yield Case(size, "check-cold", self.abilities.check(root, fresh), (fresh,))
        if self.abilities.has("check", "--cache"):
            command = self.abilities.check(root, cache)
            yield Case(size, "check-warm", command)
            yield Case(size, "check-one", command, before=_changing(root, 1))
            changing = _changing(root, max(1, size // 100))
            yield Case(size, "check-percent", command, before=changing)
        else:
            self.note("not measured: checks that are warm or changed, as there is no --cache")

    def _readers(self, size: int, root: Path, place: Path, built: Path) -> Iterator[Case]:
        if "verify" in self.abilities.commands:
            yield Case(size, "verify", self.abilities.verify(built))
        else:
            self.note("not measured: verify, as there is no such command")
        if "diff" not in self.abilities.commands:
            self.note("not measured: diff, as there is no such command")
            return
        with inputs.changed(root, max(1, size // 100), "the other release"):
            other = self._build(root, place / "b", place / "cache", "for diff")
        if other is not None:
            yield Case(size, "diff", self.abilities.diff(built, other), accepted=(0, 1))

    def _validations(self) -> Iterator[Case]:
        small = validation.make(100, inputs.cache_dir() / "scores-100")
        for rows in self.settings.rows:
            folder = validation.make(rows, inputs.cache_dir() / f"scores-{rows}")
            slow = max(1, self.settings.slow_rounds)
            most = slow if rows >= SLOW else self.settings.rounds
            for name, by in [("frictionless", "frictionless"), ("validation", "ours")]:
                command = script("validation", by, folder, small)
                yield Case(0, f"{name}-{rows}", command, most=most)

    def _dask(self) -> Iterator[Case]:
        if not self.abilities.has("build", "--scheduler"):
            self.note("not measured: Dask, as `release build` has no --scheduler")
            return
        for size, build, dask in [
            (2, "startup-build", "startup-dask"),
            (goals.DASK, "cold-2", "dask"),
        ]:
            root, place = inputs.make(size), self.work / f"dask-{size}"
            made = (place / "out", place / "fresh")
            for name, more in [(build, ()), (dask, ("--scheduler", "local"))]:
                command = self.abilities.build(root, *made, 2, *more)
                yield Case(0 if size == 2 else size, name, command, made)

    def starts(self) -> list[Case]:
        """What is little but start-up; measured more often."""
        tiny, cache = inputs.make(2), self.work / "start"
        seeds = self.abilities.check(inputs.ROOT, cache / "seeds", 1)
        return [
            Case(0, "pass", [sys.executable, "-c", "pass"]),
            Case(0, "version", release("--version")),
            Case(0, "check-seeds", seeds),
            Case(0, "startup-check", self.abilities.check(tiny, cache / "tiny")),
        ]

    # the rounds

    def run(self) -> None:
        """Measure all cases in turns: every one once, then every one again."""
        starts = self.starts()
        for case in starts:
            self.measure(case, 0, kept=False)  # what is compiled once is no start-up
        for number in range(self.settings.start_rounds):
            for case in starts:
                self.measure(case, number)
        cases = self.cases()
        for number in range(self.settings.rounds):
            say(f"round {number + 1} of {self.settings.rounds}")
            for case in list(cases):
                if number < self._most(case) and self.measure(case, number) is None:
                    cases.remove(case)  # once failed, it fails again

    def _most(self, case: Case) -> int:
        """In how many rounds a case is run."""
        return min(case.most, self.settings.large_rounds) if case.size >= SLOW else case.most

    def measures(self) -> goals.Measures:
        """What was measured, by size and name; of the scripts, what they measured themselves."""
        series: dict[int, dict[str, goals.Series]] = defaultdict(dict)
        for (size, name), found in self.runs.items():
            if name == "limits":
                for limit in found[0].output["seconds"]:
                    seconds = tuple(measured.output["seconds"][limit] for measured in found)
                    series[size][f"limit-{limit}"] = goals.Series(seconds)
            elif not name.startswith("stages-"):
                memory = tuple(measured.memory for measured in found)
                series[size][name] = goals.Series(tuple(_seconds(m) for m in found), memory)
        return goals.Measures(series)

    def stages(self) -> dict[str, dict[str, float]]:
        """The median seconds of each stage of the peer and of ours: `10000/stages-2`."""
        found = {}
        for (size, name), measured in self.runs.items():
            if name == "peer" or name.startswith("stages-"):
                stages = [m.output["stages"] for m in measured]
                found[f"{size}/{name}"] = {
                    stage: median(run.get(stage, 0.0) for run in stages) for stage in stages[0]
                }
        return found

    def parsers(self) -> dict[str, str]:
        """The fastest parsers, which the limits were measured with."""
        found = [runs for (_, name), runs in self.runs.items() if name == "limits"]
        return dict(found[-1][-1].output["parsers"]) if found else {}


def _seconds(measured: Measured) -> float:
    found = measured.output.get("seconds", {})
    return float(found["validation"]) if "validation" in found else measured.seconds


def _empty(path: Path) -> None:
    """Give back what files take of the disk, but for their names."""
    files = (each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    for file in files:
        os.truncate(file, 0)


def _changing(root: Path, count: int) -> Callable[[str], AbstractContextManager[object]]:
    return lambda nonce: inputs.changed(root, count, nonce)


def say(text: str) -> None:
    """Show progress."""
    print(text, file=sys.stderr, flush=True)
