"""Draw the number of rows over time as a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from release.descriptor.page.model import Picture
from release.package.metadata.summary.model import Periods
from release.package.page.pictures import svg
from release.package.page.pictures.chart import WIDTH, Chart, write_count, write_title
from release.package.page.pictures.columns import fill, name_periods

#: Where the line has its highest point and where 0 is, in pixels.
_TOP, _BOTTOM = 12, 140

#: More points than this have no dots.
_DOTS = 60


def draw_line(picture: Picture, periods: Periods | None, missing: int) -> Chart:
    """Draw the rows of each period as a line; the `missing` ones have no time."""
    title = write_title(picture)
    heading = [picture.by[0].written, "rows"]
    note = (
        f"{write_count(missing, 'row')} without a value {'is' if missing == 1 else 'are'} left out."
        if missing
        else ""
    )
    if periods is None:
        return Chart(title, None, note, heading, [])
    rows = [[period, f"{count:,}"] for period, count in periods.rows.items()]
    counts = fill(periods)
    if not counts:
        return Chart(title, None, note, heading, rows)
    names = name_periods(periods)
    most = max(counts)
    peak = names[counts.index(most)]
    said = f"{title}: {names[0]} to {names[-1]}, most in {peak} ({most:,})"
    drawn = svg.image(said, WIDTH, _BOTTOM + 24, list(_draw(counts, names)))
    return Chart(title, drawn, note, heading, rows)


def _draw(counts: Sequence[int], names: Sequence[str]) -> Iterator[Markup]:
    """Draw the axes, the line, and the texts at its ends."""
    most = max(counts)
    left, right = 8 + 7 * len(f"{most:,}"), WIDTH - 8
    step = (right - left) / max(len(counts) - 1, 1)
    points = [
        (left + at * step, _BOTTOM - (_BOTTOM - _TOP) * count / most)
        for at, count in enumerate(counts)
    ]
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    yield svg.element("path", d=f"M{left} {_TOP}H{right}", class_="grid")
    yield svg.element("path", d=f"M{left} {_BOTTOM}H{right}", class_="axis")
    yield svg.element("path", d=f"M{line}", class_="line")
    if len(points) <= _DOTS:
        for x, y in points:
            yield svg.element("circle", cx=x, cy=y, r=2.5, class_="bar")
    yield svg.text(left - 4, _TOP + 4, f"{most:,}", text_anchor="end", class_="count")
    yield svg.text(left - 4, _BOTTOM + 4, "0", text_anchor="end", class_="count")
    yield svg.text(left, _BOTTOM + 18, names[0])
    if len(names) > 1:
        yield svg.text(right, _BOTTOM + 18, names[-1], text_anchor="end")
