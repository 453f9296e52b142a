"""A picture that a descriptor declares, with the words on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from release.descriptor.page.model import Picture
from release.package.page.pictures import svg
from release.package.page.pictures.tallies import Axis

#: The width of a picture, and the height of a line, in pixels.
WIDTH, LINE = 352, 22

#: From here on a mean has a power of ten.
_LARGE = 1e15

#: The most columns of a label in words, and in the table of a picture.
_LONG = 100

#: The width that texts before bars have, and the most columns of one.
TEXTS, COLUMNS = 136, 19


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with its title, a sentence about what is left out, and a table of what it shows.

    Without rows the picture is None.
    """

    title: str
    picture: Markup | None
    note: str
    heading: Sequence[str]
    rows: Sequence[Sequence[str]]


def write_number(number: float | None) -> str:
    """Return a mean with three digits, or all of its whole part; of a very large one three digits only."""
    if number is None:
        return ""
    if 100 <= abs(number) < _LARGE:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def write_label(axis: Axis, key: str | None, language: str) -> str:
    """Return the label of a value, or the value; in brackets that it is missing."""
    if key is None:
        return "(missing)"
    labels = axis.labels.get(key, {})
    return svg.cut(labels.get(language) or next(iter(labels.values()), "") or key, _LONG)


def write_title(picture: Picture) -> str:
    """Return the title of a picture, made of what it shows if it has none."""
    if picture.title:
        return picture.title
    if picture.kind == "disagreements":
        return "Where editions disagree"
    what = f"Mean {picture.mean} of {picture.table}" if picture.mean else f"Rows of {picture.table}"
    by = " and ".join(path.written for path in picture.by)
    return f"{what} {'over' if picture.kind == 'line' else 'by'} {by}"


def write_count(number: int, what: str) -> str:
    """Return a number of things, the one or the many."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
