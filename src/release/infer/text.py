"""Write a draft as the text of a descriptor, with comments, and its codelists as CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from release.infer.model import (
    CodelistDraft,
    CsvDraft,
    Draft,
    FieldDraft,
    KindDraft,
    Omission,
    ReferenceDraft,
    TableDraft,
)
from release.infer.tables import parents
from release.syntax.paths import Path, show_path

#: Texts that YAML needs no quotes for, in any version, in flow and in block style.
_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_./$-]*(?: [A-Za-z0-9_./$-]+)*")
_BLOCK = re.compile(r"(?:[A-Za-z_]|\.[A-Za-z_{])(?:[A-Za-z0-9_./{}*-]|:(?=\*))*")
_WORDS = frozenset("true false null yes no on off y n".split())


def scalar(text: str) -> str:
    """Return a text as YAML writes it, with quotes only where they are needed."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text)


def block(text: str) -> str:
    """Return a text as YAML writes it in block style, where braces within it need no quotes."""
    return text if _BLOCK.fullmatch(text) and text.lower() not in _WORDS else scalar(text)


def inline(value: Any) -> str:
    """Return a value in flow style."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(k)}: {inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Iterable):
        return "[" + ", ".join(map(inline, value)) + "]"
    return str(value)


def comment(text: str) -> str:
    """Return a text as a comment of one line."""
    return "# " + "".join(sign if sign.isprintable() else " " for sign in text)


def write_descriptor(draft: Draft) -> str:
    """Return the text of a descriptor."""
    lines = [
        comment(
            "Written by `release init`. Each comment gives a reason, or a property to take up;"
        ),
        comment("what this page may hold is explained in docs/reference/descriptor.md."),
        f"name: {scalar(draft.name)}",
        f"title: {scalar(draft.title)}",
        "version: 0.1.0-dev",
        f"created: {scalar(draft.created)}",
    ]
    if draft.kinds:
        lines += ["", "records:"]
        for kind in draft.kinds:
            lines += kind_lines(kind)
    by_name = {table.name: table for table in draft.tables}
    tables = [
        *(line for each in draft.tables for line in table_lines(each, by_name.get(each.parent))),
        *(line for each in draft.curated for line in _curated(each)),
        *(line for each in draft.codelists for line in codelist_lines(each)),
    ]
    lines += ["", "resources:", *tables[1:]]
    return "\n".join(lines) + "\n"


def kind_lines(kind: KindDraft) -> Iterator[str]:
    """Yield the lines of a kind."""
    yield f"  {kind.name}:"
    yield f"    path: {block(kind.pattern)}"
    if kind.format:
        yield f"    format: {kind.format}"
    if kind.delimiter:
        yield f"    dialect: {inline({'delimiter': kind.delimiter})}"
    if kind.encoding:
        yield f"    encoding: {kind.encoding}"
    if kind.records:
        yield f"    records: {block(kind.records)}"
    if kind.may_lack_front_matter:
        yield "    frontMatter: optional"
    if kind.languages:
        yield f"    prefer: {inline({'language': kind.languages})}"
    for name, omissions in (
        ("beside", kind.beside),
        ("exclude", kind.exclude),
        ("ignore", kind.ignore),
    ):
        if omissions:
            yield f"    {name}:"
            yield from map(omission_line, omissions)
    if kind.companions:
        yield "    companions:"
        for pattern in kind.companions:
            yield f"      - {inline({'path': pattern})}"


def omission_line(omission: Omission) -> str:
    """Return the line of what is left out."""
    return f"      - {inline({'path': omission.path, 'reason': omission.reason})}"


def table_lines(table: TableDraft, parent: TableDraft | None = None) -> Iterator[str]:
    """Yield the lines of a table, but for what its parent says."""
    yield ""
    if table.note:
        yield f"  {comment(table.note)}"
    yield f"  - name: {scalar(table.name)}"
    if parent is not None:
        yield f"    parent: {scalar(parent.name)}"
    rows = _rows(table, parent)
    if table.one_or_many:
        split = {"split": table.split} if table.split else {}
        yield f"    rows: {inline({'path': rows, 'oneOrMany': True, **split})}"
    else:
        yield f"    rows: {block(rows)}"
    if table.compare is not None:
        yield f"    compare: {inline({'across': 'language', 'fields': table.compare})}"
    yield "    schema:"
    if parent is None or table.key != parents.default_key(table, parent):
        yield f"      primaryKey: {inline(table.key)}"
    told = [each for each in table.references if parent and parents.is_to_parent(each, table)]
    references = [each for each in table.references if each not in told]
    if references:
        yield "      foreignKeys:"
        for reference in references:
            yield f"        - {inline(_reference(reference))}"
    yield "      fields:"
    inherited = parents.inherited_fields(table, parent) if parent is not None else []
    for each in table.fields:
        if each not in inherited:
            yield from field_lines(each, table.path)


def _rows(table: TableDraft, parent: TableDraft | None) -> str:
    """Return where the rows of a table stand; below those of its parent if that has more than a kind."""
    if not table.path:
        return table.kind
    path = show_path(table.path)
    if parent is None or len(parent.path) == len(table.path):
        return f"{table.kind}/{path}"
    return f".{show_path(table.path[len(parent.path) :])}"


def _reference(reference: ReferenceDraft) -> dict[str, Any]:
    target = {"resource": reference.table, "fields": reference.to}
    return {"fields": reference.fields, "reference": target}


def field_lines(each: FieldDraft, rows: Path = ()) -> Iterator[str]:
    """Yield the lines of a field of a table with such rows."""
    properties: dict[str, Any] = {"name": each.name}
    if each.type != "string":
        properties["type"] = each.type
    properties["from"] = each.source_in(rows)
    properties |= each.properties
    if each.when:
        properties["when"] = each.when
    if each.codes:
        properties["codes"] = each.codes
    if each.note:
        yield f"        {comment(each.note)}"
    kept = f"  {comment(f'constraints: {inline(each.constraints)}')}" if each.constraints else ""
    yield f"        - {inline(properties)}{kept}"


def _curated(table: CsvDraft) -> Iterator[str]:
    yield ""
    yield f"  - name: {scalar(table.name)}"
    yield f"    path: {block(table.path)}"
    yield "    schema:"
    yield f"      primaryKey: {inline(table.key)}"
    yield "      fields:"
    for each in table.fields:
        yield f"        - {inline({'name': each.name, 'type': each.type})}"


def codelist_lines(codelist: CodelistDraft) -> Iterator[str]:
    """Yield the lines of a codelist."""
    yield ""
    if codelist.note:
        yield f"  {comment(codelist.note)}"
    yield f"  - name: {scalar(codelist.name)}"
    yield f"    path: {block(f'codelists/{codelist.name}.csv')}"
    properties: dict[str, str] = {}
    if codelist.languages:
        properties["labels"] = "label_{language}"
    if any(aliases for *_, aliases in codelist.rows):
        properties["aliases"] = "aliases"
    yield f"    codelist: {inline(properties)}"
    fields = [{"name": name} for name in columns(codelist)]
    yield f"    schema: {inline({'primaryKey': 'code', 'fields': fields})}"


def columns(codelist: CodelistDraft) -> list[str]:
    """Return the columns of a codelist."""
    labels = [f"label_{language.replace('-', '_').lower()}" for language in codelist.languages]
    has_aliases = any(aliases for *_, aliases in codelist.rows)
    return ["code", *labels, *(["aliases"] if has_aliases else [])]


def write_codelist(codelist: CodelistDraft) -> str:
    """Return a codelist as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = columns(codelist)
    writer.writerow(names)
    for code, labels, aliases in codelist.rows:
        row = [code, *(labels.get(language, "") for language in codelist.languages)]
        writer.writerow([*row, *(["|".join(aliases)] if "aliases" in names else [])])
    return out.getvalue()
