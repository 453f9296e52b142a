"""Ratios and verdicts: what the numbers of a run come to, held against goals and the last run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

#: Records, for which the goals are stated.
SMALL, MIDDLE, LARGE, DASK = 260, 10_000, 100_000, 50_000

#: Two ratios that differ by less than this are taken for the same.
TOLERANCE = 0.15


class MissingError(Exception):
    """Something was not measured; the message says what."""


@dataclass(frozen=True, slots=True)
class Series:
    """The runs of one measure at one size: seconds, and peak bytes where they were looked at."""

    seconds: tuple[float, ...]
    memory: tuple[int, ...] = ()

    @property
    def median(self) -> float:
        """The median of the seconds."""
        return median(self.seconds)

    @property
    def peak(self) -> float:
        """The median of the peak bytes."""
        return median(self.memory)


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything that a run measured: by number of records (0 where there are none) and by name."""

    series: Mapping[int, Mapping[str, Series]]

    def get(self, size: int, *names: str) -> Series:
        """The first of some measures that was taken at a size.

        Raises:
            MissingError: none was.
        """
        for name in names:
            if name in self.series.get(size, {}):
                return self.series[size][name]
        raise MissingError(f"no {names[0]} at {size:,} records" if size else f"no {names[0]}")

    def middle(self) -> int:
        """The size that stands for MIDDLE: itself, or else the largest below it."""
        sizes = [size for size in self.series if 0 < size <= MIDDLE]
        if not sizes:
            raise MissingError(f"no size up to {MIDDLE:,} records")
        return max(sizes)


# ratios

