"""The draft of a descriptor: kinds, tables and codelists, each with what was found and decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from release.syntax.file_patterns import FilePattern
from release.syntax.paths import Capture, Path, captures_of, parse_path, show_path


@dataclass(frozen=True, slots=True)
class RecordRead:
    """One record that was read.

    `captures` are the values of the captures of its kind. `values` is the mapping that it holds, or the value
    that it is.
    """

    path: str
    captures: Mapping[str, str]
    values: Any
    has_body: bool


@dataclass(frozen=True, slots=True)
class Omission:
    """Files that are no records, or a path whose values are left out, and the reason."""

    path: str
    reason: str


@dataclass(slots=True)
class KindDraft:
    """A kind of records: its pattern of paths, and its records.

    `languages` are the values of the capture `language`, the preferred one first, if there are editions.
    `records` is where they stand in a file, if that holds several. If `is_text`, all values are texts, as in
    CSV, between whose cells a `delimiter` may stand. `format` is said if the ending of its files does not.
    `companions` are patterns of files that belong to records.
    What stands `beside` its records in a file is left out.
    """

    name: str
    pattern: str
    entries: Sequence[RecordRead]
    languages: tuple[str, ...] = ()
    exclude: list[Omission] = field(default_factory=list)
    companions: list[str] = field(default_factory=list)
    ignore: list[Omission] = field(default_factory=list)
    records: str = ""
    may_lack_front_matter: bool = False
    is_text: bool = False
    format: str = ""
    delimiter: str = ""
    encoding: str = ""
    beside: list[Omission] = field(default_factory=list)

    @property
    def is_list(self) -> bool:
        """True if records stand in a file by position, so that a key is better made of their values."""
        return bool(self.records) and all(
            entry.captures[self.captures[-1]].isdecimal() for entry in self.entries
        )

    @property
    def captures(self) -> tuple[str, ...]:
        """The names of all captures of a record: those of its file's path, then that within the file."""
        names = dict.fromkeys(FilePattern(self.pattern).captures)
        return (*names, *captures_of(parse_path(self.records) if self.records else ()))


@dataclass(slots=True)
class FieldDraft:
    """A field of a table.

    `origin` is its `from`: a path, a capture, or a special value such as `$body`. `values` counts its texts
    if there are few enough; `properties` say how they are written. `constraints` are those that its values
    keep today, for a comment.
    """

    name: str
    type: str
    origin: Path | Capture | str
    codes: str = ""
    when: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    values: Mapping[str, int] | None = None
    constraints: Mapping[str, Any] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The text of `from` in the descriptor."""
        return self.source_in(())

    def source_in(self, rows: Path) -> str:
        """Return the text of `from` in a table with rows at a path: what is in their entry by `$value`."""
        if isinstance(self.origin, Capture):
            return f"{{{self.origin.name}}}"
        if isinstance(self.origin, str):
            return self.origin
        if rows and self.origin[: len(rows)] == rows:
            return ".".join(filter(None, ("$value", show_path(self.origin[len(rows) :]))))
        text = show_path(self.origin)
        first = str(self.origin[0]) if text.startswith("$") else ""
        return f'"{first}"{text[len(first) :]}' if first else text  # $ begins a special value


@dataclass(frozen=True, slots=True)
class ReferenceDraft:
    """A foreign key: fields, and the table and fields that they refer to."""

    fields: tuple[str, ...]
    table: str
    to: tuple[str, ...]


@dataclass(slots=True)
class TableDraft:
    """A table: one row for each value at `path` in the records of a kind."""

    name: str
    kind: str
    path: Path
    fields: list[FieldDraft] = field(default_factory=list)
    key: list[str] = field(default_factory=list)
    references: list[ReferenceDraft] = field(default_factory=list)
    compare: list[str] | None = None
    parent: str = ""
    one_or_many: bool = False
    split: str = ""
    title: str = ""
    note: str = ""

    @property
    def has_values(self) -> bool:
        """True if a field is more than a part of the key."""
        return any(each.name not in self.key for each in self.fields)

    @property
    def field_names(self) -> list[str]:
        """The names of its fields."""
        return [each.name for each in self.fields]

    def field(self, name: str) -> FieldDraft:
        """Return the field of a name.

        Raises:
            StopIteration: There is none.
        """
        return next(each for each in self.fields if each.name == name)


#: A code, its labels by language, and other texts that stand for it.
CodeRow = tuple[str, Mapping[str, str], tuple[str, ...]]


@dataclass(slots=True)
class CodelistDraft:
    """A codelist: rows of code, labels by language, and aliases; its file is below `codelists/`."""

    name: str
    languages: tuple[str, ...]
    rows: list[CodeRow]
    note: str = ""


@dataclass(slots=True)
class CsvDraft:
    """A CSV file that is a table as it stands."""

    name: str
    path: str
    fields: list[FieldDraft]
    key: list[str]


@dataclass(slots=True)
class Draft:
    """A whole descriptor, and what `release init` says about it.

    `doubts` are what should be looked at; `mend` are files that are left out until they are mended, with the
    reason; `strays` are other files that could not be read as records.
    """

    name: str
    title: str
    created: str
    kinds: list[KindDraft] = field(default_factory=list)
    tables: list[TableDraft] = field(default_factory=list)
    codelists: list[CodelistDraft] = field(default_factory=list)
    curated: list[CsvDraft] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    mend: list[Omission] = field(default_factory=list)
    strays: list[Omission] = field(default_factory=list)
