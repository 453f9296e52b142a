"""datapackage.yaml <-> typed, frozen values: the one file that says what a release contains."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any, Literal

from release.errors import UsageError
from release.findings import ALWAYS_ERRORS, RULES, Severity, family
from release.paths import Capture, FilePattern, Path, Place, captures_of, parse_path, show_path
from release.syntax import Marks, read_yaml

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
FINDING_FIELDS = (
    "rule",
    "path",
    "line",
    "column",
    "field",
    "severity",
    "table",
    "key",
    "message",
)

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

# What each level of the descriptor may hold: the standard's properties, then ours.
_PACKAGE = (
    "$schema name id title description homepage version created contributors keywords image licenses \
sources resources",
    "records severity checks",
)
_RESOURCE = (
    "name path title description homepage sources licenses schema",
    "rows compare checks codelist",
)
_SCHEMA = ("fields primaryKey uniqueKeys foreignKeys", "")
_FIELD = (
    "name type title description example rdfType constraints categories categoriesOrdered",
    "from codes locate",
)
_WRITTEN_BY_BUILD = frozenset("bytes hash format mediatype encoding dialect data type".split())


@dataclass(frozen=True, slots=True)
class Ignore:
    """A path whose leaves are left out on purpose, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A set of records that share a path pattern and a shape.

    `prefer` gives, per capture, its values from the most to the least preferred; those captures tell
    the editions of a record apart, the others say which record it is.
    """

    name: str
    pattern: FilePattern
    prefer: Mapping[str, tuple[str, ...]]
    ignore: tuple[Ignore, ...]


@dataclass(frozen=True, slots=True)
class Rows:
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
    place: Place


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
    rows: tuple[Rows, ...]
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
    """All that datapackage.yaml says. `root` is its folder, `text` what it says word for word."""

    name: str
    version: str
    created: datetime
    kinds: tuple[Kind, ...]
    resources: tuple[Resource, ...]
    checks: tuple[Check, ...]
    severities: Mapping[str, Severity]
    public: Mapping[str, Any]
    root: FilePath
    text: str
    marks: Marks = field(repr=False, default_factory=dict)

    def kind(self, name: str) -> Kind:
        """The kind of that name."""
        return next(kind for kind in self.kinds if kind.name == name)

    def resource(self, name: str) -> Resource:
        """The resource of that name."""
        return next(resource for resource in self.resources if resource.name == name)


def load(path: FilePath) -> Descriptor:
    """Read a descriptor.

    Raises:
        UsageError: it cannot be read or used; the message lists every problem with its place.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise UsageError(f"{path}: cannot be read: {reason}; expected a descriptor") from error
    return parse(text, path)


def parse(text: str, path: FilePath) -> Descriptor:
    """Read the text of a descriptor; `path` names it in messages, its folder is the root.

    Raises:
        UsageError: it cannot be used; the message lists every problem with its place.
    """
    marks: Marks = {}
    value, faults = read_yaml(text, marks)
    if faults:
        raise UsageError(
            "\n".join(f"{path}:{f.line + 1}:{f.column + 1}: {f.rule}: {f.message}" for f in faults)
        )
    parser = _Parser(value, marks)
    descriptor = parser.descriptor(path.parent, text)
    if descriptor is None or parser.problems:
        raise UsageError("\n".join(f"{path}:{problem}" for problem in parser.problems))
    return descriptor


def with_severities(descriptor: Descriptor, severities: Mapping[str, Severity]) -> Descriptor:
    """The descriptor with these severities too, in its values and in its text.

    The text is what travels with a release, so that it is rebuilt with the same severities.

    Raises:
        UsageError: a rule is unknown, or may not be lowered.
    """
    if not severities:
        return descriptor
    names = {check.name for check in descriptor.checks}
    problems = [
        problem
        for rule, severity in severities.items()
        if (problem := _severity_problem(rule, severity, names))
    ]
    if problems:
        raise UsageError("\n".join(f"--severity: {problem}" for problem in problems))
    merged = {**descriptor.severities, **severities}
    block = "severity:\n" + "".join(f"  {rule}: {merged[rule]}\n" for rule in sorted(merged))
    lines = descriptor.text.splitlines(keepends=True)
    if (mark := descriptor.marks.get(("severity",))) is not None:
        after = [m.key_line for p, m in descriptor.marks.items() if len(p) == 1]
        end = min((line for line in after if line > mark.key_line), default=len(lines))
        lines[mark.key_line : end] = [block]
    else:
        lines += ["" if descriptor.text.endswith("\n") else "\n", block]
    return replace(descriptor, severities=merged, text="".join(lines))


