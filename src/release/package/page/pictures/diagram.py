"""Draw how tables refer to each other: a row for each table, and a line for each that others refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from release.package.manifest.resources import ManifestResource
from release.package.page.pictures import svg
from release.syntax.escapes import escape_anchor

#: The height of a row, the distance of lines, the half of a mark, in pixels.
_ROW, _STEP, _MARK = 24, 18, 4.5

#: The most columns of the name of a table, and of its key; about the width of one, in pixels.
_NAME, _KEY, _COLUMN = 32, 40, 7.2


@dataclass(frozen=True, slots=True)
class _Line:
    """The line of a table that others refer to: its row, and theirs."""

    row: int
    referring: frozenset[int]

    @property
    def first(self) -> int:
        """The uppermost row."""
        return min(self.row, *self.referring)

    @property
    def last(self) -> int:
        """The lowest row."""
        return max(self.row, *self.referring)


def draw(tables: Sequence[ManifestResource]) -> Markup | None:
    """Draw the tables of a release in an order, each a link to its place in the dictionary.

    Returns None if no table refers to another, nor to itself.
    """
    references = _find_references(tables)
    lines = _find_lines(tables, references)
    if not lines:
        return None
    lanes = _share_lanes(lines)
    names = [svg.cut(each.name, _NAME) for each in tables]
    keys = [
        svg.cut(", ".join(each.schema.primary_key if each.schema else ()), _KEY) for each in tables
    ]
    left = _COLUMN * max(map(svg.columns_of, names)) + 16
    key_x = left + _STEP * (max(lanes.values()) + 1) + 12
    width = key_x + _COLUMN * max(map(svg.columns_of, keys))
    content = [*_draw_lines(lines, lanes, left)]
    for row, table in enumerate(tables):
        y = row * _ROW + _ROW / 2 + 4
        link = svg.element(
            "a",
            svg.text(0, y, names[row]),
            href=f"#table-{escape_anchor(table.name)}",
            aria_label=describe(table.name, references[table.name]),
        )
        content += [link, svg.text(key_x, y, keys[row], class_="note")]
    # no image, for what is in an image is no link to a screen reader
    return svg.group("Tables and their keys", width, _ROW * len(tables), content)


def describe(name: str, references: Mapping[str, Sequence[tuple[str, ...]]]) -> str:
    """Say to which tables one refers: `scores refers to texts by policy_id and language`."""
    said = [
        f"{target} by {'; by '.join(' and '.join(fields) for fields in keys)}"
        for target, keys in references.items()
    ]
    return f"{name} refers to {', '.join(said)}" if said else f"{name} refers to no table"


def _find_references(
    tables: Sequence[ManifestResource],
) -> dict[str, dict[str, list[tuple[str, ...]]]]:
    """Return the tables to which each refers, each with the fields that do."""
    names = {each.name for each in tables}
    found: dict[str, dict[str, list[tuple[str, ...]]]] = {}
    for table in tables:
        found[table.name] = {}
        for key in table.schema.foreign_keys if table.schema else ():
            target = key.resource or table.name
            if target in names:
                found[table.name].setdefault(target, []).append(key.fields)
    return found


def _find_lines(
    tables: Sequence[ManifestResource],
    references: Mapping[str, Mapping[str, Sequence[tuple[str, ...]]]],
) -> list[_Line]:
    """Return a line for each table that is referred to."""
    rows = {each.name: row for row, each in enumerate(tables)}
    referring: dict[int, set[int]] = {}
    for name, targets in references.items():
        for target in targets:
            referring.setdefault(rows[target], set()).add(rows[name])
    return [_Line(row, frozenset(referring[row])) for row in sorted(referring)]


def _share_lanes(lines: Sequence[_Line]) -> dict[_Line, int]:
    """Give each line a lane from the left, shorter ones first; two that overlap have not the same."""
    taken: list[list[_Line]] = []
    lanes = {}
    for line in sorted(lines, key=lambda each: (each.last - each.first, each.row)):
        free = (
            lane
            for lane, others in enumerate(taken)
            if all(line.last < other.first or line.first > other.last for other in others)
        )
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append(line)
        lanes[line] = lane
    return lanes


def _draw_lines(
    lines: Sequence[_Line], lanes: Mapping[_Line, int], left: float
) -> Iterator[Markup]:
    """Draw the lines: a square where a table is referred to, a circle where one refers to it."""
    ends: dict[int, float] = {}
    upright, marks = "", []
    for line in lines:
        x = left + lanes[line] * _STEP + _STEP / 2
        upright += f"M{x:.1f} {_middle(line.first):.1f}V{_middle(line.last):.1f}"
        for row in {line.row, *line.referring}:
            ends[row] = max(ends.get(row, 0), x)
        for row in sorted(line.referring):
            radius = _MARK + 3.5 if row == line.row else _MARK
            marks.append(svg.element("circle", cx=x, cy=_middle(row), r=radius, class_="ring"))
        side = 2 * _MARK
        box = x - _MARK, _middle(line.row) - _MARK, side, side
        marks.append(svg.bars([box]))
    across = "".join(
        f"M{left - 8:.1f} {_middle(row):.1f}H{end:.1f}" for row, end in sorted(ends.items())
    )
    yield svg.element("path", d=across, class_="grid")
    yield svg.element("path", d=upright, class_="rail")
    yield from marks


def _middle(row: int) -> float:
    return row * _ROW + _ROW / 2
