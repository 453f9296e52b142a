"""Draw the summary of a column: a histogram, bars over time, or bars of the commonest values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from release.package.metadata.summary import distribution
from release.package.metadata.summary.model import ColumnSummary, Periods
from release.package.page.pictures import svg
from release.package.page.pictures.words import describe, show

#: Width of a picture and height of its bars, in pixels.
_WIDTH, _HEIGHT = 240, 48

#: Height of a line of text, and of the bar beside it.
_LINE, _BAR = 18, 12

#: Where bars of values begin, and the most columns of the text before them.
_BARS, _COLUMNS = 124, 17

#: More bars of time than this are not drawn: each would be thinner than a pixel.
_MOST = 240


def draw(summary: ColumnSummary, language: str = "") -> Markup | None:
    """Draw a column; None where there is nothing to see: no value, or each value once."""
    content = list(_draw(summary, language))
    if not content:
        return None
    height = _HEIGHT + _LINE
    if summary.kind == "values":
        height = _LINE * len(summary.values)
    return svg.image(describe(summary, language), _WIDTH, height, content)


def _draw(summary: ColumnSummary, language: str) -> Iterator[Markup]:
    if summary.kind == "values":
        yield from _draw_values(summary, language)
        return
    if summary.histogram is not None and summary.quartiles is not None:
        yield from _draw_bins(summary.histogram.rows)
        ends = summary.quartiles.minimum, summary.quartiles.maximum
    elif summary.periods is not None and (rows := fill(summary.periods)):
        yield from _draw_bins(rows)
        periods = list(summary.periods.rows)
        ends = periods[0], periods[-1]
    else:
        return
    y = _HEIGHT + _LINE - 4
    if ends[0] == ends[1]:
        yield svg.text(_WIDTH / 2, y, svg.cut(ends[0], 30), text_anchor="middle")
        return
    unit = " characters" if summary.kind == "lengths" else ""
    yield svg.text(0, y, svg.cut(ends[0], 15))
    yield svg.text(_WIDTH, y, svg.cut(ends[1], 15) + unit, text_anchor="end")


def _draw_bins(rows: Sequence[int]) -> Iterator[Markup]:
    """Draw bars beside each other: as high as their rows, and never invisible if they have any."""
    most, step = max(rows), min(_WIDTH / len(rows), 24)
    gap = 1 if step >= 4 else 0
    left = (_WIDTH - step * len(rows)) / 2
    boxes = []
    for number, each in enumerate(rows):
        if each:
            height = max(_HEIGHT * each / most, 1)
            boxes.append((left + number * step, _HEIGHT - height, step - gap, height))
    yield svg.bars(boxes)
    yield svg.element("path", d=f"M0 {_HEIGHT + 0.5}h{_WIDTH}", class_="axis")


def _draw_values(summary: ColumnSummary, language: str) -> Iterator[Markup]:
    """Draw a line for each of the commonest values: the value, a bar, the number of rows."""
    if not summary.values:
        return
    most = summary.values[0].rows
    digits = max(len(f"{each.rows:,}") for each in summary.values)
    room = _WIDTH - _BARS - 7 * digits - 6
    boxes, texts = [], []
    for number, each in enumerate(summary.values):
        top, width = number * _LINE, max(room * each.rows / most, 1)
        boxes.append((_BARS, top + (_LINE - _BAR) / 2, width, _BAR))
        texts.append(svg.text(0, top + _LINE - 5, svg.cut(show(each, language), _COLUMNS)))
        texts.append(svg.text(_BARS + width + 4, top + _LINE - 5, f"{each.rows:,}", class_="count"))
    yield svg.bars(boxes)
    yield from texts


def fill(periods: Periods) -> list[int]:
    """Return the rows of every period between the first and the last; none if they are too many."""
    numbers = {_number(name, periods): rows for name, rows in periods.rows.items()}
    first, last = min(numbers), max(numbers)
    if last - first >= _MOST:
        return []
    return [numbers.get(each, 0) for each in range(first, last + 1)]


def name_periods(periods: Periods) -> list[str]:
    """Return the names of every period between the first and the last, as `fill` has their rows."""
    numbers = [_number(name, periods) for name in periods.rows]
    every = range(min(numbers), max(numbers) + 1)
    return [distribution.name_period(each, periods.unit) for each in every]


def _number(name: str, periods: Periods) -> int:
    """Return the position of a period on the line of time."""
    if periods.unit == "month":
        year, _, month = name.rpartition("-")
        return int(year) * 12 + int(month) - 1
    return int(name) // {"decade": 10, "century": 100}.get(periods.unit, 1)
