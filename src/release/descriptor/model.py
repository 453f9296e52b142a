"""Typed, frozen values for everything that a descriptor declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from release.descriptor.kinds.model import Condition, ExcludedFiles
from release.findings.finding import Finding
from release.findings.rules import Severity
from release.syntax.file_patterns import FilePattern
from release.syntax.formats.endings import LISTS, FileFormat, format_of
from release.syntax.paths import FieldOrigin, KeyPath, Path, captures_of
from release.syntax.text import Locations, nearest_located
from release.syntax.types.registry import FieldType
from release.syntax.types.value_type import ValueType, of
from release.syntax.versions import Scheme

if TYPE_CHECKING:
    from release.descriptor.page.model import PageContent
    from release.syntax.formats.csv_dialect import CsvLayout, Dialect


@dataclass(frozen=True, slots=True)
class IgnoredPath:
    """A path whose values are left out of all tables on purpose, and the reason."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Container:
    """A description of how records stand in the files of a kind.

    `format` is how a file is read; None if the ending of its name decides. Each value at the path `records`
    in a file is a record; without a path the file, or each of its lines, rows or documents, is one.
    `may_lack_front_matter` is True if a text without front matter is all body. Values of a file at the paths
    `beside` stand beside its records and are left out, for their reasons. CSV may have a `dialect` and an
    `encoding` of its own.
    """

    format: FileFormat | None = None
    records: Path = ()
    may_lack_front_matter: bool = False
    beside: tuple[IgnoredPath, ...] = ()
    dialect: Dialect | None = None
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A set of records that share a pattern of paths and a shape.

    `prefer` has the captures that tell the editions of a record apart, each with its values, the most
    preferred first. The other captures, of the pattern and of `container.records`, identify the record.
    Without any record the kind is an error, unless it `may_be_empty`. Files that a pattern of `exclude`
    matches are left out, for its reason, and so are records that a condition of `where` is true of. Files
    that a pattern of `companions` matches belong to the records and are released beside them.
    """

    name: str
    pattern: FilePattern
    prefer: Mapping[str, tuple[str, ...]]
    ignore: tuple[IgnoredPath, ...]
    exclude: tuple[ExcludedFiles, ...] = ()
    may_be_empty: bool = False
    container: Container = Container()
    where: tuple[Condition, ...] = ()
    companions: tuple[FilePattern, ...] = ()

    @property
    def has_large_files(self) -> bool:
        """True if its files hold several records, one after the other, and so may be large."""
        form = self.container.format or format_of(self.pattern.template)
        return bool(self.container.records) or form in LISTS

    @property
    def captures(self) -> tuple[str, ...]:
        """The names of all captures of a record, each once: those of its file's path, then those within."""
        within = captures_of(self.container.records)
        return tuple(dict.fromkeys((*self.pattern.captures, *within)))


@dataclass(frozen=True, slots=True)
class Opening:
    """A way to take a value for a list of entries where a capture of `rows` expects a list.

    With `one_or_many` any value that is no list is a list of one. With `split`, which is empty if not given,
    a text is a list of the parts between these separators, trimmed, and another scalar a list of one.
    """

    one_or_many: bool
    split: str