#: What is compared with the peer and the limits, by name.
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
LIMITS = {
    "limit-hash": "read and hash the records",
    "limit-parse-1": "parse them, 1 process",
    "limit-parse-2": "parse them, 2 processes",
    "limit-parquet": "write the tables as Parquet",
    "limit-verify": "hash a release, read its tables",
}


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of medians, and the least and greatest ratio of runs that stood side by side."""

    value: float
    low: float
    high: float

    @staticmethod
    def of(over: Sequence[float], under: Sequence[float]) -> Ratio:
        """The ratio of two series of runs."""
        paired = [one / other for one, other in zip(over, under, strict=False)]
        return Ratio(median(over) / median(under), min(paired), max(paired))


def limits(measures: Measures, size: int) -> tuple[float, ...]:
    """The sum of the limits in each round: hash, parse split over two processes, write Parquet."""
    parts = [measures.get(size, f"limit-{name}").seconds for name in ("hash", "parse-2", "parquet")]
    return tuple(sum(seconds) for seconds in zip(*parts, strict=True))


def ratios(measures: Measures) -> dict[str, Ratio]:
    """Ours against the peer and against the limits: `10000/cold-2/peer`. Smaller is better."""
    found = {}
    for size, name, series in _ours(measures):
        for against, seconds in _against(measures, size, name):
            found[f"{size}/{name}/{against}"] = Ratio.of(series.seconds, seconds)
    return found


def _ours(measures: Measures) -> Iterator[tuple[int, str, Series]]:
    for size, by_name in sorted(measures.series.items()):
        yield from ((size, name, by_name[name]) for name in OURS if size and name in by_name)


def _against(measures: Measures, size: int, name: str) -> Iterator[tuple[str, tuple[float, ...]]]:
    """What a measure of ours is held against, and its seconds."""
    others: dict[str, Callable[[], tuple[float, ...]]] = {
        "peer": lambda: measures.get(size, "peer").seconds,
        "limit": lambda: limits(measures, size),
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
    """A ratio now and in the last run that was committed."""

    name: str
    before: float
    now: Ratio

    @property
    def verdict(self) -> str:
        """`same`, or by how much the ratio is better or worse; noise is no change."""
        factor = self.now.value / self.before
        within = self.now.low <= self.before <= self.now.high
        if within or abs(factor - 1) <= TOLERANCE:
            return "same"
        return f"{factor:.2f} times: {'worse' if factor > 1 else 'better'}"


def changes(now: Mapping[str, Ratio], before: Mapping[str, float]) -> list[Change]:
    """The ratios that two runs have in common, held against each other."""
    return [Change(name, before[name], ratio) for name, ratio in now.items() if name in before]


# goals


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio that is to be at most (or at least) what is wanted."""

    name: str
    wanted: float
    value: Callable[[Measures], float]
    at_least: bool = False
    at: int = MIDDLE


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal and the ratio that was measured; none where something is missing, and `why` says what."""

    goal: Goal
    value: float | None
    why: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.value is not None and self._missed_by(self.value) <= 1

    def __str__(self) -> str:
        if self.value is None:
            return f"not measured: {self.why}"
        text = "met" if self.met else f"missed by {self._missed_by(self.value):.2f} times"
        return f"{text} ({self.why})" if self.why else text

    def _missed_by(self, value: float) -> float:
        if value <= 0:  # start-up took longer than the work: nothing is left to measure
            return float("inf") if self.goal.at_least else 0.0
        return self.goal.wanted / value if self.goal.at_least else value / self.goal.wanted


def _seconds(m: Measures, size: int, *names: str) -> float:
    return m.get(size, *names).median


def _cold(m: Measures, size: int) -> Series:
    return m.get(size, "cold-2", "cold-1")


def _growth(m: Measures) -> float:
    return _cold(m, LARGE).median / _cold(m, MIDDLE).median


def _check_over_hash(m: Measures) -> float:
    work = _seconds(m, m.middle(), "check-warm") - _seconds(m, 0, "startup-check")
    return work / _seconds(m, m.middle(), "limit-hash")


def _check_one_over_cold(m: Measures) -> float:
    size = m.middle()
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
        lambda m: _seconds(m, m.middle(), "peer") / _cold(m, m.middle()).median,
        at_least=True,
    ),
    Goal(
        "its memory, all processes together, to the peer's",
        1,
        lambda m: _cold(m, m.middle()).peak / m.get(m.middle(), "peer").peak,
    ),
    Goal(
        "its time to the sum of the limits",
        2,
        lambda m: _cold(m, m.middle()).median / median(limits(m, m.middle())),
    ),
    Goal(
        "cold build of the 260 real records to the peer",
        0.4,
        lambda m: _cold(m, SMALL).median / _seconds(m, SMALL, "peer"),
        at=SMALL,
    ),
    Goal("time of 100,000 records to that of 10,000", 11, _growth, at=LARGE),
    Goal(
        "memory of 100,000 records to that of 10,000",
        1.5,
        lambda m: _cold(m, LARGE).peak / _cold(m, MIDDLE).peak,
        at=LARGE,
    ),
    Goal(
        "check, nothing changed, start-up apart, to reading and hashing the files",
        2,
        _check_over_hash,
    ),
    Goal("check, one record changed, to check cold", 0.1, _check_one_over_cold),
    Goal(
        "our validation: times faster than frictionless, 10,000 rows",
        20,
        _validation(10_000),
        at_least=True,
        at=0,
    ),
    Goal("the same, 1,000,000 rows", 50, _validation(1_000_000), at_least=True, at=0),
    Goal(
        "verify, no referee, to hashing the release and reading its Parquet and CSV once",
        3,
        lambda m: _seconds(m, m.middle(), "verify") / _seconds(m, m.middle(), "limit-verify"),
    ),
    Goal(
        "diff of two releases: times faster than building one",
        5,
        lambda m: _cold(m, m.middle()).median / _seconds(m, m.middle(), "diff"),
        at_least=True,
    ),
    Goal("two Dask workers to two local ones, start-up apart", 1.3, _dask, at=DASK),
    Goal(
        "release --version to python -c pass",
        2,
        lambda m: _seconds(m, 0, "version") / _seconds(m, 0, "pass"),
        at=0,
    ),
    Goal(
        "release check on the seeds to python -c pass",
        25,
        lambda m: _seconds(m, 0, "check-seeds") / _seconds(m, 0, "pass"),
        at=0,
    ),
)


def verdicts(measures: Measures) -> list[Verdict]:
    """Every goal with what was measured; `why` tells where something else had to stand in."""
    return [_verdict(goal, measures) for goal in GOALS]


def _verdict(goal: Goal, measures: Measures) -> Verdict:
    try:
        value = goal.value(measures)
        stand_ins = []
        if goal.at == MIDDLE and measures.middle() != MIDDLE:
            stand_ins.append(f"at {measures.middle():,} records, not {MIDDLE:,}")
        return Verdict(goal, value, "; ".join(stand_ins))
    except MissingError as error:
        return Verdict(goal, None, str(error))
