"""Run the commands to be measured in turns, and collect what each run took."""

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
from benchmarks.commands import Abilities, Command, release_command, script_command
from benchmarks.measure import FailedError, Measured, run

#: The number of records from which the peer and the stages are measured in `slow_rounds` rounds only.
SLOW = 50_000

#: The largest number of records that the peer runs on: it holds all in memory; a million take an hour.
PEER_MOST = 100_000


@dataclass(frozen=True)
class Case:
    """A command to measure at one size, and how to run it.

    Attributes:
        size: The number of records; 0 for a command that reads no generated records.
        name: The name of the measure, such as `cold-2`.
        command: The command line.
        outputs: Paths that the command writes; they are set aside before and after each run.
        context: Takes a text that is different for each run; returns a context manager that is entered
            while the command runs, such as one that changes records.
        max_rounds: The largest number of rounds in which the case is run.
        exit_codes: The exit codes that mean success.
    """

    size: int
    name: str
    command: Command
    outputs: tuple[Path, ...] = ()
    context: Callable[[str], AbstractContextManager[object]] = field(
        default=lambda _: nullcontext()
    )
    max_rounds: int = 1_000_000
    exit_codes: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Settings:
    """The sizes to measure, and the numbers of rounds.

    Attributes:
        sizes: Numbers of records.
        rows: Numbers of rows of the table that validators are measured with.
        rounds: Rounds of every case.
        slow_rounds: Rounds of the peer, the stages and frictionless from SLOW records or rows on.
        large_rounds: Rounds of every case from SLOW records on.
        start_rounds: Rounds of the cases that measure start-up.
        dask: True if Dask is measured too.
    """

    sizes: Sequence[int]
    rows: Sequence[int]
    rounds: int
    slow_rounds: int
    large_rounds: int
    start_rounds: int
    dask: bool

    def limit_rounds(self, size: int, usual: int = 1_000_000) -> int:
        """Return the largest number of rounds for a slow case of a size; `usual` is that below SLOW."""
        return self.slow_rounds if size >= SLOW else usual


