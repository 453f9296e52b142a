"""Compute the ratios of a run, and compare them with the goals and with the last run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

#: The numbers of records for which the goals are stated.
SMALL, MIDDLE, LARGE, DASK = 260, 10_000, 100_000, 50_000

#: Two ratios count as the same if they differ by no more than this share.
TOLERANCE = 0.15


class MissingError(Exception):
    """The lack of a measure; the message names it."""


@dataclass(frozen=True, slots=True)
class Series:
    """The runs of one measure at one size: seconds, and peak bytes unless only seconds were measured."""

    seconds: tuple[float, ...]
    memory: tuple[int, ...] = ()

    @property
    def median(self) -> float:
        """The median in seconds."""
        return median(self.seconds)

    @property
    def peak(self) -> float:
        """The median of the peak memory, in bytes."""
        return median(self.memory)


@dataclass(frozen=True, slots=True)
class Measures:
    """All series of a run, by number of records (0 for commands without generated records) and by name."""

    series: Mapping[int, Mapping[str, Series]]

    def get(self, size: int, *names: str) -> Series:
        """Return the first of the named series that exists at a size.

        Raises:
            MissingError: No series of these names exists.
        """
        for name in names:
            if name in self.series.get(size, {}):
                return self.series[size][name]
        raise MissingError(f"no {names[0]} at {size:,} records" if size else f"no {names[0]}")

    def middle_size(self) -> int:
        """Return the largest size up to MIDDLE.

        Raises:
            MissingError: All sizes are above MIDDLE.
        """
        sizes = [size for size in self.series if 0 < size <= MIDDLE]
        if not sizes:
            raise MissingError(f"no size up to {MIDDLE:,} records")
        return max(sizes)


# ratios

#: The labels of our measures, which are compared with the peer and the limits, by name.
OURS = {
    "cold-1": "cold build, 1 worker",
    "cold-2": "cold build, 2 workers",
    "warm": "build, nothing changed",
    "one": "build, one record changed",
    "percent": "build, 1 % changed",
    "check-cold": "check, cold",
    "check-warm": "check, nothing changed",
    "check-one": "check, one record changed",
    "check-percent": "check, 1 % changed",
    "verify": "verify",
    "diff": "diff, 1 % changed",
}
#: The labels of the limits, by name.
LIMITS = {
    "limit-hash": "read and hash the records",
    "limit-parse-1": "parse them, 1 process",
    "limit-parse-2": "parse them, 2 processes",
    "limit-parquet": "write the tables as Parquet",
    "limit-verify": "hash a release, read its tables",
}


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of medians, and the smallest and largest ratio of two runs of the same round."""

    value: float
    low: float
    high: float

    @staticmethod
    def of(over: Sequence[float], under: Sequence[float]) -> Ratio:
        """Return the ratio of two series, whose runs are in the order of rounds."""
        paired = [one / other for one, other in zip(over, under, strict=False)]
        return Ratio(median(over) / median(under), min(paired), max(paired))


def sum_limits(measures: Measures, size: int) -> tuple[float, ...]:
    """Return the sum of the limits in each round: hash, parse split over two processes, write Parquet.

    Raises:
        MissingError: A limit was not measured at this size.
    """
    parts = [measures.get(size, f"limit-{name}").seconds for name in ("hash", "parse-2", "parquet")]
    return tuple(sum(seconds) for seconds in zip(*parts, strict=True))


def compute_ratios(measures: Measures) -> dict[str, Ratio]:
    """Return our seconds divided by those of the peer and of the limits, keyed as `10000/cold-2/peer`.

    Smaller is better.
    """
    ratios = {}
    for size, name, series in _our_measures(measures):
        for against, seconds in _references(measures, size, name):
            ratios[f"{size}/{name}/{against}"] = Ratio.of(series.seconds, seconds)
    return ratios


def _our_measures(measures: Measures) -> Iterator[tuple[int, str, Series]]:
    for size, by_name in sorted(measures.series.items()):
        yield from ((size, name, by_name[name]) for name in OURS if size and name in by_name)


def _references(
    measures: Measures, size: int, name: str
) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Yield the name and the seconds of each reference that a measure of ours is divided by."""
    others: dict[str, Callable[[], tuple[float, ...]]] = {
        "peer": lambda: measures.get(size, "peer").seconds,
        "limit": lambda: sum_limits(measures, size),
    }
    if name == "verify":
        others = {"limit": lambda: measures.get(size, "limit-verify").seconds}
    for against, seconds in others.items():
        try:
            yield against, seconds()
        except MissingError:
            continue


@dataclass(frozen=True, slots=True)
class Change:
    """A ratio of this run and that of the last committed run."""

    name: str
    before: float
    now: Ratio

    @property
    def verdict(self) -> str:
        """The text `same`, or the factor by which the ratio is better or worse; noise counts as `same`."""
        factor = self.now.value / self.before
        within = self.now.low <= self.before <= self.now.high
        if within or abs(factor - 1) <= TOLERANCE:
            return "same"
        return f"{factor:.2f} times: {'worse' if factor > 1 else 'better'}"


def compare_ratios(now: Mapping[str, Ratio], before: Mapping[str, float]) -> list[Change]:
    """Return the change of each ratio that both runs have."""
    return [Change(name, before[name], ratio) for name, ratio in now.items() if name in before]


# goals


@dataclass(frozen=True, slots=True)
class Goal:
    """An upper bound of a ratio (a lower one if `at_least`), and the size for which it is stated."""

    name: str
    bound: float
    compute: Callable[[Measures], float]
    at_least: bool = False
    size: int = MIDDLE


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal and its measured ratio, which is None if a measure is missing; `why` names it."""

    goal: Goal
    value: float | None
    why: str = ""

    @property
    def met(self) -> bool:
        """True if the goal is reached."""
        return self.value is not None and self._missed_by(self.value) <= 1

    def __str__(self) -> str:
        if self.value is None:
            return f"not measured: {self.why}"
        text = "met" if self.met else f"missed by {self._missed_by(self.value):.2f} times"
        return f"{text} ({self.why})" if self.why else text

    def _missed_by(self, value: float) -> float:
        if value <= 0:  # start-up took longer than the whole: no time is left for the work
            return float("inf") if self.goal.at_least else 0.0
        return self.goal.bound / value if self.goal.at_least else value / self.goal.bound


