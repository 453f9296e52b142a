"""The relations of a release's tables, and the way to join some of them along foreign keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from release.findings.errors import UsageError
from release.package.manifest.model import Manifest


@dataclass(frozen=True, slots=True)
class Relation:
    """A foreign key: the values of `fields` of `table` stand in `reference_fields` of `reference`."""

    table: str
    fields: tuple[str, ...]
    reference: str
    reference_fields: tuple[str, ...]

    def __str__(self) -> str:
        """Return it in one line, such as `scores (policy_id, language) → texts (policy_id, language)`."""
        fields, others = ", ".join(self.fields), ", ".join(self.reference_fields)
        return f"{self.table} ({fields}) → {self.reference} ({others})"


@dataclass(frozen=True, slots=True)
class JoinStep:
    """A table that is joined to those before it: each of these columns equals one of an earlier table."""

    table: str
    columns: tuple[str, ...]
    others: tuple[tuple[str, str], ...]


def find_relations(manifest: Manifest) -> list[Relation]:
    """Return the relations of the tables, in the order of the tables and of their foreign keys."""
    return [
        Relation(name, key.fields, key.resource or name, key.reference_fields)
        for name, table in manifest.tables.items()
        if table.schema is not None
        for key in table.schema.foreign_keys
    ]


def plan(
    names: Sequence[str], relations: Sequence[Relation], chosen: Mapping[str, Sequence[str]]
) -> list[JoinStep]:
    """Return the steps that join tables to the first of them, along the foreign keys between them.

    A table waits until one before it is related to it, so their order says nothing but which is the first.

    Args:
        names: The tables.
        relations: All relations of the release.
        chosen: The fields of the foreign key by which a table is joined, where there are several.

    Raises:
        UsageError: A table is not related to the others, or in more than one way.
    """
    steps: list[JoinStep] = []
    same = _Equals()
    there, waiting = [names[0]], list(names[1:])
    while waiting:
        for name in waiting:
            if found := _links(name, there, relations, chosen.get(name)):
                break
        else:
            raise UsageError(_unrelated(waiting[0], there, relations, chosen))
        step = _one(name, found, same)
        steps.append(step)
        for column, other in zip(step.columns, step.others, strict=True):
            same.join((name, column), other)
        there.append(name)
        waiting.remove(name)
    return steps


class _Equals:
    """Columns that have equal values in every joined row."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], tuple[str, str]] = {}

    def first(self, column: tuple[str, str]) -> tuple[str, str]:
        """Return the column that stands for all that are equal to this one."""
        while column in self._first:
            column = self._first[column]
        return column

    def join(self, column: tuple[str, str], other: tuple[str, str]) -> None:
        """Note that two columns are equal."""
        if self.first(column) != self.first(other):
            self._first[self.first(column)] = self.first(other)


@dataclass(frozen=True, slots=True)
class _Link:
    """One way to join a table: its relation, and its columns with the earlier ones they are equal to."""

    relation: Relation
    pairs: tuple[tuple[str, tuple[str, str]], ...]


def _links(
    name: str, there: Sequence[str], relations: Sequence[Relation], chosen: Sequence[str] | None
) -> list[_Link]:
    """Return the ways to join a table to those that are there."""
    found = []
    for each in relations:
        if chosen is not None and tuple(chosen) != each.fields:
            continue
        if each.table == name and each.reference in there:
            others = [(each.reference, field) for field in each.reference_fields]
            found.append(_Link(each, tuple(zip(each.fields, others, strict=True))))
        elif each.reference == name and each.table in there:
            others = [(each.table, field) for field in each.fields]
            found.append(_Link(each, tuple(zip(each.reference_fields, others, strict=True))))
    return found


def _one(name: str, links: Sequence[_Link], same: _Equals) -> JoinStep:
    """Return the step by the way that says all that the others say.

    Raises:
        UsageError: There is no such way.
    """
    said = [{(column, same.first(other)) for column, other in each.pairs} for each in links]
    for link, says in zip(links, said, strict=True):
        if all(says >= each for each in said):
            columns, others = zip(*link.pairs, strict=True)
            return JoinStep(name, columns, others)
    listed = "; ".join(str(each.relation) for each in links)
    fields = links[0].relation.fields
    asked = repr(fields[0]) if len(fields) == 1 else repr(fields)
    message = f"{name} can be joined in {len(links)} ways: {listed}; choose the fields of one"
    raise UsageError(f"{message}, such as on={{{name!r}: {asked}}}")


def _unrelated(
    name: str,
    there: Sequence[str],
    relations: Sequence[Relation],
    chosen: Mapping[str, Sequence[str]],
) -> str:
    """Explain why a table cannot be joined, and by which tables it could be."""
    if name in chosen:
        fields = ", ".join(chosen[name])
        return f"no foreign key of ({fields}) leads between {name} and {', '.join(there)}"
    message = f"no foreign key leads between {name} and {', '.join(there)}"
    between = _between(name, there, relations)
    if between:
        return f"{message}; the way between them is through {', '.join(between)}: name it too"
    return f"{message}, not even through other tables"


def _between(name: str, there: Sequence[str], relations: Sequence[Relation]) -> list[str]:
    """Return the fewest tables through which a table is related to others; none if it is not."""
    ways: dict[str, list[str]] = {each: [] for each in there}
    queue = list(there)
    for at in queue:
        for each in relations:
            ends = (each.table, each.reference)
            for own, other in (ends, ends[::-1]):
                if own == at and other not in ways:
                    ways[other] = [*ways[at], other]
                    queue.append(other)
    return ways.get(name, [])[:-1]
