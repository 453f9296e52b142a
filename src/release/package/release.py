"""What a released folder says of itself: its tables, their schemas, the files it was made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from release.descriptor.model import FINDING_FIELDS, FINDING_KEY, FINDINGS, FieldType
from release.errors import RefusedError, UsageError
from release.findings import shown
from release.package import checksums
from release.package.checksums import SUMS
from release.syntax.json import is_too_deep
from release.syntax.yaml import read_yaml
from release.system import files
from release.system.filenames import path_problem
from release.tables.columns import ARROW_TYPES
from release.versions import is_version

#: What `from` names of a record's file; such a column speaks of a file, not of data.
OF_FILES = frozenset(("$path", "$sha256", "$bytes", "$format"))

#: What a build writes of a file into its resource, and what is told as schema or name.
_NOT_ABOUT = frozenset("name path format mediatype encoding bytes hash dialect schema type".split())

#: What a version is expected to change.
_OF_THE_VERSION = frozenset("version created resources $schema".split())

_SOURCE = "source/"
DESCRIPTOR = f"{_SOURCE}datapackage.yaml"


@dataclass(frozen=True, slots=True)
class Table:
    """One table as it was released.

    `hash` is the digest of its CSV, by which two tables are known to be the same; `parquet` are its parts in
    order, none where only the CSV is there. `of_files` are the fields that speak of a record's file.
    """

    name: str
    csv: Path
    parquet: tuple[Path, ...]
    hash: str
    schema: Mapping[str, Any]
    about: Mapping[str, Any]
    of_files: frozenset[str] = frozenset()
    is_findings: bool = False
    is_codelist: bool = False

    @property
    def fields(self) -> dict[str, Mapping[str, Any]]:
        """The fields by name, in order."""
        return {each["name"]: each for each in self.schema["fields"]}

    @property
    def types(self) -> dict[str, FieldType]:
        """The types of the fields by name, in order."""
        return {name: field.get("type", "string") for name, field in self.fields.items()}

    @property
    def key(self) -> tuple[str, ...]:
        """The names of the primary key's fields."""
        key = self.schema["primaryKey"]
        return (key,) if isinstance(key, str) else tuple(key)


@dataclass(frozen=True, slots=True)
class Release:
    """What two releases are compared by.

    `about` is the package's metadata; `sources` the SHA-256 of the files that it was made from, by path,
    its descriptor aside; `listed` that of its other files, none in the making; `rules` what its descriptor
    says of how records are read.
    """

    folder: Path
    name: str
    version: str
    created: str
    about: Mapping[str, Any]
    tables: Mapping[str, Table]
    sources: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    listed: Mapping[str, str] = field(default_factory=dict)


def read(
    folder: Path, source: str | None = None, sources: Mapping[str, str] | None = None
) -> Release:
    """A release's folder, by its datapackage.json and, where they are there, SHA256SUMS and source/.

    Of a release in the making, `source` is the text of its descriptor and `sources` the digests of its files.

    Raises:
        UsageError: there is no datapackage.json.
        RefusedError: it is not what `release build` writes.
    """
    path = folder / "datapackage.json"
    try:
        package = json.loads(files.read(path))
    except FileNotFoundError as error:
        raise UsageError(f"{folder}: has no datapackage.json, expected a release") from error
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{path}: is not JSON in UTF-8, expected a descriptor") from error
    if is_too_deep(package):
        raise RefusedError(f"{path}: nests too deep, expected a descriptor")
    reader = _Reader(path)
    version = reader.text(package, "version")
    if not is_version(version):
        reader.refuse(f"version is {shown(version)}, expected one such as 1.2.0")
    rules = _rules(folder, source)
    sums = _sums(folder) if sources is None else {}
    return Release(
        folder,
        reader.text(package, "name"),
        version,
        reader.text(package, "created"),
        {key: value for key, value in package.items() if key not in _OF_THE_VERSION},
        reader.tables(package, rules),
        _sources(sums) if sources is None else sources,
        _unpublished(rules),
        {path: digest for path, digest in sums.items() if not path.startswith(_SOURCE)},
    )


