"""The two forms of a table that are compared, and the conditions under which their cells differ."""

from __future__ import annotations

from dataclasses import dataclass

from release.diff.release import Table
from release.syntax.types.value_type import ValueType


@dataclass(frozen=True, slots=True)
class ComparedField:
    """A field besides the key: its type in the old and in the new table; None in a table that lacks it.

    `tolerance` is the absolute and the relative one of its numbers in the new table, if it has any.
    """

    name: str
    old: ValueType | None
    new: ValueType | None
    of_file: bool
    tolerance: tuple[float, float] | None = None

    @property
    def is_common(self) -> bool:
        """True if both tables have the field."""
        return self.old is not None and self.new is not None


@dataclass(frozen=True, slots=True)
class Pair:
    """The old and the new form of a table with the same key fields, or one of them; `at` is its number."""

    at: int
    old: Table | None
    new: Table | None

    @property
    def one(self) -> Table:
        """The new table, or the old one if there is no new one."""
        table = self.new or self.old
        assert table is not None
        return table

    @property
    def tables(self) -> tuple[tuple[str, Table], ...]:
        """The tables that there are, with `o` for the old one and `n` for the new."""
        return tuple((name, t) for name, t in (("o", self.old), ("n", self.new)) if t)

    @property
    def columns(self) -> tuple[ComparedField, ...]:
        """The fields besides the key: those of the new table in order, then those only the old one has."""
        old = self.old.types if self.old else {}
        new = self.new.types if self.new else {}
        of_files = frozenset[str]().union(*(table.of_files for _, table in self.tables))
        tolerances = self.new.tolerances if self.new else {}
        return tuple(
            ComparedField(
                name, old.get(name), new.get(name), name in of_files, tolerances.get(name)
            )
            for name in [*new, *(name for name in old if name not in new)]
            if name not in self.one.key
        )


def find_pairs(old: Table | None, new: Table | None, at: int) -> list[Pair]:
    """Return the pairs of tables to compare, numbered from `at`.

    Where the key changed, no row can be known as the same: all are removed, then all added.
    """
    if old and new and set(old.key) != set(new.key):
        return [Pair(at, old, None), Pair(at + 1, None, new)]
    return [Pair(at, old, new)]


def differs(at: int, column: ComparedField) -> str:
    """Return the condition that the values of a field differ; 1.50 of a decimal is 1.5 of another number."""
    values = [f"o{at}", f"n{at}"]
    names = {kind.name for kind in (column.old, column.new) if kind is not None}
    if column.is_common and column.old != column.new and names == {"number"}:
        values = [_shortest(value) for value in values]
    return f"{values[0]} IS DISTINCT FROM {values[1]}"


def _shortest(text: str) -> str:
    """Return the text of a number without the zeros that change nothing, and without an exponent."""
    digits = f"coalesce(TRY_CAST({text} AS DECIMAL(38, 19))::VARCHAR, {text})"
    digits = f"CASE WHEN contains({text}, 'e') THEN {digits} ELSE {text} END"
    return (
        f"CASE WHEN contains({digits}, '.') THEN rtrim(rtrim({digits}, '0'), '.') ELSE {digits} END"
    )


def matters(at: int, column: ComparedField) -> str:
    """Return the condition that the values of a field differ, and not within its tolerance."""
    found = differs(at, column)
    return f"{found} AND NOT {is_within(at, column)}" if column.tolerance else found


def is_within(at: int, column: ComparedField) -> str:
    """Return the condition that two numbers differ by no more than a tolerance, if there is one.

    As `math.isclose` of Python has it: by the absolute one, or by the relative one of the larger number.
    """
    if column.tolerance is None or column.old is None or column.old.name != "number":
        return "false"
    absolute, relative = column.tolerance
    old, new = (f"TRY_CAST({side}{at} AS DOUBLE)" for side in "on")
    most = (
        f"greatest({absolute!r}::DOUBLE, {relative!r}::DOUBLE * greatest(abs({old}), abs({new})))"
    )
    return f"coalesce(abs({new} - {old}) <= {most}, false)"
