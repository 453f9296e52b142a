"""Rows and cells that break a rule of a schema, and how many of them are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from release.descriptor import Resource

#: So many violations of one rule in one column are told one by one; the rest are counted.
MOST = 1000


@dataclass(frozen=True, slots=True)
class Violation:
    """One row, or cell of it, that breaks a rule.

    `row` is its position in the table, -1 where the whole table is meant. `other` is the row that holds
    the same key already, where there is one; the message then lacks its place, which `text` adds.
    """

    rule: str
    table: str
    row: int
    field: str
    message: str
    other: int = -1

    def text(self, place: str) -> str:
        """The whole message; `place` says where the other row stands, if there is one."""
        return f"{self.message} stands in {place} too, expected it once" if place else self.message


def more(rule: str, resource: Resource, field: str, count: int) -> Iterator[Violation]:
    """A violation that counts those that are not told one by one, if there are any."""
    if count > MOST:
        message = f"{count - MOST} more rows of {resource.name} break this rule"
        yield Violation(rule, resource.name, -1, field, message)