@dataclass
class Bench:
    """One run of the benchmark: its settings, the runs measured so far, and notes for the reader."""

    settings: Settings
    work: Path
    abilities: Abilities
    runs: dict[tuple[int, str], list[Measured]] = field(default_factory=lambda: defaultdict(list))
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Keep a note and print it, unless it is already kept."""
        if text not in self.notes:
            self.notes.append(text)
            say(text)

    def measure(self, case: Case, number: int, *, kept: bool = True) -> Measured | None:
        """Run a case once and record the result; a failure is recorded as a note, without a result.

        Args:
            case: The case.
            number: The number of the round.
            kept: False if the run only prepares others: it is not recorded, and its outputs stay.

        Returns:
            What the run took; None if it failed.
        """
        self._set_aside(case.outputs)
        try:
            with case.context(f"{self.work.name} {case.name} {number}"):
                measured = run(
                    case.command, inputs.ROOT, self.abilities.environment, case.exit_codes
                )
        except FailedError as error:
            self.note(f"failed: {error}")
            return None
        finally:
            if kept:
                self._set_aside(case.outputs)
        if kept:
            self.runs[case.size, case.name].append(measured)
            say(f"  {case.size:>7} {case.name:<20} {measured.seconds:8.3f} s")
        return measured

    def _set_aside(self, paths: Sequence[Path]) -> None:
        """Rename and empty the outputs of a run, so that the next run starts without them.

        They are deleted at the end, with the folder of the whole run. After thousands of files are deleted,
        ext4 searches among them for each file that is created, for a while (`recently_deleted` in
        fs/ext4/ialloc.c), and the next build takes seconds longer. Users do not build right after that.
        """
        trash = self.work / "trash"
        trash.mkdir(exist_ok=True)
        for path in paths:
            if path.exists():
                aside = path.rename(trash / str(sum(1 for _ in trash.iterdir())))
                _empty(aside)
        os.sync()  # so that the next run does not wait for this one's writes

    # cases

    def make_cases(self) -> list[Case]:
        """Return the cases of all sizes in the order in which each round runs them; make their inputs."""
        cases = [case for size in self.settings.sizes for case in self._cases_of_size(size)]
        cases += self._validation_cases()
        if self.settings.dask:
            cases += self._dask_cases()
        return cases

    def _cases_of_size(self, size: int) -> Iterator[Case]:
        """Yield the cases of a size; make its records, and the release that verify and diff read."""
        root = inputs.make(size)
        folder = self.work / str(size)
        most = self.settings.limit_rounds(size)
        out = folder / "out"
        if size <= PEER_MOST:
            peer = script_command("peer", root, out)
            yield Case(size, "peer", peer, (out, folder / "out-package.zip"), max_rounds=most)
        purpose = "for limits, verify and diff"
        release = self._build_release(root, folder / "a", folder / "cache", purpose)
        if release is None:
            return
        yield Case(size, "limits", script_command("limits", root, release, out), (out,))
        yield from self._build_cases(size, root, folder)
        yield from self._check_cases(size, root, folder)
        yield from self._verify_and_diff_cases(size, root, folder, release)

    def _build_release(self, root: Path, store: Path, cache: Path, purpose: str) -> Path | None:
        """Build a release without measuring; return its folder, or None if the build failed."""
        case = Case(0, purpose, self.abilities.build_command(root, store, cache, 2), (store,))
        if self.measure(case, 0, kept=False) is None:
            return None
        return next(path.parent for path in sorted(store.glob("*/datapackage.json")))

    def _build_cases(self, size: int, root: Path, folder: Path) -> Iterator[Case]:
        out, fresh, cache = folder / "out", folder / "fresh", folder / "cache"
        outputs, most = (out, fresh), self.settings.limit_rounds(size, 3)
        for workers in (1, 2):
            if workers > 1 and not self.abilities.has_option("build", "--workers"):
                self.note("not measured: 2 workers, as `release build` has no --workers")
                continue
            command = self.abilities.build_command(root, out, fresh, workers)
            yield Case(size, f"cold-{workers}", command, outputs)
            staged = script_command("stages", root, out, "--workers", str(workers))
            yield Case(size, f"stages-{workers}", staged, (out,), max_rounds=most)
        if not self.abilities.has_option("build", "--cache"):
            self.note("not measured: builds that are warm or changed, as there is no --cache")
            return
        command = self.abilities.build_command(root, out, cache, 2)
        yield Case(size, "warm", command, (out,))
        yield Case(size, "one", command, (out,), _change_records(root, 1))
        yield Case(size, "percent", command, (out,), _change_records(root, max(1, size // 100)))

    def _check_cases(self, size: int, root: Path, folder: Path) -> Iterator[Case]:
        fresh, cache = folder / "fresh", folder / "cache"
        yield Case(size, "check-cold", self.abilities.check_command(root, fresh), (fresh,))
        if self.abilities.has_option("check", "--cache"):
            command = self.abilities.check_command(root, cache)
            yield Case(size, "check-warm", command)
            yield Case(size, "check-one", command, context=_change_records(root, 1))
            percent = _change_records(root, max(1, size // 100))
            yield Case(size, "check-percent", command, context=percent)
        else:
            self.note("not measured: checks that are warm or changed, as there is no --cache")

    def _verify_and_diff_cases(
        self, size: int, root: Path, folder: Path, release: Path
    ) -> Iterator[Case]:
        if "verify" in self.abilities.commands:
            yield Case(size, "verify", self.abilities.verify_command(release))
        else:
            self.note("not measured: verify, as there is no such command")
        if "diff" not in self.abilities.commands:
            self.note("not measured: diff, as there is no such command")
            return
        with inputs.change_records(root, max(1, size // 100), "the other release"):
            other = self._build_release(root, folder / "b", folder / "cache", "for diff")
        if other is not None:
            command = self.abilities.diff_command(release, other)
            yield Case(size, "diff", command, exit_codes=(0, 1))

    def _validation_cases(self) -> Iterator[Case]:
        small = validation.make(100, inputs.bench_folder() / "scores-100")
        for rows in self.settings.rows:
            folder = validation.make(rows, inputs.bench_folder() / f"scores-{rows}")
            slow = max(1, self.settings.slow_rounds)
            most = slow if rows >= SLOW else self.settings.rounds
            for name, validator in [("frictionless", "frictionless"), ("validation", "ours")]:
                command = script_command("validation", validator, folder, small)
                yield Case(0, f"{name}-{rows}", command, max_rounds=most)

    def _dask_cases(self) -> Iterator[Case]:
        if not self.abilities.has_option("build", "--scheduler"):
            self.note("not measured: Dask, as `release build` has no --scheduler")
            return
        for size, local, dask in [
            (2, "startup-build", "startup-dask"),
            (goals.DASK, "cold-2", "dask"),
        ]:
            root, folder = inputs.make(size), self.work / f"dask-{size}"
            outputs = (folder / "out", folder / "fresh")
            for name, more in [(local, ()), (dask, ("--scheduler", "local"))]:
                command = self.abilities.build_command(root, *outputs, 2, *more)
                yield Case(0 if size == 2 else size, name, command, outputs)

    def make_start_cases(self) -> list[Case]:
        """Return the cases that measure start-up; they are short and run in more rounds."""
        tiny, cache = inputs.make(2), self.work / "start"
        seeds = self.abilities.check_command(inputs.ROOT, cache / "seeds", 1)
        return [
            Case(0, "pass", [sys.executable, "-c", "pass"]),
            Case(0, "version", release_command("--version")),
            Case(0, "check-seeds", seeds),
            Case(0, "startup-check", self.abilities.check_command(tiny, cache / "tiny")),
        ]

    # rounds

    def run(self) -> None:
        """Run all cases in rounds: every case once, then every case again."""
        starts = self.make_start_cases()
        for case in starts:
            self.measure(case, 0, kept=False)  # compiles modules, which happens only once
        for number in range(self.settings.start_rounds):
            for case in starts:
                self.measure(case, number)
        cases = self.make_cases()
        for number in range(self.settings.rounds):
            say(f"round {number + 1} of {self.settings.rounds}")
            for case in list(cases):
                if number < self._count_rounds(case) and self.measure(case, number) is None:
                    cases.remove(case)  # it would fail again

    def _count_rounds(self, case: Case) -> int:
        """Return the largest number of rounds in which a case is run."""
        if case.size >= SLOW:
            return min(case.max_rounds, self.settings.large_rounds)
        return case.max_rounds

    # results

    def collect_measures(self) -> goals.Measures:
        """Return the series of each measure by size and name; scripts report their own seconds."""
        series: dict[int, dict[str, goals.Series]] = defaultdict(dict)
        for (size, name), runs in self.runs.items():
            if name == "limits":
                for limit in runs[0].output["seconds"]:
                    seconds = tuple(measured.output["seconds"][limit] for measured in runs)
                    series[size][f"limit-{limit}"] = goals.Series(seconds)
            elif not name.startswith("stages-"):
                memory = tuple(measured.memory for measured in runs)
                series[size][name] = goals.Series(tuple(_seconds(m) for m in runs), memory)
        return goals.Measures(series)

    def median_stages(self) -> dict[str, dict[str, float]]:
        """Return the median seconds of each stage of the peer and of ours, keyed as `10000/stages-2`."""
        medians = {}
        for (size, name), runs in self.runs.items():
            if name == "peer" or name.startswith("stages-"):
                stages = [measured.output["stages"] for measured in runs]
                medians[f"{size}/{name}"] = {
                    stage: median(run.get(stage, 0.0) for run in stages) for stage in stages[0]
                }
        return medians

    def fastest_parsers(self) -> dict[str, str]:
        """Return the names of the parsers that the limits were measured with, by syntax."""
        limits = [runs for (_, name), runs in self.runs.items() if name == "limits"]
        return dict(limits[-1][-1].output["parsers"]) if limits else {}


def _seconds(measured: Measured) -> float:
    """Return the seconds that the script reported for validation, else those of the process."""
    reported = measured.output.get("seconds", {})
    return float(reported["validation"]) if "validation" in reported else measured.seconds


def _empty(path: Path) -> None:
    """Truncate a file, or every file of a folder, to free its disk space; the files stay."""
    files = (each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    for file in files:
        os.truncate(file, 0)


def _change_records(root: Path, count: int) -> Callable[[str], AbstractContextManager[object]]:
    return lambda nonce: inputs.change_records(root, count, nonce)


def say(text: str) -> None:
    """Print progress to stderr."""
    print(text, file=sys.stderr, flush=True)
