"""Draw bars: of a count or a mean by the values of a column, and of disagreements by column."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from release.descriptor.page.model import Picture
from release.package.page.pictures import svg
from release.package.page.pictures.chart import (
    LINE,
    WIDTH,
    Chart,
    write_label,
    write_number,
    write_title,
)
from release.package.page.pictures.tallies import Axis, Tally

#: The most bars; of more, the first are drawn.
BARS = 30

#: The most columns of the text before a bar.
_COLUMNS = 32

#: The most rows of the table beside them.
LISTED = 200


def draw_bars(picture: Picture, axes: Sequence[Axis], found: list[Tally], language: str) -> Chart:
    """Draw bars of the number of rows, or of a mean, by the values of a column."""
    (axis,) = axes
    if picture.mean:
        found = sorted(found, key=lambda each: -(each.mean or 0)) if _is_complete(found) else found
    labels = [write_label(axis, each.keys[0], language) for each in found]
    values = [(each.mean or 0.0) if picture.mean else each.rows for each in found]
    texts = [write_number(each.mean) if picture.mean else f"{each.rows:,}" for each in found]
    note = "" if len(found) <= BARS else f"{BARS} of {len(found):,} values are drawn."
    heading = [axis.name, *([f"mean {picture.mean}"] if picture.mean else []), "rows"]
    rows = [
        [label, *([text] if picture.mean else []), f"{each.rows:,}"]
        for label, text, each in zip(labels, texts, found, strict=True)
    ]
    drawn = _bars(write_title(picture), labels[:BARS], values[:BARS], texts[:BARS])
    return Chart(write_title(picture), drawn, note, heading, rows[:LISTED])


def _is_complete(found: Sequence[Tally]) -> bool:
    return all(each.mean is not None for each in found)


def _bars(
    title: str, labels: Sequence[str], values: Sequence[float], texts: Sequence[str]
) -> Markup | None:
    """Draw bars below each other from 0 on, to the left where a value is negative."""
    if not labels:
        return None
    largest = max(map(abs, values)) or 1
    values = [value / largest for value in values]
    low, high = min(0, *values), max(0, *values)
    columns = min(max(map(svg.columns_of, labels)), _COLUMNS)
    left, right = 7 * columns + 8, WIDTH - 8 - 7 * max(map(len, texts))
    scale = (right - left) / ((high - low) or 1)
    zero = left - low * scale
    boxes, written = [], []
    for number, (label, value, text) in enumerate(zip(labels, values, texts, strict=True)):
        top, width = number * LINE, abs(value) * scale
        width = max(width, 1) if value else 0
        boxes.append((zero if value >= 0 else zero - width, top + 4, width, LINE - 8))
        written.append(svg.text(0, top + 15, svg.cut(label, columns)))
        end = zero + width if value >= 0 else zero
        written.append(svg.text(end + 4, top + 15, text, class_="count"))
    said = "; ".join(f"{label} {text}" for label, text in zip(labels, texts, strict=True))
    axis = svg.element("path", d=f"M{zero:.1f} 0v{len(labels) * LINE}", class_="axis")
    return svg.image(
        f"{title}: {said}", WIDTH, len(labels) * LINE, [svg.bars(boxes), axis, *written]
    )


def draw_disagreements(picture: Picture, found: Sequence[Tally]) -> Chart:
    """Draw bars by column, of all rules about editions together; the table tells them apart."""
    sums: dict[str, int] = {}
    for each in found:
        name = each.keys[0] or ""
        sums[name] = sums.get(name, 0) + each.rows
    ordered = sorted(sums, key=lambda name: (-sums[name], name))[:BARS]
    values = [sums[name] for name in ordered]
    drawn = _bars(write_title(picture), ordered, values, [f"{value:,}" for value in values])
    rows = [[each.keys[0] or "", each.keys[1] or "", f"{each.rows:,}"] for each in found]
    note = "" if found else "The editions say the same."
    return Chart(write_title(picture), drawn, note, ["column", "rule", "findings"], rows)
