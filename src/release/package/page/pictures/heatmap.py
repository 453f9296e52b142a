"""Draw a map of two columns: each cell has the number of rows, or a mean, and a shade for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from release.descriptor.page.model import Picture
from release.package.page.pictures import svg
from release.package.page.pictures.chart import (
    COLUMNS,
    LINE,
    TEXTS,
    Chart,
    write_count,
    write_label,
    write_number,
    write_title,
)
from release.package.page.pictures.tallies import Axis, Tally

#: The most rows and columns; of more, the commonest are drawn.
MOST = (40, 12)

#: The shades, from the least to the most.
_SHADES = 7

#: The width of a cell, the height of the texts above the columns, and their width beside the last, in pixels.
_CELL, _ABOVE, _BESIDE = 46, 96, 70

_Key = str | None


@dataclass(frozen=True, slots=True)
class _Side:
    """The rows or the columns of a map: the values that are drawn, their texts, and how many there are."""

    name: str
    keys: Sequence[_Key]
    texts: Sequence[str]
    all: int


def draw_map(picture: Picture, axes: Sequence[Axis], found: list[Tally], language: str) -> Chart:
    """Draw a map of the commonest values of two columns."""
    rows, columns = (_read_side(at, axis, found, language) for at, axis in enumerate(axes))
    cells = {
        each.keys: (each.mean, write_number(each.mean))
        if picture.mean
        else (float(each.rows), f"{each.rows:,}")
        for each in found
    }
    shown = {
        (row, column): cells[row, column]
        for row in rows.keys
        for column in columns.keys
        if (row, column) in cells
    }
    table = [
        [text, *(shown.get((row, column), (None, ""))[1] for column in columns.keys)]
        for row, text in zip(rows.keys, rows.texts, strict=True)
    ]
    note = ""
    if rows.all > len(rows.keys) or columns.all > len(columns.keys):
        note = f"The commonest {len(rows.keys)} of {write_count(rows.all, 'value')} of {rows.name}"
        note += f" and {len(columns.keys)} of {columns.all:,} of {columns.name}."
    title = write_title(picture)
    values = {keys: value for keys, (value, _) in shown.items() if value is not None}
    drawn = None
    if values:
        content = [*_draw_texts(rows, columns), *_draw_cells(rows, columns, values, shown)]
        size = TEXTS + _CELL * len(columns.keys) + _BESIDE, _ABOVE + LINE * len(rows.keys)
        drawn = svg.image(_describe(title, rows, columns, values), *size, content)
    return Chart(title, drawn, note, [rows.name, *columns.texts], table)


def _read_side(at: int, axis: Axis, found: Sequence[Tally], language: str) -> _Side:
    """Return the commonest values of a column; equally common ones in order."""
    counts: dict[_Key, int] = {}
    for each in found:
        counts[each.keys[at]] = counts.get(each.keys[at], 0) + each.rows
    keys = sorted(counts, key=lambda key: (-counts[key], key is None, key or ""))[: MOST[at]]
    texts = [write_label(axis, key, language) for key in keys]
    return _Side(axis.name, keys, texts, len(counts))


def _draw_texts(rows: _Side, columns: _Side) -> Iterator[Markup]:
    """Draw the texts beside the rows, and those above the columns, which rise to the right."""
    for at, text in enumerate(columns.texts):
        x, y = TEXTS + at * _CELL + _CELL / 2, _ABOVE - 6
        yield svg.text(x, y, svg.cut(text, 17), transform=f"rotate(-45 {x:.0f} {y})")
    for at, text in enumerate(rows.texts):
        yield svg.text(0, _ABOVE + at * LINE + 15, svg.cut(text, COLUMNS))


def _draw_cells(
    rows: _Side,
    columns: _Side,
    values: Mapping[tuple[_Key, _Key], float],
    shown: Mapping[tuple[_Key, _Key], tuple[float | None, str]],
) -> Iterator[Markup]:
    """Draw the cells that have a value."""
    least, most = min(values.values()), max(values.values())
    for line, row in enumerate(rows.keys):
        for at, column in enumerate(columns.keys):
            if (value := values.get((row, column))) is None:
                continue
            # the middle of the scale where all values are equal
            share = (value / 2 - least / 2) / (most / 2 - least / 2) if most > least else 0.5
            x, y = TEXTS + at * _CELL, _ABOVE + line * LINE
            box = svg.element("rect", x=x, y=y, width=_CELL - 2, height=LINE - 2)
            text = shown[row, column][1]
            written = svg.text(x + _CELL / 2 - 1, y + 14, text, text_anchor="middle")
            shade = min(int(share * _SHADES), _SHADES - 1)
            yield svg.element("g", [box, written], class_=f"shade-{shade}")


def _describe(
    title: str, rows: _Side, columns: _Side, values: Mapping[tuple[_Key, _Key], float]
) -> str:
    """Say how large a map is, between which values, and where the highest is."""
    most = max(values.values())
    row, column = next(keys for keys, value in values.items() if value == most)
    where = f"{rows.texts[rows.keys.index(row)]}, {columns.texts[columns.keys.index(column)]}"
    size = f"{write_count(len(rows.keys), 'row')} by {write_count(len(columns.keys), 'column')}"
    span = f"from {write_number(min(values.values()))} to {write_number(most)}"
    return f"{title}: {size}, {span}, highest in {where}"
