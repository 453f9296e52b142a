"""Read what a descriptor says of how a page shows its tables and their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from release.descriptor.model import Resource
from release.descriptor.page import relations
from release.descriptor.page.model import EditionColumn, PageContent, Picture, TitleColumn
from release.descriptor.properties import Properties, describe, suggest
from release.findings.message import shown


def read(
    page: Properties, resources: Sequence[Resource], pictures: tuple[Picture, ...]
) -> PageContent:
    """Read the properties of a page beside its pictures; what is not there stays empty."""
    tables = {each.name: each for each in resources if each.name}
    entity = _read_entity(page, resources)
    language = _read_language(page, tables) if "language" in page else None
    editions = language if "language" in page else relations.find_editions(resources)
    title = None
    if "title" in page and entity is not None:
        title = _read_title(page, entity, tables, editions)
    order = page.read_names("order", tables, "the name of a table") if "order" in page else ()
    hide = frozenset(_read_hidden(page, tables)) if "hide" in page else None
    named = entity.name if entity is not None and "entity" in page else ""
    return PageContent(pictures, named, title, language, order, hide)


def _read_entity(page: Properties, resources: Sequence[Resource]) -> Resource | None:
    """Read the table whose rows have a page of their own; None if there is a problem with it."""
    if "entity" not in page:
        return relations.find_entity(resources) if resources else None
    able = {each.name: each for each in resources if not each.is_findings}
    name = page.read_text("entity", "the name of a table")
    if name in able:
        return able[name]
    if any(each.name == name for each in resources):
        why = "findings are shown at the rows that they speak of"
        page.note(f"is {shown(name)}, expected another table: {why}", "entity")
    elif name.strip():
        page.note_unexpected("entity", f"the name of a table{suggest(name, able)}")
    return None


def _read_language(page: Properties, tables: Mapping[str, Resource]) -> EditionColumn | None:
    """Read the column that tells editions apart, by itself or by the table that lists its values."""
    what = "the table of languages, or TABLE.COLUMN that has them in a primary key"
    text = page.read_text("language", what)
    found = list(relations.list_editions(tables.values()))
    if text in tables:
        columns = {each.column: each for _, each in found if each.table == text}
        if not columns:
            why = "to which no primary key of two columns or more refers"
            page.note(f"is {shown(text)}, {why}; expected {what}", "language")
        elif len(columns) > 1:
            names = ", ".join(columns)
            why = f"to which columns of several names refer: {names}"
            page.note(f"is {shown(text)}, {why}; expected TABLE.COLUMN of one", "language")
        return next(iter(columns.values()), None)
    known = {f"{table.name}.{each.column}": each for table, each in found}
    if text.strip() and text not in known:
        page.note_unexpected("language", f"{what}{suggest(text, [*tables, *known])}")
    return known.get(text)


def _read_title(
    page: Properties,
    entity: Resource,
    tables: Mapping[str, Resource],
    editions: EditionColumn | None,
) -> TitleColumn | None:
    """Read the column that names a row of the entity; None if there is a problem with it."""
    language = editions.column if editions is not None else ""
    key = f"whose key is that of {entity.name}"
    key += f", or that and {language}" if language and language not in entity.primary_key else ""
    what = f"a column of {entity.name}, or TABLE.COLUMN of a table {key}"
    text = page.read_text("title", what)
    if text in entity.field_names:
        return TitleColumn(entity.name, text)
    for name, column in split_column(text, tables):
        if name == entity.name:
            return TitleColumn(name, column)
        is_edition = relations.is_named_by(entity, tables[name], language)
        if is_edition is not None:
            return TitleColumn(name, column, language if is_edition else "")
        own = ", ".join(tables[name].primary_key)
        page.note(f"is {shown(text)}, of a table with the key {own}; expected {what}", "title")
        return None
    if text.strip():
        near = [
            each
            for each in tables.values()
            if relations.is_named_by(entity, each, language) is not None
        ]
        known = [*entity.field_names, *_name_columns(near)]
        page.note_unexpected("title", f"{what}{suggest(text, known)}")
    return None


def _read_hidden(page: Properties, tables: Mapping[str, Resource]) -> Iterator[tuple[str, str]]:
    """Yield the columns that are left out where a row is shown, each with its table."""
    names = page.value["hide"]
    listed = [names] if isinstance(names, str) else page.read_list("hide", "a list of columns")
    for at, name in enumerate(listed):
        where = ("hide",) if isinstance(names, str) else ("hide", at)
        if not isinstance(name, str) or not name.strip():
            page.note(f"is {describe(name)}, expected a column, or TABLE.COLUMN", *where)
            continue
        everywhere = [(each.name, name) for each in tables.values() if name in each.field_names]
        found = everywhere or list(split_column(name, tables))
        if not found and name in tables:
            page.note(f"is {shown(name)}, a table, expected a column, or TABLE.COLUMN", *where)
        elif not found:
            own = [column for each in tables.values() for column in each.field_names]
            near = suggest(name, _name_columns(tables.values()) if "." in name else own)
            page.note(f"is {shown(name)}, expected a column, or TABLE.COLUMN{near}", *where)
        elif name in listed[:at]:
            page.note(f"is {shown(name)} again, expected it once", *where)
        yield from found


def split_column(text: str, tables: Mapping[str, Resource]) -> Iterator[tuple[str, str]]:
    """Yield the table and the column that `TABLE.COLUMN` names; both names may have dots."""
    parts = text.split(".")
    for at in range(1, len(parts)):
        name, column = ".".join(parts[:at]), ".".join(parts[at:])
        if name in tables and column in tables[name].field_names:
            yield name, column


def _name_columns(tables: Iterable[Resource]) -> Iterator[str]:
    return (f"{each.name}.{name}" for each in tables for name in each.field_names)
