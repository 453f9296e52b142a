"""Work out from keys what a page shows of a dataset: the table of its subjects, their editions and titles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from release.descriptor.model import Resource
from release.descriptor.page.model import EditionColumn
from release.syntax.paths import Capture


def find_entity(resources: Sequence[Resource]) -> Resource:
    """Return the table whose rows have a page of their own: the one that most others refer to.

    Tables that refer to it by way of another count too; of several the first is taken. Codelists and findings
    are left out, unless there is nothing else.
    """
    able = [each for each in resources if each.codelist is None and not each.is_findings] or list(
        resources
    )
    targets = {
        each.name: {key.resource or each.name for key in each.foreign_keys} for each in resources
    }
    counts = {
        each.name: sum(each.name in _reach(other.name, targets) for other in able) for each in able
    }
    return max(able, key=lambda each: counts[each.name])


def _reach(name: str, targets: Mapping[str, set[str]]) -> set[str]:
    """Return the names of the tables to which foreign keys lead from a table, itself left out."""
    found: set[str] = set()
    left = [name]
    while left:
        for target in targets.get(left.pop(), set()) - found:
            found.add(target)
            left.append(target)
    return found - {name}


def find_editions(resources: Iterable[Resource]) -> EditionColumn | None:
    """Return the column of languages of the first table whose editions are compared; None without one."""
    for resource in resources:
        for compare in resource.compare:
            for name in resource.primary_key:
                if resource.field(name).origin == Capture(compare.across):
                    return EditionColumn(name, find_list(resource, name))
    return None


def list_editions(resources: Iterable[Resource]) -> Iterator[tuple[Resource, EditionColumn]]:
    """Yield each column that may tell editions apart, with its table: one of several in the primary key."""
    for resource in resources:
        if len(resource.primary_key) > 1:
            for name in resource.primary_key:
                yield resource, EditionColumn(name, find_list(resource, name))


def find_list(resource: Resource, column: str) -> str:
    """Return the name of the table that lists the values of a column; empty if none does."""
    targets = (key.resource for key in resource.foreign_keys if key.fields == (column,))
    return resource.field(column).codes or next(targets, None) or ""


def is_named_by(entity: Resource, child: Resource, language: str) -> bool | None:
    """Tell if a table has one row for each edition of the entity's rows: True; one for each row: False.

    None if it is neither. `language` is the column of languages, empty without one.
    """
    others = [name for name in child.primary_key if name not in _find_key(entity, child)]
    if len(child.primary_key) - len(others) != len(entity.primary_key):
        return None
    return None if others not in ([], [language]) else bool(others)


def _find_key(entity: Resource, child: Resource) -> tuple[str, ...]:
    """Return the columns of a table that lead to the entity: by a foreign key, or by their names."""
    for key in child.foreign_keys:
        if key.resource == entity.name and set(key.reference_fields) == {*entity.primary_key}:
            return key.fields
    codes = [each.name for each in child.fields if each.codes == entity.name]
    return (codes[0],) if codes else entity.primary_key
