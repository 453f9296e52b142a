"""Find the changes between two releases in metadata, tables, fields and keys, and the level of each.

The levels are those of the Data Package standard's recipe for versions
(https://datapackage.org/recipes/data-package-version/) as docs/how-to/versions.md lists them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from release.diff.release import Release, Table
from release.syntax.json import is_equal
from release.syntax.looks.contrast import point_out
from release.syntax.types.value_type import ValueType, of_release
from release.syntax.types.values import as_text, parse_value
from release.syntax.versions import Level

#: What a change is about.
Kind = Literal["package", "table", "field", "constraint", "key"]

#: A constraint whose growth lets fewer values pass, and one whose growth lets more pass.
_GROWS_TIGHTER = ("minimum", "exclusiveMinimum", "minLength")
_GROWS_LOOSER = ("maximum", "exclusiveMaximum", "maxLength")
#: Constraints that are values of the field's type, which a descriptor may write as text.
_VALUES = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "categories")

#: Properties of a field that are compared as its type, as constraints, or not at all.
_TYPE = ("type", "format", "decimal", "zone")
_NOT_ABOUT = (*_TYPE, "constraints", "categories")

#: Properties of a schema that are compared as fields or as keys.
_BY_THEMSELVES = ("fields", "primaryKey", "uniqueKeys", "foreignKeys")

#: The package's properties that say which package it is.
_IDENTITY = ("name", "id")


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the metadata or schema; `old` and `new` are values of the manifests.

    `table` and `field` are empty where the change is not about one.
    """

    level: Level
    kind: Kind
    table: str
    field: str
    message: str
    old: Any = None
    new: Any = None

    @property
    def is_of_schema(self) -> bool:
        """True if it is about tables, fields, constraints or keys, and not about their metadata."""
        return self.kind in ("field", "constraint", "key", "table") and self.level != "patch"

    def __str__(self) -> str:
        place = ".".join(part for part in (self.table, self.field) if part)
        return f"{place or 'package'}: {self.message}"


def of_package(old: Release, new: Release) -> Iterator[Change]:
    """Find the changes in the metadata of two packages, and the tables that only one of them has."""
    for name in _names(old.about, new.about):
        one, other = old.about.get(name), new.about.get(name)
        if not is_equal(one, other):
            level: Level = "major" if name in _IDENTITY else "patch"
            yield Change(level, "package", "", "", _describe(name, one, other), one, other)
    if old.rules and new.rules and not is_equal(old.rules, new.rules):
        parts = ", ".join(n for n in _names(old.rules, new.rules) if _differ(n, old, new))
        message = f"records are read or checked otherwise: {parts}"
        yield Change("patch", "package", "", "", message)
    for name, table in old.tables.items():
        if name not in new.tables:
            yield Change("major", "table", name, "", "removed", table.schema, None)
    for name, table in new.tables.items():
        if name not in old.tables:
            yield Change("minor", "table", name, "", "added", None, table.schema)


def _differ(name: str, old: Release, new: Release) -> bool:
    return not is_equal(old.rules.get(name), new.rules.get(name))


def of_table(old: Table, new: Table) -> Iterator[Change]:
    """Find the changes in the metadata, fields and keys of a table that both releases have."""
    for name in _names(old.about, new.about):
        one, other = old.about.get(name), new.about.get(name)
        if not is_equal(one, other):
            message = _describe(name, one, other)
            yield Change("patch", "table", new.name, "", message, one, other)
    if is_equal(old.schema, new.schema):
        return
    yield from _fields(old, new)
    yield from _keys(old, new)
    for name in _names(old.schema, new.schema):
        one, other = old.schema.get(name), new.schema.get(name)
        if not is_equal(one, other) and name not in _BY_THEMSELVES:
            # such as missingValues, which says how every cell is read
            yield Change("major", "table", new.name, "", _describe(name, one, other), one, other)


def _fields(old: Table, new: Table) -> Iterator[Change]:
    ours, theirs = old.fields, new.fields
    for name, field in ours.items():
        if name not in theirs:
            message = f"removed ({field.get('type', 'string')})"
            yield Change("major", "field", new.name, name, message, field, None)
    for name, field in theirs.items():
        if name not in ours:
            message = f"added ({field.get('type', 'string')})"
            yield Change("major", "field", new.name, name, message, None, field)
    before = [name for name in ours if name in theirs]
    after = [name for name in theirs if name in ours]
    if before != after:
        message = f"fields reordered: {', '.join(after)}; were {', '.join(before)}"
        yield Change("major", "field", new.name, "", message, before, after)
    for name in after:
        yield from _field(new.name, ours[name], theirs[name])


