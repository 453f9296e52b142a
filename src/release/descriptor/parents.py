"""Read `parent`: a table takes its parent's key, and with it captures and a foreign key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from release.descriptor.model import Field, RowOrigin
from release.descriptor.properties import Properties, suggest
from release.findings.message import shown
from release.syntax.paths import (
    BelowEntry,
    Capture,
    captures_of,
    captures_of_origin,
    single_origins,
)

#: The constraints of a key that hold for those who refer to it because they refer to it.
_KEPT_BY_KEY = ("required", "unique")


def order(items: Sequence[Properties]) -> Iterator[tuple[int, int | None]]:
    """Yield the position of each resource after that of its parent, which is None if it has none.

    Parents that are unknown, make no rows from records, or lead in a circle are noted.
    """
    names = {
        name: at
        for at, item in reversed(list(enumerate(items)))
        if isinstance(name := item.value.get("name"), str)
    }
    parents: dict[int, int | None] = {}
    for at, item in enumerate(items):
        parents[at] = _read_parent(item, names, items)
    for at in parents:
        seen = [at]
        while (above := parents[seen[-1]]) is not None:
            if above in seen:
                what = (
                    f"is {shown(items[at].value['parent'])}, which leads back to the table itself"
                )
                items[at].note(f"{what}, expected another table", "parent")
                parents[at] = None
                break
            seen.append(above)
    done: set[int] = set()
    for at in parents:
        chain = [at]
        while (above := parents[chain[-1]]) is not None:
            chain.append(above)
        for each in reversed(chain):
            if each not in done:
                done.add(each)
                yield each, parents[each]


def _read_parent(
    item: Properties, names: dict[str, int], items: Sequence[Properties]
) -> int | None:
    """Read the position of a resource's parent."""
    if "parent" not in item:
        return None
    if "rows" not in item or item.value["rows"] == "$findings":
        item.note_unwanted("parent", "only a table with rows from records has one")
        return None
    name = item.read_text("parent", "the name of a table")
    if name not in names:
        if name:
            item.note_unexpected("parent", f"the name of a table{suggest(name, names)}")
        return None
    if "rows" not in items[names[name]] or items[names[name]].value["rows"] == "$findings":
        item.note_unexpected("parent", "a table with rows from records")
        return None
    return names[name]


def inherit(
    item: Properties, fields: Sequence[Field], above: Sequence[Field], key: Sequence[str]
) -> tuple[Field, ...]:
    """Return the fields of a table, after those of its parent's key that it does not have itself."""
    own = {field.name for field in fields}
    named = {field.name: field for field in above}
    lacking = [named[name] for name in key if name not in own]
    return (*(_inherited(item, field) for field in lacking), *fields)


def _inherited(item: Properties, field: Field) -> Field:
    """Return a field of the parent's key as its child has it."""
    if any(
        each == "$value" or isinstance(each, BelowEntry) for each in single_origins(field.origin)
    ):
        message = f"has the key {field.name} from $value, which is another value here"
        item.note(
            f"{message}; expected a key from a path, or the field {field.name} here", "parent"
        )
    rest = {name: value for name, value in field.constraints.items() if name not in _KEPT_BY_KEY}
    public = {name: value for name, value in field.public.items() if name != "constraints"}
    if rest:
        public["constraints"] = rest
    return replace(field, constraints=rest, public=public)


def default_key(
    schema: Properties,
    fields: Sequence[Field],
    rows: Sequence[RowOrigin],
    above: Sequence[str],
    parents: Sequence[RowOrigin],
) -> tuple[str, ...]:
    """Return the key of a table that gives none: its parent's key, then its own captures that are fields.

    A capture of its own without a field is noted, as the other fields may not tell its rows apart. `above` is
    the parent's key, `parents` are the origins of its rows.
    """
    names = [*above]
    found: set[str] = set()
    own = _captures(rows) - _captures(parents)
    for field in fields:
        captured = captures_of_origin(field.origin) & own
        is_of_captures = all(isinstance(each, Capture) for each in single_origins(field.origin))
        if captured and is_of_captures:
            found |= captured
            names += [] if field.name in names else [field.name]
    if lacking := sorted(own - found):
        shown_lacking = " and ".join(f"{{{name}}}" for name in lacking)
        expected = (
            f"a field from {shown_lacking}, which would be part of it, or the fields of the key"
        )
        schema.note_unexpected("primaryKey", expected)
    return tuple(names)


def _captures(rows: Sequence[RowOrigin]) -> set[str]:
    """Return the captures that rows bind, besides those of the file's path."""
    return {name for each in rows for name in (*captures_of(each.path), *each.constants)}
