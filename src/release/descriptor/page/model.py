"""Typed values for what a descriptor says of the page of a release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: The kinds of pictures: bars of a code, a map of two codes, a line over time, where editions disagree.
PictureKind = Literal["bars", "heatmap", "line", "disagreements"]


@dataclass(frozen=True, slots=True)
class KeyStep:
    """A step along a foreign key: from its fields to those of another table."""

    fields: tuple[str, ...]
    table: str
    reference_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColumnPath:
    """A column that is seen from the rows of a table: its own, or that of the row to which foreign keys lead.

    `written` is the path as the descriptor has it: `score`, `policies.country`.
    """

    written: str
    steps: tuple[KeyStep, ...]
    table: str
    field: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the rows of a table.

    `by` has the column of each axis: that of the bars, that of the rows and that of the columns of a map, or
    the one with times. The picture shows the mean of the column `mean`, or where that is empty the number of
    rows. `title` is empty if the descriptor gives none. A picture of disagreements is of the table of
    findings, and has no columns.
    """

    kind: PictureKind
    title: str
    table: str
    by: tuple[ColumnPath, ...] = ()
    mean: str = ""


@dataclass(frozen=True, slots=True)
class EditionColumn:
    """The column that tells the editions of a row apart, and the table of its values; empty without one."""

    column: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class TitleColumn:
    """The column that names a row of the entity, and its table.

    `language` is the column of languages of that table, if it has a row for each; else empty.
    """

    table: str
    column: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class PageContent:
    """The content of a page beyond the schema.

    `entity` is the table whose rows have a page of their own, `title` names them, and `language` tells their
    editions apart. `order` begins the order of the tables; `hide` has the columns, each with its table, that
    are left out where a row is shown. What is empty, or None, the page works out from keys.
    """

    pictures: tuple[Picture, ...] = ()
    entity: str = ""
    title: TitleColumn | None = None
    language: EditionColumn | None = None
    order: tuple[str, ...] = ()
    hide: frozenset[tuple[str, str]] | None = None