def _field(table: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    name = new["name"]
    for key in _TYPE:
        default = "string" if key == "type" else None
        one, other = old.get(key, default), new.get(key, default)
        if not is_equal(one, other):
            message = f"{key} is {_shown(other)}, was {_shown(one)}"
            yield Change("major", "field", table, name, message, one, other)
    ours, theirs = old.get("constraints", {}), new.get("constraints", {})
    for key in _names(ours, theirs):
        yield from _constraint(table, new, key, ours.get(key), theirs.get(key))
    ones, others = _categories(old), _categories(new)
    values, now = ones and list(ones), others and list(others)
    yield from _constraint(table, new, "categories", values, now)
    if ones and others and set(ones) == set(others) and not is_equal(ones, others):
        message = "labels of categories changed"
        yield Change("patch", "field", table, name, message, ones, others)
    if ones and others and new.get("categoriesOrdered"):
        before, after = [v for v in ones if v in others], [v for v in others if v in ones]
        if before != after:
            yield Change("patch", "field", table, name, "order of categories changed", values, now)
    for key in _names(old, new):
        if key not in _NOT_ABOUT and not is_equal(old.get(key), new.get(key)):
            message = _describe(key, old.get(key), new.get(key))
            yield Change("patch", "field", table, name, message, old.get(key), new.get(key))


def _categories(field: Mapping[str, Any]) -> dict[Any, Any] | None:
    """Return the categories of a field by value, with their labels."""
    items = field.get("categories")
    if not isinstance(items, list):
        return None
    pairs = [(i.get("value"), i.get("label")) if isinstance(i, dict) else (i, None) for i in items]
    return dict(pairs)


def _constraint(
    table: str, field: Mapping[str, Any], name: str, old: Any, new: Any
) -> Iterator[Change]:
    """Compare one constraint of a field: it now accepts fewer values, or more."""
    one, other = old, new
    if name in _VALUES:
        kind = of_release(field.get("type", "string"), field)
        one, other = _typed(old, kind), _typed(new, kind)
    if isinstance(one, list) and isinstance(other, list):
        if set(map(repr, one)) == set(map(repr, other)):
            return
    elif is_equal(one, other) or (name in ("required", "unique") and not one and not other):
        return
    tighter = _is_tighter(name, one, other)
    word = "tightened" if tighter else "loosened"
    message = f"{_describe(name, old, new)} ({word})"
    level: Level = "major" if tighter else "minor"
    yield Change(level, "constraint", table, field["name"], message, old, new)


def _typed(value: Any, kind: ValueType) -> Any:
    """Return a limit, or a list of them, in the field's type; as it is written if it has no such value."""
    if isinstance(value, list):
        return [_typed(each, kind) for each in value]
    text = as_text(value)
    typed = None if text is None else parse_value(text, kind)
    return value if typed is None else typed


def _is_tighter(name: str, old: Any, new: Any) -> bool:
    """Return whether a constraint may refuse values that it accepted before; if in doubt, it may."""
    if new is None or new is False:
        return False
    if old is None or old is False:
        return True
    if name in ("enum", "categories") and isinstance(old, list) and isinstance(new, list):
        return not set(map(repr, old)) <= set(map(repr, new))
    try:
        if name in _GROWS_TIGHTER:
            return bool(new > old)
        return bool(new < old) if name in _GROWS_LOOSER else True
    except TypeError:
        return True


def _keys(old: Table, new: Table) -> Iterator[Change]:
    if old.key != new.key:
        message = f"primaryKey is {', '.join(new.key)}; was {', '.join(old.key)}"
        yield Change("major", "key", new.name, "", message, list(old.key), list(new.key))
    for name, say in (("uniqueKeys", _unique), ("foreignKeys", _foreign)):
        ours, theirs = _listed(old, name), _listed(new, name)
        for key in _besides(ours, theirs):
            message = f"{name}: {say(key)} removed (loosened)"
            yield Change("minor", "key", new.name, "", message, key, None)
        for key in _besides(theirs, ours):
            message = f"{name}: {say(key)} added (tightened)"
            yield Change("major", "key", new.name, "", message, None, key)


def _besides(keys: Sequence[Any], others: Sequence[Any]) -> Iterator[Any]:
    """Yield the keys that are not among others."""
    return (key for key in keys if not any(is_equal(key, other) for other in others))


def _listed(table: Table, name: str) -> Sequence[Any]:
    value = table.schema.get(name, [])
    return value if isinstance(value, list) else [value]


def _unique(key: Any) -> str:
    return ", ".join(map(str, key)) if isinstance(key, list) else str(key)


def _foreign(key: Any) -> str:
    if not isinstance(key, dict) or not isinstance(key.get("reference"), dict):
        return str(key)
    reference = key["reference"]
    resource = str(reference.get("resource") or "")
    there = ", ".join(filter(None, [resource, _unique(reference.get("fields"))]))
    return f"{_unique(key.get('fields'))} in {there}"


def _names(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the names in either of two, those of the new one first."""
    return [*new, *(name for name in old if name not in new)]


def _describe(name: str, old: Any, new: Any) -> str:
    if new is None:
        return f"{name} removed, was {_shown(old)}"
    if old is None:
        return f"{name} added: {_shown(new)}"
    one, other = point_out(_shown(new), _shown(old))
    return f"{name} is {_shown(new)}{one}, was {_shown(old)}{other}"


def _shown(value: Any) -> str:
    """Show a value of a descriptor in a few words."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:79] + "…"
