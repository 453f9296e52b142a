"""The summary of a column as typed values, and as JSON has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

#: What a summary shows of a column's values.
Kind = Literal["numbers", "dates", "values", "lengths"]

#: The length of time of one bar.
Unit = Literal["hour", "month", "year", "decade", "century"]


@dataclass(frozen=True, slots=True)
class Quartiles:
    """The smallest and the largest value, and those at a quarter, a half and three quarters of the rows.

    Each is a value of the column, as CSV writes it: the first one that at least so many rows do not exceed
    (PERCENTILE_DISC of SQL).
    """

    minimum: str
    lower: str
    median: str
    upper: str
    maximum: str

    def as_json(self) -> dict[str, str]:
        """Return them by name."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Histogram:
    """The rows between each two edges: from one edge on, up to but without the next; the last has its end."""

    edges: Sequence[str]
    rows: Sequence[int]

    def as_json(self) -> dict[str, Any]:
        """Return both lists."""
        return {"edges": list(self.edges), "rows": list(self.rows)}


@dataclass(frozen=True, slots=True)
class Periods:
    """The rows of each period that has any, in order; decades and centuries are named by their first year."""

    unit: Unit
    rows: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return the unit, and the periods as a list."""
        listed = [{"period": period, "rows": rows} for period, rows in self.rows.items()]
        return {"unit": self.unit, "bars": listed}


@dataclass(frozen=True, slots=True)
class CommonValue:
    """A value as CSV writes it, its rows, and its labels by language.

    `characters` is the length of the whole value if only its beginning is here, else 0.
    """

    value: str
    rows: int
    labels: Mapping[str, str] = field(default_factory=dict)
    characters: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return what is there of them."""
        return {
            "value": self.value,
            **({"characters": self.characters} if self.characters else {}),
            "rows": self.rows,
            **({"labels": dict(self.labels)} if self.labels else {}),
        }


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """The summary of a column, from all its rows.

    `distinct` is None where distinct values are not counted. `quartiles` and `histogram` are of the values,
    or of their lengths in characters if the kind is `lengths`. What a kind has not is None, or empty.
    """

    name: str
    type: str
    kind: Kind
    missing: int
    distinct: int | None
    quartiles: Quartiles | None = None
    histogram: Histogram | None = None
    periods: Periods | None = None
    values: Sequence[CommonValue] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the summary as summary.json has it."""
        found: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "kind": self.kind,
            "missing": self.missing,
            "distinct": self.distinct,
        }
        for name, part in (
            ("quartiles", self.quartiles),
            ("histogram", self.histogram),
            ("periods", self.periods),
        ):
            if part is not None:
                found[name] = part.as_json()
        if self.values:
            found["values"] = [each.as_json() for each in self.values]
        return found


@dataclass(frozen=True, slots=True)
class TableSummary:
    """The summaries of a table's columns, in their order."""

    name: str
    rows: int
    columns: Sequence[ColumnSummary]

    def column(self, name: str) -> ColumnSummary:
        """Return the summary of a column.

        Raises:
            StopIteration: There is no such column.
        """
        return next(each for each in self.columns if each.name == name)