@dataclass(frozen=True, slots=True)
class RowOrigin:
    """An origin of rows: each value at `path` in each record of `kind` becomes a row.

    `constants` are captures with a value that is the same in all rows (`set` in the descriptor). `openings`
    has, by the position of a capture in `path`, the ways in which it takes values for lists.
    """

    kind: str
    path: Path
    constants: Mapping[str, str]
    openings: Mapping[int, Opening] = field(default_factory=dict)

    def openings_of(self, path: Path) -> Mapping[int, Opening]:
        """Return the openings that a path of these rows goes through, by their position in it."""
        return {
            at: opening
            for at, opening in self.openings.items()
            if path[: at + 1] == self.path[: at + 1]
        }


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of editions: rows that differ only in the capture `across` should be equal in `fields`."""

    across: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A query in DuckDB's SQL that selects wrong rows, and the message for each of them.

    `{column}` in the message stands for that column of the query's result. `resource` and `field` are empty
    if the check is about no table or no field. `key_path` leads to the check in the descriptor.
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
    """Fields whose values must exist in `reference_fields` of the table `resource`."""

    fields: tuple[str, ...]
    resource: str
    reference_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A column: the field of Table Schema v2, and where its values come from.

    `origin` is None for a table that is not made from records. `codes` is the name of a codelist. `locate` is
    the path of a text; the field holds its offset in the record's body. `public` has the properties that a
    release passes on. `keeps_unknown` is True if `code` is lowered for the field, which then keeps texts that
    are no code. `when` has the classes of values that the field takes, as others from the same path take the
    rest; None if it takes all. A text that means a missing value stands there after `=`. `reading` is None if
    only the type says how values are read, and what a column of them is.
    """

    name: str
    type: FieldType
    origin: FieldOrigin
    codes: str | None
    locate: Path | None
    constraints: Mapping[str, Any]
    categories: tuple[Any, ...]
    description: str
    public: Mapping[str, Any]
    keeps_unknown: bool = False
    when: frozenset[str] | None = None
    reading: ValueType | None = None

    @property
    def values(self) -> ValueType:
        """The type of its values, with the properties that say how they are read."""
        return self.reading or of(self.type)


@dataclass(frozen=True, slots=True)
class Codelist:
    """The columns of a codelist that hold labels, as a pattern with the language, and aliases."""

    labels: FilePattern | None
    aliases: str | None


@dataclass(frozen=True, slots=True)
class Resource:
    """A table: its schema, and where its rows come from.

    With neither `rows` nor `is_findings` it is a curated table, which is read from the CSV file at `path`, in
    the form of `layout` if it has one. `public` has the properties that a release passes on. `parent` is the
    name of the table to whose rows its rows belong; empty without one.
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
    layout: CsvLayout | None = None
    parent: str = ""

    @property
    def is_curated(self) -> bool:
        """True if the table is read from a file and not made from records."""
        return not self.rows and not self.is_findings

    def field(self, name: str) -> Field:
        """Return the field of that name.

        Raises:
            StopIteration: There is none.
        """
        return next(field for field in self.fields if field.name == name)

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of the fields, in order."""
        return tuple(field.name for field in self.fields)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """The content of datapackage.yaml.

    `public` has the properties that a release passes on. `text` is the whole file, and `locations` are those
    of its values. `file` names it in messages, and `root` is its folder. `patches` is the path of the file
    with patches, from there; empty without one. `scheme` says how versions are chosen, `page` what the page
    of a release shows beyond the schema.
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
    patches: str = ""
    scheme: Scheme = "semver"
    page: PageContent | None = None

    def kind(self, name: str) -> RecordKind:
        """Return the kind of that name.

        Raises:
            StopIteration: There is none.
        """
        return next(kind for kind in self.kinds if kind.name == name)

    def resource(self, name: str) -> Resource:
        """Return the resource of that name.

        Raises:
            StopIteration: There is none.
        """
        return next(resource for resource in self.resources if resource.name == name)

    def show_location(self, key_path: KeyPath) -> str:
        """Return the location of a value for messages, or the nearest known one: `datapackage.yaml:3:5`."""
        at = self.locations.get(nearest_located(self.locations, key_path))
        line, column = (at.line + 1, at.column + 1) if at else (1, 1)
        return f"{self.file}:{line}:{column}"

    def finding(self, rule: str, key_path: KeyPath, message: str, severity: Severity) -> Finding:
        """Return a finding about the value at a key path of the descriptor."""
        at = self.locations[key_path]
        line, column = at.line + 1, at.column + 1
        return Finding(
            rule,
            "datapackage.yaml",
            message,
            line,
            column,
            severity=severity,
            file=str(self.file),
        )
