"""A problem of a query: a part that may give another result another time, and its place."""

from __future__ import annotations

from dataclasses import dataclass

from release.tables.queries.parse_tree import NOWHERE

#: What is expected of a query, where nothing better can be said.
STEADY = "a query that always gives the same result"


@dataclass(frozen=True, slots=True)
class QueryProblem:
    """A part of a query that is not steady, as the rest of a sentence that begins with the query.

    `location` is an offset in its UTF-8, NOWHERE if unknown; `reason` is a clause behind the comma.
    """

    what: str
    location: int
    reason: str = ""
    expected: str = STEADY

    def describe(self, query: str) -> str:
        """Return the sentence, with line and column in the query."""
        place = _describe_place(query, self.location)
        reason = f", {self.reason}" if self.reason else ""
        return f"{self.what}{place}{reason}, expected {self.expected}"


def _describe_place(query: str, location: int) -> str:
    if location == NOWHERE:
        return ""
    before = query.encode()[:location].decode("utf-8", "ignore")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return f" (line {line}, column {column})"
