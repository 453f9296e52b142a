"""Read the property `page` of a descriptor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from release.descriptor.model import Field, Resource
from release.descriptor.page import record_view
from release.descriptor.page.model import ColumnPath, KeyStep, PageContent, Picture, PictureKind
from release.descriptor.page.record_view import split_column
from release.descriptor.properties import Properties, suggest
from release.descriptor.vocabulary import PROPERTIES
from release.findings.message import shown
from release.syntax.types.registry import FieldType

#: The properties of each kind of picture that name the column of an axis.
AXES: Mapping[PictureKind, tuple[str, ...]] = {
    "bars": ("by",),
    "heatmap": ("rows", "columns"),
    "line": ("over",),
    "disagreements": (),
}

#: The types of columns that have a few values, that are times, and that have a mean; each with its words.
_CODES: tuple[FieldType, ...] = ("string", "integer", "boolean", "year", "yearmonth")
_TIMES: tuple[FieldType, ...] = ("date", "datetime", "year", "yearmonth")
_NUMBERS: tuple[FieldType, ...] = ("number", "integer")
_IN_WORDS = {_CODES: "codes or short text", _TIMES: "dates or years", _NUMBERS: "numbers"}


def read(package: Properties, resources: Sequence[Resource]) -> PageContent:
    """Read what a descriptor says of the page."""
    page = package.read_mapping("page")
    page.note_unknown(*PROPERTIES["page"])
    if page.value.get("pictures", [1]) == []:
        page.note_unexpected("pictures", "a list of pictures")
    read = (_read_picture(item, resources) for item in page.read_mappings("pictures"))
    pictures = tuple(each for each in read if each is not None)
    return record_view.read(page, resources, pictures)


def _read_picture(item: Properties, resources: Sequence[Resource]) -> Picture | None:
    """Read a picture; None if there is a problem with its kind, table or columns."""
    kind: PictureKind | None = next(
        (each for each in get_args(PictureKind) if each == item.value.get("kind")), None
    )
    item.note_unknown(*PROPERTIES["picture"])
    if kind is None:
        item.note_unexpected("kind", f"one of {', '.join(get_args(PictureKind))}")
        return None
    title = item.read_text("title") if "title" in item else ""
    own = _own_properties(kind)
    others = " ".join(each for each in PROPERTIES["picture"] if each not in own)
    item.note_unwanted(others, f"a picture of the kind {kind} has {', '.join(own)}")
    if kind == "disagreements":
        table = next((each.name for each in resources if each.is_findings), "")
        if not table:
            item.note("is 'disagreements', expected a table with `rows: $findings` for it", "kind")
        return Picture(kind, title, table)
    name = item.read_text("table", "the name of a table")
    tables = {each.name: each for each in resources}
    if name not in tables:
        if name.strip():
            item.note_unexpected("table", f"the name of a table{suggest(name, tables)}")
        return None
    types = _TIMES if kind == "line" else _CODES
    paths = [_read_path(item, key, tables[name], tables, types) for key in AXES[kind]]
    mean = ""
    if "mean" in item and kind != "line":
        path = _read_path(item, "mean", tables[name], {name: tables[name]}, _NUMBERS)
        mean = path.field if path else ""
    by = tuple(path for path in paths if path is not None)
    return Picture(kind, title, name, by, mean) if len(by) == len(paths) else None


def _own_properties(kind: PictureKind) -> tuple[str, ...]:
    """Return the properties that a picture of a kind may have."""
    if kind == "disagreements":
        return ("kind", "title")
    return ("kind", "title", "table", *AXES[kind], *(() if kind == "line" else ("mean",)))


def _read_path(
    item: Properties,
    key: str,
    start: Resource,
    tables: Mapping[str, Resource],
    types: tuple[FieldType, ...],
) -> ColumnPath | None:
    """Read the name of a column of a table, or of one that it refers to; None if there is a problem."""
    what = f"a column of {start.name} with {_IN_WORDS[types]}"
    if len(tables) > 1:
        what += ", or TABLE.COLUMN of a table that it refers to"
    text = item.read_text(key, what)
    own = text in start.field_names or "." not in text
    before, name = next(split_column(text, tables), (text.rpartition(".")[0], text))
    owner = start if own else tables.get(before)
    name = text if own else name
    if not text.strip():
        return None
    if owner is None or name not in owner.field_names:
        names = start.field_names if owner is None or own else owner.field_names
        known = names if own or owner is None else [f"{before}.{each}" for each in names]
        item.note_unexpected(key, f"{what}{suggest(text, known)}")
        return None
    routes = [()] if own else list(_find_routes(start, owner.name, tables))
    if len(routes) != 1:
        found = f"to which {start.name} refers in more than one way" if routes else ""
        found = found or f"to which {start.name} does not refer"
        item.note(f"is {shown(text)}, {found}; expected {what}", key)
        return None
    if _type_of(owner, name) not in types:
        item.note(f"is {shown(text)}, of the type {_type_of(owner, name)}, expected {what}", key)
        return None
    return ColumnPath(text, routes[0], owner.name, name)


def _type_of(table: Resource, name: str) -> FieldType:
    field: Field = table.field(name)
    return field.type


def _find_routes(
    start: Resource, target: str, tables: Mapping[str, Resource]
) -> Iterator[tuple[KeyStep, ...]]:
    """Yield the shortest ways along foreign keys from one table to another."""
    level: list[tuple[KeyStep, ...]] = [()]
    seen = {start.name}
    while level:
        longer: list[tuple[KeyStep, ...]] = []
        for route in level:
            here = tables[route[-1].table] if route else start
            longer += [
                (*route, step) for step in _find_steps(here, tables) if step.table not in seen
            ]
        if found := [route for route in longer if route[-1].table == target]:
            yield from found
            return
        seen |= {route[-1].table for route in longer}
        level = longer


def _find_steps(table: Resource, tables: Mapping[str, Resource]) -> Iterator[KeyStep]:
    """Yield the steps from a table: along its foreign keys, and from its codes to their codelists."""
    for key in table.foreign_keys:
        if key.resource in tables:
            yield KeyStep(key.fields, key.resource, key.reference_fields)
    for field in table.fields:
        if field.codes is not None and field.codes in tables:
            yield KeyStep((field.name,), field.codes, tables[field.codes].primary_key)
