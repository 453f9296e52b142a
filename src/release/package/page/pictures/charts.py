"""Draw the pictures that a descriptor declares, each with a table of the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from release.descriptor.model import Descriptor
from release.descriptor.page.model import Picture
from release.package.page.pictures import tallies
from release.package.page.pictures.bars import draw_bars, draw_disagreements
from release.package.page.pictures.chart import Chart
from release.package.page.pictures.heatmap import draw_map
from release.package.page.pictures.line import draw_line


def draw(
    pictures: Sequence[Picture],
    tables: Mapping[str, pa.Table],
    descriptor: Descriptor,
    language: str = "",
) -> Iterator[Chart]:
    """Draw pictures in their order; labels are of a language, or of the first that a code has."""
    for picture in pictures:
        if picture.kind == "line":
            yield draw_line(picture, *tallies.count_over(picture, tables, descriptor))
        elif picture.kind == "disagreements":
            yield draw_disagreements(picture, tallies.disagreements(tables[picture.table]))
        else:
            axes = tallies.find_axes(picture, tables, descriptor)
            found = tallies.tally(picture, tables, descriptor)
            draw_one = draw_bars if picture.kind == "bars" else draw_map
            yield draw_one(picture, axes, found, language)
