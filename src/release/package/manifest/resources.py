"""Resources of a manifest as typed values: tables with their files, hashes and schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from release.descriptor.model import ForeignKey
from release.descriptor.vocabulary import TYPES
from release.findings.message import shown
from release.package.manifest.properties import PropertyReader, are_texts, as_list
from release.syntax.paths import KeyPath, brief_path
from release.syntax.types.registry import FieldType
from release.syntax.types.value_type import ValueType, of_release
from release.system.filenames import path_problem

Kind = Literal["csv", "parquet", "other"]

_KINDS: Mapping[Any, Kind] = {"csv": "csv", "apache-parquet": "parquet"}


@dataclass(frozen=True, slots=True)
class ManifestField:
    """A field of a released table; `properties` has everything that the manifest says of it."""

    name: str
    type: FieldType
    properties: Mapping[str, Any]

    @property
    def values(self) -> ValueType:
        """The type of its values, with the properties that say what a column holds."""
        return of_release(self.type, self.properties)

    @property
    def constraints(self) -> Mapping[str, Any]:
        """The constraints by name."""
        found: Mapping[str, Any] = self.properties.get("constraints", {})
        return found

    @property
    def description(self) -> str:
        """The description; an empty text where it is not given."""
        found = self.properties.get("description", "")
        return found if isinstance(found, str) else ""

    @property
    def categories(self) -> list[Any]:
        """The values of the categories, in order; none where the field has no list of them."""
        listed = self.properties.get("categories")
        each = listed if isinstance(listed, list) else []
        return [value["value"] if isinstance(value, dict) else value for value in each]


@dataclass(frozen=True, slots=True)
class ManifestSchema:
    """The schema of a released table; a foreign key without a resource refers to its own table."""

    fields: tuple[ManifestField, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ManifestResource:
    """One resource: its files in order, their bytes together, and the hash, `sha256:…`, of them in sequence.

    Resources of the kind csv have a schema.
    """

    name: str
    kind: Kind
    paths: tuple[str, ...]
    bytes: int
    hash: str
    schema: ManifestSchema | None
    properties: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a property that is a text, such as `title`; an empty text where it is not given."""
        found = self.properties.get(name, "")
        return found if isinstance(found, str) else ""


def read_resources(
    reader: PropertyReader, package: Mapping[str, Any]
) -> tuple[ManifestResource, ...]:
    """Return the resources of a manifest that name their files; the others are noted."""
    found, names = [], set()
    for value, key_path in reader.entries(package.get("resources"), ("resources",)):
        resource = _read_resource(reader, value, key_path)
        if resource.name and resource.name in names:
            message = f"the name {shown(resource.name)} stands there twice, expected it once"
            reader.note((*key_path, "name"), message, "manifest-names")
        elif resource.paths:
            found.append(resource)
        names.add(resource.name)
    return tuple(found)


def _read_resource(
    reader: PropertyReader, value: Mapping[str, Any], key_path: KeyPath
) -> ManifestResource:
    name, form = reader.text(value, (*key_path, "name")), value.get("format")
    kind = _KINDS.get(form, "other") if isinstance(form, str) else "other"
    paths = _read_paths(reader, value.get("path"), (*key_path, "path"), is_one=kind == "csv")
    size, digest = value.get("bytes", 0), ""
    if kind != "other":
        size, digest = value.get("bytes"), reader.text(value, (*key_path, "hash"))
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        expected = "expected a whole number"
        reader.note(
            (*key_path, "bytes"), f"{brief_path((*key_path, 'bytes'))} is {shown(size)}, {expected}"
        )
    schema = None
    if kind == "csv":
        schema = _read_schema(reader, value.get("schema"), (*key_path, "schema"), name)
    return ManifestResource(name, kind, paths, size or 0, digest, schema, value)


def _read_paths(
    reader: PropertyReader, value: Any, key_path: KeyPath, *, is_one: bool
) -> tuple[str, ...]:
    """Return the paths of a resource; none, with a note, where one is not below the release's folder."""
    listed = [value] if isinstance(value, str) else value
    rule, expected = "manifest-property", ""
    if not isinstance(listed, list) or not listed or not are_texts(listed):
        expected = "expected paths of files"
    elif is_one and len(listed) > 1:
        expected = "expected the path of one file"
    elif len(set(listed)) < len(listed):
        expected = "expected each file once"
    elif reasons := [(path, reason) for path in listed if (reason := path_problem(path))]:
        ((value, reason), *_), rule = reasons, "manifest-path"
        expected = f"which {reason}"
    if expected:
        reader.note(key_path, f"{brief_path(key_path)} is {shown(value)}, {expected}", rule)
        return ()
    return tuple(listed)


def _read_schema(
    reader: PropertyReader, value: Any, key_path: KeyPath, table: str
) -> ManifestSchema:
    schema = value if isinstance(value, dict) else {}
    fields = tuple(
        _read_field(reader, each, at, table)
        for each, at in reader.entries(schema.get("fields"), (*key_path, "fields"))
    )
    names = [each.name for each in fields]
    known = set(names)
    if len(known) < len(names):
        message = f"fields of {table} have a name twice, expected each once"
        reader.note((*key_path, "fields"), message, "manifest-names")
    key = as_list(schema.get("primaryKey"))
    if not key or not are_texts(key) or not known.issuperset(key):
        found = shown(schema.get("primaryKey"))
        message = f"primaryKey of {table} is {found}, expected fields of the table"
        reader.note((*key_path, "primaryKey"), message)
        key = []
    keys = schema.get("foreignKeys", [])
    foreign = (*key_path, "foreignKeys")
    references = [_read_foreign_key(reader, each, at) for each, at in reader.entries(keys, foreign)]
    return ManifestSchema(fields, tuple(key), tuple(references), schema)


def _read_field(
    reader: PropertyReader, value: Mapping[str, Any], key_path: KeyPath, table: str
) -> ManifestField:
    name, kind = reader.text(value, (*key_path, "name")), value.get("type", "string")
    if kind not in TYPES:
        message = f"type of {table}.{name} is {shown(kind)}, expected one of {', '.join(TYPES)}"
        reader.note((*key_path, "type"), message)
        kind = "string"
    constraints = value.get("constraints", {})
    if not isinstance(constraints, dict):
        message = f"constraints of {table}.{name} is {shown(constraints)}, expected a mapping"
        reader.note((*key_path, "constraints"), message)
    for each in as_list(value.get("categories", [])):
        found = each.get("value") if isinstance(each, dict) else each
        if not isinstance(found, str | int | float):
            message = f"categories of {table}.{name} have {shown(found)}"
            reader.note((*key_path, "categories"), f"{message}, expected text or a number")
    return ManifestField(name, kind, value)


def _read_foreign_key(
    reader: PropertyReader, value: Mapping[str, Any], key_path: KeyPath
) -> ForeignKey:
    target = value.get("reference")
    target = target if isinstance(target, dict) else {}
    own, other = as_list(value.get("fields")), as_list(target.get("fields"))
    if not own or not are_texts(own) or not are_texts(other) or len(own) != len(other):
        reader.note(
            key_path, f"{brief_path(key_path)} is no foreign key, expected fields and a reference"
        )
        return ForeignKey((), "", ())
    resource = reader.optional(target, (*key_path, "reference", "resource"))
    return ForeignKey(tuple(own), resource, tuple(other))
