"""Quartiles, histograms and periods of the values of a column, from their counts in ascending order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.package.metadata.summary.counts import Counted
from release.package.metadata.summary.model import Histogram, Periods, Quartiles, Unit
from release.syntax.types.numbers import write_year

#: The bins of a histogram.
BINS = 20

#: The bars of a unit of time, at most; of centuries there may be more.
_MOST_BARS = 36

#: The unit of times of day.
HOUR: Unit = "hour"

Write = Callable[[pa.Array], pa.Array]


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges of a histogram, the first of them at least the smallest value, and their texts."""

    values: Sequence[Fraction]
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Distribution:
    """The distinct values of a column, how many they are, and the quartiles and the rows below each edge."""

    distinct: int
    quartiles: Quartiles
    below: Sequence[int]


def distribute(
    counted: Iterable[Counted], present: int, write: Write, edges: Sequence[Any] = ()
) -> Distribution:
    """Return the distribution of values that come in ascending order.

    `present` is the number of rows that have a value, at least one. `write` writes values as texts.
    """
    wanted = [0, *(-(-present * quarter // 4) - 1 for quarter in (1, 2, 3)), present - 1]
    texts: list[str] = []
    below = [0] * len(edges)
    distinct = done = 0
    for part in counted:
        values, ends = part.values, np.cumsum(part.rows) + done
        while len(texts) < len(wanted) and wanted[len(texts)] < ends[-1]:
            at = int(np.searchsorted(ends, wanted[len(texts)], side="right"))
            texts.append(write(values.slice(at, 1))[0].as_py())
        for number, edge in enumerate(edges):
            smaller = bisect_left(range(len(values)), edge, key=lambda at: values[at].as_py())
            below[number] += int(part.rows[:smaller].sum())
        distinct, done = distinct + len(values), int(ends[-1])
    return Distribution(distinct, Quartiles(*texts), below)


def find_edges(smallest: Any, largest: Any) -> tuple[list[Any], list[str]]:
    """Return the edges of the bins between two numbers, and their texts: exact, in decimal digits.

    Of fewer integers than bins, each has a bin. Of floating-point numbers, an edge is the nearest one.
    """
    if isinstance(smallest, int) and largest - smallest < BINS:
        whole = list(range(smallest, largest + 2))
        return whole, [str(each) for each in whole]
    low, high = Fraction(smallest), Fraction(largest)
    steps = BINS if low < high else 1
    exact = [low + (high - low) * number / steps for number in range(steps + 1)]
    if isinstance(smallest, float):
        numbers = [float(each) for each in exact]
        return numbers, pa.array(numbers).cast(pa.string()).to_pylist()
    scale = 2 + (-int(smallest.as_tuple().exponent) if isinstance(smallest, Decimal) else 0)
    return exact, [_write_exact(each, scale) for each in exact]


def _write_exact(number: Fraction, scale: int) -> str:
    """Write a number that has at most so many digits behind its point, without zeros at the end."""
    scaled = number * 10**scale
    assert scaled.denominator == 1, number
    digits = f"{abs(scaled.numerator):0{scale + 1}d}"
    text = f"{digits[:-scale]}.{digits[-scale:]}".rstrip("0").rstrip(".")
    return f"-{text}" if scaled < 0 else text


def fill(texts: Sequence[str], below: Sequence[int], present: int) -> Histogram:
    """Return the histogram between edges, by the rows that are below each of them."""
    starts = [0, *below[1:-1]]
    rows = [end - start for start, end in zip(starts, [*starts[1:], present], strict=True)]
    return Histogram(tuple(texts), tuple(rows))


def find_unit(first: int, last: int) -> Unit:
    """Return the shortest unit in which not too many bars lie between two months; see `months`."""
    if last - first < _MOST_BARS:
        return "month"
    years = last // 12 - first // 12
    if years < 2 * _MOST_BARS:
        return "year"
    return "decade" if years < 20 * _MOST_BARS else "century"


def count_periods(
    counted: Iterable[Counted], unit: Unit, number: Callable[[pa.Array], Any]
) -> Periods:
    """Return the rows of each period of a unit; `number` gives the month, or hour, of values as a number.

    A month is counted from the year 0 on.
    """
    divisor = {"hour": 1, "month": 1, "year": 12, "decade": 120, "century": 1200}[unit]
    rows: dict[int, int] = {}
    for part in counted:
        periods = np.asarray(number(part.values)) // divisor
        found, at = np.unique(periods, return_inverse=True)
        sums = np.zeros(len(found), np.int64)
        np.add.at(sums, at, part.rows)
        for period, count in zip(found.tolist(), sums.tolist(), strict=True):
            rows[period] = rows.get(period, 0) + count
    return Periods(unit, {name_period(each, unit): rows[each] for each in sorted(rows)})


def name_period(period: int, unit: Unit) -> str:
    """Return the name of a period, which is numbered from the year 0 on."""
    if unit == "hour":
        return f"{period:02}"
    if unit == "month":
        return f"{write_year(period // 12)}-{period % 12 + 1:02}"
    return write_year(period * {"year": 1, "decade": 10, "century": 100}[unit])


def months(values: pa.Array) -> Any:
    """Return the month of each day or time, counted from the year 0 on."""
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.timestamp("us"))  # else Arrow asks for a database of zones
    years = pc.year(values).to_numpy(zero_copy_only=False)
    return years * 12 + pc.month(values).to_numpy(zero_copy_only=False) - 1


def months_of_texts(values: pa.Array) -> Any:
    """Return the month of each text such as 2026-01, counted from the year 0 on."""
    found = (text.rpartition("-") for text in values.to_pylist())
    return np.array([int(year) * 12 + int(month) - 1 for year, _, month in found], object)


def months_of_years(values: pa.Array) -> Any:
    """Return the first month of each year, counted from the year 0 on; a year may have 18 digits."""
    return values.to_numpy(zero_copy_only=False).astype(object) * 12


def hours(values: pa.Array) -> Any:
    """Return the hour of each time of day."""
    return pc.hour(values).to_numpy(zero_copy_only=False)
