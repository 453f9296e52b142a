"""The JSON Schemas of the files of each kind, or of each language of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from release.descriptor.model import Descriptor, RecordKind
from release.editors.code_texts import languages_of
from release.editors.containers import FileSchemas, describe_condition
from release.editors.places import RecordLayout, lay_out
from release.editors.records import RecordSchemas
from release.editors.values import DRAFT, Schema
from release.records.codelists import Lookup
from release.syntax.file_patterns import FilePattern
from release.syntax.formats.endings import FileFormat, format_of
from release.syntax.paths import Capture, Path

#: The formats of files that editors hold against a JSON Schema; of the others, a schema is of one record.
_WHOLE_FILES = ("yaml", "yaml-documents", "json", "toml")


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """A JSON Schema and the files that it is for.

    Attributes:
        name: Its name: that of the kind, with the language behind a dot.
        kind: The name of the kind.
        schema: The schema.
        patterns: The files, as globs below the folder of the descriptor.
        format: Their format; None if the endings of their names tell.
    """

    name: str
    kind: str
    schema: Schema
    patterns: tuple[str, ...]
    format: FileFormat | None


def describe_kinds(descriptor: Descriptor, lookups: Mapping[str, Lookup]) -> Iterator[SchemaFile]:
    """Describe the files of each kind; of a kind with codelists in several languages, those of each language.

    `lookups` are the codelists, by the name of their table. A codelist that is missing is not held against.
    """
    for kind in descriptor.kinds:
        layout = lay_out(descriptor, kind)
        capture, languages = find_languages(layout, lookups)
        for language in languages or [""]:
            name = f"{kind.name}.{language}" if language else kind.name
            pattern = make_glob(kind.pattern, {capture: language} if language else {})
            schemas = RecordSchemas(layout, lookups, language)
            schema = _describe_file(kind, schemas)
            title = f"{kind.name} ({language})" if language else kind.name
            head = {"$schema": DRAFT, "title": f"A record of {title}, in {descriptor.name}"}
            tail = {"definitions": schemas.definitions} if schemas.definitions else {}
            yield SchemaFile(
                name, kind.name, {**head, **schema, **tail}, (pattern,), _format_of(kind)
            )


def find_languages(layout: RecordLayout, lookups: Mapping[str, Lookup]) -> tuple[str, list[str]]:
    """Find the capture that gives the language of labels in records of a kind, and its values.

    These are the languages of the labels, and those that the kind prefers.

    Returns:
        The capture and the languages; both empty if labels have no language here.
    """
    kind = layout.kind
    used = [
        use.field.codes for uses in (*layout.uses.values(), *layout.keys.values()) for use in uses
    ]
    for name in dict.fromkeys(used):
        lookup = lookups.get(name or "")
        if lookup is None or lookup.capture not in kind.pattern.captures:
            continue
        languages = dict.fromkeys((*kind.prefer.get(lookup.capture, ()), *languages_of(lookup)))
        safe = [each for each in languages if re.fullmatch(r"[\w-]+", each)]
        return lookup.capture, safe
    return "", []


def make_glob(pattern: FilePattern, values: Mapping[str, str]) -> str:
    """Return the pattern of files as a glob, with the values of some captures."""

    def replace(match: re.Match[str]) -> str:
        if match[2]:
            return "**"
        return values.get(match[1], "*")

    return re.sub(r"\{([A-Za-z_][A-Za-z0-9_]*)(:\*\*)?\}", replace, pattern.template)


def _format_of(kind: RecordKind) -> FileFormat | None:
    if kind.container.format is not None:
        return kind.container.format
    name = kind.pattern.template.rpartition("/")[2]
    return None if "{" in name.rpartition(".")[2] else format_of(name)


def _describe_file(kind: RecordKind, schemas: RecordSchemas) -> Schema:
    """Describe a file of a kind: its one record, or the place where its records stand."""
    record = schemas.describe_record()
    for condition in kind.where:
        record = {"if": describe_condition(condition), "then": True, "else": record}
    form = _format_of(kind)
    path = kind.container.records
    if path and (form is None or form in _WHOLE_FILES):
        return _describe_several(
            path[1:] if form == "yaml-documents" else path, record, kind, schemas
        )
    if not path and record.get("type") != "object" and "if" not in record:
        record["type"] = "object"
    return record


def _describe_several(
    path: Path, record: Schema, kind: RecordKind, schemas: RecordSchemas
) -> Schema:
    """Describe a file that holds several records, at a path in it."""
    keys = {
        field.origin.name: schemas.describe_field(field, is_required=True)
        for resource, _ in schemas.layout.tables()
        for field in resource.fields
        if isinstance(field.origin, Capture)
    }
    beside = kind.container.beside
    found = FileSchemas(record, keys, schemas.lets_unmapped).describe(path, beside)
    if len(path) == 1 and isinstance(path[0], Capture) and _format_of(kind) in (None, "yaml"):
        return {"anyOf": [found, record]}  # a document, of which a file may have several
    return found