class _Reader:
    """Takes from a descriptor what a comparison rests on, and refuses what is not as it should be."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def refuse(self, message: str) -> None:
        raise RefusedError(f"{self._path}: {message}")

    def text(self, mapping: Any, name: str) -> str:
        value = mapping.get(name) if isinstance(mapping, dict) else None
        if not isinstance(value, str) or not value:
            self.refuse(f"{name} is {shown(value)}, expected text")
        return str(value)

    def tables(self, package: Mapping[str, Any], rules: Mapping[str, Any]) -> dict[str, Table]:
        resources: dict[str, Any] = {}
        for resource in self._list(package.get("resources"), "resources"):
            name = self.text(resource, "name")
            if name in resources:
                self.refuse(f"the resource {shown(name)} is there twice, expected it once")
            resources[name] = resource
        return {
            name: self._table(resource, resources.get(f"{name}-parquet"), rules.get(name, {}))
            for name, resource in resources.items()
            if resource.get("format") == "csv"
        }

    def _table(self, resource: Any, parquet: Any, rules: Mapping[str, Any]) -> Table:
        name = self.text(resource, "name")
        schema = self._schema(resource.get("schema"), name)
        origins = {
            each.get("name"): each.get("from")
            for each in _each(_mapping(rules.get("schema")).get("fields"))
        }
        types = {each["name"]: each.get("type", "string") for each in schema["fields"]}
        return Table(
            name,
            self._file(self.text(resource, "path")),
            self._files(parquet) if isinstance(parquet, dict) else (),
            self.text(resource, "hash"),
            schema,
            {key: value for key, value in resource.items() if key not in _NOT_ABOUT},
            frozenset(n for n in types if origins.get(n) in OF_FILES),
            rules.get("rows") == FINDINGS if rules else _looks_like_findings(types, schema),
            "codelist" in rules,
        )

    def _files(self, resource: Any) -> tuple[Path, ...]:
        """The files of a resource: one, or several in a list."""
        path = resource.get("path")
        if not isinstance(path, list):
            return (self._file(self.text(resource, "path")),)
        if not path or not all(isinstance(each, str) for each in path):
            self.refuse(f"path is {shown(path)}, expected paths of files")
        if len(set(path)) < len(path):
            self.refuse(f"path is {shown(path)}, expected each file once")
        return tuple(map(self._file, path))

    def _file(self, path: str) -> Path:
        """A file of the release, which stands in it and nowhere else."""
        if reason := path_problem(path):
            self.refuse(f"path is {shown(path)}, which {reason}")
        file = self._path.parent / path
        if not file.resolve().is_relative_to(self._path.parent.resolve()) or not file.is_file():
            self.refuse(f"path is {shown(path)}, expected a file of the release")
        return file

    def _schema(self, schema: Any, table: str) -> Mapping[str, Any]:
        fields = self._list(_mapping(schema).get("fields"), f"fields of {table}")
        names = [self.text(each, "name") for each in fields]
        for each in fields:
            self._field(each, f"{table}.{each['name']}")
        key = schema.get("primaryKey")
        key = [key] if isinstance(key, str) else key
        if not key or not isinstance(key, list) or not all(name in names for name in key):
            self.refuse(f"primaryKey of {table} is {shown(key)}, expected fields of the table")
        if len(set(names)) < len(names):
            self.refuse(f"fields of {table} have a name twice, expected each once")
        return dict(schema)

    def _field(self, field: Mapping[str, Any], name: str) -> None:
        kind = field.get("type", "string")
        if not isinstance(kind, str) or kind not in ARROW_TYPES:
            expected = f"expected one of {', '.join(ARROW_TYPES)}"
            self.refuse(f"type of {name} is {shown(kind)}, {expected}")
        constraints, categories = field.get("constraints", {}), field.get("categories", [])
        if not isinstance(constraints, dict):
            self.refuse(f"constraints of {name} is {shown(constraints)}, expected a mapping")
        values = categories if isinstance(categories, list) else [categories]
        for each in (each.get("value") if isinstance(each, dict) else each for each in values):
            if not isinstance(each, str | int | float):
                self.refuse(f"categories of {name} have {shown(each)}, expected text or a number")

    def _list(self, value: Any, what: str) -> list[Any]:
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.refuse(f"{what} is {shown(value)}, expected a list of mappings")
        return list(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _each(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _looks_like_findings(types: Mapping[str, str], schema: Mapping[str, Any]) -> bool:
    """Whether a table of unknown origin is that of findings: it has just their fields and key."""
    return types == dict(FINDING_FIELDS) and set(schema["primaryKey"]) == set(FINDING_KEY)


def _rules(folder: Path, text: str | None) -> dict[str, Any]:
    """The descriptor that a release was made by, its resources by name; empty where it is not there."""
    try:
        text = files.read(folder / DESCRIPTOR).decode() if text is None else text
        value, faults = read_yaml(text)
    except (OSError, UnicodeDecodeError):
        return {}
    if faults or not isinstance(value, dict):
        return {}
    resources = {
        str(resource["name"]): resource
        for resource in _each(value.get("resources"))
        if "name" in resource
    }
    return {**resources, "": {key: value[key] for key in value if key != "resources"}}


def _unpublished(rules: Mapping[str, Any]) -> dict[str, Any]:
    """What only the descriptor of the records says: how they are read, and what is checked."""
    package = rules.get("", {})
    told = {key: package[key] for key in ("records", "severity", "checks") if key in package}
    for name, resource in rules.items():
        own = {key: resource[key] for key in _RULES_OF_TABLE if key in resource}
        fields = {
            str(each.get("name")): {key: each[key] for key in _RULES_OF_FIELD if key in each}
            for each in _each(_mapping(resource.get("schema")).get("fields"))
        }
        if name:
            # a table may be named as one of the package's properties
            told[name] = (told.get(name), {**own, "fields": fields})
    return told


_RULES_OF_TABLE = ("rows", "compare", "checks", "codelist")
_RULES_OF_FIELD = ("from", "codes", "locate")


def _sums(folder: Path) -> dict[str, str]:
    """The digests of the files of a release by path, as SHA256SUMS has them."""
    try:
        text = files.read(folder / SUMS).decode()
    except (OSError, UnicodeDecodeError):
        return {}
    return {line.path: line.sha256 for line in checksums.lines(text) if line.path}


def _sources(sums: Mapping[str, str]) -> dict[str, str]:
    """The digests of the files that a release was made from, its descriptor aside."""
    return {
        path.removeprefix(_SOURCE): digest
        for path, digest in sums.items()
        if path.startswith(_SOURCE) and path != DESCRIPTOR
    }