def _severity_problem(rule: str, severity: str, checks: Iterable[str]) -> str | None:
    if severity not in ("error", "warning"):
        return f"{rule} is {severity!r}, expected error or warning"
    known = [*RULES, *checks]
    if rule not in known and family(rule) == rule:
        return f"unknown rule {rule!r}{_nearest(rule, known)}"
    if severity == "warning" and rule not in checks and family(rule) in ALWAYS_ERRORS:
        return (
            f"{rule} cannot be a warning: the release would not be what its own schema says; "
            "change the record or the schema"
        )
    return None


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1, 0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


class _Parser:
    """Turns the values of a descriptor into its types, and collects every problem on the way."""

    def __init__(self, value: Any, marks: Marks) -> None:
        self._value = value
        self._marks = marks
        self.problems: list[str] = []

    def problem(self, place: Place, message: str) -> None:
        """Note a problem at the nearest place that has a mark."""
        here = place
        while here and here not in self._marks:
            here = here[:-1]
        mark = self._marks.get(here)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        where = show_path(place) or "the descriptor"
        self.problems.append(f"{line}:{column}: {where} {message}")

    def descriptor(self, root: FilePath, text: str) -> Descriptor | None:
        if not isinstance(self._value, dict):
            self.problem((), "is not a mapping, expected the properties of a data package")
            return None
        value = self._value
        self._only(value, (), _PACKAGE)
        name = self._text(value, (), "name", r"[a-z0-9][a-z0-9._-]*")
        version = self._text(value, (), "version", r"[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?")
        created = self._created(value)
        kinds = tuple(self._kinds(value))
        resources = tuple(self._resources(value, {kind.name: kind for kind in kinds}))
        checks = (
            *(
                check
                for place, item in self._named_resources()
                for check in self._checks(item, place)
            ),
            *self._checks(value, ()),
        )
        severities = self._severities(value, [check.name for check in checks])
        self._references(resources, checks)
        public = {k: v for k, v in value.items() if k not in _PACKAGE[1].split()}
        return Descriptor(
            name,
            version,
            created,
            kinds,
            resources,
            checks,
            severities,
            public,
            root,
            text,
            self._marks,
        )

    # one value

    def _only(self, value: Mapping[str, Any], place: Place, known: tuple[str, str]) -> None:
        names = " ".join(known).split()
        for key in value:
            if key in names:
                continue
            if place and key in _WRITTEN_BY_BUILD:
                self.problem((*place, key), "is written by the build, expected it left out")
            else:
                what = "the package" if not place else show_path(place)
                self.problem(
                    (*place, key), f"is an unknown property of {what}{_nearest(key, names)}"
                )

    def _text(
        self, value: Mapping[str, Any], place: Place, key: str, pattern: str = r"(?s).+"
    ) -> str:
        found = value.get(key)
        if not isinstance(found, str) or re.fullmatch(pattern, found) is None:
            expected = "text" if pattern == r"(?s).+" else f"text that matches {pattern}"
            self.problem((*place, key), f"is {_found(found)}, expected {expected}")
            return ""
        return found

    def _mapping(self, value: Mapping[str, Any], place: Place, key: str) -> Mapping[str, Any]:
        found = value.get(key, {})
        if not isinstance(found, dict):
            self.problem((*place, key), f"is {_found(found)}, expected a mapping")
            return {}
        return found

    def _list(self, value: Mapping[str, Any], place: Place, key: str) -> Sequence[Any]:
        found = value.get(key, [])
        if not isinstance(found, list):
            self.problem((*place, key), f"is {_found(found)}, expected a list")
            return []
        return found

    def _mappings(
        self, value: Mapping[str, Any], place: Place, key: str
    ) -> Iterator[tuple[Place, Mapping[str, Any]]]:
        for at, item in enumerate(self._list(value, place, key)):
            if isinstance(item, dict):
                yield (*place, key, at), item
            else:
                self.problem((*place, key, at), f"is {_found(item)}, expected a mapping")

    def _names(self, value: Mapping[str, Any], place: Place, key: str) -> tuple[str, ...]:
        found = value.get(key, [])
        names = [found] if isinstance(found, str) else found
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self.problem((*place, key), f"is {_found(found)}, expected a name or a list of names")
            return ()
        return tuple(names)

    def _path(self, text: Any, place: Place) -> Path:
        if isinstance(text, str):
            try:
                return parse_path(text)
            except ValueError as error:
                self.problem(place, f"is no path: {error}")
                return ()
        self.problem(place, f"is {_found(text)}, expected a path")
        return ()

    def _created(self, value: Mapping[str, Any]) -> datetime:
        text = self._text(value, (), "created")
        try:
            created = datetime.fromisoformat(text)
            if created.tzinfo is not None:
                return created
        except ValueError:
            pass
        if text:
            self.problem(
                ("created",), f"is {text!r}, expected a time such as '2026-01-31T00:00:00Z'"
            )
        return datetime.min

    # kinds of records

    def _kinds(self, value: Mapping[str, Any]) -> Iterator[Kind]:
        for name, item in self._mapping(value, (), "records").items():
            place: Place = ("records", name)
            if not isinstance(item, dict):
                self.problem(place, f"is {_found(item)}, expected a mapping")
                continue
            self._only(item, place, ("path", "prefer ignore"))
            pattern = FilePattern(self._text(item, place, "path"))
            self._stays_inside(pattern.template, (*place, "path"))
            prefer = {}
            for capture in self._mapping(item, place, "prefer"):
                prefer[capture] = self._names(item["prefer"], (*place, "prefer"), capture)
                if capture not in pattern.captures:
                    self.problem((*place, "prefer", capture), "is no capture of the path")
            yield Kind(name, pattern, prefer, tuple(self._ignores(item, place)))

    def _stays_inside(self, path: str, place: Place) -> None:
        """A path leads to a place below the descriptor's folder, whatever its captures are."""
        parts = path.split("/")
        if path and (
            any(part in ("", ".", "..", "~") for part in parts) or "\\" in path or ":" in path
        ):
            self.problem(
                place, f"is {path!r}, expected a path below the folder, with / between parts"
            )

    def _ignores(self, value: Mapping[str, Any], place: Place) -> Iterator[Ignore]:
        for here, item in self._mappings(value, place, "ignore"):
            self._only(item, here, ("path reason", ""))
            path = self._path(item.get("path"), (*here, "path"))
            yield Ignore(path, self._text(item, here, "reason"))

    # resources

    def _named_resources(self) -> Iterator[tuple[Place, Mapping[str, Any]]]:
        for at, item in enumerate(self._value.get("resources") or []):
            if isinstance(item, dict):
                yield ("resources", at), item

    def _resources(self, value: Mapping[str, Any], kinds: Mapping[str, Kind]) -> Iterator[Resource]:
        if not value.get("resources"):
            self.problem(("resources",), "is missing, expected a list of tables")
        seen: set[str] = set()
        for place, item in self._mappings(value, (), "resources"):
            resource = self._resource(item, place, kinds)
            if resource.name in seen:
                self.problem((*place, "name"), f"is {resource.name!r} again, expected it once")
            if resource.is_curated and resource.path in seen:
                self.problem((*place, "path"), f"is {resource.path!r} again, expected it once")
            seen |= {resource.name, resource.path}
            yield resource

    def _resource(
        self, item: Mapping[str, Any], place: Place, kinds: Mapping[str, Kind]
    ) -> Resource:
        self._only(item, place, _RESOURCE)
        name = self._text(item, place, "name", r"[a-z][a-z0-9_]*")
        rows = tuple(self._rows(item, place, kinds))
        schema = self._mapping(item, place, "schema")
        here = (*place, "schema")
        self._only(schema, here, _SCHEMA)
        fields = tuple(
            self._field(value, at, rows, kinds)
            for at, value in self._mappings(schema, here, "fields")
        )
        resource = Resource(
            name,
            self._text(item, place, "path") if "path" in item else f"data/{name}.csv",
            rows,
            item.get("rows") == FINDINGS,
            tuple(self._compares(item, place)),
            fields,
            self._names(schema, here, "primaryKey"),
            tuple(
                tuple(key) if isinstance(key, list) else (key,)
                for key in self._list(schema, here, "uniqueKeys")
            ),
            tuple(self._foreign_keys(schema, here, name)),
            self._codelist(item, place),
            {key: value for key, value in item.items() if key in _RESOURCE[0].split()},
        )
        self._fits(resource, place)
        return resource

    def _fits(self, resource: Resource, place: Place) -> None:
        """What must hold within one resource."""
        here = (*place, "schema")
        names = resource.names
        if not names:
            self.problem((*here, "fields"), "is missing, expected a list of fields")
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.problem((*here, "fields"), f"holds {name!r} twice, expected it once")
        if not resource.primary_key:
            self.problem((*here, "primaryKey"), "is missing, expected the fields of the key")
        keys = {
            "primaryKey": [resource.primary_key],
            "uniqueKeys": resource.unique_keys,
            "foreignKeys": [key.fields for key in resource.foreign_keys],
        }
        for key, groups in keys.items():
            for name in (name for group in groups for name in group if name not in names):
                message = f"names {name!r}, expected a field of {resource.name}"
                self.problem((*here, key), message + _nearest(name, names))
        for compare in resource.compare:
            for name in (name for name in compare.fields if name not in names):
                message = f"names {name!r}, expected a field of {resource.name}"
                self.problem((*place, "compare"), message + _nearest(name, names))
        if resource.is_findings and set(names) != set(FINDING_FIELDS):
            expected = ", ".join(FINDING_FIELDS)
            self.problem((*here, "fields"), f"are {', '.join(names)}, expected {expected}")
        if resource.is_curated and "path" not in resource.public:
            self.problem(
                place, f"{resource.name} has no rows, expected rows or the path of a table"
            )
        if "path" in resource.public:
            self._stays_inside(resource.path, (*place, "path"))
            if not resource.is_curated:
                self.problem((*place, "path"), "is given beside rows, expected one of the two")
            if resource.path in ("datapackage.yaml", "LICENSE"):
                self.problem((*place, "path"), f"is {resource.path!r}, which is no table")

    def _rows(
        self, item: Mapping[str, Any], place: Place, kinds: Mapping[str, Kind]
    ) -> Iterator[Rows]:
        value = item.get("rows", [])
        if value == FINDINGS:
            return
        for at, source in enumerate(value if isinstance(value, list) else [value]):
            here = (*place, "rows", at) if isinstance(value, list) else (*place, "rows")
            constants: Mapping[str, str] = {}
            text = source
            if isinstance(source, dict):
                self._only(source, here, ("path set", ""))
                constants, text = self._mapping(source, here, "set"), source.get("path")
            kind, slash, path = str(text).partition("/")
            if kind not in kinds:
                message = f"is {_found(text)}, expected a kind of records and a path in it"
                self.problem(here, message + _nearest(kind, kinds))
                continue
            yield Rows(kind, self._path(path, here) if slash else (), constants)

    def _compares(self, item: Mapping[str, Any], place: Place) -> Iterator[Compare]:
        if "compare" not in item:
            return
        value = self._mapping(item, place, "compare")
        here = (*place, "compare")
        self._only(value, here, ("across fields", ""))
        yield Compare(self._text(value, here, "across"), self._names(value, here, "fields"))

    def _codelist(self, item: Mapping[str, Any], place: Place) -> Codelist | None:
        if "codelist" not in item:
            return None
        value = self._mapping(item, place, "codelist")
        here = (*place, "codelist")
        self._only(value, here, ("labels aliases", ""))
        labels = FilePattern(self._text(value, here, "labels")) if "labels" in value else None
        aliases = self._text(value, here, "aliases") if "aliases" in value else None
        return Codelist(labels, aliases)

    def _foreign_keys(
        self, schema: Mapping[str, Any], place: Place, name: str
    ) -> Iterator[ForeignKey]:
        for here, item in self._mappings(schema, place, "foreignKeys"):
            self._only(item, here, ("fields reference", ""))
            reference = self._mapping(item, here, "reference")
            self._only(reference, (*here, "reference"), ("resource fields", ""))
            key = ForeignKey(
                self._names(item, here, "fields"),
                str(reference.get("resource") or name),
                self._names(reference, (*here, "reference"), "fields"),
            )
            if len(key.fields) != len(key.reference_fields):
                self.problem(here, "has two sides of different length, expected the same")
            yield key

    # fields

    def _field(
        self,
        item: Mapping[str, Any],
        place: Place,
        rows: tuple[Rows, ...],
        kinds: Mapping[str, Kind],
    ) -> Field:
        self._only(item, place, _FIELD)
        name = self._text(item, place, "name", r"[a-z][a-z0-9_]*")
        kind = item.get("type", "string")
        if kind not in TYPES:
            self.problem((*place, "type"), f"is {_found(kind)}, expected one of {', '.join(TYPES)}")
        constraints = self._mapping(item, place, "constraints")
        self._only(constraints, (*place, "constraints"), (" ".join(CONSTRAINTS), ""))
        locate = self._path(item["locate"], (*place, "locate")) if "locate" in item else None
        result = Field(
            name,
            kind,
            self._origin(item, place) if rows else None,
            self._text(item, place, "codes") if "codes" in item else None,
            locate,
            constraints,
            tuple(
                category.get("value") if isinstance(category, dict) else category
                for category in self._list(item, place, "categories")
            ),
            str(item.get("description", "")),
            {key: value for key, value in item.items() if key in _FIELD[0].split()},
        )
        self._bound(result, place, rows, kinds)
        return result

    def _origin(self, item: Mapping[str, Any], place: Place) -> Path | Capture | str | None:
        text = item.get("from")
        if text is None and "locate" in item:
            return None
        if isinstance(text, str) and text.startswith("$"):
            if text not in SPECIALS:
                message = f"is {text!r}, expected a path, a capture or one of {', '.join(SPECIALS)}"
                self.problem((*place, "from"), message)
            return text
        if text is None:
            self.problem(
                place, f"{item.get('name')} has no `from`, expected where its values stand"
            )
            return None
        path = self._path(text, (*place, "from"))
        return path[0] if len(path) == 1 and isinstance(path[0], Capture) else path

    def _bound(
        self, value: Field, place: Place, rows: tuple[Rows, ...], kinds: Mapping[str, Kind]
    ) -> None:
        """A field's captures are bound by every source of its rows."""
        wanted: set[str] = set()
        for path in (value.origin, value.locate):
            if isinstance(path, Capture):
                wanted.add(path.name)
            elif isinstance(path, tuple):
                wanted.update(captures_of(path))
        for source in rows:
            bound = {
                *kinds[source.kind].pattern.captures,
                *captures_of(source.path),
                *source.constants,
            }
            for name in sorted(wanted - bound):
                message = f"uses {{{name}}}, which its rows do not bind; they bind "
                self.problem(place, message + ", ".join(f"{{{known}}}" for known in sorted(bound)))

    # checks, severities, and what refers to something else

    def _checks(self, value: Mapping[str, Any], place: Place) -> Iterator[Check]:
        for here, item in self._mappings(value, place, "checks"):
            self._only(item, here, ("name message query severity field resource", ""))
            severity = item.get("severity", "error")
            name = self._text(item, here, "name", r"[a-z][a-z0-9-]*")
            if problem := _severity_problem(name, severity, [name]):
                self.problem((*here, "severity"), problem)
            if name in RULES:
                self.problem((*here, "name"), f"is {name!r}, a rule of every dataset")
            yield Check(
                name,
                self._text(item, here, "query"),
                self._text(item, here, "message"),
                severity,
                str(
                    item.get("resource") or value.get("name")
                    if place
                    else item.get("resource") or ""
                ),
                str(item.get("field") or ""),
                here,
            )

    def _severities(
        self, value: Mapping[str, Any], checks: Iterable[str]
    ) -> Mapping[str, Severity]:
        severities = self._mapping(value, (), "severity")
        for rule, severity in severities.items():
            if problem := _severity_problem(rule, severity, checks):
                self.problem(("severity", rule), problem)
        return severities

    def _references(self, resources: tuple[Resource, ...], checks: tuple[Check, ...]) -> None:
        by_name = {resource.name: resource for resource in resources}
        for at, resource in enumerate(resources):
            place: Place = ("resources", at, "schema")
            for key in resource.foreign_keys:
                self._refers(by_name, key.resource, key.reference_fields, (*place, "foreignKeys"))
            for number, item in enumerate(resource.fields):
                if item.codes is None:
                    continue
                here = (*place, "fields", number, "codes")
                self._refers(by_name, item.codes, (), here)
                target = by_name.get(item.codes)
                if target and (target.codelist is None or len(target.primary_key) != 1):
                    self.problem(here, f"names {item.codes!r}, expected a codelist")
        for check in checks:
            if check.resource:
                fields = (check.field,) if check.field else ()
                self._refers(by_name, check.resource, fields, check.place)

    def _refers(
        self,
        by_name: Mapping[str, Resource],
        resource: str,
        fields: tuple[str, ...],
        place: Place,
    ) -> None:
        if resource not in by_name:
            message = f"names the resource {resource!r}, which is not there"
            self.problem(place, message + _nearest(resource, by_name))
            return
        for name in (name for name in fields if name not in by_name[resource].names):
            message = f"names {name!r}, expected a field of {resource}"
            self.problem(place, message + _nearest(name, by_name[resource].names))


def _found(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    return repr(value)