def _seconds(m: Measures, size: int, *names: str) -> float:
    return m.get(size, *names).median


def _cold(m: Measures, size: int) -> Series:
    return m.get(size, "cold-2", "cold-1")


def _growth(m: Measures) -> float:
    return _cold(m, LARGE).median / _cold(m, MIDDLE).median


def _check_over_hash(m: Measures) -> float:
    work = _seconds(m, m.middle_size(), "check-warm") - _seconds(m, 0, "startup-check")
    return work / _seconds(m, m.middle_size(), "limit-hash")


def _check_one_over_cold(m: Measures) -> float:
    size = m.middle_size()
    return _seconds(m, size, "check-one") / _seconds(m, size, "check-cold")


def _validation(rows: int) -> Callable[[Measures], float]:
    names = f"frictionless-{rows}", f"validation-{rows}"
    return lambda m: _seconds(m, 0, names[0]) / _seconds(m, 0, names[1])


def _dask(m: Measures) -> float:
    remote = _seconds(m, DASK, "dask") - _seconds(m, 0, "startup-dask")
    return remote / (_seconds(m, DASK, "cold-2") - _seconds(m, 0, "startup-build"))


GOALS = (
    Goal(
        "cold build, 2 workers: times faster than the peer",
        15,
        lambda m: _seconds(m, m.middle_size(), "peer") / _cold(m, m.middle_size()).median,
        at_least=True,
    ),
    Goal(
        "its memory, all processes together, to the peer's",
        1,
        lambda m: _cold(m, m.middle_size()).peak / m.get(m.middle_size(), "peer").peak,
    ),
    Goal(
        "its time to the sum of the limits",
        2,
        lambda m: _cold(m, m.middle_size()).median / median(sum_limits(m, m.middle_size())),
    ),
    Goal(
        "cold build of the 260 real records to the peer",
        0.4,
        lambda m: _cold(m, SMALL).median / _seconds(m, SMALL, "peer"),
        size=SMALL,
    ),
    Goal("time of 100,000 records to that of 10,000", 11, _growth, size=LARGE),
    Goal(
        "memory of 100,000 records to that of 10,000",
        1.5,
        lambda m: _cold(m, LARGE).peak / _cold(m, MIDDLE).peak,
        size=LARGE,
    ),
    Goal(
        "check, nothing changed, without start-up, to reading and hashing the files",
        2,
        _check_over_hash,
    ),
    Goal("check, one record changed, to check cold", 0.1, _check_one_over_cold),
    Goal(
        "our validation: times faster than frictionless, 10,000 rows",
        20,
        _validation(10_000),
        at_least=True,
        size=0,
    ),
    Goal("the same, 1,000,000 rows", 50, _validation(1_000_000), at_least=True, size=0),
    Goal(
        "verify, no referee, to hashing the release and reading its Parquet and CSV once",
        3,
        lambda m: (
            _seconds(m, m.middle_size(), "verify") / _seconds(m, m.middle_size(), "limit-verify")
        ),
    ),
    Goal(
        "diff of two releases: times faster than building one",
        5,
        lambda m: _cold(m, m.middle_size()).median / _seconds(m, m.middle_size(), "diff"),
        at_least=True,
    ),
    Goal("two Dask workers to two local ones, without start-up", 1.3, _dask, size=DASK),
    Goal(
        "release --version to python -c pass",
        2,
        lambda m: _seconds(m, 0, "version") / _seconds(m, 0, "pass"),
        size=0,
    ),
    Goal(
        "release check on the seeds to python -c pass",
        25,
        lambda m: _seconds(m, 0, "check-seeds") / _seconds(m, 0, "pass"),
        size=0,
    ),
)


def judge_goals(measures: Measures) -> list[Verdict]:
    """Return the verdict on each goal; `why` says if another size took the place of the stated one."""
    return [_judge(goal, measures) for goal in GOALS]


def _judge(goal: Goal, measures: Measures) -> Verdict:
    try:
        value = goal.compute(measures)
        why = ""
        if goal.size == MIDDLE and measures.middle_size() != MIDDLE:
            why = f"at {measures.middle_size():,} records, not {MIDDLE:,}"
        return Verdict(goal, value, why)
    except MissingError as error:
        return Verdict(goal, None, str(error))
