"""What a descriptor declares, as typed, frozen values: kinds of records, tables, fields, keys, checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any, Literal

from release.findings import Finding, Severity
from release.syntax.paths import Capture, FilePattern, KeyPath, Path
from release.syntax.text import Locations, nearest_located

FieldType = Literal["string", "integer", "number", "boolean", "date", "year"]
TYPES: tuple[FieldType, ...] = (
    "string",
    "integer",
    "number",
    "boolean",
    "date",
    "year",
)

#: What `from` may name besides a path or a capture; all but `$value` speak of the whole record.
SPECIALS = ("$value", "$body", "$path", "$sha256", "$bytes", "$format")

#: `rows: $findings`: the table of what the build noticed, one row per finding.
FINDINGS = "$findings"

#: The fields of that table, and the key that tells its rows apart.
FINDING_FIELDS: Mapping[str, FieldType] = {
    "rule": "string",
    "path": "string",
    "line": "integer",
    "column": "integer",
    "field": "string",
    "severity": "string",
    "table": "string",
    "key": "string",
    "message": "string",
}
FINDING_KEY = ("rule", "path", "line", "column", "field")

CONSTRAINTS = (
    "required",
    "unique",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "pattern",
    "enum",
)

#: What each level of a descriptor may hold: the standard's properties, then ours.
PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "package": (
        *("$schema", "name", "id", "title", "description", "homepage", "version", "created"),
        *("contributors", "keywords", "image", "licenses", "sources", "resources"),
        *("records", "severity", "checks"),
    ),
    "kind": ("path", "prefer", "ignore"),
    "ignore": ("path", "reason"),
    "resource": (
        *("name", "path", "title", "description", "homepage", "sources", "licenses", "schema"),
        *("rows", "compare", "checks", "codelist"),
    ),
    "rows": ("path", "set"),
    "compare": ("across", "fields"),
    "codelist": ("labels", "aliases"),
    "check": ("name", "message", "query", "severity", "field", "resource"),
    "schema": ("fields", "primaryKey", "uniqueKeys", "foreignKeys"),
    "foreignKey": ("fields", "reference"),
    "reference": ("resource", "fields"),
    "field": (
        *("name", "type", "title", "description", "example", "rdfType", "constraints"),
        *("categories", "categoriesOrdered"),
        *("from", "codes", "locate"),
    ),
    "constraints": CONSTRAINTS,
    "category": ("value", "label"),
}

#: Those that are ours, and do not travel in the descriptor of a release.
EXTENSIONS = frozenset("records severity checks rows compare codelist from codes locate".split())

#: What the build writes into the descriptor of a release, and so cannot be given.
WRITTEN_BY_BUILD = frozenset("bytes hash format mediatype encoding dialect data type".split())


@dataclass(frozen=True, slots=True)
class IgnoredPath:
    """A path whose leaves are left out on purpose, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A set of records that share a path pattern and a shape.

    `prefer` gives, per capture, its values from the most to the least preferred; those captures tell
    the editions of a record apart, the others say which record it is.
    """

    name: str
    pattern: FilePattern
    prefer: Mapping[str, tuple[str, ...]]
    ignore: tuple[IgnoredPath, ...]


@dataclass(frozen=True, slots=True)
class RowOrigin:
    """One source of rows: a row for each entry at `path` in the records of `kind`."""

    kind: str
    path: Path
    constants: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Compare:
    """Rows that differ only in what `across` stands for should hold the same in `fields`."""

    across: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A query in SQL (DuckDB's) for the rows that are wrong, and what to say of each.

    `{column}` in the message is that column of the query's result.
    """

    name: str
    query: str
    message: str
    severity: Severity
    resource: str
    field: str
    key_path: KeyPath


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Fields whose values stand in the fields of another table, or of the same one."""

    fields: tuple[str, ...]
    resource: str
    reference_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A column: the standard's field and where its values come from."""

    name: str
    type: FieldType
    origin: Path | Capture | str | None
    codes: str | None
    locate: Path | None
    constraints: Mapping[str, Any]
    categories: tuple[Any, ...]
    description: str
    public: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Codelist:
    """How a table of codes is read: the columns of labels per language, and that of aliases."""

    labels: FilePattern | None
    aliases: str | None


@dataclass(frozen=True, slots=True)
class Resource:
    """A table: its schema, and where its rows come from.

    With neither `rows` nor FINDINGS it is a curated table, read as it stands from the CSV at `path`.
    """

    name: str
    path: str
    rows: tuple[RowOrigin, ...]
    is_findings: bool
    compare: tuple[Compare, ...]
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    unique_keys: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]
    codelist: Codelist | None
    public: Mapping[str, Any]

    @property
    def is_curated(self) -> bool:
        """Whether the table is a file of the dataset and not made from records."""
        return not self.rows and not self.is_findings

    def field(self, name: str) -> Field:
        """The field of that name."""
        return next(field for field in self.fields if field.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields, in order."""
        return tuple(field.name for field in self.fields)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """All that datapackage.yaml says.

    `file` names it in messages, `root` is its folder, `text` what it says word for word.
    """

    name: str
    version: str
    created: datetime
    kinds: tuple[RecordKind, ...]
    resources: tuple[Resource, ...]
    checks: tuple[Check, ...]
    severities: Mapping[str, Severity]
    public: Mapping[str, Any]
    root: FilePath
    text: str
    locations: Locations = field(repr=False, default_factory=dict)
    file: FilePath = FilePath("datapackage.yaml")

    def kind(self, name: str) -> RecordKind:
        """The kind of that name."""
        return next(kind for kind in self.kinds if kind.name == name)

    def resource(self, name: str) -> Resource:
        """The resource of that name."""
        return next(resource for resource in self.resources if resource.name == name)

    def at(self, key_path: KeyPath) -> str:
        """Where a key_path of the descriptor is, for messages: `datapackage.yaml:3:5`."""
        mark = self.locations.get(nearest_located(self.locations, key_path))
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return f"{self.file}:{line}:{column}"

    def finding(self, rule: str, key_path: KeyPath, message: str, severity: Severity) -> Finding:
        """A finding about a key_path of the descriptor."""
        mark = self.locations[key_path]
        at = mark.line + 1, mark.column + 1
        return Finding(
            rule, "datapackage.yaml", message, *at, severity=severity, file=str(self.file)
        )
